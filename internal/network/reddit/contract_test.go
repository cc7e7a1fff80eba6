package reddit_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake/described"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/reddit"
	"github.com/bellwether-social/bellwether/internal/network/reddit/redditfake"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// fake is the running network as the contract suite drives it.
type fake struct{ *redditfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }
func (f fake) Say(kind network.MessageKind, text, on string) string {
	return f.Fake.Say("stranger", string(kind), text, on)
}

var app = map[string]string{"client_id": redditfake.AppID, "client_secret": redditfake.AppSecret, "username": redditfake.Developer}

// world starts a fake and connects its brand.
func world(t *testing.T, o redditfake.Options) (*networktest.World, *redditfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f := start(t, o)
	n := reddit.New(f.URL)
	session := network.Session{HTTP: networktest.Client(t, clock), App: app,
		Grant: network.Grant{Values: map[string]string{"access_token": redditfake.BrandToken, "refresh_token": redditfake.BrandRefresh}}}
	renewed, err := n.Refresh(t.Context(), session)
	if err == nil {
		session.Grant = renewed
	}
	if session.Account, err = n.Check(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	w := &networktest.World{Network: n, Session: session, Fake: fake{f}, Clock: clock, Account: redditfake.Brand, OwnLimit: networkfake.LimitedReset, Settings: settings()}
	w.Rules = rules(w)
	return w, f
}

// settings are those of every draft: the community without rules and a title.
func settings(pairs ...string) map[string]string {
	s := map[string]string{"community": redditfake.Home, "title": "A title", "rules_read": "true"}
	for i := 0; i < len(pairs); i += 2 {
		s[pairs[i]] = pairs[i+1]
	}
	return s
}

func start(t *testing.T, o redditfake.Options) *redditfake.Fake {
	t.Helper()
	f, err := redditfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	if description != nil {
		f.Describe(allowed)
	}
	t.Cleanup(func() {
		for _, v := range f.Violations() {
			t.Errorf("Reddit does not allow: %s", v)
		}
	})
	return f
}

var description *described.Document

// TestMain reads the description of the API where it is at hand. Reddit publishes none; this one is a stranger's.
func TestMain(m *testing.M) {
	shared := os.Getenv("BELLWETHER_SHARED")
	if shared == "" {
		shared = "../../../../shared"
	}
	if raw, err := os.ReadFile(filepath.Join(shared, "specs", "reddit", "reddit-unofficial.yaml")); err == nil {
		if description, err = described.Read(raw); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// What the stranger's description lacks or has wrong; Reddit's own pages and the clients in use agree on these.
var (
	undescribed = []string{"/api/v1/access_token", "/api/v1/revoke_token", "/subreddits/mine/", "/post_requirements", "/link_flair_v2", "/api/media/", "/api/submit_", "/api/block", "/message/"}
	misnamed    = []string{"parameter raw_json", "parameter api_type", "parameter resubmit", "parameter validate_on_submit", "parameter video_poster_url", "parameter thing_id", `"parent" is missing`, "parameter after", "/kind: value", "parameter limit empty value"}
)

// allowed checks a request against the description, except where that is known to be wrong.
func allowed(r *http.Request, body []byte) (wrong []string) {
	if slices.ContainsFunc(undescribed, func(part string) bool { return strings.Contains(r.URL.Path, part) }) {
		return nil
	}
	for _, w := range description.Check(r, body) {
		if !slices.ContainsFunc(misnamed, func(part string) bool { return strings.Contains(w, part) }) {
			wrong = append(wrong, w)
		}
	}
	return wrong
}

// TestRequestsAreCheckedAgainstTheDescription makes sure that the check has not vanished unseen.
func TestRequestsAreCheckedAgainstTheDescription(t *testing.T) {
	sharedtest.Dir(t)
	if description == nil {
		t.Fatal("the description of the API was not read")
	}
	for _, target := range []string{"/api/infos", "/user/brand/submitted?limit=10&page=2"} {
		r, _ := http.NewRequest(http.MethodGet, "http://x"+target, nil)
		if len(allowed(r, nil)) == 0 {
			t.Errorf("%s is not noticed", target)
		}
	}
}

func TestRedditKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { w, _ := world(t, redditfake.Options{}); return w })
}

// TestPostsWithFilesKeepTheContract: Reddit accepts them without saying which post they became.
func TestPostsWithFilesKeepTheContract(t *testing.T) {
	for _, f := range networkfake.Faults {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			w, fake := world(t, redditfake.Options{Processing: 25 * time.Second})
			d := w.Draft("")
			d.Parts[0].Media = []network.Media{networktest.Picture("Red")}
			ends := run(t, w, fake, d, f)
			items := fake.Items()
			switch {
			case f.Creates() && ends != "published" && ends != "in doubt", !f.Creates() && len(items) > 0, len(items) > 1:
				t.Errorf("ended %s with %+v", ends, items)
			case f.Creates() && f != networkfake.Late && ends != "published":
				t.Errorf("a post that is there was not found: %s", ends)
			}
		})
	}
}

