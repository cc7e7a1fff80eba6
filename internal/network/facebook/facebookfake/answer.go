package facebookfake

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/graph/graphfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// Node says what an id is.
func (f *Fake) Node(id string) string {
	switch {
	case f.pages[id] != "":
		return "Page"
	case f.videos[id] != nil:
		if v := f.videos[id]; v.post != "" && f.post(v.post) == nil || v.post == "" && v.kind == "videos" { // not to be read before it is published
			return ""
		}
		return "AdVideo"
	case f.photos[id] != nil:
		return "Photo"
	case f.post(id) != nil:
		return "PagePost"
	case f.note(id) != nil:
		return "Comment"
	}
	return ""
}

// Class says what faults a call can meet.
func (f *Fake) Class(c *graphfake.Call) string {
	phase := c.Form.Get("upload_phase")
	switch {
	case c.Method == "DELETE" && c.Edge == "":
		return "delete"
	case c.Method == "GET" && c.Node == "AdVideo" && c.Edge == "":
		return "poll"
	case c.Method == "GET":
		return "read"
	case c.Edge == "photos", c.Edge == "captions", phase == "start", phase == "transfer":
		return "upload"
	case c.Edge == "" && c.Form.Has("message"), c.Edge == "" && c.Form.Has("description"):
		return "edit"
	case c.Edge == "likes", c.Edge == "", c.Edge == "subscribed_apps":
		return "write"
	}
	return "create"
}

// Answer carries a call out.
func (f *Fake) Answer(c *graphfake.Call) (any, *graphfake.Refusal) {
	f.tick()
	switch {
	case c.Is("GET", "User", "accounts"):
		return f.accounts(c)
	case c.Node == "Page" && c.Subject != c.ID && c.Subject != graphfake.Person():
		return nil, graphfake.No(200, 0, "(#200) Missing permissions: the token is another Page's")
	case c.Is("GET", "Page", ""):
		return graphfake.Doc{"id": c.ID, "name": f.pages[c.ID], "username": "page" + c.ID, "link": "https://www.facebook.com/page" + c.ID, "followers_count": 120,
			"picture": graphfake.Doc{"data": graphfake.Doc{"url": "https://scontent.example/" + c.ID + ".jpg"}}}, nil
	case c.Is("GET", "Page", "insights"):
		return graphfake.Metrics(c, map[string]any{"page_media_view": 400, "page_total_media_view_unique": 300, "page_views_total": 12, "page_video_views": nil, "page_daily_follows_unique": 5, "page_daily_unfollows_unique": 2})
	case c.Is("POST", "Page", "subscribed_apps"):
		f.rings = append(f.rings, c.ID)
		return done()
	case c.Method != "GET" && c.Node == "Page" && c.Edge == "blocked":
		return f.block(c)
	case c.Method == "GET" && c.Node == "Page":
		return f.list(c)
	case c.Method == "POST" && c.Node == "Page":
		return f.publish(c)
	case c.Method == "GET" && c.Edge == "comments":
		return f.comments(c)
	case c.Method == "POST" && c.Edge == "comments":
		return f.comment(c)
	case c.Edge == "likes":
		f.likes[c.ID] = c.Method == "POST"
		return done()
	case c.Method == "DELETE":
		f.drop(c.ID)
		return done()
	case c.Is("GET", "PagePost", "insights"), c.Is("GET", "AdVideo", "video_insights"):
		return f.numbers(c)
	case c.Is("GET", "AdVideo", ""):
		return f.film(f.videos[c.ID])
	case c.Is("GET", "PagePost", ""):
		return f.doc(f.post(c.ID)), nil
	case c.Is("POST", "AdVideo", "captions"):
		return f.caption(c)
	case c.Method == "POST" && c.Edge == "":
		return f.change(c)
	}
	return nil, graphfake.Gone()
}

func done() (any, *graphfake.Refusal) { return graphfake.Doc{"success": true}, nil }

