// Package job runs work after the change that asked for it has committed, at least once.
//
// Jobs live in the same database and transaction as their cause: what didn't commit isn't run, what committed is
// not forgotten. A job can run twice (a worker may die after its work and before its mark), so every job is safe
// to run twice. Kinds are named room.verb. Publishing does not run here: the journal (package delivery) keeps its
// own leases and due times.
package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/bellwether-social/bellwether/internal/db"
)

// Args are a job's arguments; they are stored as JSON.
type Args = river.JobArgs

// When says when and how often a job may be queued.
type When struct {
	At     time.Time     // not before this instant (UTC); zero = now
	Unique time.Duration // at most one job with equal arguments per this long; 0 = no limit
}

// Jobs is the queue and its workers.
type Jobs struct {
	database *db.DB
	workers  *river.Workers
	periodic []*river.PeriodicJob
	sqlite   *river.Client[*sql.Tx]
	postgres *river.Client[pgx.Tx]
}

// New returns a queue without workers; register them with On and Every before Start.
func New(database *db.DB) *Jobs { return &Jobs{database: database, workers: river.NewWorkers()} }

// longest is the longest any job may take; a job stuck longer is rescued and run again.
const longest = 5 * time.Minute

type worker[T Args] struct {
	river.WorkerDefaults[T]
	do func(context.Context, T) error
}

func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error { return w.do(ctx, job.Args) }
func (w *worker[T]) Timeout(*river.Job[T]) time.Duration               { return longest }

// On registers the worker for jobs with arguments of type T.
func On[T Args](j *Jobs, do func(context.Context, T) error) {
	river.AddWorker(j.workers, &worker[T]{do: do})
}

// Every queues a job with these arguments again and again, on one replica at a time.
func Every(j *Jobs, interval time.Duration, args Args) {
	j.periodic = append(j.periodic, river.NewPeriodicJob(river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) { return args, nil }, &river.PeriodicJobOpts{RunOnStart: true}))
}

// Snooze, returned by a worker, runs the job again after d without counting an attempt.
func Snooze(d time.Duration) error { return river.JobSnooze(d) }

// Open makes the queue ready for Insert. Workers run only after Start.
func (j *Jobs) Open() error {
	config := &river.Config{
		Logger:               slog.New(slog.DiscardHandler), // outcomes are in the tables; the edge logs failures
		Workers:              j.workers,
		PeriodicJobs:         j.periodic,
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8}},
		RescueStuckJobsAfter: longest + time.Minute,
		ErrorHandler:         logFailures{},
	}
	var err error
	if j.database.Engine() == db.SQLite {
		j.sqlite, err = river.NewClient(riversqlite.New(j.database.Writer()), config)
	} else {
		j.postgres, err = river.NewClient(riverpgxv5.New(j.database.Pool()), config)
	}
	if err != nil {
		return fmt.Errorf("open the job queue: %w", err)
	}
	return nil
}

// Start runs the workers until Stop.
func (j *Jobs) Start() error {
	// Without a deadline or cancellation: River stops by Stop, so that running jobs can end.
	if j.sqlite != nil {
		return j.sqlite.Start(context.Background())
	}
	return j.postgres.Start(context.Background())
}

// Stop waits for the running jobs until ctx ends, then cancels them.
func (j *Jobs) Stop(ctx context.Context) error {
	stop, cancel := j.stops()
	if err := stop(ctx); err == nil || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return cancel(context.Background())
}

func (j *Jobs) stops() (stop, cancel func(context.Context) error) {
	if j.sqlite != nil {
		return j.sqlite.Stop, j.sqlite.StopAndCancel
	}
	return j.postgres.Stop, j.postgres.StopAndCancel
}

// Insert queues a job that exists if and only if tx commits.
func (j *Jobs) Insert(ctx context.Context, tx *db.Tx, args Args, when When) error {
	opts := &river.InsertOpts{ScheduledAt: when.At}
	if when.Unique > 0 {
		opts.UniqueOpts = river.UniqueOpts{ByArgs: true, ByPeriod: when.Unique}
	}
	var err error
	if j.sqlite != nil { // an interrupted statement would take the whole transaction with it
		_, err = j.sqlite.InsertTx(context.WithoutCancel(ctx), tx.Tx, args, opts)
	} else {
		err = tx.Conn().Raw(func(raw any) error {
			_, err := j.postgres.InsertTx(ctx, joined{raw.(*stdlib.Conn).Conn()}, args, opts)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("queue %s: %w", args.Kind(), err)
	}
	return nil
}

// joined lets River write inside a transaction that database/sql has begun on the same connection. Ending it is
// the owner's business, so Commit and Rollback do nothing.
type joined struct{ conn }

type conn = *pgx.Conn

func (j joined) Begin(ctx context.Context) (pgx.Tx, error) {
	if _, err := j.Exec(ctx, "savepoint river"); err != nil {
		return nil, err
	}
	return savepoint{j}, nil
}

func (joined) Commit(context.Context) error   { return nil }
func (joined) Rollback(context.Context) error { return nil }
func (joined) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }
func (j joined) Conn() *pgx.Conn              { return j.conn }

type savepoint struct{ joined }

func (s savepoint) Commit(ctx context.Context) error {
	_, err := s.Exec(ctx, "release savepoint river")
	return err
}

func (s savepoint) Rollback(ctx context.Context) error {
	_, err := s.Exec(ctx, "rollback to savepoint river")
	return err
}

type logFailures struct{}

func (logFailures) HandleError(_ context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	slog.Error("job failed", "kind", job.Kind, "attempt", job.Attempt, "error", err)
	return nil
}

func (logFailures) HandlePanic(_ context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	slog.Error("job panicked", "kind", job.Kind, "attempt", job.Attempt, "panic", value, "trace", trace)
	return nil
}
