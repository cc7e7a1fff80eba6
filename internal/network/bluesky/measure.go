package bluesky

import (
	"context"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// PostMetrics reads each post's counts. A post the index does not show is gone only if the account's repository does
// not have it either; otherwise it is left out and asked again next time.
func (Bluesky) PostMetrics(ctx context.Context, s network.Session, items []network.Remote) ([]network.Measured, error) {
	var uris []string
	for _, it := range items {
		uris = append(uris, it.ID)
	}
	views, err := at(s).views(ctx, uris...)
	var out []network.Measured
	seen := map[string]bool{}
	for _, v := range views {
		seen[v.URI] = true
		out = append(out, network.Measured{RemoteID: v.URI, Values: v.values()})
	}
	if err != nil {
		return out, err
	}
	for _, it := range items {
		did, collection, key := recordAt(it.ID)
		if seen[it.ID] || did == "" {
			continue
		}
		cid, err := at(s).written(ctx, did, collection, key)
		if err != nil {
			return out, err
		}
		if cid == "" {
			out = append(out, network.Measured{RemoteID: it.ID, Gone: true})
		}
	}
	return out, nil
}

func (v view) values() network.Values {
	n := network.Values{}
	put(n, "M-LIKE", v.Likes)
	put(n, "M-COMM", v.Replies)
	put(n, "M-SHARE", v.Reposts)
	put(n, "M-SAVE", v.Bookmarks)
	if shares, ok := n["M-SHARE"]; ok && v.Quotes != nil { // the dictionary counts quotes as shares
		n["M-SHARE"] = shares + *v.Quotes
	}
	return n
}

func put(v network.Values, id string, n *int64) {
	if n != nil && *n >= 0 {
		v[id] = *n
	}
}

// AccountMetrics reads the account's followers.
func (Bluesky) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	var p profile
	if _, err := at(s).query(ctx, "app.bsky.actor.getProfile", values("actor", s.Account.ID), &p); err != nil {
		return nil, err
	}
	v := network.Values{}
	put(v, "M-FOLL", p.Followers)
	return v, nil
}

// SearchPeople finds accounts whose handle or name begins like the query.
func (Bluesky) SearchPeople(ctx context.Context, s network.Session, query string, limit int) ([]network.Person, error) {
	query = strings.TrimPrefix(strings.TrimSpace(query), "@")
	if query == "" {
		return nil, nil
	}
	var page struct {
		Actors []profile `json:"actors"`
	}
	if _, err := at(s).query(ctx, "app.bsky.actor.searchActorsTypeahead", values("q", query, "limit", strconv.Itoa(max(1, min(limit, 100)))), &page); err != nil {
		return nil, err
	}
	people := make([]network.Person, 0, len(page.Actors))
	for _, a := range page.Actors {
		people = append(people, a.person())
	}
	return people, nil
}
