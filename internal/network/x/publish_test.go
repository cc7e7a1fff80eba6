package x_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/x"
	"github.com/bellwether-social/bellwether/internal/network/x/xfake"
)

func plan(t *testing.T, w *networktest.World, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := w.Network.(x.X).Plan(d, w.Session.Account)
	if len(steps) == 0 {
		t.Fatalf("refused: %+v", problems)
	}
	return steps
}

// carryOut runs steps where nothing misbehaves; how often one said "not yet" is counted.
func carryOut(t *testing.T, w *networktest.World, steps []network.Step, open func(context.Context) (io.ReadCloser, error)) (done network.Outcomes, pending int) {
	t.Helper()
	done = network.Outcomes{}
	for _, step := range steps {
		if step.Media != nil {
			if step.Media.Open = open; open == nil {
				step.Media.Open = networktest.Picture("").Open
			}
		}
		for {
			o, err := w.Network.(x.X).Do(t.Context(), w.Session, step, done)
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

func TestEverySettingReachesX(t *testing.T) {
	w, f := world(t, xfake.Options{})
	ann, bob := f.Person("ann"), f.Person("Bob_2")
	d := w.Draft("With everything", "And more")
	d.FirstComment = &network.Part{Text: "A comment"}
	d.Parts[0].Media = []network.Media{networktest.Picture("A red square")}
	d.Settings = map[string]string{"reply_settings": "mentionedUsers", "community": "https://x.com/i/communities/1493446837214187523", "share_with_followers": "true",
		"tagged": "@Ann, bob_2, ann,", "made_with_ai": "true", "paid_partnership": "on", "place": "07d9cd6afd884001"}
	d.Settings["tagged"] = "@ann, bob_2, ann,"
	done, _ := carryOut(t, w, plan(t, w, d), nil)
	media := done["media-1"].RemoteID
	want := map[string]any{"text": "With everything", "reply_settings": "mentionedUsers", "community_id": "1493446837214187523", "share_with_followers": true, "made_with_ai": true,
		"paid_partnership": true, "geo": map[string]any{"place_id": "07d9cd6afd884001"}, "media": map[string]any{"media_ids": []any{media}, "tagged_user_ids": []any{ann, bob}}}
	if got := f.Sent(done["post"].RemoteID); !reflect.DeepEqual(got, want) {
		t.Errorf("sent %v\nwant %v", got, want)
	}
	want = map[string]any{"text": "And more", "made_with_ai": true, "paid_partnership": true, "reply": map[string]any{"in_reply_to_tweet_id": done["post"].RemoteID}}
	if got := f.Sent(done["part-2"].RemoteID); !reflect.DeepEqual(got, want) {
		t.Errorf("sent %v\nwant %v", got, want)
	}
	want = map[string]any{"text": "A comment", "reply": map[string]any{"in_reply_to_tweet_id": done["post"].RemoteID}}
	if got := f.Sent(done["comment"].RemoteID); !reflect.DeepEqual(got, want) {
		t.Errorf("sent %v\nwant %v", got, want)
	}
	if alt, category := f.Alt(media); alt != "A red square" || category != "tweet_image" {
		t.Errorf("%q as %s", alt, category)
	}
	if o := done["post"]; o.URL != "https://x.com/brand/status/"+o.RemoteID || o.Data["media"] != media {
		t.Errorf("%+v", o)
	}
	if life := done["media-1"].ExpiresAt.Sub(w.Clock.Now()); life < 14*24*time.Hour {
		t.Errorf("the upload lives for %s", life)
	}
	d.Settings = map[string]string{"tagged": "nobody_here"}
	steps := plan(t, w, d)
	people := slices.IndexFunc(steps, func(s network.Step) bool { return s.Name == "people" })
	if _, err := w.Network.(x.X).Do(t.Context(), w.Session, steps[people], nil); !fault.Is(err, fault.Rejected) || fault.As(err).Field != "settings.tagged" {
		t.Errorf("an unknown account: %v", err)
	}
}

func TestPollIsPublished(t *testing.T) {
	w, f := world(t, xfake.Options{})
	d := w.Draft("Which?")
	d.Parts[0].Poll = &network.Poll{Options: []string{" This ", "That"}, Duration: 90 * time.Minute}
	done, _ := carryOut(t, w, plan(t, w, d), nil)
	want := map[string]any{"text": "Which?", "poll": map[string]any{"options": []any{"This", "That"}, "duration_minutes": float64(90)}}
	if got := f.Sent(done["post"].RemoteID); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
}

func TestVideoIsSentInChunksAndPolled(t *testing.T) {
	w, f := world(t, xfake.Options{AsyncMedia: 3, Subscription: "Premium"})
	raw := bytes.Repeat([]byte("video"), 2_000_000) // 10 MB: three chunks
	open := func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }
	d := w.Draft("A video")
	d.Parts[0].Media = []network.Media{{Kind: network.Video, MIME: "video/mp4", Bytes: int64(len(raw)), Duration: 200 * time.Second, SHA256: "v", Alt: "not sent"}}
	done, pending := carryOut(t, w, plan(t, w, d), open)
	if pending != 3 || f.Calls("append") != 3 || f.Calls("poll") != 3 || f.Calls("create") != 1 {
		t.Errorf("%d times pending, %d chunks, %d polls, %d posts", pending, f.Calls("append"), f.Calls("poll"), f.Calls("create"))
	}
	if alt, category := f.Alt(done["media-1"].RemoteID); alt != "" || category != "amplify_video" {
		t.Errorf("%q as %s", alt, category)
	}
	w, _ = world(t, xfake.Options{FailMedia: true})
	d.Parts[0].Media[0].Duration = time.Minute
	step := plan(t, w, d)[0]
	step.Media.Open = open
	if _, err := w.Network.(x.X).Do(t.Context(), w.Session, step, nil); !fault.Is(err, fault.Rejected) || fault.As(err).Field != "media" || !strings.Contains(err.Error(), "Unsupported video format") {
		t.Errorf("a video that cannot be processed: %v", err)
	}
}

func TestPostIsChangedAsX_Allows(t *testing.T) {
	w, f := world(t, xfake.Options{})
	n := w.Network.(x.X)
	d := w.Draft("First words")
	d.Parts[0].Media = []network.Media{networktest.Picture("Red")}
	done, _ := carryOut(t, w, plan(t, w, d), nil)
	item := network.Remote{ID: done["post"].RemoteID, URL: done["post"].URL, Data: done["post"].Data}
	d.Parts[0].Text = "Other words"
	steps, problems := n.PlanEdit(item, d, w.Session.Account)
	if len(steps) != 1 || problems[0].Code != "edit_subscription" {
		t.Fatalf("%+v %+v", steps, problems)
	}
	edited, _ := carryOut(t, w, steps, nil)
	again, _ := carryOut(t, w, steps, nil)
	if f.Calls("upload") != 2 || f.Calls("create") != 2 || edited["edit"].RemoteID == item.ID || again["edit"].RemoteID != edited["edit"].RemoteID || f.Items()[0].Edits != 1 || f.Items()[0].Media != 1 {
		t.Errorf("%d uploads, %d posts, %+v", f.Calls("upload"), f.Calls("create"), f.Items())
	}
	w.Clock.Advance(31 * time.Minute)
	d.Parts[0].Text = "Too late"
	steps, _ = n.PlanEdit(item, d, w.Session.Account)
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Rejected) || fault.As(err).Code != "edit_closed" || f.Calls("create") != 2 {
		t.Errorf("after half an hour: %v", err)
	}
	f.Remove(item.ID)
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("what is gone: %v", err)
	}
	d.Parts[0] = network.Part{Text: "Which?", Poll: &network.Poll{Options: []string{"a", "b"}, Duration: time.Hour}}
	if steps, problems := n.PlanEdit(item, d, w.Session.Account); len(steps) > 0 {
		t.Errorf("a poll is changed: %+v", problems)
	}
}

