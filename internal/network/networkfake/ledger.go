package networkfake

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Item is one thing that became public at the fake network.
type Item struct {
	ID         string    `json:"id"`
	Account    string    `json:"account"`
	Text       string    `json:"text"`
	ReplyTo    string    `json:"reply_to,omitempty"`
	Visibility string    `json:"visibility,omitempty"`
	Media      int       `json:"media,omitempty"`
	Key        string    `json:"key,omitempty"` // what the client sent against doubles
	At         time.Time `json:"at"`
	Edits      int       `json:"edits,omitempty"`
	Deleted    bool      `json:"deleted,omitempty"`
}

// Ledger keeps every item in the order it was made. It is safe for concurrent use.
type Ledger struct {
	mu    sync.Mutex
	items []Item
}

// Add writes an item down.
func (l *Ledger) Add(it Item) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items = append(l.items, it)
}

// Change finds an item by id and lets do change it.
func (l *Ledger) Change(id string, do func(*Item)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.items {
		if l.items[i].ID == id {
			do(&l.items[i])
		}
	}
}

// Items returns a copy of everything, also what was deleted since.
func (l *Ledger) Items() []Item {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.items)
}

// Of returns the items of one account that are still there.
func Of(items []Item, account string) (live []Item) {
	for _, it := range items {
		if it.Account == account && !it.Deleted {
			live = append(live, it)
		}
	}
	return live
}

// Doubles returns items that say the same at the same place as an earlier one of the same account.
func Doubles(items []Item) (twice []Item) {
	seen := map[string]bool{}
	for _, it := range items {
		place := strings.Join([]string{it.Account, it.ReplyTo, it.Text}, "\x00")
		if seen[place] && !it.Deleted {
			twice = append(twice, it)
		}
		seen[place] = true
	}
	return twice
}
