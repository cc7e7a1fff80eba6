package instagramfake

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/graph/graphfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// only ends the names of objects with Instagram's own sign-in.
const only = "ForIGOnlyAPI"

// Node says what an id is.
func (f *Fake) Node(id string) string {
	name := ""
	switch {
	case id == Page && !f.o.Own:
		return "Page"
	case f.containers[id] != nil:
		return "IGContainer"
	case id == Brand:
		name = "IGUser"
	case f.post(id) != nil:
		name = "IGMedia"
	case f.note(id) != nil:
		name = "IGComment"
	default:
		return ""
	}
	if f.o.Own {
		name += only
	}
	return name
}

// Class says what faults a call can meet.
func (f *Fake) Class(c *graphfake.Call) string {
	switch {
	case c.Method == "DELETE":
		return "delete"
	case c.Node == "IGContainer":
		return "poll"
	case c.Method == "GET":
		return "read"
	case c.Edge == "media":
		return "upload"
	case c.Edge == "", c.Edge == "likes", c.Edge == "subscribed_apps":
		return "write"
	}
	return "create"
}

// Answer carries a call out.
func (f *Fake) Answer(c *graphfake.Call) (any, *graphfake.Refusal) {
	name := c.Method + " " + strings.TrimSuffix(c.Node, only) + " " + c.Edge
	switch strings.TrimSpace(name) {
	case "GET User accounts":
		return f.accounts(c)
	case "POST Page subscribed_apps", "POST IGUser subscribed_apps":
		f.rings++
		return done()
	case "GET IGUser":
		return graphfake.Doc{"id": Brand, "user_id": Brand, "username": Handle, "name": "Brand", "profile_picture_url": "https://scontent.example/brand.jpg", "followers_count": 120}, nil
	case "POST IGUser media":
		return f.contain(c)
	case "POST IGUser media_publish":
		return f.publish(c)
	case "GET IGUser content_publishing_limit":
		return graphfake.Doc{"data": []any{graphfake.Doc{"quota_usage": f.used(), "config": graphfake.Doc{"quota_total": f.o.Quota, "quota_duration": 86400}}}}, nil
	case "GET IGUser media", "GET IGUser stories", "GET IGUser tags":
		return f.list(c)
	case "GET IGUser insights":
		if doc, refused, done := f.public(c); done {
			return doc, refused
		}
		if c.Form.Get("breakdown") == "follow_type" {
			return graphfake.Metrics(c, map[string]any{"follows_and_unfollows": graphfake.Doc{"value": 7, "breakdowns": []any{graphfake.Doc{"dimension_keys": []string{"follow_type"},
				"results": []any{graphfake.Doc{"dimension_values": []string{"FOLLOWER"}, "value": 5}, graphfake.Doc{"dimension_values": []string{"NON_FOLLOWER"}, "value": 2}}}}}})
		}
		return graphfake.Metrics(c, map[string]any{"views": graphfake.Doc{"value": 400}, "reach": graphfake.Doc{"value": 300}})
	case "POST IGUser mentions":
		return f.mention(c)
	case "GET IGContainer":
		return f.status(c)
	case "GET IGMedia":
		return f.doc(f.post(c.ID)), nil
	case "GET IGMedia insights":
		return f.numbers(c)
	case "GET IGMedia comments", "GET IGComment replies":
		return f.comments(c)
	case "POST IGMedia comments", "POST IGComment replies":
		return f.comment(c)
	case "POST IGMedia":
		f.post(c.ID).closed = c.Form.Get("comment_enabled") == "false"
		return done()
	case "POST IGComment":
		f.note(c.ID).hidden = c.Form.Get("hide") == "true"
		return done()
	case "POST IGMedia likes", "POST IGComment likes", "DELETE IGMedia likes", "DELETE IGComment likes":
		f.likes[c.ID] = c.Method == "POST"
		return done()
	case "DELETE IGMedia", "DELETE IGComment":
		f.drop(c.ID)
		return done()
	}
	return nil, graphfake.Gone()
}

func done() (any, *graphfake.Refusal) { return graphfake.Doc{"success": true}, nil }

func (f *Fake) accounts(c *graphfake.Call) (any, *graphfake.Refusal) {
	linked := graphfake.Doc{"id": Page, "name": "Brand", "access_token": f.PageTokenOf(Page)}
	if !f.o.Unlinked {
		linked["instagram_business_account"] = graphfake.Doc{"id": Brand, "username": Handle, "name": "Brand", "profile_picture_url": "https://scontent.example/brand.jpg", "followers_count": 120}
	}
	return graphfake.Page(c, "id", []graphfake.Doc{linked, {"id": "1002", "name": "Without Instagram", "access_token": f.PageTokenOf("1002")}})
}

