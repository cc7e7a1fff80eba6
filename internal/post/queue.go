package post

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Slot is a recurring publishing time of a channel, on the wall clock of the channel's zone.
type Slot struct {
	WorkspaceID string `db:"workspace_id"`
	ID          string `db:"id"`
	ChannelID   string `db:"channel_id"`
	Weekday     int    `db:"weekday"` // 0 Sunday … 6 Saturday
	Minute      int    `db:"minute"`  // of the day
	Kind        string `db:"kind"`    // pillar or format it is meant for, "" = any
	OwnerID     string `db:"owner_id"`
}

// Clock is the slot's time of day, 09:30.
func (s Slot) Clock() string { return fmt.Sprintf("%02d:%02d", s.Minute/60, s.Minute%60) }

// Slots returns a channel's slots through the week.
func (p *Posts) Slots(ctx context.Context, actor workspace.Actor, channelID string) ([]Slot, error) {
	return p.slots(ctx, p.db, actor.WorkspaceID, channelID)
}

func (p *Posts) slots(ctx context.Context, q db.Queryer, workspaceID, channelID string) ([]Slot, error) {
	return db.All[Slot](ctx, q, `select workspace_id, id, channel_id, weekday, minute, kind, owner_id from slots
		where workspace_id = $1 and channel_id = $2 order by weekday, minute`, workspaceID, channelID)
}

