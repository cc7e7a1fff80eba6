package wordpressfake

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/text"
)

func (f *Fake) showPost(p *post) map[string]any {
	link := f.URL + "/2026/03/" + p.Slug + "/"
	if p.Status == "draft" || p.Status == "pending" {
		link = f.URL + "/?p=" + strconv.FormatInt(p.ID, 10)
	}
	return map[string]any{"id": p.ID, "slug": p.Slug, "status": p.Status, "link": link, "date_gmt": p.At.Format("2006-01-02T15:04:05"), "featured_media": p.Feature,
		"content": map[string]any{"raw": p.Content, "rendered": p.Content}}
}

func (f *Fake) listPosts(c *call, _ int64) (int, any, *refusal) {
	states := strings.Split(c.query.Get("status"), ",")
	if states[0] == "any" {
		states = []string{"publish", "private", "pending", "draft", "future"}
	}
	list := []any{}
	skip, limit := int(number(c.query.Get("offset"))), int(number(c.query.Get("per_page")))
	for _, p := range slices.Backward(f.all) {
		fits := p.Base == path.Base(c.route) && slices.Contains(states, p.Status) && (c.query.Get("slug") == "" || c.query.Get("slug") == p.Slug) &&
			(c.query.Get("author") == "" || number(c.query.Get("author")) == p.Author)
		switch {
		case !fits:
		case skip > 0:
			skip--
		case limit == 0 || len(list) < limit:
			list = append(list, f.showPost(p))
		}
	}
	return 0, list, nil
}

func (f *Fake) makePost(c *call, _ int64) (int, any, *refusal) {
	if !f.may("edit_posts") {
		return 0, nil, no(403, "rest_cannot_create", "Sorry, you are not allowed to create posts as this user.")
	}
	if c.text("status") != "draft" {
		f.faulty = append(f.faulty, "a post is made in the state "+c.text("status")+": a lost answer would make it twice")
	}
	p := &post{Base: path.Base(c.route), Author: userID, Status: "draft", Slug: c.text("slug"), Format: "standard", Comments: "open", At: f.o.Now().UTC().Truncate(time.Second)}
	if refused := f.fill(p, c); refused != nil {
		return 0, nil, refused
	}
	if p.Title == "" && p.Content == "" && p.Excerpt == "" {
		return 0, nil, no(400, "empty_content", "Content, title, and excerpt are empty.")
	}
	f.posts++
	p.ID = f.posts
	f.all = append(f.all, p)
	return 201, f.showPost(p), nil
}

// fill takes the fields of a request over.
func (f *Fake) fill(p *post, c *call) *refusal {
	for name, to := range map[string]*string{"title": &p.Title, "content": &p.Content, "excerpt": &p.Excerpt, "format": &p.Format, "comment_status": &p.Comments, "date_gmt": &p.Date} {
		if _, there := c.body[name]; there {
			*to = c.text(name)
		}
	}
	for name, to := range map[string]*[]int64{"categories": &p.Categories, "tags": &p.Tags} {
		if _, there := c.body[name]; there {
			*to = c.numbers(name)
		}
	}
	if _, there := c.body["featured_media"]; there {
		p.Feature = c.number("featured_media")
	}
	if sticky, there := c.body["sticky"].(bool); there {
		p.Sticky = sticky
	}
	if author := c.number("author"); author != 0 {
		p.Author = author
	}
	if !slices.Contains([]string{"standard", "aside", "quote"}, p.Format) {
		return &refusal{status: 400, code: "rest_invalid_param", message: "Invalid parameter(s): format", data: map[string]any{"params": map[string]string{"format": "format is not one of standard, aside, quote."}}}
	}
	if p.Feature != 0 && !slices.ContainsFunc(f.files, func(m *file) bool { return m.ID == p.Feature }) {
		return no(400, "rest_invalid_featured_media", "Invalid featured media ID.")
	}
	return nil
}

func (f *Fake) changePost(c *call, id int64) (int, any, *refusal) {
	p := f.post(id)
	if p == nil || p.Base != path.Base(path.Dir(c.route)) {
		return 0, nil, no(404, "rest_post_invalid_id", "Invalid post ID.")
	}
	status := c.text("status")
	if (status == "publish" || status == "private") && !f.may("publish_posts") {
		return 0, nil, no(403, "rest_cannot_publish", "Sorry, you are not allowed to publish posts in this post type.")
	}
	if refused := f.fill(p, c); refused != nil {
		return 0, nil, refused
	}
	switch _, edited := c.body["content"]; {
	case edited:
		f.Change(strconv.FormatInt(p.ID, 10), func(it *networkfake.Item) { it.Text, it.Media, it.Edits = words(p.Content), p.media(), it.Edits+1 })
	case p.Status == "draft" && !f.inLedger(p):
		p.Status, p.At = status, f.o.Now().UTC().Truncate(time.Second)
		for n := 2; slices.ContainsFunc(f.all, func(o *post) bool { return o != p && o.Slug == p.Slug && o.Status == "publish" }); n++ {
			p.Slug = strings.TrimRight(p.Slug, "0123456789") + strconv.Itoa(n)
		}
		f.Add(networkfake.Item{ID: strconv.FormatInt(p.ID, 10), Account: Brand, Text: words(p.Content), Visibility: status, Media: p.media(), Key: p.Slug, At: p.At})
	}
	return 0, f.showPost(p), nil
}

func (f *Fake) inLedger(p *post) bool {
	return slices.ContainsFunc(f.Items(), func(it networkfake.Item) bool { return it.ID == strconv.FormatInt(p.ID, 10) })
}

