package mastodonfake

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/text"
)

type upload struct {
	ID, Owner, Description, Type string
	Polls                        int // how often it is still processing
	Attached                     bool
}

// draft is what a client asks for.
type draft struct {
	Text, Spoiler, ReplyTo, Visibility, Language string
	Sensitive                                    bool
	Media                                        []string
	Options                                      []string
	Expires                                      float64
}

type status struct {
	draft
	ID, Account, App   string
	At                 time.Time
	Favourites, Boosts map[string]bool
	Gone               bool
}

func (f *Fake) status(id string) *status {
	for _, s := range f.statuses {
		if s.ID == id && !s.Gone {
			return s
		}
	}
	return nil
}

func (f *Fake) drop(id string) {
	if s := f.status(id); s != nil {
		s.Gone = true
		f.Change(id, func(it *networkfake.Item) { it.Deleted = true })
	}
}

// maySee reports whether somebody may see a status: their own, public ones, and those that mention them. Followers
// are not played.
func (f *Fake) maySee(s *status, who *person) bool {
	return s.Account == who.ID || s.Visibility == "public" || s.Visibility == "unlisted" || slices.Contains(f.mentioned(s.Text), who.ID)
}

func (f *Fake) upload(c *call) (answer, *refusal) {
	kind := http.DetectContentType(c.file)
	if len(c.file) == 0 || !strings.HasPrefix(kind, "image/") && !strings.HasPrefix(kind, "video/") {
		return answer{}, no(422, "Validation failed: File content type is not supported")
	}
	if len([]rune(c.text("description"))) > 1500 {
		return answer{}, no(422, "Validation failed: Description is too long (maximum is 1500 characters)")
	}
	u := &upload{ID: f.id(), Owner: c.me.ID, Description: c.text("description"), Type: strings.Split(kind, "/")[0], Polls: f.o.AsyncMedia}
	f.files[u.ID] = u
	if u.Polls > 0 {
		return answer{status: 202, doc: f.showFile(u)}, nil
	}
	return answer{doc: f.showFile(u)}, nil
}

func (f *Fake) media(c *call) (answer, *refusal) {
	u := f.files[c.PathValue("id")]
	if u == nil || u.Owner != c.me.ID {
		return answer{}, no(404, "Record not found")
	}
	if u.Polls > 0 {
		a := answer{status: 206, doc: f.showFile(u)}
		u.Polls--
		return a, nil
	}
	return answer{doc: f.showFile(u)}, nil
}

func (f *Fake) showFile(u *upload) map[string]any {
	doc := map[string]any{"id": u.ID, "type": u.Type, "url": f.URL + "/media/" + u.ID, "preview_url": nil, "remote_url": nil, "description": u.Description, "meta": nil}
	if u.Polls > 0 {
		doc["url"] = nil
	}
	return doc
}

func (c *call) draft() draft {
	d := draft{Text: c.text("status"), Spoiler: c.text("spoiler_text"), ReplyTo: c.text("in_reply_to_id"), Visibility: c.text("visibility"), Language: c.text("language"), Media: c.list("media_ids")}
	d.Sensitive, _ = c.body["sensitive"].(bool)
	if p, ok := c.body["poll"].(map[string]any); ok {
		d.Expires, _ = p["expires_in"].(float64)
		d.Options = (&call{body: p}).list("options")
	}
	if d.Visibility == "" {
		d.Visibility = "private" // this account's own default: whoever forgets to say is noticed
	}
	return d
}

func (f *Fake) create(c *call) (answer, *refusal) {
	key := c.Header.Get("Idempotency-Key")
	if key != "" && !f.o.IgnoreKey {
		if before, ok := f.keys[c.me.ID+" "+key]; ok && f.o.Now().Sub(before.at) < time.Hour {
			if st := f.status(before.status); st != nil {
				return answer{doc: f.showStatus(st, c.me)}, nil
			}
		}
	}
	st, refused := f.write(c.me, c.draft(), key)
	if refused != nil {
		return answer{}, refused
	}
	f.keys[c.me.ID+" "+key] = sent{st.ID, f.o.Now()}
	return answer{doc: f.showStatus(st, c.me)}, nil
}

// write makes a status public, tells whom it mentions, and writes it into the ledger.
func (f *Fake) write(who *person, d draft, key string) (*status, *refusal) {
	if refused := f.valid(who, d, ""); refused != nil {
		return nil, refused
	}
	s := &status{draft: d, ID: f.id(), Account: who.ID, At: f.o.Now().UTC().Truncate(time.Millisecond), Favourites: map[string]bool{}, Boosts: map[string]bool{}}
	if key != "" {
		s.App = "Bellwether"
	}
	f.statuses = append(f.statuses, s)
	for _, id := range d.Media {
		f.files[id].Attached = true
	}
	f.Add(networkfake.Item{ID: s.ID, Account: who.Username, Text: d.Text, ReplyTo: d.ReplyTo, Visibility: d.Visibility, Media: len(d.Media), Key: key, At: s.At})
	for _, id := range f.mentioned(d.Text) {
		if id != who.ID {
			f.note(id, "mention", who.ID, s.ID)
		}
	}
	return s, nil
}

