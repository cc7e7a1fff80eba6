package tiktok_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/tiktok"
	"github.com/bellwether-social/bellwether/internal/network/tiktok/tiktokfake"
)

// fake is a running network as the contract suite drives it.
type fake struct{ *tiktokfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault)      { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                                    { f.Faults.OnHold(do) }
func (f fake) Release()                                            { f.Faults.Release() }
func (f fake) Say(network.MessageKind, string, string) (id string) { panic("nobody writes here") }

var registered = map[string]string{"client_key": tiktokfake.ClientKey, "client_secret": tiktokfake.ClientSecret}

func start(t *testing.T, o tiktokfake.Options) *tiktokfake.Fake {
	t.Helper()
	f, err := tiktokfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	t.Cleanup(func() {
		for _, v := range f.Violations() {
			t.Errorf("the documentation does not allow: %s", v)
		}
	})
	return f
}

// clip is a video as far as TikTok's rules see it; its bytes are those of a picture.
func clip(string) network.Media {
	m := networktest.Picture("")
	m.Kind, m.MIME, m.Width, m.Height, m.Duration = network.Video, "video/mp4", 1080, 1920, 15*time.Second
	return m
}

func photo(string) network.Media {
	m := networktest.Picture("")
	m.MIME = "image/jpeg"
	return m
}

// world starts a fake and connects its brand; posts have the given file.
func world(t *testing.T, o tiktokfake.Options, file func(string) network.Media) (*networktest.World, *tiktokfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f := start(t, o)
	n := tiktok.New(f.URL)
	session := network.Session{HTTP: networktest.Client(t, clock), App: registered,
		Grant: network.Grant{Values: map[string]string{"access_token": tiktokfake.BrandToken, "refresh_token": tiktokfake.BrandRefresh}}}
	var err error
	if session.Account, err = n.Check(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	w := &networktest.World{Network: n, Session: session, Fake: fake{f}, Clock: clock, Account: tiktokfake.Brand, File: file, Hears: []network.MessageKind{},
		Settings: map[string]string{"privacy": "PUBLIC_TO_EVERYONE"},
		Complete: func(d *network.Draft) {
			for i := range d.Parts {
				d.Parts[i].Media = []network.Media{file("")}
			}
		},
		Hook: func() network.Webhook {
			body, signature := f.News()
			return network.Webhook{Method: http.MethodPost, Header: http.Header{"Tiktok-Signature": {signature}}, Body: body, At: clock.Now()}
		}}
	return w, f
}

// bodiless are the faults that spoil an answer's body: an upload is answered without one.
var bodiless = []networkfake.Fault{networkfake.Truncated, networkfake.Slow, networkfake.EmptySuccess}

func videos(t *testing.T, o tiktokfake.Options) *networktest.World {
	w, _ := world(t, o, clip)
	w.Plays = slices.DeleteFunc(slices.Clone(networkfake.Faults), func(f networkfake.Fault) bool { return slices.Contains(bodiless, f) })
	w.Rules = videoRules(w)
	return w
}

func TestVideosKeepTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { return videos(t, tiktokfake.Options{}) })
}

func TestVideosThatAreLookedAtKeepTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		return videos(t, tiktokfake.Options{Processing: 3, Moderation: 3})
	})
}

func TestPicturesKeepTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, tiktokfake.Options{Processing: 1, Moderation: 1}, photo)
		w.Rules = photoRules(w)
		return w
	})
}

func with(w *networktest.World, files ...network.Media) network.Draft {
	d := w.Draft("With media")
	d.Parts[0].Media = files
	return d
}

func changed(m network.Media, change func(*network.Media)) network.Media {
	change(&m)
	return m
}

func set(w *networktest.World, key, value string) network.Draft {
	d := w.Draft("With a setting")
	d.Settings = map[string]string{"privacy": "PUBLIC_TO_EVERYONE", key: value}
	return d
}

func videoRules(w *networktest.World) []networktest.Rule {
	one := func(change func(*network.Media)) network.Draft { return with(w, changed(clip(""), change)) }
	return []networktest.Rule{
		{Name: "bytes", Code: "media_too_large", Draft: func(n int) network.Draft {
			return one(func(m *network.Media) { m.Bytes = 4<<30 + int64(n) })
		}},
		{Name: "largest side", Code: "media_pixels", Draft: func(n int) network.Draft {
			return one(func(m *network.Media) { m.Height = 4096 + n })
		}},
		{Name: "smallest side", Code: "media_pixels", Draft: func(n int) network.Draft {
			return one(func(m *network.Media) { m.Width = 360 - n })
		}},
		{Name: "length", Code: "video_too_long", Draft: func(n int) network.Draft {
			return one(func(m *network.Media) { m.Duration = 10*time.Minute + time.Duration(n)*time.Millisecond })
		}},
		{Name: "videos in a post", Code: "media_too_many", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			return with(w, slices.Repeat([]network.Media{clip("")}, 1+n)...)
		}},
		{Name: "cover frame", Code: "setting_number", Draft: func(n int) network.Draft {
			return set(w, "cover_ms", map[int]string{-1: "14999", 0: "15000", 1: "15001"}[n])
		}},
	}
}

func photoRules(w *networktest.World) []networktest.Rule {
	return []networktest.Rule{
		{Name: "pictures in a post", Code: "media_too_many", Draft: func(n int) network.Draft {
			return with(w, slices.Repeat([]network.Media{photo("")}, 35+n)...)
		}},
		{Name: "bytes", Code: "media_too_large", Draft: func(n int) network.Draft {
			return with(w, changed(photo(""), func(m *network.Media) { m.Bytes = 20<<20 + int64(n) }))
		}},
		{Name: "longer side", Code: "media_too_many_pixels", Draft: func(n int) network.Draft {
			return with(w, changed(photo(""), func(m *network.Media) { m.Height = 1920 + n }))
		}},
		{Name: "shorter side", Code: "media_too_many_pixels", Draft: func(n int) network.Draft {
			return with(w, changed(photo(""), func(m *network.Media) { m.Width, m.Height = 1920, 1080+n }))
		}},
		{Name: "characters of a title", Code: "title_too_long", Draft: func(n int) network.Draft {
			return set(w, "photo_title", strings.Repeat("t", 90+n))
		}},
		{Name: "cover picture", Code: "setting_number", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			return set(w, "photo_cover", map[int]string{0: "1", 1: "2"}[n])
		}},
	}
}
