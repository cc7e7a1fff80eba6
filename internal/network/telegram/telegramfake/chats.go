package telegramfake

import (
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

func (f *Fake) me(*call) (any, *refusal) {
	return map[string]any{"id": BotID, "is_bot": true, "first_name": "Brand", "username": BotName, "can_join_groups": true, "can_read_all_group_messages": false, "supports_inline_queries": false}, nil
}

// in finds the chat a call is about. It must be one the bot can see.
func (f *Fake) in(c *call) (*chat, *refusal) {
	var found *chat
	switch id := c.params["chat_id"].(type) {
	case float64:
		found = f.chats[int64(id)]
	case string:
		for _, ch := range f.chats {
			if "@"+ch.Username == id {
				found = ch
			}
		}
	}
	switch {
	case found == nil || found.ID == Upgraded && !f.upgraded:
		return nil, bad("chat not found")
	case found.ID == Basic && f.upgraded:
		return nil, &refusal{400, "Bad Request: group chat was upgraded to a supergroup chat", map[string]any{"migrate_to_chat_id": int64(Upgraded)}}
	case found.Status == "kicked":
		return nil, &refusal{status: 403, reason: "Forbidden: bot was kicked from the " + found.Type + " chat"}
	}
	return found, nil
}

func (ch *chat) show() map[string]any {
	doc := map[string]any{"id": ch.ID, "type": ch.Type}
	if ch.Type == "private" {
		doc["first_name"] = "Mara"
	} else {
		doc["title"] = ch.Title
	}
	if ch.Username != "" {
		doc["username"] = ch.Username
	}
	return doc
}

func (f *Fake) getChat(c *call) (any, *refusal) {
	ch, refused := f.in(c)
	if refused != nil {
		return nil, refused
	}
	doc := ch.show()
	doc["accent_color_id"], doc["max_reaction_count"] = 0, 11
	if ch.Linked != 0 {
		doc["linked_chat_id"] = ch.Linked
	}
	return doc, nil
}

func (f *Fake) getMember(c *call) (any, *refusal) {
	ch, refused := f.in(c)
	if refused != nil {
		return nil, refused
	}
	if c.number("user_id") != BotID {
		return nil, bad("PARTICIPANT_ID_INVALID")
	}
	if ch.Status == "left" {
		return nil, &refusal{status: 403, reason: "Forbidden: bot is not a member of the channel chat"}
	}
	doc := map[string]any{"status": ch.Status, "user": map[string]any{"id": BotID, "is_bot": true, "first_name": "Brand"}}
	if ch.Status == "administrator" {
		doc["can_post_messages"] = ch.Type == "channel"
	}
	return doc, nil
}

func (f *Fake) count(c *call) (any, *refusal) {
	ch, refused := f.in(c)
	if refused != nil {
		return nil, refused
	}
	return ch.Members, nil
}

// tell keeps an update of a kind the bot wants. Reactions are told only when they were asked for.
func (f *Fake) tell(as string, doc map[string]any) {
	wanted := f.allowed
	if wanted == nil {
		wanted = []string{"message", "edited_message"}
	}
	if slices.Contains(wanted, as) {
		f.lastID++
		u := update{id: f.lastID, at: f.o.Now(), as: as, in: doc}
		if doc["is_automatic_forward"] == true {
			u.hidden = f.o.Slow
		}
		f.updates = append(f.updates, u)
	}
}

func (f *Fake) getUpdates(c *call) (any, *refusal) {
	if f.o.Webhook {
		return nil, &refusal{status: 409, reason: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"}
	}
	if list, ok := c.params["allowed_updates"].([]any); ok {
		f.allowed = []string{}
		for _, v := range list {
			s, _ := v.(string)
			f.allowed = append(f.allowed, s)
		}
	}
	offset, limit := c.number("offset"), c.number("limit")
	if limit == 0 {
		limit = 100
	}
	if offset < 0 || limit < 1 || limit > 100 {
		return nil, bad("wrong offset or limit")
	}
	f.updates = slices.DeleteFunc(f.updates, func(u update) bool {
		return u.id < offset && offset <= f.lastID+1 || f.o.Now().Sub(u.at) > day // an offset from before the numbers started anew confirms nothing
	})
	list := []any{}
	for i, u := range f.updates {
		if u.hidden > 0 {
			f.updates[i].hidden--
			continue
		}
		if len(list) == int(limit) {
			break
		}
		list = append(list, map[string]any{"update_id": u.id, u.as: u.in})
	}
	return list, nil
}

// Reset lets the numbers of updates start anew, lower, as after a week without news.
func (f *Fake) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lastID = 100
}

// Say lets a stranger write and returns the message's name. A comment is written below the copy of a post in the
// discussion group, or in answer to the bot's message in a group; a mention into the discussion group; a direct
// message into the private chat.
func (f *Fake) Say(kind network.MessageKind, text, on string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch kind {
	case network.Direct:
		return f.say(f.chats[Stranger], text, nil, nil)
	case network.Mention:
		return f.say(f.chats[Discussion], "@"+BotName+" "+text, nil, nil)
	}
	for _, ch := range []int64{Discussion, Group} {
		for _, m := range f.chats[ch].messages {
			origin, _ := m.doc["forward_origin"].(map[string]any)
			id, _ := m.doc["message_id"].(int64)
			if ch == Group && Ref(ch, id) == on || origin != nil && Ref(Channel, origin["message_id"].(int64)) == on {
				return f.say(f.chats[ch], text, m.doc, nil)
			}
		}
	}
	panic("telegramfake: nothing to comment on: " + on)
}

// Answer lets somebody answer a message in a group, in the name of the channel where as is its number.
func (f *Fake) Answer(text, to string, as int64) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, ch := range f.chats {
		for n, m := range ch.messages {
			if Ref(ch.ID, n) == to {
				return f.say(ch, text, m.doc, f.chats[as])
			}
		}
	}
	panic("telegramfake: nothing to answer: " + to)
}

