// Package webtest serves the routes of one screen area over a small real workspace, so that an area is tested by what
// its pages say and do. There is no session: each test says who asks.
package webtest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// House is a workspace in Europe/Berlin, its week beginning on Monday, with an owner and no channel yet.
type House struct {
	T          testing.TB
	DB         *db.DB
	Events     *event.Events
	Channels   *channel.Channels
	Posts      *post.Posts
	World      *sandbox.World // quiet: only what a test lets people say
	Campaigns  *campaign.Campaigns
	Insight    *insight.Insight
	Workspaces *workspace.Workspaces
	Actor      workspace.Actor // who asks; change it to ask as somebody else
	User       account.User
	Now        time.Time // 08:00 on Monday 23 November 2026 in Berlin, until the test moves it

	page *page.House
	mux  *http.ServeMux
}

// Build makes the house on a fresh database.
func Build(t testing.TB) *House {
	t.Helper()
	keys, err := secret.Load(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	h := &House{T: t, DB: dbtest.SQLite(t), Now: time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC), mux: http.NewServeMux()}
	h.User = account.User{ID: "user_1", Name: "Ida Holm", Email: "ida@example.org", Zone: "Europe/Berlin"}
	h.Actor = workspace.Actor{WorkspaceID: "ws_1", UserID: "user_1", Name: "Ida Holm", Zone: "Europe/Berlin", Via: "web", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}
	for _, q := range []string{`insert into workspaces (id, name, zone, week_start, created_at) values ('ws_1', 'Nordlys', 'Europe/Berlin', 1, 0)`,
		`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_1', 'Nordlys', 'Europe/Berlin', 'EUR', 0)`,
		`insert into users (id, email, name, zone, created_at) values ('user_1', 'ida@example.org', 'Ida Holm', 'Europe/Berlin', 0)`,
		`insert into members (workspace_id, user_id, created_at) values ('ws_1', 'user_1', 0)`} {
		h.Exec(q)
	}
	h.Events, h.World = event.New(h.DB), sandbox.NewWorld(1, db.Now).Quiet()
	base, _ := url.Parse("http://bell.example")
	h.Channels = channel.New(h.DB, h.Events, keys, network.NewRegistry(sandbox.New(h.World)), safehttp.New(safehttp.Policy{}))
	h.Posts = post.New(h.DB, h.Events, h.Channels, link.New(h.DB, h.Events, base), nil).At(func() time.Time { return h.Now })
	h.Campaigns, h.Insight, h.Workspaces = campaign.New(h.DB, h.Events), insight.New(h.DB), workspace.New(h.DB, h.Events)
	h.page = &page.House{Workspaces: h.Workspaces, Keys: keys, URL: base}
	return h
}

// Serve mounts the routes of an area. The server's own promises (sessions, needs, limits) are tested elsewhere; here
// the need of a route is asked as the server asks it.
func (h *House) Serve(routes []page.Route) {
	for _, r := range routes {
		h.mux.HandleFunc(r.Method+" "+r.Pattern, func(w http.ResponseWriter, req *http.Request) {
			c := page.New(w, req, h.page, "req_test")
			c.SignIn(h.User, account.Session{}, h.Actor)
			if !page.Allowed(r.Need, true, true, h.Actor) {
				c.Fail(h.Actor.May(r.Need, workspace.Scope{}))
				return
			}
			if err := r.Handle(c); err != nil {
				c.Fail(err)
			}
		})
	}
	h.mux.Handle("GET /assets/", ui.Assets())
	h.mux.HandleFunc("GET /events", h.stream)
}

// stream tells an open page what changed, as the server does.
func (h *House) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	events, stop := h.Events.Watch("ws_1")
	defer stop()
	_, _ = io.WriteString(w, ": hello\n\n")
	w.(http.Flusher).Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case e := <-events:
			_, _ = io.WriteString(w, `data: {"topic":"`+e.Kind+"\"}\n\n")
			w.(http.Flusher).Flush()
		}
	}
}

// Open serves the area at a free port for a browser.
func (h *House) Open() string {
	server := httptest.NewServer(h)
	h.T.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return server.URL
}

// ServeHTTP lets a browser look at the area.
func (h *House) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:")
	h.mux.ServeHTTP(w, r)
}

// Answer is what a page said.
type Answer struct {
	Status   int
	Body     string
	Location string
	Header   http.Header
}

// Get asks for a page.
func (h *House) Get(path string) Answer {
	return h.ask(httptest.NewRequest(http.MethodGet, path, nil))
}

