package audience

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Reading is what a network told on one day.
type Reading struct {
	ChannelID string           `db:"channel_id"`
	Day       string           `db:"day"` // YYYY-MM-DD in the workspace's zone
	At        time.Time        `db:"at"`  // UTC
	Audience  network.Audience `db:"found,json"`
}

// Channel is a connected channel with what is known of its public.
type Channel struct {
	ID      string          `db:"id"`
	Name    string          `db:"name"`
	Handle  string          `db:"handle"`
	Network string          `db:"network"`
	Account network.Account `db:"account,json"`
	NextAt  time.Time       `db:"next_at"` // when the network is asked next; zero where it tells nothing or was never asked
	Error   string          `db:"error"`   // why the last reading brought nothing

	Spec    network.AudienceSpec `db:"-"`
	Latest  *Reading             `db:"-"` // nil = none yet
	Earlier *Reading             `db:"-"` // the newest one that is at least four weeks older, nil = none
}

// back is how much older the reading is that the newest is compared with.
const back = 28 * 24 * time.Hour

// channelRows are how channels c belong.
var channelRows = workspace.Rows{Brand: "c.brand_id = ?", Channel: "c.id = ?"}

// Channels returns the connected channels that the actor may read numbers of, with their readings; channelID narrows to
// one, "" does not.
func (a *Audiences) Channels(ctx context.Context, actor workspace.Actor, channelID string) ([]Channel, error) {
	args := []any{actor.WorkspaceID, channelID}
	list, err := db.All[Channel](ctx, a.db, `select c.id, c.name, c.handle, c.network, c.account, p.next_at, coalesce(p.error, '') as error from channels c
			left join audience_plans p on p.workspace_id = c.workspace_id and p.channel_id = c.id
		where c.workspace_id = $1 and c.disconnected_at is null and ($2 = '' or c.id = $2) and `+actor.Readable(channelRows, &args, workspace.AnalyticsRead)+` order by c.name, c.id`, args...)
	if err != nil {
		return nil, err
	}
	newest, err := a.readings(ctx, actor, channelID, db.Now())
	if err != nil {
		return nil, err
	}
	earlier, err := a.readings(ctx, actor, channelID, db.Now().Add(-back))
	if err != nil {
		return nil, err
	}
	for i, c := range list {
		if n := a.channels.Networks().Of(c.Network, c.Account); n != nil {
			list[i].Spec = n.Spec().Audience
		}
		list[i].Latest = newest[c.ID]
		if e := earlier[c.ID]; e != nil && list[i].Latest != nil && e.Day < list[i].Latest.Day {
			list[i].Earlier = e
		}
	}
	return list, nil
}

// readings returns each channel's newest reading up to an instant.
func (a *Audiences) readings(ctx context.Context, actor workspace.Actor, channelID string, until time.Time) (map[string]*Reading, error) {
	args := []any{actor.WorkspaceID, channelID, until}
	rows, err := db.All[Reading](ctx, a.db, `select r.channel_id, r.day, r.at, r.found from audiences r join channels c on c.workspace_id = r.workspace_id and c.id = r.channel_id
		where r.workspace_id = $1 and ($2 = '' or r.channel_id = $2) and r.day = (select max(l.day) from audiences l where l.workspace_id = r.workspace_id and l.channel_id = r.channel_id and l.at <= $3)
			and `+actor.Readable(channelRows, &args, workspace.AnalyticsRead), args...)
	out := map[string]*Reading{}
	for i := range rows {
		out[rows[i].ChannelID] = &rows[i]
	}
	return out, err
}

// of finds a breakdown in a reading.
func (r *Reading) of(p network.Population, by network.Dimension) (network.Breakdown, bool) {
	if r == nil {
		return network.Breakdown{}, false
	}
	for _, b := range r.Audience.Breakdowns {
		if b.Of == p && b.By == by {
			return b, true
		}
	}
	return network.Breakdown{}, false
}
