package x

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

const batch = 100 // posts in one call

// PostMetrics reads each post's counts. Clicks are delivered for 30 days only; where asking for them hides a post, its
// public counts are asked for alone. When X stops answering midway, what was read so far comes with the error.
func (n X) PostMetrics(ctx context.Context, s network.Session, items []network.Remote) ([]network.Measured, error) {
	x := n.server(s)
	var out []network.Measured
	for some := range slices.Chunk(items, batch) {
		var ids []string
		for _, it := range some {
			ids = append(ids, it.ID)
		}
		for _, fields := range []string{"public_metrics,non_public_metrics,attachments", "public_metrics,attachments"} {
			found, hidden, err := x.measure(ctx, ids, fields)
			if out = append(out, found...); err != nil {
				return out, err
			}
			if ids = hidden; len(ids) == 0 {
				break
			}
		}
		for _, id := range ids { // neither shown nor said to be gone
			out = append(out, network.Measured{RemoteID: id})
		}
	}
	return out, nil
}

// measure reads some posts; hidden are those X neither showed nor said to be gone.
func (s server) measure(ctx context.Context, ids []string, fields string) (out []network.Measured, hidden []string, err error) {
	var list []post
	q := url.Values{"ids": {strings.Join(ids, ",")}, "post.fields": {fields}, "expansions": {"attachments.media_keys"}, "media.fields": {"public_metrics,type"}}
	if strings.Contains(fields, "non_public_metrics") {
		q.Set("media.fields", "public_metrics,non_public_metrics,type")
	}
	a, _, err := s.get(ctx, "/2/tweets", q, &list)
	gone := map[string]bool{}
	for _, p := range a.Errors {
		if p.is("resource-not-found") {
			gone[cmp.Or(p.Resource, p.Value)] = true
		}
	}
	if err != nil && len(gone) == 0 && len(a.Errors) == 0 {
		return nil, nil, err
	}
	known := map[string]post{}
	for _, p := range list {
		known[p.ID] = p
	}
	for _, id := range ids {
		switch p, ok := known[id]; {
		case ok:
			out = append(out, network.Measured{RemoteID: id, Values: p.values(a.Includes.Media), Watched: p.watched(a.Includes.Media)})
		case gone[id]:
			out = append(out, network.Measured{RemoteID: id, Gone: true})
		default:
			hidden = append(hidden, id)
		}
	}
	return out, hidden, nil
}

func (p post) values(known []media) network.Values {
	v := network.Values{}
	put := func(id string, counts ...*int64) { // the sum of what is delivered
		for _, n := range counts {
			if n != nil && *n >= 0 {
				v[id] += *n
			}
		}
	}
	put("M-IMPR", p.Public.Impressions)
	put("M-LIKE", p.Public.Likes)
	put("M-COMM", p.Public.Replies)
	reposts := p.Public.Reposts
	if reposts == nil {
		reposts = p.Public.RepostsOld
	}
	put("M-SHARE", reposts, p.Public.Quotes)
	put("M-SAVE", p.Public.Bookmarks)
	put("M-LCLICK", p.Private.LinkClicks)
	put("M-PVIS", p.Private.ProfileClicks)
	for _, m := range known {
		if slices.Contains(p.Attachments.Media, m.Key) {
			put("M-VVIEW", m.Public.Views)
			put("M-VDONE", m.Private.Finish)
		}
	}
	return v
}

// watched is the retention of the post's video; a post has one at most.
func (p post) watched(known []media) []network.Watched {
	for _, m := range known {
		if slices.Contains(p.Attachments.Media, m.Key) && m.watched() != nil {
			return m.watched()
		}
	}
	return nil
}

// AccountMetrics reads the account's followers.
func (n X) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	var me user
	if _, _, err := n.server(s).get(ctx, "/2/users/me", url.Values{"user.fields": {"public_metrics"}}, &me); err != nil {
		return nil, err
	}
	v := network.Values{}
	if me.Public.Followers != nil {
		v["M-FOLL"] = *me.Public.Followers
	}
	return v, nil
}