// Chat lets somebody write into a group without addressing anybody.
func (f *Fake) Chat(chat int64, text string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.say(f.chats[chat], text, nil, nil)
}

func (f *Fake) say(ch *chat, text string, to map[string]any, as *chat) string {
	ch.n++
	doc := map[string]any{"message_id": ch.n, "date": f.o.Now().Unix(), "chat": ch.show(), "text": text,
		"from": map[string]any{"id": Stranger, "is_bot": false, "first_name": "Mara", "last_name": "Lind", "username": "stranger"}}
	if as != nil {
		doc["sender_chat"] = as.show()
	}
	if to != nil {
		plain := map[string]any{}
		for k, v := range to {
			if k != "reply_to_message" {
				plain[k] = v
			}
		}
		doc["reply_to_message"], doc["message_thread_id"] = plain, to["message_id"]
		if above := to["message_thread_id"]; above != nil {
			doc["message_thread_id"] = above
		}
	}
	ch.messages[ch.n] = &sent{doc: doc}
	f.tell("message", doc)
	return Ref(ch.ID, ch.n)
}

// Correct lets somebody change what they wrote.
func (f *Fake) Correct(chat int64, id, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for n, m := range f.chats[chat].messages {
		if Ref(chat, n) == id {
			doc := map[string]any{"edit_date": f.o.Now().Unix()}
			for k, v := range m.doc {
				doc[k] = v
			}
			doc["text"] = text
			m.doc = doc
			f.tell("edited_message", doc)
		}
	}
}

// Applaud lets readers react: in a channel only their number is told, in a group who it was.
func (f *Fake) Applaud(chat, message int64, hearts, thumbs int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kind := func(emoji string) map[string]any { return map[string]any{"type": "emoji", "emoji": emoji} }
	doc := map[string]any{"chat": f.chats[chat].show(), "message_id": message, "date": f.o.Now().Unix()}
	if f.chats[chat].Type == "channel" {
		doc["reactions"] = []any{map[string]any{"type": kind("❤"), "total_count": hearts}, map[string]any{"type": kind("👍"), "total_count": thumbs}}
		f.tell("message_reaction_count", doc)
		return
	}
	doc["user"] = map[string]any{"id": Stranger, "is_bot": false, "first_name": "Mara", "username": "stranger"}
	doc["old_reaction"], doc["new_reaction"] = []any{}, []any{kind("❤")}
	f.tell("message_reaction", doc)
}

// Pass lets an update arrive that the bot did not ask for and does not know.
func (f *Fake) Pass(at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lastID++
	f.updates = append(f.updates, update{id: f.lastID, at: at, as: "chat_boost", in: map[string]any{}})
}
