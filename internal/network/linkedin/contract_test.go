package linkedin_test

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
	"github.com/bellwether-social/bellwether/internal/network/linkedin"
	"github.com/bellwether-social/bellwether/internal/network/linkedin/linkedinfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	document "github.com/bellwether-social/bellwether/internal/network/networkfake/described"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// fake is a running server as the contract suite drives it.
type fake struct{ *linkedinfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }

func (f fake) Say(kind network.MessageKind, text, on string) string {
	return f.Fake.Say("stranger", kind, text, on)
}

var registered = map[string]string{"client_id": linkedinfake.ClientID, "client_secret": linkedinfake.ClientSecret, "product": "community"}

// described are the calls that the descriptions made of LinkedIn's public collections name. They say nothing of bodies
// and little of parameters, which the fake checks by LinkedIn's own pages.
var described = map[string]string{"POST posts": "content", "GET posts/": "content", "DELETE posts/": "content", "POST images": "content", "POST videos": "content", "POST documents": "content",
	"GET organizations": "community", "GET organizations/": "community", "GET organizationAcls": "community", "GET networkSizes/": "community", "GET organizationalEntityShareStatistics": "community"}

var descriptions = map[string]*document.Document{}

func TestMain(m *testing.M) {
	shared := os.Getenv("BELLWETHER_SHARED")
	if shared == "" {
		shared = "../../../../shared"
	}
	for _, name := range []string{"content", "community"} {
		raw, err := os.ReadFile(filepath.Join(shared, "specs", "linkedin", "linkedin-marketing-"+name+".yml"))
		if err != nil {
			continue
		}
		if descriptions[name], err = document.Read(raw); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// check asks the description whether it knows a call at all.
func check(r *http.Request, _ []byte) []string {
	plain := r.Clone(r.Context())
	plain.URL.Path = strings.TrimPrefix(r.URL.Path, "/rest")
	resource, rest, _ := strings.Cut(plain.URL.Path[1:], "/")
	if rest != "" {
		resource += "/"
	}
	d := descriptions[described[r.Method+" "+resource]]
	if d == nil {
		return nil
	}
	return slices.DeleteFunc(d.Check(plain, nil), func(wrong string) bool { return !strings.Contains(wrong, "no such call") })
}

func TestCallsAreInTheDescriptions(t *testing.T) {
	sharedtest.Dir(t)
	if len(descriptions) != 2 {
		t.Fatal("the descriptions were not read")
	}
	r, _ := http.NewRequest(http.MethodPost, "https://api.linkedin.com/rest/posts", nil)
	if wrong := check(r, nil); len(wrong) > 0 {
		t.Error(wrong)
	}
	described["POST shares"] = "content"
	defer delete(described, "POST shares")
	r.URL.Path = "/rest/shares"
	if len(check(r, nil)) == 0 {
		t.Error("a call that is not described is not noticed")
	}
}

func start(t *testing.T, o linkedinfake.Options) *linkedinfake.Fake {
	t.Helper()
	o.Check = check
	f, err := linkedinfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.Close()
		for _, v := range f.Violations() {
			t.Errorf("LinkedIn's documentation does not allow: %s", v)
		}
	})
	return f
}

// world starts a fake and connects the company, or the member.
func world(t *testing.T, o linkedinfake.Options, who string) (*networktest.World, *linkedinfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f := start(t, o)
	s := network.Session{HTTP: networktest.Client(t, clock), App: registered,
		Grant: network.Grant{Values: map[string]string{"access_token": linkedinfake.BrandToken, "refresh_token": linkedinfake.BrandRefresh}}}
	if o.Analytics {
		s.Grant.Scopes = []string{"r_member_postAnalytics", "r_member_profileAnalytics"}
	}
	if who == linkedinfake.Company {
		s.Account = network.Account{ID: who, Extra: map[string]string{"kind": "organization"}}
	}
	n := linkedin.New(f.URL)
	var err error
	if s.Account, err = n.Check(t.Context(), s); err != nil || s.Account.ID != who {
		t.Fatalf("%+v, %v", s.Account, err)
	}
	w := &networktest.World{Network: n, Session: s, Fake: fake{f}, Clock: clock, Account: linkedinfake.Account(who), Hook: f.Hook, Hears: []network.MessageKind{network.Mention, network.Comment}}
	w.Rules = rules(w)
	return w, f
}

func TestOrganizationKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, linkedinfake.Options{}, linkedinfake.Company)
		return w
	})
}

// ofMember is what LinkedIn offers for members: it lets nobody read what they post.
type ofMember struct {
	network.OAuthConnector
	network.Refresher
	network.Checker
	network.Publisher
	network.Deleter
	network.Editor
}

