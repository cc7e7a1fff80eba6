package channel

import (
	"context"

	"github.com/bellwether-social/bellwether/internal/db"
)

// Scopes are the rights a channel's connection was given, as its network names them; none where it names none.
func (c *Channels) Scopes(ctx context.Context, ch Channel) ([]string, error) {
	rows, err := db.All[struct {
		Scopes []string `db:"scopes,json"`
	}](ctx, c.db, `select scopes from connections where workspace_id = $1 and id = $2`, ch.WorkspaceID, ch.ConnectionID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0].Scopes, nil
}
