package inbox

import (
	"context"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/network"
)

func (i *Inbox) store(ctx context.Context, tx *db.Tx, m Message) error {
	if m.Media == nil {
		m.Media = []network.Attachment{}
	}
	if m.ReceivedAt.IsZero() {
		m.ReceivedAt = i.clock()
	}
	if m.At.IsZero() {
		m.At = m.ReceivedAt
	}
	_, err := db.Exec(ctx, tx, `insert into messages (workspace_id, id, conversation_id, channel_id, remote_id, remote, reply_to, outbound, automatic,
			author_id, identity_id, text, media, at, received_at, delivery_id, state, removed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`, m.WorkspaceID, m.ID, m.ConversationID, m.ChannelID, m.RemoteID,
		db.JSON(m.Remote), m.ReplyTo, m.Outbound, m.Automatic, m.AuthorID, m.IdentityID, m.Text, db.JSON(m.Media), m.At, m.ReceivedAt, m.DeliveryID, m.State, m.RemovedAt)
	if err != nil {
		return err
	}
	if !m.Outbound {
		if err := metric.Stale(ctx, tx, m.WorkspaceID, metric.OfMessages, m.At); err != nil {
			return err
		}
	}
	if m.ConversationID == "" {
		return nil
	}
	return i.index.Put(ctx, tx, m.WorkspaceID, m.ConversationID)
}

// insert stores a new conversation.
func (i *Inbox) insert(ctx context.Context, tx *db.Tx, c Conversation) error {
	_, err := db.Exec(ctx, tx, `insert into conversations (`+conversationColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`, c.WorkspaceID, c.ID, c.BrandID,
		c.ChannelID, c.Kind, c.Thread, c.ContactID, c.TargetID, c.CampaignID, c.PreviousID, c.State, c.AssigneeID, c.SnoozedUntil, c.FirstInboundAt,
		c.FirstReplyAt, c.LastMessageAt, c.LastInboundAt, c.ResolvedAt, "", db.JSON(c.Tags), c.Unread, c.Version, c.AnswerBy, c.AnswerEnd)
	return err
}

// touch stores a conversation after a message was added to it.
func (i *Inbox) touch(ctx context.Context, tx *db.Tx, c Conversation, m Message) error {
	if m.At.After(c.LastMessageAt) {
		c.LastMessageAt = m.At
		c.Preview = preview(m.Text, m.Media)
	}
	if !m.Outbound && m.At.After(c.LastInboundAt) {
		c.LastInboundAt = m.At
	}
	return i.save(ctx, tx, c)
}

// save stores what changes in a conversation that the transaction has locked.
func (i *Inbox) save(ctx context.Context, tx *db.Tx, c Conversation) error {
	_, err := db.Exec(ctx, tx, `update conversations set state = $3, assignee_id = $4, snoozed_until = $5, first_inbound_at = $6, first_reply_at = $7,
			last_message_at = $8, last_inbound_at = $9, resolved_at = $10, preview = $11, tags = $12, unread = $13, answer_by = $14, answer_end = $15 where workspace_id = $1 and id = $2`,
		c.WorkspaceID, c.ID, c.State, c.AssigneeID, c.SnoozedUntil, c.FirstInboundAt, c.FirstReplyAt, c.LastMessageAt, c.LastInboundAt, c.ResolvedAt,
		c.Preview, db.JSON(c.Tags), c.Unread, c.AnswerBy, c.AnswerEnd)
	return err
}

// private are the private answers to messages of the conversation $2.
const private = `select p.private_id from messages p where p.workspace_id = $1 and p.conversation_id = $2 and p.private_id <> ''`

// times computes the clocks of a conversation from its messages alone, so that they come out the same whenever they
// are computed: from each inbound message to the next reply of a person that did not fail, and from the first inbound
// to the first such reply. A private answer to a message counts as one. What came as history starts no clock.
func (i *Inbox) times(ctx context.Context, tx *db.Tx, c *Conversation) error {
	if c.FirstInboundAt.IsZero() {
		c.FirstReplyAt = time.Time{}
		return nil
	}
	if _, err := db.Exec(ctx, tx, `update messages set reply_seconds = (select (min(o.at) - messages.at) / 1000000 from messages o where o.workspace_id = $1
			and (o.conversation_id = $2 or o.id in (`+private+`)) and o.outbound = true and o.automatic = false and o.state <> 'failed' and o.at >= messages.at)
		where workspace_id = $1 and conversation_id = $2 and outbound = false and at >= $3`, c.WorkspaceID, c.ID, c.FirstInboundAt); err != nil {
		return err
	}
	first, err := db.One[time.Time](ctx, tx, `select min(at) from messages where workspace_id = $1 and (conversation_id = $2 or id in (`+private+`)) and outbound = true
		and automatic = false and state <> 'failed' and at >= $3`, c.WorkspaceID, c.ID, c.FirstInboundAt)
	c.FirstReplyAt = first
	return err
}

// preview is the one line a list shows of a message.
func preview(s string, media []network.Attachment) string {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" && len(media) > 0 {
		s = "(attachment)"
	}
	if r := []rune(s); len(r) > 140 {
		return string(r[:140]) + "…"
	}
	return s
}
