package compose_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/e2e/browser"
	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/blob"
	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/link/card"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/bluesky"
	"github.com/bellwether-social/bellwether/internal/network/linkedin"
	"github.com/bellwether-social/bellwether/internal/network/mastodon"
	"github.com/bellwether-social/bellwether/internal/network/pinterest"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/web/compose"
	"github.com/bellwether-social/bellwether/internal/web/library"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

var ctx = context.Background()

// town is the sandbox as a network that finds people.
type town struct{ *sandbox.Sandbox }

func (t town) Spec() network.Spec {
	s := t.Sandbox.Spec()
	s.Key, s.Name = "town", "Town"
	return s
}

func (town) SearchPeople(_ context.Context, _ network.Session, query string, limit int) ([]network.Person, error) {
	var found []network.Person
	for _, p := range []network.Person{{ID: "did:1", Handle: "ann.example.org", Name: "Ann <b>Fjell</b>"}, {ID: "did:2", Handle: "anna.example.org", Name: "Anna"}, {ID: "did:3", Handle: "ben.example.org", Name: "Ben"}} {
		if strings.HasPrefix(p.Handle, query) && len(found) < limit {
			found = append(found, p)
		}
	}
	return found, nil
}

// house is a workspace with a sandbox channel and the screens for writing, served to one person.
type house struct {
	t        testing.TB
	db       *db.DB
	actor    workspace.Actor
	posts    *post.Posts
	library  *asset.Library
	channels *channel.Channels
	channel  channel.Channel
	url      string
	outside  *httptest.Server // a web page of somebody else
}

