package mastodon

import (
	"context"
	"net/url"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/network"
)

// History reads older notifications: a server keeps them as long as it likes, most keep all.
func (Mastodon) History(ctx context.Context, s network.Session, below string) (network.Batch, error) {
	f := fetch{server: at(s), me: s.Account, roots: map[string]root{}}
	q := url.Values{"limit": {strconv.Itoa(page)}, "include_filtered": {"true"}}
	if below != "" {
		q.Set("max_id", below)
	}
	var list []notification
	if _, err := f.get(ctx, "/api/v1/notifications", q, &list); err != nil {
		return network.Batch{}, err
	}
	for _, n := range list {
		if n.Type != "mention" && n.Type != "quote" {
			continue // who liked what long ago is counted, not told
		}
		if err := f.take(ctx, n); err != nil {
			return network.Batch{}, err
		}
	}
	if len(list) > 0 {
		f.batch.Cursor, f.batch.More = list[len(list)-1].ID, true
	}
	return f.batch, nil
}
