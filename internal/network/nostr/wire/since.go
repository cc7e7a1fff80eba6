package wire

import (
	"context"
	"maps"
)

const (
	asked = 100 // events in one question; relays may give fewer
	few   = 20  // a relay that gives fewer than this gave all: none is known to cut off earlier
	first = 40  // how much history there is at the beginning
)

// Since reads what a relay has from a second on, page by page backwards from now; at the
// beginning only the first page.
func (r *Relay) Since(ctx context.Context, f Filter, floor int64, begin bool) ([]Event, error) {
	q := maps.Clone(f)
	q["limit"] = asked
	if begin {
		q["limit"] = first
	} else if floor > 0 {
		q["since"] = floor
	}
	var found []Event
	seen := map[string]bool{}
	for len(found) < MostEvents {
		page, err := r.Query(ctx, q)
		if err != nil {
			return nil, err
		}
		oldest := int64(-1)
		for _, e := range page {
			if oldest < 0 || e.CreatedAt < oldest {
				oldest = e.CreatedAt
			}
			if !seen[e.ID] && e.CreatedAt >= floor {
				seen[e.ID] = true
				found = append(found, e)
			}
		}
		if begin || len(page) < few {
			break
		}
		if until, bounded := q["until"]; bounded && until == oldest {
			oldest-- // a whole page of one second
		}
		if oldest < floor {
			break
		}
		q["until"] = oldest
	}
	return found, nil
}
