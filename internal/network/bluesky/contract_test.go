package bluesky_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/bluesky"
	"github.com/bellwether-social/bellwether/internal/network/bluesky/blueskyfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// fake is a running server as the contract suite drives it.
type fake struct{ *blueskyfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }

func (f fake) Say(kind network.MessageKind, text, on string) string {
	switch kind {
	case network.Direct:
		return f.Write("stranger.test", text)
	case network.Mention:
		text = "@" + blueskyfake.Brand + " " + text
	}
	return f.Fake.Say("stranger.test", text, on)
}

var lexicon = func() func(string) (*blueskyfake.Lexicon, error) {
	var once sync.Once
	var l *blueskyfake.Lexicon
	var err error
	return func(shared string) (*blueskyfake.Lexicon, error) {
		once.Do(func() { l, err = blueskyfake.Read(filepath.Join(shared, "specs", "bluesky", "lexicons")) })
		return l, err
	}
}()

// world starts a fake and connects its brand as a person would.
func world(t *testing.T, o blueskyfake.Options) (*networktest.World, *blueskyfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	if o.TokenLife == 0 {
		o.TokenLife = 1000 * time.Hour
	}
	f, err := blueskyfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	described, err := lexicon(sharedtest.Dir(t))
	if err != nil {
		t.Fatal(err)
	}
	f.Describe(described)
	t.Cleanup(func() {
		for _, v := range f.Violations() {
			t.Errorf("the lexicons do not allow: %s", v)
		}
	})
	session := network.Session{HTTP: networktest.Client(t, clock)}
	grant, accounts, err := bluesky.New().SignIn(t.Context(), session.HTTP, credentials(f))
	if err != nil {
		t.Fatal(err)
	}
	session.Grant, session.Account = grant, accounts[0]
	w := &networktest.World{Network: bluesky.New(), Session: session, Fake: fake{f}, Clock: clock, Account: blueskyfake.Brand, OwnLimit: networkfake.LimitedReset}
	w.Rules = rules(w)
	return w, f
}

func credentials(f *blueskyfake.Fake) map[string]string {
	return map[string]string{"handle": "@" + blueskyfake.Brand, "password": blueskyfake.BrandPassword, "server": f.URL, "plc": f.URL + "/plc"}
}

func TestBlueskyKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { w, _ := world(t, blueskyfake.Options{}); return w })
}

func TestPostsWithGatesKeepTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, blueskyfake.Options{NoChat: true})
		w.Settings = map[string]string{"replies": "mention, follower", "quotes_off": "on", "languages": "en,pt-BR", "labels": "nudity", "tags": "spring, #sale"}
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
	set := func(key, value string) network.Draft {
		d := w.Draft("With a setting")
		d.Settings = map[string]string{key: value}
		return d
	}
	letters := func(n int) string { // n different words
		var out []string
		for i := range n {
			out = append(out, "a"+strings.Repeat("b", i))
		}
		return strings.Join(out, ",")
	}
	return []networktest.Rule{
		{Name: "bytes of a text", Code: "text_too_long", Draft: func(n int) network.Draft {
			return w.Draft(strings.Repeat("👩‍👩‍👧‍👦", 119) + strings.Repeat("a", 3000-119*25+n))
		}},
		{Name: "pictures in a post", Code: "media_too_many", Draft: func(n int) network.Draft { return media(l.Media+n, nil) }},
		{Name: "bytes of a picture", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Bytes = l.ImageBytes + int64(n) })
		}},
		{Name: "bytes of a video", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Kind, m.MIME, m.Bytes = network.Video, "video/mp4", l.VideoBytes+int64(n) })
		}},
		{Name: "length of a video", Code: "video_too_long", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) {
				m.Kind, m.MIME, m.Duration = network.Video, "video/mp4", 3*time.Minute+time.Duration(n)
			})
		}},
		{Name: "videos in a post", Code: "media_mixed", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			return media(1+n, func(m *network.Media) { m.Kind, m.MIME = network.Video, "video/mp4" })
		}},
		{Name: "characters of a description", Code: "alt_too_long", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Alt = strings.Repeat("ä", l.AltCharacters+n) })
		}},
		{Name: "bytes of a card's picture", Code: "media_too_large", Draft: func(n int) network.Draft {
			d := w.Draft("With a card")
			thumb := networktest.Picture("")
			thumb.Bytes = 1_000_000 + int64(n)
			d.Parts[0].Card = &network.Card{URL: "https://example.com/", Title: "Example", Thumb: &thumb}
			return d
		}},
		{Name: "languages", Code: "languages_too_many", Draft: func(n int) network.Draft {
			return set("languages", strings.Join([]string{"en", "de", "fr", "es"}[:3+n], ","))
		}},
		{Name: "tags", Code: "tags_too_many", Draft: func(n int) network.Draft { return set("tags", letters(8+n)) }},
		{Name: "characters of a tag", Code: "tag_too_long", Draft: func(n int) network.Draft { return set("tags", strings.Repeat("ä", 64+n)) }},
	}
}
