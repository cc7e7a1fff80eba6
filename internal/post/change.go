package post

import (
	"context"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// lock reads posts and their targets as they are now and keeps everybody else from changing them until the
// transaction ends. Whoever changes planned times takes locks in this one order: posts, channels, targets. The
// channel's lock makes its plan one queue: two people who plan at once see each other's slot, gap and duplicate.
func (p *Posts) lock(ctx context.Context, tx *db.Tx, workspaceID string, postIDs ...string) ([]Post, []Target, error) {
	ids := slices.Compact(slices.Sorted(slices.Values(postIDs)))
	var posts []Post
	var channels []string
	for _, postID := range ids {
		post, err := db.One[Post](ctx, tx, `select `+postColumns+` from posts where workspace_id = $1 and id = $2 for update`, workspaceID, postID)
		if fault.Is(err, fault.NotFound) {
			return nil, nil, fault.NotFoundf("there is no such post in this workspace")
		}
		if err != nil {
			return nil, nil, err
		}
		on, err := db.All[string](ctx, tx, `select channel_id from targets where workspace_id = $1 and post_id = $2`, workspaceID, postID)
		if err != nil {
			return nil, nil, err
		}
		posts, channels = append(posts, post), append(channels, on...)
	}
	for _, channelID := range slices.Compact(slices.Sorted(slices.Values(channels))) {
		if err := lockChannel(ctx, tx, workspaceID, channelID); err != nil {
			return nil, nil, err
		}
	}
	var targets []Target
	for _, postID := range ids {
		of, err := db.All[Target](ctx, tx, `select `+targetColumns+` from targets where workspace_id = $1 and post_id = $2
			order by due_at, channel_id, id for update`, workspaceID, postID)
		if err != nil {
			return nil, nil, err
		}
		targets = append(targets, of...)
	}
	return posts, targets, nil
}

func lockChannel(ctx context.Context, tx *db.Tx, workspaceID, channelID string) error {
	if tx.Engine() == db.SQLite { // whose one writer is the lock
		return nil
	}
	_, err := db.All[string](ctx, tx, `select id from channels where workspace_id = $1 and id = $2 for update`, workspaceID, channelID)
	return err
}

// change runs a verb on a post and its targets in one transaction, with audit, event and derived state. The verb asks
// for the right on each target it touches.
func (p *Posts) change(ctx context.Context, actor workspace.Actor, postID, what string, do func(*db.Tx, Post, []Target) error) error {
	if !actor.CanSomewhere(workspace.PostSchedule) {
		return actor.May(workspace.PostSchedule, workspace.Scope{})
	}
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		posts, targets, err := p.lock(ctx, tx, actor.WorkspaceID, postID)
		if err != nil {
			return err
		}
		post := posts[0]
		if !post.TrashedAt.IsZero() {
			return fault.Conflictf("this post is in the trash").WithCode("invalid_transition").WithHint("Take it out of the trash first.")
		}
		if !post.ArchivedAt.IsZero() {
			return fault.Conflictf("this post is archived").WithCode("invalid_transition").WithHint("Copy it to publish it again.")
		}
		if err := do(tx, post, targets); err != nil {
			return workspace.Unseen(err, seen(actor, post, targets), "post")
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
func (p *Posts) changeTarget(ctx context.Context, actor workspace.Actor, targetID, what string, from []State, do func(*db.Tx, Post, Target) error) error {
	t, err := p.target(ctx, "", []any{actor.WorkspaceID, targetID})
	if err != nil {
		return err
	}
	return p.change(ctx, actor, t.PostID, what, func(tx *db.Tx, post Post, targets []Target) error {
		at := slices.IndexFunc(targets, func(now Target) bool { return now.ID == targetID })
		if at < 0 {
			return fault.NotFoundf("there is no such target in this workspace")
		}
		now := targets[at]
		if err := may(actor, post, now); err != nil {
			return workspace.Unseen(err, seen(actor, post, []Target{now}), "target")
		}
		if !slices.Contains(from, now.State) {
			return fault.Conflictf("this target is %s by now", words(now.State)).WithCode("invalid_transition").
				WithHint("What is being sent or was sent is shown under Deliveries.")
		}
		return do(tx, post, now)
	})
}

// may asks for the right to plan on the target's channel.
func may(actor workspace.Actor, post Post, t Target) error {
	return actor.May(workspace.PostSchedule, workspace.Scope{BrandID: post.BrandID, ChannelID: t.ChannelID})
}

func (p *Posts) setAll(ctx context.Context, tx *db.Tx, actor workspace.Actor, post Post, targets []Target, from []State, to State) error {
	changed := 0
	for _, t := range targets {
		if !slices.Contains(from, t.State) {
			continue
		}
		if err := may(actor, post, t); err != nil {
			return err
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
	p.soon(tx, time.Time{})
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
