package delivery

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// ActOrder asks for something small to be done to somebody else's item.
type ActOrder struct {
	WorkspaceID, ChannelID, MessageID string
	Act                               network.Act
	On                                network.Remote
	ResponsibleID, By                 string
}

// act is an order as it is stored.
type act struct {
	Act network.Act    `json:"act"`
	On  network.Remote `json:"on"`
}

// gentle are the acts that show something instead of taking it away; an emergency stop holds them.
var gentle = []network.Act{network.Like, network.Unlike, network.Share, network.Unhide, network.Approve, network.Unmute, network.Unblock}

// Act stores the delivery of an act in the transaction that noted it, and returns its id.
func (j *Journal) Act(ctx context.Context, tx *db.Tx, o ActOrder) (string, error) {
	what := act{o.Act, o.On}
	raw, err := json.Marshal(what)
	if err != nil {
		return "", err
	}
	d, err := j.write(ctx, tx, order{kind: ActKind, workspaceID: o.WorkspaceID, channelID: o.ChannelID, messageID: o.MessageID, by: o.By, responsible: o.ResponsibleID,
		draft: what, due: j.clock(), plan: func(string) ([]network.Step, []network.Problem) {
			return []network.Step{{Name: string(o.Act), Kind: o.Act.Kind(), Payload: raw}}, nil
		}})
	return d.ID, err
}

func (w *job) callAct(ctx context.Context, s *StepRow) (network.Outcome, error) {
	var what act
	if err := json.Unmarshal(s.Step.Payload, &what); err != nil {
		return network.Outcome{}, fault.Rejectedf("the order of an act cannot be read")
	}
	reactor, ok := w.n.(network.Reactor)
	if !ok {
		return network.Outcome{}, fault.Rejectedf("%s offers programs no way to %s", w.n.Spec().Name, what.Act)
	}
	err := reactor.Act(ctx, w.session, what.Act, what.On)
	if !fault.Is(err, fault.NotFound) {
		return network.Outcome{}, err
	}
	if what.Act == network.Delete {
		return network.Outcome{}, nil
	}
	return network.Outcome{}, fault.Rejectedf("the message is gone: its author or the network removed it")
}

// takesDown reports whether the delivery only takes something away.
func (w *job) takesDown() bool {
	if w.d.Kind != ActKind {
		return w.d.Kind == DeleteKind
	}
	var what act
	return json.Unmarshal(w.d.Draft, &what) == nil && !slices.Contains(gentle, what.Act)
}

// closed reports whether the network's window has closed before anything went out (E18).
func (w *job) closed(now time.Time) bool {
	return !w.d.ExpiresAt.IsZero() && !now.Before(w.d.ExpiresAt) && !w.begun()
}

var errClosed = fault.Rejectedf("the network's window for this answer closed before it could go out").WithCode("reply_window").
	WithHint("The person has to write again; your text is kept in the conversation.")
