package telegramfake

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/text"
)

// send makes one message.
func (f *Fake) send(c *call) (any, *refusal) {
	ch, refused := f.writable(c)
	if refused != nil {
		return nil, refused
	}
	doc := map[string]any{}
	said, media := "", 0
	switch kind := strings.ToLower(strings.TrimPrefix(c.method, "send")); kind {
	case "message":
		said = strings.TrimSpace(c.text("text"))
		if refused = length(said, 1, 4096, "message"); refused != nil {
			return nil, refused
		}
		doc["text"] = said
	case "poll":
		if doc["poll"], refused = question(c); refused != nil {
			return nil, refused
		}
		said = c.text("question")
	case "location", "venue":
		place := map[string]any{"latitude": c.params["latitude"], "longitude": c.params["longitude"]}
		doc["location"] = place
		if kind == "venue" {
			if c.text("title") == "" || c.text("address") == "" {
				return nil, bad("VENUE_INVALID")
			}
			doc["venue"] = map[string]any{"location": place, "title": c.text("title"), "address": c.text("address")}
			said = c.text("title") + "\n" + c.text("address")
		}
	default:
		said, media = strings.TrimSpace(c.text("caption")), 1
		if refused = length(said, 0, 1024, "message caption"); refused != nil {
			return nil, refused
		}
		if refused = f.attach(doc, kind, c.files[kind]); refused != nil {
			return nil, refused
		}
		if said != "" {
			doc["caption"] = said
		}
	}
	m, refused := f.make(ch, c, doc)
	if refused != nil {
		return nil, refused
	}
	f.post(ch, []*sent{m}, said, media)
	return m.doc, nil
}

// sendAlbum makes several messages at once.
func (f *Fake) sendAlbum(c *call) (any, *refusal) {
	ch, refused := f.writable(c)
	if refused != nil {
		return nil, refused
	}
	list, _ := c.params["media"].([]any)
	if len(list) < 2 || len(list) > 10 {
		return nil, bad("album must contain 2-10 items")
	}
	var docs []map[string]any
	kinds := map[string]bool{}
	said := ""
	for i, v := range list {
		item, _ := v.(map[string]any)
		kind, _ := item["type"].(string)
		source, _ := item["media"].(string)
		words, _ := item["caption"].(string)
		doc := map[string]any{"media_group_id": fmt.Sprint(ch.n + 1)}
		if refused := f.attach(doc, kind, c.files[strings.TrimPrefix(source, "attach://")]); refused != nil {
			return nil, refused
		}
		if refused := length(words, 0, 1024, "message caption"); refused != nil {
			return nil, refused
		}
		if words = strings.TrimSpace(words); words != "" {
			doc["caption"] = words
		}
		if i == 0 {
			said = words
		}
		kinds[map[bool]string{true: "seen", false: kind}[kind == "photo" || kind == "video"]] = true
		docs = append(docs, doc)
	}
	if len(kinds) > 1 || kinds["animation"] || kinds["voice"] {
		return nil, bad("can't use the media of the specified type in the album")
	}
	var made []*sent
	shown := []any{}
	for _, doc := range docs {
		m, refused := f.make(ch, c, doc)
		if refused != nil {
			return nil, refused
		}
		made, shown = append(made, m), append(shown, m.doc)
	}
	f.post(ch, made, said, len(made))
	return shown, nil
}

func (f *Fake) writable(c *call) (*chat, *refusal) {
	ch, refused := f.in(c)
	if refused == nil && ch.Status != "administrator" {
		refused = bad("not enough rights to send text messages to the chat")
	}
	return ch, refused
}

func length(s string, least, most int, what string) *refusal {
	switch n := text.UTF16Units(s); {
	case n < least:
		return bad("%s text is empty", what)
	case n > most:
		return bad("%s is too long", what)
	}
	return nil
}

// attach checks a file and describes it as Telegram does.
func (f *Fake) attach(doc map[string]any, kind string, content []byte) *refusal {
	if len(content) == 0 {
		return bad("wrong file identifier/HTTP URL specified")
	}
	file := map[string]any{"file_id": fmt.Sprintf("file-%d", len(content)), "file_unique_id": fmt.Sprintf("u%d", len(content))}
	switch kind {
	case "photo":
		if !strings.HasPrefix(http.DetectContentType(content), "image/") {
			return bad("IMAGE_PROCESS_FAILED")
		}
		doc["photo"] = []any{file}
	case "animation":
		doc["animation"], doc["document"] = file, file
	case "video", "audio", "voice", "document":
		doc[kind] = file
	default:
		return bad("unknown media type %q", kind)
	}
	return nil
}

