package redditfake

import (
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// view shows a thing as Reddit does.
func (f *Fake) view(t *thing) map[string]any {
	id := t.Name[3:]
	d := map[string]any{"id": id, "name": t.Name, "created_utc": float64(t.At.Unix()), "author": t.Author, "author_fullname": "t2_" + t.Author}
	switch t.Kind {
	case "t3":
		f.viewPost(t, d)
	case "t1":
		post := strings.TrimPrefix(t.Post3, "t3_")
		d["subreddit"], d["body"], d["parent_id"], d["score"] = t.Community, t.Body, t.Parent, 1+t.Votes
		if t.Type != "" { // as it stands in the inbox
			d["type"], d["was_comment"], d["context"], d["link_title"] = t.Type, true, "/r/"+t.Community+"/comments/"+post+"/a_title/"+id+"/?context=3", "A title"
			d["subject"] = strings.ReplaceAll(t.Type, "_", " ")
		} else {
			d["link_id"], d["permalink"] = t.Post3, "/r/"+t.Community+"/comments/"+post+"/a_title/"+id+"/"
		}
		if t.Removed != "" {
			d["body"], d["author"] = "[removed]", "[deleted]"
		}
	case "t4":
		d["type"], d["was_comment"], d["subject"], d["body"], d["context"], d["dest"] = "unknown", false, "Hello", t.Body, "", Brand
		d["parent_id"], d["subreddit"], d["first_message_name"] = nil, nil, nil
		if t.Parent != "" {
			d["parent_id"], d["first_message_name"], d["dest"] = t.Parent, t.Parent, "stranger"
		}
	}
	return map[string]any{"kind": t.Kind, "data": d}
}

func (f *Fake) viewPost(t *thing, d map[string]any) {
	d["subreddit"], d["title"], d["selftext"], d["permalink"], d["url"] = t.Community, t.Title, t.Text, f.address(t), t.URL
	d["score"], d["upvote_ratio"], d["num_comments"], d["num_crossposts"], d["view_count"], d["removed_by_category"] = 1+t.Votes, 0.9, f.below(t.Name), 2, nil, nil
	d["is_self"] = t.Post.Kind == "text" || t.Post.Kind == "poll"
	switch t.Post.Kind {
	case "image":
		d["post_hint"], d["is_reddit_media_domain"], d["url"] = "image", true, "https://i.redd.it/"+t.Name+".png"
	case "video":
		d["is_video"], d["is_reddit_media_domain"], d["url"] = true, true, "https://v.redd.it/"+t.Name
	case "gallery":
		var items []any
		for _, it := range t.Items {
			items = append(items, map[string]any{"media_id": it["media_id"]})
		}
		d["is_gallery"], d["gallery_data"] = true, map[string]any{"items": items}
	case "poll":
		d["poll_data"] = map[string]any{"options": t.Options}
	case "crosspost":
		d["crosspost_parent"] = t.Crosspost
	}
	if t.Removed != "" {
		d["removed_by_category"] = t.Removed
	}
}

func (f *Fake) below(post string) (n int64) {
	for _, t := range f.things {
		if t.Kind == "t1" && t.Post3 == post && !t.Gone {
			n++
		}
	}
	return n
}

// info answers about what is there and leaves the rest out.
func (f *Fake) info(c *call) (any, *refusal) {
	names := strings.Split(c.URL.Query().Get("id"), ",")
	var all []map[string]any
	if len(names) <= 100 {
		for _, name := range names {
			if t := f.thing(name); t != nil {
				all = append(all, f.view(t))
			}
		}
	}
	slices.Reverse(all) // in no order that means anything
	return list(c, all)
}

func (f *Fake) newest(of func(*thing) bool) (all []map[string]any) {
	now := f.o.Now()
	for _, t := range slices.Backward(f.things) {
		if !t.Gone && !t.Shown.After(now) && of(t) {
			all = append(all, f.view(t))
		}
	}
	return all
}

func (f *Fake) ownThings(c *call) (any, *refusal) {
	kind := map[string]string{"submitted": "t3", "comments": "t1"}[c.PathValue("what")]
	if c.PathValue("name") != Brand || kind == "" {
		return nil, no(404, "Not Found")
	}
	return list(c, f.newest(func(t *thing) bool { return t.Author == Brand && t.Kind == kind }))
}

func (f *Fake) messages(c *call) (any, *refusal) {
	switch c.PathValue("what") {
	case "inbox":
		return list(c, f.newest(func(t *thing) bool { return t.Type != "" }))
	case "sent":
		return list(c, f.newest(func(t *thing) bool { return t.Kind == "t4" && t.Author == Brand }))
	}
	return nil, no(404, "Not Found")
}

// act votes, removes, approves and blocks.
func (f *Fake) act(c *call) (any, *refusal) {
	what, id := c.PathValue("act"), c.text("id")
	t := f.thing(id)
	if !slices.Contains([]string{"vote", "remove", "approve", "block"}, what) || t == nil && what == "vote" {
		return nil, no(404, "Not Found")
	}
	f.acts = append(f.acts, strings.TrimSpace(what+" "+id+" "+c.text("dir")))
	switch j := f.community(t.Community); {
	case what == "vote":
		t.Votes = map[string]int64{"1": 1}[c.text("dir")]
	case what == "block":
	case j == nil || !j.Moderator:
		return nil, no(403, "Forbidden")
	case what == "remove":
		t.Removed = "moderator"
		f.Change(id, func(it *networkfake.Item) { it.Deleted = true })
	default:
		t.Removed = ""
		f.Change(id, func(it *networkfake.Item) { it.Deleted = false })
	}
	return map[string]any{}, nil
}
