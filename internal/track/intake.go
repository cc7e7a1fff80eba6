package track

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/track/spool"
)

// Track takes clicks and events in.
type Track struct {
	db     *db.DB
	events *event.Events
	clicks *spool.Spool
	hits   *spool.Spool

	mu     sync.Mutex
	salts  map[string][]byte
	recent map[string]time.Time // visitor + link → last human click, for repeats
	rates  map[string]*rate     // visitor → clicks in the present window
	sites  map[string]Site      // by key
	links  map[string]carried   // workspace + "/" + link
}

// New opens the intake; folder holds the spools. What an earlier run acknowledged and did not store yet is stored
// by Run.
func New(database *db.DB, events *event.Events, folder string) (*Track, error) {
	clicks, err := spool.Open(filepath.Join(folder, "clicks"))
	if err != nil {
		return nil, err
	}
	hits, err := spool.Open(filepath.Join(folder, "events"))
	if err != nil {
		return nil, err
	}
	return &Track{db: database, events: events, clicks: clicks, hits: hits, salts: map[string][]byte{}, recent: map[string]time.Time{},
		rates: map[string]*rate{}, sites: map[string]Site{}, links: map[string]carried{}}, nil
}

// gather is how long lines wait for company before they are stored in one transaction.
const gather = 200 * time.Millisecond

// Run stores what is taken in, until ctx ends.
func (t *Track) Run(ctx context.Context) {
	failed := func(err error) { slog.Error("store clicks and events; they are kept in the spool", "error", err) }
	var both sync.WaitGroup
	stop := context.WithoutCancel(ctx)
	both.Go(func() { t.clicks.Run(ctx, gather, func(l [][]byte) error { return t.takeClicks(stop, l) }, failed) })
	both.Go(func() { t.hits.Run(ctx, gather, func(l [][]byte) error { return t.takeEvents(stop, l) }, failed) })
	both.Wait()
}

// Flush stores what was taken in so far: for tests and for screens that must not wait.
func (t *Track) Flush(ctx context.Context) error {
	if _, err := t.clicks.Drain(func(l [][]byte) error { return t.takeClicks(ctx, l) }); err != nil {
		return err
	}
	_, err := t.hits.Drain(func(l [][]byte) error { return t.takeEvents(ctx, l) })
	return err
}

// Click takes a click in. When it returns, the click survives the process; it is on the disk within a second.
func (t *Track) Click(c Click) error {
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return t.clicks.Append(line)
}

// Take takes events in. When it returns they are on the disk. At most 500 at once.
func (t *Track) Take(events ...Event) error {
	if len(events) > 500 {
		return fault.Invalidf("events", "%d events at once; the limit is 500", len(events))
	}
	lines := make([][]byte, len(events))
	for i, e := range events {
		if err := e.complete(); err != nil {
			return err
		}
		line, err := json.Marshal(e)
		if err != nil {
			return fault.Invalidf("props", "the event's properties are not JSON")
		}
		lines[i] = line
	}
	return t.hits.AppendDurably(lines...)
}

// TakeSoon is Take for page views: with the operating system when it returns, on the disk within a second.
func (t *Track) TakeSoon(e Event) error {
	if err := e.complete(); err != nil {
		return err
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fault.Invalidf("props", "the event's properties are not JSON")
	}
	return t.hits.Append(line)
}

func (e *Event) complete() error {
	now := db.Now()
	if e.ReceivedAt = now; e.At.IsZero() {
		e.At = now
	}
	if e.ID == "" {
		e.ID = id.New("hit")
	}
	if e.Kind == "" {
		e.Kind = Human
	}
	switch {
	case e.Name == "" || len(e.Name) > 80:
		return fault.Invalidf("name", "an event needs a name of at most 80 bytes")
	case len(e.ID) > 120:
		return fault.Invalidf("id", "an event id has at most 120 bytes")
	case e.At.After(now.Add(10 * time.Minute)):
		return fault.Invalidf("at", "the event lies in the future")
	case e.At.Before(now.AddDate(-2, 0, 0)):
		return fault.Invalidf("at", "the event is older than two years")
	case len(e.URL) > 4096 || len(e.Referrer) > 4096:
		return fault.Invalidf("url", "an address has at most 4096 bytes")
	case len(e.Visitor) > 120:
		return fault.Invalidf("visitor", "a visitor id has at most 120 bytes")
	case len(e.Props) > 16_000:
		return fault.Invalidf("props", "an event's properties have at most 16,000 bytes")
	case e.ValueMinor != nil && len(e.Currency) != 3:
		return fault.Invalidf("currency", "a value needs a currency such as EUR")
	}
	return nil
}

// Close ends the spools; what waits is stored by the next run.
func (t *Track) Close() error {
	if err := t.clicks.Close(); err != nil {
		return fmt.Errorf("close the click spool: %w", err)
	}
	return t.hits.Close()
}
