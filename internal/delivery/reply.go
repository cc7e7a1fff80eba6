package delivery

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// ReplyOrder asks for an answer from the inbox to go out.
type ReplyOrder struct {
	WorkspaceID, ChannelID, MessageID string
	Reply                             network.Reply
	Private                           bool      // the one private answer to a public message (E08)
	Until                             time.Time // from when on the network refuses it (E18); zero = never
	ResponsibleID, By                 string
}

// Reply stores the delivery of an answer in the transaction that stored the answer, and returns its id.
func (j *Journal) Reply(ctx context.Context, tx *db.Tx, o ReplyOrder) (string, error) {
	ch, err := j.channels.In(ctx, tx, o.WorkspaceID, o.ChannelID)
	if err != nil {
		return "", err
	}
	n := j.channels.Network(ch)
	converser, ok := n.(network.Converser)
	if !ok {
		return "", fault.Rejectedf("this network offers programs no way to answer")
	}
	plan := converser.PlanReply
	if o.Private {
		private, ok := n.(network.PrivateReplier)
		if !ok {
			return "", fault.Rejectedf("%s offers programs no way to answer in private", n.Spec().Name)
		}
		plan = private.PlanPrivate
	}
	due := o.Reply.At
	if due.IsZero() {
		due = j.clock()
	}
	d, err := j.write(ctx, tx, order{kind: ReplyKind, workspaceID: o.WorkspaceID, channelID: o.ChannelID, messageID: o.MessageID, by: o.By, responsible: o.ResponsibleID,
		draft: o.Reply, due: due, expires: o.Until, plan: func(key string) ([]network.Step, []network.Problem) {
			o.Reply.Key = key
			return plan(o.Reply, ch.Account)
		}})
	if err != nil {
		return "", err
	}
	if d.State == Failed {
		return "", fault.Invalidf(d.Field, "%s", d.Reason).WithHint(d.Hint)
	}
	return d.ID, nil
}
