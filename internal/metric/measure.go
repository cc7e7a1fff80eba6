package metric

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Metrics is the store of numbers.
type Metrics struct {
	db       *db.DB
	events   *event.Events
	channels *channel.Channels
	speed    time.Duration
}

// New returns the numbers of this database.
func New(database *db.DB, events *event.Events, channels *channel.Channels) *Metrics {
	return &Metrics{db: database, events: events, channels: channels, speed: 1}
}

// Faster measures n times more often, for a demonstration whose public lives n times faster.
func (m *Metrics) Faster(n int) *Metrics { m.speed = time.Duration(max(n, 1)); return m }

// cadence is when a published target is measured, counted from its publication (PRODUCT §5.4).
var cadence = func() []time.Duration {
	steps := []time.Duration{15 * time.Minute, time.Hour, 3 * time.Hour, 12 * time.Hour, 24 * time.Hour}
	const day = 24 * time.Hour
	for d := 2; d <= 7; d++ {
		steps = append(steps, time.Duration(d)*day)
	}
	for d := 14; d <= 30; d += 7 {
		steps = append(steps, time.Duration(d)*day)
	}
	for d := 60; d <= 365; d += 30 {
		steps = append(steps, time.Duration(d)*day)
	}
	return steps
}()

// Follow starts measuring a target that was published. Following it again changes nothing.
func (m *Metrics) Follow(ctx context.Context, tx db.Queryer, workspaceID, targetID, channelID string, remote network.Remote, published time.Time) error {
	life, err := m.life(ctx, tx, workspaceID, channelID, remote)
	if err != nil {
		return err
	}
	first, ends := published.Add(cadence[0]/m.speed), time.Time{}
	if life > 0 {
		ends = published.Add(life)
		first, _ = due{PublishedAt: published, PerishesAt: ends}.next(published)
	}
	_, err = db.Exec(ctx, tx, `insert into measure_plans (workspace_id, target_id, channel_id, remote, published_at, next_at, step, perishes_at)
		values ($1, $2, $3, $4, $5, $6, 0, $7) on conflict (workspace_id, target_id) do nothing`,
		workspaceID, targetID, channelID, db.JSON(remote), published, first, ends)
	return err
}

type due struct {
	WorkspaceID string         `db:"workspace_id"`
	TargetID    string         `db:"target_id"`
	ChannelID   string         `db:"channel_id"`
	Remote      network.Remote `db:"remote,json"`
	PublishedAt time.Time      `db:"published_at"`
	Step        int            `db:"step"`
	PerishesAt  time.Time      `db:"perishes_at"` // zero = it stays
	MeasuredAt  time.Time      `db:"measured_at"` // the last reading that brought numbers, zero = none
}

const dueColumns = `workspace_id, target_id, channel_id, remote, published_at, step, perishes_at, measured_at`

// perCall is how many items one call to a network may ask about.
const perCall = 25

// MeasureDue measures every target whose time has come, channel by channel; a job calls it every minute.
func (m *Metrics) MeasureDue(ctx context.Context) error {
	rows, err := db.All[due](ctx, m.db, `select `+dueColumns+` from measure_plans
		where next_at <= $1 order by channel_id, next_at limit 2000`, db.Now())
	if err != nil {
		return err
	}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && n < perCall && rows[n].ChannelID == rows[0].ChannelID && rows[n].WorkspaceID == rows[0].WorkspaceID {
			n++
		}
		if err := m.measure(ctx, rows[:n]); err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
		rows = rows[n:]
	}
	return RollUp(ctx, m.db)
}

