package x

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Read reads a published post back, in its newest version, or a direct message.
func (n X) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	x := n.server(s)
	if item.Data["conversation"] != "" {
		return x.readMessage(ctx, item)
	}
	p, _, _, err := x.newest(ctx, item.ID)
	if fault.Is(err, fault.NotFound) {
		return network.Live{Remote: item}, nil
	}
	if err != nil {
		return network.Live{}, err
	}
	l := x.live(p)
	l.Remote = network.Remote{ID: item.ID, URL: l.URL, Data: item.Data}
	return l, nil
}

// newest reads a post, or the version that took its place.
func (s server) newest(ctx context.Context, id string) (post, answer, *safehttp.Response, error) {
	var p post
	a, resp, err := s.get(ctx, "/2/tweets/"+escape(id), shown(), &p)
	if err != nil {
		return p, a, resp, err
	}
	if p.ID == "" {
		return p, a, resp, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "X answered without the post"}
	}
	versions := p.versions()
	if len(versions) == 0 || versions[len(versions)-1] == p.ID {
		return p, a, resp, nil
	}
	last := versions[len(versions)-1]
	for _, other := range slices.Concat(a.Includes.Posts, a.Includes.Tweets) {
		if other.ID == last && !other.CreatedAt.IsZero() {
			return other, a, resp, nil
		}
	}
	p = post{}
	a, resp, err = s.get(ctx, "/2/tweets/"+escape(last), shown(), &p)
	return p, a, resp, err
}

func (s server) live(p post) network.Live {
	return network.Live{Remote: network.Remote{ID: p.ID, URL: link(s.me.Handle, p.ID)}, Exists: true, Text: p.words(), MediaCount: len(p.Attachments.Media),
		Visibility: p.ReplyWho, At: p.CreatedAt.UTC(), ReplyTo: p.parent()}
}

func (s server) readMessage(ctx context.Context, item network.Remote) (network.Live, error) {
	q := messageFields()
	q.Del("event_types")
	var e event
	_, _, err := s.get(ctx, "/2/dm_events/"+escape(item.ID), q, &e)
	if fault.Is(err, fault.NotFound) {
		return network.Live{Remote: item}, nil
	}
	if err == nil && e.ID == "" {
		err = &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "X answered without the message"}
	}
	return network.Live{Remote: item, Exists: err == nil, Text: e.words(), MediaCount: len(e.Attachments.Media), Visibility: "direct", At: e.CreatedAt.UTC()}, err
}

// Delete removes a post with all its versions, or a direct message; what is gone already is removed.
func (n X) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	path := "/2/tweets/"
	if item.Data["conversation"] != "" {
		path = "/2/dm_events/"
	}
	_, err := n.server(s).repeat(ctx, http.MethodDelete, path+escape(item.ID), nil, nil)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// fewest is the smallest page X takes.
const fewest = 5

// Own lists the account's own posts, newest first, made anywhere.
func (n X) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	x, limit := n.server(s), max(1, min(limit, page))
	q := shown()
	q.Set("max_results", strconv.Itoa(max(limit, fewest)))
	q.Set("exclude", "retweets")
	if before != "" {
		q.Set("until_id", before)
	}
	var list []post
	if _, _, err := x.get(ctx, "/2/users/"+escape(s.Account.ID)+"/tweets", q, &list); err != nil || len(list) == 0 {
		return nil, "", err
	}
	list = list[:min(limit, len(list))]
	var items []network.Live
	for _, p := range list {
		items = append(items, x.live(p))
	}
	return items, list[len(list)-1].ID, nil
}