func TestDuplicateRefusalIsOnlyAHint(t *testing.T) {
	w, _ := world(t, xfake.Options{RefuseDoubles: true})
	carryOut(t, w, plan(t, w, w.Draft("The same words")), nil)
	_, err := w.Network.(x.X).Do(t.Context(), w.Session, plan(t, w, w.Draft("The same words"))[0], nil)
	if f := fault.As(err); f.Kind != fault.Rejected || f.Code != "duplicate_text" || f.Field != "text" || !strings.Contains(f.Hint, "may be live") {
		t.Errorf("%+v", f)
	}
}

func TestLookUpTellsLikePostsApart(t *testing.T) {
	w, _ := world(t, xfake.Options{})
	n, sent := w.Network.(x.X), w.Clock.Now()
	find := func(d network.Draft, step int, earlier network.Outcomes) (network.Finding, network.Outcome) {
		t.Helper()
		finding, o, err := n.Find(t.Context(), w.Session, plan(t, w, d)[step], earlier, sent)
		if err != nil {
			t.Fatal(err)
		}
		return finding, o
	}
	same := w.Draft("The same words & <more>", "The same words & <more>")
	if finding, _ := find(same, 0, nil); finding != network.NotSeen {
		t.Errorf("before anything is sent: %s", finding)
	}
	done, _ := carryOut(t, w, plan(t, w, same), nil)
	if _, o := find(same, 0, nil); o.RemoteID != done["post"].RemoteID {
		t.Errorf("the first part is taken for %s", o.RemoteID)
	}
	if _, o := find(same, 1, network.Outcomes{"post": done["post"]}); o.RemoteID != done["part-2"].RemoteID {
		t.Errorf("the second part is taken for %s", o.RemoteID)
	}
	picture := w.Draft("The same words & <more>")
	picture.Parts[0].Media = []network.Media{networktest.Picture("Red")}
	if finding, _ := find(picture, 1, network.Outcomes{"media-1": {Data: map[string]string{"media": "1"}}}); finding != network.NotSeen {
		t.Errorf("with a picture: %s", finding)
	}
	poll := w.Draft("The same words & <more>")
	poll.Parts[0].Poll = &network.Poll{Options: []string{"a", "b"}, Duration: time.Hour}
	if finding, _ := find(poll, 0, nil); finding != network.NotSeen {
		t.Errorf("with a poll: %s", finding)
	}
	long := w.Draft("See https://example.com/a?b=c&d=e and https://example.org/" + strings.Repeat("x", 300))
	long.Parts[0].Media = picture.Parts[0].Media
	done, _ = carryOut(t, w, plan(t, w, long), nil)
	if _, o := find(long, 1, done); o.RemoteID != "" { // its own outcome is taken
		t.Errorf("a post is found twice: %s", o.RemoteID)
	}
	delete(done, "post")
	if _, o := find(long, 1, done); o.RemoteID == "" || o.Data["media"] != done["media-1"].RemoteID {
		t.Errorf("a long text with links and a picture: %+v", o)
	}
}

