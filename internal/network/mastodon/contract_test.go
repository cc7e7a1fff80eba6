package mastodon_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/mastodon"
	"github.com/bellwether-social/bellwether/internal/network/mastodon/mastodonfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// fake is a running server as the contract suite drives it.
type fake struct{ *mastodonfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }

func (f fake) Say(kind network.MessageKind, text, on string) string {
	visibility := "public"
	if kind == network.Direct {
		visibility = "direct"
	}
	return f.Fake.Say("stranger", "@brand "+text, on, visibility)
}

// world starts a fake and connects its brand as a person would.
func world(t *testing.T, o mastodonfake.Options) (*networktest.World, *mastodonfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f, err := mastodonfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	described(t, f)
	session := network.Session{HTTP: networktest.Client(t, clock), Grant: network.Grant{Values: map[string]string{"access_token": mastodonfake.BrandToken}},
		Account: network.Account{Server: f.URL, Extra: map[string]string{"app": "Bellwether"}}}
	if session.Account, err = mastodon.New().Check(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	w := &networktest.World{Network: mastodon.New(), Session: session, Fake: fake{f}, Clock: clock, Account: mastodonfake.Brand, OwnLimit: networkfake.LimitedReset}
	w.Rules = rules(w)
	return w, f
}

// description is read once (it is large), and only by tests that need it: everything else runs without it.
var description struct{ doc *mastodonfake.Description }

// TestMain reads the published description of the API where it is at hand; then all requests of all tests are checked
// against it.
func TestMain(m *testing.M) {
	if raw, err := os.ReadFile(filepath.Join(or(os.Getenv("BELLWETHER_SHARED"), "../../../../shared"), "specs", "mastodon", "schema.json")); err == nil {
		if description.doc, err = mastodonfake.ReadDescription(raw); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// TestRequestsAreCheckedAgainstTheDescription makes sure that the check has not vanished unseen.
func TestRequestsAreCheckedAgainstTheDescription(t *testing.T) {
	sharedtest.Dir(t)
	if description.doc == nil {
		t.Fatal("the published description of the API was not read")
	}
	f, err := mastodonfake.Start(mastodonfake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.Describe(description.doc)
	for _, wrong := range []func() (*http.Response, error){
		func() (*http.Response, error) { return http.Get(f.URL + "/api/v1/accounts/search?query=x") },
		func() (*http.Response, error) { return http.Get(f.URL + "/api/v1/stati") },
		func() (*http.Response, error) {
			return http.Post(f.URL+"/api/v1/statuses", "application/json", strings.NewReader(`{"status":"x","visibility":"friends"}`))
		},
		func() (*http.Response, error) {
			return http.Post(f.URL+"/api/v1/statuses", "application/json", strings.NewReader(`{"text":"x"}`))
		},
	} {
		before := len(f.Violations())
		resp, err := wrong()
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if len(f.Violations()) == before {
			t.Errorf("%s %s is not noticed", resp.Request.Method, resp.Request.URL)
		}
	}
}

// described checks all requests of a test against the published description of the API.
func described(t *testing.T, f *mastodonfake.Fake) {
	t.Helper()
	if description.doc == nil {
		return
	}
	f.Describe(description.doc)
	t.Cleanup(func() {
		for _, v := range f.Violations() {
			t.Errorf("the published description does not allow: %s", v)
		}
	})
}

func TestMastodonKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { w, _ := world(t, mastodonfake.Options{}); return w })
}

func TestServerWithoutKeysKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, mastodonfake.Options{Software: "gotosocial"})
		return w
	})
}

func rules(w *networktest.World) []networktest.Rule {
	l := w.Session.Account.Limits
	media := func(n int, change func(*network.Media)) network.Draft {
		d := w.Draft("With media")
		for range n {
			m := networktest.Picture("Red")
			if change != nil {
				change(&m)
			}
			d.Parts[0].Media = append(d.Parts[0].Media, m)
		}
		return d
	}
	poll := func(change func(*network.Poll)) network.Draft {
		d := w.Draft("Which?")
		d.Parts[0].Poll = &network.Poll{Options: []string{"This", "That"}, Duration: time.Hour}
		change(d.Parts[0].Poll)
		return d
	}
	return []networktest.Rule{
		{Name: "media in a post", Code: "media_too_many", Draft: func(n int) network.Draft { return media(l.Media+n, nil) }},
		{Name: "bytes of an image", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Bytes = l.ImageBytes + int64(n) })
		}},
		{Name: "pixels of an image", Code: "media_too_many_pixels", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Width, m.Height = 1, int(l.ImagePixels)+n })
		}},
		{Name: "bytes of a video", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Kind, m.MIME, m.Bytes = network.Video, "video/mp4", l.VideoBytes+int64(n) })
		}},
		{Name: "characters of a description", Code: "alt_too_long", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Alt = strings.Repeat("ä", l.AltCharacters+n) })
		}},
		{Name: "videos in a post", Code: "media_mixed", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			return media(1+n, func(m *network.Media) { m.Kind, m.MIME = network.Video, "video/mp4" })
		}},
		{Name: "options of a poll", Code: "poll_options", Draft: func(n int) network.Draft {
			return poll(func(p *network.Poll) {
				p.Options = nil
				for i := range l.PollOptions + n {
					p.Options = append(p.Options, strings.Repeat("o", i+1))
				}
			})
		}},
		{Name: "characters of an option", Code: "poll_option_too_long", Draft: func(n int) network.Draft {
			return poll(func(p *network.Poll) { p.Options[1] = strings.Repeat("o", l.PollOptionChars+n) })
		}},
		{Name: "longest poll", Code: "poll_duration", Draft: func(n int) network.Draft {
			return poll(func(p *network.Poll) { p.Duration = time.Duration(l.PollMaxSeconds+int64(n)) * time.Second })
		}},
		{Name: "shortest poll", Code: "poll_duration", Draft: func(n int) network.Draft {
			return poll(func(p *network.Poll) { p.Duration = time.Duration(l.PollMinSeconds-int64(n)) * time.Second })
		}},
	}
}
