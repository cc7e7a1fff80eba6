package xfake

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	count "github.com/bellwether-social/bellwether/internal/text"
)

// draft is what somebody asks for.
type draft struct {
	Text, ReplyTo, Previous string
	Media, Tagged           []string
	Poll                    bool
	Options                 []string
	Minutes                 float64
}

// post finds a version that is still there.
func (f *Fake) post(id string) *post {
	for _, p := range f.posts {
		if p.ID == id && !p.Gone {
			return p
		}
	}
	return nil
}

// versions are a post's versions, oldest first.
func (f *Fake) versions(p *post) (list []*post) {
	for _, v := range f.posts {
		if v.Root == p.Root {
			list = append(list, v)
		}
	}
	return list
}

func (f *Fake) newest(p *post) bool {
	list := f.versions(p)
	return list[len(list)-1] == p
}

func (f *Fake) create(c *call) (int, any, *refusal) {
	d := draft{Text: text(c.body, "text"), ReplyTo: text(object(c.body, "reply"), "in_reply_to_tweet_id"), Previous: text(object(c.body, "edit_options"), "previous_post_id"),
		Media: list(object(c.body, "media"), "media_ids"), Tagged: list(object(c.body, "media"), "tagged_user_ids"), Options: list(object(c.body, "poll"), "options")}
	d.Minutes, d.Poll = 0, c.body["poll"] != nil
	if m, ok := object(c.body, "poll")["duration_minutes"].(float64); ok {
		d.Minutes = m
	}
	if refused := f.valid(c.me, d); refused != nil {
		return 0, nil, refused
	}
	p := f.write(c.me, d, c.body)
	return http.StatusCreated, map[string]any{"data": map[string]any{"id": p.ID, "text": d.Text, "edit_history_post_ids": []string{p.ID}}}, nil
}

// valid checks what X checks.
func (f *Fake) valid(who *person, d draft) *refusal {
	limit := count.XLimit
	if f.o.Subscription != "None" {
		limit = 25000
	}
	bad := func(detail string) *refusal { return no(400, "invalid-request", detail) }
	switch {
	case d.Text == "" && len(d.Media) == 0:
		return bad("text is missing")
	case count.Tweet(d.Text).Weighted > limit:
		return no(403, "", "Your post is too long.")
	case len(count.Cashtags(d.Text)) > 1:
		return no(403, "", "Posts may have one cashtag.")
	case d.Poll && (len(d.Options) < 2 || len(d.Options) > 4 || d.Minutes < 5 || d.Minutes > 10080 || len(d.Media) > 0):
		return bad("The poll is invalid")
	case len(d.Media) > 4 || len(d.Tagged) > 10:
		return bad("too many media or tags")
	}
	if d.ReplyTo != "" {
		parent := f.post(d.ReplyTo)
		if parent == nil {
			return no(403, "", "You attempted to reply to a Tweet that is deleted or not visible to you.")
		}
		if parent.Author != who.ID && !strings.Contains(strings.ToLower(parent.Text), "@"+strings.ToLower(who.Username)) {
			return no(403, "", "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to.")
		}
	}
	if d.Previous != "" {
		before := f.post(d.Previous)
		if f.o.NoEdits || before == nil || !f.newest(before) || before.Author != who.ID || f.o.Now().Sub(before.At) > 30*time.Minute {
			return no(403, "", "You are not permitted to edit this post.")
		}
	}
	for _, p := range f.posts {
		if f.o.RefuseDoubles && p.Author == who.ID && !p.Gone && p.Text == d.Text && d.Text != "" && p.ReplyTo == d.ReplyTo && f.o.Now().Sub(p.At) < time.Hour {
			return no(403, "", "You are not allowed to create a Tweet with duplicate content.")
		}
	}
	for _, id := range d.Media {
		u := f.files[id]
		if u == nil || u.Owner != who.ID || !u.Done || u.Polls > 0 || u.Post != "" && (d.Previous == "" || f.post(d.Previous).Root != u.Post) {
			return bad("Your media IDs are invalid.")
		}
	}
	return nil
}

