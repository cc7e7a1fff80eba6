package discord_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/discord"
	"github.com/bellwether-social/bellwether/internal/network/discord/discordfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake/described"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// fake is a running server as the contract suite drives it.
type fake struct{ *discordfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }

// description is Discord's own description of its API, read once where it is at hand.
var description = sync.OnceValues(func() (*discordfake.Judge, error) {
	raw, err := os.ReadFile(filepath.Join(os.Getenv("BELLWETHER_SHARED"), "specs", "discord", "openapi.json"))
	if err != nil {
		raw, err = os.ReadFile("../../../../shared/specs/discord/openapi.json")
	}
	if err != nil {
		return nil, nil
	}
	doc, err := described.Read(raw)
	return discordfake.NewJudge(doc), err
})

func start(t *testing.T, o discordfake.Options) *discordfake.Fake {
	t.Helper()
	f, err := discordfake.Start(o)
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
			t.Errorf("not allowed: %s", v)
		}
	})
	return f
}

type connector interface {
	network.Network
	network.PasswordConnector
}

// connected starts a fake and signs in to it.
func connected(t *testing.T, make func(at string) connector, fields func(*discordfake.Fake) map[string]string) (*networktest.World, *discordfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	f := start(t, discordfake.Options{Now: clock.Now, Moderator: true})
	n := make(f.URL)
	session := network.Session{HTTP: networktest.Client(t, clock)}
	grant, accounts, err := n.SignIn(t.Context(), session.HTTP, fields(f))
	if err != nil {
		t.Fatal(err)
	}
	session.Grant, session.Account = grant, accounts[0]
	w := &networktest.World{Network: n, Session: session, Fake: fake{f}, Clock: clock, Account: discordfake.Brand, OwnLimit: networkfake.LimitedReset, FilesInPost: true,
		Hears: []network.MessageKind{network.Comment, network.Mention}}
	w.Rules = rules(w)
	return w, f
}

// bot connects a channel by a bot.
func bot(t *testing.T, channel string) (*networktest.World, *discordfake.Fake) {
	t.Helper()
	return connected(t, func(at string) connector { return discord.New(at) }, func(*discordfake.Fake) map[string]string {
		return map[string]string{"token": discordfake.Token, "channels": channel}
	})
}

// webhook connects a webhook, with a bot to look things up or without.
func webhook(t *testing.T, id, token string) (*networktest.World, *discordfake.Fake) {
	t.Helper()
	return connected(t, func(at string) connector { return discord.NewWebhook(at) }, func(f *discordfake.Fake) map[string]string {
		return map[string]string{"webhook": f.HookURL(id), "token": token}
	})
}

// TestRequestsAreCheckedAgainstTheDescription makes sure that the check has not vanished unseen.
func TestRequestsAreCheckedAgainstTheDescription(t *testing.T) {
	sharedtest.Dir(t)
	d, err := description()
	if err != nil || d == nil {
		t.Fatalf("the published description of the API was not read: %v", err)
	}
	f, err := discordfake.Start(discordfake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.Describe(d)
	for _, wrong := range []struct{ method, path, body string }{
		{"GET", "/users/me", ""},
		{"GET", "/channels/" + discordfake.Text + "/messages?count=5", ""},
		{"POST", "/channels/" + discordfake.Text + "/messages", `{"text":"x"}`},
		{"POST", "/channels/" + discordfake.Text + "/messages", `{"content":7,"allowed_mentions":{"parse":[]}}`},
		{"POST", "/channels/" + discordfake.Text + "/messages", `{"content":"x","allowed_mentions":{"parse":["all"]}}`},
		{"POST", "/channels/" + discordfake.Text + "/messages", `{"content":"x"}`},
		{"POST", "/webhooks/" + discordfake.Hook + "/" + discordfake.HookToken, `{"content":"x","allowed_mentions":{"parse":[]}}`},
	} {
		before := len(f.Violations())
		req, _ := http.NewRequest(wrong.method, f.URL+"/api/v10"+wrong.path, strings.NewReader(wrong.body))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("User-Agent", "DiscordBot (https://example.com, 1)")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if len(f.Violations()) == before {
			t.Errorf("%s %s %s is not noticed", wrong.method, wrong.path, wrong.body)
		}
	}
}

func TestBotKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { w, _ := bot(t, discordfake.Text); return w })
}

func TestForumKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := bot(t, discordfake.Forum)
		w.Hears = []network.MessageKind{network.Comment}
		w.Settings = map[string]string{"thread_name": "An idea", "tags": discordfake.Tag}
		return w
	})
}

func TestWebhookKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := webhook(t, discordfake.Hook, "")
		w.Settings = map[string]string{"username": "Spring", "silent": "on", "mentions": "users"}
		return w
	})
}

func TestWebhookWithABotKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := webhook(t, discordfake.Hook, discordfake.Token)
		return w
	})
}

func TestWebhookOfAForumKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := webhook(t, discordfake.ForumHook, discordfake.Token)
		w.Settings = map[string]string{"thread_name": "An idea"}
		return w
	})
}

func rules(w *networktest.World) []networktest.Rule {
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
	poll := func(change func(*network.Part)) network.Draft {
		d := w.Draft("Which?")
		d.Parts[0].Poll = &network.Poll{Options: []string{"This", "That"}, Duration: time.Hour}
		change(&d.Parts[0])
		return d
	}
	set := func(key, value string) network.Draft {
		d := w.Draft("With a setting")
		d.Settings = map[string]string{}
		for k, v := range w.Settings {
			d.Settings[k] = v
		}
		d.Settings[key] = value
		return d
	}
	embeds := func(n int, one string) string { return "[" + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + "]" }
	return []networktest.Rule{
		{Name: "files of a message", Code: "media_too_many", Draft: func(n int) network.Draft { return media(10+n, nil) }},
		{Name: "bytes of a file", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Bytes = 10<<20 + int64(n) })
		}},
		{Name: "bytes of all files", Code: "media_too_large_together", Draft: func(n int) network.Draft {
			return media(5, func(m *network.Media) { m.Bytes = 5<<20 + int64(n) })
		}},
		{Name: "characters of a description", Code: "alt_too_long", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Alt = strings.Repeat("ä", 1024+n) })
		}},
		{Name: "question", Code: "text_too_long", Draft: func(n int) network.Draft {
			return poll(func(p *network.Part) { p.Text = strings.Repeat("q", 300+n) })
		}},
		{Name: "options of a poll", Code: "poll_options", Draft: func(n int) network.Draft {
			return poll(func(p *network.Part) {
				p.Poll.Options = nil
				for i := range 10 + n {
					p.Poll.Options = append(p.Poll.Options, strings.Repeat("o", i+1))
				}
			})
		}},
		{Name: "characters of an option", Code: "poll_option_too_long", Draft: func(n int) network.Draft {
			return poll(func(p *network.Part) { p.Poll.Options[1] = strings.Repeat("o", 55+n) })
		}},
		{Name: "longest poll", Code: "poll_duration", Draft: func(n int) network.Draft {
			return poll(func(p *network.Part) { p.Poll.Duration = 768*time.Hour + time.Duration(n)*time.Second })
		}},
		{Name: "shortest poll", Code: "poll_duration", Draft: func(n int) network.Draft {
			return poll(func(p *network.Part) { p.Poll.Duration = time.Hour - time.Duration(n)*time.Second })
		}},
		{Name: "title", Code: "title_too_long", Draft: func(n int) network.Draft { return set("thread_name", strings.Repeat("t", 100+n)) }},
		{Name: "tags", Code: "tags_too_many", Draft: func(n int) network.Draft {
			return set("tags", strings.TrimSuffix(strings.Repeat(discordfake.Tag+",", 5+n), ","))
		}},
		{Name: "embeds", Code: "embeds_too_many", Draft: func(n int) network.Draft { return set("embeds", embeds(10+n, `{"title":"a"}`)) }},
		{Name: "title of an embed", Code: "embed_too_long", Draft: func(n int) network.Draft { return set("embed_title", strings.Repeat("t", 256+n)) }},
		{Name: "text of an embed", Code: "embed_too_long", Draft: func(n int) network.Draft { return set("embed_text", strings.Repeat("t", 4096+n)) }},
		{Name: "all embeds", Code: "embeds_too_long", Draft: func(n int) network.Draft {
			return set("embeds", fmt.Sprintf(`[{"description":%q},{"description":%q}]`, strings.Repeat("a", 3000), strings.Repeat("b", 3000+n)))
		}},
		{Name: "fields of an embed", Code: "embed_fields", Draft: func(n int) network.Draft {
			return set("embeds", `{"fields":`+embeds(25+n, `{"name":"a","value":"b"}`)+`}`)
		}},
	}
}
