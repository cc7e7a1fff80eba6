package linkedinfake

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

const marks = `\|{}@[]()<>#*_~`

var (
	aMention = regexp.MustCompile(`^@\[((?:[^\[\]\\]|\\.)+)\]\(urn:li:(?:organization|person):[A-Za-z0-9_-]+\)`)
	aTag     = regexp.MustCompile(`^\{hashtag\|\\#\|((?:[^{}|\\]|\\.)+)\}`)
)

// Show reads a text in LinkedIn's notation as LinkedIn does: it ends at the first mark that stands alone.
func Show(s string) string {
	var b strings.Builder
	for s != "" {
		switch m, t := aMention.FindStringSubmatch(s), aTag.FindStringSubmatch(s); {
		case m != nil:
			b.WriteString(Show(m[1]))
			s = s[len(m[0]):]
		case t != nil:
			b.WriteString("#" + Show(t[1]))
			s = s[len(t[0]):]
		case s[0] == '\\' && len(s) > 1 && strings.IndexByte(marks, s[1]) >= 0:
			b.WriteByte(s[1])
			s = s[2:]
		case strings.IndexByte(marks, s[0]) >= 0:
			return b.String()
		default:
			b.WriteByte(s[0])
			s = s[1:]
		}
	}
	return b.String()
}

// post finds a post that is still there.
func (f *Fake) post(urn string) *post {
	for _, p := range f.posts {
		if p.URN == urn && !p.Gone {
			return p
		}
	}
	return nil
}

// below finds a post by either of its names.
func (f *Fake) below(urn string) *post {
	for _, p := range f.posts {
		if (p.URN == urn || p.Activity == urn) && !p.Gone {
			return p
		}
	}
	return nil
}

func (f *Fake) comment(urn string) *comment {
	for _, c := range f.comments {
		if c.urn() == urn && !c.Gone {
			return c
		}
	}
	return nil
}

// fields of a post and of its content that exist.
var fields = map[string][]string{
	"":                {"author", "commentary", "visibility", "distribution", "content", "lifecycleState", "isReshareDisabledByAuthor", "reshareContext"},
	"distribution":    {"feedDistribution", "targetEntities", "thirdPartyDistributionChannels"},
	"content":         {"media", "multiImage", "article", "poll"},
	"content.media":   {"id", "title", "altText"},
	"content.article": {"source", "title", "description", "thumbnail"},
	"content.poll":    {"question", "options", "settings"},
	"reshareContext":  {"parent"},
}

func (f *Fake) unknownFields(path string, m map[string]any) {
	allowed, known := fields[path]
	for k, v := range m {
		if known && !slices.Contains(allowed, k) {
			f.faulty = append(f.faulty, "POST /rest/posts: no field "+path+"."+k)
		}
		if child, ok := v.(map[string]any); ok {
			f.unknownFields(strings.TrimPrefix(path+"."+k, "."), child)
		}
	}
}

func (f *Fake) create(c *call) (answer, *refusal) {
	f.unknownFields("", c.body)
	if refused := f.valid(c.body); refused != nil {
		return answer{}, refused
	}
	p := f.publish(text(c.body, "author"), text(c.body, "commentary"), c.body)
	return answer{status: http.StatusCreated, id: p.URN}, nil
}

