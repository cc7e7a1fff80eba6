package mastodon

import (
	"cmp"
	"slices"
)

// places are where reading goes on: in the notifications and among the account's own statuses.
type places struct {
	Notifications place `json:"notifications"`
	Own           place `json:"own"`
}

// place is where reading goes on in one list. The newest id alone would not do: servers give an id away before they
// store what it names, so that something with a smaller id may appear after a greater one was read.
type place struct {
	Newest string   `json:"newest,omitempty"`
	Floor  string   `json:"floor,omitempty"` // what is not above it is settled
	Seen   []string `json:"seen,omitempty"`  // taken above the floor, in order, a page at most
}

// beginning is below every id: numbers start at 1, and GoToSocial's ids compare as text.
const beginning = "0"

// onward returns what is new in a list, oldest first, where to go on, and whether there is more now. read reads the
// newest page for "", else the page that follows an id. Usually the newest page reaches back to what was read before;
// where it does not, reading goes forward from there, page by page, so that nothing between two pages is missed.
func onward[T any](from place, first bool, id func(T) string, read func(above string) ([]T, error)) (fresh []T, next place, more bool, err error) {
	list, err := read("")
	if err != nil || len(list) == 0 {
		return nil, from, false, err
	}
	order := func(a, b T) int { return newer(id(a), id(b)) }
	slices.SortFunc(list, order)
	newest := id(list[len(list)-1])
	switch {
	case first:
		from.Floor = id(list[0])
		fresh = append(fresh, list[0])
	case newer(id(list[0]), from.Newest) > 0:
		if list, err = read(cmp.Or(from.Newest, beginning)); err != nil || len(list) == 0 {
			return nil, from, false, err
		}
		slices.SortFunc(list, order)
	}
	next = place{Newest: from.Newest, Floor: from.Floor, Seen: slices.Clone(from.Seen)}
	for _, it := range list {
		if newer(id(it), from.Floor) <= 0 || slices.Contains(from.Seen, id(it)) {
			continue
		}
		fresh, next.Seen = append(fresh, it), append(next.Seen, id(it))
	}
	if last := id(list[len(list)-1]); newer(last, next.Newest) > 0 {
		next.Newest = last
	}
	slices.SortFunc(next.Seen, newer)
	if over := len(next.Seen) - page; over > 0 {
		next.Floor, next.Seen = next.Seen[over-1], next.Seen[over:]
	}
	return fresh, next, newer(newest, next.Newest) > 0, nil
}
