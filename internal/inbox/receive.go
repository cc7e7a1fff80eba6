package inbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

// Poll reads what is new on one channel, page by page, and stores each page with the cursor that follows it.
func (i *Inbox) Poll(ctx context.Context, workspaceID, channelID string) error {
	first := false
	for page := range 20 { // a bound on one run; the next run goes on from the stored cursor
		ch, n, session, err := i.channels.Reading(ctx, workspaceID, channelID)
		if err != nil {
			return err
		}
		converser, ok := n.(network.Converser)
		if !ok {
			return nil
		}
		if first = first || page == 0 && ch.InboxAt.IsZero(); first {
			ch.InboxAt = time.Time{} // all pages of the first reading are one
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

// Receive stores a page of what people said. The same page received again changes nothing. What was said before the
// channel was connected and comes with the first reading is history: it is stored as resolved, starts no clock and tells
// nobody (E22).
func (i *Inbox) Receive(ctx context.Context, ch channel.Channel, batch network.Batch) error {
	return i.db.Tx(ctx, func(tx *db.Tx) error {
		holds, err := i.holdsIn(ctx, tx, ch.WorkspaceID)
		if err != nil {
			return err
		}
		for _, m := range batch.Messages {
			if err := i.receive(ctx, tx, ch, clean(m), ch.InboxAt.IsZero() && m.At.Before(ch.CreatedAt), holds); err != nil {
				return fmt.Errorf("store message %s: %w", m.ID, err)
			}
		}
		for _, r := range batch.Reactions {
			if err := i.react(ctx, tx, ch, r); err != nil {
				return fmt.Errorf("store reaction %s: %w", r.ID, err)
			}
		}
		for _, told := range batch.Measured {
			if err := i.measured(ctx, tx, ch, told); err != nil {
				return fmt.Errorf("store the numbers of %s: %w", told.RemoteID, err)
			}
		}
		_, err = db.Exec(ctx, tx, `update channels set inbox_cursor = $3, inbox_at = $4, inbox_error = '' where workspace_id = $1 and id = $2`,
			ch.WorkspaceID, ch.ID, batch.Cursor, i.clock())
		return err
	})
}

// measured hands on what a network says of a post's numbers as news; those of what is no post of ours are nobody's.
func (i *Inbox) measured(ctx context.Context, tx *db.Tx, ch channel.Channel, told network.Measured) error {
	t, err := i.posts.TargetByRemote(ctx, tx, ch.WorkspaceID, ch.ID, told.RemoteID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return i.metrics.Told(ctx, tx, ch.WorkspaceID, t.ID, told, i.clock())
}

// Concern tells the conversations below an item which post of ours it is: one that was met after people had answered it.
func (i *Inbox) Concern(ctx context.Context, tx *db.Tx, t post.Target) error {
	_, err := db.Exec(ctx, tx, `update conversations set target_id = $4 where workspace_id = $1 and channel_id = $2 and thread = $3 and target_id = '' and $3 <> ''`,
		t.WorkspaceID, t.ChannelID, t.RemoteID, t.ID)
	return err
}

// Retarget moves what people said about a post to another that turned out to be the same publication.
func (i *Inbox) Retarget(ctx context.Context, tx *db.Tx, workspaceID, fromID, intoID string) error {
	for _, q := range []string{`update conversations set target_id = $3 where workspace_id = $1 and target_id = $2`, `update reactions set target_id = $3 where workspace_id = $1 and target_id = $2`} {
		if _, err := db.Exec(ctx, tx, q, workspaceID, fromID, intoID); err != nil {
			return err
		}
	}
	return nil
}

// longest bounds a stranger's message in bytes; no network of ours allows more.
const longest = 100_000

// clean makes a stranger's message something a database takes.
func clean(m network.Message) network.Message {
	m.Text = strings.ReplaceAll(strings.ToValidUTF8(m.Text, "\uFFFD"), "\x00", "")
	if len(m.Text) > longest {
		m.Text = strings.ToValidUTF8(m.Text[:longest], "") + "…"
	}
	return m
}

func (i *Inbox) receive(ctx context.Context, tx *db.Tx, ch channel.Channel, m network.Message, history bool, holds []Hold) error {
	known, err := db.All[Message](ctx, tx, `select `+messageColumns+` from messages where workspace_id = $1 and channel_id = $2 and remote_id = $3`,
		ch.WorkspaceID, ch.ID, m.ID)
	if err != nil {
		return err
	}
	gone := m.Removed
	switch {
	case m.Removed && len(known) == 0: // gone before it came: when it still comes it must not appear as standing
		return i.store(ctx, tx, Message{WorkspaceID: ch.WorkspaceID, ID: id.New("msg"), ChannelID: ch.ID, RemoteID: m.ID, Remote: m.Remote, Outbound: m.Own, At: m.At, RemovedAt: i.clock()})
	case m.Removed:
		return i.removed(ctx, tx, known[0])
	case len(known) > 0 && known[0].ConversationID != "":
		if m.Own {
			return i.opened(ctx, tx, known[0], m.Thread)
		}
		return i.edited(ctx, tx, known[0], m)
	case len(known) > 0:
		gone = true
		if _, err := db.Exec(ctx, tx, `delete from messages where workspace_id = $1 and id = $2`, ch.WorkspaceID, known[0].ID); err != nil {
			return err
		}
		if err := metric.Stale(ctx, tx, ch.WorkspaceID, metric.OfMessages, known[0].At); err != nil {
			return err
		}
	}
	if m.Own {
		return i.receiveOwn(ctx, tx, ch, m, history, gone)
	}
	person, err := i.contacts.Seen(ctx, tx, ch.WorkspaceID, ch.Network, m.From)
	if err != nil {
		return err
	}
	c, err := i.conversationFor(ctx, tx, ch, m, person.ContactID, history || gone)
	if err != nil {
		return err
	}
	stored := Message{WorkspaceID: ch.WorkspaceID, ID: id.New("msg"), ConversationID: c.ID, ChannelID: ch.ID, RemoteID: m.ID, Remote: m.Remote,
		ReplyTo: m.ReplyTo, IdentityID: person.ID, Text: m.Text, Media: m.Media, At: m.At, ReceivedAt: i.clock()}
	if gone {
		stored.RemovedAt = i.clock()
	}
	if err := i.store(ctx, tx, stored); err != nil {
		return err
	}
	newcomer := c.LastInboundAt.IsZero()
	if !gone && m.At.After(c.LastInboundAt) {
		c.AnswerBy, c.AnswerEnd = i.window(ch, c.Kind, m.At)
	}
	if err := i.touch(ctx, tx, c, stored); err != nil || history || gone {
		return err
	}
	if err := i.check(ctx, tx, c, stored, newcomer, holds); err != nil {
		return err
	}
	return i.events.Record(ctx, tx, ch.WorkspaceID, "system", "inbox.message_received", c.ID, map[string]string{
		"message": stored.ID, "channel": ch.ID, "kind": string(c.Kind), "contact": c.ContactID, "target": c.TargetID, "assignee": c.AssigneeID})
}

// removed marks a message whose author or network took it back; its text stays readable here (E27).
func (i *Inbox) removed(ctx context.Context, tx *db.Tx, m Message) error {
	if !m.RemovedAt.IsZero() {
		return nil
	}
	if _, err := db.Exec(ctx, tx, `update messages set removed_at = $3 where workspace_id = $1 and id = $2`, m.WorkspaceID, m.ID, i.clock()); err != nil {
		return err
	}
	return i.events.Record(ctx, tx, m.WorkspaceID, "system", "inbox.message_removed", m.ConversationID, map[string]string{"message": m.ID})
}

// edited takes over the text its author changed.
func (i *Inbox) edited(ctx context.Context, tx *db.Tx, before Message, m network.Message) error {
	if before.Outbound || before.Text == m.Text {
		return nil
	}
	if _, err := db.Exec(ctx, tx, `update messages set text = $3 where workspace_id = $1 and id = $2`, before.WorkspaceID, before.ID, m.Text); err != nil {
		return err
	}
	if err := i.index.Put(ctx, tx, before.WorkspaceID, before.ConversationID); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, `update conversations set preview = $4 where workspace_id = $1 and id = $2 and last_message_at = $3`, before.WorkspaceID,
		before.ConversationID, before.At, preview(m.Text, before.Media)); err != nil {
		return err
	}
	return i.events.Record(ctx, tx, before.WorkspaceID, "system", "inbox.message_edited", before.ConversationID, map[string]string{"message": before.ID})
}

// receiveOwn stores what the account said outside Bellwether. An answer a person gave in the network's own app ends
// the waiting just as one of ours would. An answer of ours that is read back before the journal knew of it is not a
// second one.
func (i *Inbox) receiveOwn(ctx context.Context, tx *db.Tx, ch channel.Channel, m network.Message, history, gone bool) error {
	if _, err := i.posts.TargetByRemote(ctx, tx, ch.WorkspaceID, ch.ID, m.ID); err == nil {
		return nil // a post of ours, not an answer
	} else if !fault.Is(err, fault.NotFound) {
		return err
	}
	ids, err := db.All[string](ctx, tx, `select id from conversations where workspace_id = $1 and channel_id = $2 and thread = $3
		order by case when exists (select 1 from messages m where m.workspace_id = $1 and m.conversation_id = conversations.id and m.remote_id = $4 and $4 <> '') then 0 else 1 end, id desc limit 1`,
		ch.WorkspaceID, ch.ID, m.Thread, m.ReplyTo)
	if err == nil && len(ids) == 0 && m.Kind == network.Direct {
		ids, err = i.begun(ctx, tx, ch, m)
	}
	if err != nil || len(ids) == 0 {
		return err
	}
	c, err := i.lock(ctx, tx, ch.WorkspaceID, ids[0])
	if err != nil {
		return err
	}
	ours, err := db.Exec(ctx, tx, `update messages set remote_id = $3, remote = $4 where workspace_id = $1 and id = (
		select id from messages where workspace_id = $1 and conversation_id = $2 and outbound = true and remote_id = '' and delivery_id <> '' and state <> 'failed' and text = $5
		order by at, id limit 1)`, ch.WorkspaceID, c.ID, m.ID, db.JSON(m.Remote), m.Text)
	if err != nil || ours > 0 {
		return err
	}
	stored := Message{WorkspaceID: ch.WorkspaceID, ID: id.New("msg"), ConversationID: c.ID, ChannelID: ch.ID, RemoteID: m.ID, Remote: m.Remote,
		ReplyTo: m.ReplyTo, Outbound: true, Text: m.Text, Media: m.Media, At: m.At, ReceivedAt: i.clock(), State: "sent"}
	if gone {
		stored.RemovedAt = i.clock()
	}
	if err := i.store(ctx, tx, stored); err != nil {
		return err
	}
	if (c.State == StateNew || c.State == Open) && !c.LastInboundAt.After(m.At) {
		c.State, c.Unread = Pending, false
	}
	if err := i.times(ctx, tx, &c); err != nil {
		return err
	}
	if err := i.touch(ctx, tx, c, stored); err != nil || history {
		return err
	}
	return i.events.Record(ctx, tx, ch.WorkspaceID, "system", "inbox.answered_elsewhere", c.ID, map[string]string{"message": stored.ID})
}

// conversationFor finds the conversation an inbound message belongs to, or starts one. A quiet message (history, or
// one already taken back) waits for nobody.
func (i *Inbox) conversationFor(ctx context.Context, tx *db.Tx, ch channel.Channel, m network.Message, contactID string, quiet bool) (Conversation, error) {
	found, err := db.All[string](ctx, tx, `select id from conversations where workspace_id = $1 and channel_id = $2 and thread = $3 and contact_id = $4 and kind = $5
		order by id desc limit 1`, ch.WorkspaceID, ch.ID, m.Thread, contactID, m.Kind)
	if err == nil && len(found) == 0 && m.Kind == network.Direct {
		found, err = i.expected(ctx, tx, ch, m, contactID)
	}
	if err != nil {
		return Conversation{}, err
	}
	c := Conversation{WorkspaceID: ch.WorkspaceID, ID: id.New("conv"), BrandID: ch.BrandID, ChannelID: ch.ID, Kind: m.Kind, Thread: m.Thread,
		ContactID: contactID, State: StateNew, FirstInboundAt: m.At, LastMessageAt: m.At, Tags: []string{}, Unread: true, Version: 1}
	if quiet {
		c.State, c.ResolvedAt, c.FirstInboundAt, c.Unread = Resolved, m.At, time.Time{}, false
	}
	if len(found) > 0 {
		old, err := i.lock(ctx, tx, ch.WorkspaceID, found[0])
		if err != nil {
			return old, err
		}
		if quiet {
			return old, nil
		}
		if old.State != Resolved || m.At.Sub(old.ResolvedAt) <= reopenWindow {
			if old.State != StateNew {
				old.State = Open
			}
			if old.FirstInboundAt.IsZero() || m.At.Before(old.FirstInboundAt) {
				old.FirstInboundAt = m.At
			}
			old.Unread, old.SnoozedUntil, old.ResolvedAt = true, time.Time{}, time.Time{}
			return old, i.times(ctx, tx, &old)
		}
		c.PreviousID, c.AssigneeID = old.ID, old.AssigneeID
	}
	if err := i.about(ctx, tx, &c, m); err != nil {
		return c, err
	}
	err = i.insert(ctx, tx, c)
	c.LastMessageAt = time.Time{} // its first message is its newest
	return c, err
}

// about finds the post of ours a conversation is about, and its campaign.
func (i *Inbox) about(ctx context.Context, tx *db.Tx, c *Conversation, m network.Message) error {
	for _, remote := range []string{m.Thread, m.ReplyTo} {
		if remote == "" {
			continue
		}
		t, err := i.posts.TargetByRemote(ctx, tx, c.WorkspaceID, c.ChannelID, remote)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		c.TargetID = t.ID
		campaigns, err := db.All[string](ctx, tx, `select campaign_id from posts where workspace_id = $1 and id = $2`, c.WorkspaceID, t.PostID)
		if err == nil && len(campaigns) > 0 {
			c.CampaignID = campaigns[0]
		}
		return err
	}
	return nil
}

func (i *Inbox) react(ctx context.Context, tx *db.Tx, ch channel.Channel, r network.Reaction) error {
	person, err := i.contacts.Seen(ctx, tx, ch.WorkspaceID, ch.Network, r.From)
	if err != nil {
		return err
	}
	target := ""
	if r.On != "" {
		t, err := i.posts.TargetByRemote(ctx, tx, ch.WorkspaceID, ch.ID, r.On)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		target = t.ID
	}
	_, err = db.Exec(ctx, tx, `insert into reactions (workspace_id, id, channel_id, remote_id, kind, contact_id, target_id, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (workspace_id, channel_id, remote_id) do nothing`,
		ch.WorkspaceID, id.New("react"), ch.ID, r.ID, r.Kind, person.ContactID, target, r.At)
	return err
}
