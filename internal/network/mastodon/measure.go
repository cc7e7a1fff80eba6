package mastodon

import (
	"context"
	"net/url"
	"slices"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const batch = 20 // statuses in one call

// PostMetrics reads each item's counts. When the server stops answering midway, what was read so far comes with the
// error.
func (Mastodon) PostMetrics(ctx context.Context, s network.Session, items []network.Remote) ([]network.Measured, error) {
	var out []network.Measured
	seen := map[string]bool{}
	if atLeast(s.Account, batchVersion) {
		for some := range slices.Chunk(items, batch) {
			q := url.Values{}
			for _, it := range some {
				q.Add("id[]", it.ID)
			}
			var list []status
			if _, err := at(s).get(ctx, "/api/v1/statuses", q, &list); err != nil {
				return out, err
			}
			for _, st := range list {
				seen[st.ID] = true
				out = append(out, network.Measured{RemoteID: st.ID, Values: st.values()})
			}
		}
	}
	for _, it := range items {
		if seen[it.ID] {
			continue
		}
		var st status
		_, err := at(s).get(ctx, "/api/v1/statuses/"+escape(it.ID), nil, &st)
		switch {
		case fault.Is(err, fault.NotFound):
			out = append(out, network.Measured{RemoteID: it.ID, Gone: true})
		case err != nil:
			return out, err
		default:
			out = append(out, network.Measured{RemoteID: it.ID, Values: st.values()})
		}
	}
	return out, nil
}

func (s status) values() network.Values {
	v := network.Values{}
	put(v, "M-LIKE", s.Favourites)
	put(v, "M-COMM", s.Replies)
	put(v, "M-SHARE", s.Boosts)
	if shares, ok := v["M-SHARE"]; ok && s.Quotes != nil { // the dictionary counts quotes as shares
		v["M-SHARE"] = shares + *s.Quotes
	}
	return v
}

func put(v network.Values, id string, n *int64) {
	if n != nil && *n >= 0 {
		v[id] = *n
	}
}

// AccountMetrics reads the account's followers.
func (Mastodon) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	var me account
	if _, err := at(s).get(ctx, "/api/v1/accounts/verify_credentials", nil, &me); err != nil {
		return nil, err
	}
	v := network.Values{}
	put(v, "M-FOLL", me.Followers)
	return v, nil
}
