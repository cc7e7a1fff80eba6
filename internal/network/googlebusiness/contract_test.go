package googlebusiness_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/googlebusiness"
	"github.com/bellwether-social/bellwether/internal/network/googlebusiness/googlebusinessfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake/described"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// fake is a running Google as the contract suite drives it.
type fake struct{ *googlebusinessfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }

func (f fake) Say(_ network.MessageKind, text, _ string) string {
	return f.Fake.Say("Ann Stranger", text, "FOUR")
}

// picture is a photo as large as Google wants it; nobody here looks at its bytes.
func picture() network.Media {
	m := networktest.Picture("")
	m.Width, m.Height, m.Bytes = 1200, 900, 200_000
	return m
}

func world(t *testing.T, o googlebusinessfake.Options) (*networktest.World, *googlebusinessfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f := start(t, o)
	session := network.Session{HTTP: networktest.Client(t, clock), App: app(),
		Grant:   network.Grant{Values: map[string]string{"access_token": googlebusinessfake.BrandToken, "refresh_token": googlebusinessfake.BrandRefresh}},
		Account: network.Account{ID: googlebusinessfake.Place, Extra: map[string]string{"account": googlebusinessfake.Account}}}
	var err error
	if session.Account, err = googlebusiness.New(f.URL).Check(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	w := &networktest.World{Network: googlebusiness.New(f.URL), Session: session, Fake: fake{f}, Clock: clock, Account: googlebusinessfake.Place,
		Hears: []network.MessageKind{network.Review}, File: func(string) network.Media { return picture() }, FilesInPost: true, ToldOnly: true}
	w.Rules = rules(w)
	return w, f
}

func app() map[string]string {
	return map[string]string{"client_id": googlebusinessfake.ClientID, "client_secret": googlebusinessfake.ClientSecret}
}

// descriptions are read once, and only where they are at hand; the legacy API has none.
var descriptions []*described.Document

func TestMain(m *testing.M) {
	dir := os.Getenv("BELLWETHER_SHARED")
	if dir == "" {
		dir = "../../../../shared"
	}
	for _, name := range []string{"mybusinessaccountmanagement-v1.json", "mybusinessbusinessinformation-v1.json", "businessprofileperformance-v1.json"} {
		raw, err := os.ReadFile(filepath.Join(dir, "specs", "google", name))
		if err != nil {
			continue
		}
		doc, err := described.Read(raw)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		descriptions = append(descriptions, doc)
	}
	os.Exit(m.Run())
}

func start(t *testing.T, o googlebusinessfake.Options) *googlebusinessfake.Fake {
	t.Helper()
	f, err := googlebusinessfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	f.Describe(descriptions...)
	t.Cleanup(func() {
		for _, v := range f.Violations() {
			t.Errorf("the documentation does not allow: %s", v)
		}
	})
	return f
}

// TestRequestsAreCheckedAgainstTheDescription makes sure that the check has not vanished unseen.
func TestRequestsAreCheckedAgainstTheDescription(t *testing.T) {
	sharedtest.Dir(t)
	if len(descriptions) != 3 {
		t.Fatal("the published descriptions of the APIs were not read")
	}
	f, err := googlebusinessfake.Start(googlebusinessfake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.Describe(descriptions...)
	post := func(path, body string) (*http.Response, error) {
		return http.Post(f.URL+"/v4/"+googlebusinessfake.PlaceName+path, "application/json", strings.NewReader(body))
	}
	for _, wrong := range []func() (*http.Response, error){
		func() (*http.Response, error) { return http.Get(f.URL + "/v1/accounts?size=5") },
		func() (*http.Response, error) { return http.Get(f.URL + "/v1/accounts/11/locations?mask=name") },
		func() (*http.Response, error) {
			return http.Get(f.URL + "/v1/locations/22:fetchMultiDailyMetricsTimeSeries?dailyMetrics=VIEWS")
		},
		func() (*http.Response, error) {
			return http.Get(f.URL + "/v4/" + googlebusinessfake.PlaceName + "/reviews?order=x")
		},
		func() (*http.Response, error) { return post("/localPosts", `{"text":"x"}`) },
		func() (*http.Response, error) {
			return post("/localPosts", `{"summary":"x","topicType":"STANDARD","callToAction":{"actionType":"VISIT","url":"https://x"}}`)
		},
		func() (*http.Response, error) {
			return post("/media", `{"mediaFormat":"PHOTO","sourceUrl":"https://x.example/a"}`)
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

func TestPostsKeepTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { w, _ := world(t, googlebusinessfake.Options{}); return w })
}

func TestPostsThatAreLookedAtForAWhileKeepTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, googlebusinessfake.Options{Polls: 3})
		w.Settings = map[string]string{"kind": "event", "event_title": "Spring fair", "start": "2026-03-07", "end": "2026-03-08"}
		return w
	})
}

func TestPhotosKeepTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, googlebusinessfake.Options{})
		w.Network = photos{w.Network.(googlebusiness.Business)}
		w.Settings = map[string]string{"kind": "photo"}
		w.Complete = func(d *network.Draft) { d.Parts[0].Media = []network.Media{picture()} }
		w.Rules = nil
		return w
	})
}

// photos is the network without what photos of the gallery cannot: be changed, and stand among the posts.
type photos struct{ googlebusiness.Business }

func (photos) PlanEdit() {}
func (photos) Own()      {}

func rules(w *networktest.World) []networktest.Rule {
	media := func(kind string, change func(*network.Media)) network.Draft {
		d, m := w.Draft("With media"), picture()
		change(&m)
		d.Settings = map[string]string{"kind": kind}
		d.Parts[0].Media = []network.Media{m}
		return d
	}
	set := func(pairs ...string) network.Draft {
		d := w.Draft("With settings")
		d.Settings = map[string]string{"kind": "offer", "event_title": "Sale", "start": "2026-03-07", "end": "2026-03-07"}
		for i := 0; i < len(pairs); i += 2 {
			d.Settings[pairs[i]] = pairs[i+1]
		}
		return d
	}
	video := func(change func(*network.Media)) network.Draft {
		return media("photo", func(m *network.Media) {
			m.Kind, m.MIME, m.Duration = network.Video, "video/mp4", 10*time.Second
			change(m)
		})
	}
	return []networktest.Rule{
		{Name: "media", Code: "media_too_many", Draft: func(n int) network.Draft {
			d := w.Draft("Several")
			for range 1 + n {
				d.Parts[0].Media = append(d.Parts[0].Media, picture())
			}
			return d
		}},
		{Name: "no photo", Code: "media_required", Draft: func(n int) network.Draft {
			d := media("photo", func(*network.Media) {})
			if n > 0 {
				d.Parts[0].Media = nil
			}
			return d
		}},
		{Name: "bytes of a picture", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media("standard", func(m *network.Media) { m.Bytes = 5<<20 + int64(n) })
		}},
		{Name: "least bytes of a picture", Code: "media_too_small", Draft: func(n int) network.Draft {
			return media("standard", func(m *network.Media) { m.Bytes = 10<<10 - int64(n) })
		}},
		{Name: "width of a picture", Code: "media_too_small", Draft: func(n int) network.Draft { return media("standard", func(m *network.Media) { m.Width = 400 - n }) }},
		{Name: "height of a picture", Code: "media_too_small", Draft: func(n int) network.Draft { return media("event", func(m *network.Media) { m.Height = 300 - n }) }},
		{Name: "height of a gallery photo", Code: "media_too_small", Draft: func(n int) network.Draft { return media("photo", func(m *network.Media) { m.Height = 250 - n }) }},
		{Name: "bytes of a video", Code: "media_too_large", Draft: func(n int) network.Draft { return video(func(m *network.Media) { m.Bytes = 75<<20 + int64(n) }) }},
		{Name: "length of a video", Code: "media_too_long", Draft: func(n int) network.Draft {
			return video(func(m *network.Media) { m.Duration = 30*time.Second + time.Duration(n)*time.Second })
		}},
		{Name: "lines of a video", Code: "media_too_small", Draft: func(n int) network.Draft { return video(func(m *network.Media) { m.Width, m.Height = 1280, 720-n }) }},
		{Name: "characters of the title", Code: "setting_too_long", Draft: func(n int) network.Draft { return set("event_title", strings.Repeat("ü", 58+n)) }},
		{Name: "end of an event", Code: "event_end", Draft: func(n int) network.Draft { return set("start", "2026-03-07", "end", fmt.Sprintf("2026-03-%02d", 7-n)) }},
		{Name: "end of an hour", Code: "event_end", Draft: func(n int) network.Draft {
			return set("start", "2026-03-07T09:00", "end", fmt.Sprintf("2026-03-07T09:%02d", 1-n))
		}},
	}
}