func (ofMember) Spec() network.Spec {
	s := linkedin.New("").Spec()
	s.Metrics, s.History = nil, nil
	s.Audience = network.AudienceSpec{None: "LinkedIn tells nobody who follows a member."}
	return s
}

func TestMemberKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, linkedinfake.Options{}, linkedinfake.Member)
		n := w.Network.(linkedin.LinkedIn)
		w.Network, w.Hears = ofMember{n, n, n, n, n, n}, []network.MessageKind{}
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
	one := func(kind network.MediaKind, mime string, change func(*network.Media)) network.Draft {
		return media(1, func(m *network.Media) {
			m.Kind, m.MIME, m.Bytes, m.Width, m.Height, m.Duration = kind, mime, 1<<20, 640, 480, time.Minute
			change(m)
		})
	}
	video := func(change func(*network.Media)) network.Draft { return one(network.Video, "video/mp4", change) }
	poll := func(change func(*network.Poll)) network.Draft {
		d := w.Draft("Which?")
		d.Parts[0].Poll = &network.Poll{Options: []string{"This", "That"}, Duration: 24 * time.Hour}
		change(d.Parts[0].Poll)
		return d
	}
	return []networktest.Rule{
		{Name: "media in a post", Code: "media_too_many", Draft: func(n int) network.Draft { return media(l.Media+n, nil) }},
		{Name: "bytes of an image", Code: "media_too_large", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Bytes = l.ImageBytes + int64(n) })
		}},
		{Name: "pixels of an image", Code: "media_too_many_pixels", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Width, m.Height = 1, int(l.ImagePixels)+n })
		}},
		{Name: "bytes of a video", Code: "media_too_large", Draft: func(n int) network.Draft { return video(func(m *network.Media) { m.Bytes = l.VideoBytes + int64(n) }) }},
		{Name: "fewest bytes of a video", Code: "media_too_small", Draft: func(n int) network.Draft { return video(func(m *network.Media) { m.Bytes = 75<<10 - int64(n) }) }},
		{Name: "longest video", Code: "media_too_long", Draft: func(n int) network.Draft {
			return video(func(m *network.Media) { m.Duration = 30*time.Minute + time.Duration(n)*time.Second })
		}},
		{Name: "shortest video", Code: "media_too_short", Draft: func(n int) network.Draft {
			return video(func(m *network.Media) { m.Duration = 3*time.Second - time.Duration(n)*time.Second })
		}},
		{Name: "widest video", Code: "media_ratio", Draft: func(n int) network.Draft { return video(func(m *network.Media) { m.Width, m.Height = 2400+n, 1000 }) }},
		{Name: "bytes of a document", Code: "media_too_large", Draft: func(n int) network.Draft {
			return one(network.Document, "application/pdf", func(m *network.Media) { m.Bytes = 100<<20 + int64(n) })
		}},
		{Name: "documents in a post", Code: "media_mixed", Draft: func(n int) network.Draft {
			if n < 0 {
				return network.Draft{}
			}
			return media(1+n, func(m *network.Media) { m.Kind, m.MIME = network.Document, "application/pdf" })
		}},
		{Name: "characters of a description", Code: "alt_too_long", Draft: func(n int) network.Draft {
			return media(1, func(m *network.Media) { m.Alt = strings.Repeat("ä", l.AltCharacters+n) })
		}},
		{Name: "characters of a card's title", Code: "card_title_too_long", Draft: func(n int) network.Draft {
			d := w.Draft("See")
			d.Parts[0].Card = &network.Card{URL: "https://example.com", Title: strings.Repeat("ö", 400+n)}
			return d
		}},
		{Name: "characters of a document's title", Code: "title_too_long", Draft: func(n int) network.Draft {
			d := one(network.Document, "application/pdf", func(*network.Media) {})
			d.Settings = map[string]string{"document_title": strings.Repeat("ö", 400+n)}
			return d
		}},
		{Name: "characters of a comment", Code: "text_too_long", Draft: func(n int) network.Draft {
			d := w.Draft("Post")
			d.FirstComment = &network.Part{Text: strings.Repeat("c", 1250+n)}
			return d
		}},
		{Name: "characters of a question", Code: "poll_question_too_long", Draft: func(n int) network.Draft {
			d := poll(func(*network.Poll) {})
			d.Parts[0].Text = strings.Repeat("q", 140+n)
			return d
		}},
		{Name: "options of a poll", Code: "poll_options", Draft: func(n int) network.Draft {
			return poll(func(p *network.Poll) {
				p.Options = nil
				for i := range l.PollOptions + n {
					p.Options = append(p.Options, fmt.Sprint("Option ", i))
				}
			})
		}},
		{Name: "characters of an option", Code: "poll_option_too_long", Draft: func(n int) network.Draft {
			return poll(func(p *network.Poll) { p.Options[1] = strings.Repeat("ö", l.PollOptionChars+n) })
		}},
	}
}
