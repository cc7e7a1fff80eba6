package blueskyfake

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

func (f *Fake) view(r *record, reader *person) map[string]any {
	likes, reposts, replies, quotes := 0, 0, 0, 0
	viewer := map[string]any{"embeddingDisabled": false}
	for _, o := range f.records {
		subject, _ := at(o.value, "subject", "uri").(string)
		switch {
		case o.collection == "app.bsky.feed.like" && subject == r.uri():
			likes++
			if o.did == reader.DID {
				viewer["like"] = o.uri()
			}
		case o.collection == "app.bsky.feed.repost" && subject == r.uri():
			reposts++
			if o.did == reader.DID {
				viewer["repost"] = o.uri()
			}
		case o.collection == posts && parent(o.value) == r.uri():
			replies++
		case o.collection == posts && at(o.value, "embed", "record", "uri") == r.uri():
			quotes++
		case o.collection == "app.bsky.feed.postgate" && o.value["post"] == r.uri() && o.did == r.did:
			viewer["embeddingDisabled"] = o.value["embeddingRules"] != nil
		}
	}
	doc := map[string]any{"uri": r.uri(), "cid": r.cid, "author": f.profile(f.people[r.did], reader), "record": r.value, "indexedAt": stamp(r.at),
		"likeCount": likes, "repostCount": reposts, "replyCount": replies, "quoteCount": quotes, "bookmarkCount": 0, "viewer": viewer}
	if images := files(r.value); len(images) > 0 {
		shown := []any{}
		for _, i := range images {
			m, _ := i.(map[string]any)
			shown = append(shown, map[string]any{"thumb": f.URL + "/img/thumb", "fullsize": f.URL + "/img/full", "alt": m["alt"]})
		}
		doc["embed"] = map[string]any{"$type": "app.bsky.embed.images#view", "images": shown}
	}
	return doc
}

func (f *Fake) getPosts(c *call) (any, *refusal) {
	uris := c.URL.Query()["uris"]
	if len(uris) > 25 {
		return nil, no(400, "InvalidRequest", "Error: Params must have the property \"uris\" with at most 25 entries")
	}
	list := []any{}
	for _, uri := range uris {
		if r := f.records[uri]; r != nil && !r.unseen {
			list = append(list, f.view(r, c.me))
		}
	}
	return map[string]any{"posts": list}, nil
}

func (f *Fake) getAuthorFeed(c *call) (any, *refusal) {
	p := f.find(c.q("actor"))
	if p == nil {
		return nil, no(400, "InvalidRequest", "Profile not found")
	}
	limit, _ := strconv.Atoi(c.q("limit"))
	list := []any{}
	for _, r := range slices.Backward(f.order) {
		if r.gone || r.did != p.DID || r.collection != posts || len(list) >= limit {
			continue
		}
		item := map[string]any{"post": f.view(r, c.me)}
		if above := f.records[parent(r.value)]; above != nil {
			item["reply"] = map[string]any{"root": f.view(above, c.me), "parent": f.view(above, c.me)}
		}
		list = append(list, item)
	}
	return map[string]any{"feed": list}, nil
}

func (f *Fake) getPostThread(c *call) (any, *refusal) {
	r := f.records[c.q("uri")]
	if r == nil {
		return nil, no(400, "NotFound", "Post not found: "+c.q("uri"))
	}
	replies := []any{}
	for _, o := range f.order {
		if !o.gone && o.collection == posts && parent(o.value) == r.uri() {
			replies = append(replies, map[string]any{"$type": "app.bsky.feed.defs#threadViewPost", "post": f.view(o, c.me)})
		}
	}
	return map[string]any{"thread": map[string]any{"$type": "app.bsky.feed.defs#threadViewPost", "post": f.view(r, c.me), "replies": replies}}, nil
}

func (f *Fake) getList(c *call) (any, *refusal) {
	if r := f.records[c.q("list")]; r == nil || r.collection != "app.bsky.graph.list" {
		return nil, no(400, "InvalidRequest", "List not found")
	}
	return map[string]any{"list": map[string]any{"uri": c.q("list")}, "items": []any{}}, nil
}

// reason says why a record is news to somebody, "" if it is not.
func (f *Fake) reason(r *record, me *person) (reason, subject string) {
	mine := func(uri string) bool { return strings.HasPrefix(uri, "at://"+me.DID+"/") }
	about, _ := at(r.value, "subject", "uri").(string)
	quoted, _ := at(r.value, "embed", "record", "uri").(string)
	root, _ := at(r.value, "reply", "root", "uri").(string)
	switch {
	case r.did == me.DID || r.silent || r.gone:
	case r.collection == "app.bsky.feed.like" && mine(about):
		return "like", about
	case r.collection == "app.bsky.feed.repost" && mine(about):
		return "repost", about
	case r.collection == "app.bsky.graph.follow" && r.value["subject"] == me.DID:
		return "follow", ""
	case r.collection != posts:
	case mine(parent(r.value)) || mine(root):
		return "reply", parent(r.value)
	case mentions(r.value, me.DID):
		return "mention", ""
	case mine(quoted):
		return "quote", quoted
	}
	return "", ""
}

func mentions(value map[string]any, did string) bool {
	list, _ := value["facets"].([]any)
	for _, f := range list {
		m, _ := f.(map[string]any)
		features, _ := m["features"].([]any)
		for _, feature := range features {
			if fm, _ := feature.(map[string]any); fm["did"] == did {
				return true
			}
		}
	}
	return false
}

// listNotifications pages backward by time; its cursor is the place in the list, as long as nothing new comes.
func (f *Fake) listNotifications(c *call) (any, *refusal) {
	limit, _ := strconv.Atoi(c.q("limit"))
	if limit < 1 || limit > 100 {
		return nil, no(400, "InvalidRequest", "limit can not be greater than 100")
	}
	reasons := c.URL.Query()["reasons"]
	type entry struct {
		r               *record
		reason, subject string
	}
	var all []entry
	for _, r := range f.order {
		if reason, subject := f.reason(r, c.me); reason != "" && (len(reasons) == 0 || slices.Contains(reasons, reason)) {
			all = append(all, entry{r, reason, subject})
		}
	}
	// The index sorts by what authors say, where that is not in the future; equal times by order of arrival.
	when := func(r *record) time.Time {
		s, _ := r.value["createdAt"].(string)
		if t, err := time.Parse(time.RFC3339, s); err == nil && t.Before(r.at) {
			return t
		}
		return r.at
	}
	slices.SortStableFunc(all, func(a, b entry) int { return when(a.r).Compare(when(b.r)) })
	slices.Reverse(all)
	if cursor := c.q("cursor"); cursor != "" { // "time/uri of the last one shown"
		from := slices.IndexFunc(all, func(e entry) bool { return e.r.uri() == cursor })
		all = all[from+1:]
	}
	list := []any{}
	doc := map[string]any{"priority": false}
	for _, e := range all[:min(limit, len(all))] {
		list = append(list, map[string]any{"uri": e.r.uri(), "cid": e.r.cid, "author": f.profile(f.people[e.r.did], c.me), "reason": e.reason, "reasonSubject": e.subject,
			"record": e.r.value, "isRead": false, "indexedAt": stamp(when(e.r))})
		doc["cursor"] = e.r.uri()
	}
	doc["notifications"] = list
	return doc, nil
}
