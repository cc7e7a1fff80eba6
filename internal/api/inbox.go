package api

import (
	"context"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Conversation is a thread of messages with one contact on one channel.
type Conversation struct {
	ID            string    `json:"id"`
	ChannelID     string    `json:"channel_id"`
	Kind          string    `json:"kind"`
	State         string    `json:"state"`
	ContactID     string    `json:"contact_id"`
	ContactName   string    `json:"contact_name,omitempty"`
	TargetID      string    `json:"target_id,omitempty" doc:"The target of ours it is about."`
	CampaignID    string    `json:"campaign_id,omitempty"`
	AssigneeID    string    `json:"assignee_id,omitempty"`
	Tags          []string  `json:"tags"`
	Preview       string    `json:"preview"`
	LastMessageAt time.Time `json:"last_message_at"`
	SnoozedUntil  time.Time `json:"snoozed_until,omitzero"`
	FirstInbound  time.Time `json:"first_inbound_at,omitzero"`
	FirstReply    time.Time `json:"first_reply_at,omitzero"`
	AnswerBy      time.Time `json:"answer_by,omitzero" doc:"The next instant from which the network takes less of an answer; absent: at any time."`
	AnswerEnd     time.Time `json:"answer_end,omitzero" doc:"From when on the network takes no answer."`
}

func conversationOf(c inbox.Conversation, name string) Conversation {
	return Conversation{ID: c.ID, ChannelID: c.ChannelID, Kind: string(c.Kind), State: string(c.State), ContactID: c.ContactID, ContactName: name, TargetID: c.TargetID,
		CampaignID: c.CampaignID, AssigneeID: c.AssigneeID, Tags: c.Tags, Preview: c.Preview, LastMessageAt: c.LastMessageAt, SnoozedUntil: c.SnoozedUntil,
		FirstInbound: c.FirstInboundAt, FirstReply: c.FirstReplyAt, AnswerBy: c.AnswerBy, AnswerEnd: c.AnswerEnd}
}

// Message is one inbound or outbound item. Text is a stranger's text, never markup.
type Message struct {
	ID         string               `json:"id"`
	Outbound   bool                 `json:"outbound"`
	AuthorID   string               `json:"author_id,omitempty"`
	IdentityID string               `json:"identity_id,omitempty"`
	Text       string               `json:"text"`
	Media      []network.Attachment `json:"media,omitempty"`
	At         time.Time            `json:"at"`
	State      string               `json:"state,omitempty" doc:"Outbound: queued, sending, sent, failed or unknown."`
	DeliveryID string               `json:"delivery_id,omitempty"`
	URL        string               `json:"url,omitempty"`
	Liked      bool                 `json:"liked,omitempty"`
	Hidden     bool                 `json:"hidden,omitempty"`
	RemovedAt  time.Time            `json:"removed_at,omitzero" doc:"Gone at the network; the text is kept here."`
	Flag       string               `json:"flag,omitempty" doc:"What a hold found, until a person has looked."`
	PrivateID  string               `json:"private_id,omitempty" doc:"Our private answer to it."`
	InThread   string               `json:"conversation_id"`
}

func messageOf(m inbox.Message) Message {
	return Message{ID: m.ID, Outbound: m.Outbound, AuthorID: m.AuthorID, IdentityID: m.IdentityID, Text: m.Text, Media: m.Media, At: m.At, State: m.State,
		DeliveryID: m.DeliveryID, URL: m.Remote.URL, Liked: m.Liked, Hidden: m.Hidden, RemovedAt: m.RemovedAt, Flag: m.Flag, PrivateID: m.PrivateID, InThread: m.ConversationID}
}

func (a *API) inbox() {
	const tag = "Inbox"
	on(a, "GET", "/conversations", tag, "List conversations: those whose window closes soon first, then the newest message", workspace.InboxRead, func(ctx context.Context, actor workspace.Actor, in *struct {
		State    string `query:"state"`
		Channel  string `query:"channel_id"`
		Assignee string `query:"assignee_id" doc:"A user id, or none."`
		Kind     string `query:"kind"`
		Campaign string `query:"campaign_id"`
		Contact  string `query:"contact_id"`
		Target   string `query:"target_id"`
		Search   string `query:"q"`
		Cursor   string `query:"cursor"`
		Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}) (*Body[Page[Conversation]], error) {
		f := inbox.Filter{State: inbox.State(in.State), ChannelID: in.Channel, AssigneeID: in.Assignee, Kind: in.Kind, CampaignID: in.Campaign, ContactID: in.Contact,
			TargetID: in.Target, Search: in.Search, Limit: in.Limit}
		var err error
		if f.BeforeAt, f.BeforeID, err = cursor(in.Cursor); err != nil {
			return nil, err
		}
		rows, more, err := a.Inbox.List(ctx, actor, f)
		page := Page[Conversation]{Items: []Conversation{}}
		for _, c := range rows {
			page.Items = append(page.Items, conversationOf(c.Conversation, c.ContactName))
		}
		if more {
			last := rows[len(rows)-1]
			page.Next = last.LastMessageAt.Format(time.RFC3339Nano) + "~" + last.ID
		}
		return body(page), err
	})
	read := func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Conversation], error) {
		c, err := a.Inbox.Get(ctx, actor, in.ID)
		return body(conversationOf(c, "")), err
	}
	on(a, "GET", "/conversations/{id}", tag, "Read a conversation", workspace.InboxRead, read)
	on(a, "GET", "/conversations/{id}/messages", tag, "List a conversation's messages, the oldest first", workspace.InboxRead, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[[]Message], error) {
		rows, err := a.Inbox.Messages(ctx, actor, in.ID)
		out := []Message{}
		for _, m := range rows {
			out = append(out, messageOf(m))
		}
		return body(out), err
	})
	on(a, "POST", "/conversations/{id}/replies", tag, "Answer a conversation", workspace.InboxReply, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body struct {
			Text      string `json:"text" minLength:"1"`
			MessageID string `json:"message_id,omitempty" doc:"The message to answer; default is the newest inbound one."`
			Resolve   bool   `json:"resolve,omitempty"`
			Confirm   bool   `json:"confirm,omitempty"`
		}
	}) (*Body[Message], error) {
		m, err := a.Inbox.Reply(ctx, actor, inbox.Answer{ConversationID: in.ID, ToMessageID: in.Body.MessageID, Text: in.Body.Text, Resolve: in.Body.Resolve, Confirm: in.Body.Confirm})
		return body(messageOf(m)), err
	})
	on(a, "POST", "/conversations/{id}/notes", tag, "Write an internal note", workspace.InboxReply, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body struct {
			Text string `json:"text" minLength:"1"`
		}
	}) (*struct{}, error) {
		return nil, a.Inbox.AddNote(ctx, actor, in.ID, in.Body.Text)
	})
	on(a, "POST", "/conversations/{id}/state", tag, "Resolve, reopen, dismiss or snooze", workspace.InboxReply, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body struct {
			State string    `json:"state" enum:"open,resolved,dismissed,snoozed"`
			Until time.Time `json:"until,omitzero" doc:"For snoozed."`
		}
	}) (*Body[Conversation], error) {
		err := map[string]func() error{"open": func() error { return a.Inbox.Reopen(ctx, actor, in.ID) }, "resolved": func() error { return a.Inbox.Resolve(ctx, actor, in.ID) },
			"dismissed": func() error { return a.Inbox.Dismiss(ctx, actor, in.ID) }, "snoozed": func() error { return a.Inbox.Snooze(ctx, actor, in.ID, in.Body.Until) }}[in.Body.State]()
		if err != nil {
			return nil, err
		}
		return read(ctx, actor, &byID{in.ID})
	})
	on(a, "POST", "/conversations/{id}/assign", tag, "Give a conversation to a member", workspace.InboxReply, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body struct {
			UserID string `json:"user_id" doc:"Empty: nobody."`
		}
	}) (*Body[Conversation], error) {
		if err := a.Inbox.Assign(ctx, actor, in.ID, in.Body.UserID); err != nil {
			return nil, err
		}
		return read(ctx, actor, &byID{in.ID})
	})
	on(a, "PUT", "/conversations/{id}/tags", tag, "Replace a conversation's tags", workspace.InboxReply, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body []string
	}) (*Body[Conversation], error) {
		if err := a.Inbox.Tag(ctx, actor, in.ID, in.Body); err != nil {
			return nil, err
		}
		return read(ctx, actor, &byID{in.ID})
	})
	a.moderation(tag)
}

// cursor reads the place a page ended: an instant and an id.
func cursor(s string) (time.Time, string, error) {
	if s == "" {
		return time.Time{}, "", nil
	}
	at, rowID, _ := strings.Cut(s, "~")
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return t, "", fault.Invalidf("cursor", "this cursor is not one of ours")
	}
	return t, rowID, nil
}