// valid checks what LinkedIn checks.
func (f *Fake) valid(b map[string]any) *refusal {
	bad := func(field, what string) *refusal {
		return no(422, "INVALID_CONTENT", fmt.Sprintf("ERROR :: /%s :: %s", field, what))
	}
	author, content := text(b, "author"), object(b, "content")
	visible := text(b, "visibility")
	switch {
	case Account(author) == "":
		return no(403, "ACCESS_DENIED", "Organization permissions must be used when using organization as author")
	case visible != "PUBLIC" && (author != Member || visible != "CONNECTIONS" && visible != "LOGGED_IN"):
		return bad("visibility", "not allowed")
	case text(b, "lifecycleState") != "PUBLISHED" || text(object(b, "distribution"), "feedDistribution") != "MAIN_FEED":
		return bad("lifecycleState", "missing")
	case len(utf16.Encode([]rune(Show(text(b, "commentary"))))) > 3000:
		return bad("commentary", "exceeds the maximum length")
	case len(content) > 1 || len(content) > 0 && b["reshareContext"] != nil:
		return bad("content", "union has more than one member")
	}
	var files []string
	if m := object(content, "media"); m != nil {
		files = append(files, text(m, "id"))
		if kind := strings.Split(text(m, "id"), ":"); len(kind) > 2 && kind[2] == "document" && text(m, "title") == "" {
			return bad("content/media/title", "missing")
		}
	}
	if m := object(content, "multiImage"); m != nil {
		images, _ := m["images"].([]any)
		for _, i := range images {
			one, _ := i.(map[string]any)
			files = append(files, text(one, "id"))
		}
		if len(images) < 2 || len(images) > 20 {
			return bad("content/multiImage/images", "must have 2 to 20")
		}
	}
	if a := object(content, "article"); a != nil {
		if text(a, "source") == "" || text(a, "title") == "" {
			return bad("content/article", "missing title")
		}
		if t := text(a, "thumbnail"); t != "" {
			files = append(files, t)
		}
	}
	if p := object(content, "poll"); p != nil {
		options, _ := p["options"].([]any)
		if n := len(options); n < 2 || n > 4 || text(p, "question") == "" || len([]rune(text(p, "question"))) > 140 || !strings.HasSuffix(text(object(p, "settings"), "duration"), "DAYS") && text(object(p, "settings"), "duration") != "ONE_DAY" {
			return bad("content/poll", "invalid")
		}
	}
	for _, id := range files {
		switch u := f.files[id]; {
		case u == nil || u.Owner != author:
			return bad("content", "the asset is not the author's")
		case !u.Whole:
			return no(400, "MEDIA_ASSET_WAITING_UPLOAD", "Media asset is waiting for upload")
		case u.Polls > 0:
			return no(400, "MEDIA_ASSET_PROCESSING", "Media asset is not yet available")
		}
	}
	if parent := text(object(b, "reshareContext"), "parent"); parent != "" && f.post(parent) == nil {
		return no(404, "", "Could not find the post to reshare")
	}
	if f.o.RefuseDoubles {
		for _, p := range f.posts {
			if p.Author == author && !p.Gone && p.Commentary == text(b, "commentary") && f.o.Now().Sub(p.At) < time.Hour {
				return no(422, "DUPLICATE_POST", "Content is a duplicate of "+p.URN)
			}
		}
	}
	return nil
}

// publish makes a post public and writes it into the ledger.
func (f *Fake) publish(author, commentary string, sent map[string]any) *post {
	p := &post{URN: "urn:li:share:" + f.id(), Author: author, Commentary: commentary, At: f.o.Now(), Sent: sent}
	p.Activity = "urn:li:activity:" + f.id()
	f.posts = append(f.posts, p)
	f.numbers[p.URN] = map[string]any{"impressionCount": 0, "uniqueImpressionsCount": 0, "clickCount": 0, "likeCount": 0, "commentCount": 0, "shareCount": 0, "engagement": 0}
	media, content := 0, object(sent, "content")
	if images, ok := object(content, "multiImage")["images"].([]any); ok {
		media = len(images)
	} else if content["media"] != nil {
		media = 1
	}
	f.Add(networkfake.Item{ID: p.URN, Account: Account(author), Text: Show(commentary), Visibility: text(sent, "visibility"), Media: media, At: p.At})
	return p
}

func (f *Fake) display(p *post) map[string]any {
	doc := map[string]any{"id": p.URN, "author": p.Author, "commentary": p.Commentary, "visibility": "PUBLIC", "lifecycleState": "PUBLISHED",
		"createdAt": p.At.UnixMilli(), "publishedAt": p.At.UnixMilli(), "lastModifiedAt": p.At.UnixMilli()}
	for _, k := range []string{"content", "visibility", "reshareContext"} {
		if v := p.Sent[k]; v != nil {
			doc[k] = v
		}
	}
	return doc
}

func denied(what string) *refusal {
	return no(403, "ACCESS_DENIED", "Not enough permissions to access: "+what)
}

func (f *Fake) byAuthor(c *call) (answer, *refusal) {
	q := c.URL.Query()
	if q.Get("q") != "author" || q.Get("author") == Member || Account(q.Get("author")) == "" {
		return answer{}, denied("partnerApiPostsExternal.FINDER-author.20260701")
	}
	var list []map[string]any
	for _, p := range slices.Backward(f.posts) {
		if p.Author == q.Get("author") && !p.Gone {
			list = append(list, f.display(p))
		}
	}
	return elements(slice(c, list)), nil
}

func (f *Fake) read(c *call) (answer, *refusal) {
	p := f.post(c.urn)
	if p == nil {
		return answer{}, no(404, "", "Could not find entity")
	}
	if p.Author == Member {
		return answer{}, denied("partnerApiPostsExternal.GET.20260701")
	}
	return answer{doc: f.display(p)}, nil
}

func (f *Fake) edit(c *call) (answer, *refusal) {
	p := f.post(c.urn)
	if p == nil {
		return answer{}, no(404, "", "Could not find entity")
	}
	p.Commentary = text(object(object(c.body, "patch"), "$set"), "commentary")
	f.Change(p.URN, func(it *networkfake.Item) { it.Text, it.Edits = Show(p.Commentary), it.Edits+1 })
	return answer{status: http.StatusNoContent}, nil
}

func (f *Fake) remove(c *call) (answer, *refusal) {
	f.drop(c.urn) // what is gone already is 204 as well
	return answer{status: http.StatusNoContent}, nil
}

