package mastodonfake

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

type note struct {
	ID, To, Type, From, Status string
	At                         time.Time
}

func (f *Fake) note(to, kind, from, statusID string) {
	n := note{ID: f.id(), To: to, Type: kind, From: from, Status: statusID, At: f.o.Now().UTC()}
	if f.slow != nil {
		*f.slow = append(*f.slow, n)
		return
	}
	f.notes = append(f.notes, n)
}

func (f *Fake) visible(c *call) (*status, *refusal) {
	s := f.status(c.PathValue("id"))
	if s == nil || !f.maySee(s, c.me) {
		return nil, no(404, "Record not found")
	}
	return s, nil
}

func (f *Fake) read(c *call) (answer, *refusal) {
	s, refused := f.visible(c)
	if refused != nil {
		return answer{}, refused
	}
	return answer{doc: f.showStatus(s, c.me)}, nil
}

func (f *Fake) several(c *call) (answer, *refusal) {
	if f.o.Old || f.o.Software != "mastodon" {
		return answer{}, no(404, "Not Found")
	}
	docs := []any{}
	for _, id := range c.URL.Query()["id[]"] {
		if s := f.status(id); s != nil && f.maySee(s, c.me) {
			docs = append(docs, f.showStatus(s, c.me))
		}
	}
	return answer{doc: docs}, nil
}

func (f *Fake) edit(c *call) (answer, *refusal) {
	s, refused := f.visible(c)
	if refused == nil && s.Account != c.me.ID {
		refused = no(404, "Record not found")
	}
	if refused != nil {
		return answer{}, refused
	}
	d := c.draft()
	d.Visibility, d.ReplyTo = s.Visibility, s.ReplyTo
	if refused := f.valid(c.me, d, s.ID); refused != nil {
		return answer{}, refused
	}
	attributes, _ := c.body["media_attributes"].([]any)
	for _, a := range attributes {
		if m, ok := a.(map[string]any); ok {
			if u := f.files[fmt.Sprint(m["id"])]; u != nil {
				u.Description, _ = m["description"].(string)
			}
		}
	}
	for _, id := range d.Media {
		f.files[id].Attached = true
	}
	s.draft = d
	f.Change(s.ID, func(it *networkfake.Item) { it.Text, it.Media, it.Edits = d.Text, len(d.Media), it.Edits+1 })
	return answer{doc: f.showStatus(s, c.me)}, nil
}

func (f *Fake) remove(c *call) (answer, *refusal) {
	s := f.status(c.PathValue("id"))
	if s == nil || s.Account != c.me.ID {
		return answer{}, no(404, "Record not found")
	}
	doc := f.showStatus(s, c.me)
	doc["text"] = s.Text
	f.drop(s.ID)
	return answer{doc: doc}, nil
}

// partOf answers a status's source and the thread around it.
func (f *Fake) partOf(c *call) (answer, *refusal) {
	s, refused := f.visible(c)
	if refused != nil {
		return answer{}, refused
	}
	switch c.PathValue("part") {
	case "source":
		if s.Account != c.me.ID {
			return answer{}, no(404, "Record not found")
		}
		return answer{doc: map[string]any{"id": s.ID, "text": s.Text, "spoiler_text": s.Spoiler}}, nil
	case "context":
		above, below := []any{}, []any{}
		for p := f.status(s.ReplyTo); p != nil; p = f.status(p.ReplyTo) {
			above = append([]any{f.showStatus(p, c.me)}, above...)
		}
		for _, other := range f.statuses {
			if other.ReplyTo == s.ID && !other.Gone && f.maySee(other, c.me) {
				below = append(below, f.showStatus(other, c.me))
			}
		}
		return answer{doc: map[string]any{"ancestors": above, "descendants": below}}, nil
	}
	return answer{}, no(404, "Not Found")
}

func (f *Fake) actOnStatus(c *call) (answer, *refusal) {
	s, refused := f.visible(c)
	if refused != nil {
		return answer{}, refused
	}
	switch c.PathValue("act") {
	case "favourite":
		s.Favourites[c.me.ID] = true
	case "unfavourite":
		delete(s.Favourites, c.me.ID)
	case "reblog":
		s.Boosts[c.me.ID] = true
	default:
		return answer{}, no(404, "Not Found")
	}
	return answer{doc: f.showStatus(s, c.me)}, nil
}

func (f *Fake) listStatuses(c *call) (answer, *refusal) {
	if f.people[c.PathValue("id")] == nil {
		return answer{}, no(404, "Record not found")
	}
	var list []*status
	for _, s := range f.statuses {
		if s.Account == c.PathValue("id") && !s.Gone && f.maySee(s, c.me) {
			list = append(list, s)
		}
	}
	some, link := window(list, func(s *status) string { return s.ID }, c.URL, 20, 40)
	docs := []any{}
	for _, s := range some {
		docs = append(docs, f.showStatus(s, c.me))
	}
	return answer{doc: docs, link: link}, nil
}

func (f *Fake) notifications(c *call) (answer, *refusal) {
	var list []note
	for _, n := range f.notes {
		if n.To == c.me.ID && (n.Status == "" || f.status(n.Status) != nil) {
			list = append(list, n)
		}
	}
	some, link := window(list, func(n note) string { return n.ID }, c.URL, 40, 80)
	docs := []any{}
	for _, n := range some {
		doc := map[string]any{"id": n.ID, "type": n.Type, "created_at": n.At.Format(time.RFC3339Nano), "account": f.show(f.people[n.From]), "group_key": "ungrouped-" + n.ID}
		if s := f.status(n.Status); s != nil {
			doc["status"] = f.showStatus(s, c.me)
		}
		docs = append(docs, doc)
	}
	return answer{doc: docs, link: link}, nil
}

// window is paging as Mastodon does it: newest first; max_id and since_id bound the newest page, min_id gives the page
// that follows it.
func window[T any](list []T, id func(T) string, at *url.URL, usual, most int) ([]T, string) {
	q := at.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit < 1 {
		limit = usual
	}
	limit = min(limit, most)
	order := func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }
	if len(list) > 0 && strings.HasPrefix(id(list[0]), "01FAKE") {
		order = cmp.Compare[string]
	}
	slices.SortFunc(list, func(a, b T) int { return order(id(a), id(b)) })
	var fits []T
	for _, v := range list {
		if m := q.Get("max_id"); m != "" && order(id(v), m) >= 0 {
			continue
		}
		if above := cmp.Or(q.Get("min_id"), q.Get("since_id")); above != "" && order(id(v), above) <= 0 {
			continue
		}
		fits = append(fits, v)
	}
	if n := len(fits) - limit; n > 0 && q.Get("min_id") != "" {
		fits = fits[:limit]
	} else if n > 0 {
		fits = fits[n:]
	}
	slices.Reverse(fits)
	if len(fits) == 0 {
		return fits, ""
	}
	here := "http://fake.invalid" + at.Path
	return fits, fmt.Sprintf(`<%s?max_id=%s>; rel="next", <%s?min_id=%s>; rel="prev"`, here, id(fits[len(fits)-1]), here, id(fits[0]))
}
