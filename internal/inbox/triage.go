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

// Resolve ends a conversation; a new inbound message within 72 hours takes it up again.
func (i *Inbox) Resolve(ctx context.Context, actor workspace.Actor, conversationID string) error {
	return i.become(ctx, actor, conversationID, Resolved, func(c *Conversation) error { c.ResolvedAt, c.Unread = db.Now(), false; return nil })
}

// Dismiss marks a conversation as needing no answer.
func (i *Inbox) Dismiss(ctx context.Context, actor workspace.Actor, conversationID string) error {
	return i.become(ctx, actor, conversationID, Dismissed, func(c *Conversation) error { c.Unread = false; return nil })
}

// Reopen takes a conversation up again.
func (i *Inbox) Reopen(ctx context.Context, actor workspace.Actor, conversationID string) error {
	return i.become(ctx, actor, conversationID, Open, func(c *Conversation) error { c.ResolvedAt, c.SnoozedUntil = time.Time{}, time.Time{}; return nil })
}

// Snooze puts a conversation away until an instant, or until its contact writes.
func (i *Inbox) Snooze(ctx context.Context, actor workspace.Actor, conversationID string, until time.Time) error {
	if !until.After(db.Now()) {
		return fault.Invalidf("until", "a snooze must end in the future")
	}
	return i.become(ctx, actor, conversationID, Snoozed, func(c *Conversation) error { c.SnoozedUntil, c.Unread = until, false; return nil })
}

// Wake opens every conversation whose snooze has ended; a job calls it every minute.
func (i *Inbox) Wake(ctx context.Context) error {
	due, err := db.All[struct {
		WorkspaceID string `db:"workspace_id"`
		ID          string `db:"id"`
	}](ctx, i.db, `select workspace_id, id from conversations where state = 'snoozed' and snoozed_until <= $1 limit 1000`, db.Now())
	if err != nil {
		return err
	}
	for _, d := range due {
		if err := i.Reopen(ctx, workspace.System(d.WorkspaceID), d.ID); err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return nil
}

// Assign gives a conversation to a member ("" = nobody). The reply clock runs on.
func (i *Inbox) Assign(ctx context.Context, actor workspace.Actor, conversationID, userID string) error {
	return i.change(ctx, actor, conversationID, "inbox.assigned", func(tx *db.Tx, c *Conversation) error {
		if userID != "" {
			n, err := db.One[int](ctx, tx, `select count(*) from members where workspace_id = $1 and user_id = $2 and removed_at is null`, actor.WorkspaceID, userID)
			if err != nil {
				return err
			}
			if n == 0 {
				return fault.Invalidf("assignee", "this person is not a member of the workspace")
			}
		}
		c.AssigneeID = userID
		if c.State == StateNew && userID != "" {
			c.State = Open
		}
		return nil
	})
}

// Tag replaces a conversation's tags.
func (i *Inbox) Tag(ctx context.Context, actor workspace.Actor, conversationID string, tags []string) error {
	return i.change(ctx, actor, conversationID, "inbox.tagged", func(_ *db.Tx, c *Conversation) error {
		c.Tags = []string{}
		for _, t := range tags {
			if t = strings.TrimSpace(t); t != "" && len(t) <= 60 && !strings.ContainsAny(t, `"\%`) {
				c.Tags = append(c.Tags, t)
			}
		}
		return nil
	})
}

// Read marks a conversation as seen.
func (i *Inbox) Read(ctx context.Context, actor workspace.Actor, conversationID string) error {
	if _, err := i.Get(ctx, actor, conversationID); err != nil {
		return err
	}
	_, err := db.Exec(ctx, i.db, `update conversations set unread = false where workspace_id = $1 and id = $2 and unread = true`, actor.WorkspaceID, conversationID)
	return err
}

// AddNote writes an internal remark. It is never sent anywhere.
func (i *Inbox) AddNote(ctx context.Context, actor workspace.Actor, conversationID, text string) error {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > 20_000 {
		return fault.Invalidf("text", "a note needs a text of at most 20,000 bytes")
	}
	return i.change(ctx, actor, conversationID, "inbox.noted", func(tx *db.Tx, c *Conversation) error {
		_, err := db.Exec(ctx, tx, `insert into notes (workspace_id, id, conversation_id, author_id, text, at) values ($1, $2, $3, $4, $5, $6)`,
			actor.WorkspaceID, id.New("note"), c.ID, actor.UserID, text, db.Now())
		return err
	})
}

// writingFor is how long “is writing” lasts after the last key.
const writingFor = 20 * time.Second

// Writing says that the actor is answering here and returns who else is, "" for nobody (E11). takeOver claims it.
func (i *Inbox) Writing(ctx context.Context, actor workspace.Actor, conversationID string, takeOver bool) (other string, err error) {
	err = i.db.Tx(ctx, func(tx *db.Tx) error {
		names, err := db.All[string](ctx, tx, `select coalesce(u.name, 'a colleague') from writing w left join users u on u.id = w.user_id
			where w.workspace_id = $1 and w.conversation_id = $2 and w.user_id <> $3 and w.until > $4`, actor.WorkspaceID, conversationID, actor.UserID, db.Now())
		if err != nil {
			return err
		}
		if len(names) > 0 && !takeOver {
			other = names[0]
			return nil
		}
		if _, err := db.Exec(ctx, tx, `insert into writing (workspace_id, conversation_id, user_id, until) values ($1, $2, $3, $4)
			on conflict (workspace_id, conversation_id) do update set user_id = excluded.user_id, until = excluded.until`,
			actor.WorkspaceID, conversationID, actor.UserID, db.Now().Add(writingFor)); err != nil {
			return err
		}
		return i.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), "inbox.writing", conversationID, map[string]string{"user": actor.UserID, "name": actor.Name})
	})
	return other, err
}