func (f *Fake) readPost(c *call, id int64) (int, any, *refusal) {
	p := f.post(id)
	if p == nil || p.Base != path.Base(path.Dir(c.route)) {
		return 0, nil, no(404, "rest_post_invalid_id", "Invalid post ID.")
	}
	return 0, f.showPost(p), nil
}

func (f *Fake) trashPost(_ *call, id int64) (int, any, *refusal) {
	p := f.post(id)
	switch {
	case p == nil:
		return 0, nil, no(404, "rest_post_invalid_id", "Invalid post ID.")
	case p.Status == "trash":
		return 0, nil, no(410, "rest_already_trashed", "The post has already been deleted.")
	}
	p.Status, p.Slug = "trash", p.Slug+"__trashed"
	f.Change(strconv.FormatInt(id, 10), func(it *networkfake.Item) { it.Deleted = true })
	return 0, f.showPost(p), nil
}

func (f *Fake) showComment(c *comment, full bool) map[string]any {
	doc := map[string]any{"id": c.ID, "post": c.Post, "parent": c.Parent, "author": c.Author, "author_name": c.Name, "author_url": "", "date_gmt": c.At.Format("2006-01-02T15:04:05"), "status": c.Status,
		"link": f.URL + "/2026/03/post/#" + remote(c), "author_avatar_urls": map[string]string{"96": "https://secure.gravatar.com/avatar/1?s=96"}, "content": map[string]any{"rendered": c.Content}}
	if full {
		doc["author_email"], doc["author_user_agent"] = c.Email, c.Agent
	}
	return doc
}

func (f *Fake) listComments(c *call, _ int64) (int, any, *refusal) {
	states, q := []string{"approved"}, c.query
	if (q.Get("context") == "edit" || q.Get("author") != "") && !f.may("moderate_comments") {
		return 0, nil, no(403, "rest_forbidden_context", "Sorry, you are not allowed to edit comments.")
	}
	if q.Get("status") == "all" && f.may("moderate_comments") {
		states = []string{"approved", "hold"}
	}
	list, total := []any{}, 0
	skip, limit := int(number(q.Get("offset"))), int(number(q.Get("per_page")))
	for _, m := range slices.Backward(f.comments) {
		if !slices.Contains(states, m.Status) || q.Has("post") && number(q.Get("post")) != m.Post || q.Has("parent") && number(q.Get("parent")) != m.Parent || q.Has("author") && number(q.Get("author")) != m.Author {
			continue
		}
		if total++; total > skip && len(list) < limit {
			list = append(list, f.showComment(m, q.Get("context") == "edit"))
		}
	}
	c.header.Set("X-WP-Total", strconv.Itoa(total))
	return 0, list, nil
}

func (f *Fake) makeComment(c *call, _ int64) (int, any, *refusal) {
	p := f.post(c.number("post"))
	if p == nil || p.Status != "publish" && p.Status != "private" {
		return 0, nil, no(403, "rest_comment_invalid_post_id", "Sorry, you are not allowed to create this comment without a post.")
	}
	if p.Comments == "closed" {
		return 0, nil, no(403, "rest_comment_closed", "Sorry, comments are closed for this item.")
	}
	m := &comment{Post: p.ID, Parent: c.number("parent"), Author: userID, Name: "Brand", Email: "brand@example.com", Agent: c.Header.Get("User-Agent"), Status: "approved",
		Content: "<p>" + strings.ReplaceAll(c.text("content"), "\n", "<br />\n") + "</p>\n"}
	if m.Parent != 0 && f.comment(m.Parent) == nil {
		return 0, nil, no(400, "rest_comment_invalid_parent", "Invalid comment parent.")
	}
	if slices.ContainsFunc(f.comments, func(o *comment) bool {
		return o.Author == userID && o.Post == m.Post && o.Parent == m.Parent && o.Content == m.Content && o.Status != "trash"
	}) {
		return 0, nil, no(409, "comment_duplicate", "Duplicate comment detected; it looks as though you&#8217;ve already said that!")
	}
	f.add(m, Brand, text.FromHTML(m.Content))
	return 201, f.showComment(m, true), nil
}

func (f *Fake) readComment(_ *call, id int64) (int, any, *refusal) {
	if m := f.comment(id); m != nil {
		return 0, f.showComment(m, false), nil
	}
	return 0, nil, no(404, "rest_comment_invalid_id", "Invalid comment ID.")
}

func (f *Fake) moderate(c *call, id int64) (int, any, *refusal) {
	m := f.comment(id)
	switch {
	case m == nil:
		return 0, nil, no(404, "rest_comment_invalid_id", "Invalid comment ID.")
	case !f.may("moderate_comments"):
		return 0, nil, no(403, "rest_cannot_edit", "Sorry, you are not allowed to edit this comment.")
	case !slices.Contains([]string{"approved", "hold", "spam", "trash"}, c.text("status")):
		return 0, nil, no(500, "rest_comment_failed_edit", "Updating comment status failed.")
	}
	m.Status = c.text("status")
	return 0, f.showComment(m, true), nil
}

func (f *Fake) trashComment(_ *call, id int64) (int, any, *refusal) {
	m := f.comment(id)
	switch {
	case m == nil:
		return 0, nil, no(404, "rest_comment_invalid_id", "Invalid comment ID.")
	case m.Status == "trash":
		return 0, nil, no(410, "rest_already_trashed", "The comment has already been trashed.")
	}
	m.Status = "trash"
	f.Change(remote(m), func(it *networkfake.Item) { it.Deleted = true })
	return 0, f.showComment(m, true), nil
}
