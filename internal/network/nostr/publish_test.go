package nostr_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/nostr"
	"github.com/bellwether-social/bellwether/internal/network/nostr/nostrfake"
	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
)

// publish carries steps out where nothing misbehaves.
func publish(t *testing.T, w *networktest.World, steps []network.Step) network.Outcomes {
	t.Helper()
	if len(steps) == 0 {
		t.Fatal("there is nothing to carry out")
	}
	done := network.Outcomes{}
	for _, s := range steps {
		if s.Media != nil {
			s.Media.Open = networktest.Picture("").Open
		}
		o, err := w.Network.(network.Publisher).Do(t.Context(), w.Session, s, done)
		if err != nil {
			t.Fatalf("step %s: %v", s.Name, err)
		}
		done[s.Name] = o
	}
	return done
}

func planned(t *testing.T, w *networktest.World, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := nostr.New("").Plan(d, w.Session.Account)
	for _, p := range problems {
		if p.Level == network.Error {
			t.Fatalf("refused: %+v", p)
		}
	}
	return steps
}

func remote(o network.Outcome) network.Remote {
	return network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
}

// tags are an event's tags of a name, without it.
func tags(e wire.Event, name string) (out []string) {
	for _, tag := range e.Tags {
		if tag[0] == name {
			out = append(out, strings.Join(tag[1:], " "))
		}
	}
	return out
}

func TestNoteCarriesEverySetting(t *testing.T) {
	w, f := world(t, nostrfake.Options{})
	ann := f.Key("ann")
	quoted := f.Write("ann", 1, "Quote me")
	d := w.Draft("Hello @ann, #Spring has come,\x01 says nostr:" + wire.Refer(quoted, "wss://relay.example.com"))
	d.Parts[0].Mentions = map[string]string{"@ann": ann}
	d.Settings = map[string]string{"content_warning": "Flowers", "expires_days": "2"}
	m := networktest.Picture("A red\nsquare")
	d.Parts[0].Media = []network.Media{m}
	done := publish(t, w, planned(t, w, d))
	e, _ := f.Event(done["post"].RemoteID)
	file := f.URL + "/" + m.SHA256 + ".png"
	if want := "Hello nostr:" + wire.Npub(ann) + ", #Spring has come, says nostr:" + wire.Refer(quoted, "wss://relay.example.com") + "\n\n" + file; e.Content != want {
		t.Errorf("it says\n%s, want\n%s", e.Content, want)
	}
	for name, want := range map[string]string{"p": ann, "t": "spring", "q": quoted.ID + " wss://relay.example.com " + ann, "content-warning": "Flowers", "client": "Bellwether", "l": "en ISO-639-1",
		"expiration": strconv.FormatInt(w.Clock.Now().AddDate(0, 0, 2).Unix(), 10), "imeta": fmt.Sprintf("url %s m image/png x %s size %d dim 64x48 alt A red square", file, m.SHA256, m.Bytes)} {
		if got := tags(e, name); len(got) == 0 || !slices.Contains(got, want) {
			t.Errorf("tag %s is %q, want %q", name, got, want)
		}
	}
	if !f.Has(m.SHA256) || done["post"].Data["accepted"] != "1 of 1 relays" || e.CreatedAt != w.Clock.Now().Unix() {
		t.Errorf("published %+v", done["post"])
	}
}