// write makes a post public and writes it into the ledger.
func (f *Fake) write(who *person, d draft, sent map[string]any) *post {
	p := &post{ID: f.id(), Author: who.ID, Text: d.Text, ReplyTo: d.ReplyTo, Media: d.Media, Poll: d.Poll, At: f.now(), Sent: sent}
	p.Root = p.ID
	f.posts = append(f.posts, p)
	if before := f.post(d.Previous); before != nil {
		p.Root, p.ReplyTo, p.At = before.Root, before.ReplyTo, before.At
		f.Change(p.Root, func(it *networkfake.Item) { it.Text, it.Media, it.Edits = d.Text, len(d.Media), it.Edits+1 })
	} else {
		f.Add(networkfake.Item{ID: p.ID, Account: who.Username, Text: d.Text, ReplyTo: d.ReplyTo, Media: len(d.Media), At: p.At})
	}
	for _, id := range d.Media {
		f.files[id].Post = p.Root
	}
	return p
}

func (f *Fake) remove(c *call) (int, any, *refusal) {
	p := f.post(c.PathValue("id"))
	if p == nil {
		return 0, nil, no(404, "resource-not-found", "Could not find tweet")
	}
	if p.Author != c.me.ID {
		return 0, nil, no(403, "", "You are not authorized to delete this Tweet.")
	}
	f.drop(p.ID)
	return 200, map[string]any{"data": map[string]bool{"deleted": true}}, nil
}

func (f *Fake) hide(c *call) (int, any, *refusal) {
	p := f.post(c.PathValue("id"))
	if p == nil || p.ReplyTo == "" {
		return 0, nil, no(400, "invalid-request", "The Tweet is not a reply to one of yours.")
	}
	hidden, _ := c.body["hidden"].(bool)
	f.pairs["hide "+p.ID] = hidden
	return 200, map[string]any{"data": map[string]bool{"hidden": hidden}}, nil
}

var links = regexp.MustCompile(`https?://[^\s<]+`)

// display is a post as X shows it: links shortened, characters of HTML escaped, files as links at the end.
func (f *Fake) display(p *post, fields string) map[string]any {
	urls, keys := []any{}, []string{}
	words := p.Text
	if parent := f.post(p.ReplyTo); parent != nil && parent.Author != p.Author {
		if at := "@" + f.named(parent.Author).Username; !strings.HasPrefix(words, at) {
			words = at + " " + words
		}
	}
	shown := html.EscapeString(words)
	shown = strings.NewReplacer("&#34;", `"`, "&#39;", "'").Replace(shown)
	shown = links.ReplaceAllStringFunc(shown, func(u string) string {
		short := "https://t.co/" + p.ID[len(p.ID)-6:] + string(rune('a'+len(urls)))
		urls = append(urls, map[string]any{"start": 0, "end": 0, "url": short, "expanded_url": html.UnescapeString(u), "display_url": "short"})
		return short
	})
	for _, id := range p.Media {
		keys = append(keys, f.files[id].Key)
	}
	if len(keys) > 0 {
		short := "https://t.co/m" + p.ID[len(p.ID)-6:]
		urls = append(urls, map[string]any{"start": 0, "end": 0, "url": short, "expanded_url": "https://x.com/media", "media_key": keys[0]})
		shown += " " + short
	}
	var ids []string
	for _, v := range f.versions(p) {
		ids = append(ids, v.ID)
	}
	doc := map[string]any{"id": p.ID, "text": shown, "created_at": p.At.Format("2006-01-02T15:04:05.000Z"), "author_id": p.Author, "conversation_id": f.root(p), "reply_settings": "everyone",
		"edit_history_post_ids": ids, "entities": map[string]any{"urls": urls},
		"edit_controls": map[string]any{"is_edit_eligible": !f.o.NoEdits && !p.Poll, "edits_remaining": 6 - len(ids), "editable_until": p.At.Add(30 * time.Minute).Format(time.RFC3339)}}
	if len([]rune(shown)) > 280 {
		doc["note_post"] = map[string]any{"text": shown, "entities": map[string]any{"urls": urls}}
		doc["text"] = string([]rune(shown)[:270]) + "…"
	}
	attachments := map[string]any{}
	if len(keys) > 0 {
		attachments["media_keys"] = keys
	}
	if p.Poll {
		attachments["poll_ids"] = []string{p.ID}
	}
	doc["attachments"] = attachments
	if parent := f.post(p.ReplyTo); parent != nil {
		doc["in_reply_to_user_id"] = parent.Author
	}
	if p.ReplyTo != "" {
		doc["referenced_posts"] = []any{map[string]string{"type": "replied_to", "id": p.ReplyTo}}
	}
	if strings.Contains(fields, "public_metrics") {
		doc["public_metrics"] = map[string]any{"like_count": p.Likes, "reply_count": 1, "repost_count": 2, "quote_count": 3, "bookmark_count": 4, "impression_count": 5}
	}
	if strings.Contains(fields, "non_public_metrics") {
		doc["non_public_metrics"] = map[string]any{"url_link_clicks": p.Clicks, "user_profile_clicks": 0, "engagements": 9}
	}
	return doc
}

