package workspace

import (
	"context"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
)

// Thing is a kind of thing that others name by its id.
type Thing struct{ table, field, name string }

// The things that posts, links, goals and campaigns name.
var (
	ABrand    = Thing{"brands", "brand_id", "brand"}
	ACampaign = Thing{"campaigns", "campaign_id", "campaign"}
	AChannel  = Thing{"channels", "channels", "channel"}
)

// Belong refuses ids, of a form or a program, that name nothing of the workspace. "" names nothing on purpose.
func Belong(ctx context.Context, q db.Queryer, workspaceID string, thing Thing, ids ...string) error {
	for _, id := range ids {
		if id == "" {
			continue
		}
		n, err := db.One[int](ctx, q, `select count(*) from `+thing.table+` where workspace_id = $1 and id = $2`, workspaceID, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.Invalidf(thing.field, "there is no such %s in this workspace", thing.name)
		}
	}
	return nil
}
