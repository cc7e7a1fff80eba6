package delivery

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

// failed decides what an error of a call means.
func (w *job) failed(ctx context.Context, s *StepRow, attempt string, err error) error {
	f := fault.As(err)
	kind := f.Kind
	if s.Kind == network.Repeatable && (kind == fault.Unknown || kind == fault.Internal) {
		kind = fault.Later // doing it again harms nobody
	}
	if s.Public && kind == fault.Internal {
		kind = fault.Unknown // a failure of ours says nothing about what the network did
	}
	switch kind {
	case fault.Later:
		return w.later(ctx, s, attempt, f)
	case fault.Unauthorised:
		return w.unauthorised(ctx, s, attempt, f)
	case fault.Unknown:
		if err := w.j.db.Tx(ctx, func(tx *db.Tx) error {
			if err := w.note(ctx, tx, attempt, "unknown", f.Error()); err != nil {
				return err
			}
			if err := w.mark(ctx, tx, s, StepUnknown, nil, f.Message); err != nil {
				return err
			}
			w.d.State = Unknown
			return w.keep(ctx, tx, `state = 'unknown', reason = $5, looked = 0, next_at = $6, lease_owner = '', lease_until = null`,
				"the network's answer was lost; looking it up", w.j.clock().Add(time.Second))
		}); err != nil {
			return err
		}
		return nil
	}
	if err := w.j.db.Tx(ctx, func(tx *db.Tx) error {
		if err := w.note(ctx, tx, attempt, "rejected", f.Error()); err != nil {
			return err
		}
		return w.mark(ctx, tx, s, StepRejected, nil, f.Message)
	}); err != nil {
		return err
	}
	return w.end(ctx, Failed, f)
}

// later waits and tries again: provably nothing was created. It gives up, and says so, after six tries.
func (w *job) later(ctx context.Context, s *StepRow, attempt string, f *fault.Error) error {
	w.d.Attempt++
	if w.d.Attempt >= attempts {
		if err := w.j.db.Tx(ctx, func(tx *db.Tx) error {
			if err := w.note(ctx, tx, attempt, "later", f.Error()); err != nil {
				return err
			}
			return w.mark(ctx, tx, s, StepWaiting, nil, f.Message)
		}); err != nil {
			return err
		}
		return w.end(ctx, Failed, &fault.Error{Kind: fault.Rejected, Code: "gave_up", Message: fmt.Sprintf("tried %d times: %s", w.d.Attempt, f.Message),
			Hint: "Nothing was created. Send it again when the network is well."})
	}
	next := w.j.clock().Add(jitter(backoff[min(w.d.Attempt-1, len(backoff)-1)]))
	if f.RetryAt.After(next) {
		next = f.RetryAt.Add(jitter(time.Second))
	}
	return w.j.db.Tx(ctx, func(tx *db.Tx) error {
		if err := w.note(ctx, tx, attempt, "later", f.Error()); err != nil {
			return err
		}
		if err := w.mark(ctx, tx, s, StepWaiting, nil, f.Message); err != nil {
			return err
		}
		return w.keep(ctx, tx, `state = 'failed_retryable', reason = $5, attempt = attempt + 1, next_at = $6, lease_owner = '', lease_until = null`, f.Message, next)
	})
}

func jitter(d time.Duration) time.Duration {
	return d + time.Duration((rand.Float64()*0.4-0.2)*float64(d))
}

// unauthorised refreshes once and tries once more; then the channel needs a person and its posts are held (R20).
func (w *job) unauthorised(ctx context.Context, s *StepRow, attempt string, f *fault.Error) error {
	if !w.d.Refreshed {
		refreshErr := w.j.channels.Refresh(ctx, w.d.WorkspaceID, w.d.ChannelID)
		if refreshErr == nil || fault.Is(refreshErr, fault.Later) {
			w.d.Refreshed = true
			return w.j.db.Tx(ctx, func(tx *db.Tx) error {
				if err := w.note(ctx, tx, attempt, "unauthorised", f.Error()); err != nil {
					return err
				}
				if err := w.mark(ctx, tx, s, StepWaiting, nil, f.Message); err != nil {
					return err
				}
				return w.keep(ctx, tx, `refreshed = true, state = 'prepared', reason = $5, next_at = $6, lease_owner = '', lease_until = null`, f.Message, w.j.clock().Add(time.Second))
			})
		}
	}
	if err := w.j.db.Tx(ctx, func(tx *db.Tx) error {
		if err := w.note(ctx, tx, attempt, "unauthorised", f.Error()); err != nil {
			return err
		}
		if err := w.mark(ctx, tx, s, StepWaiting, nil, f.Message); err != nil {
			return err
		}
		return w.j.channels.NeedsReconnect(ctx, tx, w.d.WorkspaceID, w.d.ChannelID, f.Message)
	}); err != nil {
		return err
	}
	return w.block(ctx, "the channel needs to be reconnected: "+f.Message)
}

