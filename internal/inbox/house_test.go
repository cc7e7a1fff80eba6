package inbox_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/contact"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

var ctx = context.Background()

// house is a workspace with one sandbox channel, two members and a clock that stands where the test puts it.
type house struct {
	t        testing.TB
	db       *db.DB
	channels *channel.Channels
	contacts *contact.Contacts
	inbox    *inbox.Inbox
	sender   *sender
	world    *sandbox.World
	ch       channel.Channel
	ida, ben workspace.Actor
	now      time.Time
	said     int
}

// sender notes what the journal would carry out.
type sender struct {
	orders []inbox.ReplyOrder
	acts   []inbox.ActOrder
	err    error
}

func (s *sender) Reply(_ context.Context, _ *db.Tx, o inbox.ReplyOrder) (string, error) {
	if s.err != nil {
		return "", s.err
	}
	s.orders = append(s.orders, o)
	return fmt.Sprintf("dlv_%d", len(s.orders)), nil
}

func (s *sender) Act(_ context.Context, _ *db.Tx, o inbox.ActOrder) (string, error) {
	if s.err != nil {
		return "", s.err
	}
	s.acts = append(s.acts, o)
	return fmt.Sprintf("dlv_act_%d", len(s.acts)), nil
}

func owner(id, name string) workspace.Actor {
	return workspace.Actor{WorkspaceID: "ws_1", UserID: id, Name: name, Via: "web", Zone: "UTC", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}
}

func build(t testing.TB, database *db.DB) *house {
	t.Helper()
	keys, err := secret.Load(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: database, sender: &sender{}, ida: owner("user_1", "Ida Holm"), ben: owner("user_2", "Ben Ode"), now: db.Now().Add(time.Hour)}
	for _, q := range []string{`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Test', 'Europe/Berlin', 0), ('ws_2', 'Other', 'UTC', 0)`,
		`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_1', 'Nordlys', 'Europe/Berlin', 'EUR', 0)`,
		`insert into users (id, email, name, created_at) values ('user_1', 'ida@example.org', 'Ida Holm', 0), ('user_2', 'ben@example.org', 'Ben Ode', 0)`,
		`insert into members (workspace_id, user_id, created_at) values ('ws_1', 'user_1', 0), ('ws_1', 'user_2', 0)`} {
		h.exec(q)
	}
	h.world = sandbox.NewWorld(1, db.Now).Quiet()
	events := event.New(database)
	h.channels = channel.New(database, events, keys, network.NewRegistry(windowed{sandbox.New(h.world)}), safehttp.New(safehttp.Policy{}))
	base, _ := url.Parse("https://bell.example")
	posts := post.New(database, events, h.channels, link.New(database, events, base), nil)
	h.contacts = contact.New(database)
	h.inbox = inbox.New(database, events, h.channels, h.contacts, posts, metric.New(database, events, h.channels), h.sender).At(func() time.Time { return h.now })
	made, err := h.channels.SignIn(ctx, h.ida, "sandbox", "brand_1", map[string]string{"handle": "club"})
	if err != nil {
		t.Fatal(err)
	}
	h.ch = made[0]
	h.receive() // an empty first page: everything from here on is new
	return h
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	if _, err := db.Exec(ctx, h.db, query, args...); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) refused(err error, kind fault.Kind, code string) {
	h.t.Helper()
	if !fault.Is(err, kind) || fault.As(err).Code != code {
		h.t.Fatalf("got %v (%s, code %q), want %s, code %q", err, fault.KindOf(err), fault.As(err).Code, kind, code)
	}
}

// receive stores one page of messages.
func (h *house) receive(messages ...network.Message) {
	h.t.Helper()
	ch, err := h.channels.Get(ctx, h.ida, h.ch.ID)
	h.ok(err)
	h.ok(h.inbox.Receive(ctx, ch, network.Batch{Messages: messages, Cursor: "c"}))
}

// from is a comment by somebody in their own thread, a second after the one before.
func (h *house) from(who, text string) network.Message {
	h.said++
	h.now = h.now.Add(time.Second)
	return network.Message{Remote: network.Remote{ID: fmt.Sprintf("m%03d", h.said)}, Kind: network.Comment, Thread: "thread-" + who, From: network.Person{ID: who, Handle: who, Name: who}, Text: text, At: h.now}
}

// open receives one message and returns its conversation.
func (h *house) open(who, text string) inbox.Conversation {
	h.t.Helper()
	h.receive(h.from(who, text))
	return h.of(who)
}

// of is the newest conversation with somebody.
func (h *house) of(who string) inbox.Conversation {
	h.t.Helper()
	all, _, err := h.inbox.List(ctx, h.ida, inbox.Filter{Limit: 200})
	h.ok(err)
	var found inbox.Conversation
	for _, line := range all {
		if line.Handle == who && line.ID > found.ID {
			found = line.Conversation
		}
	}
	if found.ID == "" {
		h.t.Fatalf("there is no conversation with %s", who)
	}
	return found
}

func (h *house) get(c inbox.Conversation) inbox.Conversation {
	h.t.Helper()
	now, err := h.inbox.Get(ctx, h.ida, c.ID)
	h.ok(err)
	return now
}

func (h *house) messages(c inbox.Conversation) []inbox.Message {
	h.t.Helper()
	all, err := h.inbox.Messages(ctx, h.ida, c.ID)
	h.ok(err)
	return all
}

func (h *house) reply(actor workspace.Actor, c inbox.Conversation, text string) inbox.Message {
	h.t.Helper()
	m, err := h.inbox.Reply(ctx, actor, inbox.Answer{ConversationID: c.ID, Text: text})
	h.ok(err)
	return m
}

// act orders an act and reports that it was carried out.
func (h *house) act(actor workspace.Actor, m inbox.Message, act network.Act) error {
	if err := h.inbox.Act(ctx, actor, m.ID, inbox.Deed{Act: act}); err != nil {
		return err
	}
	h.acted("done", "")
	return nil
}

// acted reports of the newest act as the journal does.
func (h *house) acted(state, reason string) {
	h.t.Helper()
	h.ok(h.db.Tx(ctx, func(tx *db.Tx) error {
		return h.inbox.Acted(ctx, tx, "ws_1", fmt.Sprintf("dlv_act_%d", len(h.sender.acts)), "", state, reason)
	}))
}

// delivered reports as the journal does.
func (h *house) delivered(m inbox.Message, state, remote string) {
	h.t.Helper()
	h.ok(h.db.Tx(ctx, func(tx *db.Tx) error {
		return h.inbox.Delivered(ctx, tx, "ws_1", m.ID, state, network.Remote{ID: remote})
	}))
}

func (h *house) stands(c inbox.Conversation, want inbox.State) inbox.Conversation {
	h.t.Helper()
	now := h.get(c)
	if now.State != want {
		h.t.Fatalf("the conversation is %s, want %s", now.State, want)
	}
	return now
}
