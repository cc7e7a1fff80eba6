package snapchat_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
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
	"github.com/bellwether-social/bellwether/internal/network/snapchat"
	"github.com/bellwether-social/bellwether/internal/network/snapchat/snapchatfake"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// fake is the running network as the contract suite drives it.
type fake struct{ *snapchatfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }
func (f fake) Say(network.MessageKind, string, string) string {
	panic("nobody can write to a profile")
}

var app = map[string]string{"client_id": snapchatfake.AppID, "client_secret": snapchatfake.AppSecret}

// world starts a fake and connects its brand; drafts are Spotlights, the one kind that has words.
func world(t *testing.T, o snapchatfake.Options) (*networktest.World, *snapchatfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f := start(t, o)
	n := snapchat.New(f.URL)
	session := network.Session{HTTP: networktest.Client(t, clock), App: app, Account: network.Account{ID: snapchatfake.Profile},
		Grant: network.Grant{Values: map[string]string{"access_token": snapchatfake.BrandToken, "refresh_token": snapchatfake.BrandRefresh}}}
	var err error
	if session.Account, err = n.Check(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	w := &networktest.World{Network: n, Session: session, Fake: fake{f}, Clock: clock, Account: snapchatfake.Brand, Hears: []network.MessageKind{},
		Settings: map[string]string{"kind": "spotlight"}, File: func(string) network.Media { return film(4000) },
		Complete: func(d *network.Draft) { d.Parts[0].Media = []network.Media{film(4000)} }}
	w.Rules = rules(w)
	return w, f
}

// film is a video of that many bytes.
func film(size int) network.Media {
	raw := bytes.Repeat([]byte("film"), size/4+1)[:size]
	return network.Media{Kind: network.Video, MIME: "video/mp4", Bytes: int64(size), Duration: 10 * time.Second, Width: 1080, Height: 1920, SHA256: "0123456789abcdef0123",
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }}
}

// snap is a picture that is large enough.
func snap() network.Media {
	m := networktest.Picture("A picture")
	m.Width, m.Height = 1080, 1920
	return m
}

func start(t *testing.T, o snapchatfake.Options) *snapchatfake.Fake {
	t.Helper()
	f, err := snapchatfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	if description != nil {
		f.Describe(allowed)
	}
	t.Cleanup(func() {
		for _, v := range f.Violations() {
			t.Errorf("Snapchat does not allow: %s", v)
		}
	})
	return f
}

var description *described.Document

// TestMain reads the description of the API where it is at hand. It is a stranger's, of profiles alone.
func TestMain(m *testing.M) {
	shared := os.Getenv("BELLWETHER_SHARED")
	if shared == "" {
		shared = "../../../../shared"
	}
	if raw, err := os.ReadFile(filepath.Join(shared, "specs", "snapchat", "public-profile-unofficial.yaml")); err == nil {
		if description, err = described.Read(raw); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// allowed checks the calls about profiles; the description knows nothing of posting.
func allowed(r *http.Request, body []byte) []string {
	about := strings.HasPrefix(r.URL.Path, "/v1/organizations/") || strings.HasPrefix(r.URL.Path, "/v1/public_profiles/") && strings.Count(r.URL.Path, "/") == 3
	if !about {
		return nil
	}
	return description.Check(r, body)
}

// TestRequestsAreCheckedAgainstTheDescription makes sure that the check has not vanished unseen.
func TestRequestsAreCheckedAgainstTheDescription(t *testing.T) {
	sharedtest.Dir(t)
	if description == nil {
		t.Fatal("the description of the API was not read")
	}
	for _, target := range []string{"/v1/organizations/1/profiles", "/v1/public_profiles/my_profile?fields=x"} {
		r, _ := http.NewRequest(http.MethodGet, "http://x"+target, nil)
		if len(allowed(r, nil)) == 0 {
			t.Errorf("%s is not noticed", target)
		}
	}
}

func TestSpotlightsKeepTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { w, _ := world(t, snapchatfake.Options{}); return w })
}

func TestSpotlightsKeepTheContractInEveryShapeOfAnswer(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, snapchatfake.Options{Wrapped: true, Review: "LIVE"})
		return w
	})
}

func rules(w *networktest.World) []networktest.Rule {
	with := func(kind string, m network.Media) network.Draft {
		d := w.Draft("Words")
		d.Settings = map[string]string{"kind": kind}
		d.Parts[0].Media = []network.Media{m}
		return d
	}
	runs := func(kind string, d time.Duration) network.Draft {
		m := film(4000)
		m.Duration = d
		return with(kind, m)
	}
	return []networktest.Rule{
		{Name: "characters of a title", Code: "title_too_long", Draft: func(n int) network.Draft {
			d := with("saved_story", snap())
			d.Settings["title"] = strings.Repeat("ä", 45+n)
			return d
		}},
		{Name: "files", Code: "media_too_many", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			d := with("story", snap())
			for range n {
				d.Parts[0].Media = append(d.Parts[0].Media, snap())
			}
			return d
		}},
		{Name: "longest video", Code: "video_duration", Draft: func(n int) network.Draft { return runs("spotlight", time.Duration(60+n)*time.Second) }},
		{Name: "shortest Spotlight", Code: "video_duration", Draft: func(n int) network.Draft { return runs("spotlight", time.Duration(6-n)*time.Second) }},
		{Name: "shortest story", Code: "video_duration", Draft: func(n int) network.Draft { return runs("story", time.Duration(5-n)*time.Second) }},
		{Name: "bytes of a video", Code: "media_too_large", Draft: func(n int) network.Draft {
			m := film(4000)
			m.Bytes = 500<<20 + int64(n)
			return with("spotlight", m)
		}},
		{Name: "bytes of a picture", Code: "media_too_large", Draft: func(n int) network.Draft {
			m := snap()
			m.Bytes = 20<<20 + int64(n)
			return with("story", m)
		}},
		{Name: "narrowest file", Code: "media_too_small", Draft: func(n int) network.Draft {
			m := snap()
			m.Width = 540 - n
			return with("story", m)
		}},
		{Name: "lowest file", Code: "media_too_small", Draft: func(n int) network.Draft {
			m := snap()
			m.Height = 960 - n
			return with("story", m)
		}},
	}
}
