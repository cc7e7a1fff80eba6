package inbox

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/contact"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/search"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Sender carries answers and acts out; the journal implements it.
type Sender interface {
	// Act stores the delivery of an act in tx and returns its id.
	Act(ctx context.Context, tx *db.Tx, order ActOrder) (deliveryID string, err error)
	// Reply stores the delivery of an answer in tx and returns its id.
	Reply(ctx context.Context, tx *db.Tx, order ReplyOrder) (deliveryID string, err error)
}

// ReplyOrder is an answer as the journal needs it.
type ReplyOrder struct {
	WorkspaceID   string
	ChannelID     string
	MessageID     string // our outbound message
	Reply         network.Reply
	Private       bool      // the one private answer to a public message
	Until         time.Time // from when on the network refuses it; zero = never
	ResponsibleID string
	Actor         string
}

// Inbox is every conversation.
type Inbox struct {
	db       *db.DB
	events   *event.Events
	channels *channel.Channels
	contacts *contact.Contacts
	posts    *post.Posts
	metrics  *metric.Metrics
	sender   Sender
	index    *search.Index
	clock    func() time.Time
}

// New returns the inbox of this database. Answers go out through sender.
func New(database *db.DB, events *event.Events, channels *channel.Channels, contacts *contact.Contacts, posts *post.Posts, metrics *metric.Metrics, sender Sender) *Inbox {
	return &Inbox{db: database, events: events, channels: channels, contacts: contacts, posts: posts, metrics: metrics, sender: sender,
		index: search.New(database, search.Conversation, said), clock: db.Now}
}

// At returns the inbox with another clock, for tests.
func (i *Inbox) At(clock func() time.Time) *Inbox {
	other := *i
	other.clock = clock
	return &other
}

// Get returns one conversation of the workspace.
func (i *Inbox) Get(ctx context.Context, actor workspace.Actor, conversationID string) (Conversation, error) {
	c, err := i.get(ctx, i.db, actor.WorkspaceID, conversationID)
	if err != nil {
		return c, err
	}
	return c, may(actor, workspace.InboxRead, c)
}

func (i *Inbox) get(ctx context.Context, q db.Queryer, workspaceID, conversationID string) (Conversation, error) {
	c, err := db.One[Conversation](ctx, q, `select `+conversationColumns+` from conversations where workspace_id = $1 and id = $2`, workspaceID, conversationID)
	return c, named(err)
}

// lock returns a conversation as it stands now and keeps everybody else from changing it until the transaction ends.
func (i *Inbox) lock(ctx context.Context, tx *db.Tx, workspaceID, conversationID string) (Conversation, error) {
	c, err := db.One[Conversation](ctx, tx, `update conversations set version = version + 1 where workspace_id = $1 and id = $2 returning `+conversationColumns,
		workspaceID, conversationID)
	return c, named(err)
}

func named(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.NotFoundf("there is no such conversation in this workspace")
	}
	return err
}

// may asks for a capability over one conversation; holding it for one's own work is enough where the conversation is
// assigned to the actor.
func may(actor workspace.Actor, c workspace.Capability, v Conversation) error {
	at, own := workspace.Scope{BrandID: v.BrandID, ChannelID: v.ChannelID}, v.AssigneeID != "" && v.AssigneeID == actor.UserID
	return workspace.Unseen(actor.MayOwn(c, at, own), actor.Sees(workspace.InboxRead, at, own), "conversation")
}

// Messages returns a conversation's newest 500 messages, the oldest first.
func (i *Inbox) Messages(ctx context.Context, actor workspace.Actor, conversationID string) ([]Message, error) {
	if _, err := i.Get(ctx, actor, conversationID); err != nil {
		return nil, err
	}
	return db.All[Message](ctx, i.db, `select `+messageColumns+` from (select * from messages where workspace_id = $1 and conversation_id = $2
		order by at desc, id desc limit 500) newest order by at, id`, actor.WorkspaceID, conversationID)
}

// Notes returns a conversation's internal notes, the oldest first.
func (i *Inbox) Notes(ctx context.Context, actor workspace.Actor, conversationID string) ([]Note, error) {
	if _, err := i.Get(ctx, actor, conversationID); err != nil {
		return nil, err
	}
	return db.All[Note](ctx, i.db, `select n.id, n.conversation_id, n.author_id, coalesce(u.name, '') as author_name, n.text, n.at
		from notes n left join users u on u.id = n.author_id where n.workspace_id = $1 and n.conversation_id = $2 order by n.at, n.id`,
		actor.WorkspaceID, conversationID)
}

// Sync is how fresh a channel's inbox is.
type Sync struct {
	ChannelID string    `db:"id"`
	Name      string    `db:"name"`
	Network   string    `db:"network"`
	At        time.Time `db:"inbox_at"` // of the last page stored; zero = none yet
	Error     string    `db:"inbox_error"`
	State     string    `db:"state"` // of the connection
	Reason    string    `db:"state_reason"`
}

// Syncs returns the state of every connected channel's inbox.
func (i *Inbox) Syncs(ctx context.Context, actor workspace.Actor) ([]Sync, error) {
	if !actor.CanSomewhere(workspace.InboxRead) {
		return nil, actor.May(workspace.InboxRead, workspace.Scope{})
	}
	return db.All[Sync](ctx, i.db, `select c.id, c.name, c.network, c.inbox_at, c.inbox_error, n.state, n.state_reason from channels c
		join connections n on n.workspace_id = c.workspace_id and n.id = c.connection_id where c.workspace_id = $1 and c.disconnected_at is null
		order by c.network, c.name, c.id`, actor.WorkspaceID)
}
