// Package event tells other rooms what happened: facts in the past tense, stored with the change itself.
//
// Events are delivered at least once, and in order for each entity, to the consumers registered in app; they feed
// notifications, webhooks out and the live screens. What must travel upward in the house travels as an event or a
// job. A consumer must be safe to run twice and must not assume it runs at once.
package event

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/id"
)

// Event is one fact.
type Event struct {
	WorkspaceID string          `db:"workspace_id"`
	ID          string          `db:"id"`
	Kind        string          `db:"kind"`      // "delivery.published": room.past_tense
	Entity      string          `db:"entity"`    // id of the thing it happened to; order holds per entity
	At          time.Time       `db:"at"`        // UTC
	Actor       string          `db:"actor"`     // user id, "system" or "rule:<id>"
	Data        json.RawMessage `db:"data,json"` // facts for consumers; never secrets
}

// Decode reads the event's data.
func (e Event) Decode(into any) error { return json.Unmarshal(e.Data, into) }

// Handler reacts to one event. An error makes it run again later.
type Handler func(context.Context, Event) error

type consumer struct {
	name    string
	kinds   map[string]bool // nil = every kind
	handler Handler
}

func (c consumer) hears(kind string) bool { return c.kinds == nil || c.kinds[kind] }

// Events is the stream: Record writes, consumers registered with On read, Watch shows.
type Events struct {
	database  *db.DB
	consumers []consumer
	wake      chan struct{}

	mu       sync.Mutex
	watchers map[chan Event]string
}

// New returns a stream without consumers.
func New(database *db.DB) *Events {
	return &Events{database: database, wake: make(chan struct{}, 1), watchers: map[chan Event]string{}}
}

// On registers a consumer under a stable name; without kinds it hears everything. Call it before Run.
func (e *Events) On(name string, handler Handler, kinds ...string) {
	c := consumer{name: name, handler: handler}
	if len(kinds) > 0 {
		c.kinds = map[string]bool{}
		for _, kind := range kinds {
			c.kinds[kind] = true
		}
	}
	e.consumers = append(e.consumers, c)
}

// Fact is what Record is told.
type Fact struct {
	Kind, Entity string
	Data         any // stored as JSON
}

// Record stores the fact in the transaction that made it true.
func (e *Events) Record(ctx context.Context, tx *db.Tx, workspaceID, actor, kind, entity string, data any) error {
	return e.RecordAll(ctx, tx, workspaceID, actor, Fact{kind, entity, data})
}

// RecordAll stores facts of one transaction, in their order.
func (e *Events) RecordAll(ctx context.Context, tx *db.Tx, workspaceID, actor string, facts ...Fact) error {
	var rows, waiting []any
	for _, f := range facts {
		raw, err := json.Marshal(f.Data)
		if err != nil {
			return fmt.Errorf("record %s: %w", f.Kind, err)
		}
		ev := Event{WorkspaceID: workspaceID, ID: id.New("evt"), Kind: f.Kind, Entity: f.Entity, At: db.Now(), Actor: actor, Data: raw}
		rows = append(rows, ev.WorkspaceID, ev.ID, ev.Kind, ev.Entity, ev.At, ev.Actor, string(raw))
		for _, c := range e.consumers {
			if c.hears(f.Kind) {
				waiting = append(waiting, ev.WorkspaceID, c.name, ev.ID, ev.At)
			}
		}
		if tx.Engine() == db.Postgres { // every replica, this one included, hears it when the transaction commits
			if _, err := db.Exec(ctx, tx, `select pg_notify('bellwether_events', $1)`, ev.WorkspaceID+" "+ev.ID); err != nil {
				return err
			}
			continue
		}
		tx.After(func() { e.publish(ev) })
	}
	if _, err := db.Exec(ctx, tx, `insert into events (workspace_id, id, kind, entity, at, actor, data) values `+db.Values(len(facts), 7), rows...); err != nil {
		return fmt.Errorf("record %s: %w", facts[0].Kind, err)
	}
	if len(waiting) == 0 {
		return nil
	}
	if _, err := db.Exec(ctx, tx, `insert into event_outbox (workspace_id, consumer, event_id, next_at) values `+db.Values(len(waiting)/4, 4), waiting...); err != nil {
		return fmt.Errorf("record %s: %w", facts[0].Kind, err)
	}
	return nil
}