func question(c *call) (any, *refusal) {
	if refused := length(c.text("question"), 1, 300, "poll question"); refused != nil {
		return nil, refused
	}
	options, _ := c.params["options"].([]any)
	if len(options) < 1 || len(options) > 12 {
		return nil, bad("poll must have at least 1 option and at most 12")
	}
	shown := []any{}
	for _, v := range options {
		o, _ := v.(map[string]any)
		words, _ := o["text"].(string)
		if refused := length(words, 1, 100, "poll options length"); refused != nil {
			return nil, refused
		}
		shown = append(shown, map[string]any{"text": words, "voter_count": 0})
	}
	kind := map[bool]string{true: "quiz", false: "regular"}[c.text("type") == "quiz"]
	right, _ := c.params["correct_option_ids"].([]any)
	if (kind == "quiz") != (len(right) > 0) {
		return nil, bad("quiz must have a correct option")
	}
	if n := c.number("open_period"); n != 0 && (n < 5 || n > 2_628_000) {
		return nil, bad("poll open_period is out of range")
	}
	doc := map[string]any{"id": "1", "question": c.text("question"), "options": shown, "total_voter_count": 0, "is_anonymous": true, "type": kind,
		"allows_multiple_answers": c.params["allows_multiple_answers"] == true, "correct_option_ids": right, "explanation": c.text("explanation")}
	return doc, nil
}

// make puts a message into a chat.
func (f *Fake) make(ch *chat, c *call, doc map[string]any) (*sent, *refusal) {
	doc["date"], doc["chat"] = f.o.Now().Unix(), ch.show()
	if ch.Type == "channel" {
		doc["sender_chat"] = ch.show()
	} else {
		doc["from"] = map[string]any{"id": BotID, "is_bot": true, "first_name": "Brand", "username": BotName}
	}
	if reply, ok := c.params["reply_parameters"].(map[string]any); ok {
		id, _ := reply["message_id"].(float64)
		to := ch.messages[int64(id)]
		if to == nil {
			return nil, bad("message to be replied not found")
		}
		doc["reply_to_message"] = map[string]any{"message_id": int64(id), "date": to.doc["date"], "chat": ch.show()}
	}
	for _, name := range []string{"reply_markup", "link_preview_options", "has_spoiler", "show_caption_above_media", "disable_notification", "message_thread_id"} {
		if v, ok := c.params[name]; ok {
			doc[name] = v
		}
	}
	if c.params["protect_content"] == true {
		doc["has_protected_content"] = true
	}
	ch.n++
	doc["message_id"] = ch.n
	m := &sent{doc: doc, first: ch.n, bot: true, said: said(c.params)}
	ch.messages[ch.n] = m
	return m, nil
}

// said is what an edit must differ in.
func said(params map[string]any) string {
	kept := maps.Clone(params)
	maps.DeleteFunc(kept, func(name string, _ any) bool {
		return !slices.Contains([]string{"text", "caption", "reply_markup"}, name)
	})
	raw, _ := json.Marshal(kept)
	return string(raw)
}

// post writes a message into the ledger and copies a channel's post into its discussion group.
func (f *Fake) post(ch *chat, made []*sent, said string, media int) {
	first := made[0]
	id := first.doc["message_id"].(int64)
	item := networkfake.Item{ID: Ref(ch.ID, id), Account: Brand, Text: said, Media: media, At: f.o.Now()}
	if reply, ok := first.doc["reply_to_message"].(map[string]any); ok {
		item.ReplyTo = Ref(ch.ID, reply["message_id"].(int64))
		if origin, ok := ch.messages[reply["message_id"].(int64)].doc["forward_origin"].(map[string]any); ok { // below the copy is below the post
			item.ReplyTo = Ref(ch.Linked, origin["message_id"].(int64))
		}
	}
	f.Add(item)
	group := f.chats[ch.Linked]
	for _, m := range made {
		m.first = id
		if ch.Type != "channel" || group == nil {
			continue
		}
		group.n++
		doc := maps.Clone(m.doc)
		delete(doc, "reply_to_message")
		doc["forward_origin"] = map[string]any{"type": "channel", "date": m.doc["date"], "chat": ch.show(), "message_id": m.doc["message_id"]}
		doc["message_id"], doc["chat"], doc["is_automatic_forward"] = group.n, group.show(), true
		doc["from"] = map[string]any{"id": 777000, "is_bot": false, "first_name": "Telegram"}
		group.messages[group.n] = &sent{doc: doc}
		f.tell("message", doc)
	}
}

