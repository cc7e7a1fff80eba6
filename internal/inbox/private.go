package inbox

import (
	"context"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// begunPrivately marks the thread of a direct conversation that we began, until the network tells its own id of it.
const begunPrivately = "private:"

// Private says whether a message can be answered in private (E08).
type Private struct {
	Offered bool      // the network has it for messages of this kind
	Until   time.Time // from when on it refuses
	Why     string    // why not now, a sentence; "" = it can be sent
	Sent    bool      // it was sent; Why says so
}

// PrivateFor says whether a message of a conversation can be answered in private now.
func (i *Inbox) PrivateFor(ch channel.Channel, c Conversation, m Message) Private {
	n := i.channels.Network(ch)
	replier, ok := n.(network.PrivateReplier)
	if !ok {
		return Private{}
	}
	w := n.Spec().WindowOf(c.Kind, true)
	if w.For == 0 {
		return Private{}
	}
	p := Private{Offered: true, Until: m.At.Add(w.For)}
	switch now := i.clock(); {
	case m.PrivateID != "":
		p.Sent, p.Why = true, "It was answered in private; "+n.Spec().Name+" takes one private answer to a comment."
	case !m.RemovedAt.IsZero():
		p.Why = "The message is gone."
	case !now.Before(p.Until):
		p.Why = n.Spec().Name + " takes a private answer for " + Span(w.For) + "; that was over on " + p.Until.UTC().Format("2 January 2006 15:04 UTC") + "."
	default:
		_, problems := replier.PlanPrivate(network.Reply{Text: "Hello", At: now, To: network.Message{Remote: m.Remote, Kind: c.Kind, At: m.At}}, ch.Account)
		for _, problem := range problems {
			if problem.Level == network.Error {
				p.Why = problem.Message
			}
		}
	}
	return p
}

// ReplyPrivately answers a public message with one private message and returns it. It stands in the direct conversation
// with the author, which begins with it where there was none. A refusal by the network's rules is a Conflict of code
// "not_private".
func (i *Inbox) ReplyPrivately(ctx context.Context, actor workspace.Actor, messageID, text string) (Message, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if text == "" {
		return Message{}, fault.Invalidf("private", "a private answer needs a text")
	}
	if open := variable.FindString(text); open != "" {
		return Message{}, fault.Invalidf("private", "the text still holds %s", open).WithHint("Write what belongs there.")
	}
	to, err := i.message(ctx, i.db, actor.WorkspaceID, messageID)
	if err != nil {
		return Message{}, err
	}
	var sent Message
	err = i.db.Tx(ctx, func(tx *db.Tx) error {
		c, err := i.lock(ctx, tx, actor.WorkspaceID, to.ConversationID)
		if err != nil {
			return err
		}
		if err := may(actor, workspace.InboxReply, c); err != nil {
			return err
		}
		if to, err = i.message(ctx, tx, actor.WorkspaceID, messageID); err != nil {
			return err
		}
		sent, err = i.privately(ctx, tx, actor, c, to, text)
		return err
	})
	return sent, err
}

func (i *Inbox) privately(ctx context.Context, tx *db.Tx, actor workspace.Actor, c Conversation, to Message, text string) (Message, error) {
	ch, err := i.channels.In(ctx, tx, c.WorkspaceID, c.ChannelID)
	if err != nil {
		return Message{}, err
	}
	allowed := i.PrivateFor(ch, c, to)
	if allowed.Sent {
		if before, err := i.message(ctx, tx, c.WorkspaceID, to.PrivateID); err == nil && before.Text == text && before.AuthorID == actor.UserID {
			return before, nil // the same form, sent twice
		}
	}
	if to.Outbound || !allowed.Offered || allowed.Why != "" {
		if allowed.Why == "" {
			allowed.Why = "This network takes no private answer to this message."
		}
		return Message{}, fault.Conflictf("%s", strings.TrimSuffix(allowed.Why, ".")).WithCode("not_private").WithHint("Answer in public.")
	}
	people, err := i.contacts.IdentitiesIn(ctx, tx, c.WorkspaceID, []string{to.IdentityID})
	if err != nil {
		return Message{}, err
	}
	from, now := people[to.IdentityID], i.clock()
	reply := network.Reply{Text: text, At: now, To: network.Message{Remote: to.Remote, Kind: c.Kind, Thread: c.Thread, ReplyTo: to.ReplyTo, Text: to.Text, At: to.At,
		From: network.Person{ID: from.Value, Handle: from.Handle, Name: from.Name, URL: from.URL}}}
	_, problems := i.channels.Network(ch).(network.PrivateReplier).PlanPrivate(reply, ch.Account)
	for _, problem := range problems {
		if problem.Level == network.Error {
			return Message{}, fault.Invalidf("private", "%s", problem.Message).WithHint(problem.Fix).WithCode(problem.Code)
		}
	}
	direct, err := i.directWith(ctx, tx, c, to)
	if err != nil {
		return Message{}, err
	}
	m := Message{WorkspaceID: c.WorkspaceID, ID: id.New("msg"), ConversationID: direct.ID, ChannelID: c.ChannelID, ReplyTo: to.RemoteID, Outbound: true, AuthorID: actor.UserID,
		Text: text, At: now, ReceivedAt: now, State: "queued"}
	if m.DeliveryID, err = i.sender.Reply(ctx, tx, ReplyOrder{WorkspaceID: c.WorkspaceID, ChannelID: c.ChannelID, MessageID: m.ID, Reply: reply, Private: true, Until: allowed.Until,
		ResponsibleID: actor.UserID, Actor: actor.ID()}); err != nil {
		return m, err
	}
	if err := i.store(ctx, tx, m); err != nil {
		return m, err
	}
	if err := i.touch(ctx, tx, direct, m); err != nil {
		return m, err
	}
	if _, err := db.Exec(ctx, tx, `update messages set private_id = $3 where workspace_id = $1 and id = $2`, c.WorkspaceID, to.ID, m.ID); err != nil {
		return m, err
	}
	if c.State != Resolved && c.State != Dismissed {
		c.State, c.SnoozedUntil = Pending, time.Time{}
	}
	c.Unread = false
	if err := i.times(ctx, tx, &c); err != nil {
		return m, err
	}
	if err := i.save(ctx, tx, c); err != nil {
		return m, err
	}
	if err := workspace.Audit(ctx, tx, actor, "inbox.replied_privately", c.ID, nil, map[string]string{"message": m.ID, "to": to.ID}); err != nil {
		return m, err
	}
	for _, conversation := range []string{c.ID, direct.ID} {
		if err := i.events.Record(ctx, tx, c.WorkspaceID, actor.ID(), "inbox.replied", conversation, map[string]string{"message": m.ID, "delivery": m.DeliveryID}); err != nil {
			return m, err
		}
	}
	return m, nil
}

// directWith is the direct conversation with somebody who commented, begun here where there is none.
func (i *Inbox) directWith(ctx context.Context, tx *db.Tx, c Conversation, to Message) (Conversation, error) {
	found, err := db.All[string](ctx, tx, `select id from conversations where workspace_id = $1 and contact_id = $2 and channel_id = $3 and kind = $4 order by id desc limit 1`,
		c.WorkspaceID, c.ContactID, c.ChannelID, network.Direct)
	if err != nil {
		return Conversation{}, err
	}
	if len(found) > 0 {
		return i.lock(ctx, tx, c.WorkspaceID, found[0])
	}
	d := Conversation{WorkspaceID: c.WorkspaceID, ID: id.New("conv"), BrandID: c.BrandID, ChannelID: c.ChannelID, Kind: network.Direct, Thread: begunPrivately + to.RemoteID, ContactID: c.ContactID,
		TargetID: c.TargetID, CampaignID: c.CampaignID, PreviousID: c.ID, State: Pending, AssigneeID: c.AssigneeID, LastMessageAt: i.clock(), Tags: []string{}, Version: 1}
	err = i.insert(ctx, tx, d)
	d.LastMessageAt = time.Time{} // its first message is its newest
	return d, err
}

// PrivateAnswers returns the conversations in which the private answers to a conversation's messages stand, by message.
func (i *Inbox) PrivateAnswers(ctx context.Context, actor workspace.Actor, conversationID string) (map[string]string, error) {
	if _, err := i.Get(ctx, actor, conversationID); err != nil {
		return nil, err
	}
	rows, err := db.All[struct {
		ID    string `db:"id"`
		Where string `db:"conversation_id"`
	}](ctx, i.db, `select m.id, p.conversation_id from messages m join messages p on p.workspace_id = m.workspace_id and p.id = m.private_id
		where m.workspace_id = $1 and m.conversation_id = $2 and m.private_id <> ''`, actor.WorkspaceID, conversationID)
	out := map[string]string{}
	for _, r := range rows {
		out[r.ID] = r.Where
	}
	return out, err
}

// opened learns the network's own id of a conversation that we began.
func (i *Inbox) opened(ctx context.Context, tx *db.Tx, m Message, thread string) error {
	if thread == "" {
		return nil
	}
	_, err := db.Exec(ctx, tx, `update conversations set thread = $3 where workspace_id = $1 and id = $2 and thread like $4`, m.WorkspaceID, m.ConversationID, thread, begunPrivately+"%")
	return err
}

// begun finds the conversation of a private answer of ours that is read back before the journal knows of it.
func (i *Inbox) begun(ctx context.Context, tx *db.Tx, ch channel.Channel, m network.Message) ([]string, error) {
	return db.All[string](ctx, tx, `update conversations set thread = $3 where workspace_id = $1 and id = (
		select v.id from conversations v join messages o on o.workspace_id = v.workspace_id and o.conversation_id = v.id
		where v.workspace_id = $1 and v.channel_id = $2 and v.thread like $4 and o.outbound = true and o.remote_id = '' and o.text = $5 order by o.at, v.id limit 1) returning id`,
		ch.WorkspaceID, ch.ID, m.Thread, begunPrivately+"%", m.Text)
}

// expected finds the conversation that we began with somebody, when they answer in it.
func (i *Inbox) expected(ctx context.Context, tx *db.Tx, ch channel.Channel, m network.Message, contactID string) ([]string, error) {
	return db.All[string](ctx, tx, `update conversations set thread = $4 where workspace_id = $1 and id = (
		select id from conversations where workspace_id = $1 and contact_id = $2 and channel_id = $3 and thread like $5 order by id limit 1) returning id`,
		ch.WorkspaceID, contactID, ch.ID, m.Thread, begunPrivately+"%")
}

// unanswered takes a private answer that was not sent off the message it answered, which waits again.
func (i *Inbox) unanswered(ctx context.Context, tx *db.Tx, m Message) error {
	ids, err := db.All[string](ctx, tx, `update messages set private_id = '' where workspace_id = $1 and private_id = $2 returning conversation_id`, m.WorkspaceID, m.ID)
	if err != nil {
		return err
	}
	for _, conversationID := range ids {
		c, err := i.lock(ctx, tx, m.WorkspaceID, conversationID)
		if err != nil {
			return err
		}
		if c.State == Pending || c.State == Resolved {
			c.State, c.ResolvedAt, c.Unread = Open, time.Time{}, true
		}
		if err := i.times(ctx, tx, &c); err != nil {
			return err
		}
		if err := i.save(ctx, tx, c); err != nil {
			return err
		}
	}
	return nil
}