func (f *Fake) accounts(c *graphfake.Call) (any, *graphfake.Refusal) {
	tasks := []string{"ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"}
	if f.o.Readonly {
		tasks = []string{"ANALYZE"}
	}
	var docs []graphfake.Doc
	for _, id := range []string{Brand, Second} {
		docs = append(docs, graphfake.Doc{"id": id, "name": f.pages[id], "username": "page" + id, "link": "https://www.facebook.com/page" + id, "followers_count": 120,
			"picture": graphfake.Doc{"data": graphfake.Doc{"url": "https://scontent.example/" + id + ".jpg"}}, "access_token": f.PageTokenOf(id), "tasks": tasks})
	}
	return graphfake.Page(c, "id", docs)
}

func (f *Fake) block(c *graphfake.Call) (any, *graphfake.Refusal) {
	var who []string
	if c.Method == "DELETE" {
		who = []string{c.Form.Get("user")}
	} else if json.Unmarshal([]byte(c.Form.Get("user")), &who) != nil {
		return nil, graphfake.No(100, 0, "(#100) Param user must be an array.")
	}
	for _, id := range who {
		f.blocked[id] = c.Method == "POST"
	}
	return done()
}

// tick publishes what Facebook held until now.
func (f *Fake) tick() {
	for _, p := range f.posts {
		if p.state == "SCHEDULED" && !p.publishAt.After(f.Clock()) {
			p.state, p.created = "", p.publishAt
			f.Change(p.id, func(it *networkfake.Item) { it.Visibility = "" })
		}
	}
}

func (f *Fake) doc(p *post) graphfake.Doc {
	d := graphfake.Doc{"id": p.id, "message": p.message, "created_time": graphfake.Stamp(p.created), "updated_time": graphfake.Stamp(p.updated), "permalink_url": "https://www.facebook.com/" + p.id,
		"is_published": p.state == "", "from": p.author}
	if !p.backdated.IsZero() {
		d["backdated_time"] = graphfake.Stamp(p.backdated)
	}
	var files []any
	for _, id := range p.photos {
		files = append(files, graphfake.Doc{"media_type": "photo", "url": "https://scontent.example/" + id})
	}
	switch {
	case p.video != "":
		d["attachments"] = graphfake.Doc{"data": []any{graphfake.Doc{"media_type": "video", "target": graphfake.Doc{"id": p.video}}}}
	case len(files) > 1:
		d["attachments"] = graphfake.Doc{"data": []any{graphfake.Doc{"media_type": "album", "subattachments": graphfake.Doc{"data": files}}}}
	case len(files) == 1:
		d["attachments"] = graphfake.Doc{"data": files}
	case p.link != "":
		d["attachments"] = graphfake.Doc{"data": []any{graphfake.Doc{"media_type": "link", "url": p.link}}}
	}
	n := 0
	for _, c := range f.notes {
		if c.on == p.id && !c.gone {
			n++
		}
	}
	d["comments"] = graphfake.Doc{"data": []any{}, "summary": graphfake.Doc{"total_count": n}}
	if n > 0 {
		d["shares"] = graphfake.Doc{"count": 2}
	}
	return d
}

// list answers a Page's posts and what others wrote, newest first.
func (f *Fake) list(c *graphfake.Call) (any, *graphfake.Refusal) {
	var docs []graphfake.Doc
	posts := slices.Clone(f.posts)
	slices.SortStableFunc(posts, func(a, b *post) int { return a.created.Compare(b.created) })
	for _, p := range slices.Backward(posts) {
		if p.page != c.ID || p.gone {
			continue
		}
		switch {
		case c.Edge == "published_posts" && p.where == "" && p.story == "" && p.state == "", c.Edge == "scheduled_posts" && p.state == "SCHEDULED", c.Edge == p.where && p.where != "" && p.where != "ratings":
			docs = append(docs, f.doc(p))
		case c.Edge == "ratings" && p.where == "ratings":
			docs = append(docs, graphfake.Doc{"key": p.id, "created_time": graphfake.Stamp(p.created), "recommendation_type": p.recommended, "review_text": p.message, "reviewer": p.author, "open_graph_story": graphfake.Doc{"id": p.id}})
		case c.Edge == "stories" && p.story != "":
			docs = append(docs, graphfake.Doc{"key": p.id, "post_id": p.id, "media_id": p.story, "media_type": "photo", "creation_time": strconv.FormatInt(p.created.Unix(), 10), "url": "https://www.facebook.com/stories/" + p.id, "status": "published"})
		}
	}
	switch c.Edge {
	case "ratings", "stories":
		return graphfake.Page(c, "key", docs)
	case "published_posts", "scheduled_posts", "tagged", "visitor_posts":
		return graphfake.Page(c, "id", graphfake.Since(c, docs, "created_time"))
	}
	return nil, graphfake.Gone()
}

