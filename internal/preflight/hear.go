package preflight

import (
	"context"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
)

// Listen looks soon at what was in the way when something was mended that many targets may have waited for.
func (c *Checks) Listen() {
	c.events.On("preflight", c.hear, "channel.reconnected", "channel.resumed", "publishing.released", "blackout.ended")
}

func (c *Checks) hear(ctx context.Context, e event.Event) error {
	channelID := ""
	if e.Kind == "channel.reconnected" || e.Kind == "channel.resumed" {
		channelID = e.Entity
	}
	_, err := db.Exec(ctx, c.db, `update preflights set next_at = $3 where workspace_id = $1 and ($2 = '' or channel_id = $2) and due_at > $3 and next_at > $3
		and exists (select 1 from preflight_findings x where x.workspace_id = preflights.workspace_id and x.target_id = preflights.target_id)`, e.WorkspaceID, channelID, c.clock())
	return err
}
