package threadsfake

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/text"
)

const containerLife = 24 * time.Hour

type container struct {
	kind, text, replyTo string
	media               int
	item                bool
	polls               int    // how often it is still processing
	failure             string // why it ended in an error
	published           bool
	made                time.Time
	params              map[string]string
}

type post struct {
	*container
	ID, username string
	at           time.Time
	gone, hidden bool
}

func (f *Fake) post(id string) *post {
	for _, p := range f.posts {
		if p.ID == id && !p.gone {
			return p
		}
	}
	return nil
}

// known are the parameters of a container.
var known = []string{"access_token", "media_type", "text", "image_url", "video_url", "alt_text", "is_carousel_item", "children", "reply_to_id", "quote_post_id", "reply_control",
	"link_attachment", "topic_tag", "poll_attachment", "location_id", "allowlisted_country_codes", "is_spoiler_media"}

func (f *Fake) contain(c *call) (any, *refusal) {
	get := c.params.Get
	for k := range c.params {
		if !slices.Contains(known, k) {
			f.complain("POST /me/threads with %s", k)
		}
	}
	box := &container{kind: get("media_type"), text: get("text"), replyTo: get("reply_to_id"), item: get("is_carousel_item") == "true", made: f.o.Now(), params: map[string]string{}}
	for k := range c.params {
		if k != "access_token" {
			box.params[k] = get(k)
		}
	}
	if refused := f.valid(box, get); refused != nil {
		return nil, refused
	}
	if box.kind != "TEXT" {
		box.polls = f.o.Processing
	}
	if len(f.failing) > 0 {
		box.failure, f.failing = f.failing[0], f.failing[1:]
	}
	id := f.id()
	f.containers[id] = box
	return map[string]any{"id": id}, nil
}

func (f *Fake) valid(box *container, get func(string) string) *refusal {
	bare := box.kind == "TEXT"
	switch box.kind {
	case "TEXT":
		if box.text == "" && get("link_attachment") == "" {
			return no(100, "The parameter text is required")
		}
	case "IMAGE", "VIDEO":
		box.media = 1
		if u := get(strings.ToLower(box.kind) + "_url"); !strings.HasPrefix(u, "http") {
			return no(100, "Media download has failed. The media URI doesn't meet our requirements.")
		}
	case "CAROUSEL":
		children := strings.Split(get("children"), ",")
		if box.media = len(children); box.media < 2 || box.media > 20 {
			return no(100, "A carousel has 2 to 20 children")
		}
		for _, id := range children {
			if child := f.containers[id]; child == nil || !child.item || f.status(child) != "FINISHED" {
				return no(100, "Invalid carousel children")
			}
		}
	default:
		return no(100, "Param media_type must be one of {TEXT, IMAGE, VIDEO, CAROUSEL}")
	}
	links := map[string]bool{}
	for _, l := range text.Links(box.text + " " + get("link_attachment")) {
		links[l.Value] = true
	}
	var poll map[string]string
	switch {
	case box.item && (bare || box.kind == "CAROUSEL" || box.text != ""):
		return no(100, "Invalid carousel item")
	case text.ThreadsLength(box.text) > 500:
		return no(100, "Param text must be at most 500 characters long.")
	case len([]rune(get("alt_text"))) > 1000:
		return no(100, "Param alt_text must be at most 1000 characters long.")
	case get("alt_text") != "" && box.media != 1:
		return no(100, "alt_text belongs to one medium")
	case len(links) > 5:
		return no(100, "THREADS_API__LINK_LIMIT_EXCEEDED")
	case get("link_attachment") != "" && (!bare || get("poll_attachment") != ""):
		return no(100, "link_attachment is only available for text posts without a poll")
	case get("poll_attachment") != "" && (!bare || json.Unmarshal([]byte(get("poll_attachment")), &poll) != nil || len(poll) < 2 || len(poll) > 4):
		return no(100, "Invalid poll_attachment")
	case get("reply_control") != "" && !slices.Contains([]string{"everyone", "accounts_you_follow", "mentioned_only", "parent_post_author_only", "followers_only"}, get("reply_control")):
		return no(100, "Param reply_control is invalid")
	case len(get("topic_tag")) > 50 || strings.ContainsAny(get("topic_tag"), ".&"):
		return no(100, "Param topic_tag is invalid")
	case get("allowlisted_country_codes") != "" && !f.o.Geo:
		return no(10, "Application does not have permission for this action: the profile is not eligible for geo-gating")
	case box.replyTo != "" && f.post(box.replyTo) == nil, get("quote_post_id") != "" && f.post(get("quote_post_id")) == nil:
		return absent()
	}
	for key, option := range poll {
		if !slices.Contains([]string{"option_a", "option_b", "option_c", "option_d"}, key) || option == "" || len([]rune(option)) > 25 {
			return no(100, "Invalid poll_attachment")
		}
	}
	return nil
}

