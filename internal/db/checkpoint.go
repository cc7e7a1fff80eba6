package db

import (
	"context"
	"log/slog"
	"sync"

	"modernc.org/sqlite"
)

const (
	// checkpointPages is after how many pages written to the log they are brought into the database file.
	checkpointPages = 1000
	// fallbackPages is when a commit does that itself, as SQLite would: where only statements outside of Tx write.
	fallbackPages = "8000"
)

// checkpointer brings what was written to the log into the database file, beside the commits and not within one of
// them: that takes a hundred times as long as a commit, and one post in fifty would wait for it.
type checkpointer struct {
	db      *DB
	written int // pages when the last one was asked for; guarded by together.mu
	wanted  chan struct{}
	stopped chan struct{}
	ended   sync.WaitGroup
}

func startCheckpointer(d *DB) *checkpointer {
	c := &checkpointer{db: d, wanted: make(chan struct{}, 1), stopped: make(chan struct{})}
	c.ended.Go(func() {
		for {
			select {
			case <-c.stopped:
				return
			case <-c.wanted:
			}
			if err := c.run(context.Background()); err != nil {
				slog.Warn("checkpoint", "error", err) // the log grows, and the next one takes more
			}
		}
	})
	return c
}

// stop waits for the one under way. Closing the last connection carries over what is left.
func (c *checkpointer) stop() {
	close(c.stopped)
	c.ended.Wait()
}

// committed looks how much the writing connection has written, and asks for a checkpoint where it is enough.
func (c *checkpointer) committed(conn any) error {
	status, ok := conn.(*preparedConn).innerConn.(sqlite.DBStatus)
	if !ok {
		return nil
	}
	pages, _, err := status.Status(sqlite.DBStatusCacheWrite, false)
	if err != nil || pages-c.written < checkpointPages && pages >= c.written {
		return err
	}
	c.written = pages
	select {
	case c.wanted <- struct{}{}:
	default:
	}
	return nil
}

// run carries over what is there, and then, with the writer held up for a moment, the little that came meanwhile: only
// when nothing is left does SQLite begin the log anew.
func (c *checkpointer) run(ctx context.Context) error {
	left, err := c.pass(ctx)
	if err != nil || left == 0 {
		return err
	}
	t := c.db.shared
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open != nil {
		t.commit()
	}
	_, err = c.pass(ctx)
	return err
}

// pass carries over what no reader still needs as it was, and returns how many pages it had to leave.
func (c *checkpointer) pass(ctx context.Context) (left int, err error) {
	r, err := One[struct {
		Busy int `db:"busy"`
		Log  int `db:"log"`
		Done int `db:"checkpointed"`
	}](ctx, c.db, "pragma wal_checkpoint(passive)")
	return r.Log - r.Done, err
}
