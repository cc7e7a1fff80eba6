package sim_test

import (
	"context"
	"log/slog"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/delivery/sim"
	"github.com/bellwether-social/bellwether/internal/secret"
)

// TestStories plays 300 seeds, or BELLWETHER_SEEDS of them from BELLWETHER_SEED on.
func TestStories(t *testing.T) {
	if before := slog.Default(); !testing.Verbose() {
		slog.SetDefault(slog.New(slog.DiscardHandler))
		t.Cleanup(func() { slog.SetDefault(before) })
	}
	first, count := number("BELLWETHER_SEED", 1), number("BELLWETHER_SEEDS", 300)
	keys, err := secret.Load(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	var crashes, posts, live atomic.Int64
	for seed := first; seed < first+count; seed++ {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			r, err := sim.Play(context.Background(), seed, dbtest.SQLite(t), keys)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			for _, wrong := range r.Wrong {
				t.Errorf("seed %d: %s", seed, wrong)
			}
			if t.Failed() && (count < 5 || testing.Verbose()) {
				t.Logf("the story:\n%s", r.History)
			}
			crashes.Add(int64(r.Crashes))
			posts.Add(int64(r.Posts))
			live.Add(int64(r.Live))
		})
	}
	t.Cleanup(func() {
		t.Logf("%d stories, %d posts, %d items live, %d deaths", count, posts.Load(), live.Load(), crashes.Load())
		if count >= 100 && (crashes.Load() < int64(count) || live.Load() < posts.Load()) {
			t.Error("the stories are too quiet to prove anything")
		}
	})
}

func number(name string, otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 10, 64); err == nil {
		return n
	}
	return otherwise
}
