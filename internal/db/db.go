package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite" // the embedded engine
)

// Engine is the database in use.
type Engine string

const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// DB is an open database.
type DB struct {
	engine Engine
	write  *sql.DB // SQLite: exactly one connection
	read   *sql.DB // PostgreSQL: the same pool as write
	pool   *pgxpool.Pool
	shared *together     // SQLite: transactions that share a commit
	log    *checkpointer // SQLite
}

// Open opens postgres://… or a SQLite file path. It does not migrate.
func Open(ctx context.Context, target string) (*DB, error) {
	if strings.HasPrefix(target, "postgres://") || strings.HasPrefix(target, "postgresql://") {
		return openPostgres(ctx, target)
	}
	return openSQLite(ctx, target)
}

func openSQLite(ctx context.Context, path string) (*DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	dsn := func(extra string) string {
		return "file:" + (&url.URL{Path: abs}).EscapedPath() +
			"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)" +
			"&_pragma=temp_store(MEMORY)&_pragma=cache_size(-16000)" + extra
	}
	engine := &sqlite.Driver{}
	write := sql.OpenDB(connector{engine, dsn("&_txlock=immediate&_pragma=wal_autocheckpoint(" + fallbackPages + ")"), writerKeeps})
	write.SetMaxOpenConns(1)
	read := sql.OpenDB(connector{engine, dsn("&_pragma=query_only(1)"), readerKeeps})
	read.SetMaxOpenConns(8)
	read.SetMaxIdleConns(8)
	if err := write.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	d := &DB{engine: SQLite, write: write, read: read}
	d.shared, d.log = &together{db: d}, startCheckpointer(d)
	return d, nil
}

func openPostgres(ctx context.Context, target string) (*DB, error) {
	pool, err := pgxpool.New(ctx, target)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reach PostgreSQL: %w", err)
	}
	shared := stdlib.OpenDBFromPool(pool)
	return &DB{engine: Postgres, write: shared, read: shared, pool: pool}, nil
}

// Engine tells which database this is.
func (d *DB) Engine() Engine { return d.engine }

// Writer is the writing pool, for the job room only.
func (d *DB) Writer() *sql.DB { return d.write }

// Pool is PostgreSQL's own pool (nil on SQLite), for the job and event rooms only.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Close ends all connections.
func (d *DB) Close() error {
	if d.log != nil {
		d.log.stop()
	}
	err := d.write.Close()
	if d.read != d.write {
		err = errors.Join(err, d.read.Close())
	}
	if d.pool != nil {
		d.pool.Close()
	}
	return err
}

// Ping tells whether the database answers a write connection within the context's time.
func (d *DB) Ping(ctx context.Context) error { return d.write.PingContext(ctx) }

// Tx is a writing transaction.
type Tx struct {
	*sql.Tx
	conn   *sql.Conn
	engine Engine
	after  []func()
}

// After runs fn once the transaction has committed, in the caller's goroutine.
func (t *Tx) After(fn func()) { t.after = append(t.after, fn) }

// Nested runs fn inside the transaction so that a failure of fn undoes only what fn did: many changes can share one
// commit without sharing their failures. undone is what fn returned; err says that the whole transaction is lost.
func (t *Tx) Nested(ctx context.Context, fn func(*Tx) error) (undone, err error) {
	return t.nest(ctx, "nested", fn)
}

func (t *Tx) nest(ctx context.Context, savepoint string, fn func(*Tx) error) (undone, err error) {
	ctx = context.WithoutCancel(ctx)
	if _, err := t.ExecContext(ctx, "savepoint "+savepoint); err != nil {
		return nil, fmt.Errorf("set a savepoint: %w", err)
	}
	after, kept := len(t.after), false
	defer func() {
		if !kept {
			t.after = t.after[:after]
			if _, failed := t.ExecContext(ctx, "rollback to savepoint "+savepoint); failed != nil {
				err = fmt.Errorf("return to a savepoint: %w", failed)
				return
			}
		}
		if _, failed := t.ExecContext(ctx, "release savepoint "+savepoint); failed != nil {
			err = fmt.Errorf("release a savepoint: %w", failed)
		}
	}()
	undone = fn(t)
	kept = undone == nil
	return undone, nil
}

// ExecContext runs a statement of the transaction, whole.
func (t *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx, err := t.whole(ctx)
	if err != nil {
		return nil, err
	}
	return t.Tx.ExecContext(ctx, query, args...)
}

// QueryContext runs a query of the transaction, whole.
func (t *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, err := t.whole(ctx)
	if err != nil {
		return nil, err
	}
	return t.Tx.QueryContext(ctx, query, args...)
}

// whole is a context in which a statement ends once it has begun: SQLite rolls the whole transaction back when one of
// its statements is interrupted, and others may be part of it.
func (t *Tx) whole(ctx context.Context) (context.Context, error) {
	if t.engine != SQLite {
		return ctx, nil
	}
	return context.WithoutCancel(ctx), ctx.Err()
}

// Engine tells which database this is.
func (t *Tx) Engine() Engine { return t.engine }

// Conn is the connection that carries the transaction, for the job room only.
func (t *Tx) Conn() *sql.Conn { return t.conn }

// Tx runs fn in one transaction: committed and durable when it returns nil, rolled back otherwise. On SQLite other
// callers' changes may share the commit; see together.
func (d *DB) Tx(ctx context.Context, fn func(*Tx) error) error {
	var tx *Tx
	var err error
	if d.engine == SQLite {
		tx, err = d.shared.run(ctx, fn)
	} else {
		tx, err = d.run(ctx, fn)
	}
	if err != nil {
		return err
	}
	for _, then := range tx.after {
		then()
	}
	return nil
}

func (d *DB) run(ctx context.Context, fn func(*Tx) error) (made *Tx, err error) {
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin transaction: %w", err)
	}
	defer func() {
		if closed := conn.Close(); err == nil {
			err = closed
		}
	}()
	inner, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("begin transaction: %w", err)
	}
	defer inner.Rollback() //nolint:errcheck // after a commit this does nothing
	tx := &Tx{Tx: inner, conn: conn, engine: d.engine}
	if err := fn(tx); err != nil {
		return nil, err
	}
	if err := inner.Commit(); err != nil {
		return nil, fmt.Errorf("commit: %w", err)
	}
	return tx, nil
}

// Hurried runs fn while commits do not wait for the disk, for filling a database that can be made anew; when it has
// returned, what it stored is durable. PostgreSQL, where others may be at work, does not hurry.
func (d *DB) Hurried(ctx context.Context, fn func() error) (err error) {
	if d.engine != SQLite {
		return fn()
	}
	if _, err := d.write.ExecContext(ctx, "pragma synchronous = off"); err != nil {
		return fmt.Errorf("hurry: %w", err)
	}
	defer func() {
		for _, q := range []string{"pragma synchronous = full", "pragma wal_checkpoint(truncate)"} {
			if _, failed := d.write.ExecContext(context.WithoutCancel(ctx), q); err == nil && failed != nil {
				err = fmt.Errorf("make durable: %w", failed)
			}
		}
	}()
	return fn()
}

// Now is the present instant as it is stored: UTC, whole microseconds.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