// Watch returns the workspace's events as they are committed in this process, for live screens. A slow reader
// misses events rather than holding anyone up; call stop when done.
func (e *Events) Watch(workspaceID string) (events <-chan Event, stop func()) {
	ch := make(chan Event, 64)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.watchers[ch] = workspaceID
	return ch, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.watchers, ch)
	}
}

func (e *Events) publish(ev Event) {
	if slices.ContainsFunc(e.consumers, func(c consumer) bool { return c.hears(ev.Kind) }) {
		select {
		case e.wake <- struct{}{}:
		default:
		}
	}
	e.show(ev)
}

func (e *Events) show(ev Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for ch, workspaceID := range e.watchers {
		if workspaceID == ev.WorkspaceID {
			select {
			case ch <- ev:
			default:
			}
		}
	}
}

// Run delivers to the consumers until ctx ends. It looks at once when something was recorded here and every two
// seconds for what other replicas recorded or what has to be tried again.
func (e *Events) Run(ctx context.Context) {
	if e.database.Engine() == db.Postgres {
		listening := make(chan struct{})
		go func() { defer close(listening); e.listen(ctx) }()
		defer func() { <-listening }()
	}
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		for _, c := range e.consumers {
			for e.deliver(ctx, c) && ctx.Err() == nil {
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-e.wake:
		case <-tick.C:
		}
	}
}

// listen shows what any replica commits, reconnecting until ctx ends.
func (e *Events) listen(ctx context.Context) {
	for ctx.Err() == nil {
		if err := e.hear(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("listen for events", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

func (e *Events) hear(ctx context.Context) error {
	conn, err := e.database.Pool().Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "listen bellwether_events"); err != nil {
		return err
	}
	defer conn.Exec(context.WithoutCancel(ctx), "unlisten *") //nolint:errcheck // the connection is dropped if this fails
	for {
		n, err := conn.Conn().WaitForNotification(ctx)
		if err != nil {
			return err
		}
		workspaceID, eventID, _ := strings.Cut(n.Payload, " ")
		ev, err := db.One[Event](ctx, e.database, `select workspace_id, id, kind, entity, at, actor, data from events
			where workspace_id = $1 and id = $2`, workspaceID, eventID)
		if err != nil {
			return err
		}
		e.publish(ev)
	}
}

// Drain delivers what is waiting and returns; for tests and orderly stops.
func (e *Events) Drain(ctx context.Context) {
	for _, c := range e.consumers {
		for e.deliver(ctx, c) && ctx.Err() == nil {
		}
	}
}

const batch = 100

// deliver hands one consumer its oldest waiting events; true when there may be more.
func (e *Events) deliver(ctx context.Context, c consumer) bool {
	waiting, err := db.All[struct {
		Event
		Tries int `db:"tries"`
	}](ctx, e.database, `select e.workspace_id, e.id, e.kind, e.entity, e.at, e.actor, e.data, o.tries
		from event_outbox o join events e on e.workspace_id = o.workspace_id and e.id = o.event_id
		where o.consumer = $1 and o.next_at <= $2 and not exists (
			select 1 from event_outbox b join events f on f.workspace_id = b.workspace_id and f.id = b.event_id
			where b.consumer = o.consumer and b.event_id < o.event_id and b.next_at > $2 and f.entity = e.entity)
		order by o.event_id limit $3`, c.name, db.Now(), batch)
	if err != nil {
		if ctx.Err() == nil {
			slog.Error("read events", "consumer", c.name, "error", err)
		}
		return false
	}
	blocked := map[string]bool{} // entities whose earlier event failed keep their order
	for _, w := range waiting {
		if blocked[w.Entity] {
			continue
		}
		err := c.handler(ctx, w.Event)
		if ctx.Err() != nil {
			return false
		}
		if err != nil {
			slog.Error("event consumer failed", "consumer", c.name, "kind", w.Kind, "event", w.ID, "error", err)
			blocked[w.Entity] = true
			pause := min(time.Second<<min(w.Tries, 10), 10*time.Minute)
			_, err = db.Exec(ctx, e.database, `update event_outbox set tries = tries + 1, next_at = $4
				where workspace_id = $1 and consumer = $2 and event_id = $3`, w.WorkspaceID, c.name, w.ID, db.Now().Add(pause))
		} else {
			_, err = db.Exec(ctx, e.database, `delete from event_outbox where workspace_id = $1 and consumer = $2 and event_id = $3`,
				w.WorkspaceID, c.name, w.ID)
		}
		if err != nil {
			slog.Error("mark event", "consumer", c.name, "event", w.ID, "error", err)
			return false
		}
	}
	return len(waiting) == batch
}
