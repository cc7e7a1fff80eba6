package delivery

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
)

// store commits the journal's changes.
type store struct {
	db     *db.DB
	around func(commit func() error) error // a test's hand on the disk; nil = none
}

// commit runs do in a transaction and returns once it is durable. A failure of do undoes only what do did. do gets
// a context that does not end with ctx: what is known must be stored also while the program stops.
func (s *store) commit(ctx context.Context, do func(context.Context, *db.Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	in := func(tx *db.Tx) error { return do(ctx, tx) }
	if s.around != nil {
		return s.around(func() error { return s.db.Tx(ctx, in) })
	}
	return s.db.Tx(ctx, in)
}
