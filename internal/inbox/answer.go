package inbox

import (
	"context"
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
	Resolve        bool   // resolve the conversation once it is sent
	Confirm        bool   // a colleague answered within the last minute and the person still wants to
	Key            string // the form's own id: the same key sent twice answers once
}

// collision is how long after a colleague's answer another one asks first (E11).
const collision = time.Minute

// Reply stores an answer and hands it to the journal in one transaction.
func (i *Inbox) Reply(ctx context.Context, actor workspace.Actor, a Answer) (Message, error) {
	a.Text = strings.TrimSpace(a.Text)
	if a.Text == "" {
		return Message{}, fault.Invalidf("text", "an answer needs a text")
	}
	c, err := i.Get(ctx, actor, a.ConversationID)
	if err != nil {
		return Message{}, err
	}
	scope := workspace.Scope{BrandID: c.BrandID, ChannelID: c.ChannelID}
	if err := actor.MayOwn(workspace.InboxReply, scope, c.AssigneeID == actor.UserID); err != nil {
		return Message{}, err
	}
	ch, err := i.channels.Get(ctx, actor, c.ChannelID)
	if err != nil {
		return Message{}, err
	}
	n := i.channels.Networks().Get(ch.Network)
	converser, ok := n.(network.Converser)
	if !ok {
		return Message{}, fault.Rejectedf("%s offers no way to answer for programs", ch.Network)
	}
	var sent Message
	err = i.db.Tx(ctx, func(tx *db.Tx) error {
		// The conversation's row is the lock: two people answering at once are put one after the other.
		if _, err := db.Exec(ctx, tx, `update conversations set version = version + 1 where workspace_id = $1 and id = $2`, actor.WorkspaceID, c.ID); err != nil {
			return err
		}
		if again, err := i.sentBefore(ctx, tx, actor, c.ID, a); err != nil || again != nil {
			if again != nil {
				sent = *again
			}
			return err
		}
		to, err := i.answered(ctx, tx, c, a.ToMessageID)
		if err != nil {
			return err
		}
		identity, err := i.contacts.IdentitiesByID(ctx, actor, []string{to.IdentityID})
		if err != nil {
			return err
		}
		from := identity[to.IdentityID]
		sent = Message{WorkspaceID: actor.WorkspaceID, ID: id.New("msg"), ConversationID: c.ID, ChannelID: c.ChannelID, ReplyTo: to.RemoteID, Outbound: true,
			AuthorID: actor.UserID, Text: a.Text, At: db.Now(), ReceivedAt: db.Now(), State: "queued"}
		reply := network.Reply{Text: a.Text, At: sent.At, To: network.Message{Remote: to.Remote, Kind: c.Kind, Thread: c.Thread, ReplyTo: to.ReplyTo,
			Text: to.Text, At: to.At, From: network.Person{ID: from.Value, Handle: from.Handle, Name: from.Name, URL: from.URL}}}
		if _, problems := converser.PlanReply(reply, ch.Account); len(problems) > 0 {
			for _, problem := range problems {
				if problem.Level == network.Error {
					return fault.Invalidf("text", "%s", problem.Message).WithHint(problem.Fix).WithCode(problem.Code)
				}
			}
		}
		if sent.DeliveryID, err = i.sender.Reply(ctx, tx, ReplyOrder{WorkspaceID: actor.WorkspaceID, ChannelID: c.ChannelID, MessageID: sent.ID,
			Reply: reply, ResponsibleID: actor.UserID, Actor: actor.ID()}); err != nil {
			return err
		}
		if err := i.store(ctx, tx, sent); err != nil {
			return err
		}
		if a.Key != "" {
			if _, err := db.Exec(ctx, tx, `insert into idempotency_keys (workspace_id, key, api_key_id, fingerprint, status, body, created_at)
				values ($1, $2, 'inbox', $3, 200, null, $4)`, actor.WorkspaceID, a.Key, sent.ID, sent.At); err != nil {
				return err
			}
		}
		if c.State != Resolved && c.State != Dismissed {
			c.State = Pending
		}
		if a.Resolve {
			c.State, c.ResolvedAt = Resolved, sent.At
		}
		if c.FirstReplyAt.IsZero() {
			c.FirstReplyAt = sent.At
		}
		c.Unread = false
		if err := i.clock(ctx, tx, c, sent.At); err != nil {
			return err
		}
		if err := i.touch(ctx, tx, c, sent); err != nil {
			return err
		}
		if err := workspace.Audit(ctx, tx, actor, "inbox.replied", c.ID, nil, map[string]string{"message": sent.ID}); err != nil {
			return err
		}
		return i.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), "inbox.replied", c.ID, map[string]string{"message": sent.ID, "delivery": sent.DeliveryID})
	})
	return sent, err
}

// sentBefore returns the answer already made for the same form, and asks when a colleague has just answered.
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
	last, err := db.All[Message](ctx, tx, `select `+messageColumns+` from messages where workspace_id = $1 and conversation_id = $2 and outbound = true
		and at > $3 order by at desc limit 1`, actor.WorkspaceID, conversationID, db.Now().Add(-collision))
	if err != nil || len(last) == 0 || a.Confirm {
		return nil, err
	}
	if last[0].AuthorID == actor.UserID && last[0].Text != a.Text {
		return nil, nil
	}
	return nil, fault.Conflictf("an answer went out here less than a minute ago").WithCode("collision").
		WithHint("Read it above. Your text is kept; send it again to confirm that you want both.")
}

// answered is the inbound message an answer replies to.
func (i *Inbox) answered(ctx context.Context, tx *db.Tx, c Conversation, messageID string) (Message, error) {
	query := `select ` + messageColumns + ` from messages where workspace_id = $1 and conversation_id = $2 and outbound = false and removed_at is null
		and ($3 = '' or id = $3) order by at desc, id desc limit 1`
	m, err := db.One[Message](ctx, tx, query, c.WorkspaceID, c.ID, messageID)
	if fault.Is(err, fault.NotFound) {
		return m, fault.Conflictf("the message you answer is gone").WithHint("Its author or the network removed it. Your text is kept.")
	}
	return m, err
}

// clock stops the reply clock of every inbound message that waited for an answer.
func (i *Inbox) clock(ctx context.Context, tx *db.Tx, c Conversation, at time.Time) error {
	_, err := db.Exec(ctx, tx, `update messages set reply_seconds = ($3 - at) / 1000000 where workspace_id = $1 and conversation_id = $2
		and outbound = false and reply_seconds is null and at <= $3`, c.WorkspaceID, c.ID, at)
	return err
}

// Delivered stores what the journal reports of an answer: its state and, when it is live, its remote id.
func (i *Inbox) Delivered(ctx context.Context, tx *db.Tx, workspaceID, messageID, state string, remote network.Remote) error {
	m, err := db.One[Message](ctx, tx, `update messages set state = $3, remote_id = case when $4 = '' then remote_id else $4 end, remote = $5
		where workspace_id = $1 and id = $2 returning `+messageColumns, workspaceID, messageID, state, remote.ID, db.JSON(remote))
	if err != nil {
		return err
	}
	return i.events.Record(ctx, tx, workspaceID, "system", "inbox.answer_"+state, m.ConversationID, map[string]string{"message": messageID})
}