// valid checks what the documentation says is checked. own is the status being changed, whose files are its own.
func (f *Fake) valid(who *person, d draft, own string) *refusal {
	if d.Text == "" && len(d.Media) == 0 {
		return no(422, "Validation failed: Text can't be blank")
	}
	if text.MastodonLength(d.Text, d.Spoiler, 23) > f.o.Characters {
		return no(422, fmt.Sprintf("Validation failed: Text character limit of %d exceeded", f.o.Characters))
	}
	if !slices.Contains([]string{"public", "unlisted", "private", "direct"}, d.Visibility) {
		return no(422, "Validation failed: Visibility is not included in the list")
	}
	if d.ReplyTo != "" && f.status(d.ReplyTo) == nil {
		return no(404, "Record not found")
	}
	if len(d.Media) > 4 || len(d.Media) > 0 && d.Options != nil {
		return no(422, "Validation failed: too many files, or files with a poll")
	}
	for _, id := range d.Media {
		switch u := f.files[id]; {
		case u == nil || u.Owner != who.ID || u.Attached && own == "":
			return no(422, "Validation failed: Media not found or attached already")
		case u.Polls > 0:
			return no(422, "Cannot attach files that have not finished processing. Try again in a moment!")
		}
	}
	if d.Options != nil && (len(d.Options) < 2 || len(d.Options) > 4 || d.Expires < 300 || d.Expires > 2629746) {
		return no(422, "Validation failed: Poll is invalid")
	}
	return nil
}

func (f *Fake) showStatus(s *status, reader *person) map[string]any {
	files := []any{}
	for _, id := range s.Media {
		files = append(files, f.showFile(f.files[id]))
	}
	replies := 0
	for _, other := range f.statuses {
		if other.ReplyTo == s.ID && !other.Gone {
			replies++
		}
	}
	at := f.URL + "/@" + f.people[s.Account].Username + "/" + s.ID
	doc := map[string]any{"id": s.ID, "uri": at, "url": at, "created_at": s.At.Format("2006-01-02T15:04:05.000Z"), "account": f.show(f.people[s.Account]), "content": render(s.Text),
		"visibility": s.Visibility, "sensitive": s.Sensitive, "spoiler_text": s.Spoiler, "language": s.Language, "media_attachments": files, "mentions": []any{}, "tags": []any{}, "emojis": []any{},
		"in_reply_to_id": nil, "in_reply_to_account_id": nil, "reblog": nil, "poll": nil, "card": nil, "edited_at": nil,
		"replies_count": replies, "reblogs_count": len(s.Boosts), "favourites_count": len(s.Favourites)}
	if parent := f.status(s.ReplyTo); parent != nil {
		doc["in_reply_to_id"], doc["in_reply_to_account_id"] = parent.ID, parent.Account
	}
	if s.Options != nil {
		options := []any{}
		for _, o := range s.Options {
			options = append(options, map[string]any{"title": o, "votes_count": 0})
		}
		doc["poll"] = map[string]any{"id": s.ID, "options": options, "expired": false, "multiple": false, "votes_count": 0}
	}
	if s.App != "" && reader != nil && reader.ID == s.Account {
		doc["application"] = map[string]any{"name": s.App, "website": nil}
	}
	return doc
}

var (
	links = regexp.MustCompile(`https?://[^\s<]+`)
	names = regexp.MustCompile(`@(\w+)(@[\w.-]+)?`)
)

// render makes HTML as Mastodon does: long links in three pieces, mentions without their server.
func render(s string) string {
	s = html.EscapeString(s)
	s = links.ReplaceAllStringFunc(s, func(u string) string {
		scheme, rest, _ := strings.Cut(u, "://")
		cut := min(30, len(rest))
		return `<a href="` + u + `" rel="nofollow"><span class="invisible">` + scheme + `://</span><span class="ellipsis">` + rest[:cut] + `</span><span class="invisible">` + rest[cut:] + `</span></a>`
	})
	s = names.ReplaceAllString(s, `<span class="h-card"><a href="#" class="u-url mention">@<span>$1</span></a></span>`)
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\n\n", "</p><p>"), "\n", "<br />")
	return "<p>" + s + "</p>"
}

func (f *Fake) mentioned(words string) (ids []string) {
	for _, m := range names.FindAllStringSubmatch(words, -1) {
		if p := f.named(m[1]); p != nil && !slices.Contains(ids, p.ID) {
			ids = append(ids, p.ID)
		}
	}
	return ids
}
