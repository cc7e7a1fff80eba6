package channel

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// App is what is shown of an application that was registered with a network: never its secrets.
type App struct {
	Filled    map[string]string // by field key: the value, or "…" for a secret that is there
	Hook      string            // the secret part of the address for the network's calls; "" until the app is stored
	UpdatedAt time.Time         // UTC; zero = not registered yet
}

// Registered reports whether the application's values are there.
func (a App) Registered() bool { return !a.UpdatedAt.IsZero() }

// App reads what a workspace registered with a network.
func (c *Channels) App(ctx context.Context, actor workspace.Actor, networkKey string) (App, error) {
	if !actor.CanSomewhere(workspace.ChannelConnect) {
		return App{}, fault.Forbiddenf("only those who may connect channels see a network's application")
	}
	n, spec, err := c.needsApp(networkKey)
	if err != nil {
		return App{}, err
	}
	row, found, err := c.appRow(ctx, actor.WorkspaceID, n.Spec().Key)
	if err != nil || !found {
		return App{Filled: map[string]string{}}, err
	}
	values, err := c.openApp(row)
	if err != nil {
		return App{}, err
	}
	for _, f := range spec.Fields {
		if f.Secret && values[f.Key] != "" {
			values[f.Key] = "…"
		}
	}
	return App{Filled: values, Hook: row.Hook, UpdatedAt: row.UpdatedAt}, nil
}

// RegisterApp stores an application's values, sealed. A secret that is left empty keeps what was stored.
func (c *Channels) RegisterApp(ctx context.Context, actor workspace.Actor, networkKey string, fields map[string]string) error {
	if err := actor.May(workspace.ChannelConnect, workspace.Scope{}); err != nil {
		return err
	}
	n, spec, err := c.needsApp(networkKey)
	if err != nil {
		return err
	}
	row, found, err := c.appRow(ctx, actor.WorkspaceID, n.Spec().Key)
	if err != nil {
		return err
	}
	values := map[string]string{}
	if found {
		if values, err = c.openApp(row); err != nil {
			return err
		}
	}
	for _, f := range spec.Fields {
		v := strings.TrimSpace(fields[f.Key])
		if v != "" || !f.Secret {
			values[f.Key] = v
		}
		if f.Required && values[f.Key] == "" {
			return fault.Invalidf(f.Key, "%s is needed", f.Label)
		}
	}
	plain, err := json.Marshal(values)
	if err != nil {
		return err
	}
	sealed, err := c.keys.Seal(plain, appBound(actor.WorkspaceID, n.Spec().Key))
	if err != nil {
		return err
	}
	return c.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `insert into network_apps (workspace_id, network, values_sealed, hook, updated_by, updated_at) values ($1, $2, $3, $4, $5, $6)
			on conflict (workspace_id, network) do update set values_sealed = excluded.values_sealed, updated_by = excluded.updated_by, updated_at = excluded.updated_at`,
			actor.WorkspaceID, n.Spec().Key, sealed, id.Secret(), actor.UserID, db.Now()); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "network_app.registered", n.Spec().Key, nil, map[string]any{"fields": slices.Sorted(maps.Keys(values))})
	})
}

// ForgetApp deletes an application's values. Channels stay; they fail when their grant has to be renewed.
func (c *Channels) ForgetApp(ctx context.Context, actor workspace.Actor, networkKey string) error {
	if err := actor.May(workspace.ChannelConnect, workspace.Scope{}); err != nil {
		return err
	}
	return c.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `delete from network_apps where workspace_id = $1 and network = $2`, actor.WorkspaceID, networkKey)
		if err != nil || n == 0 {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "network_app.forgotten", networkKey, nil, nil)
	})
}

func (c *Channels) needsApp(networkKey string) (network.Network, *network.AppSpec, error) {
	n := c.networks.Get(networkKey)
	if n == nil {
		return nil, nil, fault.NotFoundf("there is no such network")
	}
	if n.Spec().App == nil {
		return nil, nil, fault.NotFoundf("%s needs no registered application", n.Spec().Name)
	}
	return n, n.Spec().App, nil
}

type appRow struct {
	WorkspaceID string    `db:"workspace_id"`
	Network     string    `db:"network"`
	Sealed      string    `db:"values_sealed"`
	Hook        string    `db:"hook"`
	UpdatedAt   time.Time `db:"updated_at"`
}

func (c *Channels) appRow(ctx context.Context, workspaceID, networkKey string) (appRow, bool, error) {
	rows, err := db.All[appRow](ctx, c.db, `select workspace_id, network, values_sealed, hook, updated_at from network_apps where workspace_id = $1 and network = $2`, workspaceID, networkKey)
	if err != nil || len(rows) == 0 {
		return appRow{}, false, err
	}
	return rows[0], true, nil
}

func (c *Channels) openApp(row appRow) (map[string]string, error) {
	plain, err := c.keys.Open(row.Sealed, appBound(row.WorkspaceID, row.Network))
	if err != nil {
		return nil, fmt.Errorf("open the application of %s: %w", row.Network, err)
	}
	values := map[string]string{}
	return values, json.Unmarshal(plain, &values)
}

// app returns the values that calls need; nil for a network that needs none.
func (c *Channels) app(ctx context.Context, workspaceID string, n network.Network) (map[string]string, error) {
	if n.Spec().App == nil {
		return nil, nil
	}
	row, found, err := c.appRow(ctx, workspaceID, n.Spec().Key)
	if err != nil || !found {
		return nil, err
	}
	return c.openApp(row)
}

func appBound(workspaceID, networkKey string) string {
	return "network_apps/" + workspaceID + "/" + networkKey
}
