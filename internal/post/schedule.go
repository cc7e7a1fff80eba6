package post

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/text"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Plan says when a post goes out.
type Plan struct {
	Wall    string            // wall-clock time for all channels, 2027-03-28T10:00
	Walls   map[string]string // or per channel id
	Zone    string            // IANA; "" = each channel's own
	Now     bool              // publish now
	Confirm bool              // the person has seen the warnings that ask
}

// horizon is how far ahead a post may be planned (R31).
const horizon = 5 * 365 * 24 * time.Hour

// Schedule plans every unsent target of a post. Any channel whose rules refuse the draft refuses the whole request
// with the reason, and nothing changes.
func (p *Posts) Schedule(ctx context.Context, actor workspace.Actor, postID string, plan Plan) error {
	return p.change(ctx, actor, postID, "post.scheduled", func(tx *db.Tx, post Post, targets []Target) error {
		planned := 0
		for _, t := range targets {
			if !slices.Contains([]State{Draft, Scheduled, Held, Cancelled, Failed}, t.State) {
				continue
			}
			wall := plan.Wall
			if w := plan.Walls[t.ChannelID]; w != "" {
				wall = w
			}
			if err := p.plan(ctx, tx, actor, post, &t, wall, plan); err != nil {
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

// Move gives one target another wall-clock time in its own zone.
func (p *Posts) Move(ctx context.Context, actor workspace.Actor, targetID, wall, zone string, confirm bool) error {
	t, err := p.Target(ctx, actor, targetID)
	if err != nil {
		return err
	}
	if zone == "" {
		zone = t.Zone
	}
	return p.changeTarget(ctx, actor, t, "target.moved", []State{Draft, Scheduled, Held}, func(tx *db.Tx, post Post, t Target) error {
		return p.plan(ctx, tx, actor, post, &t, wall, Plan{Zone: zone, Confirm: confirm})
	})
}

// SendNow sends a held, failed or planned target now: the person has decided.
func (p *Posts) SendNow(ctx context.Context, actor workspace.Actor, targetID string, confirm bool) error {
	t, err := p.Target(ctx, actor, targetID)
	if err != nil {
		return err
	}
	return p.changeTarget(ctx, actor, t, "target.sent_now", []State{Draft, Scheduled, Held}, func(tx *db.Tx, post Post, t Target) error {
		return p.plan(ctx, tx, actor, post, &t, "", Plan{Now: true, Confirm: confirm})
	})
}

// Unschedule takes targets back to the draft; the chosen time is kept as a wish.
func (p *Posts) Unschedule(ctx context.Context, actor workspace.Actor, postID string) error {
	return p.change(ctx, actor, postID, "post.unscheduled", func(tx *db.Tx, _ Post, targets []Target) error {
		return p.setAll(ctx, tx, targets, []State{Scheduled, Held}, Draft)
	})
}

// Cancel ends what is not sent yet. After it answered, nothing of it goes out (R9).
func (p *Posts) Cancel(ctx context.Context, actor workspace.Actor, postID string) error {
	return p.change(ctx, actor, postID, "post.cancelled", func(tx *db.Tx, _ Post, targets []Target) error {
		return p.setAll(ctx, tx, targets, []State{Draft, Scheduled, Held, Failed}, Cancelled)
	})
}

// CancelTarget ends one target that is not sent yet.
func (p *Posts) CancelTarget(ctx context.Context, actor workspace.Actor, targetID string) error {
	t, err := p.Target(ctx, actor, targetID)
	if err != nil {
		return err
	}
	return p.changeTarget(ctx, actor, t, "target.cancelled", []State{Draft, Scheduled, Held, Failed}, func(tx *db.Tx, _ Post, t Target) error {
		return p.setAll(ctx, tx, []Target{t}, []State{Draft, Scheduled, Held, Failed}, Cancelled)
	})
}

// plan checks one target at its new time and stores it.
func (p *Posts) plan(ctx context.Context, tx *db.Tx, actor workspace.Actor, post Post, t *Target, wall string, plan Plan) error {
	ch, err := p.channels.In(ctx, tx, actor.WorkspaceID, t.ChannelID)
	if err != nil {
		return err
	}
	if t.Zone = plan.Zone; t.Zone == "" {
		t.Zone = ch.Zone
	}
	now := db.Now()
	if plan.Now {
		t.DueAt, t.Wall = now, when.Wall(now, t.Zone)
	} else {
		if t.DueAt, err = when.At(wall, t.Zone); err != nil {
			return err
		}
		t.Wall = wall
		if t.DueAt.Before(now.Add(-time.Minute)) {
			return fault.Invalidf("time", "%s in %s is in the past", readable(wall), t.Zone).WithHint("Choose a later time, or publish now.")
		}
		if t.DueAt.After(now.Add(horizon)) {
			return fault.Invalidf("time", "%s is more than five years away", readable(wall))
		}
	}
	if t.ResponsibleID == "" {
		if t.ResponsibleID = ch.ResponsibleID; t.ResponsibleID == "" {
			t.ResponsibleID = actor.UserID
		}
	}
	if t.ResponsibleID == "" {
		return fault.Invalidf("responsible", "nobody is responsible for this target; failures would reach no one")
	}
	variants, err := p.variants(ctx, tx, actor.WorkspaceID, post.ID)
	if err != nil {
		return err
	}
	shown, err := p.preview(ctx, tx, post, variants[ch.ID], ch)
	if err != nil {
		return err
	}
	if refused := blocking(shown); refused != nil {
		return refused
	}
	block, _, err := p.duplicates(ctx, tx, *t, shown.Draft, t.DueAt)
	if err != nil {
		return err
	}
	if block != "" && !plan.Confirm {
		return fault.Conflictf("%s: %s", ch.Name, block).WithCode("duplicate").WithHint("Change the text, or confirm that you want it twice.")
	}
	if err := p.conflicts(ctx, tx, *t, ch.MinGap, plan.Confirm); err != nil {
		return err
	}
	plain := Plain(shown.Draft)
	if _, err := db.Exec(ctx, tx, `update targets set state = 'scheduled', due_at = $3, wall = $4, zone = $5, held_reason = '', responsible_id = $6,
			slot_id = $7, text_fingerprint = $8, text_plain = $9, queue_rank = $10 where workspace_id = $1 and id = $2`, t.WorkspaceID, t.ID,
		t.DueAt, t.Wall, t.Zone, t.ResponsibleID, t.SlotID, text.Fingerprint(plain), clip(plain, 280), t.QueueRank); err != nil {
		return fmt.Errorf("store the planned time: %w", err)
	}
	tx.After(p.wake)
	return nil
}

// conflicts refuses a time inside a blackout, and one too near to another post of the channel unless confirmed (C30).
func (p *Posts) conflicts(ctx context.Context, tx *db.Tx, t Target, gap time.Duration, confirmed bool) error {
	names, err := db.All[string](ctx, tx, `select name from blackouts where workspace_id = $1 and starts_at <= $2 and ends_at > $2
		and (channels = '[]' or channels like '%"' || $3 || '"%')`, t.WorkspaceID, t.DueAt, t.ChannelID)
	if err != nil {
		return err
	}
	if len(names) > 0 {
		return fault.Conflictf("nothing is published during “%s”", names[0]).WithCode("blackout").WithHint("Choose a time outside, or end the blackout.")
	}
	if gap == 0 || confirmed {
		return nil
	}
	near, err := db.All[time.Time](ctx, tx, `select due_at from targets where workspace_id = $1 and channel_id = $2 and id <> $3
		and due_at > $4 and due_at < $5 and state in ('scheduled', 'publishing', 'published') limit 1`,
		t.WorkspaceID, t.ChannelID, t.ID, t.DueAt.Add(-gap), t.DueAt.Add(gap))
	if err != nil || len(near) == 0 {
		return err
	}
	return fault.Conflictf("another post of this channel is planned %s away; its smallest gap is %s",
		near[0].Sub(t.DueAt).Abs().Round(time.Minute), gap).WithCode("gap").WithHint("Choose another time, or confirm.")
}

// change runs a verb on a post and its targets in one transaction, with right, audit, event and derived state.
func (p *Posts) change(ctx context.Context, actor workspace.Actor, postID, what string, do func(*db.Tx, Post, []Target) error) error {
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		post, err := p.get(ctx, tx, actor.WorkspaceID, postID)
		if err != nil {
			return err
		}
		if err := actor.May(workspace.PostSchedule, workspace.Scope{BrandID: post.BrandID}); err != nil {
			return err
		}
		targets, err := p.targets(ctx, tx, actor.WorkspaceID, postID)
		if err != nil {
			return err
		}
		if err := do(tx, post, targets); err != nil {
			return err
		}
		if err := p.derive(ctx, tx, actor.WorkspaceID, postID); err != nil {
			return err
		}
		after, err := p.targets(ctx, tx, actor.WorkspaceID, postID)
		if err != nil {
			return err
		}
		if err := workspace.Audit(ctx, tx, actor, what, postID, brief(targets), brief(after)); err != nil {
			return err
		}
		return p.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), what, postID, brief(after))
	})
}

// changeTarget is change for one target that must be in one of the given states.
func (p *Posts) changeTarget(ctx context.Context, actor workspace.Actor, t Target, what string, from []State, do func(*db.Tx, Post, Target) error) error {
	return p.change(ctx, actor, t.PostID, what, func(tx *db.Tx, post Post, targets []Target) error {
		for _, now := range targets {
			if now.ID != t.ID {
				continue
			}
			if !slices.Contains(from, now.State) {
				return fault.Conflictf("this target is %s by now", words(now.State)).WithCode("invalid_transition")
			}
			return do(tx, post, now)
		}
		return fault.NotFoundf("there is no such target in this workspace")
	})
}

func (p *Posts) setAll(ctx context.Context, tx *db.Tx, targets []Target, from []State, to State) error {
	changed := 0
	for _, t := range targets {
		if !slices.Contains(from, t.State) {
			continue
		}
		n, err := db.Exec(ctx, tx, `update targets set state = $3, held_reason = '', slot_id = '' where workspace_id = $1 and id = $2 and state = $4`,
			t.WorkspaceID, t.ID, to, t.State)
		if err != nil {
			return err
		}
		changed += int(n)
	}
	if changed == 0 {
		return fault.Conflictf("nothing of this post can become %s any more", words(to)).WithCode("invalid_transition").
			WithHint("What is being sent or was sent is shown under Deliveries.")
	}
	tx.After(p.wake)
	return nil
}

type briefTarget struct {
	ID, Channel string
	State       State
	Wall, Zone  string
}

// brief is what the audit log keeps of targets.
func brief(targets []Target) []briefTarget {
	out := make([]briefTarget, len(targets))
	for i, t := range targets {
		out[i] = briefTarget{t.ID, t.ChannelID, t.State, t.Wall, t.Zone}
	}
	return out
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// readable shows a wall-clock time as people write it.
func readable(wall string) string {
	if t, err := time.Parse("2006-01-02T15:04", wall); err == nil {
		return t.Format("15:04 on 2 January 2006")
	}
	return wall
}