// publish is everything that is posted to a Page.
func (f *Fake) publish(c *graphfake.Call) (any, *graphfake.Refusal) {
	switch c.Edge {
	case "feed":
		return f.feed(c)
	case "photos":
		if len(c.File) == 0 || c.Form.Get("published") != "false" {
			return nil, graphfake.No(324, 0, "(#324) Missing or invalid image file")
		}
		id := f.Number()
		f.photos[id] = &photo{alt: c.Form.Get("alt_text_custom"), size: len(c.File), temporary: c.Form.Get("temporary") == "true"}
		return graphfake.Doc{"id": id}, nil
	case "photo_stories":
		ph := f.photos[c.Form.Get("photo_id")]
		if ph == nil || ph.used {
			return nil, graphfake.No(100, 0, "(#100) The photo is not there or was used before")
		}
		ph.used = true
		p := f.own(c, "")
		p.story = c.Form.Get("photo_id")
		return graphfake.Doc{"success": true, "post_id": p.id}, nil
	case "videos", "video_reels", "video_stories":
		return f.upload(c)
	}
	return nil, graphfake.Gone()
}

// own makes a post of the Page and writes it down.
func (f *Fake) own(c *graphfake.Call, state string) *post {
	now := f.Clock()
	p := &post{id: c.ID + "_" + f.Number(), page: c.ID, author: f.self(c.ID), message: c.Form.Get("message"), link: c.Form.Get("link"), state: state, created: now, updated: now, params: map[string]string{}}
	for k := range c.Form {
		if k != "appsecret_proof" {
			p.params[k] = c.Form.Get(k)
		}
	}
	f.posts = append(f.posts, p)
	f.Add(networkfake.Item{ID: p.id, Account: c.ID, Text: p.message, Visibility: state, At: now})
	return p
}

func (f *Fake) feed(c *graphfake.Call) (any, *graphfake.Refusal) {
	var attached []struct {
		ID string `json:"media_fbid"`
	}
	if v := c.Form.Get("attached_media"); v != "" && json.Unmarshal([]byte(v), &attached) != nil {
		return nil, graphfake.No(100, 0, "(#100) Param attached_media must be an array.")
	}
	if len(attached) == 0 && c.Form.Get("message") == "" && c.Form.Get("link") == "" {
		return nil, graphfake.No(100, 0, "(#100) The post is empty")
	}
	state, at := "", time.Time{}
	if c.Form.Get("published") == "false" {
		state = c.Form.Get("unpublished_content_type")
	}
	if v := c.Form.Get("scheduled_publish_time"); v != "" {
		n, _ := strconv.ParseInt(v, 10, 64)
		at = time.Unix(n, 0)
		if ahead := at.Sub(f.Clock()); state != "SCHEDULED" || ahead < 10*time.Minute-time.Minute || ahead > 30*24*time.Hour {
			return nil, graphfake.No(100, 1363123, "(#100) The specified scheduled publish time is invalid.")
		}
	}
	for _, a := range attached {
		ph := f.photos[a.ID]
		if ph == nil || ph.temporary != (state == "SCHEDULED") {
			return nil, graphfake.No(100, 0, "(#100) Invalid photo "+a.ID)
		}
	}
	p := f.own(c, state)
	p.publishAt = at
	if v := c.Form.Get("backdated_time"); v != "" {
		p.backdated, _ = time.Parse(time.RFC3339, v)
	}
	for _, a := range attached {
		f.photos[a.ID].used = true
		p.photos = append(p.photos, a.ID)
	}
	f.Change(p.id, func(it *networkfake.Item) { it.Media = len(p.photos) })
	return graphfake.Doc{"id": p.id}, nil
}

