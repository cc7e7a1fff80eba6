package discord_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/discord"
	"github.com/bellwether-social/bellwether/internal/network/discord/discordfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

// carryOut runs steps where nothing misbehaves.
func carryOut(t *testing.T, w *networktest.World, steps []network.Step) network.Outcomes {
	t.Helper()
	done := network.Outcomes{}
	for _, step := range steps {
		for i := range step.Files {
			step.Files[i].Open = networktest.Picture("").Open
		}
		o, err := w.Network.(network.Publisher).Do(t.Context(), w.Session, step, done)
		if err != nil {
			t.Fatalf("step %s: %v", step.Name, err)
		}
		done[step.Name] = o
	}
	return done
}

func plan(t *testing.T, w *networktest.World, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := w.Network.(network.Publisher).Plan(d, w.Session.Account)
	if len(steps) == 0 {
		t.Fatalf("refused: %+v", problems)
	}
	return steps
}

func publish(t *testing.T, w *networktest.World, d network.Draft) network.Outcomes {
	t.Helper()
	return carryOut(t, w, plan(t, w, d))
}

func remote(o network.Outcome) network.Remote {
	return network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
}

func TestSettingsArriveAsTheyAre(t *testing.T) {
	for name, c := range map[string]struct {
		set  map[string]string
		want string
	}{
		"nobody is notified":  {nil, `"allowed_mentions":{"parse":[]}`},
		"people are":          {map[string]string{"mentions": "users"}, `"parse":["users"]`},
		"everybody is":        {map[string]string{"mentions": "everyone"}, `"parse":["users","roles","everyone"]`},
		"silent, no previews": {map[string]string{"silent": "on", "no_previews": "on"}, `"flags":4100`},
		"an embed": {map[string]string{"embed_title": "Spring", "embed_text": "It is here", "embed_url": "https://example.com", "embed_color": "#5865f2", "embed_footer": "The Brand"},
			`{"color":5793266,"description":"It is here","footer":{"text":"The Brand"},"title":"Spring","type":"rich","url":"https://example.com"}`},
		"built embeds": {map[string]string{"embeds": `{"title":"One","fields":[{"name":"a","value":"b","inline":true}]}`}, `"fields":[{"inline":true,"name":"a","value":"b"}]`},
	} {
		for _, w := range both(t) {
			d := w.world.Draft("Hello @everyone")
			d.Settings = c.set
			o := publish(t, w.world, d)["post"]
			raw, _ := json.Marshal(w.fake.Sent(o.RemoteID))
			if !strings.Contains(string(raw), c.want) || o.URL != "https://discord.com/channels/"+discordfake.Guild+"/"+discordfake.Text+"/"+o.RemoteID {
				t.Errorf("%s: %+v: %s", name, o, raw)
			}
		}
	}
}

type side struct {
	world *networktest.World
	fake  *discordfake.Fake
}

// both are the two ways into one channel.
func both(t *testing.T) []side {
	w, f := bot(t, discordfake.Text)
	v, g := webhook(t, discordfake.Hook, "")
	return []side{{w, f}, {v, g}}
}

func TestFilesTravelWithTheMessage(t *testing.T) {
	for _, s := range both(t) {
		d := s.world.Draft("Two files")
		d.Settings = map[string]string{"spoiler": "on"}
		pdf := networktest.Picture("")
		pdf.Kind, pdf.MIME = network.Document, "application/pdf"
		d.Parts[0].Media = []network.Media{networktest.Picture("A red square"), pdf}
		o := publish(t, s.world, d)["post"]
		raw, _ := json.Marshal(s.fake.Sent(o.RemoteID)["attachments"])
		for _, want := range []string{`"description":"A red square"`, `"filename":"image-1.png"`, `"filename":"document-2.pdf"`, `"spoiler":true`} {
			if !strings.Contains(string(raw), want) {
				t.Errorf("no %s in %s", want, raw)
			}
		}
		d.Settings, d.Parts[0].Text = nil, "Still two files"
		n := s.world.Network.(network.Editor)
		edit, _ := n.PlanEdit(remote(o), d, s.world.Session.Account)
		if len(edit[0].Files) != 0 {
			t.Error("files that are there are sent again")
		}
		now := carryOut(t, s.world, edit)["edit"]
		if it := s.fake.Items()[0]; it.Media != 2 || it.Text != "Still two files" || now.Data["sums"] != o.Data["sums"] || now.RemoteID != o.RemoteID {
			t.Errorf("%+v, %+v", it, now)
		}
		d.Parts[0].Media = d.Parts[0].Media[:1]
		edit, _ = n.PlanEdit(remote(o), d, s.world.Session.Account)
		carryOut(t, s.world, edit)
		if it := s.fake.Items()[0]; it.Media != 1 {
			t.Errorf("one file was taken away: %+v", it)
		}
		d.Parts[0].Media = nil
		edit, _ = n.PlanEdit(remote(o), d, s.world.Session.Account)
		carryOut(t, s.world, edit)
		if it := s.fake.Items()[0]; it.Media != 0 {
			t.Errorf("no file is left: %+v", it)
		}
	}
}

