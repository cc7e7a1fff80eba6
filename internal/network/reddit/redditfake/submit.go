package redditfake

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// errors answers 200 with Reddit's list of errors.
func errors(code, message, field string) map[string]any {
	return map[string]any{"json": map[string]any{"errors": [][]string{{code, message, field}}}}
}

func (f *Fake) lease(c *call) (any, *refusal) {
	if c.text("filepath") == "" || !slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "video/mp4", "video/quicktime"}, c.text("mimetype")) {
		return nil, no(400, "Bad Request")
	}
	asset := f.id() + "asset"
	key := "rte_images/" + asset
	f.uploads[key] = &upload{Asset: asset, MIME: c.text("mimetype")}
	field := func(name, value string) map[string]string { return map[string]string{"name": name, "value": value} }
	return map[string]any{"args": map[string]any{"action": f.URL + "/storage", "fields": []any{field("acl", "private"), field("key", key), field("policy", "policy-"+asset)}},
		"asset": map[string]any{"asset_id": asset, "processing_state": "incomplete", "websocket_url": "wss://ws.example/" + asset}}, nil
}

// store is the place that takes files: it wants every field, the file last, and no token.
func (f *Fake) store(c *call) (any, *refusal) {
	u := f.uploads[c.text("key")]
	switch {
	case u == nil || c.text("policy") != "policy-"+u.Asset:
		return nil, no(http.StatusForbidden, "AccessDenied")
	case c.Header.Get("Authorization") != "":
		return nil, no(400, "Only one auth mechanism allowed")
	case len(c.fields) == 0 || c.fields[len(c.fields)-1] != "file" || len(c.file) == 0:
		return nil, no(400, "POST requires exactly one file upload, as the last field")
	}
	u.Sent = true
	return nil, nil
}

// uploaded finds a file by the address the client made of it.
func (f *Fake) uploaded(address, kind string) bool {
	u := f.uploads[strings.TrimPrefix(address, f.URL+"/storage/")]
	return u != nil && u.Sent && strings.HasPrefix(u.MIME, kind)
}

// begin reads what all kinds of posts have in common; errors come as Reddit's list.
func (f *Fake) begin(c *call) (*thing, map[string]any, *refusal) {
	if len(f.refusals) > 0 {
		r := f.refusals[0]
		f.refusals = f.refusals[1:]
		return nil, errors(r[0], r[1], r[2]), nil
	}
	t := &thing{Kind: "t3", Author: Brand, At: f.o.Now().UTC(), Post: Post{Community: c.text("sr"), Title: c.text("title"), Flair: c.text("flair_id"), FlairText: c.text("flair_text"),
		NSFW: c.yes("nsfw"), Spoiler: c.yes("spoiler"), Replies: c.yes("sendreplies")}}
	j := f.community(t.Community)
	switch n := utf8.RuneCountInString(t.Title); {
	case c.text("api_type") != "json":
		return nil, nil, no(400, "Bad Request")
	case t.Community == "":
		return nil, errors("BAD_SR_NAME", "this name isn't going to work", "sr"), nil
	case t.Community == "u_"+Brand:
	case j == nil:
		return nil, nil, no(404, "Not Found")
	case t.Flair != "" && !slices.Contains(j.Flairs, t.Flair):
		return nil, errors("BAD_FLAIR_TEMPLATE_ID", "Flair template not found", "flair"), nil
	case n == 0:
		return nil, errors("NO_TEXT", "we need something here", "title"), nil
	case n > 300:
		return nil, errors("TOO_LONG", "this is too long (max: 300)", "title"), nil
	}
	return t, nil, nil
}

func (f *Fake) publish(t *thing, files int) {
	t.Name = "t3_" + f.id()
	t.Shown = t.At
	if files > 0 && (t.Post.Kind == "image" || t.Post.Kind == "video") {
		t.Shown = t.At.Add(f.o.Processing)
	}
	f.things = append(f.things, t)
	text := t.Text
	if text == "" {
		text = t.Title
	}
	f.Add(networkfake.Item{ID: t.Name, Account: Brand, Text: text, Visibility: "public", Media: files, At: t.At})
}

func (f *Fake) address(t *thing) string {
	return "/r/" + t.Community + "/comments/" + strings.TrimPrefix(t.Name, "t3_") + "/a_title/"
}