func open(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, db: dbtest.SQLite(t), actor: workspace.Actor{WorkspaceID: "ws_1", UserID: "user_1", Name: "Ida Holm", Via: "web", Zone: "Europe/Vienna", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}}
	for _, q := range []string{`insert into users (id, email, name, zone, created_at) values ('user_1', 'ida@example.org', 'Ida Holm', 'Europe/Vienna', 0), ('user_2', 'ben@example.org', 'Ben Ode', 'UTC', 0)`,
		`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Fjord Outdoor', 'Europe/Vienna', 0)`,
		`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_1', 'Fjord', 'Europe/Vienna', 'EUR', 0)`,
		`insert into members (workspace_id, user_id, created_at) values ('ws_1', 'user_1', 0), ('ws_1', 'user_2', 0)`,
		`insert into member_roles (workspace_id, user_id, role) values ('ws_1', 'user_1', 'owner'), ('ws_1', 'user_2', 'owner')`} {
		if _, err := db.Exec(ctx, h.db, q); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := secret.Load(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	events := event.New(h.db)
	client := safehttp.New(safehttp.Policy{})
	h.channels = channel.New(h.db, events, keys, network.NewRegistry(sandbox.New(sandbox.NewWorld(1, db.Now).Quiet()), town{sandbox.New(sandbox.NewWorld(2, db.Now).Quiet())}, mastodon.New(), bluesky.New(), pinterest.New(""), linkedin.New("")), client)
	connected, err := h.channels.SignIn(ctx, h.actor, "sandbox", "brand_1", map[string]string{"handle": "fjord"})
	if err != nil {
		t.Fatal(err)
	}
	h.channel = connected[0]
	h.outside = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<title>Autumn walk</title><meta name="description" content="Six hours, two huts"><meta property="og:image" content="javascript:alert(1)">`)
	}))
	t.Cleanup(h.outside.Close)
	server := httptest.NewUnstartedServer(nil)
	base, _ := url.Parse("http://" + server.Listener.Addr().String())
	h.library = asset.New(h.db, blobs)
	h.posts = post.New(h.db, events, h.channels, link.New(h.db, events, base), h.library)
	accounts, err := account.New(h.db, keys, base.String())
	if err != nil {
		t.Fatal(err)
	}
	place := &page.House{Accounts: accounts, Workspaces: workspace.New(h.db, events), Keys: keys, URL: base}
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", ui.Assets())
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	user, err := accounts.User(ctx, "user_1")
	if err != nil {
		t.Fatal(err)
	}
	allow, err := safehttp.ParseAllow(strings.TrimPrefix(h.outside.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	routes := append(compose.Routes(compose.Rooms{Posts: h.posts, Channels: h.channels, Campaigns: campaign.New(h.db, events), Library: h.library, Cards: card.New(safehttp.New(safehttp.Policy{Allow: allow}))}), library.Routes(library.Rooms{Library: h.library})...)
	for _, route := range routes {
		mux.HandleFunc(route.Method+" "+route.Pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'")
			c := page.New(w, r, place, "req_test")
			c.SignIn(user, account.Session{}, h.actor)
			if !page.Allowed(route.Need, true, true, h.actor) {
				c.Fail(workspace.Actor{Name: "Ida"}.May(route.Need, workspace.Scope{}))
				return
			}
			if err := route.Handle(c); err != nil {
				c.Fail(err)
			}
		})
	}
	server.Config.Handler = mux
	server.Start()
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	h.url = server.URL
	return h
}

// connect adds a channel of a network without signing in anywhere.
func (h *house) connect(key, handle string, defaults channel.Defaults) channel.Channel {
	h.t.Helper()
	id := "chan_" + key + handle
	account := network.Account{ID: handle, Handle: handle, Name: strings.ToUpper(handle[:1]) + handle[1:]}
	if n, ok := h.channels.Networks().Get(key).(network.Sampler); ok {
		account = n.Sample(account)
	}
	for _, q := range []struct {
		sql  string
		args []any
	}{{`insert into connections (workspace_id, id, network, server, grant_sealed, scopes, state, checked_at, created_by, created_at) values ('ws_1', $1, $2, '', '', '[]', 'connected', 0, 'user_1', 0)`, []any{"conn_" + id, key}},
		{`insert into channels (workspace_id, id, brand_id, connection_id, network, remote_id, handle, name, url, account, zone, defaults, responsible_id, created_at)
			values ('ws_1', $1, 'brand_1', $2, $3, $4, $5, $6, 'https://' || $4, $7, 'Europe/Vienna', $8, 'user_1', 0)`, []any{id, "conn_" + id, key, handle, handle, account.Name, db.JSON(account), db.JSON(defaults)}}} {
		if _, err := db.Exec(ctx, h.db, q.sql, q.args...); err != nil {
			h.t.Fatal(err)
		}
	}
	ch, err := h.channels.Get(ctx, h.actor, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return ch
}

// get opens a page and returns its HTML.
func (h *house) get(path string, want int) string {
	h.t.Helper()
	resp, err := http.Get(h.url + path)
	return h.body(resp, err, want)
}

// form is a form as a browser sends it: name and value, one after the other.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// post sends a form and returns where it led and what was answered.
func (h *house) post(path string, v url.Values, want int) (location, body string) {
	h.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.PostForm(h.url+path, v)
	body = h.body(resp, err, want)
	return resp.Header.Get("Location"), body
}

func (h *house) body(resp *http.Response, err error, want int) string {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	if resp.StatusCode != want {
		h.t.Fatalf("%s is answered with %d, not %d:\n%s", resp.Request.URL.Path, resp.StatusCode, want, short(string(raw)))
	}
	return string(raw)
}

func short(s string) string {
	if i := strings.Index(s, "<main"); i >= 0 {
		s = s[i:]
	}
	if len(s) > 3000 {
		s = s[:3000]
	}
	return s
}

// say fails unless the page has all the words.
func (h *house) say(body string, words ...string) {
	h.t.Helper()
	for _, w := range words {
		if !strings.Contains(body, w) {
			h.t.Errorf("the page does not say %q:\n%s", w, short(body))
		}
	}
}

func (h *house) only() post.Post {
	h.t.Helper()
	all, _, err := h.posts.List(ctx, h.actor, post.Filter{})
	if err != nil || len(all) != 1 {
		h.t.Fatalf("there are %d posts, %v", len(all), err)
	}
	return all[0]
}
