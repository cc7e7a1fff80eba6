package delivery

import (
	"context"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Reconnected lets go on what a lost connection held and what is not late yet; the rest keeps waiting for a person's
// choice (R20, C19). It consumes the event channel.reconnected.
func (j *Journal) Reconnected(ctx context.Context, e event.Event) error {
	actor := workspace.System(e.WorkspaceID)
	held, err := db.All[string](ctx, j.db, `select t.id from targets t join channels c on c.workspace_id = t.workspace_id and c.id = t.channel_id join workspaces w on w.id = t.workspace_id
		where t.workspace_id = $1 and t.channel_id = $2 and t.state = 'held' and t.held_reason like $3 and t.due_at + coalesce(c.late_window, w.late_window) >= $4 order by t.due_at`,
		e.WorkspaceID, e.Entity, "%"+reconnect+"%", j.clock())
	if err != nil {
		return err
	}
	for _, targetID := range held {
		err := j.posts.Release(ctx, actor, targetID)
		if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	// What is live in part, in doubt, or an answer waits in the journal itself and need not wait any longer.
	_, err = db.Exec(ctx, j.db, `update deliveries set next_at = $3 where workspace_id = $1 and channel_id = $2 and next_at > $3 and lease_owner = '' and state in ('blocked', 'unknown')`,
		e.WorkspaceID, e.Entity, j.clock())
	j.Wake()
	return err
}
