package sandbox

import (
	"context"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// History reads what people said before, back to the beginning of the world. A place is how much is older.
func (s *Sandbox) History(_ context.Context, session network.Session, place string) (network.Batch, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return network.Batch{}, err
	}
	heard := s.world.heard[session.Account.ID]
	to := len(heard)
	if place != "" {
		n, err := strconv.Atoi(place)
		if err != nil || n < 0 {
			return network.Batch{}, fault.Rejectedf("the stored place in the history cannot be read")
		}
		to = min(n, to)
	}
	from := max(0, to-perFetch)
	b := network.Batch{Cursor: strconv.Itoa(from), More: from > 0}
	for _, it := range heard[from:to] {
		if it.Kind != liked && it.Kind != shared && it.Kind != followed {
			b.Messages = append(b.Messages, message(it))
		}
	}
	return b, nil
}
