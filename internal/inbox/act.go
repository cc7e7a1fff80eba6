package inbox

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Acts are what the network of a channel lets programs do to a message of a kind; none where it offers nothing.
func (i *Inbox) Acts(ch channel.Channel, kind network.MessageKind) []network.Act {
	return network.ActsOf(i.channels.Network(ch), kind)
}

// NeedFor is the right an act asks for: liking and sharing is talking; everything else is moderating.
func NeedFor(act network.Act) workspace.Capability {
	if act == network.Like || act == network.Unlike || act == network.Share {
		return workspace.InboxReply
	}
	return workspace.InboxModerate
}

// Opposite is the act that takes another back, "" where there is none. What was put away comes back by being approved.
func Opposite(act network.Act) network.Act {
	return map[network.Act]network.Act{network.Like: network.Unlike, network.Unlike: network.Like, network.Hide: network.Unhide, network.Unhide: network.Hide,
		network.Mute: network.Unmute, network.Unmute: network.Mute, network.Block: network.Unblock, network.Unblock: network.Block,
		network.Spam: network.Approve, network.Trash: network.Approve}[act]
}

// Deed is an act a person wants: on one message, or on the newest standing one of a conversation.
type Deed struct {
	Act network.Act
	Why string // of a report: what is wrong with the message, at most 1,000 bytes
	Key string // acts that are taken back together; "" = this one by itself
}

// ActOrder is an act as the journal needs it.
type ActOrder struct {
	WorkspaceID   string
	ChannelID     string
	MessageID     string
	Act           network.Act
	On            network.Remote
	ResponsibleID string
	Actor         string
}

// Act hands an act on one message to the journal, which carries it out at the network. A deleted message is kept here as
// it stood. What the network does not offer for the message is refused with the reason, and what is under way already
// with a Conflict of code "under_way".
func (i *Inbox) Act(ctx context.Context, actor workspace.Actor, messageID string, d Deed) error {
	m, err := i.message(ctx, i.db, actor.WorkspaceID, messageID)
	if err != nil {
		return err
	}
	return i.db.Tx(ctx, func(tx *db.Tx) error {
		c, err := i.lock(ctx, tx, actor.WorkspaceID, m.ConversationID)
		if err != nil {
			return err
		}
		if err := may(actor, NeedFor(d.Act), c); err != nil {
			return err
		}
		if m, err = i.message(ctx, tx, actor.WorkspaceID, messageID); err != nil {
			return err
		}
		return i.order(ctx, tx, actor, c, m, d, "")
	})
}

func (i *Inbox) message(ctx context.Context, q db.Queryer, workspaceID, messageID string) (Message, error) {
	m, err := db.One[Message](ctx, q, `select `+messageColumns+` from messages where workspace_id = $1 and id = $2 and conversation_id <> ''`, workspaceID, messageID)
	if fault.Is(err, fault.NotFound) {
		return m, fault.NotFoundf("there is no such message in this workspace")
	}
	return m, err
}

// order notes an act and hands it to the journal. holdID names the hold that wants it, "" for a person.
func (i *Inbox) order(ctx context.Context, tx *db.Tx, actor workspace.Actor, c Conversation, m Message, d Deed, holdID string) error {
	if d.Why = strings.TrimSpace(d.Why); len(d.Why) > 1000 {
		return fault.Invalidf("why", "the reason is longer than 1,000 bytes")
	}
	if m.Outbound || !m.RemovedAt.IsZero() && (d.Act != network.Approve || m.PutAway == "") {
		return fault.Conflictf("only a standing message of somebody else can be acted on")
	}
	ch, err := i.channels.In(ctx, tx, c.WorkspaceID, c.ChannelID)
	if err != nil {
		return err
	}
	if n := i.channels.Network(ch); !slices.Contains(i.Acts(ch, c.Kind), d.Act) {
		name := ch.Network
		if n != nil {
			name = n.Spec().Name
		}
		return fault.Rejectedf("%s offers programs no way to %s this", name, d.Act).WithHint("Do it in its own app; what is gone there disappears here.")
	}
	waiting, err := db.One[int](ctx, tx, `select count(*) from acts where workspace_id = $1 and message_id = $2 and act = $3 and state = 'queued'`, c.WorkspaceID, m.ID, d.Act)
	if err != nil {
		return err
	}
	if waiting > 0 {
		return fault.Conflictf("this is being done already").WithCode("under_way")
	}
	people, err := i.contacts.IdentitiesIn(ctx, tx, c.WorkspaceID, []string{m.IdentityID})
	if err != nil {
		return err
	}
	on := m.Remote
	on.Data = map[string]string{"author": people[m.IdentityID].Value, "reason": d.Why}
	maps.Copy(on.Data, m.Remote.Data)
	a := act{ID: id.New("act"), By: actor.UserID, Kept: "", At: i.clock()}
	var before any
	if d.Act == network.Delete {
		k := kept{Text: m.Text, Media: m.Media, Author: people[m.IdentityID].Handle, Name: people[m.IdentityID].Name, URL: m.Remote.URL, At: m.At}
		before, a.Kept = k, db.JSON(k)
	}
	deliveryID, err := i.sender.Act(ctx, tx, ActOrder{WorkspaceID: c.WorkspaceID, ChannelID: c.ChannelID, MessageID: m.ID, Act: d.Act, On: on, ResponsibleID: actor.UserID, Actor: actor.ID()})
	if err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, `insert into acts (workspace_id, id, conversation_id, message_id, channel_id, identity_id, act, by_id, hold_id, why, state, delivery_id, undo_key, kept, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'queued', $11, $12, $13, $14)`, c.WorkspaceID, a.ID, c.ID, m.ID, c.ChannelID, m.IdentityID, d.Act, a.By, holdID, d.Why,
		deliveryID, d.Key, a.Kept, a.At); err != nil {
		return err
	}
	if err := workspace.Audit(ctx, tx, actor, "inbox."+string(d.Act), c.ID, before, map[string]string{"message": m.ID, "why": d.Why, "hold": holdID}); err != nil {
		return err
	}
	return i.events.Record(ctx, tx, c.WorkspaceID, actor.ID(), "inbox.acting", c.ID, map[string]string{"message": m.ID, "act": string(d.Act)})
}

