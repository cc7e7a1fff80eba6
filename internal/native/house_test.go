package native_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/contact"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/native"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

var ctx = context.Background()

// wall is a network with a list of the account's own posts, newest first. Its calls cannot be looked up (Once).
type wall struct {
	mu    sync.Mutex
	posts []network.Live // oldest first
	gone  map[string]bool
	lose  bool // the next answer is lost
	asked []string
	err   error
}

func (*wall) Spec() network.Spec {
	return network.Spec{Key: "wall", Name: "Wall", Threads: true, Limits: network.Limits{Characters: 500}}
}

func (*wall) SignIn(_ context.Context, _ *safehttp.Client, f map[string]string) (network.Grant, []network.Account, error) {
	return network.Grant{}, []network.Account{{ID: f["handle"], Handle: f["handle"], Name: f["handle"]}}, nil
}

func (*wall) Plan(d network.Draft, _ network.Account) (steps []network.Step, _ []network.Problem) {
	for i, p := range d.Parts {
		steps = append(steps, network.Step{Name: "part-" + strconv.Itoa(i+1), Part: i, Kind: network.Once, Public: true, Payload: []byte(strconv.Quote(p.Text))})
	}
	return steps, nil
}

func (*wall) Count(network.Draft, int, network.Account) network.Count { return network.Count{} }

func (w *wall) Do(_ context.Context, _ network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	var text string
	if err := json.Unmarshal(step.Payload, &text); err != nil {
		return network.Outcome{}, err
	}
	made := w.say(text, db.Now())
	w.mu.Lock()
	defer w.mu.Unlock()
	if step.Part > 0 {
		w.posts[len(w.posts)-1].ReplyTo = earlier["part-1"].RemoteID
	}
	if w.lose {
		w.lose = false
		return network.Outcome{}, fault.Wrap(fault.Unknown, nil, "the connection broke")
	}
	return network.Outcome{RemoteID: made.ID, URL: made.URL}, nil
}

// say puts a post on the wall, as somebody with the network's own app does.
func (w *wall) say(text string, at time.Time) network.Live {
	w.mu.Lock()
	defer w.mu.Unlock()
	name := fmt.Sprintf("w%03d", len(w.posts)+1)
	made := network.Live{Remote: network.Remote{ID: name, URL: "https://wall.example/" + name}, Exists: true, Text: text, At: at}
	w.posts = append(w.posts, made)
	return made
}

func (w *wall) Own(_ context.Context, _ network.Session, before string, limit int) ([]network.Live, string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, before)
	if w.err != nil {
		return nil, "", w.err
	}
	all := slices.Clone(w.posts)
	slices.SortStableFunc(all, func(a, b network.Live) int { return b.At.Compare(a.At) })
	all = slices.DeleteFunc(all, func(l network.Live) bool { return w.gone[l.ID] })
	from := 0
	if before != "" {
		from = slices.IndexFunc(all, func(l network.Live) bool { return l.ID == before }) + 1
	}
	to := min(from+limit, len(all))
	if to == len(all) {
		return all[from:to], "", nil
	}
	return all[from:to], all[to-1].ID, nil
}

func (w *wall) Read(_ context.Context, _ network.Session, r network.Remote) (network.Live, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.posts {
		if l.ID == r.ID && !w.gone[l.ID] {
			return l, nil
		}
	}
	return network.Live{Remote: r}, nil
}

func (w *wall) PostMetrics(_ context.Context, _ network.Session, items []network.Remote) (out []network.Measured, _ error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range items {
		out = append(out, network.Measured{RemoteID: r.ID, Gone: w.gone[r.ID], Values: network.Values{"M-LIKE": 7}})
	}
	return out, nil
}

func (*wall) AccountMetrics(context.Context, network.Session) (network.Values, error) {
	return nil, nil
}

type house struct {
	*testing.T
	db       *db.DB
	events   *event.Events
	posts    *post.Posts
	metrics  *metric.Metrics
	journal  *delivery.Journal
	inbox    *inbox.Inbox
	natives  *native.Posts
	actor    workspace.Actor
	ch       channel.Channel
	wall     *wall
	now      time.Time
	channels *channel.Channels
}

