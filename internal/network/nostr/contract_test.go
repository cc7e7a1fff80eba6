package nostr_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/nostr"
	"github.com/bellwether-social/bellwether/internal/network/nostr/nostrfake"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// fake is a running relay as the contract suite drives it.
type fake struct{ *nostrfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }

func (f fake) Say(_ network.MessageKind, text, on string) string {
	return f.Fake.Say("stranger", text, on)
}

// start runs a relay whose events are checked against the published schemas, where these are at hand.
func start(t *testing.T, o nostrfake.Options) *nostrfake.Fake {
	t.Helper()
	f, err := nostrfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	root, _ := filepath.Abs("../../../../shared/specs/nostr") // a look only: the test below insists on it
	if s, err := nostrfake.ReadSchemas(root); err == nil {
		f.Describe(s)
	}
	t.Cleanup(func() {
		f.Close()
		for _, v := range f.Violations() {
			t.Errorf("the specification does not allow: %s", v)
		}
	})
	return f
}

// world starts a relay and connects the brand as a person would.
func world(t *testing.T, o nostrfake.Options) (*networktest.World, *nostrfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f := start(t, o)
	client := networktest.Client(t, clock)
	grant, accounts, err := nostr.New("").SignIn(t.Context(), client, map[string]string{"secret_key": nostrfake.BrandKey, "relays": f.Relay(), "media_server": f.URL})
	if err != nil || len(accounts) != 1 {
		t.Fatalf("sign in: %+v, %v", accounts, err)
	}
	w := &networktest.World{Network: nostr.New(""), Session: network.Session{HTTP: client, Grant: grant, Account: accounts[0]}, Fake: fake{f}, Clock: clock, Account: nostrfake.Brand,
		Hears: []network.MessageKind{network.Comment, network.Mention}, Unchangeable: true}
	for _, f := range networkfake.Faults {
		if f != networkfake.OK && f != networkfake.Limited && f != networkfake.LimitedReset { // relays never say when
			w.Plays = append(w.Plays, f)
		}
	}
	w.Rules = rules(w)
	return w, f
}

func TestNostrKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { w, _ := world(t, nostrfake.Options{}); return w })
}

func TestRelayThatWantsSignInKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, nostrfake.Options{Auth: true, NoCount: true, NoInfo: true})
		return w
	})
}

func TestArticlesKeepTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, nostrfake.Options{})
		w.Settings, w.Unchangeable = map[string]string{"kind": "article", "title": "Spring has come"}, false
		return w
	})
}

func rules(w *networktest.World) []networktest.Rule {
	base := w.Draft("x")
	return []networktest.Rule{
		{Name: "files in a post", Code: "media_too_many", Draft: func(n int) network.Draft {
			d := w.Draft("With media")
			d.Parts[0].Media = slices.Repeat([]network.Media{networktest.Picture("Red")}, 20+n)
			return d
		}},
		{Name: "characters with a mention written out", Code: "text_too_long", Draft: func(n int) network.Draft {
			d := w.Draft(strings.Repeat("a", 8196-70+n) + " @ann")
			d.Parts[0].Mentions = map[string]string{"@ann": w.Session.Account.ID} // " nostr:npub1…" takes 70
			return d
		}},
		{Name: "characters with a file's address", Code: "text_too_long", Draft: func(n int) network.Draft {
			p := networktest.Picture("Red")
			address := len(w.Session.Account.Extra["media"]) + 1 + 64 + len(".png") + 2
			d := w.Draft(strings.Repeat("a", 8196-address+n))
			d.Parts[0].Media, d.Settings = []network.Media{p}, nil // an article shows its first picture above the text
			return d
		}},
		{Name: "days until it is forgotten", Code: "expiry_unreadable", Draft: func(n int) network.Draft {
			d := base
			d.Settings = map[string]string{"expires_days": map[int]string{-1: "3649", 0: "3650", 1: "3651"}[n]}
			return d
		}},
		{Name: "characters of the title", Code: "setting_too_long", Draft: func(n int) network.Draft {
			d := base
			d.Settings = map[string]string{"kind": "article", "title": strings.Repeat("ä", 200+n)}
			return d
		}},
	}
}

// TestEventsAreCheckedAgainstTheSchemas makes sure that the check has not vanished unseen.
func TestEventsAreCheckedAgainstTheSchemas(t *testing.T) {
	s, err := nostrfake.ReadSchemas(filepath.Join(sharedtest.Dir(t), "specs", "nostr"))
	if err != nil {
		t.Fatal(err)
	}
	good := `{"id":"` + strings.Repeat("a", 64) + `","pubkey":"` + strings.Repeat("b", 64) + `","created_at":1,"kind":20,"tags":[["title","x"],["imeta","url https://example.com/a.png","m image/png"]],"content":"","sig":"` + strings.Repeat("c", 128) + `"}`
	if wrong := s.Check([]byte(good)); wrong != "" {
		t.Errorf("a good event: %s", wrong)
	}
	for _, change := range [][2]string{{`,["imeta","url https://example.com/a.png","m image/png"]`, ""}, {`"sig":"cc`, `"sig":"`}, {`"created_at":1`, `"created_at":"1"`}, {`"content":"",`, ""}} {
		if s.Check([]byte(strings.Replace(good, change[0], change[1], 1))) == "" {
			t.Errorf("%s instead of %s is not noticed", change[1], change[0])
		}
	}
}