func (f *Fake) comments(c *graphfake.Call) (any, *graphfake.Refusal) {
	on := c.ID
	if v := f.videos[on]; v != nil {
		on = v.post
	}
	var docs []graphfake.Doc
	for _, n := range f.notes {
		if n.gone || n.on != on && n.parent != on {
			continue
		}
		d := graphfake.Doc{"id": n.id, "message": n.message, "from": n.author, "created_time": graphfake.Stamp(n.created), "permalink_url": "https://www.facebook.com/" + n.id, "is_hidden": n.hidden, "can_reply_privately": n.author["id"] != Brand}
		if n.parent != "" {
			d["parent"] = graphfake.Doc{"id": n.parent}
		}
		if n.photo != "" {
			d["attachment"] = graphfake.Doc{"type": "photo", "media": graphfake.Doc{"image": graphfake.Doc{"src": "https://scontent.example/" + n.photo}}}
		}
		docs = append(docs, d)
	}
	if c.Form.Get("order") == "reverse_chronological" {
		slices.Reverse(docs)
	}
	return graphfake.Page(c, "id", graphfake.Since(c, docs, "created_time"))
}

func (f *Fake) comment(c *graphfake.Call) (any, *graphfake.Refusal) {
	if c.Form.Get("message") == "" && c.Form.Get("attachment_id") == "" {
		return nil, graphfake.No(100, 0, "(#100) Missing message or attachment")
	}
	on := c.ID
	if v := f.videos[on]; v != nil {
		on = v.post
	}
	n := f.write(f.self(Brand), c.Form.Get("message"), on)
	n.photo = c.Form.Get("attachment_id")
	media := 0
	if n.photo != "" {
		media = 1
	}
	f.Add(networkfake.Item{ID: n.id, Account: Brand, Text: n.message, ReplyTo: on, Media: media, At: n.created})
	return graphfake.Doc{"id": n.id}, nil
}

func (f *Fake) change(c *graphfake.Call) (any, *graphfake.Refusal) {
	if v := f.videos[c.ID]; v != nil {
		c.ID = v.post
		c.Form.Set("message", c.Form.Get("description"))
	}
	if n := f.note(c.ID); n != nil {
		n.hidden = c.Form.Get("is_hidden") == "true"
		return done()
	}
	p := f.post(c.ID)
	if p == nil || p.where != "" {
		return nil, graphfake.No(100, 0, "(#100) Only posts of the app can be changed")
	}
	p.message = c.Form.Get("message")
	f.Change(p.id, func(it *networkfake.Item) { it.Text, it.Edits = p.message, it.Edits+1 })
	return done()
}

func (f *Fake) numbers(c *graphfake.Call) (any, *graphfake.Refusal) {
	known := map[string]any{"post_media_view": 90, "post_total_media_view_unique": 70, "post_reactions_by_type_total": graphfake.Doc{"like": 3, "love": 1}, "post_clicks_by_type": graphfake.Doc{"other clicks": 5, "link clicks": 4},
		"post_video_views": 33, "post_video_avg_time_watched": 4600, "post_video_view_time": 151800}
	if p := f.post(c.ID); p != nil && p.story != "" {
		known = map[string]any{"STORY_MEDIA_VIEW": 20, "STORY_TOTAL_MEDIA_VIEW_UNIQUE": 15, "PAGES_FB_STORY_REPLIES": 1, "PAGES_FB_STORY_SHARES": nil}
	}
	return graphfake.Metrics(c, known)
}
