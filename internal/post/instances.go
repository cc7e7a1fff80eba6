package post

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/when/recur"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// SkipInstance takes one planned time out of a recurrence; its unsent post is cancelled.
func (p *Posts) SkipInstance(ctx context.Context, actor workspace.Actor, recurrenceID, planned string) error {
	return p.onRecurrence(ctx, actor, recurrenceID, "recurrence.skipped", func(tx *db.Tx, r *Recurrence, _ Post) error {
		if err := p.occurs(*r, planned); err != nil {
			return err
		}
		r.Exceptions[planned] = "skip"
		return p.cancelInstances(ctx, tx, actor.WorkspaceID, r.ID, func(at string) bool { return at == planned })
	})
}

// MoveInstance gives one planned time of a recurrence another wall-clock time; the others stay.
func (p *Posts) MoveInstance(ctx context.Context, actor workspace.Actor, recurrenceID, planned, wall string, confirm bool) error {
	return p.onRecurrence(ctx, actor, recurrenceID, "recurrence.moved", func(tx *db.Tx, r *Recurrence, _ Post) error {
		if err := p.occurs(*r, planned); err != nil {
			return err
		}
		if _, err := when.At(wall, r.Zone); err != nil {
			return err
		}
		r.Exceptions[planned] = wall
		ids, err := db.All[string](ctx, tx, `select id from posts where workspace_id = $1 and recurrence_id = $2`, actor.WorkspaceID, r.ID+"@"+planned)
		if err != nil || len(ids) == 0 {
			return err // not laid out yet: it will be, at the new time
		}
		posts, targets, err := p.lock(ctx, tx, actor.WorkspaceID, ids...)
		if err != nil {
			return err
		}
		for _, t := range targets {
			if t.State != Scheduled && t.State != Held && t.State != Draft {
				continue
			}
			if err := p.plan(ctx, tx, actor, posts[0], &t, wall, Plan{Zone: r.Zone, Confirm: confirm}); err != nil {
				return err
			}
		}
		return p.derive(ctx, tx, actor.WorkspaceID, posts[0].ID)
	})
}

// ChangeFollowing ends a recurrence before one planned time and begins another one there, with a rule of its own
// ("this and following"): unsent instances from then on are cancelled and laid out anew. postID is the new pattern,
// "" for the same one; wall is the new first time.
func (p *Posts) ChangeFollowing(ctx context.Context, actor workspace.Actor, recurrenceID, planned, postID, rule, wall string) (Recurrence, error) {
	old, err := p.Recurrence(ctx, actor, recurrenceID)
	if err != nil {
		return Recurrence{}, err
	}
	parsed, err := recur.Parse(rule, wall, old.Zone)
	if err != nil {
		return Recurrence{}, err
	}
	if postID == "" {
		postID = old.PostID
	}
	e, _, err := p.Editing(ctx, actor, postID)
	if err != nil {
		return Recurrence{}, err
	}
	cut, err := when.First(planned, old.Zone)
	if err != nil {
		return Recurrence{}, err
	}
	next := Recurrence{WorkspaceID: actor.WorkspaceID, ID: id.New("recur"), PostID: postID, Rule: parsed.String(), Wall: wall, Zone: old.Zone,
		Channels: e.Channels, Exceptions: map[string]string{}, CreatedBy: actor.UserID}
	if len(next.Channels) == 0 {
		next.Channels = old.Channels
	}
	err = p.onRecurrence(ctx, actor, recurrenceID, "recurrence.split", func(tx *db.Tx, r *Recurrence, _ Post) error {
		if err := p.occurs(*r, planned); err != nil {
			return err
		}
		r.UntilAt = cut
		if err := p.cancelInstances(ctx, tx, actor.WorkspaceID, r.ID, func(at string) bool { return at >= planned }); err != nil {
			return err
		}
		return p.addRecurrence(ctx, tx, actor, next)
	})
	if err != nil {
		return Recurrence{}, err
	}
	return next, p.layOut(ctx, next)
}

