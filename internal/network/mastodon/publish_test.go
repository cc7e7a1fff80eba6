package mastodon_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/mastodon"
	"github.com/bellwether-social/bellwether/internal/network/mastodon/mastodonfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

func canceled(t *testing.T) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx, cancel
}

// carryOut runs steps where nothing misbehaves; answers that say "not yet" are counted.
func carryOut(t *testing.T, s network.Session, steps []network.Step) (done network.Outcomes, pending int) {
	t.Helper()
	done = network.Outcomes{}
	for _, step := range steps {
		if step.Media != nil {
			step.Media.Open = networktest.Picture("").Open
		}
		for {
			o, err := mastodon.New().Do(t.Context(), s, step, done)
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

func plan(t *testing.T, s network.Session, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := mastodon.New().Plan(d, s.Account)
	if len(steps) == 0 {
		t.Fatalf("refused: %+v", problems)
	}
	return steps
}

func TestFileIsPolledUntilItIsProcessed(t *testing.T) {
	w, f := world(t, mastodonfake.Options{AsyncMedia: 3})
	d := w.Draft("A picture that takes its time")
	d.Parts[0].Media = []network.Media{networktest.Picture("Red"), networktest.Picture("Blue")}
	done, pending := carryOut(t, w.Session, plan(t, w.Session, d))
	if pending != 8 || f.Calls("upload") != 2 || f.Calls("create") != 1 {
		t.Errorf("%d times pending, %d uploads, %d posts", pending, f.Calls("upload"), f.Calls("create"))
	}
	if done["media-1"].ExpiresAt.Sub(w.Clock.Now()) < time.Hour {
		t.Error("the upload does not say when it will be gone")
	}
	if items := f.Items(); len(items) != 1 || items[0].Media != 2 {
		t.Errorf("%+v", items)
	}
}

func TestPostWithUnfinishedFileWaits(t *testing.T) {
	w, f := world(t, mastodonfake.Options{AsyncMedia: 9})
	d := w.Draft("Too early")
	d.Parts[0].Media = []network.Media{networktest.Picture("Red")}
	steps := plan(t, w.Session, d)
	steps[0].Media.Open = networktest.Picture("").Open
	o, err := mastodon.New().Do(t.Context(), w.Session, steps[0], nil)
	if err != nil || !o.Pending {
		t.Fatalf("%+v, %v", o, err)
	}
	if _, err = mastodon.New().Do(t.Context(), w.Session, steps[1], network.Outcomes{"media-1": o}); !fault.Is(err, fault.Later) {
		t.Errorf("%v is %s, want later", err, fault.KindOf(err))
	}
	if n := len(f.Items()); n != 0 {
		t.Errorf("%d items are live", n)
	}
}

func TestSettingsReachTheServer(t *testing.T) {
	for _, visibility := range []string{"", "public", "unlisted", "private", "direct"} {
		w, f := world(t, mastodonfake.Options{})
		w.Settings = map[string]string{"visibility": visibility}
		carryOut(t, w.Session, plan(t, w.Session, w.Draft("To @stranger")))
		want := visibility
		if want == "" {
			want = "public" // said aloud: the account's own default is another
		}
		if got := f.Items()[0].Visibility; got != want {
			t.Errorf("%q went out as %q", visibility, got)
		}
	}
	w, _ := world(t, mastodonfake.Options{})
	for setting, value := range map[string]string{"visibility": "friends", "quotes": "some", "language": "klingon-!"} {
		d := w.Draft("Hello")
		d.Settings = map[string]string{setting: value}
		if steps, problems := mastodon.New().Plan(d, w.Session.Account); len(steps) > 0 || problems[0].Field != "settings."+setting {
			t.Errorf("%s=%s: %+v", setting, value, problems)
		}
	}
	d := w.Draft("Hello")
	d.Language, d.Settings = "pt-BR", map[string]string{"quotes": "nobody", "content_warning": " Spiders ", "sensitive": "true"}
	var sent map[string]any
	if err := json.Unmarshal(plan(t, w.Session, d)[0].Payload, &sent); err != nil || sent["language"] != "pt" || sent["quotes"] != "nobody" || sent["warning"] != "Spiders" || sent["sensitive"] != true {
		t.Errorf("%v, %v", sent, err)
	}
	old := w.Session.Account
	old.Extra = map[string]string{"software": "gotosocial"}
	steps, problems := mastodon.New().Plan(d, old)
	if strings.Contains(string(steps[0].Payload), "nobody") || len(problems) != 1 || problems[0].Level != network.Warning {
		t.Errorf("a server without quote policies: %s %+v", steps[0].Payload, problems)
	}
}

func TestWarningCountsInEveryPart(t *testing.T) {
	w, _ := world(t, mastodonfake.Options{})
	d := w.Draft(strings.Repeat("a", 490), strings.Repeat("b", 491))
	d.Settings = map[string]string{"content_warning": "ten chars!"}
	_, problems := mastodon.New().Plan(d, w.Session.Account)
	if len(problems) != 1 || problems[0].Part != 1 || problems[0].Code != "text_too_long" {
		t.Errorf("%+v", problems)
	}
}

func TestEditKeepsFilesThatAreThere(t *testing.T) {
	w, f := world(t, mastodonfake.Options{})
	d := w.Draft("With a picture")
	d.Parts[0].Media = []network.Media{networktest.Picture("Red")}
	post := mustPublish(t, w.Session, d)
	if post.Data["media"] == "" || post.Data["media_sha256"] != d.Parts[0].Media[0].SHA256 {
		t.Fatalf("the outcome does not remember its files: %v", post.Data)
	}
	item := network.Remote{ID: post.RemoteID, Data: post.Data}
	d.Parts[0].Text, d.Parts[0].Media[0].Alt = "With the same picture", "Bright red"
	steps, _ := mastodon.New().PlanEdit(item, d, w.Session.Account)
	if carryOut(t, w.Session, steps); len(steps) != 1 || f.Calls("upload") != 1 || f.Items()[0].Media != 1 || f.Items()[0].Text != "With the same picture" {
		t.Errorf("%d steps, %d uploads, %+v", len(steps), f.Calls("upload"), f.Items())
	}
	d.Parts[0].Media = append(d.Parts[0].Media, func() network.Media { m := networktest.Picture("New"); m.SHA256 = "other"; return m }())
	steps, _ = mastodon.New().PlanEdit(item, d, w.Session.Account)
	if carryOut(t, w.Session, steps); len(steps) != 2 || f.Items()[0].Media != 2 {
		t.Errorf("adding one: %d steps, %+v", len(steps), f.Items())
	}
	d.Parts[0].Media = nil
	steps, _ = mastodon.New().PlanEdit(item, d, w.Session.Account)
	if carryOut(t, w.Session, steps); f.Items()[0].Media != 0 || f.Items()[0].Edits != 3 {
		t.Errorf("taking them away: %+v", f.Items())
	}
	f.Remove(post.RemoteID)
	if _, err := mastodon.New().Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Rejected) {
		t.Errorf("editing what is gone: %v", err)
	}
}

func mustPublish(t *testing.T, s network.Session, d network.Draft) network.Outcome {
	t.Helper()
	done, _ := carryOut(t, s, plan(t, s, d))
	return done["post"]
}

func TestPartBelowNothingIsNotSent(t *testing.T) {
	w, f := world(t, mastodonfake.Options{})
	steps := plan(t, w.Session, w.Draft("One", "Two"))
	if _, err := mastodon.New().Do(t.Context(), w.Session, steps[1], network.Outcomes{}); !fault.Is(err, fault.Rejected) || f.Calls("create") != 0 {
		t.Errorf("%v after %d calls", err, f.Calls("create"))
	}
	gone := network.Outcomes{"post": {RemoteID: "123456"}}
	if _, err := mastodon.New().Do(t.Context(), w.Session, steps[1], gone); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("below a removed post: %v is %s", err, fault.KindOf(err))
	}
}

func TestLookUpTellsLikePostsApart(t *testing.T) {
	w, f := world(t, mastodonfake.Options{Software: "gotosocial"})
	n, sent := mastodon.New(), w.Clock.Now()
	find := func(d network.Draft, step int, earlier network.Outcomes) (network.Finding, network.Outcome) {
		t.Helper()
		finding, o, err := n.Find(t.Context(), w.Session, plan(t, w.Session, d)[step], earlier, sent)
		if err != nil {
			t.Fatal(err)
		}
		return finding, o
	}
	same := w.Draft("The same words", "The same words")
	if finding, _ := find(same, 0, nil); finding != network.NotSeen {
		t.Errorf("before anything is sent: %s", finding)
	}
	done, _ := carryOut(t, w.Session, plan(t, w.Session, same))
	if _, o := find(same, 1, network.Outcomes{"post": done["post"]}); o.RemoteID != done["part-2"].RemoteID {
		t.Errorf("the second part is taken for %s", o.RemoteID)
	}
	picture := w.Draft("The same words")
	picture.Parts[0].Media = []network.Media{networktest.Picture("Red")}
	if finding, _ := find(picture, 1, nil); finding != network.NotSeen {
		t.Errorf("with a picture: %s", finding)
	}
	// Words that the server draws differently are compared as they were written.
	odd := w.Draft("Hi @stranger@other.example, a :blobcat: and\n\n\nthree lines https://example.com/an/address/that/is/long/enough/to/be/cut")
	post := mustPublish(t, w.Session, odd)
	if _, o := find(odd, 0, nil); o.RemoteID != post.RemoteID {
		t.Errorf("a post with mentions is not found: %+v", o)
	}
	// Somebody's clock is always wrong; the server's own date says by how much.
	f.Remove(post.RemoteID)
	if finding, _ := find(odd, 0, nil); finding != network.NotSeen {
		t.Errorf("after it was removed: %s", finding)
	}
}

func TestLookUpReadsBackFarEnough(t *testing.T) {
	w, f := world(t, mastodonfake.Options{Software: "gotosocial"})
	d, sent := w.Draft("Long ago"), w.Clock.Now()
	post := mustPublish(t, w.Session, d)
	for range 95 {
		w.Clock.Advance(time.Second)
		f.Say(mastodonfake.Brand, "And then", "", "public")
	}
	finding, o, err := mastodon.New().Find(t.Context(), w.Session, plan(t, w.Session, d)[0], nil, sent)
	if err != nil || finding != network.Found || o.RemoteID != post.RemoteID {
		t.Errorf("%s %+v, %v", finding, o, err)
	}
}

func TestLedgerAndFaultsAreReachedFromOutside(t *testing.T) {
	w, f := world(t, mastodonfake.Options{})
	resp, err := http.Post(f.URL+"/_faults", "application/json", strings.NewReader(`{"class":"create","faults":["500-after-create"]}`))
	if err != nil || resp.StatusCode != http.StatusNoContent {
		t.Fatalf("%v, %v", resp, err)
	}
	resp.Body.Close()
	if _, err := mastodon.New().Do(t.Context(), w.Session, plan(t, w.Session, w.Draft("Hello"))[0], nil); !fault.Is(err, fault.Unknown) {
		t.Errorf("%v is %s", err, fault.KindOf(err))
	}
	resp, err = http.Get(f.URL + "/_ledger")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	var items []networkfake.Item
	if err := json.Unmarshal(raw, &items); err != nil || len(items) != 1 || items[0].Text != "Hello" || items[0].Key == "" {
		t.Errorf("%s, %v", raw, err)
	}
}

func TestDraftsAreRefusedInPlainWords(t *testing.T) {
	plain := network.Account{Extra: map[string]string{"software": "mastodon", "api": "6"}}
	pixelfed := network.Account{Extra: map[string]string{"software": "pixelfed"}}
	picky := network.Account{Limits: network.Limits{MIMETypes: []string{"image/png"}}}
	poll := func(options ...string) *network.Poll { return &network.Poll{Options: options, Duration: time.Hour} }
	jpeg := network.Media{Kind: network.Image, MIME: "image/jpeg", Alt: "A thing", Bytes: 1}
	song := network.Media{Kind: network.Audio, MIME: "audio/mpeg", Alt: "A song", Bytes: 1}
	for name, c := range map[string]struct {
		a        network.Account
		part     network.Part
		settings map[string]string
		code     string
		level    network.Level
	}{
		"nothing":                {a: plain, part: network.Part{Text: " \n"}, code: "empty", level: network.Error},
		"a poll without a text":  {a: plain, part: network.Part{Poll: poll("a", "b")}, code: "poll_without_text", level: network.Error},
		"a poll with a picture":  {a: plain, part: network.Part{Text: "Which?", Poll: poll("a", "b"), Media: []network.Media{jpeg}}, code: "poll_with_media", level: network.Error},
		"one option twice":       {a: plain, part: network.Part{Text: "Which?", Poll: poll("a", " a ")}, code: "poll_option_twice", level: network.Error},
		"an empty option":        {a: plain, part: network.Part{Text: "Which?", Poll: poll("a", " ")}, code: "poll_option_empty", level: network.Error},
		"Pixelfed without media": {a: pixelfed, part: network.Part{Text: "Hello"}, code: "media_required", level: network.Error},
		"a type not taken":       {a: picky, part: network.Part{Media: []network.Media{jpeg}}, code: "media_type", level: network.Error},
		"no description":         {a: plain, part: network.Part{Media: []network.Media{{Kind: network.Image, MIME: "image/png"}}}, code: "alt_missing", level: network.Hint},
		"a song":                 {a: plain, part: network.Part{Media: []network.Media{song}}},
		"a card":                 {a: plain, part: network.Part{Text: "Hello", Card: &network.Card{URL: "https://example.com"}}, code: "card_by_server", level: network.Hint},
		"unknown visibility":     {a: plain, part: network.Part{Text: "Hello"}, settings: map[string]string{"visibility": "friends"}, code: "setting_unknown", level: network.Error},
		"unknown language":       {a: plain, part: network.Part{Text: "Hello"}, settings: map[string]string{"language": "English"}, code: "language_unknown", level: network.Error},
		"quotes too early":       {a: plain, part: network.Part{Text: "Hello"}, settings: map[string]string{"quotes": "nobody"}, code: "quotes_unsupported", level: network.Warning},
		"direct to nobody":       {a: plain, part: network.Part{Text: "Hello"}, settings: map[string]string{"visibility": "direct"}, code: "direct_to_nobody", level: network.Warning},
		"direct to somebody":     {a: plain, part: network.Part{Text: "Hello @ann@example.org"}, settings: map[string]string{"visibility": "direct"}},
	} {
		t.Run(name, func(t *testing.T) {
			steps, problems := mastodon.New().Plan(network.Draft{Key: "dlv_1", Parts: []network.Part{c.part}, Settings: c.settings}, c.a)
			var codes []string
			for _, p := range problems {
				codes = append(codes, p.Code)
				if p.Code == c.code && (p.Level != c.level || p.Message == "") {
					t.Errorf("%+v, want level %s and a message", p, c.level)
				}
			}
			if c.code == "" && len(problems) > 0 || c.code != "" && !slices.Contains(codes, c.code) {
				t.Errorf("problems %v, want %q", problems, c.code)
			}
			if (len(steps) == 0) != (c.level == network.Error) {
				t.Errorf("%d steps with problems %v", len(steps), problems)
			}
		})
	}
}

// The server's clock may be wrong by hours: its own date says by how much, and a post of the same words that another
// delivery made before is not taken for the lost one.
func TestLookUpAllowsForTheServersClock(t *testing.T) {
	for _, ahead := range []time.Duration{-3 * time.Hour, 0, 3 * time.Hour} {
		ours := networktest.NewClock()
		f := start(t, mastodonfake.Options{Software: "gotosocial", Now: func() time.Time { return ours.Now().Add(ahead) }})
		s := network.Session{HTTP: networktest.Client(t, ours), Grant: network.Grant{Values: map[string]string{"access_token": mastodonfake.BrandToken}}, Account: network.Account{Server: f.URL}}
		var err error
		if s.Account, err = mastodon.New().Check(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		d := network.Draft{Key: "dlv_1", Parts: []network.Part{{Text: "Good morning"}}}
		mustPublish(t, s, d) // another delivery's, a moment ago
		ours.Advance(30 * time.Second)
		step, sent := plan(t, s, d)[0], ours.Now()
		if finding, o, err := mastodon.New().Find(t.Context(), s, step, nil, sent); err != nil || finding != network.NotSeen {
			t.Errorf("%s ahead: the earlier post is taken for the lost one: %s %+v, %v", ahead, finding, o, err)
		}
		lost := mustPublish(t, s, d)
		if finding, o, err := mastodon.New().Find(t.Context(), s, step, nil, sent); err != nil || finding != network.Found || o.RemoteID != lost.RemoteID {
			t.Errorf("%s ahead: the lost post is %s %+v, %v", ahead, finding, o, err)
		}
	}
}
