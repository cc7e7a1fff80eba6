package inbox

import (
	"context"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// What a Step does.
const (
	DoResolve = "resolve"
	DoDismiss = "dismiss"
	DoReopen  = "reopen"
	DoSnooze  = "snooze"
	DoAssign  = "assign"
	DoTag     = "tag" // adds tags to those that are there
)

// Step is one act of triage.
type Step struct {
	Do         string
	AssigneeID string    // of DoAssign; "" = nobody
	Until      time.Time // of DoSnooze, UTC
	Tags       []string  // of DoTag
}

// Done is what became of a Step on many conversations.
type Done struct {
	Key     string // for Undo; "" when nothing changed
	Changed int
	Refused map[string]error // by conversation, why it was left as it is
}

// most is how many conversations one step takes.
const most = 200

// Many takes one step on many conversations. Each stands alone: what is refused for one leaves the others done.
func (i *Inbox) Many(ctx context.Context, actor workspace.Actor, conversationIDs []string, s Step) (Done, error) {
	d := Done{Key: id.New("undo"), Refused: map[string]error{}}
	if len(conversationIDs) == 0 || len(conversationIDs) > most {
		return d, fault.Invalidf("conversation", "choose between 1 and %d conversations", most)
	}
	for _, c := range conversationIDs {
		err := i.take(ctx, actor, c, s, d.Key)
		switch {
		case err == nil:
			d.Changed++
		case fault.KindOf(err) == fault.Internal:
			return d, err
		default:
			d.Refused[c] = err
		}
	}
	if d.Changed == 0 {
		d.Key = ""
	}
	return d, nil
}

// happened names the events of steps, by what they do.
var happened = map[string]string{DoResolve: "inbox.resolved", DoDismiss: "inbox.dismissed", DoReopen: "inbox.open", DoSnooze: "inbox.snoozed", DoAssign: "inbox.assigned", DoTag: "inbox.tagged"}

// take is one step on one conversation.
func (i *Inbox) take(ctx context.Context, actor workspace.Actor, conversationID string, s Step, key string) error {
	what, ok := happened[s.Do]
	if !ok {
		return fault.Invalidf("do", "there is no step %q", s.Do)
	}
	return i.change(ctx, actor, conversationID, what, key, func(tx *db.Tx, c *Conversation) error {
		now := i.clock()
		switch s.Do {
		case DoResolve:
			c.ResolvedAt, c.SnoozedUntil, c.Unread = now, time.Time{}, false
			return become(c, Resolved)
		case DoDismiss:
			c.Unread = false
			return become(c, Dismissed)
		case DoReopen:
			c.ResolvedAt, c.SnoozedUntil = time.Time{}, time.Time{}
			return become(c, Open)
		case DoSnooze:
			if !s.Until.After(now) {
				return fault.Invalidf("until", "a snooze must end in the future")
			}
			c.SnoozedUntil, c.Unread = s.Until, false
			return become(c, Snoozed)
		case DoTag:
			if len(s.Tags) == 0 {
				return fault.Invalidf("tags", "name the tag to add")
			}
			tags, err := tidy(append(slices.Clone(c.Tags), s.Tags...))
			c.Tags = tags
			return err
		}
		return i.assign(ctx, tx, c, s.AssigneeID)
	})
}

func become(c *Conversation, to State) error {
	if !c.State.CanBecome(to) {
		return fault.Conflictf("a conversation that is %s cannot become %s", c.State, to).WithCode("invalid_transition")
	}
	c.State = to
	return nil
}

func (i *Inbox) assign(ctx context.Context, tx *db.Tx, c *Conversation, userID string) error {
	if userID != "" {
		n, err := db.One[int](ctx, tx, `select count(*) from members where workspace_id = $1 and user_id = $2 and removed_at is null`, c.WorkspaceID, userID)
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
}

// stand is what of a conversation a step changes.
type stand struct {
	State      State     `json:"state"`
	Assignee   string    `json:"assignee"`
	Snoozed    time.Time `json:"snoozed,omitzero"`
	ResolvedAt time.Time `json:"resolved_at,omitzero"`
	Unread     bool      `json:"unread"`
	Tags       []string  `json:"tags"`
}

func standing(c Conversation) stand {
	return stand{c.State, c.AssigneeID, c.SnoozedUntil, c.ResolvedAt, c.Unread, c.Tags}
}

// undo is what taking a step back needs.
type undo struct {
	At     time.Time `json:"at"`
	Before stand     `json:"before"`
	After  stand     `json:"after"`
}

// undoFor is how long a step can be taken back. The page offers it for some seconds (E03); this leaves room for a
// slow connection.
const undoFor = 2 * time.Minute

// Undo takes back what Many did under a key, where a conversation still stands as that left it, and returns on how
// many. A conversation that has moved on since is left alone.
func (i *Inbox) Undo(ctx context.Context, actor workspace.Actor, key string) (int, error) {
	ids, err := db.All[string](ctx, i.db, `select id from conversations where workspace_id = $1 and undo_key = $2 and undo_key <> '' order by id`, actor.WorkspaceID, key)
	if err != nil {
		return 0, err
	}
	back := 0
	for _, conversationID := range ids {
		done, err := i.undo(ctx, actor, conversationID, key)
		if err != nil {
			return back, err
		}
		if done {
			back++
		}
	}
	if back == 0 {
		return 0, fault.Conflictf("there is nothing left to take back").WithHint("Too much time has passed, or somebody has gone on working there.")
	}
	return back, nil
}

func (i *Inbox) undo(ctx context.Context, actor workspace.Actor, conversationID, key string) (done bool, err error) {
	err = i.db.Tx(ctx, func(tx *db.Tx) error {
		c, err := i.lock(ctx, tx, actor.WorkspaceID, conversationID)
		if err != nil {
			return err
		}
		kept, err := db.All[struct {
			Undo undo `db:"undo,json"`
		}](ctx, tx, `select undo from conversations where workspace_id = $1 and id = $2 and undo_key = $3`, actor.WorkspaceID, conversationID, key)
		if err != nil || len(kept) == 0 {
			return err
		}
		u, before := kept[0].Undo, c
		if i.clock().Sub(u.At) > undoFor || c.State != u.After.State || c.AssigneeID != u.After.Assignee || !slices.Equal(c.Tags, u.After.Tags) {
			return nil
		}
		c.State, c.AssigneeID, c.SnoozedUntil, c.ResolvedAt, c.Unread = u.Before.State, u.Before.Assignee, u.Before.Snoozed, u.Before.ResolvedAt, u.Before.Unread
		c.Tags = u.Before.Tags
		if may(actor, workspace.InboxReply, before) != nil && may(actor, workspace.InboxReply, c) != nil {
			return nil // somebody else's step
		}
		if err := i.save(ctx, tx, c); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update conversations set undo_key = '', undo = '' where workspace_id = $1 and id = $2`, actor.WorkspaceID, c.ID); err != nil {
			return err
		}
		done = true
		return i.tell(ctx, tx, actor, "inbox.undone", before, c)
	})
	return done, err
}
