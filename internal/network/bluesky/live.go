package bluesky

import (
	"context"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// The visibilities a post is read back with.
const (
	public  = "public"
	pending = "not indexed" // in the account's repository, not in the index yet, or hidden there
)

type stored struct {
	ref
	Value content `json:"value"`
}

func (r stored) live() network.Live {
	l := network.Live{Remote: network.Remote{ID: r.URI, URL: link(r.URI), Data: map[string]string{"cid": r.CID}}, Exists: true, Text: r.Value.Text,
		MediaCount: r.Value.Embed.media(), Visibility: public, At: r.Value.at()}
	if r.Value.Reply != nil {
		l.ReplyTo = r.Value.Reply.Parent.URI
	}
	return l
}

// Read reads a post from the account's repository, where it is or is not, and asks the index whether readers see it.
func (Bluesky) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	did, collection, key := recordAt(item.ID)
	var got stored
	_, err := at(s).query(ctx, "com.atproto.repo.getRecord", values("repo", did, "collection", collection, "rkey", key), &got)
	if fault.Is(err, fault.NotFound) {
		return network.Live{Remote: item}, nil
	}
	if err != nil {
		return network.Live{}, err
	}
	l := got.live()
	for k, v := range item.Data {
		if _, known := l.Data[k]; !known {
			l.Data[k] = v
		}
	}
	if seen, err := at(s).views(ctx, item.ID); err == nil && len(seen) == 0 {
		l.Visibility = pending
	}
	return l, nil
}

// Delete removes a post and what limits answers to it; what is gone already is removed.
func (Bluesky) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	did, collection, key := recordAt(item.ID)
	if did != s.Account.ID {
		return fault.Rejectedf("this post is not the account's own")
	}
	collections := []string{collection}
	if item.Data["gates"] != "" {
		collections = append(collections, threadgates, postgates)
	}
	for _, c := range collections {
		if err := at(s).remove(ctx, did, c, key); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes a record; deleting nothing succeeds.
func (s server) remove(ctx context.Context, did, collection, key string) error {
	return s.repeat(ctx, "com.atproto.repo.deleteRecord", map[string]string{"repo": did, "collection": collection, "rkey": key}, nil)
}

// Own lists the account's own posts, newest first, made anywhere.
func (Bluesky) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	params := values("repo", s.Account.ID, "collection", posts, "limit", strconv.Itoa(max(1, min(limit, 100))))
	if before != "" {
		params.Set("cursor", before)
	}
	var page struct {
		Cursor  string   `json:"cursor"`
		Records []stored `json:"records"`
	}
	if _, err := at(s).query(ctx, "com.atproto.repo.listRecords", params, &page); err != nil {
		return nil, "", err
	}
	if len(page.Records) == 0 {
		return nil, "", nil
	}
	var items []network.Live
	for _, r := range page.Records {
		items = append(items, r.live())
	}
	return items, page.Cursor, nil
}