func rules(w *networktest.World) []networktest.Rule {
	set := func(key, value string) network.Draft {
		d := w.Draft("A text")
		d.Settings = settings(key, value)
		return d
	}
	media := func(n int, change func(*network.Media)) network.Draft {
		d := w.Draft("")
		for range n {
			m := networktest.Picture("Red")
			if change != nil {
				change(&m)
			}
			d.Parts[0].Media = append(d.Parts[0].Media, m)
		}
		return d
	}
	film := func(change func(*network.Media)) network.Draft {
		d := media(2, nil)
		m := &d.Parts[0].Media[0]
		m.Kind, m.MIME, m.Duration = network.Video, "video/mp4", time.Minute
		change(m)
		return d
	}
	ask := func(change func(*network.Poll)) network.Draft {
		d := w.Draft("Which?")
		d.Parts[0].Poll = &network.Poll{Options: []string{"This", "That"}, Duration: 24 * time.Hour}
		change(d.Parts[0].Poll)
		return d
	}
	strict := func(kind, field, value string) network.Draft {
		d := w.Draft("Enough words")
		d.Settings = map[string]string{"community": redditfake.Strict, "title": "[News] a title", "rules_read": "true", "flair": redditfake.Strict + "/strict-flair", "kind": kind}
		if kind == "text" && field == "text" {
			d.Parts[0].Text = value
		} else {
			d.Settings[field] = value
		}
		return d
	}
	return []networktest.Rule{
		{Name: "characters of the title", Code: "title_too_long", Draft: func(n int) network.Draft { return set("title", strings.Repeat("ä", 300+n)) }},
		{Name: "characters of the flair", Code: "flair_too_long", Draft: func(n int) network.Draft { return set("flair_text", strings.Repeat("ä", 64+n)) }},
		{Name: "characters of a text that is the title", Code: "text_too_long", Draft: func(n int) network.Draft {
			d := media(1, nil)
			d.Settings, d.Parts[0].Text = settings("title", ""), strings.Repeat("ä", 300+n)
			return d
		}},
		{Name: "characters of the comment", Code: "text_too_long", Draft: func(n int) network.Draft {
			d := w.Draft("A text")
			d.FirstComment = &network.Part{Text: strings.Repeat("ä", 10000+n)}
			return d
		}},
		{Name: "pictures of a gallery", Code: "media_too_many", Draft: func(n int) network.Draft { return media(20+n, nil) }},
		{Name: "fewest pictures of a gallery", Code: "media_count", Draft: func(n int) network.Draft {
			d := media(2-n, nil)
			d.Settings = settings("kind", "gallery")
			return d
		}},
		{Name: "characters of a caption", Code: "alt_too_long", Draft: func(n int) network.Draft {
			return media(2, func(m *network.Media) { m.Alt = strings.Repeat("ä", 180+n) })
		}},
		{Name: "bytes of a picture", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Bytes = 20<<20 + int64(n) })
		}},
		{Name: "bytes of a video", Code: "media_too_large", Draft: func(n int) network.Draft { return film(func(m *network.Media) { m.Bytes = 1<<30 + int64(n) }) }},
		{Name: "longest video", Code: "video_duration", Draft: func(n int) network.Draft {
			return film(func(m *network.Media) { m.Duration = time.Duration(900+n) * time.Second })
		}},
		{Name: "most options", Code: "poll_options", Draft: func(n int) network.Draft {
			return ask(func(p *network.Poll) {
				p.Options = nil
				for i := range 6 + n {
					p.Options = append(p.Options, strings.Repeat("o", i+1))
				}
			})
		}},
		{Name: "characters of an option", Code: "poll_option_too_long", Draft: func(n int) network.Draft {
			return ask(func(p *network.Poll) { p.Options[1] = strings.Repeat("o", 120+n) })
		}},
		{Name: "longest poll", Code: "poll_duration", Draft: func(n int) network.Draft {
			return ask(func(p *network.Poll) { p.Duration = 7*24*time.Hour + time.Duration(n)*time.Second })
		}},
		{Name: "shortest poll", Code: "poll_duration", Draft: func(n int) network.Draft {
			return ask(func(p *network.Poll) { p.Duration = 24*time.Hour - time.Duration(n)*time.Second })
		}},
		{Name: "the community's longest title", Code: "title_too_long", Draft: func(n int) network.Draft { return strict("text", "title", "[News] "+strings.Repeat("a", 13+n)) }},
		{Name: "the community's shortest title", Code: "title_too_short", Draft: func(n int) network.Draft { return strict("text", "title", "[News] "+strings.Repeat("a", 3-n)) }},
		{Name: "the community's longest text", Code: "text_too_long", Draft: func(n int) network.Draft { return strict("text", "text", strings.Repeat("a", 50+n)) }},
		{Name: "the community's shortest text", Code: "text_too_short", Draft: func(n int) network.Draft { return strict("text", "text", strings.Repeat("a", 5-n)) }},
	}
}
