package discordfake

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

func (f *Fake) me(*call) (any, *refusal) { return f.user(BotID), nil }

func (f *Fake) user(id string) map[string]any {
	if id == BotID {
		return map[string]any{"id": BotID, "username": "brand", "global_name": nil, "avatar": nil, "discriminator": "0001", "bot": true}
	}
	return map[string]any{"id": id, "username": "mara", "global_name": "Mara Lind", "avatar": "abc", "discriminator": "0"}
}

func (f *Fake) guild(c *call) (any, *refusal) {
	if c.PathValue("guild") != Guild {
		return nil, no(404, 10004, "Unknown Guild")
	}
	doc := map[string]any{"id": Guild, "name": "The Brand's Server", "owner_id": Stranger, "premium_tier": f.o.Tier,
		"roles": []any{map[string]any{"id": Guild, "name": "@everyone", "permissions": "1024"}, map[string]any{"id": memberRole, "name": "brand", "permissions": strconv.Itoa(allNeeded)}}}
	if c.URL.Query().Get("with_counts") == "true" {
		doc["approximate_member_count"], doc["approximate_presence_count"] = 321, 20
	}
	return doc, nil
}

func (f *Fake) member(c *call) (any, *refusal) {
	if c.PathValue("member") != BotID {
		return nil, no(404, 10007, "Unknown Member")
	}
	return map[string]any{"user": f.user(BotID), "roles": []any{memberRole}, "joined_at": "2026-01-01T00:00:00Z", "deaf": false, "mute": false, "flags": 0}, nil
}

func (f *Fake) showChannel(ch *channel) map[string]any {
	doc := map[string]any{"id": ch.ID, "type": ch.Type, "guild_id": Guild, "name": ch.Name, "last_message_id": nil, "permission_overwrites": []any{}}
	if ch.Last != "" {
		doc["last_message_id"] = ch.Last
	}
	if ch.ID == Secret {
		doc["permission_overwrites"] = []any{map[string]any{"id": Guild, "type": 0, "allow": "0", "deny": "2048"}, map[string]any{"id": memberRole, "type": 0, "allow": "0", "deny": "2048"}}
	}
	if ch.Tags != nil {
		doc["available_tags"] = ch.Tags
	}
	if ch.Parent != "" {
		doc["parent_id"], doc["owner_id"], doc["message_count"], doc["member_count"] = ch.Parent, ch.Owner, ch.Count, 2
		doc["thread_metadata"] = map[string]any{"archived": false, "auto_archive_duration": 1440, "locked": false, "archive_timestamp": f.o.Now().UTC()}
	}
	return doc
}

func (f *Fake) getChannel(c *call) (any, *refusal) {
	return f.showChannel(f.channels[c.PathValue("channel")]), nil
}

func (f *Fake) dropChannel(c *call) (any, *refusal) {
	ch := f.channels[c.PathValue("channel")]
	if ch.Parent == "" {
		return nil, no(403, 50013, "Missing Permissions")
	}
	delete(f.channels, ch.ID)
	return f.showChannel(ch), nil
}

func (f *Fake) active(*call) (any, *refusal) {
	list := []any{}
	for _, ch := range f.channels {
		if ch.Parent != "" {
			list = append(list, f.showChannel(ch))
		}
	}
	return map[string]any{"threads": list, "members": []any{}}, nil
}

func (f *Fake) getHook(c *call) (any, *refusal) {
	return map[string]any{"id": c.PathValue("hook"), "type": 1, "name": "Brand News", "avatar": nil, "channel_id": f.hooks[c.PathValue("hook")], "guild_id": Guild, "application_id": nil, "token": HookToken}, nil
}