// One of the clocks may be wrong by hours: X's date says by how much, and the timeline is asked by X's clock.
func TestLookUpAllowsForXsClock(t *testing.T) {
	for _, ahead := range []time.Duration{-3 * time.Hour, 0, 3 * time.Hour} {
		ours := networktest.NewClock()
		f := start(t, xfake.Options{Now: func() time.Time { return ours.Now().Add(ahead) }})
		n := x.New(f.URL)
		s := network.Session{HTTP: networktest.Client(t, ours), Grant: network.Grant{Values: map[string]string{"access_token": xfake.BrandToken}}}
		s.Account.ID, s.Account.Handle = f.Person(xfake.Brand), xfake.Brand
		w := &networktest.World{Network: n, Session: s, Clock: ours}
		d := w.Draft("Good morning")
		carryOut(t, w, plan(t, w, d), nil) // another delivery's, a moment ago
		ours.Advance(30 * time.Second)
		step, sent := plan(t, w, d)[0], ours.Now()
		if finding, o, err := n.Find(t.Context(), s, step, nil, sent); err != nil || finding != network.NotSeen {
			t.Errorf("%s ahead: the earlier post is taken for the lost one: %s %+v, %v", ahead, finding, o, err)
		}
		lost, _ := carryOut(t, w, plan(t, w, d), nil)
		if finding, o, err := n.Find(t.Context(), s, step, nil, sent); err != nil || finding != network.Found || o.RemoteID != lost["post"].RemoteID {
			t.Errorf("%s ahead: the lost post is %s %+v, %v", ahead, finding, o, err)
		}
	}
}

