package metric

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Told stores numbers that a network tells as news and cannot be asked for later, in the transaction that stores the
// rest of the news. A number that has not changed makes no new snapshot, so that news heard again change nothing.
func (m *Metrics) Told(ctx context.Context, tx *db.Tx, workspaceID, targetID string, told network.Measured, at time.Time) error {
	if told.Gone {
		return m.gone(ctx, tx, workspaceID, targetID)
	}
	news := network.Values{}
	for metricID, value := range told.Values {
		known, err := db.All[int64](ctx, tx, `select value from latest_values where workspace_id = $1 and scope = $2 and metric = $3`, workspaceID, targetID, metricID)
		if err != nil {
			return fmt.Errorf("read the last %s of %s: %w", metricID, targetID, err)
		}
		if len(known) == 0 || known[0] != value {
			news[metricID] = value
		}
	}
	return m.Store(ctx, tx, workspaceID, targetID, news, at, "api")
}

// Move gives a target the numbers of another that turned out to be the same publication. What both have of one instant
// is kept once.
func (m *Metrics) Move(ctx context.Context, tx *db.Tx, workspaceID, fromID, intoID string) error {
	for _, q := range []string{
		`insert into snapshots (workspace_id, scope, metric, at, value, source, provisional) select workspace_id, $3, metric, at, value, source, provisional from snapshots
			where workspace_id = $1 and scope = $2 on conflict (workspace_id, scope, metric, at) do nothing`,
		`insert into latest_values (workspace_id, scope, metric, value, at) select workspace_id, $3, metric, value, at from latest_values where workspace_id = $1 and scope = $2
			on conflict (workspace_id, scope, metric) do update set value = excluded.value, at = excluded.at where excluded.at > latest_values.at`,
		`insert into retentions (workspace_id, target_id, at, curve) select workspace_id, $3, at, curve from retentions where workspace_id = $1 and target_id = $2
			on conflict (workspace_id, target_id) do update set at = excluded.at, curve = excluded.curve where excluded.at > retentions.at`,
	} {
		if _, err := db.Exec(ctx, tx, q, workspaceID, fromID, intoID); err != nil {
			return fmt.Errorf("move the numbers of %s to %s: %w", fromID, intoID, err)
		}
	}
	for _, q := range []string{`delete from snapshots where workspace_id = $1 and scope = $2`, `delete from latest_values where workspace_id = $1 and scope = $2`,
		`delete from retentions where workspace_id = $1 and target_id = $2`, `delete from measure_plans where workspace_id = $1 and target_id = $2`} {
		if _, err := db.Exec(ctx, tx, q, workspaceID, fromID); err != nil {
			return fmt.Errorf("move the numbers of %s to %s: %w", fromID, intoID, err)
		}
	}
	if err := staleTarget(ctx, tx, workspaceID, fromID); err != nil {
		return err
	}
	return staleTarget(ctx, tx, workspaceID, intoID)
}