func TestPollRunsForWholeHours(t *testing.T) {
	for _, s := range both(t) {
		d := s.world.Draft("Which?")
		d.Parts[0].Poll = &network.Poll{Options: []string{"This", "That"}, Duration: 90 * time.Minute, Multiple: true}
		o := publish(t, s.world, d)["post"]
		shown, _ := s.fake.Sent(o.RemoteID)["poll"].(map[string]any)
		if shown["duration"] != 2.0 || shown["allow_multiselect"] != true || s.fake.Items()[0].Text != "Which?" {
			t.Errorf("%+v", shown)
		}
		if edit, problems := s.world.Network.(network.Editor).PlanEdit(remote(o), d, s.world.Session.Account); len(edit) > 0 || len(problems) == 0 {
			t.Error("a poll can be changed")
		}
	}
}

func TestMessageIsPublishedToFollowersAndOpensAThread(t *testing.T) {
	w, f := bot(t, discordfake.News)
	d := w.Draft("News")
	d.Settings = map[string]string{"crosspost": "on", "thread_name": "Talk about it"}
	steps := plan(t, w, d)
	done := carryOut(t, w, steps)
	carryOut(t, w, steps[:1]) // the nonce gives the message back
	id := done["post"].RemoteID
	for range 2 { // done already is done
		for _, s := range steps[1:] {
			if _, err := discord.New(f.URL).Do(t.Context(), w.Session, s, done); err != nil {
				t.Errorf("%s again: %v", s.Name, err)
			}
		}
	}
	if !f.Spread(id) || f.ThreadName(id) != "Talk about it" || len(f.Items()) != 1 {
		t.Errorf("spread %t, thread %q, %+v", f.Spread(id), f.ThreadName(id), f.Items())
	}
	text, _ := bot(t, discordfake.Text)
	if steps, problems := discord.New("").Plan(d, text.Session.Account); len(steps) != 2 || len(problems) != 1 || problems[0].Level != network.Warning {
		t.Errorf("followers of an ordinary channel: %+v %+v", steps, problems)
	}
}

func TestForumPostIsAThreadOfItsOwn(t *testing.T) {
	w, f := bot(t, discordfake.Forum)
	d := w.Draft("The first of two", "The second")
	if steps, problems := discord.New("").Plan(d, w.Session.Account); len(steps) > 0 || problems[0].Field != "settings.thread_name" {
		t.Errorf("without a title: %+v", problems)
	}
	d.Settings = map[string]string{"thread_name": "An idea", "tags": discordfake.Tag + ", " + discordfake.OtherTag}
	d.Parts[0].Media = []network.Media{networktest.Picture("Red")}
	done := publish(t, w, d)
	post, second := done["post"], done["part-2"]
	if f.ThreadName(post.RemoteID) != "An idea" || post.Data["thread"] != post.RemoteID || second.Data["channel"] != post.RemoteID || fmt.Sprint(f.Sent(post.RemoteID)["applied_tags"]) != fmt.Sprint([]string{discordfake.Tag, discordfake.OtherTag}) {
		t.Fatalf("%+v, %+v", post, second)
	}
	d.Parts, d.Settings = d.Parts[:1], nil
	d.Parts[0].Text = "Better words"
	edit, problems := discord.New("").PlanEdit(remote(post), d, w.Session.Account)
	if len(edit) != 1 {
		t.Fatalf("%+v", problems)
	}
	if now := carryOut(t, w, edit)["edit"]; f.Sent(post.RemoteID)["content"] != "Better words" || now.Data["kind"] != "forum" {
		t.Errorf("%+v", now)
	}
	n := discord.New(f.URL)
	for range 2 {
		if err := n.Delete(t.Context(), w.Session, remote(post)); err != nil || f.ThreadName(post.RemoteID) != "" {
			t.Errorf("deleted: %v, the thread is %q", err, f.ThreadName(post.RemoteID))
		}
	}
	if l, err := n.Read(t.Context(), w.Session, remote(second)); err != nil || l.Exists {
		t.Errorf("a message of the deleted thread: %+v, %v", l, err)
	}
}

