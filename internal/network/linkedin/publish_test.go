package linkedin_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/linkedin"
	"github.com/bellwether-social/bellwether/internal/network/linkedin/linkedinfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

func plan(t *testing.T, w *networktest.World, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := w.Network.(linkedin.LinkedIn).Plan(d, w.Session.Account)
	if len(steps) == 0 {
		t.Fatalf("refused: %+v", problems)
	}
	return steps
}

// carryOut runs steps where nothing misbehaves; how often one said "not yet" is counted.
func carryOut(t *testing.T, w *networktest.World, steps []network.Step) (done network.Outcomes, pending int) {
	t.Helper()
	done = network.Outcomes{}
	for _, step := range steps {
		if step.Media != nil {
			open(step)
		}
		for {
			o, err := w.Network.(linkedin.LinkedIn).Do(t.Context(), w.Session, step, done)
			if err != nil {
				t.Fatalf("step %s: %v", step.Name, err)
			}
			if done[step.Name] = o; !o.Pending {
				break
			}
			pending++
		}
	}
	return done, pending
}

// open lets a step read a file of the size it was planned with.
func open(step network.Step) {
	raw := bytes.Repeat([]byte("x"), int(step.Media.Bytes))
	step.Media.Open = func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }
}

func TestEveryKindOfPostReachesLinkedIn(t *testing.T) {
	picture := networktest.Picture("A red square")
	document := network.Media{Kind: network.Document, MIME: "application/pdf", Bytes: 1000, SHA256: "d", Alt: "unused"}
	video := network.Media{Kind: network.Video, MIME: "video/mp4", Bytes: 9 << 20, Duration: time.Minute, Width: 640, Height: 480, SHA256: "v"}
	m := func(kv ...any) map[string]any {
		out := map[string]any{}
		for i := 0; i < len(kv); i += 2 {
			out[kv[i].(string)] = kv[i+1]
		}
		return out
	}
	for name, c := range map[string]struct {
		part     network.Part
		settings map[string]string
		media    int
		want     func(id func(string) string) map[string]any // beyond what every post has
	}{
		"text": {part: network.Part{Text: "Hello #world (really)"}, want: func(func(string) string) map[string]any {
			return m("commentary", `Hello {hashtag|\#|world} \(really\)`)
		}},
		"image": {part: network.Part{Text: "One", Media: []network.Media{picture}}, media: 1, want: func(id func(string) string) map[string]any {
			return m("commentary", "One", "content", m("media", m("id", id("media-1"), "altText", "A red square")))
		}},
		"images": {part: network.Part{Text: "Two", Media: []network.Media{picture, picture}}, media: 2, want: func(id func(string) string) map[string]any {
			return m("commentary", "Two", "content", m("multiImage", m("images", []any{m("id", id("media-1"), "altText", "A red square"), m("id", id("media-2"), "altText", "A red square")})))
		}},
		"video": {part: network.Part{Text: "Moving\npictures", Media: []network.Media{video}}, media: 1, want: func(id func(string) string) map[string]any {
			return m("commentary", "Moving\npictures", "content", m("media", m("id", id("media-1"), "title", "Moving")))
		}},
		"document": {part: network.Part{Text: "Read", Media: []network.Media{document}}, settings: map[string]string{"document_title": "Ten *rules*"}, media: 1,
			want: func(id func(string) string) map[string]any {
				return m("commentary", "Read", "content", m("media", m("id", id("media-1"), "title", "Ten *rules*")))
			}},
		"poll": {part: network.Part{Text: "Long talk", Poll: &network.Poll{Options: []string{" Yes ", "No"}, Duration: 7 * 24 * time.Hour}}, settings: map[string]string{"poll_question": "Tea?"},
			want: func(func(string) string) map[string]any {
				return m("commentary", "Long talk", "content", m("poll", m("question", "Tea?", "options", []any{m("text", "Yes"), m("text", "No")}, "settings", m("duration", "SEVEN_DAYS"))))
			}},
		"card": {part: network.Part{Text: "See https://example.com", Card: &network.Card{URL: "https://example.com", Title: "An example", Description: "For you", Thumb: &picture}},
			want: func(id func(string) string) map[string]any {
				return m("commentary", "See https://example.com", "content", m("article", m("source", "https://example.com", "title", "An example", "description", "For you", "thumbnail", id("media-1"))))
			}},
		"fixed": {part: network.Part{Text: "Mine"}, settings: map[string]string{"disable_reshare": "true"}, want: func(func(string) string) map[string]any {
			return m("commentary", "Mine", "isReshareDisabledByAuthor", true)
		}},
	} {
		w, f := world(t, linkedinfake.Options{AsyncMedia: 2}, linkedinfake.Company)
		d := w.Draft("")
		d.Parts, d.Settings = []network.Part{c.part}, c.settings
		done, pending := carryOut(t, w, plan(t, w, d))
		want := m("author", linkedinfake.Company, "visibility", "PUBLIC", "lifecycleState", "PUBLISHED", "isReshareDisabledByAuthor", false,
			"distribution", m("feedDistribution", "MAIN_FEED", "targetEntities", []any{}, "thirdPartyDistributionChannels", []any{}))
		for k, v := range c.want(func(step string) string { return done[step].RemoteID }) {
			want[k] = v
		}
		post := done["post"]
		if got := f.Sent(post.RemoteID); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: sent %v\nwant %v", name, got, want)
		}
		if items := f.Items(); len(items) != 1 || items[0].Text != c.part.Text || items[0].Media != c.media || post.URL != "https://www.linkedin.com/feed/update/"+post.RemoteID {
			t.Errorf("%s: %+v %+v", name, post, items)
		}
		if slow := name == "video" || name == "document"; slow != (pending > 0) || name == "video" && f.Calls("part") != 3 {
			t.Errorf("%s: %d times pending, %d parts", name, pending, f.Calls("part"))
		}
		live, err := w.Network.(linkedin.LinkedIn).Read(t.Context(), w.Session, network.Remote{ID: post.RemoteID})
		if err != nil || live.Text != c.part.Text || live.MediaCount != c.media {
			t.Errorf("%s: read back %+v, %v", name, live, err)
		}
	}
}

