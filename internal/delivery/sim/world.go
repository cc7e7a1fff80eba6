package sim

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Item is one thing that is live at a far network: a line of its ledger.
type Item struct {
	ID, Account, Key, Text, Parent string
	At                             time.Time // when it was made
	Seen                           time.Time // from when lists and reads show it
}

// World is the clock, the chance and the far networks of one story.
type World struct {
	now     time.Time
	rng     *rand.Rand
	calm    bool // no more faults: the story comes to its end
	stopped bool // the emergency stop is on; nothing new may become public

	items   []*Item
	byKey   map[string]*Item
	boxes   map[string]*box // what is not public yet, by its name
	late    []late          // requests that are still under way
	revoked map[string]bool
	other   func() // lets another process work, in the middle of a call
	history []string
	broken  []string // what must never happen and did
}

type late struct {
	at   time.Time
	make func()
}

// NewWorld begins a story at an instant.
func NewWorld(seed uint64, start time.Time) *World {
	return &World{now: start, rng: rand.New(rand.NewPCG(seed, 1)), byKey: map[string]*Item{}, boxes: map[string]*box{}, revoked: map[string]bool{}}
}

// Now is the story's clock.
func (w *World) Now() time.Time { return w.now }

// advance moves the clock, and lets requests arrive that were still under way.
func (w *World) advance(to time.Time) {
	if !to.After(w.now) {
		return
	}
	w.now = to
	rest := w.late[:0]
	for _, l := range w.late {
		if l.at.After(w.now) {
			rest = append(rest, l)
			continue
		}
		l.make()
	}
	w.late = rest
}

// chance is true with probability p, never once the story is calm.
func (w *World) chance(p float64) bool { return w.rng.Float64() < p && !w.calm }

// within is a time between nothing and d.
func (w *World) within(d time.Duration) time.Duration {
	return time.Duration(w.rng.Float64() * float64(d))
}

func (w *World) note(format string, args ...any) {
	w.history = append(w.history, w.now.Format("02 15:04:05.000 ")+fmt.Sprintf(format, args...))
}

func (w *World) wrong(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	w.broken = append(w.broken, line)
	w.note("WRONG %s", line)
}

// create makes an item; with a key the same request again finds what it made.
func (w *World) create(account, key, text, parent string) *Item {
	if it := w.byKey[key]; key != "" && it != nil {
		return it
	}
	it := &Item{ID: fmt.Sprintf("far-%d", len(w.items)+1), Account: account, Key: key, Text: text, Parent: parent, At: w.now, Seen: w.now}
	if w.chance(0.3) { // lists and reads lag behind
		it.Seen = w.now.Add(w.within(40 * time.Second))
	}
	w.items = append(w.items, it)
	if key != "" {
		w.byKey[key] = it
	}
	w.note("live: %s %q key=%s parent=%s", it.ID, text, key, parent)
	return it
}

// copies counts what is live with a text.
func (w *World) copies(text string) []*Item {
	var out []*Item
	for _, it := range w.items {
		if it.Text == text {
			out = append(out, it)
		}
	}
	return out
}