// contain makes a container as Instagram's rules allow it.
func (f *Fake) contain(c *graphfake.Call) (any, *graphfake.Refusal) {
	q, made := c.Form, &container{id: "8" + f.Number(), made: f.Clock(), form: url.Values{}, polls: f.o.AsyncMedia, status: "IN_PROGRESS"}
	for k, v := range q {
		if k != "appsecret_proof" {
			made.form[k] = v
		}
	}
	kind := q.Get("media_type")
	switch {
	case kind == "CAROUSEL":
		ids := strings.Split(q.Get("children"), ",")
		if len(ids) < 2 || len(ids) > 10 {
			return nil, graphfake.No(100, 2207028, "A carousel has 2 to 10 children")
		}
		for _, id := range ids {
			if f.containers[id] == nil || f.containers[id].form.Get("is_carousel_item") != "true" || f.containers[id].status != "FINISHED" {
				return nil, graphfake.No(24, 2207006, "The media with "+id+" cannot be found or is not ready")
			}
		}
		made.children = len(ids)
	case (q.Get("image_url") == "") == (q.Get("video_url") == ""),
		q.Get("video_url") != "" && kind != "REELS" && kind != "STORIES" && kind != "VIDEO",
		kind == "REELS" && q.Get("video_url") == "":
		return nil, graphfake.No(100, 2207023, "The media type is unknown")
	case q.Get("is_carousel_item") == "true" && (q.Get("caption") != "" || kind == "REELS"):
		return nil, graphfake.No(100, 2207023, "A carousel item has no caption and is no reel")
	}
	if f.o.Fetch && kind != "CAROUSEL" && !fetched(q.Get("image_url")+q.Get("video_url")) {
		return nil, graphfake.No(9004, 2207052, "The media could not be fetched from this URI")
	}
	f.containers[made.id] = made
	return graphfake.Doc{"id": made.id}, nil
}

func fetched(address string) bool {
	resp, err := (&http.Client{Timeout: 5 * time.Second}).Get(address)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == 200
}

func (f *Fake) status(c *graphfake.Call) (any, *graphfake.Refusal) {
	it := f.containers[c.ID]
	if it.status == "IN_PROGRESS" {
		switch it.polls--; {
		case it.polls >= 0:
		case f.o.BadMedia != "" && (!f.o.BadOnce || f.failed == 0):
			it.status, it.says = "ERROR", f.o.BadMedia
			f.failed++
		default:
			it.status = "FINISHED"
		}
	}
	if f.Clock().Sub(it.made) > 24*time.Hour && it.status != "PUBLISHED" {
		it.status = "EXPIRED"
	}
	says := it.says
	if says == "" {
		says = it.status
	}
	return graphfake.Doc{"id": it.id, "status_code": it.status, "status": says}, nil
}

func (f *Fake) used() (n int) {
	for _, m := range f.media {
		if m.username == Handle && f.Clock().Sub(m.at) < 24*time.Hour {
			n++
		}
	}
	return n
}

func (f *Fake) publish(c *graphfake.Call) (any, *graphfake.Refusal) {
	it := f.containers[c.Form.Get("creation_id")]
	switch {
	case it == nil, it.status == "PUBLISHED":
		return nil, graphfake.No(24, 2207006, "The media you are trying to access cannot be found")
	case it.status != "FINISHED":
		return nil, graphfake.No(9007, 2207027, "The media is not ready for publishing")
	case f.used() >= f.o.Quota:
		return nil, graphfake.No(9, 2207042, "The limit of published posts is reached")
	}
	it.status = "PUBLISHED"
	m := &media{id: "9" + f.Number(), caption: it.form.Get("caption"), username: Handle, product: "FEED", kind: "IMAGE", at: f.Clock(), children: it.children, form: it.form}
	switch it.form.Get("media_type") {
	case "STORIES":
		m.product = "STORY"
	case "REELS":
		m.product, m.kind = "REELS", "VIDEO"
	case "CAROUSEL":
		m.kind = "CAROUSEL_ALBUM"
	}
	f.media = append(f.media, m)
	f.Add(networkfake.Item{ID: m.id, Account: Brand, Text: m.caption, Visibility: strings.ToLower(m.product), Media: max(1, m.children), Key: it.id, At: m.at})
	return graphfake.Doc{"id": m.id}, nil
}

func (f *Fake) doc(m *media) graphfake.Doc {
	n := 0
	for _, c := range f.notes {
		if c.media == m.id && !c.gone {
			n++
		}
	}
	d := graphfake.Doc{"id": m.id, "caption": m.caption, "timestamp": graphfake.Stamp(m.at), "permalink": "https://www.instagram.com/p/" + m.id + "/", "media_type": m.kind, "media_product_type": m.product, "username": m.username, "comments_count": n}
	if m.children > 0 {
		children := []any{}
		for range m.children {
			children = append(children, graphfake.Doc{"id": "9" + f.Number()})
		}
		d["children"] = graphfake.Doc{"data": children}
	}
	return d
}