// StopRepeating ends a recurrence; instances not sent yet are cancelled when withFuture is set.
func (p *Posts) StopRepeating(ctx context.Context, actor workspace.Actor, recurrenceID string, withFuture bool) error {
	return p.onRecurrence(ctx, actor, recurrenceID, "recurrence.stopped", func(tx *db.Tx, r *Recurrence, _ Post) error {
		r.StoppedAt = p.clock()
		if !withFuture {
			return nil
		}
		return p.cancelInstances(ctx, tx, actor.WorkspaceID, r.ID, func(string) bool { return true })
	})
}

// onRecurrence changes a running recurrence under its lock, with right, audit and event.
func (p *Posts) onRecurrence(ctx context.Context, actor workspace.Actor, recurrenceID, what string, do func(*db.Tx, *Recurrence, Post) error) error {
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		before, err := db.One[Recurrence](ctx, tx, `select `+recurrenceColumns+` from recurrences where workspace_id = $1 and id = $2 and stopped_at is null for update`,
			actor.WorkspaceID, recurrenceID)
		if fault.Is(err, fault.NotFound) {
			return fault.NotFoundf("there is no such running recurrence")
		}
		if err != nil {
			return err
		}
		pattern, err := p.get(ctx, tx, actor.WorkspaceID, before.PostID)
		if err != nil {
			return err
		}
		if err := mayAll(actor, pattern.BrandID, before.Channels); err != nil {
			return workspace.Unseen(err, actor.Sees(workspace.PostRead, workspace.Scope{BrandID: pattern.BrandID}, pattern.AuthorID == actor.UserID), "recurrence")
		}
		after := before
		after.Exceptions = map[string]string{}
		for planned, to := range before.Exceptions {
			after.Exceptions[planned] = to
		}
		if err := do(tx, &after, pattern); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update recurrences set exceptions = $3, until_at = $4, stopped_at = $5 where workspace_id = $1 and id = $2`,
			actor.WorkspaceID, recurrenceID, db.JSON(after.Exceptions), after.UntilAt, after.StoppedAt); err != nil {
			return err
		}
		return p.record(ctx, tx, actor, what, recurrenceID, before, after)
	})
}

// occurs refuses a planned time the recurrence does not have.
func (p *Posts) occurs(r Recurrence, planned string) error {
	rule, err := recur.Parse(r.Rule, r.Wall, r.Zone)
	if err != nil {
		return err
	}
	at, err := when.First(planned, r.Zone)
	if err != nil {
		return err
	}
	for _, o := range rule.Occurrences(at.Add(-48*time.Hour), at.Add(48*time.Hour)) {
		if o.Local.String() == planned && (r.UntilAt.IsZero() || o.At.Before(r.UntilAt)) {
			return nil
		}
	}
	return fault.NotFoundf("the recurrence has nothing planned at %s", readable(planned))
}

// cancelInstances cancels what is unsent of the instances whose planned time is chosen.
func (p *Posts) cancelInstances(ctx context.Context, tx *db.Tx, workspaceID, recurrenceID string, chosen func(planned string) bool) error {
	all, err := db.All[Post](ctx, tx, `select `+postColumns+` from posts where workspace_id = $1 and substr(recurrence_id, 1, $3) = $2`,
		workspaceID, recurrenceID+"@", len(recurrenceID)+1)
	if err != nil {
		return err
	}
	var ids []string
	for _, post := range all {
		if _, planned := Instance(post.RecurrenceID); chosen(planned) {
			ids = append(ids, post.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	posts, targets, err := p.lock(ctx, tx, workspaceID, ids...)
	if err != nil {
		return err
	}
	for _, t := range targets {
		if t.State != Draft && t.State != Scheduled && t.State != Held {
			continue
		}
		if _, err := db.Exec(ctx, tx, `update targets set state = 'cancelled', held_reason = '', slot_id = '' where workspace_id = $1 and id = $2`, workspaceID, t.ID); err != nil {
			return err
		}
	}
	for _, post := range posts {
		if err := p.derive(ctx, tx, workspaceID, post.ID); err != nil {
			return err
		}
	}
	p.soon(tx, time.Time{})
	return nil
}
