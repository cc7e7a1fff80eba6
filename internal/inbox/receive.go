package inbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/contact"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

// Sender carries an answer out; the journal implements it.
type Sender interface {
	// Reply stores the delivery of an answer in tx and returns its id.
	Reply(ctx context.Context, tx *db.Tx, order ReplyOrder) (deliveryID string, err error)
}

// ReplyOrder is an answer as the journal needs it.
type ReplyOrder struct {
	WorkspaceID   string
	ChannelID     string
	MessageID     string // our outbound message
	Reply         network.Reply
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
	sender   Sender
}

// New returns the inbox of this database. Answers go out through sender.
func New(database *db.DB, events *event.Events, channels *channel.Channels, contacts *contact.Contacts, posts *post.Posts, sender Sender) *Inbox {
	return &Inbox{db: database, events: events, channels: channels, contacts: contacts, posts: posts, sender: sender}
}

// Poll reads what is new on one channel, page by page, and stores each page with the cursor that follows it.
func (i *Inbox) Poll(ctx context.Context, workspaceID, channelID string) error {
	for range 20 { // a bound on one run; the next run goes on from the stored cursor
		ch, n, session, err := i.channels.Session(ctx, workspaceID, channelID)
		if err != nil {
			return err
		}
		converser, ok := n.(network.Converser)
		if !ok {
			return nil
		}
		batch, err := converser.Fetch(ctx, session, ch.InboxCursor)
		if err != nil {
			if fault.Is(err, fault.Unauthorised) {
				return i.db.Tx(ctx, func(tx *db.Tx) error {
					return i.channels.NeedsReconnect(ctx, tx, workspaceID, channelID, fault.As(err).Message)
				})
			}
			_, markErr := db.Exec(ctx, i.db, `update channels set inbox_error = $3 where workspace_id = $1 and id = $2`, workspaceID, channelID, fault.As(err).Message)
			if markErr != nil {
				return markErr
			}
			return err
		}
		if err := i.Receive(ctx, ch, batch); err != nil {
			return err
		}
		if !batch.More || batch.Cursor == ch.InboxCursor {
			return nil
		}
	}
	return nil
}

// Receive stores a page of what people said. The same page received again changes nothing. What comes with the very
// first page of a channel is history: it is stored as resolved and starts no clock (E22).
func (i *Inbox) Receive(ctx context.Context, ch channel.Channel, batch network.Batch) error {
	return i.db.Tx(ctx, func(tx *db.Tx) error {
		history := ch.InboxAt.IsZero()
		for _, m := range batch.Messages {
			if err := i.receive(ctx, tx, ch, m, history); err != nil {
				return fmt.Errorf("store message %s: %w", m.ID, err)
			}
		}
		for _, r := range batch.Reactions {
			if err := i.react(ctx, tx, ch, r); err != nil {
				return fmt.Errorf("store reaction %s: %w", r.ID, err)
			}
		}
		_, err := db.Exec(ctx, tx, `update channels set inbox_cursor = $3, inbox_at = $4, inbox_error = '' where workspace_id = $1 and id = $2`,
			ch.WorkspaceID, ch.ID, batch.Cursor, db.Now())
		return err
	})
}

