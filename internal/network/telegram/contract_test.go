package telegram_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/telegram"
	"github.com/bellwether-social/bellwether/internal/network/telegram/telegramfake"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// fake is a running server as the contract suite drives it.
type fake struct{ *telegramfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }

// description is the published list of methods, read once where it is at hand.
var description = sync.OnceValues(func() (*telegramfake.Description, error) {
	raw, err := os.ReadFile(filepath.Join(os.Getenv("BELLWETHER_SHARED"), "specs", "telegram", "api.json"))
	if err != nil {
		raw, err = os.ReadFile("../../../../shared/specs/telegram/api.json")
	}
	if err != nil {
		return nil, nil
	}
	return telegramfake.ReadDescription(raw)
})

// start runs a fake whose calls are checked against the published description.
func start(t *testing.T, o telegramfake.Options) *telegramfake.Fake {
	t.Helper()
	f, err := telegramfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	d, err := description()
	if err != nil {
		t.Fatal(err)
	}
	if d != nil {
		f.Describe(d)
	}
	t.Cleanup(func() {
		for _, v := range f.Violations() {
			t.Errorf("the published description does not allow: %s", v)
		}
	})
	return f
}

// world starts a fake and connects one of its chats as a person would.
func world(t *testing.T, chat int64, o telegramfake.Options) (*networktest.World, *telegramfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f := start(t, o)
	n := telegram.New(f.URL)
	session := network.Session{HTTP: networktest.Client(t, clock)}
	grant, accounts, err := n.SignIn(t.Context(), session.HTTP, map[string]string{"token": telegramfake.Token, "chats": strconv.FormatInt(chat, 10)})
	if err != nil {
		t.Fatal(err)
	}
	session.Grant, session.Account = grant, accounts[0]
	w := &networktest.World{Network: n, Session: session, Fake: fake{f}, Clock: clock, Account: telegramfake.Brand, OwnLimit: networkfake.LimitedReset,
		FilesInPost: true, ToldOnly: true}
	w.Rules = rules(w)
	return w, f
}

func TestRequestsAreCheckedAgainstTheDescription(t *testing.T) {
	sharedtest.Dir(t)
	if d, err := description(); err != nil || d == nil {
		t.Fatalf("the published description of the API was not read: %v", err)
	}
}

func TestChannelWithDiscussionKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, telegramfake.Channel, telegramfake.Options{})
		return w
	})
}

func TestChannelWithoutDiscussionKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, telegramfake.Quiet, telegramfake.Options{})
		w.Hears, w.NoComment = []network.MessageKind{network.Direct}, true
		w.Settings = map[string]string{"silent": "on", "protect": "on", "buttons": "Shop | https://example.com/shop; Help | https://example.com/help", "preview": "large"}
		return w
	})
}

func TestGroupKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, telegramfake.Group, telegramfake.Options{})
		w.Hears = []network.MessageKind{network.Direct, network.Comment}
		return w
	})
}

func rules(w *networktest.World) []networktest.Rule {
	media := func(n int, change func(*network.Media)) network.Draft {
		d := w.Draft("With media")
		d.Settings = nil
		for range n {
			m := networktest.Picture("")
			if change != nil {
				change(&m)
			}
			d.Parts[0].Media = append(d.Parts[0].Media, m)
		}
		return d
	}
	poll := func(set map[string]string, change func(*network.Part)) network.Draft {
		d := w.Draft("Which?")
		d.Settings = set
		d.Parts[0].Poll = &network.Poll{Options: []string{"This", "That"}, Duration: time.Hour}
		change(&d.Parts[0])
		return d
	}
	caption := func(n int) network.Draft {
		d := media(1, nil)
		d.Parts[0].Text = strings.Repeat("a", 1024+n)
		return d
	}
	return []networktest.Rule{
		{Name: "text below a picture", Code: "text_too_long", Draft: caption},
		{Name: "files of an album", Code: "media_too_many", Draft: func(n int) network.Draft { return media(10+n, nil) }},
		{Name: "bytes of a photo", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Bytes = 10<<20 + int64(n) })
		}},
		{Name: "bytes of a video", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Kind, m.MIME, m.Bytes = network.Video, "video/mp4", 50<<20+int64(n) })
		}},
		{Name: "sides of a photo", Code: "media_too_many_pixels", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Width, m.Height = 5000, 5000+n })
		}},
		{Name: "ratio of a photo", Code: "media_ratio", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Width, m.Height = 2000+n, 100 })
		}},
		{Name: "animations in an album", Code: "media_mixed", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			return media(1+n, func(m *network.Media) { m.Kind, m.MIME = network.GIF, "image/gif" })
		}},
		{Name: "question", Code: "text_too_long", Draft: func(n int) network.Draft {
			return poll(nil, func(p *network.Part) { p.Text = strings.Repeat("q", 300+n) })
		}},
		{Name: "options of a poll", Code: "poll_options", Draft: func(n int) network.Draft {
			return poll(nil, func(p *network.Part) {
				p.Poll.Options = nil
				for i := range 12 + n {
					p.Poll.Options = append(p.Poll.Options, strings.Repeat("o", i+1))
				}
			})
		}},
		{Name: "characters of an option", Code: "poll_option_too_long", Draft: func(n int) network.Draft {
			return poll(nil, func(p *network.Part) { p.Poll.Options[1] = strings.Repeat("o", 100+n) })
		}},
		{Name: "longest poll", Code: "poll_duration", Draft: func(n int) network.Draft {
			return poll(nil, func(p *network.Part) { p.Poll.Duration = time.Duration(2_628_000+n) * time.Second })
		}},
		{Name: "shortest poll", Code: "poll_duration", Draft: func(n int) network.Draft {
			return poll(nil, func(p *network.Part) { p.Poll.Duration = time.Duration(5-n) * time.Second })
		}},
		{Name: "right answer", Code: "quiz_answer", Draft: func(n int) network.Draft {
			return poll(map[string]string{"quiz_answer": strconv.Itoa(2 + n)}, func(*network.Part) {})
		}},
		{Name: "explanation of the answer", Code: "quiz_explanation_too_long", Draft: func(n int) network.Draft {
			return poll(map[string]string{"quiz_answer": "1", "quiz_explanation": strings.Repeat("e", 200+n)}, func(*network.Part) {})
		}},
		{Name: "latitude", Code: "location_invalid", Draft: func(n int) network.Draft {
			d := w.Draft("The shop\nHigh Street 1")
			d.Settings = map[string]string{"location": strconv.Itoa(90+n) + ", 13.405"}
			return d
		}},
	}
}