func build(t *testing.T, database *db.DB) *house {
	t.Helper()
	h := &house{T: t, db: database, wall: &wall{gone: map[string]bool{}}, now: db.Now()}
	h.actor = workspace.Actor{WorkspaceID: "ws_1", UserID: "user_1", Name: "Ida Holm", Via: "web", Zone: "UTC", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}
	for _, q := range []string{`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Test', 'UTC', 0)`,
		`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_1', 'Nordlys', 'UTC', 'EUR', 0)`,
		`insert into users (id, email, name, created_at) values ('user_1', 'ida@example.org', 'Ida Holm', 0)`,
		`insert into campaigns (workspace_id, id, brand_id, name, utm_campaign, zone, owner_id, currency, state, created_at) values ('ws_1', 'camp_1', 'brand_1', 'Roast', 'roast', 'UTC', 'user_1', 'EUR', 'active', 0)`} {
		h.exec(q)
	}
	keys, err := secret.Load(t.TempDir(), "")
	h.ok(err)
	h.events = event.New(database)
	h.channels = channel.New(database, h.events, keys, network.NewRegistry(h.wall), safehttp.New(safehttp.Policy{}))
	base, _ := url.Parse("https://bell.example")
	clock := func() time.Time { return h.now }
	h.posts = post.New(database, h.events, h.channels, link.New(database, h.events, base), nil).At(clock)
	h.metrics = metric.New(database, h.events, h.channels)
	h.journal = delivery.New(database, h.events, h.channels, h.posts, nil).At(clock)
	h.inbox = inbox.New(database, h.events, h.channels, contact.New(database), h.posts, h.metrics, nil)
	h.journal.Tell(nil, h.metrics)
	h.natives = native.New(database, h.channels, h.posts, h.metrics, h.journal, h.inbox).At(clock)
	made, err := h.channels.SignIn(ctx, h.actor, "wall", "brand_1", map[string]string{"handle": "club"})
	h.ok(err)
	h.ch = made[0]
	return h
}

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) exec(query string, args ...any) {
	h.Helper()
	_, err := db.Exec(ctx, h.db, query, args...)
	h.ok(err)
}

// read lets ten minutes pass and reads the channel.
func (h *house) read() {
	h.Helper()
	h.now = h.now.Add(10 * time.Minute)
	h.ok(h.natives.Read(ctx, "ws_1", h.ch.ID))
}

// published are the texts of what counts as published, once for each time it counts, sorted.
func (h *house) published() []string {
	h.Helper()
	out, err := db.All[string](ctx, h.db, `select p.origin || ':' || t.text_plain from targets t join posts p on p.workspace_id = t.workspace_id and p.id = t.post_id
		where t.workspace_id = 'ws_1' and t.published_at is not null order by 1`)
	h.ok(err)
	return out
}

func (h *house) shows(want ...string) {
	h.Helper()
	if got := h.published(); !slices.Equal(got, want) {
		h.Fatalf("published is %q, want %q", got, want)
	}
}

// publish plans a post for now and lets the journal carry it out as far as it goes.
func (h *house) publish(byHand bool, parts ...string) (post.Post, delivery.Delivery) {
	h.Helper()
	e := post.Edit{BrandID: "brand_1", Channels: []string{h.ch.ID}, Variants: map[string]post.VariantEdit{}}
	for _, text := range parts {
		e.Base.Parts = append(e.Base.Parts, post.Part{Text: text})
	}
	if byHand {
		e.Variants[h.ch.ID] = post.VariantEdit{Settings: map[string]string{network.ByHandSetting: "yes"}}
	}
	made, err := h.posts.Create(ctx, h.actor, e)
	h.ok(err)
	h.ok(h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Now: true, Confirm: true}))
	h.settle()
	return made, h.delivery(made.ID)
}

// settle lets the journal do what is due.
func (h *house) settle() {
	h.Helper()
	h.now = h.now.Add(time.Second)
	for range 3 {
		_, err := h.journal.Step(ctx)
		h.ok(err)
	}
}

func (h *house) delivery(postID string) delivery.Delivery {
	h.Helper()
	t := h.target(postID)
	d, err := h.journal.Get(ctx, h.actor, t.DeliveryID)
	h.ok(err)
	return d
}

func (h *house) target(postID string) post.Target {
	h.Helper()
	targets, err := h.posts.Targets(ctx, h.actor, postID)
	h.ok(err)
	return targets[0]
}