func TestRefusalsAreExplained(t *testing.T) {
	clock := networktest.NewClock()
	day := strconv.FormatInt(clock.Now().Add(7*time.Hour).Unix(), 10)
	quarter := strconv.FormatInt(clock.Now().Add(9*time.Minute).Unix(), 10)
	for _, c := range []struct {
		status       int
		kind, detail string
		header       map[string]string
		want         fault.Kind
		code, hint   string
		wait         time.Duration
	}{
		{status: 401, want: fault.Unauthorised, hint: "Reconnect"},
		{status: 402, detail: "Your enrolled account does not have any credits", want: fault.Later, code: "usage_capped", hint: "credits"},
		{status: 429, kind: "usage-capped", detail: "Usage cap exceeded", want: fault.Later, code: "usage_capped", hint: "limit"},
		{status: 429, header: map[string]string{"x-rate-limit-reset": quarter}, want: fault.Later, wait: 9 * time.Minute},
		{status: 429, header: map[string]string{"x-rate-limit-reset": quarter, "x-app-limit-24hour-remaining": "0", "x-app-limit-24hour-reset": day}, want: fault.Later, wait: 7 * time.Hour},
		{status: 429, header: map[string]string{"x-rate-limit-reset": quarter, "x-user-limit-24hour-remaining": "3", "x-user-limit-24hour-reset": day}, want: fault.Later, wait: 9 * time.Minute},
		{status: 403, detail: "Missing required OAuth2 scopes: tweet.write", want: fault.Unauthorised, hint: "Reconnect"},
		{status: 403, kind: "client-forbidden", detail: "not attached to a Project", want: fault.Rejected, code: "app_forbidden", hint: "operator"},
		{status: 403, detail: "Reply to this conversation is not allowed", want: fault.Rejected, code: "reply_not_allowed", hint: "mentioned"},
		{status: 403, detail: "Your account is suspended", want: fault.Rejected, code: "account_restricted", hint: "Open X"},
		{status: 403, detail: "You are not permitted to perform this action.", want: fault.Rejected, hint: "limited"},
		{status: 400, kind: "invalid-request", detail: "One or more parameters were invalid", want: fault.Rejected},
		{status: 404, kind: "resource-not-found", detail: "gone", want: fault.Rejected, hint: "gone"},
		{status: 413, want: fault.Rejected, code: "media_too_large", hint: "smaller"},
		{status: 503, detail: "Over capacity", want: fault.Unknown},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for k, v := range c.header {
				w.Header().Set(k, v)
			}
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(c.status)
			fmt.Fprintf(w, `{"type":"https://api.x.com/2/problems/%s","title":"T","detail":%q,"status":%d}`, c.kind, c.detail, c.status)
		}))
		w := &networktest.World{Network: x.New(server.URL), Clock: clock, Session: network.Session{HTTP: networktest.Client(t, clock)}}
		_, err := w.Network.(x.X).Do(t.Context(), w.Session, plan(t, w, w.Draft("Hello"))[0], nil)
		server.Close()
		f := fault.As(err)
		if f.Kind != c.want || c.code != "" && f.Code != c.code || !strings.Contains(f.Hint, c.hint) || f.Message == "" || c.wait != 0 && f.RetryAt.Sub(clock.Now()).Round(time.Second) != c.wait {
			t.Errorf("%d %s: %+v", c.status, c.detail, f)
		}
	}
}