// noSession ends the work of a delivery whose channel cannot be opened.
func (w *job) noSession(ctx context.Context, err error) error {
	f := fault.As(err)
	switch f.Kind {
	case fault.Unauthorised, fault.NotFound, fault.Rejected:
		return w.block(ctx, f.Message)
	}
	next := w.j.clock().Add(5 * time.Second)
	if f.RetryAt.After(next) {
		next = f.RetryAt
	}
	return w.j.db.Tx(ctx, func(tx *db.Tx) error {
		return w.keep(ctx, tx, `reason = $5, next_at = $6, lease_owner = '', lease_until = null`, f.Message, next)
	})
}

// block stops a delivery that may not go on. What is live already or in doubt keeps its place and is looked at again;
// what has not begun is held for a person's choice (C03, C19).
func (w *job) block(ctx context.Context, why string) error {
	begun := w.live()
	for _, s := range w.steps {
		begun = begun || s.Public && (s.State == StepUnknown || s.State == StepSending || s.State == StepPending)
	}
	return w.j.db.Tx(ctx, func(tx *db.Tx) error {
		if begun {
			return w.keep(ctx, tx, `state = case when state = 'unknown' then 'unknown' else 'blocked' end, reason = $5, next_at = $6, lease_owner = '', lease_until = null`, why, w.j.clock().Add(30*time.Second))
		}
		w.d.State, w.d.Reason = Cancelled, "held: "+why
		if err := w.keep(ctx, tx, `state = 'cancelled', reason = $5, hint = $6, next_at = null, settled_at = $7, lease_owner = '', lease_until = null`, w.d.Reason,
			"It waits among the held posts; choose there when it goes out.", w.j.clock()); err != nil {
			return err
		}
		if w.d.Kind == PostKind {
			return w.j.posts.Hold(ctx, tx, w.d.WorkspaceID, w.d.TargetID, why)
		}
		return w.report(ctx, tx)
	})
}

// finish ends a delivery all of whose steps are accepted.
func (w *job) finish(ctx context.Context) error {
	now := w.j.clock()
	late := max(now.Sub(w.d.DueAt), 0)
	return w.j.db.Tx(ctx, func(tx *db.Tx) error {
		next := now.Add(readbacks[0])
		if _, ok := w.n.(network.Reader); !ok || w.d.Kind == DeleteKind || w.d.RemoteID == "" {
			next = time.Time{}
		}
		w.d.State, w.d.Reason, w.d.AcceptedAt, w.d.LateBy = Accepted, "", now, late
		if err := w.keep(ctx, tx, `state = 'accepted', reason = '', hint = '', accepted_at = $5, late_by = $6, looked = 0, next_at = $7, settled_at = $5, lease_owner = '', lease_until = null`, now, late, next); err != nil {
			return err
		}
		return w.report(ctx, tx)
	})
}

// end settles a delivery that will not be tried again by itself.
func (w *job) end(ctx context.Context, state State, f *fault.Error) error {
	return w.j.db.Tx(ctx, func(tx *db.Tx) error {
		w.d.State, w.d.Reason = state, f.Message
		if err := w.keep(ctx, tx, `state = $5, reason = $6, hint = $7, reason_code = $8, field = $9, next_at = null, settled_at = $10, lease_owner = '', lease_until = null`,
			state, f.Message, f.Hint, f.Code, f.Field, w.j.clock()); err != nil {
			return err
		}
		return w.report(ctx, tx)
	})
}

// report tells the rooms above what became of the delivery, in the transaction that made it so.
func (w *job) report(ctx context.Context, tx *db.Tx) error {
	d := w.d
	facts := map[string]string{"target": d.TargetID, "message": d.MessageID, "channel": d.ChannelID, "reason": d.Reason, "responsible": d.ResponsibleID, "url": d.URL, "kind": string(d.Kind)}
	if err := w.j.events.Record(ctx, tx, d.WorkspaceID, "system", "delivery."+string(d.State), d.ID, facts); err != nil {
		return err
	}
	switch d.Kind {
	case PostKind:
		return w.reportTarget(ctx, tx)
	case ReplyKind:
		if w.j.replies == nil {
			return nil
		}
		state := map[State]string{Accepted: "sent", Verified: "sent", Failed: "failed", NeedsHuman: "unknown", Cancelled: "failed"}[d.State]
		if state == "" {
			return nil
		}
		return w.j.replies.Delivered(ctx, tx, d.WorkspaceID, d.MessageID, state, w.remote())
	case DeleteKind:
		if d.State == Accepted && d.TargetID != "" {
			return w.j.posts.Settle(ctx, tx, d.WorkspaceID, d.TargetID, post.Outcome{State: post.Removed, DeliveryID: d.ID, Reason: "deleted on request"})
		}
	}
	return nil
}

