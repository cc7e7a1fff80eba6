package metric

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// perishing is when what vanishes after a day is measured, as parts of its life: of a day after 1, 6 and 23 hours
// (PRODUCT §5.4, H21).
var perishing = []float64{1.0 / 24, 6.0 / 24, 23.0 / 24}

// life is how long an item of a channel and its numbers are to be seen; 0 = for good.
func (m *Metrics) life(ctx context.Context, tx db.Queryer, workspaceID, channelID string, remote network.Remote) (time.Duration, error) {
	rows, err := db.All[struct {
		Network string          `db:"network"`
		Account network.Account `db:"account,json"`
	}](ctx, tx, `select network, account from channels where workspace_id = $1 and id = $2`, workspaceID, channelID)
	if err != nil || len(rows) == 0 || m.channels == nil {
		return 0, err
	}
	n, ok := m.channels.Networks().Of(rows[0].Network, rows[0].Account).(network.Perishing)
	if !ok {
		return 0, nil
	}
	return n.Perishes(remote) / m.speed, nil
}

// retry is when a failed measuring is tried again: of what vanishes once more right before its end.
func (d due) retry(now time.Time) time.Time {
	next := now.Add(15 * time.Minute)
	if last := d.PerishesAt.Add(-2 * time.Minute); !d.PerishesAt.IsZero() && next.After(last) {
		next = last
		if soon := now.Add(time.Minute); next.Before(soon) {
			next = soon
		}
	}
	return next
}

// over reports whether an item has vanished by its nature.
func (d due) over(now time.Time) bool { return !d.PerishesAt.IsZero() && !now.Before(d.PerishesAt) }

// next is the following point of a vanishing item's cadence; zero when the last was reached.
func (d due) next(now time.Time) (time.Time, int) {
	life := d.PerishesAt.Sub(d.PublishedAt)
	for step, part := range perishing {
		if at := d.PublishedAt.Add(time.Duration(float64(life) * part)); at.After(now) {
			return at, step
		}
	}
	return time.Time{}, len(perishing)
}

// missed ends the measuring of an item that vanished before its last numbers were read, and tells who answers for it.
func (m *Metrics) missed(ctx context.Context, tx *db.Tx, d due, why string, now time.Time) error {
	if last := d.PublishedAt.Add(time.Duration(float64(d.PerishesAt.Sub(d.PublishedAt)) * perishing[len(perishing)-1])); !d.MeasuredAt.IsZero() && !d.MeasuredAt.Before(last) {
		_, err := db.Exec(ctx, tx, `update measure_plans set next_at = null, error = '' where workspace_id = $1 and target_id = $2`, d.WorkspaceID, d.TargetID)
		return err // the last numbers were read in time
	}
	said := "nothing was read before it vanished"
	if !d.MeasuredAt.IsZero() {
		said = "the last numbers are of " + d.MeasuredAt.UTC().Format("2 Jan 2006, 15:04") + " UTC"
	}
	reason := "its numbers vanished before they were read: " + said
	if why != "" {
		reason += "; " + why
	}
	n, err := db.Exec(ctx, tx, `update measure_plans set next_at = null, missed_at = $3, error = $4 where workspace_id = $1 and target_id = $2 and missed_at is null`, d.WorkspaceID, d.TargetID, now, reason)
	if err != nil || n == 0 {
		return err
	}
	who, err := db.All[string](ctx, tx, `select case when c.responsible_id <> '' then c.responsible_id else o.author_id end from targets t
			join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id join channels c on c.workspace_id = t.workspace_id and c.id = t.channel_id
		where t.workspace_id = $1 and t.id = $2`, d.WorkspaceID, d.TargetID)
	if err != nil {
		return fmt.Errorf("find who answers for %s: %w", d.TargetID, err)
	}
	facts := map[string]string{"target": d.TargetID, "reason": reason}
	if len(who) > 0 {
		facts["responsible"] = who[0]
	}
	return m.events.Record(ctx, tx, d.WorkspaceID, "system", "metric.missed", d.TargetID, facts)
}

// unread keeps the places of what could not be measured, or says that it is lost.
func (m *Metrics) unread(ctx context.Context, batch []due, cause error) error {
	now, why := db.Now(), fault.As(cause).Message
	return m.db.Tx(ctx, func(tx *db.Tx) error {
		for _, d := range batch {
			if d.over(now) {
				if err := m.missed(ctx, tx, d, why, now); err != nil {
					return err
				}
				continue
			}
			if _, err := db.Exec(ctx, tx, `update measure_plans set error = $3, next_at = $4 where workspace_id = $1 and target_id = $2`, d.WorkspaceID, d.TargetID, why, d.retry(now)); err != nil {
				return err
			}
		}
		return nil
	})
}

// KeepCurve keeps the newest retention of a video; an answer without one changes nothing.
func (m *Metrics) KeepCurve(ctx context.Context, tx *db.Tx, workspaceID, targetID string, curve []network.Watched, at time.Time) error {
	if len(curve) == 0 {
		return nil
	}
	_, err := db.Exec(ctx, tx, `insert into retentions (workspace_id, target_id, at, curve) values ($1, $2, $3, $4)
		on conflict (workspace_id, target_id) do update set at = excluded.at, curve = excluded.curve where excluded.at >= retentions.at`, workspaceID, targetID, at, db.JSON(curve))
	return err
}