// act is what order stores of itself.
type act struct {
	ID, By string
	Kept   any
	At     time.Time
}

// kept is a message as it stood before it was deleted.
type kept struct {
	Text   string               `json:"text"`
	Media  []network.Attachment `json:"media,omitempty"`
	Author string               `json:"author"` // the handle
	Name   string               `json:"name"`
	URL    string               `json:"url,omitempty"`
	At     time.Time            `json:"at"`
}

// Acted stores what the journal reports of an act: done, failed or unknown. retriedID is the delivery that this one
// repeats, "" if none.
func (i *Inbox) Acted(ctx context.Context, tx *db.Tx, workspaceID, deliveryID, retriedID, state, reason string) error {
	a, err := db.One[reported](ctx, tx, `update acts set state = $4, reason = $5, settled_at = $6, delivery_id = $2 where workspace_id = $1 and (delivery_id = $2 or delivery_id = $3 and $3 <> '')
		returning conversation_id, message_id, channel_id, identity_id, act, by_id`, workspaceID, deliveryID, retriedID, state, reason, i.clock())
	if err != nil {
		return err
	}
	facts := map[string]string{"message": a.MessageID, "act": string(a.Act), "reason": reason, "responsible": a.ByID}
	if state != "done" {
		return i.events.Record(ctx, tx, workspaceID, "system", "inbox.act_"+state, a.ConversationID, facts)
	}
	if err := i.took(ctx, tx, workspaceID, a); err != nil {
		return err
	}
	return i.events.Record(ctx, tx, workspaceID, a.ByID, "inbox."+string(a.Act), a.ConversationID, facts)
}

// reported is an act the journal reports of.
type reported struct {
	ConversationID string      `db:"conversation_id"`
	MessageID      string      `db:"message_id"`
	ChannelID      string      `db:"channel_id"`
	IdentityID     string      `db:"identity_id"`
	Act            network.Act `db:"act"`
	ByID           string      `db:"by_id"`
}

// becomes says what a message is after an act was carried out on it.
var becomes = map[network.Act]string{network.Like: `liked = true`, network.Unlike: `liked = false`, network.Hide: `hidden = true, put_away = ''`,
	network.Unhide: `hidden = false, put_away = '', flag = ''`, network.Approve: `hidden = false, put_away = '', flag = ''`, network.Spam: `put_away = 'spam'`, network.Trash: `put_away = 'trash'`}

// took stores the effect of an act that was carried out.
func (i *Inbox) took(ctx context.Context, tx *db.Tx, workspaceID string, a reported) error {
	m, err := i.message(ctx, tx, workspaceID, a.MessageID)
	if err != nil {
		return err
	}
	if a.Act == network.Delete {
		return i.removed(ctx, tx, m)
	}
	if change := becomes[a.Act]; change != "" {
		if _, err := db.Exec(ctx, tx, `update messages set `+change+` where workspace_id = $1 and id = $2`, workspaceID, m.ID); err != nil {
			return err
		}
		if m.Flag != "" {
			return i.unmark(ctx, tx, workspaceID, m.ConversationID)
		}
	}
	column, on := silence(a.Act)
	if column == "" {
		return nil
	}
	_, err = db.Exec(ctx, tx, `insert into silenced (workspace_id, channel_id, identity_id, `+column+`) values ($1, $2, $3, $4)
		on conflict (workspace_id, channel_id, identity_id) do update set `+column+` = excluded.`+column, workspaceID, a.ChannelID, a.IdentityID, on)
	return err
}

// silence says which column an act on an author turns on or off; "" for other acts.
func silence(a network.Act) (column string, on bool) {
	switch a {
	case network.Mute, network.Unmute:
		return "muted", a == network.Mute
	case network.Block, network.Unblock:
		return "blocked", a == network.Block
	}
	return "", false
}

// Silenced is what a channel no longer hears of somebody.
type Silenced struct {
	Muted   bool `db:"muted"`
	Blocked bool `db:"blocked"`
}

// SilencedOn returns who of a conversation's people is muted or blocked on its channel, by identity.
func (i *Inbox) SilencedOn(ctx context.Context, actor workspace.Actor, conversationID string) (map[string]Silenced, error) {
	c, err := i.Get(ctx, actor, conversationID)
	if err != nil {
		return nil, err
	}
	rows, err := db.All[struct {
		IdentityID string `db:"identity_id"`
		Silenced
	}](ctx, i.db, `select s.identity_id, s.muted, s.blocked from silenced s where s.workspace_id = $1 and s.channel_id = $2 and s.identity_id in (
		select m.identity_id from messages m where m.workspace_id = $1 and m.conversation_id = $3)`, actor.WorkspaceID, c.ChannelID, c.ID)
	out := map[string]Silenced{}
	for _, r := range rows {
		out[r.IdentityID] = r.Silenced
	}
	return out, err
}
