package instagram_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
	"github.com/bellwether-social/bellwether/internal/network/graph/graphfake"
	"github.com/bellwether-social/bellwether/internal/network/instagram"
	"github.com/bellwether-social/bellwether/internal/network/instagram/instagramfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// fake is a running server as the contract suite drives it.
type fake struct{ *instagramfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }

// Say mentions the brand in captions, as people do who want an answer.
func (f fake) Say(kind network.MessageKind, text, on string) string {
	if kind == network.Mention {
		text = "@" + instagramfake.Handle + " " + text
	}
	return f.Fake.Say(kind, text, on)
}

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
	for _, own := range []bool{false, true} {
		f, err := instagramfake.Start(instagramfake.Options{Own: own})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		f.Describe(description)
		c := graph.Client{HTTP: networktest.Client(t, nil), Base: f.URL + "/" + graph.Version, Token: instagramfake.BrandToken, Secret: graphfake.AppSecret}
		node := "/" + instagramfake.Brand
		for name, wrong := range map[string]func() error{
			"an edge": func() error { _, err := c.Get(t.Context(), node+"/reels", nil, nil); return err },
			"a parameter": func() error {
				_, err := c.Create(t.Context(), node+"/media", map[string][]string{"picture_url": {"https://example.com"}}, nil)
				return err
			},
			"a type": func() error {
				_, err := c.Create(t.Context(), node+"/media", map[string][]string{"share_to_feed": {"yes"}}, nil)
				return err
			},
			"a field": func() error {
				_, err := c.Get(t.Context(), node+"/media", map[string][]string{"fields": {"id,text"}}, nil)
				return err
			},
		} {
			before := len(f.Violations())
			if _ = wrong(); len(f.Violations()) == before {
				t.Errorf("own sign-in %t: %s is not noticed", own, name)
			}
		}
	}
}

func start(t *testing.T, o instagramfake.Options) *instagramfake.Fake {
	t.Helper()
	f, err := instagramfake.Start(o)
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

// picture is a small file that is said to be a JPEG.
func picture(alt string) network.Media {
	m := networktest.Picture(alt)
	m.MIME, m.Width, m.Height = "image/jpeg", 1080, 1080
	return m
}

// film is a small file that is said to be an upright video.
func film(string) network.Media {
	m := networktest.Picture("")
	m.Kind, m.MIME, m.Width, m.Height, m.Duration = network.Video, "video/mp4", 1080, 1920, 10*time.Second
	return m
}

// world starts a fake with its brand connected.
func world(t *testing.T, o instagramfake.Options) (*networktest.World, *instagramfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f := start(t, o)
	n := instagram.New(f.URL)
	s := network.Session{HTTP: networktest.Client(t, clock), App: graphfake.App(), Account: network.Account{ID: instagramfake.Brand, Extra: map[string]string{"login": "facebook", "page": instagramfake.Page}},
		Grant: network.Grant{Values: map[string]string{graph.UserToken: graphfake.UserToken, graph.PageToken + instagramfake.Page: instagramfake.BrandToken}}}
	if o.Own {
		s.Account.Extra = map[string]string{"login": "instagram"}
		s.Grant.Values = map[string]string{graph.UserToken: instagramfake.BrandToken}
	}
	var err error
	if s.Account, err = n.Check(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	w := &networktest.World{Network: n, Session: s, Fake: fake{f}, Clock: clock, Account: instagramfake.Brand, OwnLimit: networkfake.LimitedReset, Hook: f.Hook,
		Address: "https://bellwether.example/files/x/file.jpg", File: picture,
		Complete: func(d *network.Draft) { d.Parts[0].Media = []network.Media{picture("A red square")} }}
	w.Rules = rules(w)
	return w, f
}

func TestAccountsOfPagesKeepTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { w, _ := world(t, instagramfake.Options{}); return w })
}

func TestAccountsOfTheirOwnKeepTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, instagramfake.Options{Own: true, AsyncMedia: 2})
		w.Rules, w.Undeletable, w.Unable = nil, true, []network.Act{network.Like, network.Unlike}
		return w
	})
}

func TestReelsKeepTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, instagramfake.Options{AsyncMedia: 1})
		w.Rules, w.File = nil, film
		w.Complete = func(d *network.Draft) { d.Parts[0].Media = []network.Media{film("")} }
		return w
	})
}

