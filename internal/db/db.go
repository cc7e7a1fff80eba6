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
	_ "modernc.org/sqlite" // the embedded engine
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
	write, err := sql.Open("sqlite", dsn("&_txlock=immediate"))
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", dsn("&_pragma=query_only(1)"))
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	read.SetMaxOpenConns(8)
	read.SetMaxIdleConns(8)
	if err := write.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	return &DB{engine: SQLite, write: write, read: read}, nil
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
	if _, err := t.ExecContext(ctx, "savepoint nested"); err != nil {
		return nil, fmt.Errorf("set a savepoint: %w", err)
	}
	after := len(t.after)
	if undone = fn(t); undone != nil {
		t.after = t.after[:after]
		if _, err := t.ExecContext(ctx, "rollback to savepoint nested"); err != nil {
			return undone, fmt.Errorf("return to a savepoint: %w", err)
		}
	}
	if _, err := t.ExecContext(ctx, "release savepoint nested"); err != nil {
		return undone, fmt.Errorf("release a savepoint: %w", err)
	}
	return undone, nil
}

// Engine tells which database this is.
func (t *Tx) Engine() Engine { return t.engine }

// Conn is the connection that carries the transaction, for the job room only.
func (t *Tx) Conn() *sql.Conn { return t.conn }

// Tx runs fn in one transaction: committed when fn returns nil, rolled back otherwise.
func (d *DB) Tx(ctx context.Context, fn func(*Tx) error) error {
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	tx, err := d.run(ctx, conn, fn)
	if closed := conn.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	for _, then := range tx.after {
		then()
	}
	return nil
}

func (d *DB) run(ctx context.Context, conn *sql.Conn, fn func(*Tx) error) (*Tx, error) {
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

// Now is the present instant as it is stored: UTC, whole microseconds.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
