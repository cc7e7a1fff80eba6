package post

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/text"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Plan says when a post goes out. A time is wall-clock time (2027-03-28T10:00), or carries an offset
// (2027-10-31T02:30+01:00) where the clock alone would not say which of two instants is meant.
type Plan struct {
	Wall    string            // for all channels
	Walls   map[string]string // or per channel id; "" = Wall
	Zone    string            // IANA; "" = each channel's own
	Now     bool              // publish now
	Confirm bool              // the person has seen the warnings that ask
}

// wallOf is the time chosen for a channel.
func (p Plan) wallOf(channelID string) string {
	if wall := p.Walls[channelID]; wall != "" {
		return wall
	}
	return p.Wall
}

// horizon is how far ahead a post may be planned (R31).
const horizon = 5 * 365 * 24 * time.Hour

// unsent are the states in which a target can still be planned, moved or cancelled.
var unsent = []State{Draft, Scheduled, Held, Failed}

// Schedule plans every unsent target of a post. Any channel whose rules refuse the draft refuses the whole request
// with the reason, and nothing changes.
func (p *Posts) Schedule(ctx context.Context, actor workspace.Actor, postID string, plan Plan) error {
	return p.change(ctx, actor, postID, "post.scheduled", func(tx *db.Tx, post Post, targets []Target) error {
		planned := 0
		for _, t := range targets {
			if t.State != Cancelled && !slices.Contains(unsent, t.State) {
				continue
			}
			if err := p.plan(ctx, tx, actor, post, &t, plan.wallOf(t.ChannelID), plan); err != nil {
				return err
			}
			planned++
		}
		if planned == 0 {
			return fault.Conflictf("there is nothing left to schedule on this post").WithHint("Choose at least one channel, or copy the post to send it again.")
		}
		return nil
	})
}

// Move gives one target another wall-clock time; zone "" keeps its own.
func (p *Posts) Move(ctx context.Context, actor workspace.Actor, targetID, wall, zone string, confirm bool) error {
	return p.changeTarget(ctx, actor, targetID, "target.moved", unsent, func(tx *db.Tx, post Post, t Target) error {
		if zone == "" {
			zone = t.Zone
		}
		return p.plan(ctx, tx, actor, post, &t, wall, Plan{Zone: zone, Confirm: confirm})
	})
}

// MoveByDays keeps a target's wall-clock time and moves it by days on the calendar of its zone: 10:00 stays 10:00
// across a change of the clocks and across months.
func (p *Posts) MoveByDays(ctx context.Context, actor workspace.Actor, targetID string, days int, confirm bool) error {
	return p.changeTarget(ctx, actor, targetID, "target.moved", unsent, func(tx *db.Tx, post Post, t Target) error {
		if t.Wall == "" {
			return fault.Conflictf("this target has no time yet that could be kept").WithHint("Choose a time.")
		}
		l, err := when.Parse(t.Wall, t.Zone)
		if err != nil {
			return err
		}
		return p.plan(ctx, tx, actor, post, &t, l.AddDays(days).String(), Plan{Zone: t.Zone, Confirm: confirm})
	})
}

// SendNow sends a held, failed or planned target now: the person has decided.
func (p *Posts) SendNow(ctx context.Context, actor workspace.Actor, targetID string, confirm bool) error {
	return p.changeTarget(ctx, actor, targetID, "target.sent_now", unsent, func(tx *db.Tx, post Post, t Target) error {
		return p.plan(ctx, tx, actor, post, &t, "", Plan{Now: true, Zone: t.Zone, Confirm: confirm})
	})
}

// KeepTime releases a held target at the time it was planned for; one that is past already has to be sent now, queued
// or moved instead.
func (p *Posts) KeepTime(ctx context.Context, actor workspace.Actor, targetID string) error {
	return p.changeTarget(ctx, actor, targetID, "target.released", []State{Held}, func(tx *db.Tx, post Post, t Target) error {
		return p.plan(ctx, tx, actor, post, &t, t.Wall, Plan{Zone: t.Zone, Confirm: true})
	})
}

// Unschedule takes targets back to the draft; the chosen time is kept as a wish.
func (p *Posts) Unschedule(ctx context.Context, actor workspace.Actor, postID string) error {
	return p.change(ctx, actor, postID, "post.unscheduled", func(tx *db.Tx, post Post, targets []Target) error {
		return p.setAll(ctx, tx, actor, post, targets, []State{Scheduled, Held}, Draft)
	})
}

// UnscheduleTarget takes one target back to the draft; the chosen time is kept as a wish.
func (p *Posts) UnscheduleTarget(ctx context.Context, actor workspace.Actor, targetID string) error {
	from := []State{Scheduled, Held}
	return p.changeTarget(ctx, actor, targetID, "target.unscheduled", from, func(tx *db.Tx, post Post, t Target) error {
		return p.setAll(ctx, tx, actor, post, []Target{t}, from, Draft)
	})
}

// Cancel ends what is not sent yet. After it answered, nothing of it goes out (R9); what was being sent already is
// left to its delivery and shows as such.
func (p *Posts) Cancel(ctx context.Context, actor workspace.Actor, postID string) error {
	return p.change(ctx, actor, postID, "post.cancelled", func(tx *db.Tx, post Post, targets []Target) error {
		return p.setAll(ctx, tx, actor, post, targets, unsent, Cancelled)
	})
}