// Act likes, hides or mutes at the network and remembers it. Acts are repeatable, so a failure can simply be tried
// again; what the network doesn't offer is refused with the reason.
func (i *Inbox) Act(ctx context.Context, actor workspace.Actor, messageID string, act network.Act) error {
	m, err := db.One[Message](ctx, i.db, `select `+messageColumns+` from messages where workspace_id = $1 and id = $2`, actor.WorkspaceID, messageID)
	if err != nil {
		return err
	}
	c, err := i.Get(ctx, actor, m.ConversationID)
	if err != nil {
		return err
	}
	need := workspace.InboxModerate
	if act == network.Like || act == network.Unlike || act == network.Share {
		need = workspace.InboxReply
	}
	if err := actor.May(need, workspace.Scope{BrandID: c.BrandID, ChannelID: c.ChannelID}); err != nil {
		return err
	}
	_, n, session, err := i.channels.Session(ctx, actor.WorkspaceID, m.ChannelID)
	if err != nil {
		return err
	}
	reactor, ok := n.(network.Reactor)
	if !ok || !contains(reactor.Acts(), act) {
		return fault.Rejectedf("%s offers programs no way to %s", n.Spec().Name, act)
	}
	people, err := i.contacts.IdentitiesByID(ctx, actor, []string{m.IdentityID})
	if err != nil {
		return err
	}
	on := m.Remote
	if on.Data == nil {
		on.Data = map[string]string{}
	}
	on.Data["author"] = people[m.IdentityID].Value
	if err := reactor.Act(ctx, session, act, on); err != nil {
		return err
	}
	return i.change(ctx, actor, m.ConversationID, "inbox."+string(act), func(tx *db.Tx, _ *Conversation) error {
		switch act {
		case network.Like, network.Unlike:
			_, err = db.Exec(ctx, tx, `update messages set liked = $3 where workspace_id = $1 and id = $2`, actor.WorkspaceID, messageID, act == network.Like)
		case network.Hide, network.Unhide:
			_, err = db.Exec(ctx, tx, `update messages set hidden = $3 where workspace_id = $1 and id = $2`, actor.WorkspaceID, messageID, act == network.Hide)
		}
		return err
	})
}

func contains(acts []network.Act, act network.Act) bool {
	for _, a := range acts {
		if a == act {
			return true
		}
	}
	return false
}

func (i *Inbox) become(ctx context.Context, actor workspace.Actor, conversationID string, to State, set func(*Conversation) error) error {
	return i.change(ctx, actor, conversationID, "inbox."+string(to), func(_ *db.Tx, c *Conversation) error {
		if !c.State.CanBecome(to) {
			return fault.Conflictf("a conversation that is %s cannot become %s", c.State, to).WithCode("invalid_transition")
		}
		c.State = to
		return set(c)
	})
}

// change runs a verb on one conversation in one transaction, with right, audit and event.
func (i *Inbox) change(ctx context.Context, actor workspace.Actor, conversationID, what string, do func(*db.Tx, *Conversation) error) error {
	return i.db.Tx(ctx, func(tx *db.Tx) error {
		c, err := i.get(ctx, tx, actor, conversationID)
		if err != nil {
			return err
		}
		if err := actor.MayOwn(workspace.InboxReply, workspace.Scope{BrandID: c.BrandID, ChannelID: c.ChannelID}, c.AssigneeID == actor.UserID); err != nil {
			return err
		}
		before := map[string]any{"state": c.State, "assignee": c.AssigneeID}
		if err := do(tx, &c); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update conversations set state = $3, assignee_id = $4, snoozed_until = $5, resolved_at = $6, tags = $7, unread = $8,
				version = version + 1 where workspace_id = $1 and id = $2`, actor.WorkspaceID, c.ID, c.State, c.AssigneeID, c.SnoozedUntil, c.ResolvedAt,
			db.JSON(c.Tags), c.Unread); err != nil {
			return err
		}
		if err := workspace.Audit(ctx, tx, actor, what, c.ID, before, map[string]any{"state": c.State, "assignee": c.AssigneeID}); err != nil {
			return err
		}
		return i.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), what, c.ID, map[string]string{"state": string(c.State), "assignee": c.AssigneeID})
	})
}