func TestMessageGoesIntoAThreadThatExists(t *testing.T) {
	w, f := bot(t, discordfake.Text)
	d := w.Draft("Begin")
	d.Settings = map[string]string{"thread_name": "A thread"}
	thread := publish(t, w, d)["post"].RemoteID
	d = w.Draft("Inside")
	d.Settings = map[string]string{"thread": "https://discord.com/channels/" + discordfake.Guild + "/" + thread}
	if o := publish(t, w, d)["post"]; o.Data["channel"] != thread {
		t.Errorf("%+v", o)
	}
	// The same thread by a webhook of its channel.
	v, _ := webhook(t, discordfake.Hook, "")
	n := discord.NewWebhook(f.URL)
	d.Key = "another"
	steps, _ := n.Plan(d, v.Session.Account)
	session := v.Session
	session.HTTP = w.Session.HTTP
	o, err := n.Do(t.Context(), session, steps[0], nil)
	if err != nil || o.Data["thread"] != thread || o.Data["channel"] != thread {
		t.Fatalf("%+v, %v", o, err)
	}
	if l, err := n.Read(t.Context(), session, remote(o)); err != nil || !l.Exists || l.Text != "Inside" {
		t.Errorf("%+v, %v", l, err)
	}
	if err := n.Delete(t.Context(), session, remote(o)); err != nil {
		t.Error(err)
	}
	if l, err := n.Read(t.Context(), session, remote(o)); err != nil || l.Exists {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestSettingsThatDoNotFitAreRefused(t *testing.T) {
	w, _ := bot(t, discordfake.Forum)
	v, _ := webhook(t, discordfake.Hook, discordfake.Token)
	for _, c := range []struct {
		world      *networktest.World
		key, value string
	}{
		{w, "thread", "general"}, {w, "mentions", "all"}, {w, "tags", "100000000000000099"}, {w, "embed_color", "red"}, {w, "embeds", `[{"titel":"x"}]`}, {w, "embeds", `{"url":"ftp://x"}`},
		{w, "embeds", `{"timestamp":"now"}`}, {w, "embeds", `{"fields":[{"name":"","value":"x"}]}`}, {v, "username", "Discord Team"}, {v, "username", strings.Repeat("n", 81)},
		{v, "avatar_url", "file:///etc/passwd"}, {v, "thread_name", "In a text channel"},
	} {
		d := c.world.Draft("Hello")
		d.Settings = map[string]string{c.key: c.value}
		if isForum := c.world == w; isForum {
			d.Settings["thread_name"] = "Title"
		}
		if c.key == "thread" {
			delete(d.Settings, "thread_name")
		}
		steps, problems := c.world.Network.(network.Publisher).Plan(d, c.world.Session.Account)
		if len(steps) > 0 || problems[0].Field != "settings."+c.key || problems[0].Message == "" {
			t.Errorf("%s=%s: %+v", c.key, c.value, problems)
		}
	}
	d := v.Draft("One", "Two")
	d.FirstComment = &network.Part{Text: "Three"}
	if steps, problems := v.Network.(network.Publisher).Plan(d, v.Session.Account); len(steps) > 0 || problems[0].Code != "thread_impossible" || problems[1].Code != "first_comment" {
		t.Errorf("%+v", problems)
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   fault.Kind
		field  string
		hint   bool
	}{
		"channel gone":    {404, `{"code":10003,"message":"Unknown Channel"}`, fault.Unauthorised, "", true},
		"message gone":    {404, `{"code":10008,"message":"Unknown Message"}`, fault.Rejected, "", true},
		"no access":       {403, `{"code":50001,"message":"Missing Access"}`, fault.Unauthorised, "", true},
		"no permission":   {403, `{"code":50013,"message":"Missing Permissions"}`, fault.Unauthorised, "", true},
		"text too long":   {400, `{"code":50035,"message":"Invalid Form Body","errors":{"content":{"_errors":[{"code":"BASE_TYPE_MAX_LENGTH","message":"Must be 2000 or fewer in length."}]}}}`, fault.Rejected, "text", false},
		"embed too long":  {400, `{"code":50035,"message":"Invalid Form Body","errors":{"embeds":{"0":{"title":{"_errors":[{"code":"X","message":"Must be 256 or fewer in length."}]}}}}}`, fault.Rejected, "settings.embeds", false},
		"title missing":   {400, `{"code":50035,"message":"Invalid Form Body","errors":{"name":{"_errors":[{"code":"X","message":"This field is required"}]}}}`, fault.Rejected, "settings.thread_name", false},
		"tag missing":     {400, `{"code":40067,"message":"A tag is required to create a forum post in this channel"}`, fault.Rejected, "settings.tags", true},
		"blocked":         {400, `{"code":200000,"message":"Message was blocked by automatic moderation"}`, fault.Rejected, "text", true},
		"slow mode":       {400, `{"code":20016,"message":"This action cannot be performed due to slowmode rate limit"}`, fault.Later, "", true},
		"archived":        {400, `{"code":50083,"message":"Thread is archived"}`, fault.Rejected, "settings.thread", true},
		"too large":       {413, `{"code":40005,"message":"Request entity too large"}`, fault.Rejected, "media", true},
		"bad token":       {401, `{"code":0,"message":"401: Unauthorized"}`, fault.Unauthorised, "", true},
		"too many":        {429, `{"message":"You are being rate limited.","retry_after":64.57,"global":false}`, fault.Later, "", false},
		"banned for now":  {429, `<html>error code: 1015</html>`, fault.Later, "", false},
		"broken":          {500, `{"code":0,"message":"500: Internal Server Error"}`, fault.Unknown, "", false},
		"away":            {502, `<html>`, fault.Unknown, "", false},
		"nothing":         {200, `{}`, fault.Unknown, "", false},
		"webhook's forum": {400, `{"code":220001,"message":"Webhooks posted to forum channels must have a thread_name or thread_id"}`, fault.Rejected, "settings.thread_name", true},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		clock := networktest.NewClock()
		a := network.Account{ID: discordfake.Text, Extra: map[string]string{"guild": discordfake.Guild, "type": "0"}}
		s := network.Session{Account: a, Grant: network.Grant{Values: map[string]string{"token": discordfake.Token}}, HTTP: networktest.Client(t, clock)}
		n := discord.New(server.URL)
		steps, _ := n.Plan(network.Draft{Key: "k", Parts: []network.Part{{Text: "x"}}}, a)
		_, err := n.Do(t.Context(), s, steps[0], nil)
		f := fault.As(err)
		if f.Kind != c.kind || f.Field != c.field || (f.Hint != "") != c.hint || strings.Contains(err.Error(), discordfake.Token) {
			t.Errorf("%s: %s at %q, hint %q: %v", name, f.Kind, f.Field, f.Hint, err)
		}
		if wait := f.RetryAt.Sub(clock.Now()); name == "too many" && (wait < 64570*time.Millisecond || wait > 65*time.Second) {
			t.Errorf("told to wait 64.57 s, waits %s", wait)
		}
		server.Close()
	}
}

func TestDeletedWebhookHoldsTheChannel(t *testing.T) {
	w, f := webhook(t, discordfake.Hook, "")
	o := publish(t, w, w.Draft("Before"))["post"]
	f.Revoke()
	n := discord.NewWebhook(f.URL)
	_, err := n.Do(t.Context(), w.Session, plan(t, w, w.Draft("After"))[0], nil)
	_, read := n.Read(t.Context(), w.Session, remote(o))
	for what, err := range map[string]error{"publishing": err, "reading": read, "deleting": n.Delete(t.Context(), w.Session, remote(o))} {
		if !fault.Is(err, fault.Unauthorised) || fault.As(err).Hint == "" || strings.Contains(err.Error(), discordfake.HookToken) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestLookUpTakesNoOtherMessage(t *testing.T) {
	w, f := bot(t, discordfake.Text)
	n := discord.New(f.URL)
	publish(t, w, w.Draft("The same words"))
	w.Clock.Advance(time.Minute)
	step := plan(t, w, w.Draft("The same words"))[0]
	f.Chat(discordfake.Text, "The same words") // a stranger's
	d := w.Draft("The same words")
	d.Parts[0].Media = []network.Media{networktest.Picture("")}
	publish(t, w, d) // with a picture
	if found, o, err := n.Find(t.Context(), w.Session, step, nil, w.Clock.Now()); found != network.NotSeen || err != nil {
		t.Errorf("%s %+v, %v", found, o, err)
	}
	o := carryOut(t, w, []network.Step{step})["post"]
	if found, again, err := n.Find(t.Context(), w.Session, step, nil, w.Clock.Now()); found != network.Found || again.RemoteID != o.RemoteID || err != nil {
		t.Errorf("%s %+v, %v", found, again, err)
	}
}
