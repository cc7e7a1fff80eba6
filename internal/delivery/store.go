package delivery

import (
	"context"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
)

// most is how many changes share one commit.
const most = 128

// store commits the journal's changes. On SQLite, which has one writer, changes that have queued while the last commit
// was made share the next one: durable before the call and still thousands a second. On PostgreSQL every change is a
// transaction of its own, and the server groups the commits.
type store struct {
	db     *db.DB
	around func(commit func() error) error // a test's hand on the disk; nil = none

	mu      sync.Mutex
	queue   []*change
	leading bool
}

type change struct {
	do   func(*db.Tx) error
	done chan error
	lead chan struct{} // closed to make this change's caller carry the queue on
}

// commit runs do in a transaction and returns once it is durable. A failure of do undoes only what do did. do gets
// a context that does not end with ctx: what is known must be stored also while the program stops.
func (s *store) commit(ctx context.Context, do func(context.Context, *db.Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	in := func(tx *db.Tx) error { return do(ctx, tx) }
	if s.around != nil {
		return s.around(func() error { return s.db.Tx(ctx, in) })
	}
	if s.db.Engine() != db.SQLite {
		return s.db.Tx(ctx, in)
	}
	c := &change{do: in, done: make(chan error, 1), lead: make(chan struct{})}
	s.mu.Lock()
	s.queue = append(s.queue, c)
	first := !s.leading
	s.leading = true
	s.mu.Unlock()
	if !first {
		select {
		case err := <-c.done:
			return err
		case <-c.lead:
		}
	}
	return s.carry(ctx, c)
}

// carry commits what has queued, the caller's own change among it, and hands the lead to the next in line.
func (s *store) carry(ctx context.Context, own *change) error {
	s.mu.Lock()
	n := min(len(s.queue), most)
	batch := s.queue[:n:n]
	s.queue = s.queue[n:]
	s.mu.Unlock()
	s.together(ctx, batch)
	s.mu.Lock()
	if len(s.queue) > 0 {
		close(s.queue[0].lead)
	} else {
		s.leading = false
	}
	s.mu.Unlock()
	return <-own.done
}

func (s *store) together(ctx context.Context, batch []*change) {
	if len(batch) == 1 {
		batch[0].done <- s.db.Tx(ctx, batch[0].do)
		return
	}
	failed := make([]error, len(batch))
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		for i, c := range batch {
			undone, err := tx.Nested(ctx, c.do)
			if err != nil {
				return err
			}
			failed[i] = undone
		}
		return nil
	})
	for i, c := range batch {
		if err != nil {
			failed[i] = err
		}
		c.done <- failed[i]
	}
}
