package pinterest_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake/described"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/pinterest"
	"github.com/bellwether-social/bellwether/internal/network/pinterest/pinterestfake"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// fake is the running network as the contract suite drives it.
type fake struct{ *pinterestfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }
func (f fake) Say(network.MessageKind, string, string) string { panic("nobody writes at Pinterest") }

var app = map[string]string{"client_id": pinterestfake.AppID, "client_secret": pinterestfake.AppSecret}

// world starts a fake and connects its brand.
func world(t *testing.T, o pinterestfake.Options) (*networktest.World, *pinterestfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f := start(t, o)
	n := pinterest.New(f.URL)
	session := network.Session{HTTP: networktest.Client(t, clock), App: app,
		Grant: network.Grant{Scopes: []string{"ads:read"}, Values: map[string]string{"access_token": pinterestfake.BrandToken, "refresh_token": pinterestfake.BrandRefresh}}}
	var err error
	if session.Account, err = n.Check(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	w := &networktest.World{Network: n, Session: session, Fake: fake{f}, Clock: clock, Account: pinterestfake.Brand, OwnLimit: networkfake.LimitedReset,
		Settings: map[string]string{"board": pinterestfake.Board}, Hears: []network.MessageKind{},
		Complete: func(d *network.Draft) { d.Parts[0].Media = []network.Media{networktest.Picture("A red square")} }}
	w.Rules = rules(w)
	return w, f
}

func start(t *testing.T, o pinterestfake.Options) *pinterestfake.Fake {
	t.Helper()
	f, err := pinterestfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	if description != nil {
		f.Describe(allowed)
	}
	t.Cleanup(func() {
		for _, v := range f.Violations() {
			t.Errorf("the API does not allow: %s", v)
		}
	})
	return f
}

// description is read once (it is large), and only where it is at hand: everything else runs without it.
var description *described.Document

// TestMain reads the published description of the API where it is at hand; then all requests of all tests are checked
// against it.
func TestMain(m *testing.M) {
	shared := os.Getenv("BELLWETHER_SHARED")
	if shared == "" {
		shared = "../../../../shared"
	}
	if raw, err := os.ReadFile(filepath.Join(shared, "specs", "pinterest", "openapi.yaml")); err == nil {
		if description, err = described.Read(raw); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// allowed checks a request against the description, except where that contradicts itself: the variants of a token request
// are reached by its discriminator alone (the fake checks them), and the analytics of pictures and videos share names,
// which "one of" forbids.
func allowed(r *http.Request, body []byte) (wrong []string) {
	for _, w := range description.Check(r, body) {
		if r.URL.Path != "/v5/oauth/token" && !strings.HasSuffix(w, "decoding oneOf failed: 2 schemas matched") {
			wrong = append(wrong, w)
		}
	}
	return wrong
}

// TestRequestsAreCheckedAgainstTheDescription makes sure that the check has not vanished unseen.
func TestRequestsAreCheckedAgainstTheDescription(t *testing.T) {
	sharedtest.Dir(t)
	if description == nil {
		t.Fatal("the published description of the API was not read")
	}
	f, err := pinterestfake.Start(pinterestfake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.Describe(allowed)
	for _, wrong := range []func() (*http.Response, error){
		func() (*http.Response, error) { return http.Get(f.URL + "/v5/pins?limit=3") },
		func() (*http.Response, error) { return http.Get(f.URL + "/v5/pin") },
		func() (*http.Response, error) {
			return http.Post(f.URL+"/v5/pins", "application/json", strings.NewReader(`{"board":"1"}`))
		},
		func() (*http.Response, error) {
			return http.Post(f.URL+"/v5/media", "application/json", strings.NewReader(`{"media_type":"picture"}`))
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

func TestPinterestKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { w, _ := world(t, pinterestfake.Options{}); return w })
}

func rules(w *networktest.World) []networktest.Rule {
	set := func(key, value string) network.Draft {
		d := w.Draft("A pin")
		d.Settings = map[string]string{"board": pinterestfake.Board, key: value}
		return d
	}
	media := func(n int, change func(*network.Media)) network.Draft {
		d := w.Draft("A pin")
		d.Parts[0].Media = nil
		for range n {
			m := networktest.Picture("Red")
			if change != nil {
				change(&m)
			}
			d.Parts[0].Media = append(d.Parts[0].Media, m)
		}
		return d
	}
	video := func(change func(*network.Media)) network.Draft {
		return media(1, func(m *network.Media) {
			m.Kind, m.MIME, m.Duration, m.Width, m.Height = network.Video, "video/mp4", 10*time.Second, 100, 200
			change(m)
		})
	}
	return []networktest.Rule{
		{Name: "characters of the title", Code: "title_too_long", Draft: func(n int) network.Draft { return set("title", strings.Repeat("ä", 100+n)) }},
		{Name: "characters of the link", Code: "link_too_long", Draft: func(n int) network.Draft {
			return set("link", "https://example.com/"+strings.Repeat("a", 2028+n))
		}},
		{Name: "pictures of a carousel", Code: "media_too_many", Draft: func(n int) network.Draft { return media(5+n, nil) }},
		{Name: "bytes of a picture", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Bytes = 20<<20 + int64(n) })
		}},
		{Name: "characters of a description", Code: "alt_too_long", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Alt = strings.Repeat("ä", 500+n) })
		}},
		{Name: "bytes of a video", Code: "media_too_large", Draft: func(n int) network.Draft {
			return video(func(m *network.Media) { m.Bytes = 2<<30 + int64(n) })
		}},
		{Name: "longest video", Code: "video_duration", Draft: func(n int) network.Draft {
			return video(func(m *network.Media) { m.Duration = time.Duration(900+n) * time.Second })
		}},
		{Name: "shortest video", Code: "video_duration", Draft: func(n int) network.Draft {
			return video(func(m *network.Media) { m.Duration = time.Duration(4-n) * time.Second })
		}},
		{Name: "widest video", Code: "video_shape", Draft: func(n int) network.Draft {
			return video(func(m *network.Media) { m.Width, m.Height = 191+n, 100 })
		}},
		{Name: "narrowest video", Code: "video_shape", Draft: func(n int) network.Draft {
			return video(func(m *network.Media) { m.Width, m.Height = 100, 200+n })
		}},
		{Name: "videos", Code: "media_mixed", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			return media(1+n, func(m *network.Media) { m.Kind, m.MIME = network.Video, "video/mp4" })
		}},
		{Name: "lines of a carousel", Code: "cards_too_many", Draft: func(n int) network.Draft {
			d := media(3, nil)
			d.Settings = map[string]string{"board": pinterestfake.Board, "cards": strings.TrimSuffix(strings.Repeat("A card\n", 3+n), "\n")}
			return d
		}},
	}
}
