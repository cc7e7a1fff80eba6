package delivery

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

// factsOf is what the event of a delivery tells its consumers.
func factsOf(d Delivery) map[string]string {
	return map[string]string{"target": d.TargetID, "message": d.MessageID, "channel": d.ChannelID, "reason": d.Reason, "hint": d.Hint, "responsible": d.ResponsibleID, "url": d.URL, "kind": string(d.Kind)}
}

// quiet are the states between two calls: they are stored, and nobody waits to hear of them.
var quiet = []State{Waiting, Prepared, Sending, Reconciled}

// report tells the rooms above what became of the delivery, in the transaction that made it so.
func (w *job) report(ctx context.Context, tx *db.Tx, from State) error {
	d := w.d
	if !slices.Contains(quiet, d.State) {
		if err := w.j.events.Record(ctx, tx, d.WorkspaceID, "system", "delivery."+string(d.State), d.ID, factsOf(d)); err != nil {
			return err
		}
	}
	switch d.Kind {
	case PostKind:
		return w.reportTarget(ctx, tx, from)
	case ReplyKind:
		state := map[State]string{Accepted: "sent", Failed: "failed", Cancelled: "failed", Unknown: "unknown", NeedsHuman: "unknown"}[d.State]
		if w.j.replies == nil || state == "" {
			return nil
		}
		return w.j.replies.Delivered(ctx, tx, d.WorkspaceID, d.MessageID, state, w.remote())
	case ActKind:
		state := map[State]string{Accepted: "done", Failed: "failed", Cancelled: "failed", Unknown: "unknown", NeedsHuman: "unknown"}[d.State]
		if w.j.replies == nil || state == "" {
			return nil
		}
		return w.j.replies.Acted(ctx, tx, d.WorkspaceID, d.ID, d.PreviousID, state, d.Reason)
	case DeleteKind:
		if d.State == Accepted {
			return w.j.posts.Settle(ctx, tx, d.WorkspaceID, d.TargetID, post.Outcome{State: post.Removed, Reason: "deleted on request"})
		}
	case EditKind:
		if d.State == Accepted {
			return w.edited(ctx, tx)
		}
	}
	return nil
}

func (w *job) reportTarget(ctx context.Context, tx *db.Tx, from State) error {
	d := w.d
	o := post.Outcome{DeliveryID: d.ID, RemoteID: d.RemoteID, URL: d.URL, Reason: d.Reason}
	switch d.State {
	case Accepted:
		o.State, o.At, o.Reason = post.Published, w.appeared(d.AcceptedAt), ""
		if err := w.follow(ctx, tx); err != nil {
			return err
		}
	case Failed:
		o.State = post.Failed
		if w.live() {
			o.State, o.At = post.PartlyPublished, w.j.clock()
			o.Reason = fmt.Sprintf("%s is not live: %s", w.openPart(), d.Reason)
			if err := w.follow(ctx, tx); err != nil {
				return err
			}
		}
	case NeedsHuman:
		o.State = post.NeedsHuman
	case Removed:
		o.State = post.Removed
	case Cancelled:
		o.State = post.Held
	case Prepared:
		if from != NeedsHuman {
			return nil
		}
		o.State, o.Reason = post.Publishing, ""
	default:
		return nil
	}
	return w.j.posts.Settle(ctx, tx, d.WorkspaceID, d.TargetID, o)
}

// follow lets the published item be measured from now on.
func (w *job) follow(ctx context.Context, tx *db.Tx) error {
	if w.j.followed == nil || w.d.RemoteID == "" {
		return nil
	}
	return w.j.followed.Follow(ctx, tx, w.d.WorkspaceID, w.d.TargetID, w.d.ChannelID, w.remote(), w.appeared(w.j.clock()))
}

// appeared is when the item came to be seen, as far as its network has told, else the given instant.
func (w *job) appeared(otherwise time.Time) time.Time {
	if w.since.IsZero() {
		return otherwise
	}
	return w.since.UTC().Truncate(time.Microsecond)
}

// openPart names the first part that is not accepted.
func (w *job) openPart() string {
	for _, s := range w.steps {
		switch {
		case s.State == StepAccepted:
		case s.Name == commentStep:
			return "the first comment"
		default:
			return fmt.Sprintf("part %d", s.Part+1)
		}
	}
	return "a part"
}

// remote is the published item.
func (w *job) remote() network.Remote {
	r := network.Remote{ID: w.d.RemoteID, URL: w.d.URL}
	if main := w.main(); main != nil && main.Outcome != nil {
		r.Data = main.Outcome.Data
	}
	return r
}
