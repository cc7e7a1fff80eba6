package post

import (
	"context"

	"github.com/bellwether-social/bellwether/internal/db"
)

// TargetIn returns one target as a transaction sees it, for rooms that act on it there.
func (p *Posts) TargetIn(ctx context.Context, tx *db.Tx, workspaceID, targetID string) (Target, error) {
	return db.One[Target](ctx, tx, `select `+targetColumns+` from targets where workspace_id = $1 and id = $2`, workspaceID, targetID)
}
