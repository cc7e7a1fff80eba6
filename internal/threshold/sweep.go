package threshold

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// passed is an action whose metric passed its value on a target.
type passed struct {
	Action
	Target  string `db:"passed_target"`
	Channel string `db:"passed_channel"`
	Now     int64  `db:"passed_value"`
}

// batch is how many are done in one sweep; the next one goes on.
const batch = 200

// Sweep does what has passed and lets go of what is too late; background work over all workspaces.
func (a *Actions) Sweep(ctx context.Context) error {
	// Engagements are a sum of what is delivered; everything else is kept as its network gave it.
	rows, err := db.All[passed](ctx, a.db, `select a.workspace_id, a.id, a.post_id, a.metric, a.value, a.within, a.act, a.words, a.state, a.reason, a.target_id, a.delivery_id, 0 as reached, a.created_by, a.created_at, a.ended_at,
			t.id as passed_target, t.channel_id as passed_channel, sum(v.value) as passed_value
		from threshold_actions a join targets t on t.workspace_id = a.workspace_id and t.post_id = a.post_id
			join latest_values v on v.workspace_id = t.workspace_id and v.scope = t.id and (v.metric = a.metric or a.metric = 'M-ENG' and v.metric in ('M-LIKE', 'M-COMM', 'M-SHARE', 'M-SAVE'))
		where a.state = 'waiting' and t.state = 'published' and t.remote_id <> '' and v.at <= t.published_at + a.within
		group by a.workspace_id, a.id, a.post_id, a.metric, a.value, a.within, a.act, a.words, a.state, a.reason, a.target_id, a.delivery_id, a.created_by, a.created_at, a.ended_at, t.id, t.channel_id
		having sum(v.value) >= a.value order by a.created_at, a.id, t.id limit $1`, batch)
	if err != nil {
		return fmt.Errorf("look for posts that passed a threshold: %w", err)
	}
	var failed []error
	for _, p := range rows {
		ch, err := a.channels.In(ctx, a.db, p.WorkspaceID, p.Channel)
		if err != nil || !a.offers(ch, p.Act) {
			continue // another target of the post may pass
		}
		if err := a.do(ctx, p); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(append(failed, a.expire(ctx))...)
}

// do carries an action out, if it still waits: that it is done and the delivery that does it are one commit.
func (a *Actions) do(ctx context.Context, p passed) error {
	now := a.clock()
	err := a.db.Tx(ctx, func(tx *db.Tx) error {
		// The post first, as every change of it takes its locks: whoever plans, deletes or stops comes before or after.
		if _, err := db.All[string](ctx, tx, `select id from posts where workspace_id = $1 and id = $2 for update`, p.WorkspaceID, p.PostID); err != nil {
			return err
		}
		n, err := db.Exec(ctx, tx, `update threshold_actions set state = 'done', target_id = $3, reached = $4, ended_at = $5 where workspace_id = $1 and id = $2 and state = 'waiting'`, p.WorkspaceID, p.ID, p.Target, p.Now, now)
		if err != nil || n == 0 {
			return err
		}
		t, err := a.posts.TargetIn(ctx, tx, p.WorkspaceID, p.Target)
		if err != nil {
			return err
		}
		delivered, err := a.deliver(ctx, tx, p, t)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update threshold_actions set delivery_id = $3 where workspace_id = $1 and id = $2`, p.WorkspaceID, p.ID, delivered); err != nil {
			return err
		}
		kind := "threshold.passed"
		if p.Act == Boost {
			kind = "threshold.boost"
		}
		return a.tell(ctx, tx, p, t, kind, fmt.Sprintf("%s passed %d: %d by now.", MetricName(p.Metric), p.Value, p.Now))
	})
	f := fault.As(err)
	if err == nil || f.Kind == fault.Internal {
		return err
	}
	slog.Info("a threshold action was refused", "action", p.ID, "error", err)
	return a.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `update threshold_actions set state = 'failed', reason = $3, target_id = $4, reached = $5, ended_at = $6 where workspace_id = $1 and id = $2 and state = 'waiting'`, p.WorkspaceID, p.ID, f.Message, p.Target, p.Now, now)
		if err != nil || n == 0 {
			return err
		}
		t, err := a.posts.TargetIn(ctx, tx, p.WorkspaceID, p.Target)
		if err != nil {
			return err
		}
		return a.tell(ctx, tx, p, t, "threshold.failed", f.Message)
	})
}

// deliver hands what is to be done to the journal and returns its delivery; "" for a notice.
func (a *Actions) deliver(ctx context.Context, tx *db.Tx, p passed, t post.Target) (string, error) {
	switch by := "rule:" + p.ID; p.Act {
	case Repost:
		return a.journal.Repost(ctx, tx, t, by)
	case Comment, Finisher:
		return a.journal.Continue(ctx, tx, t, p.Words, p.Act == Finisher, by)
	}
	return "", nil
}

func (a *Actions) tell(ctx context.Context, tx *db.Tx, p passed, t post.Target, kind, reason string) error {
	actor := workspace.System(p.WorkspaceID)
	actor.Via = "rule:" + p.ID
	if err := workspace.Audit(ctx, tx, actor, kind, p.ID, nil, map[string]any{"act": p.Act, "target": t.ID, "reached": p.Now, "reason": reason}); err != nil {
		return err
	}
	return a.events.Record(ctx, tx, p.WorkspaceID, actor.ID(), kind, p.ID, map[string]string{"post": p.PostID, "target": t.ID, "responsible": t.ResponsibleID, "name": p.Act.Name(), "reason": reason})
}

// expire lets go of actions whose time is over on every target of their post that went out, once nothing of it is left
// to go out.
func (a *Actions) expire(ctx context.Context) error {
	now := a.clock()
	_, err := db.Exec(ctx, a.db, `update threshold_actions set state = 'expired', ended_at = $1 where state = 'waiting'
		and exists (select 1 from targets t where t.workspace_id = threshold_actions.workspace_id and t.post_id = threshold_actions.post_id and t.published_at is not null)
		and not exists (select 1 from targets t where t.workspace_id = threshold_actions.workspace_id and t.post_id = threshold_actions.post_id
			and (t.published_at is null and t.state not in ('cancelled', 'removed', 'failed', 'draft') or t.published_at + threshold_actions.within > $2))`, now, now)
	return err
}
