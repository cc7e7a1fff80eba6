package graph

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

const (
	page     = 100 // the most Graph returns at once
	history  = 25  // what the first reading takes
	mostRead = 100 // pages in one reading: ten thousand items since the last

	// overlap is how far before the newest item every reading begins again: what is checked for abuse appears late,
	// with the time at which it was written.
	overlap = 10 * time.Minute
)

// Page is one page of a list.
type Page[T any] struct {
	Data   []T `json:"data"`
	Paging struct {
		Next    string `json:"next"`
		Cursors struct {
			After string `json:"after"`
		} `json:"cursors"`
	} `json:"paging"`
}

// Next is the cursor of the page after this one, "" at the end.
func (p Page[T]) Next() string {
	if p.Paging.Next == "" || len(p.Data) == 0 {
		return ""
	}
	return p.Paging.Cursors.After
}

// Back reads a list from its newest item back to an instant; first reads only its latest page.
func Back[T any](ctx context.Context, c Client, path string, query url.Values, from time.Time, first bool, at func(T) time.Time) (all []T, err error) {
	q := url.Values{"limit": {strconv.Itoa(page)}}
	if first {
		q.Set("limit", strconv.Itoa(history))
	}
	for k, v := range query {
		q[k] = v
	}
	for range mostRead {
		var p Page[T]
		if _, err := c.Get(ctx, path, q, &p); err != nil {
			return nil, err
		}
		all = append(all, p.Data...)
		after := p.Next()
		if first || after == "" || at(p.Data[len(p.Data)-1]).Before(from) {
			break
		}
		q.Set("after", after)
	}
	return all, nil
}

// Place is where the reading of one list goes on: the newest instant seen, and what was seen around it.
type Place struct {
	Since time.Time        `json:"since,omitzero"`
	Seen  map[string]int64 `json:"seen,omitempty"` // ids and when they were written, in seconds
	Begun bool             `json:"begun,omitempty"`
}

// From is the instant reading must go back to.
func (p Place) From() time.Time {
	if p.Since.IsZero() {
		return p.Since
	}
	return p.Since.Add(-overlap)
}

// Take returns what is new of what was read, oldest first, and the place after it. What was read must hold everything
// that is new since From; it may hold more, and may leave out what was read before.
func (p Place) Take(list []network.Message) (fresh []network.Message, next Place) {
	next = Place{Since: p.Since, Seen: map[string]int64{}, Begun: true}
	for _, m := range list {
		if m.At.After(next.Since) {
			next.Since = m.At
		}
	}
	keep := func(id string, second int64) {
		if second >= next.From().Unix() {
			next.Seen[id] = second
		}
	}
	known := map[string]bool{}
	for id, second := range p.Seen {
		known[id] = true
		keep(id, second)
	}
	for _, m := range list {
		keep(m.ID, m.At.Unix())
		if !known[m.ID] && !m.At.Before(p.From()) {
			known[m.ID] = true
			fresh = append(fresh, m)
		}
	}
	Sort(fresh)
	return fresh, next
}

// Sort puts messages in the order in which they were written.
func Sort(list []network.Message) {
	slices.SortStableFunc(list, func(a, b network.Message) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
}
