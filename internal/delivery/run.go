package delivery

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/post"
)

const (
	leaseFor    = 8 * time.Second // who is silent for this long has lost its deliveries
	heartbeat   = 2 * time.Second
	idle        = 2 * time.Second // longest sleep: another replica or a clock step may have made something due
	takeAtATime = 50
)

// Run takes due targets and carries deliveries out until ctx ends; then it waits for the calls that are under way
// until stop ends (R46). alone says that no other process works on this database, so that the leases of an earlier
// run are void at once.
func (j *Journal) Run(ctx, stop context.Context, alone bool) error {
	if alone {
		if _, err := db.Exec(ctx, j.db, `update deliveries set lease_owner = '', lease_until = null where lease_owner <> ''`); err != nil {
			return err
		}
	}
	var beats sync.WaitGroup
	beating, quiet := context.WithCancel(stop)
	beats.Go(func() { j.beat(beating) })
	r := &runner{j: j, busy: map[[2]string]bool{}, free: make(chan struct{}, j.workers)}
	for ctx.Err() == nil {
		next, err := r.pass(ctx, stop)
		if err != nil && ctx.Err() == nil {
			slog.Error("look for due deliveries", "error", err)
			next = j.clock().Add(idle)
		}
		wait := min(max(next.Sub(j.clock()), 0), idle)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-j.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	r.under.Wait()
	quiet()
	beats.Wait()
	return nil
}

// Step does one pass and waits for what it began: the way tests and the simulator move the journal.
func (j *Journal) Step(ctx context.Context) (next time.Time, err error) {
	r := &runner{j: j, busy: map[[2]string]bool{}, free: make(chan struct{}, j.workers)}
	next, err = r.pass(ctx, ctx)
	r.under.Wait()
	return next, err
}

// beat keeps the leases of this process alive.
func (j *Journal) beat(ctx context.Context) {
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if _, err := db.Exec(ctx, j.db, `update deliveries set lease_until = $2 where lease_owner = $1 and lease_until is not null`, j.owner, j.clock().Add(leaseFor)); err != nil && ctx.Err() == nil {
				slog.Error("keep the leases", "error", err)
			}
		}
	}
}

// runner hands channels with due deliveries to workers: one worker a channel, so that a channel's posts stay in order.
type runner struct {
	j     *Journal
	mu    sync.Mutex
	busy  map[[2]string]bool
	free  chan struct{}
	under sync.WaitGroup
}

// pass takes what is due and starts workers; it returns when to look again.
func (r *runner) pass(ctx, stop context.Context) (time.Time, error) {
	for {
		n, err := r.j.takeDue(ctx)
		if err != nil {
			return time.Time{}, err
		}
		if err := r.start(ctx, stop); err != nil {
			return time.Time{}, err
		}
		if n < takeAtATime {
			break
		}
	}
	return r.j.next(ctx)
}

// takeDue turns the oldest due targets into deliveries, many in one commit.
func (j *Journal) takeDue(ctx context.Context) (int, error) {
	due, err := j.posts.Due(ctx, j.clock(), takeAtATime)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	err = j.db.Tx(ctx, func(tx *db.Tx) error {
		for _, d := range due {
			if err := j.take(ctx, tx, d); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return len(due), nil
	}
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	// One of them cannot be taken: each for itself, so that it holds nobody else up.
	slog.Error("take due targets together", "error", err)
	for _, d := range due {
		if err := j.db.Tx(ctx, func(tx *db.Tx) error { return j.take(ctx, tx, d) }); err != nil {
			slog.Error("take a due target", "target", d.TargetID, "error", err)
			if err := j.db.Tx(ctx, func(tx *db.Tx) error { return j.giveUp(ctx, tx, d) }); err != nil {
				return 0, err
			}
		}
	}
	return len(due), nil
}

// giveUp holds a target that our own failure keeps from being prepared: told, not retried silently.
func (j *Journal) giveUp(ctx context.Context, tx *db.Tx, due post.DueTarget) error {
	return j.hold(ctx, tx, due, "it could not be prepared because of a failure on our side; see the log, then send it again")
}

// start gives every channel with something due, and nobody on it, a worker.
func (r *runner) start(ctx, stop context.Context) error {
	now := r.j.clock()
	channels, err := db.All[struct {
		WorkspaceID string    `db:"workspace_id"`
		ChannelID   string    `db:"channel_id"`
		Since       time.Time `db:"since"`
	}](ctx, r.j.db, `select workspace_id, channel_id, min(next_at) as since from deliveries where next_at <= $1 and (lease_until is null or lease_until < $1)
		group by workspace_id, channel_id order by since limit 1000`, now)
	if err != nil {
		return err
	}
	for _, c := range channels {
		key := [2]string{c.WorkspaceID, c.ChannelID}
		r.mu.Lock()
		taken := r.busy[key]
		if !taken {
			r.busy[key] = true
		}
		r.mu.Unlock()
		if taken {
			continue
		}
		select {
		case r.free <- struct{}{}:
		default: // every worker is at work; one that ends wakes us
			r.mu.Lock()
			delete(r.busy, key)
			r.mu.Unlock()
			return nil
		}
		r.under.Go(func() {
			defer func() {
				<-r.free
				r.mu.Lock()
				delete(r.busy, key)
				r.mu.Unlock()
				r.j.Wake()
			}()
			r.drain(ctx, stop, key)
		})
	}
	return nil
}

// drain carries out what is due on one channel, in order. Calls under way end by themselves or with stop; nothing new
// begins once ctx has ended.
func (r *runner) drain(ctx, stop context.Context, key [2]string) {
	for ctx.Err() == nil {
		due, err := db.All[string](stop, r.j.db, `select id from deliveries where workspace_id = $1 and channel_id = $2 and next_at <= $3 and (lease_until is null or lease_until < $3)
			order by due_at, id limit 20`, key[0], key[1], r.j.clock())
		if err != nil {
			slog.Error("read a channel's deliveries", "channel", key[1], "error", err)
			return
		}
		if len(due) == 0 {
			return
		}
		for _, deliveryID := range due {
			if ctx.Err() != nil {
				return
			}
			if err := r.j.work(stop, key[0], deliveryID); err != nil && stop.Err() == nil {
				slog.Error("carry a delivery out", "delivery", deliveryID, "error", err)
				return // its lease runs out; the next pass goes on
			}
		}
	}
}

// next is when something is due again; zero-like far future when nothing is planned.
func (j *Journal) next(ctx context.Context) (time.Time, error) {
	at := j.clock().Add(idle)
	target, err := j.posts.NextDue(ctx)
	if err != nil {
		return at, err
	}
	if !target.IsZero() && target.Before(at) {
		at = target
	}
	rows, err := db.All[time.Time](ctx, j.db, `select next_at from deliveries where next_at is not null and (lease_until is null or lease_until < $1) order by next_at limit 1`, j.clock())
	if err == nil && len(rows) > 0 && rows[0].Before(at) {
		at = rows[0]
	}
	// What is due already but still waits for a free worker is not looked for in a busy loop.
	if now := j.clock(); at.Before(now.Add(5 * time.Millisecond)) {
		at = now.Add(5 * time.Millisecond)
	}
	return at, err
}
