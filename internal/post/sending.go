package post

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/metric"
)

// Due returns scheduled targets planned at or before until, oldest first, over all workspaces: the journal's view.
func (p *Posts) Due(ctx context.Context, until time.Time, limit int) ([]DueTarget, error) {
	return db.All[DueTarget](ctx, p.db, `select t.workspace_id, t.id, t.post_id, t.channel_id, t.due_at,
			coalesce(c.late_window, w.late_window) as late_window
		from targets t join channels c on c.workspace_id = t.workspace_id and c.id = t.channel_id
			join workspaces w on w.id = t.workspace_id
		where t.state = 'scheduled' and t.due_at <= $1 order by t.due_at, t.id limit $2`, until, limit)
}

// NextDue returns when the earliest scheduled target is planned; zero when there is none.
func (p *Posts) NextDue(ctx context.Context) (time.Time, error) {
	due, err := db.All[time.Time](ctx, p.db, `select due_at from targets where state = 'scheduled' order by due_at limit 1`)
	if err != nil || len(due) == 0 {
		return time.Time{}, err
	}
	return due[0], nil
}

// Begin takes a scheduled target for sending: from here on it can be neither edited nor cancelled. The draft is
// compiled from what is stored now. A target that is not scheduled any more answers with a Conflict.
func (p *Posts) Begin(ctx context.Context, tx *db.Tx, workspaceID, targetID string) (Sending, error) {
	var s Sending
	// Whoever holds a lock here is changing the post; the journal comes back rather than wait with its own in hand.
	free, err := db.All[string](ctx, tx, `select p.id from targets t join posts p on p.workspace_id = t.workspace_id and p.id = t.post_id
		where t.workspace_id = $1 and t.id = $2 and t.state = 'scheduled' for update skip locked`, workspaceID, targetID)
	if err != nil {
		return s, err
	}
	if len(free) == 0 {
		return s, fault.Conflictf("this target is not scheduled any more, or is being changed")
	}
	taken, err := db.All[Target](ctx, tx, `update targets set state = 'publishing', held_reason = ''
		where workspace_id = $1 and id = $2 and state = 'scheduled' returning `+targetColumns, workspaceID, targetID)
	if err != nil {
		return s, err
	}
	if len(taken) == 0 {
		return s, fault.Conflictf("this target is not scheduled any more")
	}
	s.Target = taken[0]
	if s.Post, err = p.get(ctx, tx, workspaceID, s.Target.PostID); err != nil {
		return s, err
	}
	ch, err := p.channels.In(ctx, tx, workspaceID, s.Target.ChannelID)
	if err != nil {
		return s, err
	}
	if s.Draft, err = p.compile(ctx, tx, s.Post, ch, &s.Target); err != nil {
		return s, err
	}
	return s, p.derive(ctx, tx, workspaceID, s.Post.ID)
}

// Hold stops a target that was about to go out; it keeps its planned time and says why (never silent).
func (p *Posts) Hold(ctx context.Context, tx *db.Tx, workspaceID, targetID, reason string) error {
	return p.Settle(ctx, tx, workspaceID, targetID, Outcome{State: Held, Reason: reason})
}

// Settle stores what became of a target and derives the post's state from all its targets.
func (p *Posts) Settle(ctx context.Context, tx *db.Tx, workspaceID, targetID string, o Outcome) error {
	// The post first, as everywhere: two targets that settle at once derive its state one after the other.
	if err := lockPostOf(ctx, tx, workspaceID, targetID); err != nil {
		return err
	}
	t, err := db.One[Target](ctx, tx, `update targets set state = $3, held_reason = $4,
			delivery_id = case when $5 = '' then delivery_id else $5 end,
			remote_id = case when $6 = '' then remote_id else $6 end,
			url = case when $7 = '' then url else $7 end,
			published_at = coalesce(published_at, $8)
		where workspace_id = $1 and id = $2 returning `+targetColumns,
		workspaceID, targetID, o.State, o.Reason, o.DeliveryID, o.RemoteID, o.URL, o.At)
	if err != nil {
		return fmt.Errorf("settle target %s: %w", targetID, err)
	}
	if err := metric.Stale(ctx, tx, workspaceID, metric.OfPosts, t.PublishedAt); err != nil {
		return err
	}
	if o.RemoteID != "" {
		if err := p.Absorb(ctx, tx, t, o.RemoteID); err != nil {
			return err
		}
	}
	if err := p.derive(ctx, tx, workspaceID, t.PostID); err != nil {
		return err
	}
	return p.events.Record(ctx, tx, workspaceID, "system", "target."+string(o.State), targetID, map[string]string{
		"post": t.PostID, "channel": t.ChannelID, "responsible": t.ResponsibleID, "reason": o.Reason, "url": t.URL})
}

func lockPostOf(ctx context.Context, tx *db.Tx, workspaceID, targetID string) error {
	if tx.Engine() == db.SQLite { // whose one writer is the lock
		return nil
	}
	_, err := db.All[string](ctx, tx, `select id from posts where workspace_id = $1
		and id = (select post_id from targets where workspace_id = $1 and id = $2) for update`, workspaceID, targetID)
	return err
}

const targetColumns = `workspace_id, id, post_id, channel_id, state, due_at, wall, zone, slot_id, queue_rank, held_reason,
	responsible_id, delivery_id, remote_id, url, published_at, text_fingerprint, text_plain`

const postColumns = `workspace_id, id, brand_id, campaign_id, title, state, base, tags, author_id, recurrence_id, origin, version,
	created_at, updated_at, trashed_at, archived_at`

func (p *Posts) get(ctx context.Context, q db.Queryer, workspaceID, postID string) (Post, error) {
	post, err := db.One[Post](ctx, q, `select `+postColumns+` from posts where workspace_id = $1 and id = $2`, workspaceID, postID)
	if fault.Is(err, fault.NotFound) {
		return post, fault.NotFoundf("there is no such post in this workspace")
	}
	return post, err
}

// derive sets the post's state from its targets, once there are any.
func (p *Posts) derive(ctx context.Context, tx *db.Tx, workspaceID, postID string) error {
	states, err := db.All[State](ctx, tx, `select state from targets where workspace_id = $1 and post_id = $2`, workspaceID, postID)
	if err != nil || len(states) == 0 {
		return err
	}
	_, err = db.Exec(ctx, tx, `update posts set state = $3 where workspace_id = $1 and id = $2 and state <> $3`,
		workspaceID, postID, derived(states))
	return err
}

// derived is the state of a post whose targets are in these states (PRODUCT §4.1): what still moves or needs a
// person shows first, then what failed, then what is done.
func derived(states []State) State {
	n := map[State]int{}
	for _, s := range states {
		n[s]++
	}
	done := n[Published] + n[Removed]
	for _, s := range []State{Publishing, NeedsHuman, Held, Scheduled, PartlyPublished} {
		if n[s] > 0 {
			return s
		}
	}
	switch {
	case n[Failed] > 0 && done > 0:
		return PartlyPublished
	case n[Failed] > 0:
		return Failed
	case n[Published] > 0:
		return Published
	case n[Removed] > 0:
		return Removed
	case n[Cancelled] > 0 && n[Cancelled] == len(states):
		return Cancelled
	}
	return Draft
}