func TestPostIsRepostedAndItsCommentsAreClosed(t *testing.T) {
	w, f := world(t, linkedinfake.Options{}, linkedinfake.Company)
	parent := f.Share(linkedinfake.Second, "From the lab")
	d := w.Draft("Have a look")
	d.FirstComment = &network.Part{Text: "More: https://example.com/a_b (soon)"}
	d.Settings = map[string]string{"repost": "https://www.linkedin.com/feed/update/" + strings.ReplaceAll(parent, ":", "%3A") + "/", "close_comments": "true"}
	done, _ := carryOut(t, w, plan(t, w, d))
	if got := f.Sent(done["post"].RemoteID)["reshareContext"]; !reflect.DeepEqual(got, map[string]any{"parent": parent}) || !f.Closed(done["post"].RemoteID) {
		t.Errorf("reposts %v, closed %t", got, f.Closed(done["post"].RemoteID))
	}
	items := f.Items()
	if last := items[len(items)-1]; last.Text != d.FirstComment.Text || last.ReplyTo != done["post"].RemoteID {
		t.Errorf("%+v", items)
	}
	n, item := w.Network.(linkedin.LinkedIn), network.Remote{ID: done["comment"].RemoteID, Data: done["comment"].Data}
	if live, err := n.Read(t.Context(), w.Session, item); err != nil || live.Text != d.FirstComment.Text || live.ReplyTo != done["post"].RemoteID {
		t.Errorf("%+v, %v", live, err)
	}
	for range 2 {
		if err := n.Delete(t.Context(), w.Session, item); err != nil {
			t.Error(err)
		}
	}
	if live, err := n.Read(t.Context(), w.Session, item); err != nil || live.Exists {
		t.Errorf("%+v, %v", live, err)
	}
	f.Remove(parent)
	if _, err := n.Do(t.Context(), w.Session, plan(t, w, d)[0], nil); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("reposting what is gone: %v", err)
	}
}

