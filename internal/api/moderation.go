package api

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Together is what became of one step on many conversations.
type Together struct {
	Key     string            `json:"key,omitempty" doc:"Takes it back, where it can be."`
	Changed int               `json:"changed"`
	Refused map[string]string `json:"refused,omitempty" doc:"By conversation, why it was left as it is."`
}

func togetherOf(d inbox.Done) Together {
	t := Together{Key: d.Key, Changed: d.Changed}
	for c, err := range d.Refused {
		if t.Refused == nil {
			t.Refused = map[string]string{}
		}
		t.Refused[c] = fault.As(err).Message
	}
	return t
}

// Hold is what flags new messages by itself, or hides them where the network can.
type Hold struct {
	ID       string `json:"id,omitempty"`
	Kind     string `json:"kind" enum:"words,link,newcomer"`
	Name     string `json:"name" minLength:"1"`
	Language string `json:"language,omitempty" doc:"Of words; messages clearly in another are left alone."`
	Words    string `json:"words,omitempty" doc:"One a line; * at the end stands for any ending."`
	Hides    bool   `json:"hides,omitempty"`
	Enabled  bool   `json:"enabled"`
	Caught   int64  `json:"caught,omitempty" readOnly:"true"`
}

func holdOf(h inbox.Hold) Hold {
	return Hold{h.ID, string(h.Kind), h.Name, h.Language, h.Words, h.Hides, h.Enabled, h.Caught}
}

func (h Hold) domain(holdID string) inbox.Hold {
	return inbox.Hold{ID: holdID, Kind: inbox.HoldKind(h.Kind), Name: h.Name, Language: h.Language, Words: h.Words, Hides: h.Hides, Enabled: h.Enabled}
}

// Moderation is one line of the log of what was done to people's messages.
type Moderation struct {
	ID             string    `json:"id"`
	ConversationID string    `json:"conversation_id"`
	MessageID      string    `json:"message_id"`
	Act            string    `json:"act" doc:"flag for what a hold only marked."`
	By             string    `json:"by"`
	HoldID         string    `json:"hold_id,omitempty"`
	Why            string    `json:"why,omitempty"`
	State          string    `json:"state" doc:"queued, done, failed or unknown."`
	Reason         string    `json:"reason,omitempty"`
	DeliveryID     string    `json:"delivery_id,omitempty"`
	Text           string    `json:"text" doc:"The message as it is kept here."`
	At             time.Time `json:"at"`
}

func (a *API) moderation(tag string) {
	on(a, "POST", "/messages/{id}/act", tag, "Like, share, hide, delete, mute, block or report; the journal carries it out", workspace.InboxReply, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body struct {
			Act string `json:"act" enum:"like,unlike,share,hide,unhide,delete,mute,unmute,block,unblock,report,approve,spam,trash"`
			Why string `json:"why,omitempty" maxLength:"1000" doc:"Of a report: what is wrong."`
		}
	}) (*struct{}, error) {
		return nil, a.Inbox.Act(ctx, actor, in.ID, inbox.Deed{Act: network.Act(in.Body.Act), Why: in.Body.Why})
	})
	on(a, "POST", "/messages/{id}/private-reply", tag, "Answer a public message with one private message, where the network offers it", workspace.InboxReply, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body struct {
			Text string `json:"text" minLength:"1"`
		}
	}) (*Body[Message], error) {
		m, err := a.Inbox.ReplyPrivately(ctx, actor, in.ID, in.Body.Text)
		return body(messageOf(m)), err
	})
	on(a, "POST", "/messages/{id}/unflag", tag, "Say that what a hold found was looked at and stands", workspace.InboxModerate, func(ctx context.Context, actor workspace.Actor, in *byID) (*struct{}, error) {
		return nil, a.Inbox.Unflag(ctx, actor, in.ID)
	})
	on(a, "POST", "/conversations/acts", tag, "Act on the newest message of each of many conversations", workspace.InboxReply, func(ctx context.Context, actor workspace.Actor, in *struct {
		Body struct {
			ConversationIDs []string `json:"conversation_ids" minItems:"1" maxItems:"200"`
			Act             string   `json:"act" enum:"like,unlike,share,hide,unhide,delete,mute,unmute,block,unblock,report,approve,spam,trash"`
			Why             string   `json:"why,omitempty" maxLength:"1000"`
		}
	}) (*Body[Together], error) {
		done, err := a.Inbox.ActMany(ctx, actor, in.Body.ConversationIDs, inbox.Deed{Act: network.Act(in.Body.Act), Why: in.Body.Why})
		return body(togetherOf(done)), err
	})
	on(a, "POST", "/conversations/tags", tag, "Add tags to many conversations", workspace.InboxReply, func(ctx context.Context, actor workspace.Actor, in *struct {
		Body struct {
			ConversationIDs []string `json:"conversation_ids" minItems:"1" maxItems:"200"`
			Tags            []string `json:"tags" minItems:"1" maxItems:"20"`
		}
	}) (*Body[Together], error) {
		done, err := a.Inbox.Many(ctx, actor, in.Body.ConversationIDs, inbox.Step{Do: inbox.DoTag, Tags: in.Body.Tags})
		return body(togetherOf(done)), err
	})
	on(a, "GET", "/moderation/log", tag, "List what was done to people's messages, the newest first", workspace.InboxRead, func(ctx context.Context, actor workspace.Actor, in *struct {
		Cursor string `query:"cursor"`
		Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}) (*Body[Page[Moderation]], error) {
		at, before, err := cursor(in.Cursor)
		if err != nil {
			return nil, err
		}
		rows, err := a.Inbox.Moderations(ctx, actor, at, before, in.Limit)
		page := Page[Moderation]{Items: []Moderation{}}
		for _, m := range rows {
			page.Items = append(page.Items, Moderation{m.ID, m.ConversationID, m.MessageID, string(m.Act), m.By, m.HoldID, m.Why, m.State, m.Reason, m.DeliveryID, m.Text, m.At})
		}
		if len(rows) == in.Limit {
			last := rows[len(rows)-1]
			page.Next = last.At.Format(time.RFC3339Nano) + "~" + last.ID
		}
		return body(page), err
	})
	on(a, "GET", "/moderation/holds", tag, "List what is flagged or hidden by itself", workspace.InboxRead, func(ctx context.Context, actor workspace.Actor, _ *struct{}) (*Body[[]Hold], error) {
		rows, err := a.Inbox.Holds(ctx, actor)
		out := []Hold{}
		for _, h := range rows {
			out = append(out, holdOf(h))
		}
		return body(out), err
	})
	keep := func(ctx context.Context, actor workspace.Actor, holdID string, h Hold) (*Body[Hold], error) {
		kept, err := a.Inbox.KeepHold(ctx, actor, h.domain(holdID))
		h.ID = kept
		return body(h), err
	}
	on(a, "POST", "/moderation/holds", tag, "Keep a new hold", workspace.InboxRules, func(ctx context.Context, actor workspace.Actor, in *struct{ Body Hold }) (*Body[Hold], error) {
		return keep(ctx, actor, "", in.Body)
	})
	on(a, "PUT", "/moderation/holds/{id}", tag, "Change a hold", workspace.InboxRules, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body Hold
	}) (*Body[Hold], error) {
		return keep(ctx, actor, in.ID, in.Body)
	})
	on(a, "DELETE", "/moderation/holds/{id}", tag, "Delete a hold", workspace.InboxRules, func(ctx context.Context, actor workspace.Actor, in *byID) (*struct{}, error) {
		return nil, a.Inbox.DropHold(ctx, actor, in.ID)
	})
}
