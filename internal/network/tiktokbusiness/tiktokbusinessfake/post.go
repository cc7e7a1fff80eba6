package tiktokbusinessfake

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

func (f *Fake) account(c *call) (any, *refusal) {
	all := map[string]any{"username": Brand, "display_name": "The Brand", "profile_image": f.URL + "/picture.jpg", "followers_count": 4711}
	f.public(c, all)
	return f.asked(c, all), nil
}

// asked picks the fields that were asked for, and complains about those there are not.
func (f *Fake) asked(c *call, all map[string]any) map[string]any {
	var names []string
	if json.Unmarshal([]byte(c.query.Get("fields")), &names) != nil {
		f.complain("%s: fields is not a list", c.URL.Path)
	}
	doc := map[string]any{}
	for _, name := range names {
		if _, ok := all[name]; !ok {
			f.complain("%s is asked for %q", c.URL.Path, name)
		}
		doc[name] = all[name]
		if name == "audience_activity" { // told day by day
			delete(doc, name)
			doc["metrics"] = all["metrics"]
		}
	}
	return doc
}

func (f *Fake) options() []string {
	return []string{"PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"}
}

func (f *Fake) settings(*call) (any, *refusal) {
	return map[string]any{"privacy_level_options": f.options(), "comment_disabled": f.o.NoComments, "duet_disabled": false, "stitch_disabled": false, "max_video_post_duration_sec": f.o.MaxSeconds}, nil
}

func (f *Fake) video(c *call) (any, *refusal) {
	info, _ := c.body["post_info"].(map[string]any)
	f.bodies = append(f.bodies, Body{strings.TrimPrefix(c.URL.Path, version), c.body})
	f.known(info, "caption", "is_brand_organic", "is_branded_content", "disable_comment", "disable_duet", "disable_stitch", "thumbnail_offset", "is_ai_generated", "upload_to_draft")
	draft := info["upload_to_draft"] == true
	return f.take(c, info, []any{c.body["video_url"]}, 2200, &post{privacy: "PUBLIC_TO_EVERYONE", draft: draft})
}

