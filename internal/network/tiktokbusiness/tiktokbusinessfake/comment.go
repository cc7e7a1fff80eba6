package tiktokbusinessfake

import (
	"encoding/json"
	"slices"
	"strconv"
)

func (f *Fake) show(c *comment, replies bool) map[string]any {
	doc := map[string]any{"comment_id": c.ID, "video_id": c.video, "unique_identifier": "uid-" + c.username, "username": c.username, "display_name": c.username, "profile_image": f.URL + "/p.jpg",
		"text": c.text, "create_time": strconv.FormatInt(c.at.Unix(), 10), "likes": 0, "owner": c.username == Brand, "liked": c.liked, "pinned": false,
		"status": map[bool]string{true: "HIDDEN", false: "PUBLIC"}[c.hidden]}
	if c.parent != "" {
		doc["parent_comment_id"] = c.parent
		return doc
	}
	below, some := 0, []any{}
	for _, r := range f.comments {
		if r.parent == c.ID && !r.gone {
			if below++; replies && len(some) < 3 {
				some = append(some, f.show(r, false))
			}
		}
	}
	doc["replies"] = below
	if replies {
		doc["reply_list"] = some
	}
	return doc
}

// page answers comments, newest first; the cursor is a position.
func (f *Fake) page(c *call, replies bool, want func(*comment) bool) any {
	if c.query.Get("comment_ids") == "" && (c.query.Get("sort_field") != "create_time" || c.query.Get("sort_order") != "desc") {
		f.complain("comments are listed in another order than by time")
	}
	var list []*comment
	for _, it := range slices.Backward(f.comments) {
		if !it.gone && want(it) {
			list = append(list, it)
		}
	}
	from, count := f.window(c, 30)
	to := min(from+count, len(list))
	doc := []any{}
	for _, it := range list[min(from, to):to] {
		doc = append(doc, f.show(it, replies))
	}
	return map[string]any{"comments": doc, "cursor": to, "has_more": to < len(list)}
}

func (f *Fake) listComments(c *call) (any, *refusal) {
	if f.post(c.query.Get("video_id")) == nil {
		return nil, no(40007, "The video does not exist")
	}
	var ids []string
	if v := c.query.Get("comment_ids"); v != "" && (json.Unmarshal([]byte(v), &ids) != nil || len(ids) > 30) {
		return nil, no(40002, "Invalid comment_ids")
	}
	return f.page(c, c.query.Get("include_replies") == "true", func(it *comment) bool {
		return it.video == c.query.Get("video_id") && it.parent == "" && (ids == nil || slices.Contains(ids, it.ID))
	}), nil
}

func (f *Fake) listReplies(c *call) (any, *refusal) {
	up := f.comment(c.query.Get("comment_id"))
	if up == nil {
		return nil, no(40007, "The comment does not exist")
	}
	return f.page(c, false, func(it *comment) bool { return it.parent == or(up.parent, up.ID) }), nil
}

func (f *Fake) createComment(c *call) (any, *refusal) {
	return f.write(c, c.text("video_id"))
}

func (f *Fake) createReply(c *call) (any, *refusal) {
	if up := f.comment(c.text("comment_id")); up == nil || up.video != c.text("video_id") {
		return nil, no(40007, "The comment does not exist")
	}
	return f.write(c, c.text("comment_id"))
}

func (f *Fake) write(c *call, on string) (any, *refusal) {
	words := c.text("text")
	if words == "" || units(words) > 1200 {
		return nil, no(40002, "text must have 1 to 1200 characters")
	}
	made := f.say(Brand, words, on)
	if made == nil {
		return nil, no(40007, "The video does not exist")
	}
	return map[string]any{"comment_id": made.ID, "video_id": made.video, "create_time": made.at.Unix(), "text": words}, nil
}

func (f *Fake) like(c *call) (any, *refusal) {
	it := f.comment(c.text("comment_id"))
	if it == nil {
		return nil, no(40007, "The comment does not exist")
	}
	switch c.text("action") {
	case "LIKE", "UNLIKE":
		it.liked = c.text("action") == "LIKE"
		return map[string]any{}, nil
	}
	return nil, no(40002, "Invalid action")
}

func (f *Fake) hide(c *call) (any, *refusal) {
	it := f.comment(c.text("comment_id"))
	if it == nil || it.video != c.text("video_id") {
		return nil, no(40007, "The comment does not exist")
	}
	switch c.text("action") {
	case "HIDE", "UNHIDE":
		it.hidden = c.text("action") == "HIDE"
		return map[string]any{}, nil
	}
	return nil, no(40002, "Invalid action")
}
