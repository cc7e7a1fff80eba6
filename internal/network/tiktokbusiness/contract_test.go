package tiktokbusiness_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/tiktokbusiness"
	"github.com/bellwether-social/bellwether/internal/network/tiktokbusiness/tiktokbusinessfake"
)

// fake is a running network as the contract suite drives it.
type fake struct{ *tiktokbusinessfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }
func (f fake) Say(_ network.MessageKind, text, on string) string {
	return f.Fake.Say("stranger", text, on)
}

func registered(f *tiktokbusinessfake.Fake) map[string]string {
	return map[string]string{"client_id": tiktokbusinessfake.AppID, "client_secret": tiktokbusinessfake.Secret, "authorize_url": f.AuthorizeURL()}
}

func start(t *testing.T, o tiktokbusinessfake.Options) *tiktokbusinessfake.Fake {
	t.Helper()
	f, err := tiktokbusinessfake.Start(o)
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
func world(t *testing.T, o tiktokbusinessfake.Options, file func(string) network.Media) (*networktest.World, *tiktokbusinessfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f := start(t, o)
	n := tiktokbusiness.New(f.URL)
	session := network.Session{HTTP: networktest.Client(t, clock), App: registered(f), Grant: network.Grant{Values: map[string]string{
		"access_token": tiktokbusinessfake.BrandToken, "refresh_token": tiktokbusinessfake.BrandRefresh, "open_id": tiktokbusinessfake.OpenID}}}
	var err error
	if session.Account, err = n.Check(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	w := &networktest.World{Network: n, Session: session, Fake: fake{f}, Clock: clock, Account: tiktokbusinessfake.Brand, File: file, FilesInPost: true,
		Hears: []network.MessageKind{network.Comment}, Settings: map[string]string{"privacy": "PUBLIC_TO_EVERYONE"},
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

func TestVideosKeepTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, tiktokbusinessfake.Options{}, clip)
		w.Rules = videoRules(w)
		return w
	})
}

func TestPicturesThatAreLookedAtKeepTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, tiktokbusinessfake.Options{Processing: 2, Moderation: 2}, photo)
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
			return one(func(m *network.Media) { m.Bytes = 1<<30 + int64(n) })
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
		{Name: "shortest", Code: "video_too_short", Draft: func(n int) network.Draft {
			return one(func(m *network.Media) { m.Duration = 3*time.Second - time.Duration(n)*time.Millisecond })
		}},
		{Name: "characters of the first comment", Code: "text_too_long", Draft: func(n int) network.Draft {
			d := w.Draft("Hello")
			d.FirstComment = &network.Part{Text: strings.Repeat("c", 1200+n)}
			return d
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