// Refresh measures the given targets of one channel now, for a person who asks and may read them.
func (m *Metrics) Refresh(ctx context.Context, actor workspace.Actor, targetIDs ...string) error {
	for _, targetID := range targetIDs {
		args := []any{actor.WorkspaceID, targetID}
		within := actor.Readable(workspace.Rows{Brand: "p.brand_id = ?", Channel: "t.channel_id = ?", Own: "p.author_id = ?"}, &args, workspace.AnalyticsRead)
		rows, err := db.All[due](ctx, m.db, `select `+dueColumns+` from measure_plans
			where workspace_id = $1 and target_id = $2 and exists (select 1 from targets t join posts p on p.workspace_id = t.workspace_id and p.id = t.post_id
				where t.workspace_id = measure_plans.workspace_id and t.id = measure_plans.target_id and `+within+`)`, args...)
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			if err := m.measure(ctx, rows); err != nil {
				return err
			}
		}
	}
	return nil
}

// measure asks one channel about some of its items and stores the answers and the next time of each.
func (m *Metrics) measure(ctx context.Context, batch []due) error {
	first := batch[0]
	measured, err := m.ask(ctx, batch)
	if err != nil {
		// Not lost: the targets keep their place in the cadence and are tried again, and the screen says why.
		if keepErr := m.unread(ctx, batch, err); keepErr != nil {
			return keepErr
		}
		return fmt.Errorf("measure %s: %w", first.ChannelID, err)
	}
	now := db.Now()
	return m.db.Tx(ctx, func(tx *db.Tx) error {
		for _, d := range batch {
			got, ok := measured[d.Remote.ID]
			if ok && !got.Gone {
				if err := m.Store(ctx, tx, d.WorkspaceID, d.TargetID, got.Values, now, "api"); err != nil {
					return err
				}
				if err := m.KeepCurve(ctx, tx, d.WorkspaceID, d.TargetID, got.Watched, now); err != nil {
					return err
				}
			}
			if (got.Gone || !ok) && d.over(now) { // it vanished by its nature: nobody removed it
				if err := m.missed(ctx, tx, d, "", now); err != nil {
					return err
				}
				continue
			}
			if got.Gone {
				if err := m.gone(ctx, tx, d.WorkspaceID, d.TargetID); err != nil {
					return err
				}
				continue
			}
			next, step := m.after(d.PublishedAt, now)
			if !d.PerishesAt.IsZero() {
				if next, step = d.next(now); !ok {
					next = d.retry(now)
				}
			}
			measured := d.MeasuredAt
			if ok {
				measured = now
			}
			if _, err := db.Exec(ctx, tx, `update measure_plans set next_at = $3, step = $4, error = $5, measured_at = $6 where workspace_id = $1 and target_id = $2`,
				d.WorkspaceID, d.TargetID, next, step, missing(ok), measured); err != nil {
				return err
			}
		}
		return m.events.Record(ctx, tx, first.WorkspaceID, "system", "metric.measured", first.ChannelID, map[string]int{"targets": len(batch)})
	})
}

func missing(answered bool) string {
	if !answered {
		return "the network's answer did not name this post"
	}
	return ""
}

const goneNow = "the network no longer has this post; its last numbers are kept"

// gone ends the measuring of a target that its network no longer has, and says so once. Its last numbers are kept.
func (m *Metrics) gone(ctx context.Context, tx *db.Tx, workspaceID, targetID string) error {
	n, err := db.Exec(ctx, tx, `update measure_plans set next_at = null, error = $3 where workspace_id = $1 and target_id = $2 and error <> $3`, workspaceID, targetID, goneNow)
	if err != nil || n == 0 {
		return err
	}
	return m.events.Record(ctx, tx, workspaceID, "system", "metric.gone", targetID, map[string]string{"target": targetID})
}

func (m *Metrics) ask(ctx context.Context, batch []due) (map[string]network.Measured, error) {
	_, n, session, err := m.channels.Reading(ctx, batch[0].WorkspaceID, batch[0].ChannelID)
	if err != nil {
		return nil, err
	}
	measurer, ok := n.(network.Measurer)
	if !ok {
		return nil, fault.Rejectedf("%s delivers no numbers to programs", n.Spec().Name)
	}
	items := make([]network.Remote, len(batch))
	for i, d := range batch {
		items[i] = d.Remote
	}
	answers, err := measurer.PostMetrics(ctx, session, items)
	if err != nil {
		return nil, err
	}
	out := map[string]network.Measured{}
	for _, a := range answers {
		out[a.RemoteID] = a
	}
	return out, nil
}

