package inbox

import (
	"context"
	"slices"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Acts are what the network of a conversation's channel lets programs do to a message; none for a network that
// offers nothing of the kind.
func (i *Inbox) Acts(ch channel.Channel) []network.Act {
	if reactor, ok := i.channels.Network(ch).(network.Reactor); ok {
		return reactor.Acts()
	}
	return nil
}

// NeedFor is the right an act asks for: liking and sharing is talking; hiding, muting, approving and putting away is
// moderating.
func NeedFor(act network.Act) workspace.Capability {
	if act == network.Like || act == network.Unlike || act == network.Share {
		return workspace.InboxReply
	}
	return workspace.InboxModerate
}

// Opposite is the act that takes another back, "" where there is none. What was put away comes back by being approved.
func Opposite(act network.Act) network.Act {
	return map[network.Act]network.Act{network.Like: network.Unlike, network.Unlike: network.Like, network.Hide: network.Unhide, network.Unhide: network.Hide,
		network.Mute: network.Unmute, network.Unmute: network.Mute, network.Spam: network.Approve, network.Trash: network.Approve}[act]
}

// Act likes, hides or mutes at the network and remembers it. Acts are repeatable, so a failure can simply be tried
// again; what the network doesn't offer is refused with the reason.
func (i *Inbox) Act(ctx context.Context, actor workspace.Actor, messageID string, act network.Act) error {
	m, err := db.One[Message](ctx, i.db, `select `+messageColumns+` from messages where workspace_id = $1 and id = $2`, actor.WorkspaceID, messageID)
	if fault.Is(err, fault.NotFound) {
		return fault.NotFoundf("there is no such message in this workspace")
	}
	if err != nil {
		return err
	}
	c, err := i.Get(ctx, actor, m.ConversationID)
	if err != nil {
		return err
	}
	if err := may(actor, NeedFor(act), c); err != nil {
		return err
	}
	if m.Outbound || !m.RemovedAt.IsZero() && (act != network.Approve || m.PutAway == "") {
		return fault.Conflictf("only a standing message of somebody else can be acted on")
	}
	_, n, session, err := i.channels.Session(ctx, actor.WorkspaceID, m.ChannelID)
	if err != nil {
		return err
	}
	reactor, ok := n.(network.Reactor)
	if !ok || !slices.Contains(reactor.Acts(), act) {
		return fault.Rejectedf("%s offers programs no way to %s", n.Spec().Name, act)
	}
	people, err := i.contacts.IdentitiesIn(ctx, i.db, actor.WorkspaceID, []string{m.IdentityID})
	if err != nil {
		return err
	}
	on := m.Remote
	on.Data = map[string]string{"author": people[m.IdentityID].Value}
	for key, value := range m.Remote.Data {
		on.Data[key] = value
	}
	if err := reactor.Act(ctx, session, act, on); err != nil {
		return err
	}
	return i.db.Tx(ctx, func(tx *db.Tx) error {
		switch act {
		case network.Like, network.Unlike:
			_, err = db.Exec(ctx, tx, `update messages set liked = $3 where workspace_id = $1 and id = $2`, actor.WorkspaceID, messageID, act == network.Like)
		case network.Hide, network.Unhide:
			_, err = db.Exec(ctx, tx, `update messages set hidden = $3, put_away = '' where workspace_id = $1 and id = $2`, actor.WorkspaceID, messageID, act == network.Hide)
		case network.Spam, network.Trash:
			_, err = db.Exec(ctx, tx, `update messages set put_away = $3 where workspace_id = $1 and id = $2`, actor.WorkspaceID, messageID, act)
		case network.Approve:
			_, err = db.Exec(ctx, tx, `update messages set hidden = false, put_away = '' where workspace_id = $1 and id = $2`, actor.WorkspaceID, messageID)
		}
		if err != nil {
			return err
		}
		if err := workspace.Audit(ctx, tx, actor, "inbox."+string(act), c.ID, nil, map[string]string{"message": messageID}); err != nil {
			return err
		}
		return i.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), "inbox."+string(act), c.ID, map[string]string{"message": messageID})
	})
}
