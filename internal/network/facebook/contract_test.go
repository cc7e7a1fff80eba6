package facebook_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/facebook"
	"github.com/bellwether-social/bellwether/internal/network/facebook/facebookfake"
	"github.com/bellwether-social/bellwether/internal/network/graph"
	"github.com/bellwether-social/bellwether/internal/network/graph/graphfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// fake is a running server as the contract suite drives it.
type fake struct{ *facebookfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }

// description is read once; then all requests of all tests are checked against it.
var description *graphfake.Description

func TestMain(m *testing.M) {
	dir := os.Getenv("BELLWETHER_SHARED")
	if dir == "" {
		dir = "../../../../shared"
	}
	if d, err := graphfake.ReadDescription(filepath.Join(dir, "specs", "meta", "specs")); err == nil {
		description = d
	} else {
		fmt.Fprintln(os.Stderr, "requests are not checked against Meta's descriptions:", err)
	}
	os.Exit(m.Run())
}

// TestRequestsAreCheckedAgainstTheDescription makes sure that the check has not vanished unseen.
func TestRequestsAreCheckedAgainstTheDescription(t *testing.T) {
	sharedtest.Dir(t)
	if description == nil {
		t.Fatal("Meta's descriptions were not read")
	}
	f, err := facebookfake.Start(facebookfake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.Describe(description)
	c := graph.Client{HTTP: networktest.Client(t, nil), Base: f.URL + "/" + graph.Version, Token: facebookfake.BrandToken, Secret: graphfake.AppSecret}
	page := "/" + facebookfake.Brand
	for name, wrong := range map[string]func() error{
		"an edge": func() error { _, err := c.Get(t.Context(), page+"/statuses", nil, nil); return err },
		"a parameter": func() error {
			_, err := c.Create(t.Context(), page+"/feed", map[string][]string{"text": {"x"}}, nil)
			return err
		},
		"a type": func() error {
			_, err := c.Create(t.Context(), page+"/feed", map[string][]string{"published": {"no"}}, nil)
			return err
		},
		"a word": func() error {
			_, err := c.Create(t.Context(), page+"/video_reels", map[string][]string{"upload_phase": {"begin"}}, nil)
			return err
		},
		"a field": func() error {
			_, err := c.Get(t.Context(), page, map[string][]string{"fields": {"id,handle"}}, nil)
			return err
		},
		"a deep field": func() error {
			_, err := c.Get(t.Context(), page+"/published_posts", map[string][]string{"fields": {"id,comments{text}"}}, nil)
			return err
		},
		"no proof": func() error {
			d := c
			d.Secret = ""
			_, err := d.Get(t.Context(), page, nil, nil)
			return err
		},
	} {
		before := len(f.Violations())
		if _ = wrong(); len(f.Violations()) == before {
			t.Errorf("%s is not noticed", name)
		}
	}
}

func start(t *testing.T, o facebookfake.Options) *facebookfake.Fake {
	t.Helper()
	f, err := facebookfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	if description != nil {
		f.Describe(description)
	}
	t.Cleanup(func() {
		for _, v := range f.Violations() {
			t.Errorf("Meta's documentation does not allow: %s", v)
		}
	})
	return f
}

// world starts a fake with its brand connected.
func world(t *testing.T, o facebookfake.Options) (*networktest.World, *facebookfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f := start(t, o)
	n := facebook.New(f.URL)
	s := network.Session{HTTP: networktest.Client(t, clock), App: graphfake.App(), Account: network.Account{ID: facebookfake.Brand},
		Grant: network.Grant{Values: map[string]string{graph.UserToken: graphfake.UserToken, graph.PageToken + facebookfake.Brand: facebookfake.BrandToken}}}
	var err error
	if s.Account, err = n.Check(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	w := &networktest.World{Network: n, Session: s, Fake: fake{f}, Clock: clock, Account: facebookfake.Brand, OwnLimit: networkfake.LimitedReset, Hook: f.Hook,
		Address: "https://bellwether.example/files/x/file.jpg"}
	w.Rules = rules(w)
	return w, f
}

func TestPostsKeepTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { w, _ := world(t, facebookfake.Options{}); return w })
}

// film is a small file that is said to be an upright video.
func film(string) network.Media {
	m := networktest.Picture("")
	m.Kind, m.MIME, m.Width, m.Height, m.Duration = network.Video, "video/mp4", 1080, 1920, 10*time.Second
	return m
}

func filmed(kind string) networktest.Harness {
	return func(t *testing.T) *networktest.World {
		w, _ := world(t, facebookfake.Options{AsyncVideo: 1})
		w.File, w.Rules, w.Settings = film, nil, map[string]string{"kind": kind}
		w.Complete = func(d *network.Draft) { d.Parts[0].Media = []network.Media{film("")} }
		return w
	}
}