func TestEveryKindIsPublished(t *testing.T) {
	w, f := world(t, nostrfake.Options{})
	theirs := f.Write("ann", 1, "A note")
	article := f.Write("ann", 30023, "# An article", []string{"d", "one"}, []string{"title", "One"})
	upright := func(m *network.Media) {
		m.Kind, m.MIME, m.Width, m.Height = network.Video, "video/mp4", 48, 64
	}
	for _, c := range []struct {
		name, text string
		settings   map[string]string
		media      func(*network.Media)
		kind       int
		want       map[string]string
	}{
		{"picture", "Red", map[string]string{"kind": "picture", "title": "A square"}, func(*network.Media) {}, 20, map[string]string{"title": "A square", "m": "image/png"}},
		{"upright video", "Moving", map[string]string{"kind": "video", "title": "A film"}, upright, 22, map[string]string{"title": "A film", "m": "video/mp4"}},
		{"wide video", "Moving", map[string]string{"kind": "video", "title": "A film"}, func(m *network.Media) { upright(m); m.Width = 100 }, 21, nil},
		{"repost of a note", "", map[string]string{"kind": "repost", "target": wire.Refer(theirs, "wss://r.example")}, nil, 6, map[string]string{"e": theirs.ID + " wss://r.example", "p": theirs.PubKey}},
		{"repost of an article", "", map[string]string{"kind": "repost", "target": "nostr:" + wire.Refer(article, "")}, nil, 16, map[string]string{"a": article.Address() + " " + f.Relay(), "k": "30023", "p": article.PubKey}},
		{"comment on a note", "Well said", map[string]string{"kind": "comment", "target": wire.Refer(theirs, "")}, nil, 1, map[string]string{"e": theirs.ID + "  root " + theirs.PubKey, "p": theirs.PubKey}},
		{"comment on an article", "Well said", map[string]string{"kind": "comment", "target": wire.Refer(article, "")}, nil, 1111, map[string]string{"A": article.Address() + "  " + article.PubKey, "K": "30023", "P": article.PubKey, "a": article.Address() + "  " + article.PubKey, "k": "30023", "p": article.PubKey}},
		{"comment on a page", "Well said", map[string]string{"kind": "comment", "target": "https://example.com/a"}, nil, 1111, map[string]string{"I": "https://example.com/a", "K": "web", "i": "https://example.com/a", "k": "web"}},
	} {
		d := w.Draft(c.text)
		d.Settings = c.settings
		if c.media != nil {
			m := networktest.Picture("Red")
			c.media(&m)
			d.Parts[0].Media = []network.Media{m}
		}
		steps := planned(t, w, d)
		post := steps[len(steps)-1]
		done, err := nostr.New("").Do(t.Context(), w.Session, post, nil) // the file itself is another test's
		e, there := f.Event(done.RemoteID)
		if err != nil || !there || e.Kind != c.kind {
			t.Errorf("%s: %+v, %v", c.name, e, err)
		}
		for name, want := range c.want {
			if got := tags(e, name); !slices.Contains(got, want) {
				t.Errorf("%s: tag %s is %q, want %q", c.name, name, got, want)
			}
		}
	}
}

func TestCommentBelowACommentKeepsItsRoot(t *testing.T) {
	w, f := world(t, nostrfake.Options{})
	article := f.Write("ann", 30023, "# An article", []string{"d", "one"}, []string{"title", "One"})
	d := w.Draft("Well said", "And more")
	d.Settings = map[string]string{"kind": "comment", "target": wire.Refer(article, "")}
	done := publish(t, w, planned(t, w, d))
	e, _ := f.Event(done["part-2"].RemoteID)
	if e.Kind != 1111 || e.Tag("A") != article.Address() || e.Tag("e") != done["post"].RemoteID || e.Tag("k") != "1111" {
		t.Errorf("the second part is %+v", e)
	}
}

func TestRulesOfKinds(t *testing.T) {
	w, f := world(t, nostrfake.Options{})
	picture := func(d *network.Draft) { d.Parts[0].Media = []network.Media{networktest.Picture("Red")} }
	note := wire.Refer(f.Write("ann", 1, "x"), "")
	for _, c := range []struct {
		settings map[string]string
		change   func(*network.Draft)
		code     string
	}{
		{map[string]string{"kind": "article"}, nil, "title_missing"},
		{map[string]string{"kind": "picture", "title": "x"}, nil, "media_required"},
		{map[string]string{"kind": "video", "title": "x"}, picture, "media_required"},
		{map[string]string{"kind": "repost"}, nil, "target_unreadable"},
		{map[string]string{"kind": "repost", "target": note}, nil, "repost_with_text"},
		{map[string]string{"kind": "repost", "target": note}, func(d *network.Draft) { d.Parts[0].Text, d.FirstComment = "", &network.Part{Text: "x"} }, "repost_with_thread"},
		{map[string]string{"kind": "comment", "target": "somewhere"}, nil, "target_unreadable"},
		{map[string]string{"kind": "song"}, nil, "setting_unknown"},
		{map[string]string{"relays": "wss://not.mine.example"}, nil, "setting_unknown"},
		{nil, func(d *network.Draft) { d.Parts[0].Poll = &network.Poll{} }, "poll_unsupported"},
		{nil, func(d *network.Draft) { picture(d); d.Parts[0].Media[0].MIME = "image/tiff" }, "media_type"},
		{nil, func(d *network.Draft) { d.Parts[0].Text = " " }, "empty"},
		{nil, func(d *network.Draft) { d.Parts = nil }, "empty"},
	} {
		d := w.Draft("A post")
		d.Settings = c.settings
		if c.change != nil {
			c.change(&d)
		}
		steps, problems := nostr.New("").Plan(d, w.Session.Account)
		i := slices.IndexFunc(problems, func(p network.Problem) bool { return p.Level == network.Error })
		if i < 0 || problems[i].Code != c.code || problems[i].Message == "" || problems[i].Fix == "" || len(steps) > 0 {
			t.Errorf("%v: %+v, want %q", c.settings, problems, c.code)
		}
	}
	big := w.Session.Account
	big.Extra = map[string]string{"relays": strings.Replace(big.Extra["relays"], `"bytes":131072`, `"bytes":900`, 1), "media": "x"}
	if _, problems := nostr.New("").Plan(w.Draft(strings.Repeat("é", 300)), big); len(problems) != 1 || problems[0].Code != "message_too_large" {
		t.Errorf("a message larger than its relay takes: %+v", problems)
	}
}