func TestFileThatCannotBeUsedIsNamed(t *testing.T) {
	document := network.Media{Kind: network.Document, MIME: "application/pdf", Bytes: 1000, SHA256: "d"}
	w, _ := world(t, linkedinfake.Options{FailMedia: true}, linkedinfake.Company)
	d := w.Draft("Read")
	d.Parts[0].Media = []network.Media{document}
	steps := plan(t, w, d)
	open(steps[0])
	n := w.Network.(linkedin.LinkedIn)
	o, err := n.Do(t.Context(), w.Session, steps[0], nil)
	if err != nil || !o.Pending {
		t.Fatalf("%+v, %v", o, err)
	}
	if _, err := n.Do(t.Context(), w.Session, steps[0], network.Outcomes{"media-1": o}); !fault.Is(err, fault.Rejected) || fault.As(err).Field != "media" {
		t.Errorf("%v", err)
	}
	// A member's file cannot be looked at; a post that comes too early is sent later.
	w, _ = world(t, linkedinfake.Options{AsyncMedia: 2}, linkedinfake.Member)
	d.Parts[0].Text = "Too early"
	steps = plan(t, w, d)
	open(steps[0])
	if o, err = n2(w).Do(t.Context(), w.Session, steps[0], nil); err != nil {
		t.Fatal(err)
	}
	if _, err := n2(w).Do(t.Context(), w.Session, steps[1], network.Outcomes{"media-1": o}); !fault.Is(err, fault.Later) || fault.As(err).Code != "media_processing" {
		t.Errorf("%v", err)
	}
	done, _ := carryOut(t, w, steps)
	if done["post"].RemoteID == "" {
		t.Error("the member's document is not published")
	}
}

func n2(w *networktest.World) linkedin.LinkedIn { return w.Network.(linkedin.LinkedIn) }

// An answer was lost, a person lets the post be sent again, and LinkedIn says that it is there: then it is ours. The
// same words of another delivery, made before this one was due, are not.
func TestDuplicateRefusalNamesTheLostPost(t *testing.T) {
	w, f := world(t, linkedinfake.Options{RefuseDoubles: true}, linkedinfake.Member)
	n := n2(w)
	d := w.Draft("Good morning")
	step := plan(t, w, d)[0]
	if step.Kind != network.Once {
		t.Errorf("a member's post is %s", step.Kind)
	}
	f.Faults.Next("create", networkfake.DropAfter)
	w.Clock.Advance(20 * time.Second)
	sent := w.Clock.Now()
	if _, err := n.Do(t.Context(), w.Session, step, nil); !fault.Is(err, fault.Unknown) {
		t.Fatalf("a lost answer: %v", err)
	}
	if finding, _, err := n.Find(t.Context(), w.Session, step, nil, sent); err != nil || finding != network.NotSeen {
		t.Errorf("a member's post is looked for: %s, %v", finding, err)
	}
	w.Clock.Advance(10 * time.Minute)
	o, err := n.Do(t.Context(), w.Session, step, nil)
	if err != nil || len(f.Items()) != 1 || o.RemoteID != f.Items()[0].ID || o.URL == "" {
		t.Errorf("sent again: %+v, %v", o, err)
	}
	other := w.Draft("Good morning")
	_, err = n.Do(t.Context(), w.Session, plan(t, w, other)[0], nil)
	if e := fault.As(err); e.Kind != fault.Rejected || e.Code != "duplicate_text" || !strings.Contains(e.Message, o.URL) {
		t.Errorf("the same words of another delivery: %+v", e)
	}
}

func TestLookUpTellsLikePostsApart(t *testing.T) {
	w, f := world(t, linkedinfake.Options{}, linkedinfake.Company)
	n := n2(w)
	f.Share(linkedinfake.Company, "The same (words) #here")
	w.Clock.Advance(time.Minute)
	sent := w.Clock.Now()
	find := func(d network.Draft, step string, earlier network.Outcomes) (network.Finding, network.Outcome) {
		t.Helper()
		steps := plan(t, w, d)
		i := slices.IndexFunc(steps, func(s network.Step) bool { return s.Name == step })
		finding, o, err := n.Find(t.Context(), w.Session, steps[i], earlier, sent)
		if err != nil {
			t.Fatal(err)
		}
		return finding, o
	}
	same := w.Draft("The same (words) #here")
	same.FirstComment = &network.Part{Text: "And *this*"}
	if finding, o := find(same, "post", nil); finding != network.NotSeen {
		t.Errorf("a post made before is taken: %+v", o)
	}
	done, _ := carryOut(t, w, plan(t, w, same))
	later, _ := carryOut(t, w, plan(t, w, same))
	if _, o := find(same, "post", nil); o.RemoteID != done["post"].RemoteID {
		t.Errorf("found %s, want the first", o.RemoteID)
	}
	if _, o := find(same, "post", network.Outcomes{"post": done["post"]}); o.RemoteID != later["post"].RemoteID {
		t.Errorf("what is taken is found again: %+v", o)
	}
	if _, o := find(same, "comment", network.Outcomes{"post": done["post"]}); o.RemoteID != done["comment"].RemoteID || o.Data["post"] != done["post"].RemoteID {
		t.Errorf("the comment is %+v", o)
	}
	card := w.Draft("The same (words) #here")
	card.Parts[0].Card = &network.Card{URL: "https://example.com", Title: "A title"}
	if finding, _ := find(card, "post", nil); finding != network.NotSeen {
		t.Errorf("with a card: %s", finding)
	}
}

