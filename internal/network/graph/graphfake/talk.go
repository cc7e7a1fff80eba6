package graphfake

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// Talk is a conversation of an account with one person.
type Talk struct {
	ID, Platform, Owner string
	Self, Other         Doc // as messages name them
	Letters             []*Letter
	Updated             time.Time
}

// Letter is one message.
type Letter struct {
	ID, Text, File string
	Own            bool
	At             time.Time
}

// talkWith finds or opens a conversation; with the core locked.
func (f *Core) talkWith(platform, owner string, self, other Doc) *Talk {
	for _, t := range f.Talks {
		if t.Owner == owner && t.Platform == platform && t.Other["id"] == other["id"] {
			return t
		}
	}
	t := &Talk{ID: "t_" + f.Number(), Platform: platform, Owner: owner, Self: self, Other: other}
	f.Talks = append(f.Talks, t)
	return t
}

// Write lets somebody write to the account and returns the message's id; with the core locked.
func (f *Core) Write(platform, owner string, self, other Doc, text string) string {
	t := f.talkWith(platform, owner, self, other)
	l := &Letter{ID: "m_" + f.Number(), Text: text, At: f.Clock()}
	t.Letters, t.Updated = append(t.Letters, l), l.At
	return l.ID
}

func (f *Core) talk(c *Call) (any, *Refusal) {
	switch {
	case c.Method == "GET" && c.Edge == "conversations":
		var docs []Doc
		talks := slices.Clone(f.Talks)
		slices.SortStableFunc(talks, func(a, b *Talk) int { return b.Updated.Compare(a.Updated) })
		for _, t := range talks {
			if t.Owner == c.ID && t.Platform == c.Form.Get("platform") {
				docs = append(docs, Doc{"id": t.ID, "updated_time": Stamp(t.Updated)})
			}
		}
		return Page(c, "id", docs)
	case c.Method == "GET" && c.Edge == "messages":
		for _, t := range f.Talks {
			if t.ID == c.ID {
				return Page(c, "id", t.docs())
			}
		}
	case c.Method == "POST" && c.Edge == "messages":
		return f.send(c)
	}
	return nil, Gone()
}

func (t *Talk) docs() (docs []Doc) {
	for _, l := range slices.Backward(t.Letters) {
		from, to := t.Other, t.Self
		if l.Own {
			from, to = to, from
		}
		d := Doc{"id": l.ID, "created_time": Stamp(l.At), "from": from, "to": Doc{"data": []any{to}}, "message": l.Text}
		if l.File != "" {
			d["attachments"] = Doc{"data": []any{Doc{"id": l.ID, "mime_type": "image/jpeg", "image_data": Doc{"url": l.File}}}}
		}
		docs = append(docs, d)
	}
	return docs
}

// Commenter is what a book says about a comment that is answered in private.
type Commenter interface {
	// CommentOf returns who wrote a comment, on which platform they are written to, and when.
	CommentOf(id string) (platform, owner string, self, other Doc, at time.Time, ok bool)
}

// send takes a message to a person inside Meta's windows: 24 hours, with HUMAN_AGENT 7 days, to a comment once in 7 days.
func (f *Core) send(c *Call) (any, *Refusal) {
	var to struct {
		ID      string `json:"id"`
		Comment string `json:"comment_id"`
	}
	var message struct {
		Text       string `json:"text"`
		Attachment struct {
			Type    string `json:"type"`
			Payload struct {
				URL string `json:"url"`
			} `json:"payload"`
		} `json:"attachment"`
	}
	if json.Unmarshal([]byte(c.Form.Get("recipient")), &to) != nil || json.Unmarshal([]byte(c.Form.Get("message")), &message) != nil || message.Text == "" && message.Attachment.Payload.URL == "" {
		return nil, No(100, 0, "(#100) Param recipient or message is not valid")
	}
	var t *Talk
	answered := ""
	if to.Comment != "" {
		book, _ := f.book.(Commenter)
		if book == nil {
			return nil, Gone()
		}
		platform, owner, self, other, at, ok := book.CommentOf(to.Comment)
		switch {
		case !ok:
			return nil, No(100, 0, "(#100) Invalid comment_id")
		case f.Clock().Sub(at) > 7*24*time.Hour:
			return nil, No(10900, 0, "Activity already replied to or too old")
		}
		for _, it := range f.Items() {
			if it.ReplyTo == to.Comment && it.Visibility == "private" {
				return nil, No(10900, 0, "Activity already replied to")
			}
		}
		t, answered = f.talkWith(platform, owner, self, other), to.Comment
	} else {
		i := slices.IndexFunc(f.Talks, func(t *Talk) bool { return t.Other["id"] == to.ID && t.Owner == c.ID })
		if i < 0 {
			return nil, No(100, 2018001, "No matching user found")
		}
		t = f.Talks[i]
		var last time.Time
		for _, l := range t.Letters {
			if !l.Own {
				last, answered = l.At, l.ID
			}
		}
		age, kind := f.Clock().Sub(last), c.Form.Get("messaging_type")
		tagged := kind == "MESSAGE_TAG" && c.Form.Get("tag") == "HUMAN_AGENT"
		if kind != "RESPONSE" && !tagged || age > 7*24*time.Hour || age > 24*time.Hour && !tagged {
			return nil, No(10, 2018278, "(#10) This message is sent outside of allowed window.")
		}
	}
	l := &Letter{ID: "m_" + f.Number(), Text: message.Text, File: message.Attachment.Payload.URL, Own: true, At: f.Clock()}
	t.Letters, t.Updated = append(t.Letters, l), l.At
	media := 0
	if l.File != "" {
		media = 1
	}
	account := t.Owner
	if name := f.Ledgers[account]; name != "" {
		account = name
	}
	f.Add(networkfake.Item{ID: l.ID, Account: account, Text: l.Text, ReplyTo: answered, Visibility: "private", Media: media, At: l.At})
	return Doc{"recipient_id": t.Other["id"], "message_id": l.ID}, nil
}
