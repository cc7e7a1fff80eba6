package tiktokfake

import (
	"encoding/json"
	"slices"
	"strings"
)

func (f *Fake) status(c *call) (any, *refusal) {
	f.fields(c, c.body, "publish_id")
	i := slices.IndexFunc(f.posts, func(p *post) bool { return p.publishID == c.body["publish_id"] })
	if i < 0 {
		return nil, no("invalid_publish_id")
	}
	p := f.posts[i]
	state := map[string]any{"publicaly_available_post_id": []any{}, "uploaded_bytes": len(p.bytes)}
	switch {
	case !p.whole():
		state["status"] = "PROCESSING_UPLOAD"
	case p.polls > 0:
		p.polls--
		state["status"] = map[bool]string{true: "PROCESSING_DOWNLOAD", false: "PROCESSING_UPLOAD"}[p.photo]
	case p.failure != "":
		state["status"], state["fail_reason"] = "FAILED", p.failure
	case p.draft:
		state["status"] = "SEND_TO_USER_INBOX"
	default:
		state["status"] = "PUBLISH_COMPLETE"
		if p.moderation > 0 {
			p.moderation--
		} else if p.privacy == "PUBLIC_TO_EVERYONE" && !p.gone {
			state["publicaly_available_post_id"] = []any{json.Number(p.ID)}
		}
	}
	return state, nil
}

// listed reports whether the Display API shows a post.
func (f *Fake) listed(p *post) bool {
	return p.whole() && !p.draft && !p.gone && p.failure == "" && p.privacy == "PUBLIC_TO_EVERYONE" && !(p.photo && f.o.HidePhotos)
}

var videoFields = strings.Split("id,create_time,title,video_description,share_url,view_count,like_count,comment_count,share_count,duration,cover_image_url,height,width", ",")

func (f *Fake) show(c *call, p *post) map[string]any {
	cut := func(s string) string { r := []rune(s); return string(r[:min(len(r), 150)]) }
	all := map[string]any{"id": p.ID, "create_time": p.at.Unix(), "title": cut(p.text), "video_description": cut(p.text), "share_url": "https://www.tiktok.com/@" + Brand + "/video/" + p.ID,
		"view_count": 100, "like_count": 10, "comment_count": 2, "share_count": 1}
	doc := map[string]any{}
	for _, name := range strings.Split(c.URL.Query().Get("fields"), ",") {
		if !slices.Contains(videoFields, name) {
			f.complain("a video is asked for %q", name)
		}
		doc[name] = all[name]
	}
	return doc
}

func (f *Fake) query(c *call) (any, *refusal) {
	ids, _ := c.object("filters")["video_ids"].([]any)
	if len(ids) == 0 || len(ids) > 20 {
		return nil, no("invalid_params")
	}
	videos := []any{}
	for _, p := range f.posts {
		if f.listed(p) && slices.Contains(ids, any(p.ID)) {
			videos = append(videos, f.show(c, p))
		}
	}
	return map[string]any{"videos": videos}, nil
}

// list answers newest first; the cursor is a time in milliseconds, before which the next page begins.
func (f *Fake) list(c *call) (any, *refusal) {
	f.fields(c, c.body, "cursor", "max_count")
	most, ok := c.body["max_count"].(float64)
	if !ok || most < 1 || most > 20 {
		return nil, no("invalid_params")
	}
	cursor, after := c.body["cursor"].(float64)
	videos, more, last := []any{}, false, int64(0)
	for _, p := range slices.Backward(f.posts) {
		if !f.listed(p) || after && p.at.UnixMilli() >= int64(cursor) {
			continue
		}
		if len(videos) == int(most) {
			more = true
			break
		}
		videos, last = append(videos, f.show(c, p)), p.at.UnixMilli()
	}
	return map[string]any{"videos": videos, "cursor": last, "has_more": more}, nil
}