func TestRefusalsAreExplained(t *testing.T) {
	clock := networktest.NewClock()
	for _, c := range []struct {
		status     int
		code, said string
		want       fault.Kind
		as, hint   string
		wait       time.Duration
	}{
		{status: 401, code: "EXPIRED_ACCESS_TOKEN", said: "The token used in the request has expired", want: fault.Unauthorised, hint: "Reconnect"},
		{status: 403, code: "ACCESS_DENIED", said: "Not enough permissions to access: posts.CREATE", want: fault.Rejected, as: "forbidden", hint: "administers"},
		{status: 409, said: "Concurrent modification", want: fault.Later},
		{status: 422, code: "INVALID_CONTENT", said: "ERROR :: /commentary", want: fault.Rejected},
		{status: 426, said: "Requested version 20260701 is not active", want: fault.Rejected, as: "version_ended", hint: "operator"},
		{status: 429, said: "Resource level throttle MEMBER DAY limit for calls to this resource is reached.", want: fault.Later, wait: 15 * time.Hour},
		{status: 429, said: "Too many requests", want: fault.Later},
		{status: 400, code: "MEDIA_ASSET_PROCESSING_FAILED", said: "failed", want: fault.Rejected, as: "media_processing"},
		{status: 400, code: "MEDIA_ASSET_WAITING_UPLOAD", said: "waiting", want: fault.Later, as: "media_processing"},
		{status: 400, said: "Unpermitted fields present", want: fault.Rejected},
		{status: 404, said: "no", want: fault.Rejected, hint: "gone"},
		{status: 413, want: fault.Rejected, as: "media_too_large", hint: "smaller"},
		{status: 500, said: "Internal Server Error", want: fault.Unknown},
		{status: 504, said: "Gateway Timeout", want: fault.Unknown},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(c.status)
			fmt.Fprintf(w, `{"status":%d,"serviceErrorCode":65601,"code":%q,"message":%q}`, c.status, c.code, c.said)
		}))
		w := &networktest.World{Network: linkedin.New(server.URL), Clock: clock, Session: network.Session{HTTP: networktest.Client(t, clock)}}
		_, err := n2(w).Do(t.Context(), w.Session, plan(t, w, w.Draft("Hello"))[0], nil)
		server.Close()
		f := fault.As(err)
		if f.Kind != c.want || c.as != "" && f.Code != c.as || !strings.Contains(f.Hint, c.hint) || f.Message == "" || c.wait != 0 && f.RetryAt.Sub(clock.Now()) != c.wait {
			t.Errorf("%d %s: %+v", c.status, c.said, f)
		}
	}
}

