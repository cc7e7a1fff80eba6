package db

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
)

// most is how many changes share one commit.
const most = 128

// together makes transactions that have queued share one commit: SQLite has one writer, and what a commit costs is
// mostly waiting for the disk. A caller finds the transaction of the one before it open, works in it behind a savepoint,
// and leaves it open for the next in line; who has nobody behind commits for all. So each is durable when its Tx
// returns, a failure undoes only what its own caller did, and who comes alone pays for nothing of this.
type together struct {
	db      *DB
	waiting atomic.Int32

	mu   sync.Mutex // held by the caller that works
	open *shared    // guarded by mu; nil = none
}

// shared is a transaction of several callers.
type shared struct {
	conn    *sql.Conn
	tx      *sql.Tx
	members int           // callers whose changes it carries
	done    chan struct{} // closed when it was committed, or lost
	err     error         // read after done
}

// run runs fn in the shared transaction and returns when that is committed.
func (t *together) run(ctx context.Context, fn func(*Tx) error) (*Tx, error) {
	t.waiting.Add(1)
	t.mu.Lock()
	t.waiting.Add(-1)
	tx, in, err := t.work(ctx, fn)
	if err != nil {
		return nil, err
	}
	<-in.done
	return tx, in.err
}

// work does fn's part. A panic of fn passes through to its caller and undoes what fn did.
func (t *together) work(ctx context.Context, fn func(*Tx) error) (*Tx, *shared, error) {
	defer t.leave()
	if err := ctx.Err(); err != nil {
		return nil, nil, fmt.Errorf("begin transaction: %w", err)
	}
	if t.open == nil {
		if err := t.begin(); err != nil {
			return nil, nil, err
		}
	}
	in := t.open
	tx := &Tx{Tx: in.tx, conn: in.conn, engine: SQLite}
	if in.members == 0 {
		kept := false
		defer func() {
			if !kept { // nobody else is in it
				t.end(in.tx.Rollback())
			}
		}()
		err := fn(tx)
		if kept = err == nil; kept {
			in.members++
		}
		return tx, in, err
	}
	undone, err := tx.nest(ctx, "member", fn)
	if err != nil {
		_ = in.tx.Rollback()
		t.end(err)
		return nil, nil, err
	}
	if undone == nil {
		in.members++
	}
	return tx, in, undone
}

// begin opens a transaction. It belongs to no caller in particular, so no caller's end is its own.
func (t *together) begin() error {
	conn, err := t.db.write.Conn(context.Background())
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	tx, err := conn.BeginTx(context.Background(), nil)
	if err != nil {
		_ = conn.Close()
		return fmt.Errorf("begin transaction: %w", err)
	}
	t.open = &shared{conn: conn, tx: tx, done: make(chan struct{})}
	return nil
}

// leave commits unless the next caller is waiting to go on in the same transaction.
func (t *together) leave() {
	if in := t.open; in != nil && (t.waiting.Load() == 0 || in.members >= most) {
		t.commit()
	}
	t.mu.Unlock()
}

func (t *together) commit() {
	err := t.open.tx.Commit()
	if err != nil {
		err = fmt.Errorf("commit: %w", err)
	} else {
		_ = t.open.conn.Raw(t.db.log.committed) // what cannot be counted is left to SQLite's own checkpoints
	}
	t.end(err)
}

// end tells the members what became of the transaction.
func (t *together) end(err error) {
	in := t.open
	t.open = nil
	if closed := in.conn.Close(); err == nil && closed != nil {
		err = closed
	}
	in.err = err
	close(in.done)
}