func (i *Inbox) receive(ctx context.Context, tx *db.Tx, ch channel.Channel, m network.Message, history bool) error {
	if m.Removed {
		_, err := db.Exec(ctx, tx, `update messages set removed_at = $4 where workspace_id = $1 and channel_id = $2 and remote_id = $3 and removed_at is null`,
			ch.WorkspaceID, ch.ID, m.ID, db.Now())
		return err
	}
	known, err := db.All[Message](ctx, tx, `select `+messageColumns+` from messages where workspace_id = $1 and channel_id = $2 and remote_id = $3`,
		ch.WorkspaceID, ch.ID, m.ID)
	if err != nil {
		return err
	}
	if len(known) > 0 {
		if known[0].Text != m.Text && !known[0].Outbound { // edited by its author
			_, err = db.Exec(ctx, tx, `update messages set text = $3 where workspace_id = $1 and id = $2`, ch.WorkspaceID, known[0].ID, m.Text)
		}
		return err
	}
	if m.Own {
		return i.receiveOwn(ctx, tx, ch, m)
	}
	person, err := i.contacts.Seen(ctx, tx, ch.WorkspaceID, ch.Network, m.From)
	if err != nil {
		return err
	}
	c, err := i.conversationFor(ctx, tx, ch, m, person.ContactID)
	if err != nil {
		return err
	}
	if history && c.State == StateNew {
		c.State, c.ResolvedAt, c.Unread = Resolved, m.At, false
	}
	stored := Message{WorkspaceID: ch.WorkspaceID, ID: id.New("msg"), ConversationID: c.ID, ChannelID: ch.ID, RemoteID: m.ID, Remote: m.Remote,
		ReplyTo: m.ReplyTo, IdentityID: person.ID, Text: m.Text, Media: m.Media, At: m.At, ReceivedAt: db.Now()}
	if err := i.store(ctx, tx, stored); err != nil {
		return err
	}
	if err := i.touch(ctx, tx, c, stored); err != nil || history {
		return err
	}
	return i.events.Record(ctx, tx, ch.WorkspaceID, "system", "inbox.message_received", c.ID, map[string]string{
		"message": stored.ID, "channel": ch.ID, "kind": string(c.Kind), "contact": c.ContactID, "target": c.TargetID, "assignee": c.AssigneeID})
}

// receiveOwn stores what the account said outside Bellwether: an answer given in the network's own app ends the
// waiting just as ours would, but it counts for nobody's response time here.
func (i *Inbox) receiveOwn(ctx context.Context, tx *db.Tx, ch channel.Channel, m network.Message) error {
	if _, err := i.posts.TargetByRemote(ctx, tx, ch.WorkspaceID, ch.ID, m.ID); err == nil {
		return nil // a post of ours, not an answer
	} else if !fault.Is(err, fault.NotFound) {
		return err
	}
	open, err := db.All[Conversation](ctx, tx, `select `+conversationColumns+` from conversations where workspace_id = $1 and channel_id = $2
		and thread = $3 order by id desc limit 1`, ch.WorkspaceID, ch.ID, m.Thread)
	if err != nil || len(open) == 0 {
		return err
	}
	c := open[0]
	stored := Message{WorkspaceID: ch.WorkspaceID, ID: id.New("msg"), ConversationID: c.ID, ChannelID: ch.ID, RemoteID: m.ID, Remote: m.Remote,
		ReplyTo: m.ReplyTo, Outbound: true, Automatic: true, Text: m.Text, Media: m.Media, At: m.At, ReceivedAt: db.Now(), State: "sent"}
	if err := i.store(ctx, tx, stored); err != nil {
		return err
	}
	if c.State == StateNew || c.State == Open {
		c.State = Pending
	}
	return i.touch(ctx, tx, c, stored)
}

