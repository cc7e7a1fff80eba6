package channel

import (
	"context"
	"strings"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Set is a named choice of channels, for everybody in the workspace.
type Set struct {
	ID       string   `db:"id"`
	Name     string   `db:"name"`
	Channels []string `db:"channels,json"`
}

// most sets of a workspace: more than anyone can choose from.
const mostSets = 50

// Sets lists the workspace's sets by name.
func (c *Channels) Sets(ctx context.Context, actor workspace.Actor) ([]Set, error) {
	return db.All[Set](ctx, c.db, `select id, name, channels from channel_sets where workspace_id = $1 order by lower(name), id`, actor.WorkspaceID)
}

// SaveSet keeps a choice of channels under a name; the same name again replaces it.
func (c *Channels) SaveSet(ctx context.Context, actor workspace.Actor, name string, channels []string) error {
	if !actor.CanSomewhere(workspace.PostSchedule) {
		return fault.Forbiddenf("only those who may schedule posts keep sets of channels")
	}
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || len([]rune(name)) > 60 {
		return fault.Invalidf("set_name", "a set needs a name of at most 60 characters")
	}
	if len(channels) == 0 {
		return fault.Invalidf("set_name", "choose the channels of the set first")
	}
	known, err := c.List(ctx, actor)
	if err != nil {
		return err
	}
	var kept []string
	for _, ch := range known {
		for _, wanted := range channels {
			if ch.ID == wanted {
				kept = append(kept, ch.ID)
			}
		}
	}
	if len(kept) == 0 {
		return fault.Invalidf("set_name", "none of these channels is connected")
	}
	return c.db.Tx(ctx, func(tx *db.Tx) error {
		sets, err := db.All[Set](ctx, tx, `select id, name, channels from channel_sets where workspace_id = $1`, actor.WorkspaceID)
		if err != nil {
			return err
		}
		setID := ""
		for _, s := range sets {
			if strings.EqualFold(s.Name, name) {
				setID = s.ID
			}
		}
		switch {
		case setID == "" && len(sets) >= mostSets:
			return fault.Invalidf("set_name", "there are %d sets already; delete one first", mostSets)
		case setID == "":
			setID = id.New("set")
		}
		if _, err := db.Exec(ctx, tx, `insert into channel_sets (workspace_id, id, name, channels) values ($1, $2, $3, $4)
			on conflict (workspace_id, id) do update set name = excluded.name, channels = excluded.channels`, actor.WorkspaceID, setID, name, db.JSON(kept)); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "channel_set.saved", setID, nil, map[string]any{"name": name, "channels": len(kept)})
	})
}

// DropSet deletes a set; the channels stay.
func (c *Channels) DropSet(ctx context.Context, actor workspace.Actor, setID string) error {
	if !actor.CanSomewhere(workspace.PostSchedule) {
		return fault.Forbiddenf("only those who may schedule posts keep sets of channels")
	}
	return c.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `delete from channel_sets where workspace_id = $1 and id = $2`, actor.WorkspaceID, setID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFoundf("there is no such set in this workspace")
		}
		return workspace.Audit(ctx, tx, actor, "channel_set.dropped", setID, nil, nil)
	})
}
