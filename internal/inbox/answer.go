package inbox

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Answer is what a person wants to say.
type Answer struct {
	ConversationID string
	ToMessageID    string // "" = the newest inbound message
	Text           string
	SavedReplyID   string // the saved reply it was written from, "" if none
	Resolve        bool   // resolve the conversation with it
	Confirm        bool   // a colleague answered within the last minute and the person still wants to
	AsIs           bool   // the text still holds a {{variable}} and is meant that way
	Key            string // the form's own id: the same key sent twice answers once
}

// collision is how long after a colleague's answer another one asks first (E11).
const collision = time.Minute

// Reply stores an answer and hands it to the journal in one transaction. It refuses with a Conflict of code
// "collision" when an answer went out here less than a minute ago, and of code "variable_missing" when the text still
// holds a variable; both can be confirmed.
func (i *Inbox) Reply(ctx context.Context, actor workspace.Actor, a Answer) (Message, error) {
	a.Text = strings.TrimSpace(strings.ReplaceAll(a.Text, "\r\n", "\n"))
	if a.Text == "" {
		return Message{}, fault.Invalidf("text", "an answer needs a text")
	}
	if open := variable.FindString(a.Text); open != "" && !a.AsIs {
		return Message{}, fault.Conflictf("the text still holds %s, for which nothing is known here", open).WithCode("variable_missing").
			WithHint("Write what belongs there. Your text is kept; send it again to send it as it is.")
	}
	var sent Message
	err := i.db.Tx(ctx, func(tx *db.Tx) error {
		// The conversation's row is the lock: two people answering at once are put one after the other.
		c, err := i.lock(ctx, tx, actor.WorkspaceID, a.ConversationID)
		if err != nil {
			return err
		}
		if err := may(actor, workspace.InboxReply, c); err != nil {
			return err
		}
		before, err := i.sentBefore(ctx, tx, actor, c.ID, a)
		if err != nil {
			return err
		}
		if before != nil {
			sent = *before
			return nil
		}
		sent, err = i.answer(ctx, tx, actor, c, a)
		return err
	})
	return sent, err
}

// answer stores the message, its delivery and what follows for the conversation.
func (i *Inbox) answer(ctx context.Context, tx *db.Tx, actor workspace.Actor, c Conversation, a Answer) (Message, error) {
	ch, err := i.channels.In(ctx, tx, actor.WorkspaceID, c.ChannelID)
	if err != nil {
		return Message{}, err
	}
	n := i.channels.Network(ch)
	converser, ok := n.(network.Converser)
	if !ok {
		return Message{}, fault.Rejectedf("%s offers programs no way to answer", ch.Network)
	}
	to, err := i.answered(ctx, tx, c, a.ToMessageID)
	if err != nil {
		return Message{}, err
	}
	people, err := i.contacts.IdentitiesIn(ctx, tx, actor.WorkspaceID, []string{to.IdentityID})
	if err != nil {
		return Message{}, err
	}
	from, now := people[to.IdentityID], i.clock()
	until, closed := c.Closes(now)
	if closed {
		return Message{}, shut(n.Spec(), c)
	}
	m := Message{WorkspaceID: actor.WorkspaceID, ID: id.New("msg"), ConversationID: c.ID, ChannelID: c.ChannelID, ReplyTo: to.RemoteID, Outbound: true,
		AuthorID: actor.UserID, Text: a.Text, At: now, ReceivedAt: now, State: "queued"}
	reply := network.Reply{Text: a.Text, At: now, To: network.Message{Remote: to.Remote, Kind: c.Kind, Thread: c.Thread, ReplyTo: to.ReplyTo,
		Text: to.Text, At: spokeAt(c, to), From: network.Person{ID: from.Value, Handle: from.Handle, Name: from.Name, URL: from.URL}}}
	if _, problems := converser.PlanReply(reply, ch.Account); len(problems) > 0 {
		for _, problem := range problems {
			if problem.Level == network.Error {
				return m, fault.Invalidf("text", "%s", problem.Message).WithHint(problem.Fix).WithCode(problem.Code)
			}
		}
	}
	if m.DeliveryID, err = i.sender.Reply(ctx, tx, ReplyOrder{WorkspaceID: actor.WorkspaceID, ChannelID: c.ChannelID, MessageID: m.ID,
		Reply: reply, Until: until, ResponsibleID: actor.UserID, Actor: actor.ID()}); err != nil {
		return m, err
	}
	if err := i.store(ctx, tx, m); err != nil {
		return m, err
	}
	if a.Key != "" {
		if _, err := db.Exec(ctx, tx, `insert into idempotency_keys (workspace_id, key, api_key_id, fingerprint, status, body, created_at)
			values ($1, $2, 'inbox', $3, 200, null, $4)`, actor.WorkspaceID, a.Key, m.ID, now); err != nil {
			return m, err
		}
	}
	if _, err := db.Exec(ctx, tx, `update saved_replies set used = used + 1 where workspace_id = $1 and id = $2`, actor.WorkspaceID, a.SavedReplyID); err != nil {
		return m, err
	}
	if _, err := db.Exec(ctx, tx, `delete from writing where workspace_id = $1 and conversation_id = $2 and user_id = $3`, actor.WorkspaceID, c.ID, actor.UserID); err != nil {
		return m, err
	}
	if c.State != Resolved && c.State != Dismissed {
		c.State, c.SnoozedUntil = Pending, time.Time{}
	}
	if a.Resolve {
		c.State, c.ResolvedAt = Resolved, now
	}
	c.Unread = false
	if err := i.times(ctx, tx, &c); err != nil {
		return m, err
	}
	if err := i.touch(ctx, tx, c, m); err != nil {
		return m, err
	}
	if err := workspace.Audit(ctx, tx, actor, "inbox.replied", c.ID, nil, map[string]string{"message": m.ID}); err != nil {
		return m, err
	}
	return m, i.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), "inbox.replied", c.ID, map[string]string{"message": m.ID, "delivery": m.DeliveryID})
}