// after is the first point of the cadence that lies ahead; zero when the last has passed.
func (m *Metrics) after(published, now time.Time) (time.Time, int) {
	for step, d := range cadence {
		if at := published.Add(d / m.speed); at.After(now) {
			return at, step
		}
	}
	return time.Time{}, len(cadence)
}

// Store appends values of one scope (a target or a channel) as they were given, and keeps the newest at hand.
func (m *Metrics) Store(ctx context.Context, tx *db.Tx, workspaceID, scope string, values network.Values, at time.Time, source string) error {
	for metricID, value := range values {
		if !Known(metricID) {
			continue
		}
		if _, err := db.Exec(ctx, tx, `insert into snapshots (workspace_id, scope, metric, at, value, source) values ($1, $2, $3, $4, $5, $6)
			on conflict (workspace_id, scope, metric, at) do update set value = excluded.value`, workspaceID, scope, metricID, at, value, source); err != nil {
			return fmt.Errorf("store %s of %s: %w", metricID, scope, err)
		}
		if _, err := db.Exec(ctx, tx, `insert into latest_values (workspace_id, scope, metric, value, at) values ($1, $2, $3, $4, $5)
			on conflict (workspace_id, scope, metric) do update set value = excluded.value, at = excluded.at
			where excluded.at >= latest_values.at`, workspaceID, scope, metricID, value, at); err != nil {
			return fmt.Errorf("store %s of %s: %w", metricID, scope, err)
		}
	}
	return staleTarget(ctx, tx, workspaceID, scope)
}

// MeasureChannels reads the account numbers of every connected channel and keeps one value a day, in the channel's
// zone; a job calls it every few hours.
func (m *Metrics) MeasureChannels(ctx context.Context) error {
	rows, err := db.All[struct {
		WorkspaceID string `db:"workspace_id"`
		ID          string `db:"id"`
		Zone        string `db:"zone"`
	}](ctx, m.db, `select c.workspace_id, c.id, w.zone from channels c join workspaces w on w.id = c.workspace_id where c.disconnected_at is null`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := m.measureChannel(ctx, r.WorkspaceID, r.ID, r.Zone); err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

func (m *Metrics) measureChannel(ctx context.Context, workspaceID, channelID, zone string) error {
	_, n, session, err := m.channels.Reading(ctx, workspaceID, channelID)
	if err != nil {
		return err
	}
	measurer, ok := n.(network.Measurer)
	if !ok {
		return nil
	}
	values, err := measurer.AccountMetrics(ctx, session)
	if err != nil {
		return err
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		location = time.UTC
	}
	now := db.Now()
	return m.db.Tx(ctx, func(tx *db.Tx) error {
		if err := m.Store(ctx, tx, workspaceID, channelID, values, now, "api"); err != nil {
			return err
		}
		return m.StoreDay(ctx, tx, workspaceID, channelID, now.In(location).Format("2006-01-02"), values, now)
	})
}

// StoreDay keeps a channel's values of one day (YYYY-MM-DD in the workspace's zone); a later value replaces an earlier.
func (m *Metrics) StoreDay(ctx context.Context, tx *db.Tx, workspaceID, channelID, day string, values network.Values, at time.Time) error {
	for metricID, value := range values {
		if !Known(metricID) {
			continue
		}
		if _, err := db.Exec(ctx, tx, `insert into channel_days (workspace_id, channel_id, day, metric, value, at) values ($1, $2, $3, $4, $5, $6)
			on conflict (workspace_id, channel_id, day, metric) do update set value = excluded.value, at = excluded.at
			where excluded.at >= channel_days.at`, workspaceID, channelID, day, metricID, value, at); err != nil {
			return err
		}
	}
	return nil
}