func TestDraftsAreRefusedInPlainWords(t *testing.T) {
	jpeg := network.Media{Kind: network.Image, MIME: "image/jpeg", Alt: "A thing", Bytes: 1}
	poll := func(options ...string) *network.Poll { return &network.Poll{Options: options, Duration: time.Hour} }
	for name, c := range map[string]struct {
		part     network.Part
		settings map[string]string
		code     string
		level    network.Level
	}{
		"nothing":                {part: network.Part{Text: " \n"}, code: "empty", level: network.Error},
		"281 of 280":             {part: network.Part{Text: strings.Repeat("a", 281)}, code: "text_too_long", level: network.Error},
		"a forbidden character":  {part: network.Part{Text: "a\uFEFFb"}, code: "text_forbidden", level: network.Error},
		"a poll without a text":  {part: network.Part{Poll: poll("a", "b")}, code: "poll_without_text", level: network.Error},
		"a poll with a picture":  {part: network.Part{Text: "Which?", Poll: poll("a", "b"), Media: []network.Media{jpeg}}, code: "poll_with_media", level: network.Error},
		"one option twice":       {part: network.Part{Text: "Which?", Poll: poll("a", " a ")}, code: "poll_option_twice", level: network.Error},
		"an empty option":        {part: network.Part{Text: "Which?", Poll: poll("a", " ")}, code: "poll_option_empty", level: network.Error},
		"several choices":        {part: network.Part{Text: "Which?", Poll: &network.Poll{Options: []string{"a", "b"}, Duration: time.Hour, Multiple: true}}, code: "poll_single", level: network.Warning},
		"a sound":                {part: network.Part{Media: []network.Media{{Kind: network.Audio, MIME: "audio/mpeg", Alt: "A song"}}}, code: "media_type", level: network.Error},
		"no description":         {part: network.Part{Media: []network.Media{{Kind: network.Image, MIME: "image/png"}}}, code: "alt_missing", level: network.Hint},
		"a card":                 {part: network.Part{Text: "Hello", Card: &network.Card{URL: "https://example.com"}}, code: "card_by_network", level: network.Hint},
		"a name in front":        {part: network.Part{Text: "@ann hello"}, code: "leading_mention", level: network.Hint},
		"unknown repliers":       {part: network.Part{Text: "Hello"}, settings: map[string]string{"reply_settings": "friends"}, code: "setting_unknown", level: network.Error},
		"unknown community":      {part: network.Part{Text: "Hello"}, settings: map[string]string{"community": "Gardeners"}, code: "community_unknown", level: network.Error},
		"sharing nothing":        {part: network.Part{Text: "Hello"}, settings: map[string]string{"share_with_followers": "true"}, code: "share_without_community", level: network.Warning},
		"unknown place":          {part: network.Part{Text: "Hello"}, settings: map[string]string{"place": "Berlin, Germany"}, code: "place_unknown", level: network.Error},
		"tags without a picture": {part: network.Part{Text: "Hello"}, settings: map[string]string{"tagged": "ann"}, code: "tagged_without_media", level: network.Error},
		"an odd name":            {part: network.Part{Media: []network.Media{jpeg}}, settings: map[string]string{"tagged": "https://x.com/ann"}, code: "tagged_unknown", level: network.Error},
	} {
		steps, problems := x.New("").Plan(network.Draft{Key: "dlv_1", Parts: []network.Part{c.part}, Settings: c.settings}, network.Account{})
		at := slices.IndexFunc(problems, func(p network.Problem) bool { return p.Code == c.code })
		if at < 0 || problems[at].Level != c.level || problems[at].Message == "" || (len(steps) == 0) != (c.level == network.Error) {
			t.Errorf("%s: %d steps, %+v", name, len(steps), problems)
		}
	}
	if _, problems := x.New("").Plan(network.Draft{Parts: []network.Part{{Text: "Twice"}, {Text: " Twice"}}}, network.Account{}); len(problems) != 1 || problems[0].Code != "text_twice" {
		t.Errorf("%+v", problems)
	}
}

func TestPriceIsTheSumOfItsCalls(t *testing.T) {
	alt := network.Media{Kind: network.Image, Alt: "A thing"}
	d := network.Draft{Parts: []network.Part{{Text: "Hello"}, {Text: "See example.com", Media: []network.Media{alt, alt, {Kind: network.Image}}}}, FirstComment: &network.Part{Text: "More"},
		Settings: map[string]string{"tagged": "ann"}}
	p := x.New("").Price(d, network.Account{})
	if p.Micros != 2*15_000+200_000+2*5_000+10_000 || p.Currency != "USD" || p.Why != "2 posts at $0.015, 1 post with a link at $0.200, 2 descriptions at $0.005, 1 account to look up at $0.010" {
		t.Errorf("%+v", p)
	}
}
