package post

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// QueueAt is where a post enters the queue.
type QueueAt string

const (
	Next  QueueAt = "next"  // the first free slot
	First QueueAt = "first" // before everything queued; the rest moves one slot on
)

// Enqueue gives every unsent target of a post a slot of its channel.
func (p *Posts) Enqueue(ctx context.Context, actor workspace.Actor, postID string, at QueueAt, confirm bool) error {
	return p.change(ctx, actor, postID, "post.queued", func(tx *db.Tx, post Post, targets []Target) error {
		queued := 0
		for _, t := range targets {
			if t.State != Cancelled && !slices.Contains(unsent, t.State) {
				continue
			}
			if err := p.enqueue(ctx, tx, actor, post, t, at, confirm); err != nil {
				return err
			}
			queued++
		}
		if queued == 0 {
			return fault.Conflictf("there is nothing left to queue on this post")
		}
		return nil
	})
}

// EnqueueTarget gives one held, failed or planned target the next free slot.
func (p *Posts) EnqueueTarget(ctx context.Context, actor workspace.Actor, targetID string, at QueueAt, confirm bool) error {
	return p.changeTarget(ctx, actor, targetID, "target.queued", unsent, func(tx *db.Tx, post Post, t Target) error {
		return p.enqueue(ctx, tx, actor, post, t, at, confirm)
	})
}

func (p *Posts) enqueue(ctx context.Context, tx *db.Tx, actor workspace.Actor, post Post, t Target, at QueueAt, confirm bool) error {
	ch, err := p.channels.In(ctx, tx, actor.WorkspaceID, t.ChannelID)
	if err != nil {
		return err
	}
	place, err := p.freeSlot(ctx, tx, ch, t.ID, post.Tags)
	if err != nil {
		return err
	}
	if err := p.plan(ctx, tx, actor, post, &t, place.At.Format(time.RFC3339), Plan{Zone: ch.Zone, Confirm: confirm}); err != nil {
		return err
	}
	if at != First {
		return nil
	}
	queue, err := p.queued(ctx, tx, actor.WorkspaceID, ch.ID)
	if err != nil {
		return err
	}
	return p.reorder(ctx, tx, queue, []string{t.ID})
}

// queueAhead is how far ahead a free slot is looked for.
const queueAhead = 190 * 24 * time.Hour

// freeSlot finds the first place after now that takes posts with these tags, that no other target of the channel
// stands in or too near to, and that no blackout covers.
func (p *Posts) freeSlot(ctx context.Context, q db.Queryer, ch channel.Channel, except string, tags []string) (Place, error) {
	slots, err := p.slots(ctx, q, ch.WorkspaceID, ch.ID)
	if err != nil {
		return Place{}, err
	}
	if len(slots) == 0 {
		return Place{}, fault.Conflictf("%s has no slots yet", ch.Name).WithCode("no_slots").WithHint("Set its weekly slots under Queue, or choose a time.")
	}
	slots = slices.DeleteFunc(slots, func(s Slot) bool { return !s.takes(tags) })
	if len(slots) == 0 {
		return Place{}, fault.Conflictf("every slot of %s is kept for posts of another kind", ch.Name).WithCode("no_slots").
			WithHint("Tag the post with the kind of a slot, or choose a time.")
	}
	now := p.clock()
	from, to := now.Add(time.Microsecond), now.Add(queueAhead)
	all, err := places(slots, ch.Zone, from, to)
	if err != nil {
		return Place{}, err
	}
	busy, err := p.busy(ctx, q, ch.WorkspaceID, ch.ID, except, from.Add(-ch.MinGap), to.Add(ch.MinGap))
	if err != nil {
		return Place{}, err
	}
	black, err := blackouts(ctx, q, ch.WorkspaceID, from, to)
	if err != nil {
		return Place{}, err
	}
	near := func(at time.Time) bool {
		for s := range busy {
			if d := time.Unix(s.second, 0).Sub(at).Abs(); d == 0 || d < ch.MinGap {
				return true
			}
		}
		return false
	}
	for _, place := range all {
		if !near(place.At) && !slices.ContainsFunc(black, func(b Blackout) bool { return b.Covers(ch.ID, place.At) }) {
			return place, nil
		}
	}
	return Place{}, fault.Conflictf("every slot of %s is taken for the next half year", ch.Name).WithCode("no_slots").WithHint("Add slots under Queue.")
}

// Queue returns what is planned or held on a channel, the next first. What stands in a slot has a SlotID.
func (p *Posts) Queue(ctx context.Context, actor workspace.Actor, channelID string) ([]Entry, error) {
	args := []any{actor.WorkspaceID, channelID}
	return db.All[Entry](ctx, p.db, entryQuery+` and t.channel_id = $2 and t.state in ('scheduled', 'held')
		and `+actor.Readable(targetRows, &args, workspace.PostRead)+` order by t.due_at, t.id limit 500`, args...)
}

// Ahead is what is planned on a channel: how much, and what comes first.
type Ahead struct {
	Planned int
	Next    Entry // its id, time, title and text
}

