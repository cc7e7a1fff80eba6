package discordfake

import (
	"fmt"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

func words(doc map[string]any, name string) string {
	s, _ := doc[name].(string)
	return s
}

func objects(doc map[string]any, name string) (out []map[string]any) {
	list, _ := doc[name].([]any)
	for _, v := range list {
		if o, ok := v.(map[string]any); ok {
			out = append(out, o)
		}
	}
	return out
}

// create takes a bot's message. A nonce that is enforced gives the first message back.
func (f *Fake) create(c *call) (any, *refusal) {
	in := f.channels[c.PathValue("channel")]
	switch {
	case in.ID == Secret:
		return nil, no(403, 50013, "Missing Permissions")
	case in.Type == 15 || in.Type == 2:
		return nil, no(400, 50008, "Cannot send messages in a non-text channel")
	}
	key := words(c.body, "nonce")
	if utf8.RuneCountInString(key) > 25 {
		return nil, invalid("nonce", "Must be 25 or fewer in length.")
	}
	if before, ok := f.nonces[key]; ok && key != "" && c.body["enforce_nonce"] == true && f.o.Now().Sub(before.at) < nonceLife {
		return f.show(f.messages[before.id]), nil
	}
	m, refused := f.write(c, in.ID, c.body, f.user(BotID))
	if refused != nil {
		return nil, refused
	}
	if key != "" {
		f.nonces[key] = nonce{m.id, f.o.Now()}
		f.Change(m.id, func(it *networkfake.Item) { it.Key = key })
	}
	return f.show(m), nil
}

// write checks a message, stores it and writes it into the ledger.
func (f *Fake) write(c *call, in string, body map[string]any, author map[string]any) (*message, *refusal) {
	doc := map[string]any{"type": 0, "author": author, "mentions": []any{}, "embeds": []any{}, "attachments": []any{}, "flags": body["flags"]}
	if refused := f.fill(c, doc, body); refused != nil {
		return nil, refused
	}
	reply := ""
	if ref, ok := body["message_reference"].(map[string]any); ok {
		reply = words(ref, "message_id")
		if to := f.messages[reply]; to == nil || to.gone || to.channel != in {
			return nil, invalid("message_reference", "Unknown message")
		}
		doc["type"], doc["message_reference"] = 19, map[string]any{"type": 0, "message_id": reply, "channel_id": in, "guild_id": Guild}
	}
	m := f.put(in, doc)
	f.note(m, reply)
	return m, nil
}

func (f *Fake) note(m *message, reply string) {
	said := words(m.doc, "content")
	if p, ok := m.doc["poll"].(map[string]any); ok {
		said = words(p["question"].(map[string]any), "text")
	}
	files, _ := m.doc["attachments"].([]any)
	f.Add(networkfake.Item{ID: m.id, Account: Brand, Text: said, ReplyTo: reply, Media: len(files), At: f.o.Now()})
}

// fill checks what a message says and holds.
func (f *Fake) fill(c *call, doc, body map[string]any) *refusal {
	content := words(body, "content")
	if utf8.RuneCountInString(content) > 2000 {
		return invalid("content", "Must be 2000 or fewer in length.")
	}
	embeds, total := []any{}, 0
	for _, e := range objects(body, "embeds") {
		total += utf8.RuneCountInString(words(e, "title")) + utf8.RuneCountInString(words(e, "description"))
		e["type"] = "rich"
		embeds = append(embeds, e)
	}
	if len(embeds) > 10 || total > 6000 {
		return invalid("embeds", "Embed size exceeds maximum size of 6000")
	}
	poll, _ := body["poll"].(map[string]any)
	if poll != nil {
		hours, _ := poll["duration"].(float64)
		if n := len(objects(poll, "answers")); n < 1 || n > 10 || hours < 1 || hours > 768 {
			return invalid("poll", "Poll is invalid")
		}
		doc["poll"] = poll
	}
	_, telling := body["attachments"]
	files := []any{}
	for i, a := range objects(body, "attachments") {
		sent, ok := c.files["files["+strconv.Itoa(i)+"]"]
		switch {
		case !ok || len(sent.content) == 0:
			return invalid("attachments", "There is no file for this attachment")
		case sent.name != words(a, "filename"):
			return invalid("attachments", "The names differ")
		case utf8.RuneCountInString(words(a, "description")) > 1024:
			return invalid("attachments", "Must be 1024 or fewer in length.")
		}
		f.seq++
		files = append(files, map[string]any{"id": strconv.FormatInt(f.seq, 10), "filename": sent.name, "content_type": sent.kind, "description": a["description"], "size": len(sent.content),
			"url": fmt.Sprintf("https://cdn.discordapp.com/attachments/%s?ex=1&is=1&hm=1", sent.name), "spoiler": a["is_spoiler"]})
	}
	if len(c.files) != len(files) {
		return invalid("attachments", "A file is not described")
	}
	if content == "" && len(embeds) == 0 && len(files) == 0 && poll == nil {
		return no(400, 50006, "Cannot send an empty message")
	}
	doc["content"], doc["allowed_mentions"] = content, body["allowed_mentions"]
	if _, telling := body["embeds"]; telling {
		doc["embeds"] = embeds
	}
	if telling {
		doc["attachments"] = files
	}
	return nil
}

// createPost opens a forum post.
func (f *Fake) createPost(c *call) (any, *refusal) {
	if in := f.channels[c.PathValue("channel")]; in.Type != 15 {
		return nil, no(400, 50024, "Cannot execute action on this channel type")
	}
	inner, _ := c.body["message"].(map[string]any)
	thread, m, refused := f.post(c, words(c.body, "name"), inner, f.user(BotID))
	if refused != nil {
		return nil, refused
	}
	doc := f.showChannel(thread)
	doc["message"] = f.show(m)
	return doc, nil
}

// post makes a forum's thread; its first message has the thread's id.
func (f *Fake) post(c *call, name string, body, author map[string]any) (*channel, *message, *refusal) {
	if n := utf8.RuneCountInString(name); n < 1 || n > 100 {
		return nil, nil, invalid("name", "Must be between 1 and 100 in length.")
	}
	for _, t := range listOf(c.body, "applied_tags") {
		if t != Tag && t != OtherTag {
			return nil, nil, invalid("applied_tags", "Unknown tag")
		}
	}
	doc := map[string]any{"type": 0, "author": author, "mentions": []any{}, "embeds": []any{}, "attachments": []any{}, "flags": body["flags"], "applied_tags": listOf(c.body, "applied_tags")}
	if refused := f.fill(c, doc, body); refused != nil {
		return nil, nil, refused
	}
	id := f.id()
	thread := &channel{ID: id, Name: name, Parent: Forum, Owner: words(author, "id"), Type: 11}
	f.channels[id] = thread
	m := &message{id: id, channel: id, doc: doc}
	f.keep(m)
	f.note(m, "")
	return thread, m, nil
}

func listOf(doc map[string]any, name string) (out []string) {
	list, _ := doc[name].([]any)
	for _, v := range list {
		s, _ := v.(string)
		out = append(out, s)
	}
	return out
}

// execute takes a webhook's message.
func (f *Fake) execute(c *call) (any, *refusal) {
	in, title, into := f.channels[f.hooks[c.PathValue("hook")]], words(c.body, "thread_name"), c.URL.Query().Get("thread_id")
	author := map[string]any{"id": c.PathValue("hook"), "username": "Brand News", "avatar": nil, "discriminator": "0000", "bot": true}
	if name := words(c.body, "username"); name != "" {
		author["username"] = name
	}
	var m *message
	var refused *refusal
	switch {
	case in.Type == 15 && title == "" && into == "":
		return nil, no(400, 220001, "Webhooks posted to forum channels must have a thread_name or thread_id")
	case in.Type == 15 && title != "" && into != "":
		return nil, no(400, 220002, "Webhooks posted to forum channels cannot have both a thread_name and thread_id")
	case in.Type != 15 && title != "":
		return nil, no(400, 220003, "Webhooks can only create threads in forum channels")
	case title != "":
		_, m, refused = f.post(c, title, c.body, author)
	case into != "" && (f.channels[into] == nil || f.channels[into].Parent != in.ID):
		return nil, no(404, 10003, "Unknown Channel")
	default:
		to := in.ID
		if into != "" {
			to = into
		}
		m, refused = f.write(c, to, c.body, author)
	}
	if refused != nil {
		return nil, refused
	}
	m.hook, m.doc["webhook_id"] = true, c.PathValue("hook")
	return f.show(m), nil
}

// find returns the message a request names. A webhook sees only its own, and those in a thread only by its name.
func (f *Fake) find(c *call) (*message, *refusal) {
	m := f.messages[c.PathValue("message")]
	in := c.PathValue("channel")
	if c.hook {
		if in = f.hooks[c.PathValue("hook")]; c.URL.Query().Get("thread_id") != "" {
			in = c.URL.Query().Get("thread_id")
		}
	}
	if m == nil || m.gone || m.channel != in || c.hook && m.doc["webhook_id"] != c.PathValue("hook") {
		return nil, no(404, 10008, "Unknown Message")
	}
	return m, nil
}

func (f *Fake) read(c *call) (any, *refusal) {
	m, refused := f.find(c)
	if refused != nil {
		return nil, refused
	}
	return f.show(m), nil
}

func (f *Fake) edit(c *call) (any, *refusal) {
	m, refused := f.find(c)
	if refused != nil {
		return nil, refused
	}
	if author, _ := m.doc["author"].(map[string]any); !c.hook && author["id"] != BotID {
		return nil, no(403, 50005, "Cannot edit a message authored by another user")
	}
	if refused := f.fill(c, m.doc, c.body); refused != nil {
		return nil, refused
	}
	files, _ := m.doc["attachments"].([]any)
	f.Change(m.id, func(it *networkfake.Item) {
		it.Text, it.Media, it.Edits = words(m.doc, "content"), len(files), it.Edits+1
	})
	return f.show(m), nil
}

func (f *Fake) remove(c *call) (any, *refusal) {
	m, refused := f.find(c)
	if refused != nil {
		return nil, refused
	}
	if author, _ := m.doc["author"].(map[string]any); !c.hook && author["id"] != BotID && !f.o.Moderator {
		return nil, no(403, 50013, "Missing Permissions")
	}
	f.drop(m.id)
	return nil, nil
}

func (f *Fake) startThread(c *call) (any, *refusal) {
	m, refused := f.find(c)
	if refused != nil {
		return nil, refused
	}
	if m.thread != "" {
		return nil, no(400, 160004, "A thread has already been created for this message")
	}
	m.thread = m.id
	f.channels[m.id] = &channel{ID: m.id, Name: words(c.body, "name"), Parent: m.channel, Owner: BotID, Type: 11}
	return f.showChannel(f.channels[m.id]), nil
}

func (f *Fake) crosspost(c *call) (any, *refusal) {
	m, refused := f.find(c)
	switch {
	case refused != nil:
		return nil, refused
	case f.channels[m.channel].Type != 5:
		return nil, no(400, 50024, "Cannot execute action on this channel type")
	case m.spread:
		return nil, no(400, 40033, "This message has already been crossposted")
	}
	m.spread = true
	return f.show(m), nil
}

func (f *Fake) react(c *call) (any, *refusal) {
	m, refused := f.find(c)
	if refused != nil {
		return nil, refused
	}
	m.mine = c.Method == http.MethodPut
	return nil, nil
}