// edit changes a message of the bot's own.
func (f *Fake) edit(c *call) (any, *refusal) {
	ch, refused := f.in(c)
	if refused != nil {
		return nil, refused
	}
	m := ch.messages[c.number("message_id")]
	if m == nil {
		return nil, bad("message to edit not found")
	}
	if !m.bot {
		return nil, bad("message can't be edited")
	}
	now := said(c.params)
	words, field := c.text("caption"), "caption"
	switch c.method {
	case "editMessageText":
		words, field = c.text("text"), "text"
		if _, ok := m.doc["text"]; !ok {
			return nil, bad("there is no text in the message to edit")
		}
		refused = length(words, 1, 4096, "message")
	case "editMessageCaption":
		if _, ok := m.doc["text"]; ok {
			return nil, bad("there is no caption in the message to edit")
		}
		refused = length(words, 0, 1024, "message caption")
	case "editMessageMedia":
		item, _ := c.params["media"].(map[string]any)
		kind, _ := item["type"].(string)
		source, _ := item["media"].(string)
		words, _ = item["caption"].(string)
		now += source + kind + words
		for _, old := range []string{"photo", "video", "animation", "audio", "document", "text"} {
			delete(m.doc, old)
		}
		refused = f.attach(m.doc, kind, c.files[strings.TrimPrefix(source, "attach://")])
	}
	if refused != nil {
		return nil, refused
	}
	if now == m.said {
		return nil, bad("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	m.said, m.doc[field], m.doc["edit_date"] = now, words, f.o.Now().Unix()
	delete(m.doc, "reply_markup")
	if v, ok := c.params["reply_markup"]; ok {
		m.doc["reply_markup"] = v
	}
	f.Change(Ref(ch.ID, c.number("message_id")), func(it *networkfake.Item) {
		it.Text, it.Edits = words, it.Edits+1
		if c.method == "editMessageMedia" {
			it.Media = 1
		}
	})
	return m.doc, nil
}

func (f *Fake) remove(c *call) (any, *refusal) {
	ch, refused := f.in(c)
	if refused != nil {
		return nil, refused
	}
	m := ch.messages[c.number("message_id")]
	if m == nil {
		return nil, bad("message to delete not found")
	}
	if ch.Type == "private" && !m.bot {
		return nil, bad("message can't be deleted for everyone")
	}
	delete(ch.messages, c.number("message_id"))
	left := slices.ContainsFunc(slices.Collect(maps.Values(ch.messages)), func(o *sent) bool { return o.bot && o.first == m.first })
	if m.bot && !left {
		f.Change(Ref(ch.ID, m.first), func(it *networkfake.Item) { it.Deleted = true })
	}
	return true, nil
}

func (f *Fake) pin(c *call) (any, *refusal) {
	ch, refused := f.in(c)
	if refused != nil {
		return nil, refused
	}
	if ch.messages[c.number("message_id")] == nil {
		return nil, bad("message to pin not found")
	}
	f.pinned[ch.ID] = c.number("message_id")
	return true, nil
}

func (f *Fake) react(c *call) (any, *refusal) {
	ch, refused := f.in(c)
	if refused != nil {
		return nil, refused
	}
	if ch.messages[c.number("message_id")] == nil {
		return nil, bad("message to react not found")
	}
	emoji := ""
	if list, _ := c.params["reaction"].([]any); len(list) > 0 {
		first, _ := list[0].(map[string]any)
		emoji, _ = first["emoji"].(string)
	}
	f.reacted[Ref(ch.ID, c.number("message_id"))] = emoji
	return true, nil
}

func (f *Fake) restrict(c *call) (any, *refusal) {
	ch, refused := f.in(c)
	if refused != nil {
		return nil, refused
	}
	if ch.Type != "supergroup" {
		return nil, bad("method is available only for supergroups")
	}
	what := "banned"
	if c.method == "restrictChatMember" {
		may, _ := c.params["permissions"].(map[string]any)
		what = map[bool]string{true: "unmuted", false: "muted"}[may["can_send_messages"] == true]
	}
	if c.method == "unbanChatMember" {
		what = ""
	}
	f.banned[Ref(ch.ID, c.number("user_id"))] = what
	return true, nil
}