// several connects the brand at relays of its own.
func several(t *testing.T, n int) (*networktest.World, []*nostrfake.Fake) {
	t.Helper()
	w, f := world(t, nostrfake.Options{})
	all, addresses := []*nostrfake.Fake{f}, []string{f.Relay()}
	for range n - 1 {
		more := start(t, nostrfake.Options{Now: w.Clock.Now})
		all, addresses = append(all, more), append(addresses, more.Relay())
	}
	_, accounts, err := nostr.New("").SignIn(t.Context(), w.Session.HTTP, map[string]string{"secret_key": nostrfake.BrandKey, "relays": strings.Join(addresses, " "), "media_server": f.URL})
	if err != nil {
		t.Fatal(err)
	}
	w.Session.Account = accounts[0]
	return w, all
}

func TestOneRelayThatTakesItIsEnough(t *testing.T) {
	for _, bad := range []networkfake.Fault{networkfake.Forbidden, networkfake.LimitedSilent, networkfake.DropBefore, networkfake.HTMLAfter, networkfake.Unauthorised} {
		w, relays := several(t, 3)
		relays[0].Faults.Next("create", bad)
		relays[2].Faults.Next("create", bad)
		done := publish(t, w, planned(t, w, w.Draft("One is enough")))
		if o := done["post"]; o.Data["accepted"] != "1 of 3 relays" || o.Data["relays"] != relays[1].Relay() || len(relays[1].Events(1)) != 1 {
			t.Errorf("%s: %+v", bad, o)
		}
	}
}

func TestChosenRelaysAlone(t *testing.T) {
	w, relays := several(t, 3)
	d := w.Draft("Only here")
	d.Settings = map[string]string{"relays": relays[0].Relay() + "," + relays[2].Relay()}
	publish(t, w, planned(t, w, d))
	if len(relays[0].Events(1)) != 1 || len(relays[1].Events(1)) != 0 || len(relays[2].Events(1)) != 1 {
		t.Error("it is not at the chosen relays, or elsewhere too")
	}
}

func TestRelaysRefusalsHaveTheirMeaning(t *testing.T) {
	for bad, want := range map[networkfake.Fault]struct {
		kind  fault.Kind
		words string
	}{networkfake.Forbidden: {fault.Rejected, "blocked"}, networkfake.Invalid: {fault.Rejected, "not allowed here"}, networkfake.LimitedSilent: {fault.Later, "slow down"},
		networkfake.Unauthorised: {fault.Unauthorised, "may not come in"}, networkfake.ErrorBefore: {fault.Unknown, "database"}} {
		w, f := world(t, nostrfake.Options{})
		f.Faults.Next("create", bad)
		_, err := nostr.New("").Do(t.Context(), w.Session, planned(t, w, w.Draft("No"))[0], nil)
		if !fault.Is(err, want.kind) || !strings.Contains(err.Error(), want.words) || !strings.Contains(err.Error(), strings.TrimPrefix(f.URL, "http://")) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestStolenAccountIsNotSignedFor(t *testing.T) {
	w, _ := world(t, nostrfake.Options{})
	steps := planned(t, w, w.Draft("Mine"))
	w.Session.Grant.Values["secret_key"] = strings.Repeat("1", 64)
	if _, err := nostr.New("").Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("another key signs: %v", err)
	}
}