func (w *job) reportTarget(ctx context.Context, tx *db.Tx) error {
	d := w.d
	o := post.Outcome{DeliveryID: d.ID, RemoteID: d.RemoteID, URL: d.URL, Reason: d.Reason}
	switch d.State {
	case Accepted:
		o.State, o.At = post.Published, d.AcceptedAt
		if w.j.followed != nil && d.RemoteID != "" {
			if err := w.j.followed.Follow(ctx, tx, d.WorkspaceID, d.TargetID, d.ChannelID, w.remote(), d.AcceptedAt); err != nil {
				return err
			}
		}
	case Failed:
		o.State = post.Failed
		if w.live() {
			o.State, o.At = post.PartlyPublished, w.j.clock()
			o.Reason = fmt.Sprintf("part %d was refused: %s", w.firstOpen()+1, d.Reason)
		}
	case NeedsHuman:
		o.State = post.NeedsHuman
	case Removed:
		o.State = post.Removed
	case Verified:
		return nil // published already; the tick turns green
	default:
		return nil
	}
	return w.j.posts.Settle(ctx, tx, d.WorkspaceID, d.TargetID, o)
}

// firstOpen is the part of the first step that is not accepted.
func (w *job) firstOpen() int {
	for _, s := range w.steps {
		if s.State != StepAccepted {
			return s.Part
		}
	}
	return 0
}

// remote is the published item.
func (w *job) remote() network.Remote {
	r := network.Remote{ID: w.d.RemoteID, URL: w.d.URL}
	if main := w.main(); main != nil && main.Outcome != nil {
		r.Data = main.Outcome.Data
	}
	return r
}

// readBack asks the network whether the published item is there, 2 seconds, 5 and 60 minutes after it was accepted.
func (w *job) readBack(ctx context.Context) error {
	_, n, session, err := w.j.channels.Session(ctx, w.d.WorkspaceID, w.d.ChannelID)
	reader, ok := n.(network.Reader)
	if err == nil && !ok {
		return w.look(ctx, w.d.State, "")
	}
	var live network.Live
	if err == nil {
		live, err = reader.Read(ctx, session, w.remote())
	}
	crashAt("publish.during_read_back")
	switch {
	case fault.Is(err, fault.NotFound), err == nil && !live.Exists:
		if w.d.State == Verified {
			return w.look(ctx, Removed, "the network no longer shows it; it was removed there")
		}
		return w.look(ctx, NotVisible, "the network accepted it but does not show it yet")
	case err != nil:
		return w.look(ctx, w.d.State, "reading it back failed: "+fault.As(err).Message)
	}
	return w.look(ctx, Verified, "")
}

// look stores a read-back and when the next one is.
func (w *job) look(ctx context.Context, state State, reason string) error {
	w.d.Looked++
	next := time.Time{}
	if w.d.Looked < len(readbacks) && state != Removed {
		next = w.d.AcceptedAt.Add(readbacks[w.d.Looked])
		if now := w.j.clock(); next.Before(now) {
			next = now.Add(time.Minute)
		}
	}
	if next.IsZero() && state == NotVisible {
		state, reason = Removed, "the network accepted it an hour ago and does not show it; it was removed or hidden there"
	}
	changed := state != w.d.State
	return w.j.db.Tx(ctx, func(tx *db.Tx) error {
		w.d.State, w.d.Reason = state, reason
		if err := w.keep(ctx, tx, `state = $5, reason = $6, looked = looked + 1, checked_at = $7, next_at = $8, lease_owner = '', lease_until = null`, state, reason, w.j.clock(), next); err != nil {
			return err
		}
		if !changed {
			return nil
		}
		return w.report(ctx, tx)
	})
}

// openerOf opens a step's file through the journal.
func openerOf(w *job, m network.Media) func(context.Context) (io.ReadCloser, error) {
	return func(ctx context.Context) (io.ReadCloser, error) {
		if w.j.open == nil {
			return nil, fault.Rejectedf("no media store is set up")
		}
		return w.j.open(ctx, w.d.WorkspaceID, m)
	}
}
