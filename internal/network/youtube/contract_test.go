package youtube_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	"github.com/bellwether-social/bellwether/internal/network/youtube"
	"github.com/bellwether-social/bellwether/internal/network/youtube/youtubefake"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// fake is a running Google as the contract suite drives it.
type fake struct{ *youtubefake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }

func (f fake) Say(_ network.MessageKind, text, on string) string {
	return f.Fake.Say("stranger", text, on)
}

// clip is a video as far as anybody here looks at it.
func clip(words string, size int) network.Media {
	raw := append([]byte(words), make([]byte, max(0, size-len(words)))...)
	sum := sha256.Sum256(raw)
	return network.Media{ID: "rend_" + words, Kind: network.Video, MIME: "video/mp4", Bytes: int64(len(raw)), Width: 1920, Height: 1080, Duration: time.Minute, SHA256: hex.EncodeToString(sum[:]),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }}
}

func world(t *testing.T, o youtubefake.Options) (*networktest.World, *youtubefake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f := start(t, o)
	session := network.Session{HTTP: networktest.Client(t, clock), App: app(),
		Grant: network.Grant{Values: map[string]string{"access_token": youtubefake.BrandToken, "refresh_token": youtubefake.BrandRefresh}}}
	var err error
	if session.Account, err = youtube.New(f.URL).Check(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	w := &networktest.World{Network: youtube.New(f.URL), Session: session, Fake: fake{f}, Clock: clock, Account: youtubefake.Brand,
		Settings: map[string]string{"title": "Spring"}, Hears: []network.MessageKind{network.Comment},
		File:     func(string) network.Media { return clip("a video", 0) },
		Complete: func(d *network.Draft) { d.Parts[0].Media = []network.Media{clip("a video", 0)} }}
	w.Rules = rules(w)
	return w, f
}

func app() map[string]string {
	return map[string]string{"client_id": youtubefake.ClientID, "client_secret": youtubefake.ClientSecret}
}

// descriptions are read once, and only where they are at hand; then all requests of all tests are checked against them.
var descriptions []*described.Document

func TestMain(m *testing.M) {
	dir := os.Getenv("BELLWETHER_SHARED")
	if dir == "" {
		dir = "../../../../shared"
	}
	for _, name := range []string{"youtube-v3.json", "youtubeanalytics-v2.json"} {
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

func start(t *testing.T, o youtubefake.Options) *youtubefake.Fake {
	t.Helper()
	f, err := youtubefake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	f.Describe(descriptions...)
	t.Cleanup(func() {
		for _, v := range f.Violations() {
			t.Errorf("the published description does not allow: %s", v)
		}
	})
	return f
}

// TestRequestsAreCheckedAgainstTheDescription makes sure that the check has not vanished unseen.
func TestRequestsAreCheckedAgainstTheDescription(t *testing.T) {
	sharedtest.Dir(t)
	if len(descriptions) != 2 {
		t.Fatal("the published descriptions of the API were not read")
	}
	f, err := youtubefake.Start(youtubefake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.Describe(descriptions...)
	for _, wrong := range []func() (*http.Response, error){
		func() (*http.Response, error) { return http.Get(f.URL + "/youtube/v3/channels?mine=true") },
		func() (*http.Response, error) { return http.Get(f.URL + "/youtube/v3/channels?part=snippet&my=true") },
		func() (*http.Response, error) { return http.Get(f.URL + "/v2/reports?id=x") },
		func() (*http.Response, error) {
			return http.Post(f.URL+"/youtube/v3/comments?part=snippet", "application/json", strings.NewReader(`{"words":"x"}`))
		},
		func() (*http.Response, error) {
			return http.Post(f.URL+"/upload/youtube/v3/videos?part=snippet&uploadType=resumable", "application/json", strings.NewReader(`{"status":{"privacyStatus":"friends"}}`))
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

func TestYouTubeKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { w, _ := world(t, youtubefake.Options{}); return w })
}

func TestYouTubeThatProcessesForAWhileKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { w, _ := world(t, youtubefake.Options{Polls: 3}); return w })
}

func rules(w *networktest.World) []networktest.Rule {
	media := func(change func(*network.Media)) network.Draft {
		d := w.Draft("With media")
		change(&d.Parts[0].Media[0])
		return d
	}
	set := func(key, value string) network.Draft {
		d := w.Draft("With a setting")
		d.Settings = map[string]string{"title": "Spring", key: value}
		return d
	}
	return []networktest.Rule{
		{Name: "characters of the title", Code: "title_too_long", Draft: func(n int) network.Draft { return set("title", strings.Repeat("ü", 100+n)) }},
		{Name: "characters of the tags", Code: "tags_too_long", Draft: func(n int) network.Draft { // "two words" counts 11, the comma 1
			return set("tags", "two words, #"+strings.Repeat("t", 500-12+n))
		}},
		{Name: "bytes of the video", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media(func(m *network.Media) { m.Bytes = 256<<30 + int64(n) })
		}},
		{Name: "length of the video", Code: "media_too_long", Draft: func(n int) network.Draft {
			return media(func(m *network.Media) { m.Duration = 12*time.Hour + time.Duration(n)*time.Second })
		}},
		{Name: "length of a Short", Code: "media_too_long", Draft: func(n int) network.Draft {
			d := set("kind", "short")
			m := &d.Parts[0].Media[0]
			m.Width, m.Height, m.Duration = 1080, 1920, 3*time.Minute+time.Duration(n)*time.Second
			return d
		}},
		{Name: "width of a Short", Code: "media_ratio", Draft: func(n int) network.Draft {
			d := set("kind", "short")
			m := &d.Parts[0].Media[0]
			m.Width, m.Height = 1080+n, 1080
			return d
		}},
		{Name: "videos", Code: "media_too_many", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			d := w.Draft("Several")
			for range n {
				d.Parts[0].Media = append(d.Parts[0].Media, clip("another", 0))
			}
			return d
		}},
		{Name: "no video", Code: "media_required", Draft: func(n int) network.Draft {
			d := w.Draft("None")
			if n > 0 {
				d.Parts[0].Media = []network.Media{networktest.Picture("")}
			}
			return d
		}},
		{Name: "bytes of the thumbnail", Code: "media_too_large", Draft: func(n int) network.Draft {
			d, m := w.Draft("With a thumbnail"), networktest.Picture("")
			m.Bytes = 2<<20 + int64(n)
			d.Parts[0].Media = append(d.Parts[0].Media, m)
			return d
		}},
		{Name: "characters of the first comment", Code: "text_too_long", Draft: func(n int) network.Draft {
			d := w.Draft("With a comment")
			d.FirstComment = &network.Part{Text: strings.Repeat("ü", 10000+n)}
			return d
		}},
		{Name: "time of YouTube's own", Code: "publish_at_past", Draft: func(n int) network.Draft {
			return set("publish_at", w.Clock.Now().Add(time.Second*time.Duration(1-max(0, n))).Format(time.RFC3339))
		}},
	}
}
