package bluesky

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// chatService is who keeps direct messages; the account's server passes calls on to it.
const chatService = "did:web:api.bsky.chat#bsky_chat"

func (s server) chat() server { s.proxy = chatService; return s }

// mayChat reports whether the app password opens direct messages and the service answers.
func (s server) mayChat(ctx context.Context, grant network.Grant) bool {
	if slices.Contains(grant.Scopes, "com.atproto.appPass") { // the scope without messages
		return false
	}
	chat := s.chat()
	chat.http = chat.http.WithTimeout(8 * time.Second)
	_, err := chat.query(ctx, "chat.bsky.convo.listConvos", values("limit", "1"), nil)
	return err == nil
}

func chats(a network.Account) bool { return a.Extra["messages"] == "yes" }

type chatMessage struct {
	Type   string `json:"$type"`
	ID     string `json:"id"`
	Text   string `json:"text"`
	Sender struct {
		DID string `json:"did"`
	} `json:"sender"`
	SentAt time.Time `json:"sentAt"`
}

type convo struct {
	ID      string      `json:"id"`
	Rev     string      `json:"rev"`
	Members []profile   `json:"members"`
	Last    chatMessage `json:"lastMessage"`
}

func (c convo) message(m chatMessage, me string) network.Message {
	out := network.Message{Remote: network.Remote{ID: m.ID, URL: website + "/messages/" + c.ID, Data: map[string]string{"convo": c.ID, "author": m.Sender.DID}},
		Kind: network.Direct, Thread: c.ID, From: network.Person{ID: m.Sender.DID}, Own: m.Sender.DID == me, Text: m.Text, At: m.SentAt.UTC(), Removed: strings.HasSuffix(m.Type, "deletedMessageView")}
	for _, p := range c.Members {
		if p.DID == m.Sender.DID {
			out.From = p.person()
		}
	}
	return out
}

// messages reads direct messages. Another service keeps them: while it does not answer, posts are read without, and
// messages later from where they were left.
func (f *fetch) messages(ctx context.Context) (err error) {
	switch s := f.chat(); {
	case !chats(f.me):
	case f.place.Chat == "":
		err = f.recentChats(ctx, s)
	default:
		err = f.log(ctx, s)
	}
	if fault.Is(err, fault.Unauthorised) {
		return err
	}
	return nil
}

// log reads what happened in conversations, forward from where it was left.
func (f *fetch) log(ctx context.Context, s server) error {
	var page struct {
		Cursor string `json:"cursor"`
		Logs   []struct {
			Type    string      `json:"$type"`
			Convo   string      `json:"convoId"`
			Message chatMessage `json:"message"`
		} `json:"logs"`
	}
	if _, err := s.query(ctx, "chat.bsky.convo.getLog", values("cursor", f.place.Chat), &page); err != nil {
		return err
	}
	known := map[string]convo{}
	for _, l := range page.Logs {
		created, deleted := strings.HasSuffix(l.Type, "#logCreateMessage"), strings.HasSuffix(l.Type, "#logDeleteMessage")
		if !created && !deleted || l.Message.ID == "" {
			continue
		}
		if _, ok := known[l.Convo]; !ok {
			var got struct {
				Convo convo `json:"convo"`
			}
			_, err := s.query(ctx, "chat.bsky.convo.getConvo", values("convoId", l.Convo), &got)
			if err != nil && !fault.Is(err, fault.Rejected) && !fault.Is(err, fault.NotFound) {
				return err
			}
			got.Convo.ID = l.Convo
			known[l.Convo] = got.Convo
		}
		m := known[l.Convo].message(l.Message, f.me.ID)
		m.Removed = m.Removed || deleted
		f.batch.Messages = append(f.batch.Messages, m)
	}
	f.batch.More = f.batch.More || len(page.Logs) > 0 && page.Cursor != f.place.Chat
	f.place.Chat = cmp.Or(page.Cursor, f.place.Chat)
	return nil
}

// recentChats is the history: the last message of each recent conversation, and the place the log goes on from.
func (f *fetch) recentChats(ctx context.Context, s server) error {
	var list struct {
		Convos []convo `json:"convos"`
	}
	if _, err := s.query(ctx, "chat.bsky.convo.listConvos", values("limit", "50"), &list); err != nil {
		return err
	}
	f.place.Chat = "2222222222222" // the first of all revisions
	for _, c := range list.Convos {
		f.place.Chat = max(f.place.Chat, c.Rev)
		if strings.HasSuffix(c.Last.Type, "#messageView") {
			f.batch.Messages = append(f.batch.Messages, c.message(c.Last, f.me.ID))
		}
	}
	return nil
}

// say sends a direct message. The service has no key against doubles: a lost answer is looked up.
func (s server) say(ctx context.Context, p payload) (network.Outcome, error) {
	message := map[string]any{"text": p.Text}
	if len(p.Facets) > 0 {
		message["facets"] = p.Facets
	}
	var made chatMessage
	if _, err := s.chat().call(ctx, "chat.bsky.convo.sendMessage", map[string]any{"convoId": p.Convo, "message": message}, &made); err != nil {
		return network.Outcome{}, field(err, "text", "The conversation may be closed, or the other side takes no messages.")
	}
	if made.ID == "" {
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "the server answered without saying which message it sent"}
	}
	return p.said(made.ID), nil
}

func (p payload) said(id string) network.Outcome {
	return network.Outcome{RemoteID: id, URL: website + "/messages/" + p.Convo, Data: map[string]string{"convo": p.Convo}}
}

// findMessage looks for a direct message of ours with the same words since the call. Not seeing it proves nothing.
func (s server) findMessage(ctx context.Context, me string, p payload, sent time.Time) (network.Finding, network.Outcome, error) {
	var page struct {
		Messages []json.RawMessage `json:"messages"`
	}
	if _, err := s.chat().query(ctx, "chat.bsky.convo.getMessages", values("convoId", p.Convo, "limit", "50"), &page); err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	for _, raw := range page.Messages {
		var m chatMessage
		if json.Unmarshal(raw, &m) == nil && m.Sender.DID == me && m.Text == p.Text && m.SentAt.After(sent.Add(-2*time.Minute)) {
			return network.Found, p.said(m.ID), nil
		}
	}
	return network.NotSeen, network.Outcome{}, nil
}
