package threads_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/threads"
	"github.com/bellwether-social/bellwether/internal/network/threads/threadsfake"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// fake is a running network as the contract suite drives it.
type fake struct{ *threadsfake.Fake }

func (f fake) Next(class string, faults ...networkfake.Fault) { f.Faults.Next(class, faults...) }
func (f fake) OnHold(do func())                               { f.Faults.OnHold(do) }
func (f fake) Release()                                       { f.Faults.Release() }

func (f fake) Say(kind network.MessageKind, text, on string) string {
	if kind == network.Mention {
		text = "@" + threadsfake.Brand + " " + text
	}
	return f.Fake.Say("stranger", text, on)
}

var registered = map[string]string{"client_id": threadsfake.ClientID, "client_secret": threadsfake.ClientSecret, "verify_token": threadsfake.VerifyToken}

func start(t *testing.T, o threadsfake.Options) *threadsfake.Fake {
	t.Helper()
	f, err := threadsfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	t.Cleanup(func() {
		for _, v := range f.Violations() {
			t.Errorf("the documentation does not allow: %s", v)
		}
		for _, v := range collection.unknown(f.Requests()) {
			t.Errorf("the published collection does not know: %s", v)
		}
	})
	return f
}

// world starts a fake and connects its brand.
func world(t *testing.T, o threadsfake.Options) (*networktest.World, *threadsfake.Fake) {
	t.Helper()
	clock := networktest.NewClock()
	o.Now = clock.Now
	f := start(t, o)
	n := threads.New(f.URL)
	session := network.Session{HTTP: networktest.Client(t, clock), App: registered, Grant: network.Grant{Values: map[string]string{"access_token": threadsfake.BrandToken}}}
	var err error
	if session.Account, err = n.Check(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	w := &networktest.World{Network: n, Session: session, Fake: fake{f}, Clock: clock, Account: threadsfake.Brand,
		Hears: []network.MessageKind{network.Mention, network.Comment},
		Hook: func() network.Webhook {
			body, signature := f.News()
			return network.Webhook{Method: http.MethodPost, Header: http.Header{"X-Hub-Signature-256": {signature}}, Body: body, At: clock.Now()}
		}}
	w.Rules = rules(w)
	return w, f
}

func TestThreadsKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World { w, _ := world(t, threadsfake.Options{}); return w })
}

func TestSlowThreadsKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		w, _ := world(t, threadsfake.Options{Processing: 3, Geo: true})
		return w
	})
}

func picture(change func(*network.Media)) network.Media {
	m := networktest.Picture("Red")
	if change != nil {
		change(&m)
	}
	return m
}

func video(change func(*network.Media)) network.Media {
	return picture(func(m *network.Media) {
		m.Kind, m.MIME, m.Width, m.Height, m.Duration = network.Video, "video/mp4", 1080, 1920, 10*time.Second
		if change != nil {
			change(m)
		}
	})
}

func rules(w *networktest.World) []networktest.Rule {
	with := func(files ...network.Media) network.Draft {
		d := w.Draft("With media")
		d.Parts[0].Media = files
		return d
	}
	poll := func(change func(*network.Poll)) network.Draft {
		d := w.Draft("Which?")
		d.Parts[0].Poll = &network.Poll{Options: []string{"This", "That"}, Duration: 24 * time.Hour}
		change(d.Parts[0].Poll)
		return d
	}
	set := func(key, value string) network.Draft {
		d := w.Draft("With a setting")
		d.Settings = map[string]string{key: value}
		return d
	}
	return []networktest.Rule{
		{Name: "media in a carousel", Code: "media_too_many", Draft: func(n int) network.Draft { return with(slices.Repeat([]network.Media{picture(nil)}, 20+n)...) }},
		{Name: "bytes of an image", Code: "media_too_large", Draft: func(n int) network.Draft {
			return with(picture(func(m *network.Media) { m.Bytes = 8<<20 + int64(n) }))
		}},
		{Name: "shape of an image", Code: "media_ratio", Draft: func(n int) network.Draft {
			return with(picture(func(m *network.Media) { m.Width, m.Height = 1000+n, 100 }))
		}},
		{Name: "bytes of a video", Code: "media_too_large", Draft: func(n int) network.Draft {
			return with(video(func(m *network.Media) { m.Bytes = 1<<30 + int64(n) }))
		}},
		{Name: "width of a video", Code: "media_too_wide", Draft: func(n int) network.Draft {
			return with(video(func(m *network.Media) { m.Width = 1920 + n }))
		}},
		{Name: "length of a video", Code: "video_too_long", Draft: func(n int) network.Draft {
			return with(video(func(m *network.Media) { m.Duration = 5*time.Minute + time.Duration(n)*time.Millisecond }))
		}},
		{Name: "characters of a description", Code: "alt_too_long", Draft: func(n int) network.Draft {
			return with(picture(func(m *network.Media) { m.Alt = strings.Repeat("ä", 1000+n) }))
		}},
		{Name: "different links", Code: "links_too_many", Draft: func(n int) network.Draft {
			words := "https://example.com/0"
			for i := range 5 + n {
				words += " https://example.com/" + string(rune('0'+i)) // the first is there twice
			}
			return w.Draft(words)
		}},
		{Name: "options of a poll", Code: "poll_options", Draft: func(n int) network.Draft {
			return poll(func(p *network.Poll) { p.Options = []string{"a", "b", "c", "d", "e"}[:4+n] })
		}},
		{Name: "characters of an option", Code: "poll_option_too_long", Draft: func(n int) network.Draft {
			return poll(func(p *network.Poll) { p.Options[1] = strings.Repeat("o", 25+n) })
		}},
		{Name: "characters of a topic", Code: "topic_too_long", Draft: func(n int) network.Draft { return set("topic_tag", strings.Repeat("t", 50+n)) }},
	}
}

