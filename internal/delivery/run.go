package delivery

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
)

const (
	idle      = time.Second // longest sleep: another replica or a clock step may have made something due
	takeFirst = 16          // targets prepared in the first commit: few, so that the first leaves at once
	takeMore  = 96          // and in the next ones
	workers   = 512         // channels worked on at a time
	perServer = 64          // of one network's one server: a server that hangs holds up only its own channels
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
	beating, quiet := context.WithCancel(context.WithoutCancel(stop))
	beats.Go(func() { j.beat(beating) })
	r := newRunner(j)
	for ctx.Err() == nil {
		j.rests.Store(0) // what is committed from here on may have been missed by this look
		next, err := r.pass(ctx, stop)
		if err != nil && ctx.Err() == nil {
			slog.Error("look for due deliveries", "error", err)
			next = j.clock().Add(idle)
		}
		now := j.clock()
		next = now.Add(min(max(next.Sub(now), time.Millisecond), idle))
		j.rests.Store(next.UnixMicro())
		timer := time.NewTimer(next.Sub(now))
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

// Step does one pass by itself, one channel after the other: the way tests and the simulator move the journal. It
// returns when something is due again.
func (j *Journal) Step(ctx context.Context) (next time.Time, err error) {
	r := newRunner(j)
	r.alone = true
	return r.pass(ctx, ctx)
}

// runner hands channels with due deliveries to workers: one worker a channel, so that a channel's posts stay in order.
type runner struct {
	j     *Journal
	alone bool // work in the caller's goroutine

	mu     sync.Mutex
	busy   map[[2]string]bool
	server map[string]int // workers by network and server
	under  sync.WaitGroup
}

func newRunner(j *Journal) *runner {
	return &runner{j: j, busy: map[[2]string]bool{}, server: map[string]int{}}
}

// pass takes what is due and starts workers; it returns when to look again.
func (r *runner) pass(ctx, stop context.Context) (time.Time, error) {
	for most := takeFirst; ctx.Err() == nil; most = takeMore {
		n, channels, err := r.j.takeDue(ctx, most)
		if err != nil {
			return time.Time{}, err
		}
		for _, key := range channels {
			r.start(ctx, stop, key)
		}
		if n < most {
			break
		}
	}
	now := r.j.clock()
	due, err := db.All[struct {
		WorkspaceID string    `db:"workspace_id"`
		ChannelID   string    `db:"channel_id"`
		Since       time.Time `db:"since"`
	}](ctx, r.j.db, `select workspace_id, channel_id, min(next_at) as since from deliveries where next_at <= $1 and (lease_until is null or lease_until < $1)
		group by workspace_id, channel_id order by since, workspace_id, channel_id limit 2000`, now)
	if err != nil {
		return time.Time{}, err
	}
	for _, c := range due {
		r.start(ctx, stop, [2]string{c.WorkspaceID, c.ChannelID})
	}
	return r.j.next(ctx, now)
}

// next is when something becomes due after an instant. What is due already has a worker, or gets one when a worker ends.
func (j *Journal) next(ctx context.Context, now time.Time) (time.Time, error) {
	at := now.Add(idle)
	target, err := j.posts.NextDue(ctx)
	if err != nil {
		return at, err
	}
	if !target.IsZero() && target.Before(at) {
		at = target
	}
	rows, err := db.All[time.Time](ctx, j.db, `select next_at from deliveries where next_at > $1 order by next_at limit 1`, now)
	if err == nil && len(rows) > 0 && rows[0].Before(at) {
		at = rows[0]
	}
	// A lease that runs out makes its delivery due again.
	leases, err := db.All[time.Time](ctx, j.db, `select lease_until from deliveries where lease_until >= $1 and next_at <= $1 and lease_owner <> $2 order by lease_until limit 1`, now, j.owner)
	if err == nil && len(leases) > 0 && leases[0].Before(at) {
		at = leases[0].Add(time.Millisecond)
	}
	return at, err
}

// start gives a channel that nobody works on a worker, if one is free. A worker that ends wakes the runner.
func (r *runner) start(ctx, stop context.Context, key [2]string) {
	l := &line{j: r.j, workspaceID: key[0], channelID: key[1]}
	if r.alone {
		r.drain(ctx, stop, l)
		return
	}
	server := r.serverOf(ctx, key)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[key] || len(r.busy) >= workers || r.server[server] >= perServer {
		return
	}
	r.busy[key] = true
	r.server[server]++
	r.under.Go(func() {
		defer func() {
			r.mu.Lock()
			delete(r.busy, key)
			if r.server[server]--; r.server[server] == 0 {
				delete(r.server, server)
			}
			r.mu.Unlock()
			r.j.Wake()
		}()
		r.drain(ctx, stop, l)
	})
}

// serverOf names what a channel's calls go to.
func (r *runner) serverOf(ctx context.Context, key [2]string) string {
	r.mu.Lock()
	busy := r.busy[key]
	r.mu.Unlock()
	if busy {
		return ""
	}
	ch, err := r.j.channels.In(ctx, r.j.db, key[0], key[1])
	if err != nil {
		return ""
	}
	return ch.Network + " " + ch.Account.Server
}

// drain carries out what is due on one channel, in order, publishing before reading back. Calls under way end by
// themselves or with stop; nothing new begins once ctx has ended.
func (r *runner) drain(ctx, stop context.Context, l *line) {
	for ctx.Err() == nil {
		if until, err := l.limited(stop); err != nil {
			slog.Error("read a channel's limit", "channel", l.channelID, "error", err)
		} else if !until.IsZero() {
			if err := l.putOff(stop, until); err != nil {
				slog.Error("put a channel off", "channel", l.channelID, "error", err)
				return
			}
		}
		due, err := db.All[string](stop, r.j.db, `select id from deliveries where workspace_id = $1 and channel_id = $2 and next_at <= $3 and (lease_until is null or lease_until < $3)
			order by case when state in ('accepted', 'verified', 'not_visible', 'needs_human', 'failed_permanent') then 1 else 0 end, due_at, id limit 20`, l.workspaceID, l.channelID, r.j.clock())
		if err != nil {
			if stop.Err() == nil {
				slog.Error("read a channel's deliveries", "channel", l.channelID, "error", err)
			}
			return
		}
		if len(due) == 0 {
			return
		}
		for _, deliveryID := range due {
			if ctx.Err() != nil {
				return
			}
			err := l.work(stop, deliveryID)
			if err == nil {
				continue
			}
			if stop.Err() != nil {
				return
			}
			slog.Error("carry a delivery out", "delivery", deliveryID, "error", err)
			if err := l.setAside(stop, deliveryID); err != nil {
				slog.Error("set a delivery aside", "delivery", deliveryID, "error", err)
				r.rest(stop)
				return
			}
		}
	}
}

// setAside keeps a delivery that our own failure stops from holding up the others of its channel. When its lease is
// still ours it only has to run out.
func (l *line) setAside(ctx context.Context, deliveryID string) error {
	return l.j.store.commit(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `update deliveries set next_at = $3 where workspace_id = $1 and id = $2 and next_at is not null and lease_owner = ''`,
			l.workspaceID, deliveryID, l.j.clock().Add(30*time.Second))
		return err
	})
}

// rest keeps a worker whose database fails from asking it without pause.
func (r *runner) rest(ctx context.Context) {
	if r.alone {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(idle):
	}
}
