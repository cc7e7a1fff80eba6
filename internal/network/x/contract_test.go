package x_test

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
	"github.com/bellwether-social/bellwether/internal/network/x"
	"github.com/bellwether-social/bellwether/internal/network/x/xfake"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// fake is a running server as the contract suite drives it.
type fake struct{ *xfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }

func (f fake) Say(kind network.MessageKind, text, on string) string {
	return f.Fake.Say("stranger", kind, text, on)
}

var registered = map[string]string{"client_id": xfake.ClientID, "client_secret": xfake.ClientSecret, "consumer_secret": xfake.ConsumerSecret}

// world starts a fake and connects its brand.
func world(t *testing.T, o xfake.Options) (*networktest.World, *xfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f := start(t, o)
	session := network.Session{HTTP: networktest.Client(t, clock), App: registered,
		Grant: network.Grant{Values: map[string]string{"access_token": xfake.BrandToken, "refresh_token": xfake.BrandRefresh}}}
	n := x.New(f.URL)
	var err error
	if session.Account, err = n.Check(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	w := &networktest.World{Network: n, Session: session, Fake: fake{f}, Clock: clock, Account: xfake.Brand, OwnLimit: networkfake.LimitedReset, Hook: f.Hook}
	w.Rules = rules(w)
	return w, f
}

func start(t *testing.T, o xfake.Options) *xfake.Fake {
	t.Helper()
	if description != nil {
		o.Check = description.Check
	}
	f, err := xfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.Close()
		for _, v := range f.Violations() {
			t.Errorf("X's description does not allow: %s", v)
		}
	})
	return f
}

// description is X's own, read once where it is at hand; then all requests of all tests are checked against it.
var description *described.Document

func TestMain(m *testing.M) {
	shared := os.Getenv("BELLWETHER_SHARED")
	if shared == "" {
		shared = "../../../../shared"
	}
	if raw, err := os.ReadFile(filepath.Join(shared, "specs", "x", "openapi.json")); err == nil {
		if description, err = described.Read(raw); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// TestRequestsAreCheckedAgainstTheDescription makes sure that the check has not vanished unseen.
func TestRequestsAreCheckedAgainstTheDescription(t *testing.T) {
	sharedtest.Dir(t)
	if description == nil {
		t.Fatal("X's description was not read")
	}
	for body, wrong := range map[string]bool{`{"text":"x"}`: false, `{"text":"x","poll":{"options":["a"],"duration_minutes":5}}`: true, `{"words":"x"}`: true, `{"text":"x","reply_settings":"everyone"}`: true} {
		r, _ := http.NewRequest(http.MethodPost, "https://api.x.com/2/tweets", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		if found := description.Check(r, []byte(body)); (len(found) > 0) != wrong {
			t.Errorf("%s: %v", body, found)
		}
	}
}

func TestXKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { w, _ := world(t, xfake.Options{}); return w })
}

func TestSubscriberKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, xfake.Options{Subscription: "Premium"})
		return w
	})
}

func rules(w *networktest.World) []networktest.Rule {
	l := w.Network.Spec().Limits
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
	video := func(change func(*network.Media)) network.Draft {
		return media(1, func(m *network.Media) {
			m.Kind, m.MIME, m.Width, m.Height, m.Duration = network.Video, "video/mp4", 640, 480, time.Minute
			change(m)
		})
	}
	poll := func(change func(*network.Poll)) network.Draft {
		d := w.Draft("Which?")
		d.Parts[0].Poll = &network.Poll{Options: []string{"This", "That"}, Duration: time.Hour}
		change(d.Parts[0].Poll)
		return d
	}
	set := func(key, value string) network.Draft {
		d := media(1, nil)
		d.Settings = map[string]string{key: value}
		return d
	}
	all := []networktest.Rule{
		{Name: "media in a post", Code: "media_too_many", Draft: func(n int) network.Draft { return media(l.Media+n, nil) }},
		{Name: "bytes of an image", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Bytes = l.ImageBytes + int64(n) })
		}},
		{Name: "bytes of an animation", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Kind, m.MIME, m.Bytes = network.GIF, "image/gif", 15<<20+int64(n) })
		}},
		{Name: "width of an animation", Code: "media_too_many_pixels", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Kind, m.MIME, m.Width, m.Height = network.GIF, "image/gif", 1280+n, 1080 })
		}},
		{Name: "bytes of a video", Code: "media_too_large", Draft: func(n int) network.Draft {
			return video(func(m *network.Media) { m.Bytes = l.VideoBytes + int64(n) })
		}},
		{Name: "shortest video", Code: "media_too_short", Draft: func(n int) network.Draft {
			return video(func(m *network.Media) { m.Duration = 500*time.Millisecond - time.Duration(n)*time.Millisecond })
		}},
		{Name: "smallest video", Code: "media_too_small", Draft: func(n int) network.Draft { return video(func(m *network.Media) { m.Width, m.Height = 32-n, 40 }) }},
		{Name: "widest video", Code: "media_ratio", Draft: func(n int) network.Draft { return video(func(m *network.Media) { m.Width, m.Height = 1200+n, 400 }) }},
		{Name: "videos in a post", Code: "media_mixed", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			return media(1+n, func(m *network.Media) { m.Kind, m.MIME = network.Video, "video/mp4" })
		}},
		{Name: "characters of a description", Code: "alt_too_long", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Alt = strings.Repeat("ä", l.AltCharacters+n) })
		}},
		{Name: "stock symbols", Code: "cashtags_too_many", Draft: func(n int) network.Draft { return w.Draft("Up: " + strings.Repeat("$ABC ", 1+n) + "today") }},
		{Name: "people tagged", Code: "tagged_too_many", Draft: func(n int) network.Draft { return set("tagged", numbered(10+n)) }},
		{Name: "options of a poll", Code: "poll_options", Draft: func(n int) network.Draft {
			return poll(func(p *network.Poll) { p.Options = strings.Split(numbered(l.PollOptions+n), ",") })
		}},
		{Name: "characters of an option", Code: "poll_option_too_long", Draft: func(n int) network.Draft {
			return poll(func(p *network.Poll) { p.Options[1] = strings.Repeat("ö", l.PollOptionChars+n) })
		}},
		{Name: "longest poll", Code: "poll_duration", Draft: func(n int) network.Draft {
			return poll(func(p *network.Poll) { p.Duration = time.Duration(l.PollMaxSeconds+int64(n)) * time.Second })
		}},
		{Name: "shortest poll", Code: "poll_duration", Draft: func(n int) network.Draft {
			return poll(func(p *network.Poll) { p.Duration = time.Duration(l.PollMinSeconds-int64(n)) * time.Second })
		}},
	}
	if s := w.Session.Account.Extra["subscription"]; s == "None" {
		all = append(all, networktest.Rule{Name: "longest video", Code: "media_too_long", Draft: func(n int) network.Draft {
			return video(func(m *network.Media) { m.Duration = 140*time.Second + time.Duration(n)*time.Second })
		}})
	}
	return all
}

func numbered(n int) string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("name%d", i))
	}
	return strings.Join(names, ",")
}
