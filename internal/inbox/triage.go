package inbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Resolve ends a conversation; a new inbound message within 72 hours takes it up again.
func (i *Inbox) Resolve(ctx context.Context, actor workspace.Actor, conversationID string) error {
	return i.take(ctx, actor, conversationID, Step{Do: DoResolve}, "")
}

// Dismiss marks a conversation as needing no answer.
func (i *Inbox) Dismiss(ctx context.Context, actor workspace.Actor, conversationID string) error {
	return i.take(ctx, actor, conversationID, Step{Do: DoDismiss}, "")
}

// Reopen takes a conversation up again.
func (i *Inbox) Reopen(ctx context.Context, actor workspace.Actor, conversationID string) error {
	return i.take(ctx, actor, conversationID, Step{Do: DoReopen}, "")
}

// Snooze puts a conversation away until an instant, or until its contact writes.
func (i *Inbox) Snooze(ctx context.Context, actor workspace.Actor, conversationID string, until time.Time) error {
	return i.take(ctx, actor, conversationID, Step{Do: DoSnooze, Until: until}, "")
}

// Assign gives a conversation to a member ("" = nobody). The reply clock runs on.
func (i *Inbox) Assign(ctx context.Context, actor workspace.Actor, conversationID, userID string) error {
	return i.take(ctx, actor, conversationID, Step{Do: DoAssign, AssigneeID: userID}, "")
}

// Wake opens every conversation whose snooze has ended; a job calls it every minute.
func (i *Inbox) Wake(ctx context.Context) error {
	if err := i.roll(ctx); err != nil {
		return err
	}
	due, err := db.All[struct {
		WorkspaceID string `db:"workspace_id"`
		ID          string `db:"id"`
	}](ctx, i.db, `select workspace_id, id from conversations where state = 'snoozed' and snoozed_until <= $1 order by snoozed_until limit 1000`, i.clock())
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

// Tag replaces a conversation's tags: at most 20, each at most 60 bytes.
func (i *Inbox) Tag(ctx context.Context, actor workspace.Actor, conversationID string, tags []string) error {
	clean, err := tidy(tags)
	if err != nil {
		return err
	}
	return i.change(ctx, actor, conversationID, "inbox.tagged", "", func(_ *db.Tx, c *Conversation) error { c.Tags = clean; return nil })
}

func tidy(tags []string) ([]string, error) {
	clean := []string{}
	for _, t := range tags {
		if t = strings.Join(strings.Fields(t), " "); t == "" || slices.Contains(clean, t) {
			continue
		}
		if len(t) > 60 || strings.ContainsAny(t, `"\,`) {
			return nil, fault.Invalidf("tags", "the tag %q is longer than 60 bytes or holds a quote, comma or backslash", t)
		}
		clean = append(clean, t)
	}
	if len(clean) > 20 {
		return nil, fault.Invalidf("tags", "a conversation takes at most 20 tags")
	}
	return clean, nil
}

// Read marks a conversation as seen by somebody who could answer it.
func (i *Inbox) Read(ctx context.Context, actor workspace.Actor, conversationID string) error {
	c, err := i.Get(ctx, actor, conversationID)
	if err != nil || !c.Unread || may(actor, workspace.InboxReply, c) != nil {
		return err
	}
	return i.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `update conversations set unread = false where workspace_id = $1 and id = $2 and unread = true`, actor.WorkspaceID, conversationID)
		if err != nil || n == 0 {
			return err
		}
		return i.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), "inbox.read", conversationID, nil)
	})
}

// AddNote writes an internal remark; it is never sent anywhere. Members named in it as @Name are told.
func (i *Inbox) AddNote(ctx context.Context, actor workspace.Actor, conversationID, text string) error {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if text == "" || len(text) > 20_000 {
		return fault.Invalidf("note", "a note needs a text of at most 20,000 bytes")
	}
	return i.change(ctx, actor, conversationID, "inbox.noted", "", func(tx *db.Tx, c *Conversation) error {
		if _, err := db.Exec(ctx, tx, `insert into notes (workspace_id, id, conversation_id, author_id, text, at) values ($1, $2, $3, $4, $5, $6)`,
			actor.WorkspaceID, id.New("note"), c.ID, actor.UserID, text, i.clock()); err != nil {
			return err
		}
		members, err := db.All[struct {
			ID   string `db:"id"`
			Name string `db:"name"`
		}](ctx, tx, `select u.id, u.name from members m join users u on u.id = m.user_id where m.workspace_id = $1 and m.removed_at is null`, actor.WorkspaceID)
		if err != nil {
			return err
		}
		said := strings.ToLower(text)
		for _, m := range members {
			if m.Name != "" && m.ID != actor.UserID && strings.Contains(said, "@"+strings.ToLower(m.Name)) {
				if err := i.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), "inbox.mentioned", c.ID, map[string]string{"responsible": m.ID, "reason": actor.Name + " wrote a note"}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// change runs a verb on one conversation in one transaction, with right, audit and event. With a key, Undo can take
// back what it changes of state and assignee.
func (i *Inbox) change(ctx context.Context, actor workspace.Actor, conversationID, what, key string, do func(*db.Tx, *Conversation) error) error {
	return i.db.Tx(ctx, func(tx *db.Tx) error {
		c, err := i.lock(ctx, tx, actor.WorkspaceID, conversationID)
		if err != nil {
			return err
		}
		if err := may(actor, workspace.InboxReply, c); err != nil {
			return err
		}
		before := c
		if err := do(tx, &c); err != nil {
			return err
		}
		if err := i.save(ctx, tx, c); err != nil {
			return err
		}
		if key != "" {
			if _, err := db.Exec(ctx, tx, `update conversations set undo_key = $3, undo = $4 where workspace_id = $1 and id = $2`, actor.WorkspaceID, c.ID, key,
				db.JSON(undo{At: i.clock(), Before: standing(before), After: standing(c)})); err != nil {
				return err
			}
		}
		return i.tell(ctx, tx, actor, what, before, c)
	})
}

// tell writes a change of a conversation into the audit log and the events.
func (i *Inbox) tell(ctx context.Context, tx *db.Tx, actor workspace.Actor, what string, before, after Conversation) error {
	if err := workspace.Audit(ctx, tx, actor, what, after.ID, map[string]any{"state": before.State, "assignee": before.AssigneeID},
		map[string]any{"state": after.State, "assignee": after.AssigneeID}); err != nil {
		return err
	}
	return i.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), what, after.ID, map[string]string{"state": string(after.State), "assignee": after.AssigneeID})
}
