package delivery

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
)

const (
	leaseFor  = 6 * time.Second // who is silent for this long has lost its deliveries
	heartbeat = 2 * time.Second
)

// lease is this process's hold on one delivery while a worker has it in hands.
type lease struct {
	workspaceID, deliveryID string
	fence                   int64
	until                   time.Time // guarded by leases.mu
	lose                    context.CancelCauseFunc
}

// leases are the holds of this process. Only what a worker has in hands is kept alive: a delivery whose worker failed
// falls to the next one when its lease runs out.
type leases struct {
	mu   sync.Mutex
	held map[*lease]bool
}

func (l *leases) add(x *lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[x] = true
}

func (l *leases) drop(x *lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.held, x)
}

func (l *leases) set(x *lease, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	x.until = until
}

func (l *leases) until(x *lease) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return x.until
}

// ageing returns the leases that end before an instant.
func (l *leases) ageing(before time.Time) []*lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []*lease
	for x := range l.held {
		if x.until.Before(before) {
			out = append(out, x)
		}
	}
	return out
}

// beat keeps the leases of calls under way alive until ctx ends.
func (j *Journal) beat(ctx context.Context) {
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			j.renew(ctx)
		}
	}
}

// renew extends the leases that have lived for a heartbeat. A worker whose lease cannot be extended is stopped: its
// call may end, but it writes nothing.
func (j *Journal) renew(ctx context.Context) {
	now := j.clock()
	old := j.leases.ageing(now.Add(leaseFor - heartbeat + 100*time.Millisecond))
	if len(old) == 0 {
		return
	}
	until := now.Add(leaseFor)
	kept := map[*lease]bool{}
	err := j.store.commit(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, x := range old {
			n, err := db.Exec(ctx, tx, `update deliveries set lease_until = $5 where workspace_id = $1 and id = $2 and lease_owner = $3 and fence = $4`,
				x.workspaceID, x.deliveryID, j.owner, x.fence, until)
			if err != nil {
				return err
			}
			kept[x] = n == 1
		}
		return nil
	})
	if err != nil {
		slog.Error("keep the leases", "error", err)
	}
	for _, x := range old {
		switch {
		case err == nil && kept[x]:
			j.leases.set(x, until)
		case err == nil || j.leases.until(x).Before(j.clock().Add(heartbeat)):
			x.lose(errLost) // another worker has it, or will before we could say otherwise
		}
	}
}
