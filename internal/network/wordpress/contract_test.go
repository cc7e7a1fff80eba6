package wordpress_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/wordpress"
	"github.com/bellwether-social/bellwether/internal/network/wordpress/wordpressfake"
)

// fake is a running site as the contract suite drives it.
type fake struct{ *wordpressfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }

func (f fake) Say(_ network.MessageKind, text, on string) string {
	return f.Fake.Say("Visitor", text, on)
}

// world starts a fake and connects its brand as a person would.
func world(t *testing.T, o wordpressfake.Options) (*networktest.World, *wordpressfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f, err := wordpressfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.Close()
		for _, v := range f.Violations() {
			t.Errorf("WordPress would not understand: %s", v)
		}
	})
	client := networktest.Client(t, clock)
	grant, accounts, err := wordpress.New().SignIn(t.Context(), client, map[string]string{"site": f.URL, "username": wordpressfake.Brand, "password": wordpressfake.Password})
	if err != nil || len(accounts) != 1 {
		t.Fatalf("sign in: %+v, %v", accounts, err)
	}
	w := &networktest.World{Network: wordpress.New(), Session: network.Session{HTTP: client, Grant: grant, Account: accounts[0]}, Fake: fake{f}, Clock: clock, Account: wordpressfake.Brand,
		Hears: []network.MessageKind{network.Comment}, Settings: map[string]string{"title": "Spring has come"}}
	w.Rules = rules(w)
	return w, f
}

func TestWordPressKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { w, _ := world(t, wordpressfake.Options{}); return w })
}

func TestSiteWithoutPrettyAddressesKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, wordpressfake.Options{Plain: true})
		return w
	})
}

func rules(w *networktest.World) []networktest.Rule {
	return []networktest.Rule{
		{Name: "files in a post", Code: "media_too_many", Draft: func(n int) network.Draft {
			d := w.Draft("With media")
			d.Parts[0].Media = slices.Repeat([]network.Media{networktest.Picture("Red")}, 100+n)
			return d
		}},
		{Name: "bytes of the first comment", Code: "text_too_long", Draft: func(n int) network.Draft {
			d := w.Draft("A post")
			d.FirstComment = &network.Part{Text: strings.Repeat("a", 65525+n)}
			return d
		}},
		{Name: "escaped bytes of the first comment", Code: "text_too_long", Draft: func(n int) network.Draft {
			d := w.Draft("A post")
			d.FirstComment = &network.Part{Text: "&" + strings.Repeat("a", 65520+n)} // "&amp;" takes five
			return d
		}},
		{Name: "characters of the title", Code: "setting_too_long", Draft: func(n int) network.Draft {
			d := w.Draft("A post")
			d.Settings = map[string]string{"title": strings.Repeat("ä", 300+n)}
			return d
		}},
		{Name: "parts", Code: "thread_unsupported", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			return w.Draft(slices.Repeat([]string{"A part"}, 1+n)...)
		}},
	}
}
