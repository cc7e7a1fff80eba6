package preflight

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Files opens a file as it is to be sent; the library does.
type Files interface {
	Open(ctx context.Context, workspaceID string, m network.Media) (io.ReadCloser, error)
}

// Checks are the looks at planned targets.
type Checks struct {
	db       *db.DB
	events   *event.Events
	channels *channel.Channels
	posts    *post.Posts
	links    *link.Links
	journal  *delivery.Journal
	files    Files
	http     *safehttp.Client
	clock    func() time.Time

	sweeping sync.Mutex
	known    *answers // of addresses, for a while
}

// New returns the checks of this database. http is the guarded client that follows what texts link to.
func New(database *db.DB, events *event.Events, channels *channel.Channels, posts *post.Posts, links *link.Links, journal *delivery.Journal, files Files, http *safehttp.Client) *Checks {
	return &Checks{db: database, events: events, channels: channels, posts: posts, links: links, journal: journal, files: files,
		http: http.WithTimeout(linkPatience).WithMaxBody(64 << 10), clock: db.Now, known: newAnswers()}
}

// At returns the same checks with another clock, for tests of time.
func (c *Checks) At(clock func() time.Time) *Checks {
	other := &Checks{db: c.db, events: c.events, channels: c.channels, posts: c.posts, links: c.links, journal: c.journal, files: c.files, http: c.http, known: c.known}
	other.clock = func() time.Time { return clock().UTC().Truncate(time.Microsecond) }
	return other
}

const (
	batch   = 200              // targets of one round
	perTx   = 40               // whose findings are stored in one transaction: nobody waits long for the database
	atATime = 8                // targets looked at side by side
	lasting = 15 * time.Second // a sweep; the next one goes on
)

// Sweep takes in what was planned or moved, and looks at every target whose look is due, batch by batch. One sweep runs at
// a time in a process; two of two processes look twice and tell once.
func (c *Checks) Sweep(ctx context.Context) error {
	if !c.sweeping.TryLock() {
		return nil
	}
	defer c.sweeping.Unlock()
	ending := time.Now().Add(lasting) // a bound on our own work, so by the machine's clock
	for time.Now().Before(ending) {
		n, err := c.takeIn(ctx)
		if err != nil {
			return err
		}
		if n < batch {
			break
		}
	}
	for time.Now().Before(ending) {
		due, err := c.due(ctx)
		if err != nil || len(due) == 0 {
			return err
		}
		if err := c.lookAll(ctx, due); err != nil {
			return err
		}
		if len(due) < batch {
			return nil
		}
	}
	return nil
}

// takeIn writes down when targets that pre-flight does not know for their time are looked at, and returns how many.
func (c *Checks) takeIn(ctx context.Context) (int, error) {
	now := c.clock()
	found, err := db.All[look](ctx, c.db, `select workspace_id, id as target_id, channel_id, due_at from targets
		where state = 'scheduled' and checked_for <> due_at and due_at > $1 and due_at <= $2 order by due_at limit $3`, now, now.Add(horizon), batch)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return len(found), c.db.Tx(ctx, func(tx *db.Tx) error {
		for _, t := range found {
			if _, err := db.Exec(ctx, tx, `update targets set checked_for = $3 where workspace_id = $1 and id = $2 and due_at = $3`, t.WorkspaceID, t.TargetID, t.DueAt); err != nil {
				return err
			}
			at := now
			if first := lookAt(t.DueAt, Day, t.TargetID); first.After(now) {
				at = first
			}
			if _, err := db.Exec(ctx, tx, `insert into preflights (workspace_id, target_id, channel_id, due_at, next_at) values ($1, $2, $3, $4, $5)
				on conflict (workspace_id, target_id) do update set due_at = excluded.due_at, stage = 0, next_at = excluded.next_at`, t.WorkspaceID, t.TargetID, t.ChannelID, t.DueAt, at); err != nil {
				return fmt.Errorf("take a target in for pre-flight: %w", err)
			}
		}
		return nil
	})
}

// due lists targets whose look is due, those of one channel together as far as they are.
func (c *Checks) due(ctx context.Context) ([]look, error) {
	return db.All[look](ctx, c.db, `select f.workspace_id, f.target_id, f.channel_id, f.due_at, f.stage, f.next_at, coalesce(t.state, '') as state, t.due_at as planned_at
		from preflights f left join targets t on t.workspace_id = f.workspace_id and t.id = f.target_id
		where f.next_at <= $1 order by f.next_at limit $2`, c.clock(), batch)
}

// lookAll looks at targets and stores what was found.
func (c *Checks) lookAll(ctx context.Context, due []look) error {
	grounds, err := c.grounds(ctx, due)
	if err != nil {
		return err
	}
	results := make([][]Finding, len(due))
	failed := make([]error, len(due))
	var under sync.WaitGroup
	free := make(chan struct{}, atATime)
	for i, l := range due {
		if !l.ahead(c.clock()) {
			continue
		}
		free <- struct{}{}
		under.Go(func() {
			defer func() { <-free }()
			results[i], failed[i] = c.look(ctx, l, grounds[[2]string{l.WorkspaceID, l.ChannelID}])
		})
	}
	under.Wait()
	for from := 0; from < len(due); from += perTx {
		to := min(from+perTx, len(due))
		if err := c.db.Tx(ctx, func(tx *db.Tx) error {
			for i := from; i < to; i++ {
				if failed[i] != nil { // our own failure; it must not hold up the others
					if err := c.putOff(ctx, tx, due[i]); err != nil {
						return err
					}
					continue
				}
				if err := c.keep(ctx, tx, due[i], results[i]); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}

// ahead reports whether the target is still planned for the time that is checked for.
func (l look) ahead(now time.Time) bool {
	return l.State == string(post.Scheduled) && l.PlannedAt.Equal(l.DueAt) && l.DueAt.After(now)
}
