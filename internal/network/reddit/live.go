package reddit

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// info reads things by their full names; what is not there is missing in the answer.
func (a api) info(ctx context.Context, names ...string) (map[string]item, error) {
	var list listing
	if _, err := a.get(ctx, "/api/info", url.Values{"id": {strings.Join(names, ",")}}, &list); err != nil {
		return nil, err
	}
	found := map[string]item{}
	for _, t := range list.Data.Children {
		found[t.Data.Name] = t.Data
	}
	return found, nil
}

// Read reads a post or comment back. What moderators or filters removed exists for nobody else: Visibility says who
// removed it.
func (r Reddit) Read(ctx context.Context, s network.Session, it network.Remote) (network.Live, error) {
	a := r.as(s)
	found, err := a.info(ctx, it.ID)
	if err != nil {
		return network.Live{}, err
	}
	now, ok := found[it.ID]
	if !ok || now.gone() {
		return network.Live{Remote: it, Visibility: now.RemovedBy}, nil
	}
	return a.live(now), nil
}

func (a api) live(it item) network.Live {
	kind := it.kind()
	if strings.HasPrefix(it.Name, "t1_") {
		kind = comment
	}
	return network.Live{Remote: network.Remote{ID: it.Name, URL: a.link(it), Data: map[string]string{"kind": kind, "title": it.Title, "community": it.Community}}, Exists: true,
		Text: it.words(), MediaCount: it.files(), Visibility: "public", At: it.at(), ReplyTo: it.Parent}
}

// Delete removes a post or comment; Reddit says nothing about what is gone already.
func (r Reddit) Delete(ctx context.Context, s network.Session, it network.Remote) error {
	return r.as(s).repeat(ctx, "/api/del", url.Values{"id": {it.ID}})
}

// Own lists the account's own posts, newest first, made anywhere. before is Reddit's place in the list.
func (r Reddit) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	a := r.as(s)
	list, _, err := a.own(ctx, "/user/"+escape(a.me)+"/submitted", before, strconv.Itoa(max(1, min(limit, page))))
	if err != nil {
		return nil, "", err
	}
	var items []network.Live
	for _, t := range list.Data.Children {
		if !t.Data.gone() {
			items = append(items, a.live(t.Data))
		}
	}
	return items, list.Data.After, nil
}

// PostMetrics reads each item's numbers, a hundred in one call. When Reddit stops answering midway, what was read so far
// comes with the error.
func (r Reddit) PostMetrics(ctx context.Context, s network.Session, items []network.Remote) ([]network.Measured, error) {
	a := r.as(s)
	var out []network.Measured
	for some := range slices.Chunk(items, page) {
		var names []string
		for _, it := range some {
			names = append(names, it.ID)
		}
		found, err := a.info(ctx, names...)
		if err != nil {
			return out, err
		}
		for _, name := range names {
			if it, ok := found[name]; !ok || it.gone() {
				out = append(out, network.Measured{RemoteID: name, Gone: true})
			} else {
				out = append(out, network.Measured{RemoteID: name, Values: it.values()})
			}
		}
	}
	return out, nil
}

// AccountMetrics reads the followers of the account's profile.
func (r Reddit) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	var me redditor
	if _, err := r.as(s).get(ctx, "/api/v1/me", nil, &me); err != nil {
		return nil, err
	}
	v := network.Values{}
	if n := me.Profile.Followers; n != nil && *n >= 0 {
		v["M-FOLL"] = *n
	}
	return v, nil
}
