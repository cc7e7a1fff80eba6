package blueskyfake

import (
	"fmt"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

type convo struct {
	id, rev string
	members []*person
	said    []message
}

type message struct {
	id, rev, text, sender string
	at                    time.Time
}

// event is an entry of the log of conversations.
type event struct {
	rev   string
	convo *convo
	said  message
}

// Write lets somebody send the brand a direct message and returns its id.
func (f *Fake) Write(handle, words string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.append(f.between(f.person(handle), f.person(Brand)), f.person(handle).DID, words).id
}

func (f *Fake) between(a, b *person) *convo {
	for _, c := range f.convos {
		if slices.Contains(c.members, a) && slices.Contains(c.members, b) {
			return c
		}
	}
	f.n++
	c := &convo{id: fmt.Sprintf("convo%d", f.n), members: []*person{a, b}}
	f.convos = append(f.convos, c)
	return c
}

func (f *Fake) append(c *convo, sender, words string) message {
	rev := f.key()
	m := message{id: rev, rev: rev, text: words, sender: sender, at: f.o.Now().UTC().Truncate(time.Millisecond)}
	c.said, c.rev = append(c.said, m), rev
	f.log = append(f.log, event{rev, c, m})
	f.Add(networkfake.Item{ID: m.id, Account: f.people[sender].Handle, Text: words, Visibility: "direct", At: m.at})
	return m
}

func (m message) show() map[string]any {
	return map[string]any{"$type": "chat.bsky.convo.defs#messageView", "id": m.id, "rev": m.rev, "text": m.text, "sender": map[string]any{"did": m.sender}, "sentAt": stamp(m.at)}
}

func (f *Fake) show(c *convo, reader *person) map[string]any {
	members := []any{}
	for _, p := range c.members {
		members = append(members, f.profile(p, reader))
	}
	doc := map[string]any{"id": c.id, "rev": c.rev, "members": members, "muted": false, "unreadCount": 0}
	if n := len(c.said); n > 0 {
		doc["lastMessage"] = c.said[n-1].show()
	}
	return doc
}

func (f *Fake) convo(c *call, id string) (*convo, *refusal) {
	for _, v := range f.convos {
		if v.id == id && slices.Contains(v.members, c.me) {
			return v, nil
		}
	}
	return nil, no(400, "InvalidConvo", "Convo not found")
}

func (f *Fake) listConvos(c *call) (any, *refusal) {
	list := []any{}
	for _, v := range slices.Backward(f.convos) {
		if slices.Contains(v.members, c.me) {
			list = append(list, f.show(v, c.me))
		}
	}
	return map[string]any{"convos": list}, nil
}

func (f *Fake) getConvo(c *call) (any, *refusal) {
	v, refused := f.convo(c, c.q("convoId"))
	if refused != nil {
		return nil, refused
	}
	return map[string]any{"convo": f.show(v, c.me)}, nil
}

func (f *Fake) getMessages(c *call) (any, *refusal) {
	v, refused := f.convo(c, c.q("convoId"))
	if refused != nil {
		return nil, refused
	}
	list := []any{}
	for _, m := range slices.Backward(v.said) {
		list = append(list, m.show())
	}
	return map[string]any{"messages": list}, nil
}

func (f *Fake) getLog(c *call) (any, *refusal) {
	list, cursor := []any{}, c.q("cursor")
	for _, e := range f.log {
		if e.rev > c.q("cursor") && slices.Contains(e.convo.members, c.me) && len(list) < 50 {
			list, cursor = append(list, map[string]any{"$type": "chat.bsky.convo.defs#logCreateMessage", "rev": e.rev, "convoId": e.convo.id, "message": e.said.show()}), e.rev
		}
	}
	return map[string]any{"logs": list, "cursor": cursor}, nil
}

func (f *Fake) sendMessage(c *call) (any, *refusal) {
	v, refused := f.convo(c, c.text("convoId"))
	if refused != nil {
		return nil, refused
	}
	words, _ := at(c.body, "message", "text").(string)
	if words == "" || len(words) > 10000 {
		return nil, no(400, "InvalidRequest", "Message text is empty or too long")
	}
	return f.append(v, c.me.DID, words).show(), nil
}