func (f *Fake) photo(c *call) (any, *refusal) {
	info, _ := c.body["post_info"].(map[string]any)
	f.bodies = append(f.bodies, Body{strings.TrimPrefix(c.URL.Path, version), c.body})
	f.known(info, "title", "caption", "privacy_level", "disable_comment", "auto_add_music", "is_brand_organic", "is_branded_content", "is_draft")
	privacy, _ := info["privacy_level"].(string)
	images, _ := c.body["photo_images"].([]any)
	cover, _ := c.body["photo_cover_index"].(float64)
	title, _ := info["title"].(string)
	if !slices.Contains(f.options(), privacy) || len(images) == 0 || len(images) > 35 || int(cover) < 0 || int(cover) >= len(images) || units(title) > 90 {
		return nil, no(40002, "Invalid photo post")
	}
	return f.take(c, info, images, 4000, &post{privacy: privacy, photo: true, draft: info["is_draft"] == true})
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

func (f *Fake) known(info map[string]any, names ...string) {
	for k := range info {
		if !slices.Contains(names, k) {
			f.complain("post_info has %q", k)
		}
	}
	for _, toggle := range []string{"is_brand_organic", "is_branded_content", "disable_comment"} {
		if _, ok := info[toggle].(bool); !ok {
			f.complain("a post leaves %s to TikTok", toggle)
		}
	}
}

// take accepts a post, fetches it later, and writes it into the ledger.
func (f *Fake) take(c *call, info map[string]any, files []any, most int, p *post) (any, *refusal) {
	p.text, _ = info["caption"].(string)
	switch {
	case units(p.text) > most:
		return nil, no(40002, "caption is too long")
	case info["is_branded_content"] == true && p.privacy == "SELF_ONLY", f.o.NoComments && !p.draft && info["disable_comment"] != true:
		return nil, no(40002, "Invalid post_info")
	}
	for _, v := range files {
		if u, _ := v.(string); !strings.HasPrefix(u, f.o.Verified) {
			return nil, no(40002, "The URL's ownership is not verified")
		}
	}
	p.ID, p.polls, p.moderation, p.at = f.id(), f.o.Processing, f.o.Moderation, f.o.Now().UTC().Truncate(time.Second)
	p.shareID = map[bool]string{true: "p_pub_url~v2.", false: "v_pub_url~v2."}[p.photo] + p.ID
	if len(f.failing) > 0 {
		p.failure, f.failing = f.failing[0], f.failing[1:]
	}
	f.posts = append(f.posts, p)
	if !p.draft && p.failure == "" {
		f.Add(networkfake.Item{ID: p.ID, Account: Brand, Text: p.text, Visibility: p.privacy, Media: len(files), At: p.at})
	}
	return map[string]any{"share_id": p.shareID}, nil
}

func (f *Fake) status(c *call) (any, *refusal) {
	i := slices.IndexFunc(f.posts, func(p *post) bool { return p.shareID == c.query.Get("publish_id") })
	if i < 0 {
		return nil, no(40002, "Invalid publish_id")
	}
	p := f.posts[i]
	doc := map[string]any{}
	switch {
	case p.polls > 0:
		p.polls--
		doc["status"] = "PROCESSING_DOWNLOAD"
	case p.failure != "":
		doc["status"], doc["reason"] = "FAILED", p.failure
	case p.draft:
		doc["status"] = "SEND_TO_USER_INBOX"
	default:
		doc["status"] = "PUBLISH_COMPLETE"
		if p.moderation > 0 {
			p.moderation--
		} else if p.privacy == "PUBLIC_TO_EVERYONE" {
			doc["post_ids"] = []string{p.ID}
		}
	}
	return doc, nil
}

// window reads cursor and max_count of a list.
func (f *Fake) window(c *call, most int) (cursor, count int) {
	cursor, _ = strconv.Atoi(c.query.Get("cursor"))
	count = most
	if v := c.query.Get("max_count"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > most {
			f.complain("%s: max_count is %s", c.URL.Path, v)
			return cursor, most
		}
		count = n
	}
	return cursor, count
}

func (f *Fake) list(c *call) (any, *refusal) {
	var filters struct {
		IDs []string `json:"video_ids"`
	}
	if v := c.query.Get("filters"); v != "" && (json.Unmarshal([]byte(v), &filters) != nil || len(filters.IDs) > 20) {
		return nil, no(40002, "Invalid filters")
	}
	var listed []*post
	for _, p := range slices.Backward(f.posts) {
		if p.listed() && (filters.IDs == nil || slices.Contains(filters.IDs, p.ID)) {
			listed = append(listed, p)
		}
	}
	from, count := f.window(c, 20)
	to := min(from+count, len(listed))
	videos := []any{}
	for _, p := range listed[min(from, to):to] {
		comments := 0
		for _, other := range f.comments {
			if other.video == p.ID && !other.gone {
				comments++
			}
		}
		videos = append(videos, f.asked(c, map[string]any{"item_id": p.ID, "create_time": strconv.FormatInt(p.at.Unix(), 10), "caption": p.text,
			"share_url":   "https://www.tiktok.com/@" + Brand + "/video/" + p.ID,
			"video_views": 100, "likes": 10, "comments": comments, "shares": 3, "reach": 80, "favorites": 4, "new_followers": 1, "profile_views": 2, "video_duration": 20.0, "total_time_watched": 386.2, "average_time_watched": 3.862,
			"full_video_watched_rate": 0.0395, "video_view_retention": []any{map[string]any{"second": "0", "percentage": 1.0}, map[string]any{"second": "10", "percentage": 0.4}, map[string]any{"second": "20", "percentage": 0.1}}}))
	}
	return map[string]any{"videos": videos, "cursor": to, "has_more": to < len(listed)}, nil
}