// Post sends a form; values are name, value, name, value.
func (h *House) Post(path string, values ...string) Answer {
	return h.ask(h.form(path, values))
}

// Swap sends a form as the page's scripts do, for a fragment.
func (h *House) Swap(path string, values ...string) Answer {
	r := h.form(path, values)
	r.Header.Set("HX-Request", "true")
	return h.ask(r)
}

func (h *House) form(path string, values []string) *http.Request {
	form := url.Values{}
	for i := 0; i+1 < len(values); i += 2 {
		form.Add(values[i], values[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func (h *House) ask(r *http.Request) Answer {
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Body)
	if err != nil {
		h.T.Fatal(err)
	}
	return Answer{Status: w.Code, Body: string(body), Location: w.Header().Get("Location"), Header: w.Header()}
}

// Says checks status and that the page holds every one of the words; a word with "!" before it must be absent.
func (a Answer) Says(t testing.TB, status int, words ...string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("status %d, want %d (to %q)\n%s", a.Status, status, a.Location, clip(a.Body))
	}
	for _, w := range words {
		if absent, ok := strings.CutPrefix(w, "!"); ok {
			if strings.Contains(a.Body, absent) {
				t.Errorf("the page holds %q", absent)
			}
		} else if !strings.Contains(a.Body, w) {
			t.Errorf("the page does not hold %q\n%s", w, clip(a.Body))
		}
	}
}

func clip(s string) string {
	if at := strings.Index(s, `id="main"`); at > 0 {
		s = s[at:]
	}
	return s[:min(len(s), 3000)]
}

// Exec runs SQL that a test needs and no verb offers.
func (h *House) Exec(query string, args ...any) {
	h.T.Helper()
	if _, err := db.Exec(context.Background(), h.DB, query, args...); err != nil {
		h.T.Fatal(err)
	}
}

// Connect connects a sandbox account.
func (h *House) Connect(handle string) channel.Channel {
	h.T.Helper()
	made, err := h.Channels.SignIn(context.Background(), h.Actor, "sandbox", "brand_1", map[string]string{"handle": handle})
	if err != nil {
		h.T.Fatal(err)
	}
	return made[0]
}

// Draft makes a post for a channel.
func (h *House) Draft(text string, channelID string, tags ...string) post.Post {
	h.T.Helper()
	made, err := h.Posts.Create(context.Background(), h.Actor, post.Edit{BrandID: "brand_1", Channels: []string{channelID}, Base: post.Content{Parts: []post.Part{{Text: text}}}, Tags: tags})
	if err != nil {
		h.T.Fatal(err)
	}
	return made
}

// At makes a post and plans it at a wall-clock time of its channel.
func (h *House) At(text, channelID, wall string) post.Target {
	h.T.Helper()
	made := h.Draft(text, channelID)
	h.OK(h.Posts.Schedule(context.Background(), h.Actor, made.ID, post.Plan{Wall: wall, Confirm: true}))
	return h.Target(made.ID)
}

// Queued makes a post and gives it the next free slot.
func (h *House) Queued(text, channelID string, tags ...string) post.Target {
	h.T.Helper()
	made := h.Draft(text, channelID, tags...)
	h.OK(h.Posts.Enqueue(context.Background(), h.Actor, made.ID, post.Next, true))
	return h.Target(made.ID)
}

// Target is a post's first target as it is now.
func (h *House) Target(postID string) post.Target {
	h.T.Helper()
	all, err := h.Posts.Targets(context.Background(), h.Actor, postID)
	if err != nil || len(all) == 0 {
		h.T.Fatalf("targets of %s: %v, %v", postID, all, err)
	}
	return all[0]
}

// Settle reports an outcome as the journal does.
func (h *House) Settle(t post.Target, o post.Outcome) {
	h.T.Helper()
	h.OK(h.DB.Tx(context.Background(), func(tx *db.Tx) error { return h.Posts.Settle(context.Background(), tx, t.WorkspaceID, t.ID, o) }))
}

// Slots gives a channel slots at these minutes of every day.
func (h *House) Slots(channelID string, minutes ...int) {
	h.T.Helper()
	var all []post.Slot
	for day := range 7 {
		for _, m := range minutes {
			all = append(all, post.Slot{Weekday: day, Minute: m})
		}
	}
	h.OK(h.Posts.SetSlots(context.Background(), h.Actor, channelID, all))
}

// OK ends the test on an error.
func (h *House) OK(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}