// write makes a comment public, tells the organisation and writes it into the ledger.
func (f *Fake) write(p *post, who, words, parent string) *comment {
	c := &comment{ID: f.id(), Object: p.Activity, Actor: who, Text: words, Parent: parent, At: f.o.Now()}
	f.comments = append(f.comments, c)
	on := parent
	if on == "" {
		on = p.URN
	}
	f.Add(networkfake.Item{ID: c.urn(), Account: Account(who), Text: words, ReplyTo: on, At: c.At})
	if strings.HasPrefix(p.Author, "urn:li:organization:") && who != p.Author {
		f.tell("COMMENT", p.Author, p.Activity, p.URN, strings.Replace(c.urn(), "(urn:li:activity:", "(activity:", 1),
			map[string]any{"comment": map[string]any{"entity": c.urn(), "owner": who, "object": p.Activity, "text": words}})
	}
	return c
}

func (f *Fake) reply(c *call) (answer, *refusal) {
	actor, parent := text(c.body, "actor"), text(c.body, "parentComment")
	p, words := f.below(text(c.body, "object")), text(object(c.body, "message"), "text")
	above := f.comment(parent)
	switch {
	case Account(actor) == "":
		return answer{}, denied("socialActions/comments.CREATE")
	case p == nil || parent != "" && above == nil:
		return answer{}, no(404, "", "Could not find the item to comment")
	case parent == "" && c.urn != p.URN && c.urn != p.Activity, parent != "" && c.urn != parent, above != nil && above.Parent != "":
		return answer{}, no(400, "", "the item and the path do not belong together, or the parent is no comment of the first level")
	case f.closed[p.URN]:
		return answer{}, no(403, "COMMENTS_DISABLED", "Comments are closed")
	case words == "" || len([]rune(words)) > 1250:
		return answer{}, no(400, "", "the text is missing or too long")
	}
	made := f.write(p, actor, words, parent)
	return answer{status: http.StatusCreated, id: made.ID, doc: made.show()}, nil
}

func (c *comment) show() map[string]any {
	doc := map[string]any{"id": c.ID, "commentUrn": c.urn(), "actor": c.Actor, "object": c.Object, "created": map[string]any{"actor": c.Actor, "time": c.At.UnixMilli()}, "message": map[string]any{"text": c.Text, "attributes": []any{}}}
	if c.Parent != "" {
		doc["parentComment"] = c.Parent
	}
	return doc
}

func (f *Fake) replies(c *call) (answer, *refusal) {
	var list []map[string]any
	for _, r := range slices.Backward(f.comments) {
		first := f.below(c.urn)
		if r.Gone || r.Parent != c.urn && (first == nil || r.Object != first.Activity || r.Parent != "") {
			continue
		}
		list = append(list, r.show())
	}
	return elements(slice(c, list)), nil
}

func (f *Fake) oneReply(c *call) (answer, *refusal) {
	r := f.comment("urn:li:comment:(" + c.urn + "," + c.PathValue("id") + ")")
	if r == nil {
		return answer{}, no(404, "", "Could not find entity")
	}
	return answer{doc: r.show()}, nil
}

func (f *Fake) removeReply(c *call) (answer, *refusal) {
	r := f.comment("urn:li:comment:(" + c.urn + "," + c.PathValue("id") + ")")
	if r == nil {
		return answer{}, no(404, "", "Could not find entity")
	}
	if p := f.below(r.Object); r.Actor != c.URL.Query().Get("actor") && (p == nil || p.Author != c.URL.Query().Get("actor")) {
		return answer{}, denied("socialActions/comments.DELETE")
	}
	f.drop(r.urn())
	return answer{status: http.StatusNoContent}, nil
}

func (f *Fake) closeComments(c *call) (answer, *refusal) {
	if f.post(c.urn) == nil {
		return answer{}, no(404, "", "Could not find entity")
	}
	f.closed[c.urn] = text(object(object(c.body, "patch"), "$set"), "commentsState") == "CLOSED" && c.Header.Get("X-Restli-Method") == "PARTIAL_UPDATE"
	return answer{doc: map[string]any{}}, nil
}

func (f *Fake) like(c *call) (answer, *refusal) {
	key := c.URL.Query().Get("actor") + " " + text(c.body, "root")
	if f.liked[key] {
		return answer{}, no(409, "", "Reaction already exists")
	}
	f.liked[key] = text(c.body, "reactionType") == "LIKE"
	return answer{status: http.StatusCreated, doc: map[string]any{}}, nil
}

func (f *Fake) unlike(c *call) (answer, *refusal) {
	actor, entity, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(c.PathValue("key"), "(actor:"), ")"), ",entity:")
	if !ok || !f.liked[actor+" "+entity] {
		return answer{}, no(404, "", "Could not find entity")
	}
	delete(f.liked, actor+" "+entity)
	return answer{status: http.StatusNoContent}, nil
}