// SetSlots replaces a channel's weekly slots. Posts already queued keep their times.
func (p *Posts) SetSlots(ctx context.Context, actor workspace.Actor, channelID string, slots []Slot) error {
	return p.onChannel(ctx, actor, channelID, "queue.slots_set", func(tx *db.Tx, ch channel.Channel) error {
		if len(slots) > 7*48 {
			return fault.Invalidf("slots", "a channel can have at most %d slots a week", 7*48)
		}
		if _, err := db.Exec(ctx, tx, `delete from slots where workspace_id = $1 and channel_id = $2`, actor.WorkspaceID, ch.ID); err != nil {
			return err
		}
		seen := map[[2]int]bool{}
		for _, s := range slots {
			if s.Weekday < 0 || s.Weekday > 6 || s.Minute < 0 || s.Minute >= 24*60 {
				return fault.Invalidf("slots", "a slot needs a weekday and a time between 00:00 and 23:59")
			}
			if seen[[2]int{s.Weekday, s.Minute}] {
				continue
			}
			seen[[2]int{s.Weekday, s.Minute}] = true
			if _, err := db.Exec(ctx, tx, `insert into slots (workspace_id, id, channel_id, weekday, minute, kind, owner_id)
				values ($1, $2, $3, $4, $5, $6, $7)`, actor.WorkspaceID, id.New("slot"), ch.ID, s.Weekday, s.Minute, s.Kind, s.OwnerID); err != nil {
				return err
			}
		}
		return nil
	})
}

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
			if !slices.Contains([]State{Draft, Scheduled, Held, Failed, Cancelled}, t.State) {
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

// EnqueueTarget gives one held or planned target the next free slot.
func (p *Posts) EnqueueTarget(ctx context.Context, actor workspace.Actor, targetID string, at QueueAt, confirm bool) error {
	t, err := p.Target(ctx, actor, targetID)
	if err != nil {
		return err
	}
	return p.changeTarget(ctx, actor, t, "target.queued", []State{Draft, Scheduled, Held}, func(tx *db.Tx, post Post, t Target) error {
		return p.enqueue(ctx, tx, actor, post, t, at, confirm)
	})
}

func (p *Posts) enqueue(ctx context.Context, tx *db.Tx, actor workspace.Actor, post Post, t Target, at QueueAt, confirm bool) error {
	// One writer per channel's queue: two people adding at once get two slots.
	if _, err := db.Exec(ctx, tx, `update channels set min_gap = min_gap where workspace_id = $1 and id = $2`, actor.WorkspaceID, t.ChannelID); err != nil {
		return err
	}
	ch, err := p.channels.In(ctx, tx, actor.WorkspaceID, t.ChannelID)
	if err != nil {
		return err
	}
	place, err := p.freeSlot(ctx, tx, ch, t.ID)
	if err != nil {
		return err
	}
	t.SlotID = place.SlotID
	if err := p.plan(ctx, tx, actor, post, &t, place.Wall, Plan{Zone: ch.Zone, Confirm: confirm}); err != nil {
		return err
	}
	if at != First {
		return nil
	}
	queue, err := p.queued(ctx, tx, actor.WorkspaceID, ch.ID)
	if err != nil {
		return err
	}
	order := []string{t.ID}
	for _, q := range queue {
		if q.ID != t.ID {
			order = append(order, q.ID)
		}
	}
	return p.reorder(ctx, tx, queue, order)
}

// freeSlot finds the first slot after now that no target of the channel stands in, up to half a year ahead.
func (p *Posts) freeSlot(ctx context.Context, q db.Queryer, ch channel.Channel, except string) (Target, error) {
	slots, err := p.slots(ctx, q, ch.WorkspaceID, ch.ID)
	if err != nil {
		return Target{}, err
	}
	if len(slots) == 0 {
		return Target{}, fault.Conflictf("%s has no slots yet", ch.Name).WithCode("no_slots").WithHint("Set its weekly slots under Queue, or choose a time.")
	}
	now := db.Now()
	taken, err := db.All[time.Time](ctx, q, `select due_at from targets where workspace_id = $1 and channel_id = $2 and id <> $3
		and due_at >= $4 and state in ('scheduled', 'held', 'publishing', 'published')`, ch.WorkspaceID, ch.ID, except, now)
	if err != nil {
		return Target{}, err
	}
	busy := map[int64]bool{}
	for _, at := range taken {
		busy[at.Unix()] = true
	}
	zone, err := time.LoadLocation(ch.Zone)
	if err != nil {
		return Target{}, fault.Invalidf("zone", "%q is not a time zone", ch.Zone)
	}
	day := now.In(zone)
	for range 190 {
		for _, s := range slots {
			if s.Weekday != int(day.Weekday()) {
				continue
			}
			wall := fmt.Sprintf("%sT%s", day.Format("2006-01-02"), s.Clock())
			at, err := when.First(wall, ch.Zone) // a slot skipped by daylight saving runs at the first minute after the gap
			if err == nil && at.After(now) && !busy[at.Unix()] {
				return Target{SlotID: s.ID, Wall: when.Wall(at, ch.Zone), DueAt: at, Zone: ch.Zone}, nil
			}
		}
		day = time.Date(day.Year(), day.Month(), day.Day()+1, 12, 0, 0, 0, zone)
	}
	return Target{}, fault.Conflictf("every slot of %s is taken for the next half year", ch.Name).WithHint("Add slots under Queue.")
}

// Queue returns what stands in a channel's slots, the next first.
func (p *Posts) Queue(ctx context.Context, actor workspace.Actor, channelID string) ([]Entry, error) {
	return db.All[Entry](ctx, p.db, entryQuery+` and t.channel_id = $2 and t.state in ('scheduled', 'held') order by t.due_at, t.id limit 500`,
		actor.WorkspaceID, channelID)
}

func (p *Posts) queued(ctx context.Context, q db.Queryer, workspaceID, channelID string) ([]Target, error) {
	return db.All[Target](ctx, q, `select `+targetColumns+` from targets where workspace_id = $1 and channel_id = $2 and state = 'scheduled'
		and slot_id <> '' order by due_at, id`, workspaceID, channelID)
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

// Shuffle puts the queue of a channel into a random order.
func (p *Posts) Shuffle(ctx context.Context, actor workspace.Actor, channelID string) error {
	return p.onChannel(ctx, actor, channelID, "queue.shuffled", func(tx *db.Tx, ch channel.Channel) error {
		queue, err := p.queued(ctx, tx, actor.WorkspaceID, ch.ID)
		if err != nil {
			return err
		}
		order := make([]string, len(queue))
		for i, at := range rand.Perm(len(queue)) {
			order[i] = queue[at].ID
		}
		return p.reorder(ctx, tx, queue, order)
	})
}

func (p *Posts) reorder(ctx context.Context, tx *db.Tx, queue []Target, order []string) error {
	places := slices.Clone(queue)
	rank := map[string]int{}
	for i, targetID := range order {
		rank[targetID] = i - len(order)
	}
	sorted := slices.Clone(queue)
	slices.SortStableFunc(sorted, func(a, b Target) int { return cmp.Compare(rank[a.ID], rank[b.ID]) })
	for i, t := range sorted {
		to := places[i]
		if t.ID == to.ID {
			continue
		}
		if _, err := db.Exec(ctx, tx, `update targets set due_at = $3, wall = $4, zone = $5, slot_id = $6
			where workspace_id = $1 and id = $2 and state = 'scheduled'`, t.WorkspaceID, t.ID, to.DueAt, to.Wall, to.Zone, to.SlotID); err != nil {
			return err
		}
	}
	tx.After(p.wake)
	return nil
}

// KeepTime releases a held target at the time it was planned for; one that is past already has to be sent now, queued
// or moved instead.
func (p *Posts) KeepTime(ctx context.Context, actor workspace.Actor, targetID string) error {
	t, err := p.Target(ctx, actor, targetID)
	if err != nil {
		return err
	}
	return p.changeTarget(ctx, actor, t, "target.released", []State{Held}, func(tx *db.Tx, post Post, t Target) error {
		return p.plan(ctx, tx, actor, post, &t, t.Wall, Plan{Zone: t.Zone, Confirm: true})
	})
}

// onChannel runs a verb on a channel's queue, with right, audit and event.
func (p *Posts) onChannel(ctx context.Context, actor workspace.Actor, channelID, what string, do func(*db.Tx, channel.Channel) error) error {
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		ch, err := p.channels.In(ctx, tx, actor.WorkspaceID, channelID)
		if err != nil {
			return err
		}
		if err := actor.May(workspace.PostSchedule, workspace.Scope{BrandID: ch.BrandID, ChannelID: ch.ID}); err != nil {
			return err
		}
		if err := do(tx, ch); err != nil {
			return err
		}
		if err := workspace.Audit(ctx, tx, actor, what, channelID, nil, nil); err != nil {
			return err
		}
		return p.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), what, channelID, nil)
	})
}