func (f *Fake) status(box *container) string {
	switch {
	case box.published:
		return "PUBLISHED"
	case f.o.Now().Sub(box.made) >= containerLife:
		return "EXPIRED"
	case box.polls > 0:
		return "IN_PROGRESS"
	case box.failure != "":
		return "ERROR"
	}
	return "FINISHED"
}

func (f *Fake) publish(c *call) (any, *refusal) {
	for k := range c.params {
		if k != "access_token" && k != "creation_id" {
			f.complain("POST /me/threads_publish with %s", k)
		}
	}
	box := f.containers[c.params.Get("creation_id")]
	if f.unseen > 0 {
		f.unseen--
		box = nil
	}
	if box == nil {
		return nil, &refusal{400, 24, 4279009, "The requested resource does not exist"}
	}
	if status := f.status(box); status != "FINISHED" || box.item {
		return nil, no(100, "The container cannot be published: "+status)
	}
	posts, replies := f.usage(c.me)
	if box.replyTo == "" && posts >= f.o.Quota || replies >= 1000 {
		return nil, no(4, "Application request limit reached")
	}
	box.published = true
	p := f.write(c.me, box)
	return map[string]any{"id": p.ID}, nil
}

// write makes a post public and writes it into the ledger.
func (f *Fake) write(username string, box *container) *post {
	p := &post{container: box, ID: f.id(), username: username, at: f.o.Now().UTC().Truncate(time.Second)}
	f.posts = append(f.posts, p)
	f.Add(networkfake.Item{ID: p.ID, Account: username, Text: box.text, ReplyTo: box.replyTo, Visibility: "public", Media: box.media, At: p.at})
	return p
}

func (f *Fake) usage(username string) (posts, replies int) {
	for _, p := range f.posts {
		switch {
		case p.username != username || f.o.Now().Sub(p.at) >= 24*time.Hour:
		case p.replyTo == "":
			posts++
		default:
			replies++
		}
	}
	return posts, replies
}

func (f *Fake) limit(c *call) (any, *refusal) {
	posts, replies := f.usage(c.me)
	conf := func(n int) map[string]any { return map[string]any{"quota_total": n, "quota_duration": 86400} }
	return map[string]any{"data": []any{map[string]any{"quota_usage": posts, "config": conf(f.o.Quota), "reply_quota_usage": replies, "reply_config": conf(1000)}}}, nil
}

func (f *Fake) remove(c *call) (any, *refusal) {
	p := f.post(c.PathValue("id"))
	if p == nil {
		return nil, absent()
	}
	if p.username != c.me {
		return nil, no(10, "Application does not have permission for this action")
	}
	f.drop(p.ID)
	return map[string]any{"success": true, "deleted_id": p.ID}, nil
}

func (f *Fake) act(c *call) (any, *refusal) {
	p := f.post(c.PathValue("id"))
	if p == nil {
		return nil, absent()
	}
	switch c.PathValue("edge") {
	case "manage_reply":
		hide, err := strconv.ParseBool(c.params.Get("hide"))
		if root := f.root(p); err != nil || root == p || root.username != c.me {
			return nil, no(100, "Only replies below own posts can be hidden")
		}
		p.hidden = hide
		return map[string]any{"success": true}, nil
	case "repost":
		if !slices.Contains(f.reposts, p.ID) {
			f.reposts = append(f.reposts, p.ID)
		}
		return map[string]any{"id": f.id()}, nil
	}
	f.complain("POST %s: there is no such call", c.URL.Path)
	return nil, no(100, "Unknown path components")
}