func TestReelsKeepTheContract(t *testing.T) { networktest.Run(t, filmed("reel")) }

func TestVideosKeepTheContract(t *testing.T) { networktest.Run(t, filmed("")) }

func rules(w *networktest.World) []networktest.Rule {
	media := func(n int, settings map[string]string, change func(*network.Media)) network.Draft {
		d := w.Draft("With media")
		d.Settings = settings
		for range n {
			m := networktest.Picture("Red")
			if change != nil {
				change(&m)
			}
			d.Parts[0].Media = append(d.Parts[0].Media, m)
		}
		return d
	}
	video := func(kind string, change func(*network.Media)) network.Draft {
		return media(1, map[string]string{"kind": kind}, func(m *network.Media) {
			*m = film("")
			change(m)
		})
	}
	at := func(kind string, after time.Duration) network.Draft {
		d := w.Draft("Later")
		d.Settings = map[string]string{"state": "scheduled", "kind": kind, "publish_at": d.At.Add(after).Format(time.RFC3339)}
		if kind == "reel" {
			d.Parts[0].Media = []network.Media{film("")}
		}
		return d
	}
	l := w.Session.Account.Limits
	return []networktest.Rule{
		{Name: "media in a post", Code: "media_too_many", Draft: func(n int) network.Draft { return media(l.Media+n, nil, nil) }},
		{Name: "bytes of an image", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media(1, nil, func(m *network.Media) { m.Bytes = l.ImageBytes + int64(n) })
		}},
		{Name: "bytes of a video", Code: "media_too_large", Draft: func(n int) network.Draft {
			return video("", func(m *network.Media) { m.Bytes = l.VideoBytes + int64(n) })
		}},
		{Name: "characters of a description", Code: "alt_too_long", Draft: func(n int) network.Draft {
			return media(1, nil, func(m *network.Media) { m.Alt = strings.Repeat("ä", l.AltCharacters+n) })
		}},
		{Name: "parts", Code: "threads", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			return w.Draft([]string{"One", "Two"}[:1+n]...)
		}},
		{Name: "longest reel", Code: "reel_duration", Draft: func(n int) network.Draft {
			return video("reel", func(m *network.Media) { m.Duration = 90*time.Second + time.Duration(n)*time.Millisecond })
		}},
		{Name: "shortest reel", Code: "reel_duration", Draft: func(n int) network.Draft {
			return video("reel", func(m *network.Media) { m.Duration = 3*time.Second - time.Duration(n)*time.Millisecond })
		}},
		{Name: "width of a reel", Code: "reel_size", Draft: func(n int) network.Draft {
			return video("reel", func(m *network.Media) { m.Width, m.Height = 540-n, 960 })
		}},
		{Name: "longest story", Code: "story_duration", Draft: func(n int) network.Draft {
			return video("story", func(m *network.Media) { m.Duration = time.Minute + time.Duration(n)*time.Millisecond })
		}},
		{Name: "longest video", Code: "video_too_long", Draft: func(n int) network.Draft {
			return video("", func(m *network.Media) { m.Duration = 4*time.Hour + time.Duration(n)*time.Second })
		}},
		{Name: "media of a story", Code: "story_media", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			return media(1+n, map[string]string{"kind": "story"}, nil)
		}},
		{Name: "text with a background", Code: "background_too_long", Draft: func(n int) network.Draft {
			d := w.Draft(strings.Repeat("a", 130+n))
			d.Settings = map[string]string{"background": "106018623298955"}
			return d
		}},
		{Name: "soonest time", Code: "schedule_window", Draft: func(n int) network.Draft { return at("", 10*time.Minute-time.Duration(n)*time.Second) }},
		{Name: "latest time", Code: "schedule_window", Draft: func(n int) network.Draft { return at("", 30*24*time.Hour+time.Duration(n)*time.Second) }},
		{Name: "latest time of a reel", Code: "schedule_window", Draft: func(n int) network.Draft {
			return at("reel", 29*24*time.Hour+time.Duration(n)*time.Second)
		}},
		{Name: "title", Code: "title_too_long", Draft: func(n int) network.Draft {
			d := w.Draft("Film")
			d.Settings = map[string]string{"title": strings.Repeat("t", 255+n)}
			return d
		}},
		{Name: "first comment", Code: "text_too_long", Draft: func(n int) network.Draft {
			d := w.Draft("Post")
			d.FirstComment = &network.Part{Text: strings.Repeat("c", 8000+n)}
			return d
		}},
	}
}