func (f *Fake) submit(c *call) (any, *refusal) {
	t, bad, refused := f.begin(c)
	if bad != nil || refused != nil {
		return bad, refused
	}
	j := f.community(t.Community)
	kind := c.text("kind")
	t.Post.Kind, t.Text, t.URL, t.Crosspost, t.Poster = map[string]string{"self": "text"}[kind], c.text("text"), c.text("url"), c.text("crosspost_fullname"), c.text("video_poster_url")
	if t.Post.Kind == "" {
		t.Post.Kind = kind
	}
	files := 0
	switch kind {
	case "self":
		if j != nil && j.Takes == "link" {
			return errors("NO_SELFS", "This community doesn't allow text posts", "sr"), nil
		}
		if utf8.RuneCountInString(t.Text) > 40000 {
			return errors("TOO_LONG", "this is too long (max: 40000)", "text"), nil
		}
	case "link":
		if t.URL == "" {
			return errors("NO_URL", "a url is required", "url"), nil
		}
		if j != nil && j.Links[t.URL] && !c.yes("resubmit") {
			return errors("ALREADY_SUB", "This community doesn't allow links to be posted more than once, and this link has already been shared", "url"), nil
		}
		if j != nil {
			j.Links[t.URL] = true
		}
	case "image":
		if !f.uploaded(t.URL, "image/") {
			return errors("BAD_URL", "you should check that url", "url"), nil
		}
		files = 1
	case "video":
		if !f.uploaded(t.Poster, "image/") {
			return errors("MISSING_VIDEO_URLS", "This community requires a video link and a post link", "url"), nil
		}
		if !f.uploaded(t.URL, "video/") {
			return errors("BAD_URL", "you should check that url", "url"), nil
		}
		files = 1
	case "crosspost":
		if !strings.HasPrefix(t.Crosspost, "t3_") {
			return errors("INVALID_CROSSPOST_THING", "that isn't a valid crosspost", "crosspost_fullname"), nil
		}
	default:
		return errors("INVALID_OPTION", "that option is not valid", "kind"), nil
	}
	f.publish(t, files)
	if files > 0 { // Reddit only says that it will make a post
		return map[string]any{"json": map[string]any{"errors": []any{}, "data": map[string]any{"user_submitted_page": f.URL + "/user/" + Brand + "/submitted", "websocket_url": "wss://ws.example/x"}}}, nil
	}
	return map[string]any{"json": map[string]any{"errors": []any{}, "data": map[string]any{"url": f.URL + f.address(t), "drafts_count": 0, "id": strings.TrimPrefix(t.Name, "t3_"), "name": t.Name}}}, nil
}

// made is the answer of galleries and polls: the id is the full name.
func (f *Fake) made(t *thing) map[string]any {
	return map[string]any{"json": map[string]any{"errors": []any{}, "data": map[string]any{"url": f.URL + f.address(t), "id": t.Name}}}
}

func (f *Fake) submitGallery(c *call) (any, *refusal) {
	t, bad, refused := f.begin(c)
	if bad != nil || refused != nil {
		return bad, refused
	}
	t.Post.Kind = "gallery"
	items, _ := c.body["items"].([]any)
	if len(items) < 2 {
		return errors("placeholder", "List is too short.", "items"), nil
	}
	for _, it := range items {
		m, _ := it.(map[string]any)
		asset, _ := m["media_id"].(string)
		if u := f.uploads["rte_images/"+asset]; u == nil || !u.Sent {
			return errors("BAD_URL", "you should check that url", "items"), nil
		}
		t.Items = append(t.Items, m)
	}
	f.publish(t, len(items))
	return f.made(t), nil
}

func (f *Fake) submitPoll(c *call) (any, *refusal) {
	t, bad, refused := f.begin(c)
	if bad != nil || refused != nil {
		return bad, refused
	}
	t.Post.Kind, t.Text = "poll", c.text("text")
	t.Options, _ = c.body["options"].([]any)
	t.Days, _ = c.body["duration"].(float64)
	if len(t.Options) < 2 || t.Days < 1 || t.Days > 7 {
		return errors("TOO_FEW_OPTIONS", "you need at least 2 poll options", "options"), nil
	}
	f.publish(t, 0)
	return f.made(t), nil
}

func (f *Fake) comment(c *call) (any, *refusal) {
	if len(f.refusals) > 0 {
		r := f.refusals[0]
		f.refusals = f.refusals[1:]
		return errors(r[0], r[1], r[2]), nil
	}
	parent := f.thing(c.text("thing_id"))
	switch {
	case parent == nil:
		return errors("NO_THING_ID", "id not specified", "parent"), nil
	case c.text("text") == "":
		return errors("NO_TEXT", "we need something here", "text"), nil
	case utf8.RuneCountInString(c.text("text")) > 10000:
		return errors("TOO_LONG", "this is too long (max: 10000)", "text"), nil
	}
	t := &thing{Kind: "t1", Author: Brand, Body: c.text("text"), Parent: parent.Name, Post3: parent.Post3, At: f.o.Now().UTC(), Post: Post{Community: parent.Community}}
	switch parent.Kind {
	case "t3":
		t.Post3 = parent.Name
	case "t4":
		t.Kind = "t4"
	}
	t.Name = t.Kind + "_" + f.id()
	f.things = append(f.things, t)
	f.Add(networkfake.Item{ID: t.Name, Account: Brand, Text: t.Body, ReplyTo: t.Parent, At: t.At})
	return map[string]any{"json": map[string]any{"errors": []any{}, "data": map[string]any{"things": []any{f.view(t)}}}}, nil
}

func (f *Fake) edit(c *call) (any, *refusal) {
	t := f.thing(c.text("thing_id"))
	switch {
	case t == nil:
		return errors("NO_THING_ID", "id not specified", "thing_id"), nil
	case t.Author != Brand:
		return nil, no(403, "Forbidden")
	case t.Kind == "t3" && t.Post.Kind != "text":
		return errors("placeholder", "This post can't be edited", "text"), nil
	}
	if t.Kind == "t3" {
		t.Text = c.text("text")
	} else {
		t.Body = c.text("text")
	}
	f.Change(t.Name, func(it *networkfake.Item) { it.Text, it.Edits = c.text("text"), it.Edits+1 })
	return map[string]any{"json": map[string]any{"errors": []any{}, "data": map[string]any{"things": []any{f.view(t)}}}}, nil
}

// remove never says what it did.
func (f *Fake) remove(c *call) (any, *refusal) {
	if t := f.thing(c.text("id")); t != nil && t.Author == Brand {
		t.Removed, t.Gone = "deleted", true
		f.Change(t.Name, func(it *networkfake.Item) { it.Deleted = true })
	}
	return map[string]any{}, nil
}
