package native

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Posts are the posts made outside Bellwether.
type Posts struct {
	db       *db.DB
	channels *channel.Channels
	posts    *post.Posts
	metrics  *metric.Metrics
	journal  *delivery.Journal
	inbox    *inbox.Inbox
	clock    func() time.Time
}

// New returns the native posts of this database.
func New(database *db.DB, channels *channel.Channels, posts *post.Posts, metrics *metric.Metrics, journal *delivery.Journal, conversations *inbox.Inbox) *Posts {
	return &Posts{db: database, channels: channels, posts: posts, metrics: metrics, journal: journal, inbox: conversations, clock: db.Now}
}

// At returns the same posts as seen at another time, for tests.
func (p *Posts) At(clock func() time.Time) *Posts {
	other := *p
	other.clock = clock
	return &other
}

const (
	back      = 90 * 24 * time.Hour // how far the first reading of a channel goes
	most      = 200                 // how many posts one reading looks at
	page      = 50                  // posts asked for at once by the first reading
	news      = 10                  // and by those after it, which look for what is new: some networks charge for each
	pages     = 4                   // calls of one run; a longer reading goes on a minute later
	every     = 15 * time.Minute    // between two readings of a channel
	overlap   = time.Hour           // how far a reading looks behind the newest post met before
	young     = 2 * time.Minute     // what is younger may be ours, its answer still under way
	refusal   = 24 * time.Hour      // until a network is asked again that does not list posts for this account
	checkGone = 5                   // missing posts that one run asks about
)

// Due is a channel whose posts are to be read.
type Due struct {
	WorkspaceID string          `db:"workspace_id"`
	ID          string          `db:"id"`
	Network     string          `db:"network"`
	Account     network.Account `db:"account,json"`
}

// Due returns the working channels whose time has come and whose network lists their posts, the longest waiting first.
func (p *Posts) Due(ctx context.Context) ([]Due, error) {
	rows, err := db.All[Due](ctx, p.db, `select c.workspace_id, c.id, c.network, c.account from channels c
			join connections n on n.workspace_id = c.workspace_id and n.id = c.connection_id
			left join native_readings r on r.workspace_id = c.workspace_id and r.channel_id = c.id
		where c.disconnected_at is null and n.state in ('connected', 'expiring', 'limited') and (r.next_at is null or r.next_at <= $1)
		order by coalesce(r.next_at, 0), c.id limit 2000`, p.clock())
	if err != nil {
		return nil, err
	}
	due := rows[:0]
	for _, d := range rows {
		if _, ok := p.channels.Networks().Of(d.Network, d.Account).(network.Importer); ok {
			due = append(due, d)
		}
	}
	return due, nil
}

// Reading is how far a channel's own posts were read.
type Reading struct {
	WorkspaceID string    `db:"workspace_id"`
	ChannelID   string    `db:"channel_id"`
	Cursor      string    `db:"cursor"` // where an unfinished reading goes on
	FloorAt     time.Time `db:"floor_at"`
	TopAt       time.Time `db:"top_at"`
	Looked      int       `db:"looked"`
	NextAt      time.Time `db:"next_at"`
	ReadAt      time.Time `db:"read_at"` // zero = never
	Error       string    `db:"error"`
}

const readingColumns = `workspace_id, channel_id, cursor, floor_at, top_at, looked, next_at, read_at, error`

// Reading returns how far a channel was read; one that never was is zero.
func (p *Posts) Reading(ctx context.Context, actor workspace.Actor, channelID string) (Reading, error) {
	return p.reading(ctx, p.db, actor.WorkspaceID, channelID)
}

func (p *Posts) reading(ctx context.Context, q db.Queryer, workspaceID, channelID string) (Reading, error) {
	rows, err := db.All[Reading](ctx, q, `select `+readingColumns+` from native_readings where workspace_id = $1 and channel_id = $2`, workspaceID, channelID)
	if err != nil || len(rows) == 0 {
		return Reading{WorkspaceID: workspaceID, ChannelID: channelID, FloorAt: p.clock().Add(-back)}, err
	}
	return rows[0], nil
}

// cadence is how long after a reading the next one is: longer where the network counts or charges readings.
func cadence(spec network.Spec) time.Duration { return max(every, 2*spec.ReadEvery) }

// Absorbed hears of a native post that turned out to be one of ours (post.absorbed) and moves its numbers and what
// people said about it.
func (p *Posts) Absorbed(ctx context.Context, e event.Event) error {
	var same struct{ From, Into string }
	if err := e.Decode(&same); err != nil {
		return err
	}
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		if err := p.metrics.Move(ctx, tx, e.WorkspaceID, same.From, same.Into); err != nil {
			return err
		}
		return p.inbox.Retarget(ctx, tx, e.WorkspaceID, same.From, same.Into)
	})
}

// refused stores why a reading failed and when the next one is. A network that lists nothing for this account is asked
// once a day; a refused grant needs a person.
func (p *Posts) refused(ctx context.Context, ch channel.Channel, spec network.Spec, r Reading, err error) error {
	f, now := fault.As(err), p.clock()
	r.NextAt, r.Error = now.Add(cadence(spec)), f.Message
	switch {
	case f.Kind == fault.Rejected || f.Kind == fault.NotFound:
		r.NextAt = now.Add(refusal)
		r.Cursor, r.Looked = "", 0 // if it was the place in the list that is refused, begin anew
	case f.RetryAt.After(r.NextAt):
		r.NextAt = f.RetryAt
	}
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		if f.Kind == fault.Unauthorised {
			if err := p.channels.NeedsReconnect(ctx, tx, ch.WorkspaceID, ch.ID, f.Message); err != nil {
				return err
			}
		}
		return p.keep(ctx, tx, r)
	})
}

func (p *Posts) keep(ctx context.Context, tx *db.Tx, r Reading) error {
	_, err := db.Exec(ctx, tx, `insert into native_readings (`+readingColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (workspace_id, channel_id) do update set cursor = excluded.cursor, floor_at = excluded.floor_at, top_at = excluded.top_at, looked = excluded.looked,
			next_at = excluded.next_at, read_at = excluded.read_at, error = excluded.error`,
		r.WorkspaceID, r.ChannelID, r.Cursor, r.FloorAt, r.TopAt, r.Looked, r.NextAt, r.ReadAt, r.Error)
	return err
}