// order compares ids, which are numbers.
func order(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// history lists the messages nearest to the place that is named, newest first.
func (f *Fake) history(c *call) (any, *refusal) {
	in := f.channels[c.PathValue("channel")]
	if in.Type == 15 {
		return nil, no(400, 50008, "Cannot send messages in a non-text channel")
	}
	q := c.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	if q.Get("limit") == "" {
		limit, err = 50, nil
	}
	if err != nil || limit < 1 || limit > 100 {
		return nil, invalid("limit", "Value is not between 1 and 100.")
	}
	var list []*message
	for _, m := range f.messages {
		if m.channel == in.ID && !m.gone && (q.Get("after") == "" || order(m.id, q.Get("after")) > 0) && (q.Get("before") == "" || order(m.id, q.Get("before")) < 0) {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b *message) int { return order(a.id, b.id) })
	if n := len(list) - limit; n > 0 && q.Get("after") != "" {
		list = list[:limit]
	} else if n > 0 {
		list = list[n:]
	}
	slices.Reverse(list)
	docs := []any{}
	for _, m := range list {
		docs = append(docs, f.show(m))
	}
	return docs, nil
}

// Say lets a stranger write and returns the message's id: an answer to a message, or into the forum post it began, or a
// mention in #general.
func (f *Fake) Say(kind network.MessageKind, text, on string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if kind == network.Mention {
		return f.say(Text, "<@"+BotID+"> "+text, "", true)
	}
	if f.channels[on] != nil { // the thread of a forum post
		return f.say(on, text, "", false)
	}
	return f.say(f.messages[on].channel, text, on, false)
}

// Chat lets a stranger write into a channel or thread.
func (f *Fake) Chat(channel, text string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.say(channel, text, "", false)
}

func (f *Fake) say(channel, text, on string, mention bool) string {
	doc := map[string]any{"type": 0, "content": text, "author": f.user(Stranger), "mentions": []any{}, "attachments": []any{}, "embeds": []any{}}
	if mention {
		doc["mentions"] = []any{f.user(BotID)}
	}
	if on != "" {
		doc["type"], doc["message_reference"] = 19, map[string]any{"type": 0, "message_id": on, "channel_id": channel, "guild_id": Guild}
	}
	return f.put(channel, doc).id
}

// put stores a message in a channel.
func (f *Fake) put(in string, doc map[string]any) *message {
	m := &message{id: f.id(), channel: in, doc: doc}
	f.keep(m)
	return m
}

func (f *Fake) keep(m *message) {
	m.doc["id"], m.doc["channel_id"], m.doc["timestamp"] = m.id, m.channel, f.o.Now().UTC().Format("2006-01-02T15:04:05.000000+00:00")
	f.messages[m.id] = m
	if ch := f.channels[m.channel]; ch != nil {
		ch.Last = m.id
		if ch.Parent != "" && m.id != ch.ID {
			ch.Count++
		}
	}
}

// show is a message as it stands, with what it answers and what was added since.
func (f *Fake) show(m *message) map[string]any {
	doc := map[string]any{}
	for k, v := range m.doc {
		doc[k] = v
	}
	if ref, ok := doc["message_reference"].(map[string]any); ok {
		id, _ := ref["message_id"].(string)
		if to := f.messages[id]; to != nil && !to.gone {
			doc["referenced_message"] = to.doc
		}
	}
	n := m.reacted
	if m.mine {
		n++
	}
	if n > 0 {
		doc["reactions"] = []any{map[string]any{"count": n, "me": m.mine, "emoji": map[string]any{"id": nil, "name": "👍"}}}
	}
	if ch := f.channels[m.thread]; ch != nil {
		doc["thread"] = f.showChannel(ch)
	}
	return doc
}

func (f *Fake) ban(c *call) (any, *refusal) {
	who := c.PathValue("member")
	switch {
	case c.PathValue("guild") != Guild:
		return nil, no(404, 10004, "Unknown Guild")
	case !f.o.Moderator:
		return nil, no(403, 50013, "Missing Permissions")
	case c.Method == "DELETE" && !f.banned[who]:
		return nil, no(404, 10026, "Unknown Ban")
	}
	f.banned[who] = c.Method == "PUT"
	return nil, nil
}