// list answers the account's posts or stories, or others' posts that tag it, newest first.
func (f *Fake) list(c *graphfake.Call) (any, *graphfake.Refusal) {
	var docs []graphfake.Doc
	for _, m := range slices.Backward(f.media) {
		mine, isStory := m.username == Handle, m.product == "STORY"
		if m.gone || mine != (c.Edge != "tags") || isStory != (c.Edge == "stories") {
			continue
		}
		docs = append(docs, f.doc(m))
	}
	return graphfake.Page(c, "id", docs)
}

func (f *Fake) show(n *comment) graphfake.Doc {
	d := graphfake.Doc{"id": n.id, "text": n.text, "username": n.username, "from": graphfake.Doc{"id": n.user, "username": n.username}, "timestamp": graphfake.Stamp(n.at), "hidden": n.hidden}
	if n.parent != "" {
		d["parent_id"] = n.parent
	}
	return d
}

func (f *Fake) comments(c *graphfake.Call) (any, *graphfake.Refusal) {
	var docs []graphfake.Doc
	for _, n := range slices.Backward(f.notes) {
		if n.gone || c.Edge == "comments" && (n.media != c.ID || n.parent != "") || c.Edge == "replies" && n.parent != c.ID {
			continue
		}
		d, replies := f.show(n), []any{}
		for _, r := range f.notes {
			if r.parent == n.id && !r.gone {
				replies = append(replies, f.show(r))
			}
		}
		if len(replies) > 0 {
			d["replies"] = graphfake.Doc{"data": replies}
		}
		docs = append(docs, d)
	}
	return graphfake.Page(c, "id", docs)
}

func (f *Fake) comment(c *graphfake.Call) (any, *graphfake.Refusal) {
	if c.Form.Get("message") == "" {
		return nil, graphfake.No(100, 0, "(#100) Missing message")
	}
	if n := f.note(c.ID); n != nil && n.parent != "" {
		return nil, graphfake.No(100, 0, "(#100) Only top-level comments can be replied to")
	}
	if m := f.post(c.ID); m != nil && m.closed {
		return nil, graphfake.No(100, 0, "(#100) Comments are closed")
	}
	n := f.write(c.ID, Handle, Brand, c.Form.Get("message"))
	f.Add(networkfake.Item{ID: n.id, Account: Brand, Text: n.text, ReplyTo: c.ID, At: n.at})
	return graphfake.Doc{"id": n.id}, nil
}

// mention comments on somebody's post whose caption mentions the brand.
func (f *Fake) mention(c *graphfake.Call) (any, *graphfake.Refusal) {
	m := f.post(c.Form.Get("media_id"))
	if m == nil || !strings.Contains(m.caption, "@"+Handle) || c.Form.Get("message") == "" {
		return nil, graphfake.No(100, 0, "(#100) The account is not mentioned there")
	}
	id := "5" + f.Number()
	f.Add(networkfake.Item{ID: id, Account: Brand, Text: c.Form.Get("message"), ReplyTo: m.id, At: f.Clock()})
	return graphfake.Doc{"id": id}, nil
}

func (f *Fake) numbers(c *graphfake.Call) (any, *graphfake.Refusal) {
	m := f.post(c.ID)
	known := map[string]any{"views": 90, "reach": 70, "likes": 4, "comments": 1, "shares": 2, "saved": 3, "reposts": 1, "follows": 2, "profile_visits": nil}
	switch m.product {
	case "REELS":
		known = map[string]any{"views": 90, "reach": 70, "likes": 4, "comments": 1, "shares": 2, "saved": 3, "reposts": 1, "ig_reels_avg_watch_time": 4600, "ig_reels_video_view_total_time": 414000, "reels_skip_rate": 21.6}
	case "STORY":
		if c.Form.Get("breakdown") == "story_navigation_action_type" {
			c.Form.Set("metric_type", "total_value")
			return graphfake.Metrics(c, map[string]any{"navigation": graphfake.Doc{"value": 9, "breakdowns": []any{graphfake.Doc{"results": []any{graphfake.Doc{"dimension_values": []string{"tap_exit"}, "value": 4}, graphfake.Doc{"dimension_values": []string{"tap_forward"}, "value": 5}}}}}})
		}
		known = map[string]any{"views": 20, "reach": 15, "replies": 1, "shares": 0, "follows": 1, "profile_visits": 2}
		if !f.o.Own {
			known["link_clicks"] = 6
		}
	}
	return graphfake.Metrics(c, known)
}
