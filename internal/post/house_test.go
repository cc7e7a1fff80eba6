package post_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// house is a workspace with two sandbox channels in Europe/Berlin and a clock that stands where the test puts it.
type house struct {
	t        testing.TB
	db       *db.DB
	events   *event.Events
	channels *channel.Channels
	posts    *post.Posts
	actor    workspace.Actor
	now      time.Time
	ch, ch2  channel.Channel
	texts    int
}

// monday is 08:00 on Monday 23 November 2026 in Berlin.
var monday = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)

func build(t testing.TB, database *db.DB) *house {
	t.Helper()
	keys, err := secret.Load(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: database, now: monday, actor: workspace.Actor{WorkspaceID: "ws_1", UserID: "user_1", Name: "Ida", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}}
	for _, q := range []string{`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Test', 'Europe/Berlin', 0)`,
		`insert into workspaces (id, name, zone, created_at) values ('ws_2', 'Other', 'Europe/Berlin', 0)`,
		`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_1', 'Test', 'Europe/Berlin', 'EUR', 0)`} {
		h.exec(q)
	}
	h.events = event.New(database)
	h.channels = channel.New(database, h.events, keys, network.NewRegistry(sandbox.New(sandbox.NewWorld(1, db.Now).Quiet())), safehttp.New(safehttp.Policy{}))
	base, _ := url.Parse("https://bell.example")
	h.posts = post.New(database, h.events, h.channels, link.New(database, h.events, base), nil).At(func() time.Time { return h.now })
	h.ch, h.ch2 = h.connect("club"), h.connect("bar")
	return h
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	if _, err := db.Exec(context.Background(), h.db, query, args...); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) connect(handle string) channel.Channel {
	h.t.Helper()
	made, err := h.channels.SignIn(context.Background(), h.actor, "sandbox", "brand_1", map[string]string{"handle": handle})
	if err != nil {
		h.t.Fatal(err)
	}
	return made[0]
}

// draft makes a post with a text of its own on the channels, on the first when none are named.
func (h *house) draft(channels ...string) post.Post {
	h.texts++
	return h.write(post.Edit{Base: post.Content{Parts: []post.Part{{Text: words[h.texts%len(words)] + " " + words[h.texts/len(words)%len(words)] + " " + time.Duration(h.texts).String()}}}, Channels: channels})
}

var words = []string{"roast", "harvest", "class", "gift", "window", "garden", "winter", "bench", "letter", "music"}

func (h *house) write(e post.Edit) post.Post {
	h.t.Helper()
	e.BrandID = "brand_1"
	if len(e.Channels) == 0 {
		e.Channels = []string{h.ch.ID}
	}
	made, err := h.posts.Create(context.Background(), h.actor, e)
	if err != nil {
		h.t.Fatal(err)
	}
	return made
}

// at makes a post and plans it at a wall-clock time of the first channel.
func (h *house) at(wall string) post.Target {
	h.t.Helper()
	made := h.draft()
	h.ok(h.posts.Schedule(context.Background(), h.actor, made.ID, post.Plan{Wall: wall, Confirm: true}))
	return h.target(made.ID)
}

// queued makes a post and puts it into the next slot.
func (h *house) queued(tags ...string) post.Target {
	h.t.Helper()
	h.texts++
	made := h.write(post.Edit{Base: post.Content{Parts: []post.Part{{Text: "queued " + time.Duration(h.texts).String()}}}, Tags: tags})
	h.ok(h.posts.Enqueue(context.Background(), h.actor, made.ID, post.Next, true))
	return h.target(made.ID)
}

func (h *house) slots(slots ...post.Slot) {
	h.t.Helper()
	h.ok(h.posts.SetSlots(context.Background(), h.actor, h.ch.ID, slots))
}

func (h *house) target(postID string) post.Target {
	h.t.Helper()
	targets, err := h.posts.Targets(context.Background(), h.actor, postID)
	if err != nil || len(targets) == 0 {
		h.t.Fatalf("targets of %s: %v, %v", postID, targets, err)
	}
	return targets[0]
}

func (h *house) again(t post.Target) post.Target {
	h.t.Helper()
	now, err := h.posts.Target(context.Background(), h.actor, t.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return now
}

func (h *house) state(postID string) post.State {
	h.t.Helper()
	p, err := h.posts.Get(context.Background(), h.actor, postID)
	if err != nil {
		h.t.Fatal(err)
	}
	return p.State
}

// begin takes a target for sending as the journal does.
func (h *house) begin(t post.Target) error {
	return h.db.Tx(context.Background(), func(tx *db.Tx) error {
		_, err := h.posts.Begin(context.Background(), tx, t.WorkspaceID, t.ID)
		return err
	})
}

func (h *house) settle(t post.Target, o post.Outcome) {
	h.t.Helper()
	h.ok(h.db.Tx(context.Background(), func(tx *db.Tx) error { return h.posts.Settle(context.Background(), tx, t.WorkspaceID, t.ID, o) }))
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// refused checks that err is of the kind and code.
func (h *house) refused(err error, kind fault.Kind, code string) {
	h.t.Helper()
	if !fault.Is(err, kind) || fault.As(err).Code != code {
		h.t.Fatalf("got %v (%s, code %q), want %s, code %q", err, fault.KindOf(err), fault.As(err).Code, kind, code)
	}
}
