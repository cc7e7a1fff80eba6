package event_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/event"
)

func record(t *testing.T, database *db.DB, events *event.Events, kind, entity string) {
	t.Helper()
	err := database.Tx(context.Background(), func(tx *db.Tx) error {
		return events.Record(context.Background(), tx, "ws_1", "user_1", kind, entity, map[string]string{"kind": kind})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestConsumersHearTheirKindsOnceAndInOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		events := event.New(database)
		var heard []string
		events.On("some", func(_ context.Context, e event.Event) error {
			var data map[string]string
			if err := e.Decode(&data); err != nil {
				return err
			}
			heard = append(heard, data["kind"]+" "+e.Entity)
			return nil
		}, "post.made", "post.sent")
		record(t, database, events, "post.made", "a")
		record(t, database, events, "post.read", "a")
		record(t, database, events, "post.sent", "a")
		events.Drain(context.Background())
		events.Drain(context.Background())
		if want := []string{"post.made a", "post.sent a"}; !slices.Equal(heard, want) {
			t.Fatalf("heard %v", heard)
		}
	})
}

func TestAFailingEventHoldsItsEntityAndNobodyElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		events := event.New(database)
		var heard []string
		fail := true
		events.On("fragile", func(_ context.Context, e event.Event) error {
			if fail && e.Kind == "bad" {
				return errors.New("not now")
			}
			heard = append(heard, e.Kind+e.Entity)
			return nil
		})
		for _, r := range [][2]string{{"bad", "a"}, {"next", "a"}, {"next", "b"}} {
			record(t, database, events, r[0], r[1])
		}
		events.Drain(context.Background())
		events.Drain(context.Background())
		if want := []string{"nextb"}; !slices.Equal(heard, want) {
			t.Fatalf("heard %v while a was blocked", heard)
		}
		fail = false
		if _, err := db.Exec(context.Background(), database, `update event_outbox set next_at = 0`); err != nil {
			t.Fatal(err)
		}
		events.Drain(context.Background())
		if want := []string{"nextb", "bada", "nexta"}; !slices.Equal(heard, want) {
			t.Fatalf("heard %v", heard)
		}
	})
}

func TestScreensSeeWhatAnyReplicaCommits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, stop := context.WithCancel(context.Background())
		here, there := event.New(database), event.New(database)
		if database.Engine() == db.SQLite {
			there = here // one process
		}
		done := make(chan struct{})
		go func() { defer close(done); here.Run(ctx) }()
		defer func() { stop(); <-done }()
		seen, end := here.Watch("ws_1")
		defer end()
		for {
			record(t, database, there, "post.made", "a") // again until the listener is up
			select {
			case e := <-seen:
				if e.Kind != "post.made" || e.Entity != "a" {
					t.Fatalf("saw %+v", e)
				}
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
	})
}
