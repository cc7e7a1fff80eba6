package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Moderation is one line of the log of what was done to people's messages.
type Moderation struct {
	ID             string      `db:"id"`
	ConversationID string      `db:"conversation_id"`
	MessageID      string      `db:"message_id"`
	ContactName    string      `db:"contact_name"`
	ChannelName    string      `db:"channel_name"`
	Network        string      `db:"network"`
	Act            network.Act `db:"act"` // "flag" for what was only marked
	By             string      `db:"by_name"`
	HoldID         string      `db:"hold_id"` // the hold that did it, "" for a person
	Why            string      `db:"why"`
	State          string      `db:"state"` // queued, done, failed, unknown
	Reason         string      `db:"reason"`
	DeliveryID     string      `db:"delivery_id"`
	Text           string      `db:"text"` // as it is kept here
	Hidden         bool        `db:"hidden"`
	PutAway        string      `db:"put_away"`
	Flag           string      `db:"flag"`
	Muted          bool        `db:"muted"`
	Blocked        bool        `db:"blocked"`
	At             time.Time   `db:"at"`
}

// Moderations returns what was done to people's messages, likes and shares left out, the newest first, at most limit.
func (i *Inbox) Moderations(ctx context.Context, actor workspace.Actor, beforeAt time.Time, beforeID string, limit int) ([]Moderation, error) {
	if !actor.CanSomewhere(workspace.InboxRead) {
		return nil, actor.May(workspace.InboxRead, workspace.Scope{})
	}
	args := []any{actor.WorkspaceID}
	mine := readable(actor, &args)
	place := ""
	if !beforeAt.IsZero() {
		args = append(args, beforeAt, beforeID)
		place = fmt.Sprintf(` and (a.at, a.id) < ($%d, $%d)`, len(args)-1, len(args))
	}
	args = append(args, max(1, min(limit, 200)))
	return db.All[Moderation](ctx, i.db, `select a.id, a.conversation_id, a.message_id, c.name as contact_name, h.name as channel_name, h.network, a.act,
			case when a.hold_id <> '' then coalesce(l.name, 'a hold that was deleted') else coalesce(u.name, 'a former member') end as by_name, a.hold_id, a.why, a.state, a.reason, a.delivery_id,
			m.text, m.hidden, m.put_away, m.flag, coalesce(s.muted, false) as muted, coalesce(s.blocked, false) as blocked, a.at
		from acts a join conversations v on v.workspace_id = a.workspace_id and v.id = a.conversation_id
		join messages m on m.workspace_id = a.workspace_id and m.id = a.message_id
		join contacts c on c.workspace_id = v.workspace_id and c.id = v.contact_id
		join channels h on h.workspace_id = a.workspace_id and h.id = a.channel_id
		left join users u on u.id = a.by_id
		left join holds l on l.workspace_id = a.workspace_id and l.id = a.hold_id
		left join silenced s on s.workspace_id = a.workspace_id and s.channel_id = a.channel_id and s.identity_id = a.identity_id
		where a.workspace_id = $1 and a.act not in ('like', 'unlike', 'share')`+mine+place+fmt.Sprintf(` order by a.at desc, a.id desc limit $%d`, len(args)), args...)
}

// Underway is the newest act on a message that has not ended well: on its way, refused by the network, or in doubt.
type Underway struct {
	MessageID  string      `db:"message_id"`
	Act        network.Act `db:"act"`
	State      string      `db:"state"` // queued, failed, unknown
	Reason     string      `db:"reason"`
	DeliveryID string      `db:"delivery_id"`
}

// Underways returns the newest act on each message of a conversation, where it has not ended well, by message.
func (i *Inbox) Underways(ctx context.Context, actor workspace.Actor, conversationID string) (map[string]Underway, error) {
	if _, err := i.Get(ctx, actor, conversationID); err != nil {
		return nil, err
	}
	rows, err := db.All[Underway](ctx, i.db, `select a.message_id, a.act, a.state, a.reason, a.delivery_id from messages m join acts a on a.workspace_id = m.workspace_id and a.message_id = m.id
		where m.workspace_id = $1 and m.conversation_id = $2 and a.act <> 'flag' order by a.at, a.id`, actor.WorkspaceID, conversationID)
	out := map[string]Underway{}
	for _, r := range rows {
		if delete(out, r.MessageID); r.State != "done" {
			out[r.MessageID] = r
		}
	}
	return out, err
}