func rules(w *networktest.World) []networktest.Rule {
	media := func(n int, settings map[string]string, change func(*network.Media)) network.Draft {
		d := w.Draft("With media")
		d.Settings, d.Parts[0].Media = settings, nil
		for range n {
			m := picture("Red")
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
	set := func(key, value string) network.Draft {
		d := w.Draft("With settings")
		d.Settings = map[string]string{key: value}
		return d
	}
	l := w.Session.Account.Limits
	return []networktest.Rule{
		{Name: "media in a carousel", Code: "media_too_many", Draft: func(n int) network.Draft { return media(l.Media+n, nil, nil) }},
		{Name: "no media", Code: "media_required", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			return media(1-n, nil, nil)
		}},
		{Name: "bytes of a picture", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media(1, nil, func(m *network.Media) { m.Bytes = l.ImageBytes + int64(n) })
		}},
		{Name: "bytes of a reel", Code: "media_too_large", Draft: func(n int) network.Draft {
			return video("", func(m *network.Media) { m.Bytes = l.VideoBytes + int64(n) })
		}},
		{Name: "bytes of a story", Code: "media_too_large", Draft: func(n int) network.Draft {
			return video("story", func(m *network.Media) { m.Bytes = 100<<20 + int64(n) })
		}},
		{Name: "widest picture", Code: "media_ratio", Draft: func(n int) network.Draft {
			return media(1, nil, func(m *network.Media) { m.Width, m.Height = 1910+n, 1000 })
		}},
		{Name: "highest picture", Code: "media_ratio", Draft: func(n int) network.Draft {
			return media(1, nil, func(m *network.Media) { m.Width, m.Height = 1080, 1350+n })
		}},
		{Name: "longest reel", Code: "video_duration", Draft: func(n int) network.Draft {
			return video("", func(m *network.Media) { m.Duration = 15*time.Minute + time.Duration(n)*time.Millisecond })
		}},
		{Name: "shortest reel", Code: "video_duration", Draft: func(n int) network.Draft {
			return video("", func(m *network.Media) { m.Duration = 3*time.Second - time.Duration(n)*time.Millisecond })
		}},
		{Name: "longest story", Code: "video_duration", Draft: func(n int) network.Draft {
			return video("story", func(m *network.Media) { m.Duration = time.Minute + time.Duration(n)*time.Millisecond })
		}},
		{Name: "width of a video", Code: "video_width", Draft: func(n int) network.Draft {
			return video("", func(m *network.Media) { m.Width = 1920 + n })
		}},
		{Name: "media of a story", Code: "story_media", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			return media(1+n, map[string]string{"kind": "story"}, nil)
		}},
		{Name: "characters of a description", Code: "alt_too_long", Draft: func(n int) network.Draft {
			return media(1, nil, func(m *network.Media) { m.Alt = strings.Repeat("ä", l.AltCharacters+n) })
		}},
		{Name: "hashtags", Code: "hashtags_too_many", Draft: func(n int) network.Draft { return w.Draft(strings.Repeat("#tag ", 30+n)) }},
		{Name: "mentions", Code: "mentions_too_many", Draft: func(n int) network.Draft { return w.Draft(strings.Repeat("@ann ", 20+n)) }},
		{Name: "collaborators", Code: "collaborators_too_many", Draft: func(n int) network.Draft { return set("collaborators", strings.Repeat("@ann,", 3+n)) }},
		{Name: "sponsors", Code: "sponsors_too_many", Draft: func(n int) network.Draft { return set("sponsors", strings.Repeat("17841, ", 2+n)) }},
		{Name: "products", Code: "products_too_many", Draft: func(n int) network.Draft { return set("products", strings.Repeat("17841, ", 5+n)) }},
		{Name: "tagged people", Code: "tags_too_many", Draft: func(n int) network.Draft { return set("user_tags", strings.Repeat("ann 0.1 0.2, ", 20+n)) }},
		{Name: "moment of the cover", Code: "thumb_offset", Draft: func(n int) network.Draft {
			d := video("", func(*network.Media) {})
			d.Settings["thumb_offset"] = fmt.Sprint(10000 + n)
			return d
		}},
		{Name: "parts", Code: "threads", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			return w.Draft([]string{"One", "Two"}[:1+n]...)
		}},
		{Name: "first comment", Code: "text_too_long", Draft: func(n int) network.Draft {
			d := w.Draft("Post")
			d.FirstComment = &network.Part{Text: strings.Repeat("c", 2200+n)}
			return d
		}},
	}
}