// sentBefore returns the answer already made for the same form, and asks when one has just gone out.
func (i *Inbox) sentBefore(ctx context.Context, tx *db.Tx, actor workspace.Actor, conversationID string, a Answer) (*Message, error) {
	if a.Key != "" {
		before, err := db.All[Message](ctx, tx, `select `+messageColumns+` from messages where workspace_id = $1 and conversation_id = $3 and id = (
			select fingerprint from idempotency_keys where workspace_id = $1 and api_key_id = 'inbox' and key = $2)`, actor.WorkspaceID, a.Key, conversationID)
		if err != nil {
			return nil, err
		}
		if len(before) > 0 {
			return &before[0], nil
		}
	}
	if a.Confirm {
		return nil, nil
	}
	last, err := db.All[Message](ctx, tx, `select `+messageColumns+` from messages where workspace_id = $1 and conversation_id = $2 and outbound = true
		and state <> 'failed' and at > $3 order by at desc, id desc limit 1`, actor.WorkspaceID, conversationID, i.clock().Add(-collision))
	if err != nil || len(last) == 0 || last[0].AuthorID == actor.UserID && last[0].Text != a.Text {
		return nil, err
	}
	return nil, fault.Conflictf("an answer went out here less than a minute ago").WithCode("collision").
		WithHint("Read it above. Your text is kept; send it again to confirm that you want both.")
}

// answered is the inbound message an answer replies to.
func (i *Inbox) answered(ctx context.Context, tx *db.Tx, c Conversation, messageID string) (Message, error) {
	m, err := db.One[Message](ctx, tx, `select `+messageColumns+` from messages where workspace_id = $1 and conversation_id = $2 and outbound = false
		and removed_at is null and ($3 = '' or id = $3) order by at desc, id desc limit 1`, c.WorkspaceID, c.ID, messageID)
	if fault.Is(err, fault.NotFound) {
		return m, fault.Conflictf("the message you answer is gone").WithCode("message_gone").
			WithHint("Its author or the network removed it. Your text is kept: answer another message, or write elsewhere.")
	}
	return m, err
}

// variable is a placeholder of a saved reply.
var variable = regexp.MustCompile(`\{\{\s*[a-z_.]+\s*\}\}`)

// Delivered stores what the journal reports of an answer: its state ("sent", "failed", "unknown") and, when it is
// live, its item at the network. An answer that failed leaves its conversation open again, as if it had not been
// written.
func (i *Inbox) Delivered(ctx context.Context, tx *db.Tx, workspaceID, messageID, state string, remote network.Remote) error {
	if remote.ID != "" { // it may have been read back before the journal knew that it is live
		if _, err := db.Exec(ctx, tx, `delete from messages where workspace_id = $1 and channel_id = (select channel_id from messages where workspace_id = $1 and id = $2)
			and remote_id = $3 and id <> $2 and outbound = true`, workspaceID, messageID, remote.ID); err != nil {
			return err
		}
	}
	m, err := db.One[Message](ctx, tx, `update messages set state = $3, remote_id = case when $4 = '' then remote_id else $4 end,
		remote = case when $4 = '' then remote else $5 end where workspace_id = $1 and id = $2 returning `+messageColumns, workspaceID, messageID, state, remote.ID, db.JSON(remote))
	if err != nil {
		return err
	}
	if state == "failed" {
		if err := i.unanswered(ctx, tx, m); err != nil {
			return err
		}
	}
	c, err := i.lock(ctx, tx, workspaceID, m.ConversationID)
	if err != nil {
		return err
	}
	switch {
	case c.LastInboundAt.IsZero(): // a private answer to a comment, to which nobody has said anything
	case state == "failed" && (c.State == Pending || c.State == Resolved):
		c.State, c.ResolvedAt, c.Unread = Open, time.Time{}, true
	case state == "sent" && c.State == Open && !c.LastInboundAt.After(m.At):
		c.State = Pending
	}
	if err := i.times(ctx, tx, &c); err != nil {
		return err
	}
	if err := i.save(ctx, tx, c); err != nil {
		return err
	}
	if remote.ID != "" { // what was read back before may have been another wording
		if err := i.index.Put(ctx, tx, workspaceID, c.ID); err != nil {
			return err
		}
	}
	return i.events.Record(ctx, tx, workspaceID, "system", "inbox.answer_"+state, m.ConversationID, map[string]string{"message": messageID, "responsible": m.AuthorID})
}
