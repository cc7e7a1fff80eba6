package threadsfake

import (
	"slices"
	"strconv"
	"strings"
)

// fields that may be asked of a post.
var fields = strings.Split("id,media_product_type,media_type,media_url,gif_url,permalink,owner,username,text,timestamp,shortcode,thumbnail_url,children,is_quote_post,quoted_post,"+
	"reposted_post,has_replies,alt_text,link_attachment_url,poll_attachment,location_id,topic_tag,is_verified,profile_picture_url,is_reply,is_reply_owned_by_me,root_post,replied_to,hide_status,reply_audience", ",")

func (f *Fake) asked(c *call, of []string) {
	for _, name := range strings.Split(c.params.Get("fields"), ",") {
		if !slices.Contains(of, name) {
			f.complain("%s %s asks for the field %q", c.Method, c.URL.Path, name)
		}
	}
}

// root is where a thread begins.
func (f *Fake) root(p *post) *post {
	for p.replyTo != "" {
		up := f.post(p.replyTo)
		if up == nil {
			break
		}
		p = up
	}
	return p
}

func (f *Fake) show(p *post, me string) map[string]any {
	kind := map[string]string{"TEXT": "TEXT_POST", "CAROUSEL": "CAROUSEL_ALBUM"}[p.kind]
	if kind == "" {
		kind = p.kind
	}
	at := "https://www.threads.net/@" + p.username + "/post/" + p.ID
	doc := map[string]any{"id": p.ID, "media_type": kind, "permalink": at, "username": p.username, "text": p.text, "timestamp": stamp(p.at), "has_replies": false,
		"is_reply": p.replyTo != "", "is_reply_owned_by_me": p.replyTo != "" && p.username == me, "hide_status": "NOT_HUSHED"}
	for _, other := range f.posts {
		if other.replyTo == p.ID && !other.gone {
			doc["has_replies"] = true
		}
	}
	if p.replyTo != "" {
		doc["replied_to"], doc["root_post"] = map[string]any{"id": p.replyTo}, map[string]any{"id": f.root(p).ID}
	}
	if p.media == 1 {
		doc["media_url"], doc["alt_text"] = f.URL+"/media/"+p.ID, p.params["alt_text"]
	}
	if p.media > 1 {
		children := []any{}
		for _, id := range strings.Split(p.params["children"], ",") {
			children = append(children, map[string]any{"id": id})
		}
		doc["children"] = map[string]any{"data": children}
	}
	return doc
}

func (f *Fake) object(c *call) (any, *refusal) {
	id := c.PathValue("id")
	if box := f.containers[id]; box != nil {
		f.asked(c, []string{"id", "status", "error_message"})
		status := f.status(box)
		if box.polls > 0 {
			box.polls--
		}
		doc := map[string]any{"id": id, "status": status}
		if status == "ERROR" {
			doc["error_message"] = box.failure
		}
		return doc, nil
	}
	f.asked(c, fields)
	p := f.post(id)
	if p == nil {
		return nil, absent()
	}
	return f.show(p, c.me), nil
}

// page answers a list, newest first, with a cursor that only this list understands.
func (f *Fake) page(c *call, want func(*post) bool) (any, *refusal) {
	f.asked(c, fields)
	limit := 25
	if v := c.params.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 100 {
			return nil, no(100, "Param limit must be between 1 and 100")
		}
		limit = n
	}
	var list []*post
	for _, p := range slices.Backward(f.posts) {
		if !p.gone && want(p) {
			list = append(list, p)
		}
	}
	if f.unlisted > 0 && len(list) > 0 {
		f.unlisted--
		list = list[1:]
	}
	from := 0
	if after := c.params.Get("after"); after != "" {
		from = slices.IndexFunc(list, func(p *post) bool { return "QVFI"+p.ID == after }) + 1
		if from == 0 {
			return nil, no(100, "Invalid cursors values provided")
		}
	}
	data := []any{}
	paging := map[string]any{}
	for _, p := range list[from:min(from+limit, len(list))] {
		data = append(data, f.show(p, c.me))
		paging = map[string]any{"cursors": map[string]any{"before": "QVFI", "after": "QVFI" + p.ID}}
	}
	return map[string]any{"data": data, "paging": paging}, nil
}

func (f *Fake) threads(c *call) (any, *refusal) {
	return f.page(c, func(p *post) bool { return p.username == c.me && p.replyTo == "" })
}

func (f *Fake) replies(c *call) (any, *refusal) {
	return f.page(c, func(p *post) bool { return p.username == c.me && p.replyTo != "" })
}

func (f *Fake) mentions(c *call) (any, *refusal) {
	return f.page(c, func(p *post) bool { return p.username != c.me && strings.Contains(p.text, "@"+c.me) })
}

func (f *Fake) edge(c *call) (any, *refusal) {
	of := f.post(c.PathValue("id"))
	if of == nil {
		return nil, absent()
	}
	switch c.PathValue("edge") {
	case "replies":
		return f.page(c, func(p *post) bool { return p.replyTo == of.ID })
	case "conversation":
		return f.page(c, func(p *post) bool { return p != of && p.replyTo != "" && f.root(p) == of })
	case "insights":
		return f.insights(c, of)
	}
	f.complain("GET %s: there is no such call", c.URL.Path)
	return nil, no(100, "Unknown path components")
}

func (f *Fake) insights(c *call, of *post) (any, *refusal) {
	if of.username != c.me {
		return nil, no(10, "Application does not have permission for this action")
	}
	data := []any{}
	for i, name := range strings.Split(c.params.Get("metric"), ",") {
		if !slices.Contains([]string{"views", "likes", "replies", "reposts", "quotes", "shares"}, name) {
			return nil, no(100, "Param metric must be one of {views, likes, replies, reposts, quotes, shares}")
		}
		data = append(data, map[string]any{"name": name, "period": "lifetime", "values": []any{map[string]any{"value": 10 - i}}, "id": of.ID + "/insights/" + name + "/lifetime"})
	}
	return map[string]any{"data": data}, nil
}

func (f *Fake) profileInsights(c *call) (any, *refusal) {
	if c.params.Get("metric") == "follower_demographics" {
		return f.demographics(c)
	}
	if c.params.Get("metric") != "followers_count" {
		f.complain("the profile's insights are asked for %s", c.params.Get("metric"))
	}
	return map[string]any{"data": []any{map[string]any{"name": "followers_count", "period": "day", "total_value": map[string]any{"value": 4711}}}}, nil
}

func (f *Fake) demographics(c *call) (any, *refusal) {
	if f.o.Small {
		return nil, no(100, "The profile must have at least 100 followers")
	}
	results := []any{}
	for name, n := range map[string]map[string]int{"age": {"18-24": 400, "25-34": 900}, "gender": {"F": 700, "M": 500, "U": 100}, "country": {"DE": 800, "DK": 300}, "city": {"Berlin": 200}}[c.params.Get("breakdown")] {
		results = append(results, map[string]any{"dimension_values": []string{name}, "value": n})
	}
	if len(results) == 0 {
		return nil, no(100, "Param breakdown must be one of {country, city, age, gender}")
	}
	return map[string]any{"data": []any{map[string]any{"name": "follower_demographics", "period": "lifetime", "total_value": map[string]any{"breakdowns": []any{map[string]any{"dimension_keys": []string{c.params.Get("breakdown")}, "results": results}}}}}}, nil
}
