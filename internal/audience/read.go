package audience

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/when"
)

// Audiences is the store of readings.
type Audiences struct {
	db       *db.DB
	events   *event.Events
	channels *channel.Channels
}

// New returns the readings of this database.
func New(database *db.DB, events *event.Events, channels *channel.Channels) *Audiences {
	return &Audiences{db: database, events: events, channels: channels}
}

const (
	daily = 24 * time.Hour
	// later is when a reading that failed is tried again: a reading takes several calls of a network's quota.
	later = 6 * time.Hour
	// atOnce bounds one go, so that a hundred new channels do not use up everything at once.
	atOnce = 40
)

// due is a connected channel whose public may be read now.
type due struct {
	WorkspaceID string          `db:"workspace_id"`
	ChannelID   string          `db:"id"`
	Network     string          `db:"network"`
	Account     network.Account `db:"account,json"`
	Zone        string          `db:"zone"`
}

// ReadDue reads every channel whose last reading is a day old, and forgets readings that a network's terms let nobody
// keep; a job calls it every hour.
func (a *Audiences) ReadDue(ctx context.Context) error {
	rows, err := db.All[due](ctx, a.db, `select c.workspace_id, c.id, c.network, c.account, w.zone from channels c join workspaces w on w.id = c.workspace_id
			join connections n on n.workspace_id = c.workspace_id and n.id = c.connection_id
			left join audience_plans p on p.workspace_id = c.workspace_id and p.channel_id = c.id
		where c.disconnected_at is null and n.state in ('connected', 'expiring', 'limited') and (p.next_at is null or p.next_at <= $1)
		order by coalesce(p.next_at, 0), c.id`, db.Now())
	if err != nil {
		return err
	}
	var failed []error
	read := 0
	for _, d := range rows {
		n := a.channels.Networks().Of(d.Network, d.Account)
		reader, ok := n.(network.AudienceReader)
		if !ok || n.Spec().Audience.None != "" {
			continue
		}
		if read++; read > atOnce {
			break
		}
		if err := a.read(ctx, d, reader, n.Spec().Audience); err != nil {
			failed = append(failed, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.Join(append(failed, a.forget(ctx))...)
}

// read asks one channel's network and stores the answer, or why there is none.
func (a *Audiences) read(ctx context.Context, d due, reader network.AudienceReader, spec network.AudienceSpec) error {
	_, _, session, err := a.channels.Session(ctx, d.WorkspaceID, d.ChannelID)
	var found network.Audience
	if err == nil {
		found, err = reader.Audience(ctx, session)
	}
	now := db.Now()
	if err != nil {
		if fault.KindOf(err) == fault.Internal || ctx.Err() != nil {
			return fmt.Errorf("read the audience of %s: %w", d.ChannelID, err)
		}
		return a.plan(ctx, a.db, d, again(err, now), why(err))
	}
	return a.Keep(ctx, d.WorkspaceID, d.ChannelID, d.Zone, found, now, now.Add(max(daily, spec.Every)))
}

// again is when to ask anew after a refusal: at the network's own time if it named one.
func again(err error, now time.Time) time.Time {
	f := fault.As(err)
	switch {
	case !f.RetryAt.IsZero():
		return f.RetryAt
	case f.Kind == fault.Rejected || f.Kind == fault.NotFound:
		return now.Add(daily)
	}
	return now.Add(later)
}

func why(err error) string {
	f := fault.As(err)
	if f.Hint == "" {
		return f.Message
	}
	return f.Message + ". " + f.Hint
}

// Keep stores what a network told at an instant, and when it is asked next. A later reading of a day replaces an earlier.
func (a *Audiences) Keep(ctx context.Context, workspaceID, channelID, zone string, found network.Audience, at, next time.Time) error {
	loc, err := when.Zone(zone)
	if err != nil {
		loc = time.UTC
	}
	return a.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `insert into audiences (workspace_id, channel_id, day, at, found) values ($1, $2, $3, $4, $5)
			on conflict (workspace_id, channel_id, day) do update set at = excluded.at, found = excluded.found`,
			workspaceID, channelID, at.In(loc).Format(time.DateOnly), at, db.JSON(found)); err != nil {
			return fmt.Errorf("keep the audience of %s: %w", channelID, err)
		}
		if err := a.plan(ctx, tx, due{WorkspaceID: workspaceID, ChannelID: channelID}, next, ""); err != nil {
			return err
		}
		return a.events.Record(ctx, tx, workspaceID, "system", "audience.read", channelID, map[string]int{"breakdowns": len(found.Breakdowns)})
	})
}

func (a *Audiences) plan(ctx context.Context, q db.Queryer, d due, next time.Time, problem string) error {
	_, err := db.Exec(ctx, q, `insert into audience_plans (workspace_id, channel_id, next_at, error) values ($1, $2, $3, $4)
		on conflict (workspace_id, channel_id) do update set next_at = excluded.next_at, error = excluded.error`, d.WorkspaceID, d.ChannelID, next, problem)
	if err != nil {
		return fmt.Errorf("plan the next reading of %s: %w", d.ChannelID, err)
	}
	return nil
}

// forget deletes what may be kept no longer, by the terms of each network.
func (a *Audiences) forget(ctx context.Context) error {
	for _, n := range a.channels.Networks().All() {
		keep := n.Spec().Audience.Keep
		if keep == 0 {
			continue
		}
		if _, err := db.Exec(ctx, a.db, `delete from audiences where at < $1 and exists (select 1 from channels c where c.workspace_id = audiences.workspace_id
			and c.id = audiences.channel_id and c.network = $2)`, db.Now().Add(-keep), n.Spec().Key); err != nil {
			return fmt.Errorf("forget old audiences of %s: %w", n.Spec().Name, err)
		}
	}
	return nil
}
