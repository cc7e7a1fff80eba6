package job_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/job"
)

type greet struct {
	Name string `json:"name"`
}

func (greet) Kind() string { return "test.greet" }

func TestAJobRunsOnlyIfItsCauseCommitted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx := context.Background()
		jobs := job.New(database)
		ran := make(chan string, 10)
		job.On(jobs, func(_ context.Context, g greet) error { ran <- g.Name; return nil })
		if err := jobs.Open(); err != nil {
			t.Fatal(err)
		}
		boom := errors.New("boom")
		insert := func(name string, end error) error {
			return database.Tx(ctx, func(tx *db.Tx) error {
				if err := jobs.Insert(ctx, tx, greet{name}, job.When{}); err != nil {
					t.Fatal(err)
				}
				return end
			})
		}
		if err := insert("rolled back", boom); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if err := insert("committed", nil); err != nil {
			t.Fatal(err)
		}
		if err := jobs.Start(); err != nil {
			t.Fatal(err)
		}
		select {
		case name := <-ran:
			if name != "committed" {
				t.Fatalf("ran %q", name)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the committed job did not run")
		}
		if err := jobs.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		if len(ran) > 0 {
			t.Fatalf("ran %q too", <-ran)
		}
	})
}

func TestAUniqueJobIsQueuedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx := context.Background()
		jobs := job.New(database)
		job.On(jobs, func(context.Context, greet) error { return nil })
		if err := jobs.Open(); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := database.Tx(ctx, func(tx *db.Tx) error {
				return jobs.Insert(ctx, tx, greet{"same"}, job.When{At: time.Now().Add(time.Hour), Unique: 24 * time.Hour})
			}); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := db.One[int](ctx, database, `select count(*) from river_job where kind = 'test.greet'`); err != nil || n != 1 {
			t.Fatalf("%d jobs queued, %v", n, err)
		}
	})
}