// published is the network's own collection of sample requests, as far as tests compare with it: which parameters it
// knows by method and path.
type published map[string]map[string]bool

var collection published

// also are parameters of the publishing reference that the collection leaves out, and those of every list.
var also = []string{"limit", "after", "allowlisted_country_codes", "quote_post_id", "location_id", "topic_tag", "is_spoiler_media", "reply_control", "reply_to_id"}

// TestMain reads the collection where it is at hand; then all requests of all tests are compared with it.
func TestMain(m *testing.M) {
	shared := os.Getenv("BELLWETHER_SHARED")
	if shared == "" {
		shared = "../../../../shared"
	}
	if raw, err := os.ReadFile(filepath.Join(shared, "specs", "threads", "threads-api.postman_collection.json")); err == nil {
		collection = readCollection(raw)
	}
	os.Exit(m.Run())
}

var variable = regexp.MustCompile(`\{\{\w+\}\}`)

func readCollection(raw []byte) published {
	type item struct {
		Item    []json.RawMessage
		Request *struct {
			Method string
			URL    struct {
				Raw   string
				Query []struct{ Key string }
			}
		}
	}
	out := published{}
	var walk func(raw json.RawMessage)
	walk = func(raw json.RawMessage) {
		var it item
		if json.Unmarshal(raw, &it) != nil {
			return
		}
		for _, child := range it.Item {
			walk(child)
		}
		if it.Request == nil {
			return
		}
		path, _, _ := strings.Cut(strings.TrimPrefix(it.Request.URL.Raw, "{{api_host}}"), "?")
		key := it.Request.Method + " " + strings.TrimSuffix(variable.ReplaceAllString(path, "{}"), "/")
		if out[key] == nil {
			out[key] = map[string]bool{}
		}
		for _, q := range it.Request.URL.Query {
			out[key][q.Key] = true
		}
	}
	walk(raw)
	return out
}

var ids = regexp.MustCompile(`/\d+`)

func (p published) unknown(requests []threadsfake.Request) (list []string) {
	if p == nil {
		return nil
	}
	for _, r := range requests {
		path, _ := url.PathUnescape(ids.ReplaceAllString(strings.TrimPrefix(r.Path, "/v1.0"), "/{}"))
		known, ok := p[r.Method+" "+path]
		if !ok {
			list = append(list, r.Method+" "+r.Path)
		}
		for _, name := range r.Params {
			if ok && !known[name] && !slices.Contains(also, name) {
				list = append(list, r.Method+" "+r.Path+" with "+name)
			}
		}
	}
	return list
}

// TestRequestsAreComparedWithTheCollection makes sure that the comparison has not vanished unseen.
func TestRequestsAreComparedWithTheCollection(t *testing.T) {
	sharedtest.Dir(t)
	for _, r := range []threadsfake.Request{{Method: "POST", Path: "/v1.0/me/thread"}, {Method: "GET", Path: "/v1.0/me/mentions", Params: []string{"filter"}}} {
		if len(collection.unknown([]threadsfake.Request{r})) == 0 {
			t.Errorf("%+v is not noticed", r)
		}
	}
	if list := collection.unknown([]threadsfake.Request{{Method: "GET", Path: "/v1.0/17840000000000001/insights", Params: []string{"metric"}}}); len(list) > 0 {
		t.Errorf("%v", list)
	}
}
