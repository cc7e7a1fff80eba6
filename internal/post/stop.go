package post

import (
	"context"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Stop is an emergency stop of everything that publishes in a workspace.
type Stop struct {
	Until  time.Time `db:"paused_until"` // UTC; channel.Forever = until released by hand, zero = running
	Reason string    `db:"paused_reason"`
}

// Holds reports whether the stop is in force at the instant.
func (s Stop) Holds(at time.Time) bool { return s.Until.After(at) }

// Stopped returns the workspace's emergency stop, in force or not.
func (p *Posts) Stopped(ctx context.Context, actor workspace.Actor) (Stop, error) {
	return stopped(ctx, p.db, actor.WorkspaceID)
}

func stopped(ctx context.Context, q db.Queryer, workspaceID string) (Stop, error) {
	return db.One[Stop](ctx, q, `select paused_until, paused_reason from workspaces where id = $1`, workspaceID)
}

// StopAll stops all publishing of the workspace until an instant, the zero time for until released by hand. What
// comes due meanwhile is held with the reason; nothing that waits is sent (C03).
func (p *Posts) StopAll(ctx context.Context, actor workspace.Actor, until time.Time, reason string) error {
	if err := actor.May(workspace.PublishStop, workspace.Scope{}); err != nil {
		return err
	}
	if until.IsZero() {
		until = channel.Forever
	}
	if !until.After(p.clock()) {
		return fault.Invalidf("until", "a stop must end in the future")
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return fault.Invalidf("reason", "say why publishing stops").WithHint("Every held post shows it.")
	}
	if len(reason) > 300 {
		return fault.Invalidf("reason", "the reason has more than 300 bytes")
	}
	s := Stop{Until: until, Reason: actor.Name + ": " + reason}
	return p.setStop(ctx, actor, s, "publishing.stopped")
}

// ReleaseAll ends the emergency stop. What was held stays held until a person chooses for each post (C03).
func (p *Posts) ReleaseAll(ctx context.Context, actor workspace.Actor) error {
	if err := actor.May(workspace.PublishRelease, workspace.Scope{}); err != nil {
		return err
	}
	return p.setStop(ctx, actor, Stop{}, "publishing.released")
}

func (p *Posts) setStop(ctx context.Context, actor workspace.Actor, s Stop, what string) error {
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		before, err := stopped(ctx, tx, actor.WorkspaceID)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update workspaces set paused_until = $2, paused_reason = $3 where id = $1`, actor.WorkspaceID, s.Until, s.Reason); err != nil {
			return err
		}
		p.soon(tx, time.Time{})
		return p.record(ctx, tx, actor, what, actor.WorkspaceID, before, s)
	})
}

// running refuses to publish at once what the journal would only hold.
func (p *Posts) running(ctx context.Context, q db.Queryer, ch channel.Channel, now time.Time) error {
	s, err := stopped(ctx, q, ch.WorkspaceID)
	if err != nil {
		return err
	}
	switch {
	case s.Holds(now):
		return fault.Conflictf("publishing is stopped in this workspace: %s", s.Reason).WithCode("stopped").WithHint("Choose a later time, or have the stop released first.")
	case ch.Paused(now):
		return fault.Conflictf("%s is paused: %s", ch.Name, ch.PausedReason).WithCode("paused").WithHint("Choose a later time, or resume the channel first.")
	}
	return nil
}

// Choice is what a person decides about a held post.
type Choice string

const (
	ChooseNow    Choice = "now"    // send now
	ChooseSlot   Choice = "slot"   // the next free slot
	ChooseKeep   Choice = "keep"   // at its planned time, where that is still ahead
	ChooseCancel Choice = "cancel" // not at all
)

// Decide carries out a person's choice about one held target.
func (p *Posts) Decide(ctx context.Context, actor workspace.Actor, targetID string, c Choice, confirm bool) error {
	switch c {
	case ChooseNow:
		return p.SendNow(ctx, actor, targetID, confirm)
	case ChooseSlot:
		return p.EnqueueTarget(ctx, actor, targetID, Next, confirm)
	case ChooseKeep:
		return p.KeepTime(ctx, actor, targetID)
	case ChooseCancel:
		return p.CancelTarget(ctx, actor, targetID)
	}
	return fault.Invalidf("choice", "choose now, slot, keep or cancel")
}

// Held lists the held targets, of one channel or ("") of all, the oldest first; at most 500.
func (p *Posts) Held(ctx context.Context, actor workspace.Actor, channelID string) ([]Entry, error) {
	args := []any{actor.WorkspaceID, channelID}
	return db.All[Entry](ctx, p.db, entryQuery+` and t.state = 'held' and ($2 = '' or t.channel_id = $2)
		and `+actor.Readable(targetRows, &args, workspace.PostRead)+` order by t.due_at, t.id limit 500`, args...)
}