// Ahead returns what is planned on each channel, by channel. Both conditions on the state are there for the index, which
// knows of no others than the first.
func (p *Posts) Ahead(ctx context.Context, actor workspace.Actor) (map[string]Ahead, error) {
	args := []any{actor.WorkspaceID}
	rows, err := db.All[struct {
		Entry
		Planned int `db:"planned"`
	}](ctx, p.db, `select n.channel_id, n.planned, t.id, t.due_at, t.text_plain, p.title from (
			select t.channel_id, t.id, t.post_id, count(*) over (partition by t.channel_id) as planned, row_number() over (partition by t.channel_id order by t.due_at, t.id) as place
			from targets t join posts p on p.workspace_id = t.workspace_id and p.id = t.post_id
			where t.workspace_id = $1 and t.state in ('scheduled', 'held') and t.state = 'scheduled' and p.trashed_at is null and `+actor.Readable(targetRows, &args, workspace.PostRead)+`) n
		join targets t on t.workspace_id = $1 and t.id = n.id join posts p on p.workspace_id = $1 and p.id = n.post_id where n.place = 1`, args...)
	if err != nil {
		return nil, err
	}
	out := map[string]Ahead{}
	for _, r := range rows {
		out[r.ChannelID] = Ahead{r.Planned, r.Entry}
	}
	return out, nil
}

func (p *Posts) queued(ctx context.Context, q db.Queryer, workspaceID, channelID string) ([]Target, error) {
	return db.All[Target](ctx, q, `select `+targetColumns+` from targets where workspace_id = $1 and channel_id = $2 and state = 'scheduled'
		and slot_id <> '' order by due_at, id for update`, workspaceID, channelID)
}

// Reorder puts the queue of a channel into the given order: the slots stay, the posts change places. Targets that
// are not named keep their order behind the named ones. Approval and checks are not touched (C04).
func (p *Posts) Reorder(ctx context.Context, actor workspace.Actor, channelID string, order []string) error {
	return p.onChannel(ctx, actor, channelID, "queue.reordered", func(tx *db.Tx, ch channel.Channel) error {
		queue, err := p.queued(ctx, tx, actor.WorkspaceID, ch.ID)
		if err != nil {
			return err
		}
		return p.reorder(ctx, tx, queue, order)
	})
}

// To is where a post goes within its queue.
type To string

const (
	Top    To = "top"
	Up     To = "up"
	Down   To = "down"
	Bottom To = "bottom"
)

// MoveInQueue moves one target of a channel's queue: before another one, or with before "" to where to says.
func (p *Posts) MoveInQueue(ctx context.Context, actor workspace.Actor, channelID, targetID, before string, to To) error {
	return p.onChannel(ctx, actor, channelID, "queue.reordered", func(tx *db.Tx, ch channel.Channel) error {
		queue, err := p.queued(ctx, tx, actor.WorkspaceID, ch.ID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(queue, func(t Target) bool { return t.ID == targetID })
		if at < 0 {
			return fault.Conflictf("this post no longer stands in the queue of %s", ch.Name).WithCode("invalid_transition")
		}
		order := make([]string, len(queue))
		for i, t := range queue {
			order[i] = t.ID
		}
		order = slices.Delete(order, at, at+1)
		into := map[To]int{Top: 0, Up: max(at-1, 0), Down: min(at+1, len(order)), Bottom: len(order)}[to]
		if before != "" {
			if into = slices.Index(order, before); into < 0 {
				into = len(order)
			}
		}
		return p.reorder(ctx, tx, queue, slices.Insert(order, into, targetID))
	})
}

// Shuffle puts the queue of a channel into a random order. Posts in slots of one kind change places among
// themselves, so the mix of pillars through the week stays.
func (p *Posts) Shuffle(ctx context.Context, actor workspace.Actor, channelID string) error {
	return p.onChannel(ctx, actor, channelID, "queue.shuffled", func(tx *db.Tx, ch channel.Channel) error {
		queue, err := p.queued(ctx, tx, actor.WorkspaceID, ch.ID)
		if err != nil {
			return err
		}
		slots, err := p.slots(ctx, tx, ch.WorkspaceID, ch.ID)
		if err != nil {
			return err
		}
		kind := map[string]string{}
		for _, s := range slots {
			kind[s.ID] = s.Kind
		}
		order := make([]string, len(queue))
		byKind := map[string][]int{}
		for i, t := range queue {
			byKind[kind[t.SlotID]] = append(byKind[kind[t.SlotID]], i)
		}
		for _, group := range byKind {
			for i, from := range rand.Perm(len(group)) {
				order[group[i]] = queue[group[from]].ID
			}
		}
		return p.reorder(ctx, tx, queue, order)
	})
}

func (p *Posts) reorder(ctx context.Context, tx *db.Tx, queue []Target, order []string) error {
	rank := map[string]int{}
	for i, targetID := range order {
		rank[targetID] = i - len(order)
	}
	sorted := slices.Clone(queue)
	slices.SortStableFunc(sorted, func(a, b Target) int { return cmp.Compare(rank[a.ID], rank[b.ID]) })
	for i, t := range sorted {
		to := queue[i]
		if t.ID == to.ID {
			continue
		}
		if _, err := db.Exec(ctx, tx, `update targets set due_at = $3, wall = $4, zone = $5, slot_id = $6,
				responsible_id = coalesce((select nullif(owner_id, '') from slots where workspace_id = $1 and id = $6), responsible_id)
			where workspace_id = $1 and id = $2 and state = 'scheduled'`, t.WorkspaceID, t.ID, to.DueAt, to.Wall, to.Zone, to.SlotID); err != nil {
			return err
		}
	}
	p.soon(tx, time.Time{})
	return nil
}
