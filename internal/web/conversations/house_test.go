package conversations_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/browser"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/contact"
	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/web/conversations"
	"github.com/bellwether-social/bellwether/internal/web/webtest"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

var ctx = context.Background()

// house is a workspace whose inbox is served.
type house struct {
	*webtest.House
	inbox    *inbox.Inbox
	contacts *contact.Contacts
	orders   *customer.Orders
	ch       channel.Channel
	said     int
	sent     int
	acted    int
	at       time.Time // of what was said last
}

// Reply counts what would go out; the journal is tested elsewhere.
func (h *house) Reply(context.Context, *db.Tx, inbox.ReplyOrder) (string, error) {
	h.sent++
	return fmt.Sprintf("dlv_%d", h.sent), nil
}

// Act counts what would be done.
func (h *house) Act(context.Context, *db.Tx, inbox.ActOrder) (string, error) {
	h.acted++
	return fmt.Sprintf("dlv_act_%d", h.acted), nil
}

// done reports of the newest act as the journal does.
func (h *house) done(state, reason string) {
	h.T.Helper()
	h.OK(h.DB.Tx(ctx, func(tx *db.Tx) error {
		return h.inbox.Acted(ctx, tx, "ws_1", fmt.Sprintf("dlv_act_%d", h.acted), "", state, reason)
	}))
}

func build(t testing.TB) *house {
	t.Helper()
	h := &house{House: webtest.Build(t), at: db.Now().Add(-time.Hour)}
	h.Exec(`insert into users (id, email, name, created_at) values ('user_2', 'ben@example.org', 'Ben Ode', 0)`)
	h.Exec(`insert into members (workspace_id, user_id, created_at) values ('ws_1', 'user_2', 0)`)
	h.Exec(`insert into member_roles (workspace_id, user_id, role) values ('ws_1', 'user_1', 'owner'), ('ws_1', 'user_2', 'community_manager')`)
	h.contacts = contact.New(h.DB)
	h.orders = customer.New(h.DB, h.Events, h.contacts)
	h.inbox = inbox.New(h.DB, h.Events, h.Channels, h.contacts, h.Posts, metric.New(h.DB, h.Events, h.Channels), h)
	h.ch = h.Connect("club")
	h.OK(h.inbox.Receive(ctx, h.ch, network.Batch{Cursor: "0"}))
	h.Serve(conversations.Routes(conversations.Rooms{Inbox: h.inbox, Contacts: h.contacts, Channels: h.Channels, Posts: h.Posts, Orders: h.orders, Insight: h.Insight, Workspaces: h.Workspaces}))
	return h
}

func (h *house) message(who, text string) network.Message {
	h.said++
	h.at = h.at.Add(time.Second)
	return network.Message{Remote: network.Remote{ID: fmt.Sprintf("m%03d", h.said), URL: "https://sandbox.example/" + who}, Kind: network.Comment, Thread: "thread-" + who,
		From: network.Person{ID: who, Handle: who, Name: who}, Text: text, At: h.at}
}

func (h *house) receive(m ...network.Message) {
	h.T.Helper()
	ch, err := h.Channels.Get(ctx, h.Actor, h.ch.ID)
	h.OK(err)
	h.OK(h.inbox.Receive(ctx, ch, network.Batch{Messages: m, Cursor: "1"}))
}

// says receives one message and returns the path of its conversation.
func (h *house) says(who, text string) string {
	h.T.Helper()
	h.receive(h.message(who, text))
	return "/inbox/" + h.of(who).ID
}

func (h *house) of(who string) inbox.Line {
	h.T.Helper()
	lines, _, err := h.inbox.List(ctx, h.Actor, inbox.Filter{Limit: 200})
	h.OK(err)
	for _, l := range lines {
		if l.Handle == who {
			return l
		}
	}
	h.T.Fatalf("there is no conversation with %s", who)
	return inbox.Line{}
}

// as makes the next requests those of a colleague.
func (h *house) as(id, name string, role workspace.Role) {
	h.User.ID, h.User.Name = id, name
	h.Actor.UserID, h.Actor.Name, h.Actor.Grants = id, name, []workspace.RoleGrant{{Role: role}}
}