func (f *Fake) root(p *post) string {
	for p.ReplyTo != "" {
		parent := f.post(p.ReplyTo)
		if parent == nil {
			break
		}
		p = parent
	}
	return p.Root
}

func (f *Fake) includes(list []*post) map[string]any {
	users, media, others := []any{}, []any{}, []any{}
	seen := map[string]bool{}
	for _, p := range list {
		if who := f.named(p.Author); !seen[who.ID] {
			seen[who.ID] = true
			users = append(users, f.show(who))
		}
		for _, id := range p.Media {
			media = append(media, map[string]any{"media_key": f.files[id].Key, "type": "photo", "url": "https://pbs.example/" + id + ".png", "alt_text": f.files[id].Alt, "public_metrics": map[string]any{"view_count": 6}})
		}
		for _, v := range f.versions(p) {
			others = append(others, f.display(v, ""))
		}
	}
	return map[string]any{"users": users, "media": media, "posts": others}
}

func (f *Fake) read(c *call) (int, any, *refusal) {
	p := f.post(c.PathValue("id"))
	if p == nil {
		return 200, map[string]any{"errors": []any{notFound(c.PathValue("id"), "tweet")}}, nil
	}
	return 200, map[string]any{"data": f.display(p, c.URL.Query().Get("post.fields")), "includes": f.includes([]*post{p})}, nil
}

// old is how long X delivers clicks.
const old = 30 * 24 * time.Hour

func (f *Fake) several(c *call) (int, any, *refusal) {
	fields := c.URL.Query().Get("post.fields")
	var found []*post
	data, problems := []any{}, []any{}
	for id := range strings.SplitSeq(c.URL.Query().Get("ids"), ",") {
		p := f.post(id)
		switch {
		case p == nil:
			problems = append(problems, notFound(id, "tweet"))
		case strings.Contains(fields, "non_public_metrics") && f.o.Now().Sub(p.At) > old:
			problems = append(problems, map[string]any{"type": "https://api.x.com/2/problems/not-authorized-for-field", "title": "Field Authorization Error", "resource_id": id,
				"detail": "Sorry, you are not authorized to access 'non_public_metrics.impression_count' on the Tweet."})
		default:
			found, data = append(found, p), append(data, f.display(p, fields))
		}
	}
	doc := map[string]any{"includes": f.includes(found)}
	if len(data) > 0 {
		doc["data"] = data
	}
	if len(problems) > 0 {
		doc["errors"] = problems
	}
	return 200, doc, nil
}

// live are the posts there are, in their newest versions, newest first.
func (f *Fake) live(which func(*post) bool) (list []*post) {
	for _, p := range slices.Backward(f.posts) {
		if !p.Gone && f.newest(p) && which(p) {
			list = append(list, p)
		}
	}
	return list
}

func (f *Fake) timeline(c *call) (int, any, *refusal) {
	return f.list(c, f.live(func(p *post) bool { return p.Author == c.PathValue("id") }))
}

func (f *Fake) mentions(c *call) (int, any, *refusal) {
	me := f.named(c.PathValue("id"))
	return f.list(c, f.live(func(p *post) bool {
		return p.Author != me.ID && strings.Contains(strings.ToLower(p.Text), "@"+me.Username)
	}))
}
