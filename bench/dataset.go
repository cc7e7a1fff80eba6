package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/track"
)

// sizes are how much a data set holds.
type sizes struct{ posts, messages, clicks, events int }

func (b *bench) sizes() sizes {
	return sizes{posts: b.n(20_000, 200), messages: b.n(200_000, 500), clicks: b.n(2_500_000, 1000), events: b.n(2_500_000, 1000)}
}

// fresh is how long a data set is used: what it calls the past must stay near.
const fresh = 7 * 24 * time.Hour

// shape counts the changes of what a data set holds, so that one built by an earlier bench is not taken.
const shape = 2

// dataset opens the installation with everything in it, building it when the cache has none that fits the schema and
// the scale. Whoever changes it works on a copy.
func (b *bench) dataset(ctx context.Context) (*house, error) {
	if b.Database != "" {
		h, err := openHouse(ctx, b.folder("dataset"), b.Database)
		if err != nil {
			return nil, err
		}
		return h, b.build(ctx, h)
	}
	schema, err := schemaVersion(ctx, b.folder("schema"))
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(b.Cache, fmt.Sprintf("scale-%g-schema-%d-shape-%d", b.Scale, schema, shape))
	done := filepath.Join(dir, "built")
	if info, err := os.Stat(done); err != nil || time.Since(info.ModTime()) > fresh {
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		h, err := openHouse(ctx, dir, "")
		if err != nil {
			return nil, err
		}
		err = b.build(ctx, h)
		h.close()
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(done, nil, 0o600); err != nil {
			return nil, err
		}
	}
	h, err := openHouse(ctx, dir, "")
	if err != nil {
		return nil, err
	}
	if err := b.rollUp(ctx, h); err != nil { // another day may have ended
		return nil, err
	}
	return h, h.find(ctx)
}

// schemaVersion is the newest migration this program knows.
func schemaVersion(ctx context.Context, dir string) (int64, error) {
	h, err := openHouse(ctx, dir, "")
	if err != nil {
		return 0, err
	}
	defer h.close()
	if err := h.db.Migrate(ctx); err != nil {
		return 0, err
	}
	return db.One[int64](ctx, h.db, `select max(version_id) from goose_db_version`)
}

// filler builds one data set.
type filler struct {
	*house
	ctx      context.Context
	rng      *rand.Rand
	now      time.Time
	sizes    sizes
	channels []string
	targets  []string // published, the oldest first
	posts    []string
	links    []string
	linkOf   []int // link → target
	contacts []string
	campaign []string
	site     string
}

func (b *bench) build(ctx context.Context, h *house) error {
	began := time.Now()
	b.say("building a data set of %+v", b.sizes())
	if err := h.furnish(ctx, b.Database); err != nil {
		return err
	}
	f := &filler{house: h, ctx: ctx, rng: rand.New(rand.NewPCG(5, 11)), now: db.Now(), sizes: b.sizes()}
	var err error
	if f.channels, err = h.sandboxes(ctx, 20); err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		do   func(*db.Tx) error
	}{{"plans", f.plans}, {"posts", f.published}, {"numbers", f.numbers}, {"people", f.people}, {"conversations", f.conversations}, {"links", f.madeLinks}, {"clicks", f.clicks}, {"events", f.events}, {"money", f.money}} {
		if err := h.db.Tx(ctx, step.do); err != nil {
			return fmt.Errorf("build the data set's %s: %w", step.name, err)
		}
		b.say("  %s after %s", step.name, time.Since(began).Round(time.Second))
	}
	if err := b.rollUp(ctx, h); err != nil {
		return err
	}
	b.say("  roll-ups after %s", time.Since(began).Round(time.Second))
	if err := f.findable(); err != nil {
		return fmt.Errorf("index the data set: %w", err)
	}
	b.say("  search after %s", time.Since(began).Round(time.Second))
	if h.db.Engine() == db.SQLite { // its planner is told by us; PostgreSQL's vacuum daemon does the same by itself
		return nil
	}
	_, err = db.Exec(ctx, h.db, `analyze`)
	return err
}

// rollUp makes the roll-ups as the program itself does.
func (b *bench) rollUp(ctx context.Context, h *house) error {
	if err := metric.RollUp(ctx, h.db); err != nil {
		return fmt.Errorf("roll up the data set: %w", err)
	}
	t, err := track.New(h.db, event.New(h.db), b.folder("intake"))
	if err != nil {
		return err
	}
	if err := t.CloseDays(ctx); err != nil {
		return fmt.Errorf("close the data set's days: %w", err)
	}
	return t.Close()
}

// fill writes n rows of a table whose indexes are made at the end.
func (f *filler) fill(tx *db.Tx, table, columns string, n int, row func(i int) []any) error {
	return without(f.ctx, tx, table, func() error {
		s := newStock(f.ctx, tx, table, columns)
		for i := range n {
			if err := s.add(row(i)...); err != nil {
				return err
			}
		}
		return s.flush()
	})
}

// ago is an instant of the past two years, the i-th of n, the oldest first.
func (f *filler) ago(i, n int) time.Time {
	const span = 730 * 24 * time.Hour
	return f.now.Add(-span + time.Duration(float64(span)*float64(i)/float64(n))).Truncate(time.Microsecond)
}

func pick[T any](rng *rand.Rand, of ...T) T { return of[rng.IntN(len(of))] }

// early prefers the front of a list of n, as attention does.
func early(rng *rand.Rand, n int) int {
	r := rng.Float64()
	return min(int(r*r*r*float64(n)), n-1)
}

var words = []string{"winter", "roast", "espresso", "morning", "farm", "cup", "class", "barista", "filter", "beans", "snow", "city", "order", "shop", "thank", "please", "when", "open", "late", "love", "grind", "milk", "slow", "sweet"}

func (f *filler) sentence(n int) string {
	out := make([]byte, 0, n*7)
	for range n {
		out = append(append(out, words[f.rng.IntN(len(words))]...), ' ')
	}
	return string(out[:len(out)-1])
}
