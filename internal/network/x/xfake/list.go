package xfake

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// most is how many items a page has at most, fewer than X's 100 so that tests turn pages.
const most = 30

// list answers one page of posts, which are newest first.
func (f *Fake) list(c *call, all []*post) (int, any, *refusal) {
	q := c.URL.Query()
	n, err := strconv.Atoi(cmp.Or(q.Get("max_results"), "10"))
	if err != nil || n < 5 || n > 100 {
		return 0, nil, no(400, "invalid-request", "The `max_results` query parameter value is not between 5 and 100.")
	}
	if from := q.Get("start_time"); from != "" {
		at, err := time.Parse(time.RFC3339, from)
		if err != nil || at.After(f.o.Now()) {
			return 0, nil, no(400, "invalid-request", "Invalid 'start_time'.")
		}
		all = slices.DeleteFunc(all, func(p *post) bool { return p.At.Before(at) })
	}
	bound := func(name string, keep func(order int) bool) {
		if id := q.Get(name); id != "" {
			all = slices.DeleteFunc(all, func(p *post) bool { return !keep(order(p.ID, id)) })
		}
	}
	bound("since_id", func(o int) bool { return o > 0 })
	bound("until_id", func(o int) bool { return o < 0 })
	skip, _ := strconv.Atoi(q.Get("pagination_token"))
	all = all[min(skip, len(all)):]
	meta := map[string]any{}
	if n = min(n, most); len(all) > n {
		all = all[:n]
		meta["next_token"] = strconv.Itoa(skip + n)
	}
	meta["result_count"] = len(all)
	doc := map[string]any{"meta": meta}
	var data []any
	for _, p := range all {
		data = append(data, f.display(p, q.Get("post.fields")))
	}
	if len(data) > 0 {
		doc["data"], doc["includes"] = data, f.includes(all)
	}
	return 200, doc, nil
}

func order(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

func (f *Fake) directs(c *call) (int, any, *refusal) { return f.talk(c, "") }

func (f *Fake) conversation(c *call) (int, any, *refusal) { return f.talk(c, c.PathValue("whom")) }

func (f *Fake) talk(c *call, with string) (int, any, *refusal) {
	q := c.URL.Query()
	n, _ := strconv.Atoi(cmp.Or(q.Get("max_results"), "100"))
	skip, _ := strconv.Atoi(q.Get("pagination_token"))
	doc, meta, data, users := map[string]any{}, map[string]any{}, []any{}, []any{}
	i := 0
	for _, m := range slices.Backward(f.messages) {
		mine := m.From == c.me.ID || m.To == c.me.ID
		if !mine || with != "" && m.From != with && m.To != with {
			continue
		}
		if i++; i <= skip {
			continue
		}
		if len(data) == n {
			meta["next_token"] = "0000000000000000" + strconv.Itoa(skip+n)
			break
		}
		data = append(data, m.show())
		users = append(users, f.show(f.named(m.From)))
	}
	meta["result_count"] = len(data)
	doc["meta"] = meta
	if len(data) > 0 {
		doc["data"], doc["includes"] = data, map[string]any{"users": users}
	}
	return 200, doc, nil
}

func (f *Fake) message(c *call) (int, any, *refusal) {
	to := f.named(c.PathValue("whom"))
	if to == nil {
		return 0, nil, no(404, "resource-not-found", "Could not find the participant")
	}
	m := &message{ID: f.id(), From: c.me.ID, To: to.ID, Text: text(c.body, "text"), At: f.now()}
	f.messages = append(f.messages, m)
	media := 0
	if files, ok := c.body["attachments"].([]any); ok {
		media = len(files)
	}
	f.Add(networkfake.Item{ID: m.ID, Account: c.me.Username, Text: m.Text, Visibility: "direct", Media: media, At: m.At})
	return http.StatusCreated, map[string]any{"data": map[string]any{"dm_conversation_id": m.conversation(), "dm_event_id": m.ID}}, nil
}

func (m *message) conversation() string {
	pair := []string{m.From, m.To}
	slices.SortFunc(pair, order)
	return pair[0] + "-" + pair[1]
}

func (m *message) show() map[string]any {
	return map[string]any{"id": m.ID, "event_type": "MessageCreate", "text": m.Text, "sender_id": m.From, "dm_conversation_id": m.conversation(), "created_at": m.At.Format(time.RFC3339)}
}

func (f *Fake) oneMessage(c *call) (int, any, *refusal) {
	for _, m := range f.messages {
		if m.ID == c.PathValue("id") {
			return 200, map[string]any{"data": m.show()}, nil
		}
	}
	return 200, map[string]any{"errors": []any{notFound(c.PathValue("id"), "dm_event")}}, nil
}

func (f *Fake) dropMessage(c *call) (int, any, *refusal) {
	n := len(f.messages)
	f.messages = slices.DeleteFunc(f.messages, func(m *message) bool { return m.ID == c.PathValue("id") && m.From == c.me.ID })
	if len(f.messages) == n {
		return 0, nil, no(404, "resource-not-found", "Could not find the message")
	}
	f.Change(c.PathValue("id"), func(it *networkfake.Item) { it.Deleted = true })
	return 200, map[string]any{"data": map[string]bool{"deleted": true}}, nil
}