// conversationFor finds the conversation an inbound message belongs to, or starts one.
func (i *Inbox) conversationFor(ctx context.Context, tx *db.Tx, ch channel.Channel, m network.Message, contactID string) (Conversation, error) {
	rows, err := db.All[Conversation](ctx, tx, `select `+conversationColumns+` from conversations where workspace_id = $1 and channel_id = $2
		and thread = $3 and contact_id = $4 and kind = $5 order by id desc limit 1`, ch.WorkspaceID, ch.ID, m.Thread, contactID, m.Kind)
	if err != nil {
		return Conversation{}, err
	}
	c := Conversation{WorkspaceID: ch.WorkspaceID, ID: id.New("conv"), BrandID: ch.BrandID, ChannelID: ch.ID, Kind: m.Kind, Thread: m.Thread,
		ContactID: contactID, State: StateNew, FirstInboundAt: m.At, Tags: []string{}, Unread: true}
	if len(rows) > 0 {
		old := rows[0]
		if old.State != Resolved || m.At.Sub(old.ResolvedAt) <= reopenWindow {
			if old.State != StateNew {
				old.State = Open
			}
			old.Unread, old.SnoozedUntil, old.ResolvedAt = true, time.Time{}, time.Time{}
			return old, nil
		}
		c.PreviousID, c.AssigneeID = old.ID, old.AssigneeID
	}
	for _, remote := range []string{m.Thread, m.ReplyTo} {
		t, err := i.posts.TargetByRemote(ctx, tx, ch.WorkspaceID, ch.ID, remote)
		if err == nil {
			c.TargetID = t.ID
			campaigns, err := db.All[string](ctx, tx, `select campaign_id from posts where workspace_id = $1 and id = $2`, ch.WorkspaceID, t.PostID)
			if err != nil {
				return c, err
			}
			c.CampaignID = campaigns[0]
			break
		}
		if !fault.Is(err, fault.NotFound) {
			return c, err
		}
	}
	_, err = db.Exec(ctx, tx, `insert into conversations (`+conversationColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`, c.WorkspaceID, c.ID, c.BrandID,
		c.ChannelID, c.Kind, c.Thread, c.ContactID, c.TargetID, c.CampaignID, c.PreviousID, c.State, c.AssigneeID, c.SnoozedUntil, c.FirstInboundAt,
		c.FirstReplyAt, m.At, m.At, c.ResolvedAt, "", db.JSON(c.Tags), c.Unread, 0)
	return c, err
}

func (i *Inbox) store(ctx context.Context, tx *db.Tx, m Message) error {
	if m.Media == nil {
		m.Media = []network.Attachment{}
	}
	_, err := db.Exec(ctx, tx, `insert into messages (workspace_id, id, conversation_id, channel_id, remote_id, remote, reply_to, outbound, automatic,
			author_id, identity_id, text, media, at, received_at, delivery_id, state)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`, m.WorkspaceID, m.ID, m.ConversationID, m.ChannelID, m.RemoteID,
		db.JSON(m.Remote), m.ReplyTo, m.Outbound, m.Automatic, m.AuthorID, m.IdentityID, m.Text, db.JSON(m.Media), m.At, m.ReceivedAt, m.DeliveryID, m.State)
	return err
}

// touch stores a conversation after a message was added to it.
func (i *Inbox) touch(ctx context.Context, tx *db.Tx, c Conversation, m Message) error {
	if m.At.After(c.LastMessageAt) {
		c.LastMessageAt = m.At
		c.Preview = preview(m.Text)
	}
	if !m.Outbound && m.At.After(c.LastInboundAt) {
		c.LastInboundAt = m.At
	}
	_, err := db.Exec(ctx, tx, `update conversations set state = $3, snoozed_until = $4, first_reply_at = $5, last_message_at = $6, last_inbound_at = $7,
			resolved_at = $8, preview = $9, unread = $10, version = version + 1 where workspace_id = $1 and id = $2`, c.WorkspaceID, c.ID, c.State,
		c.SnoozedUntil, c.FirstReplyAt, c.LastMessageAt, c.LastInboundAt, c.ResolvedAt, c.Preview, c.Unread)
	return err
}

func (i *Inbox) react(ctx context.Context, tx *db.Tx, ch channel.Channel, r network.Reaction) error {
	person, err := i.contacts.Seen(ctx, tx, ch.WorkspaceID, ch.Network, r.From)
	if err != nil {
		return err
	}
	target := ""
	if t, err := i.posts.TargetByRemote(ctx, tx, ch.WorkspaceID, ch.ID, r.On); err == nil && r.On != "" {
		target = t.ID
	} else if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	_, err = db.Exec(ctx, tx, `insert into reactions (workspace_id, id, channel_id, remote_id, kind, contact_id, target_id, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (workspace_id, channel_id, remote_id) do nothing`,
		ch.WorkspaceID, id.New("react"), ch.ID, r.ID, r.Kind, person.ContactID, target, r.At)
	return err
}

func preview(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 140 {
		return string(r[:140]) + "…"
	}
	return s
}

const conversationColumns = `workspace_id, id, brand_id, channel_id, kind, thread, contact_id, target_id, campaign_id, previous_id, state, assignee_id,
	snoozed_until, first_inbound_at, first_reply_at, last_message_at, last_inbound_at, resolved_at, preview, tags, unread, version`

const messageColumns = `workspace_id, id, conversation_id, channel_id, remote_id, remote, reply_to, outbound, automatic, author_id, identity_id, text,
	media, at, received_at, delivery_id, state, liked, hidden, removed_at, reply_seconds`