// Whoever answers as LinkedIn may name any address for a file; the token goes to none but LinkedIn's.
func TestTokenGoesToNobodyElse(t *testing.T) {
	seen := make(chan string, 1)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.Header.Get("Authorization") }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"value":{"uploadUrl":%q,"image":"urn:li:image:1"}}`, elsewhere.URL+"/put")
	}))
	defer server.Close()
	w := &networktest.World{Network: linkedin.New(server.URL), Clock: networktest.NewClock(), Session: network.Session{HTTP: networktest.Client(t, nil), Grant: network.Grant{Values: map[string]string{"access_token": "the-token"}}}}
	d := w.Draft("A picture")
	d.Parts[0].Media = []network.Media{networktest.Picture("Red")}
	carryOut(t, w, plan(t, w, d)[:1])
	if got := <-seen; got != "" {
		t.Errorf("another host was sent %q", got)
	}
}

func TestDraftsAreRefusedInPlainWords(t *testing.T) {
	company := network.Account{Extra: map[string]string{"kind": "organization"}}
	jpeg := network.Media{Kind: network.Image, MIME: "image/jpeg", Alt: "A thing", Bytes: 1}
	day := func(options ...string) *network.Poll {
		return &network.Poll{Options: options, Duration: 24 * time.Hour}
	}
	for name, c := range map[string]struct {
		a        network.Account
		part     network.Part
		settings map[string]string
		code     string
		level    network.Level
	}{
		"nothing":                 {part: network.Part{Text: " \n"}, code: "empty", level: network.Error},
		"a poll with a picture":   {part: network.Part{Text: "Which?", Poll: day("a", "b"), Media: []network.Media{jpeg}}, code: "poll_with_media", level: network.Error},
		"a poll of nothing":       {part: network.Part{Poll: day("a", "b")}, code: "poll_without_text", level: network.Error},
		"one option twice":        {part: network.Part{Text: "Which?", Poll: day("a", " a ")}, code: "poll_option_twice", level: network.Error},
		"an empty option":         {part: network.Part{Text: "Which?", Poll: day("a", " ")}, code: "poll_option_empty", level: network.Error},
		"two days":                {part: network.Part{Text: "Which?", Poll: &network.Poll{Options: []string{"a", "b"}, Duration: 48 * time.Hour}}, code: "poll_duration", level: network.Error},
		"several choices":         {part: network.Part{Text: "Which?", Poll: &network.Poll{Options: []string{"a", "b"}, Duration: 24 * time.Hour, Multiple: true}}, code: "poll_single", level: network.Warning},
		"a sound":                 {part: network.Part{Media: []network.Media{{Kind: network.Audio, MIME: "audio/mpeg", Alt: "A song"}}}, code: "media_type", level: network.Error},
		"no description":          {part: network.Part{Media: []network.Media{{Kind: network.Image, MIME: "image/png"}}}, code: "alt_missing", level: network.Hint},
		"a card without a title":  {part: network.Part{Text: "Hello", Card: &network.Card{URL: "https://example.com"}}, code: "card_title", level: network.Error},
		"a card and a picture":    {part: network.Part{Media: []network.Media{jpeg}, Card: &network.Card{URL: "https://example.com"}}, code: "card_dropped", level: network.Hint},
		"a link without a card":   {part: network.Part{Text: "See https://example.com"}, code: "card_missing", level: network.Hint},
		"unknown visibility":      {part: network.Part{Text: "Hello"}, settings: map[string]string{"visibility": "friends"}, code: "setting_unknown", level: network.Error},
		"a secret company":        {a: company, part: network.Part{Text: "Hello"}, settings: map[string]string{"visibility": "CONNECTIONS"}, code: "visibility_organization", level: network.Error},
		"a repost of an activity": {part: network.Part{Text: "Hello"}, settings: map[string]string{"repost": "https://www.linkedin.com/feed/update/urn:li:activity:1"}, code: "repost_unknown", level: network.Error},
		"a repost with a picture": {part: network.Part{Media: []network.Media{jpeg}}, settings: map[string]string{"repost": "urn:li:share:1"}, code: "repost_with_media", level: network.Error},
	} {
		steps, problems := linkedin.New("").Plan(network.Draft{Key: "dlv_1", Parts: []network.Part{c.part}, Settings: c.settings}, c.a)
		at := slices.IndexFunc(problems, func(p network.Problem) bool { return p.Code == c.code })
		if at < 0 || problems[at].Level != c.level || problems[at].Message == "" || (len(steps) == 0) != (c.level == network.Error) {
			t.Errorf("%s: %d steps, %+v", name, len(steps), problems)
		}
	}
	for name, d := range map[string]network.Draft{
		"no_threads":    {Parts: []network.Part{{Text: "One"}, {Text: "Two"}}},
		"comment_media": {Parts: []network.Part{{Text: "One"}}, FirstComment: &network.Part{Text: "Two", Media: []network.Media{jpeg}}},
	} {
		if steps, problems := linkedin.New("").Plan(d, company); len(steps) > 0 || problems[0].Code != name {
			t.Errorf("%s: %+v", name, problems)
		}
	}
	d := network.Draft{Parts: []network.Part{{Text: "Other words", Media: []network.Media{jpeg}}}}
	if steps, problems := linkedin.New("").PlanEdit(network.Remote{ID: "urn:li:share:1"}, d, company); len(steps) != 1 || problems[0].Code != "edit_text_only" {
		t.Errorf("%+v", problems)
	}
}
