package delivery_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/post"
)

// TestManyTargetsDueAtOnce lets 400 targets of 20 channels come due in one second; BELLWETHER_TARGETS and
// BELLWETHER_CHANNELS make it 10,000 on 100, which must be out within a minute (G16).
func TestManyTargetsDueAtOnce(t *testing.T) {
	count, channels := env("BELLWETHER_TARGETS", 400), env("BELLWETHER_CHANNELS", 20)
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		ctx := context.Background()
		ids := []string{h.channel.ID}
		for len(ids) < channels {
			more, err := h.channels.SignIn(ctx, h.actor, "sandbox", "brand_1", map[string]string{"handle": fmt.Sprintf("club%d", len(ids))})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, more[0].ID)
		}
		for i := 0; i < count/channels; i++ {
			e := post.Edit{BrandID: "brand_1", Channels: ids, Base: post.Content{Parts: []post.Part{{Text: fmt.Sprintf("Number %d: see https://shop.example/%d", i, i)}}}}
			made, err := h.posts.Create(ctx, h.actor, e)
			if err != nil {
				t.Fatal(err)
			}
			if err := h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Wall: db.Now().Add(48 * time.Hour).Format("2006-01-02T15:04"), Zone: "UTC", Confirm: true}); err != nil {
				t.Fatal(err)
			}
		}
		due := db.Now().Add(200 * time.Millisecond)
		if _, err := db.Exec(ctx, database, `update targets set due_at = $1`, due); err != nil {
			t.Fatal(err)
		}
		run, stop := context.WithCancel(ctx)
		done := make(chan error)
		go func() { done <- h.journal.Run(run, ctx, true) }()
		left := count
		for deadline := time.Now().Add(2 * time.Minute); left > 0 && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			var err error
			if left, err = db.One[int](ctx, database, `select count(*) from targets where state <> $1`, post.Published); err != nil {
				t.Fatal(err)
			}
		}
		took := time.Since(due)
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		late, err := db.All[time.Duration](ctx, database, `select late_by from deliveries order by late_by`)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d targets on %d channels in %s; late by %s (first), %s (p50), %s (p99)", count, channels, took.Round(time.Millisecond), late[0], late[len(late)/2], late[len(late)*99/100])
		if left > 0 {
			t.Fatalf("%d targets are not out after %s", left, took)
		}
		// In order on each channel, each once.
		for _, id := range ids {
			order, err := db.All[time.Time](ctx, database, `select accepted_at from deliveries where channel_id = $1 order by due_at, id`, id)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.IsSortedFunc(order, time.Time.Compare) || len(order) != count/channels {
				t.Errorf("the %d posts of a channel did not go out in order", len(order))
			}
		}
		if took > time.Minute {
			t.Errorf("%d targets took %s", count, took)
		}
	})
}

func env(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}