// CancelTarget ends one target that is not sent yet.
func (p *Posts) CancelTarget(ctx context.Context, actor workspace.Actor, targetID string) error {
	return p.changeTarget(ctx, actor, targetID, "target.cancelled", unsent, func(tx *db.Tx, post Post, t Target) error {
		return p.setAll(ctx, tx, actor, post, []Target{t}, unsent, Cancelled)
	})
}

// plan fits one target to its new time and stores it.
func (p *Posts) plan(ctx context.Context, tx *db.Tx, actor workspace.Actor, post Post, t *Target, wall string, plan Plan) error {
	if err := may(actor, post, *t); err != nil {
		return err
	}
	ch, err := p.channels.In(ctx, tx, actor.WorkspaceID, t.ChannelID)
	if err != nil {
		return err
	}
	variants, err := p.variants(ctx, tx, actor.WorkspaceID, post.ID)
	if err != nil {
		return err
	}
	if err := p.fit(ctx, tx, actor, post, variants[ch.ID], ch, t, wall, plan); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, `update targets set state = $3, due_at = $4, wall = $5, zone = $6, held_reason = '', responsible_id = $7,
			slot_id = $8, text_fingerprint = $9, text_plain = $10, queue_rank = $11 where workspace_id = $1 and id = $2`, t.WorkspaceID, t.ID,
		t.State, t.DueAt, t.Wall, t.Zone, t.ResponsibleID, t.SlotID, t.Fingerprint, t.Text, t.QueueRank); err != nil {
		return fmt.Errorf("store the planned time: %w", err)
	}
	p.soon(tx, t.DueAt)
	return nil
}

// fit checks one target at its new time and makes it what it is from then on.
func (p *Posts) fit(ctx context.Context, tx *db.Tx, actor workspace.Actor, post Post, v Variant, ch channel.Channel, t *Target, wall string, plan Plan) error {
	if err := p.place(ctx, tx, t, ch, wall, plan); err != nil {
		return err
	}
	slot, err := p.slotAt(ctx, tx, ch, t.DueAt)
	if err != nil {
		return err
	}
	if t.SlotID = slot.ID; slot.OwnerID != "" { // the roster of the slot says who posts (C34)
		t.ResponsibleID = slot.OwnerID
	}
	if t.ResponsibleID == "" {
		if t.ResponsibleID = ch.ResponsibleID; t.ResponsibleID == "" {
			t.ResponsibleID = actor.UserID
		}
	}
	if t.ResponsibleID == "" {
		return fault.Invalidf("responsible", "nobody is responsible for %s; failures would reach no one", ch.Name).
			WithHint("Name a responsible person in the channel's settings.")
	}
	shown, err := p.preview(ctx, tx, post, v, ch)
	if err != nil {
		return err
	}
	if refused := blocking(shown); refused != nil {
		return refused
	}
	block, err := p.duplicate(ctx, tx, *t, shown.Draft, t.DueAt)
	if err != nil {
		return err
	}
	if block != "" && !plan.Confirm && post.RecurrenceID == "" { // a recurrence repeats its text on purpose
		return fault.Conflictf("%s: %s", ch.Name, block).WithCode("duplicate").WithHint("Change the text, or confirm that you want it twice.")
	}
	if err := p.conflicts(ctx, tx, *t, ch, plan.Confirm); err != nil {
		return err
	}
	if err := p.withinCaps(ctx, tx, *t, ch, shown.Draft); err != nil {
		return err
	}
	plain := Plain(shown.Draft)
	t.State, t.HeldReason, t.Fingerprint, t.Text = Scheduled, "", text.Fingerprint(plain), clip(plain, 280)
	return nil
}

// place sets the target's instant, wall-clock time and zone from what was chosen.
func (p *Posts) place(ctx context.Context, q db.Queryer, t *Target, ch channel.Channel, wall string, plan Plan) error {
	before := t.DueAt
	if t.Zone = plan.Zone; t.Zone == "" {
		t.Zone = ch.Zone
	}
	now := p.clock()
	if plan.Now {
		t.DueAt, t.Wall = now, when.Wall(now, t.Zone)
		return p.running(ctx, q, ch, now)
	}
	var err error
	if t.DueAt, t.Wall, err = instant(wall, t.Zone, before); err != nil {
		return err
	}
	if t.DueAt.Before(now.Add(-time.Minute)) {
		return fault.Invalidf("time", "%s in %s is in the past", readable(t.Wall), t.Zone).WithHint("Choose a later time, or publish now.")
	}
	if t.DueAt.After(now.Add(horizon)) {
		return fault.Invalidf("time", "%s is more than five years away", readable(t.Wall)).WithHint("Plan it nearer to its day, or keep it as a draft.")
	}
	return nil
}

// instant turns a chosen time into its instant and its wall-clock time in the zone. Where the clock shows the time
// twice and the target stands on the second already, it stays there.
func instant(chosen, zone string, before time.Time) (time.Time, string, error) {
	for _, layout := range []string{"2006-01-02T15:04Z07:00", time.RFC3339} {
		if at, err := time.Parse(layout, chosen); err == nil {
			_, err = when.Zone(zone)
			return at.UTC(), when.Wall(at, zone), err
		}
	}
	at, err := when.At(chosen, zone)
	if err == nil && !before.IsZero() && when.Wall(before, zone) == chosen {
		at = before
	}
	return at.UTC(), chosen, err
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// readable shows a wall-clock time as people write it.
func readable(wall string) string {
	if t, err := time.Parse(when.Layout, wall); err == nil {
		return t.Format("15:04 on 2 January 2006")
	}
	return wall
}
