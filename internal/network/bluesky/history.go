package bluesky

import (
	"context"

	"github.com/bellwether-social/bellwether/internal/network"
)

// History reads older replies, mentions and quotes: the index keeps them all. Direct messages come from now on.
func (Bluesky) History(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	f := fetch{server: at(s), me: s.Account, place: place{Seen: map[string]int64{}}}
	list, next, err := f.list(ctx, cursor, "reply", "mention", "quote")
	if err != nil {
		return network.Batch{}, err
	}
	for _, n := range list {
		f.take(n)
	}
	f.batch.Cursor, f.batch.More = next, next != "" && len(list) > 0
	return f.batch, f.files(ctx)
}
