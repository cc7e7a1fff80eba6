package delivery

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// refuse stores what the error of a call means.
func (w *job) refuse(ctx context.Context, s *StepRow, attempt string, polling bool, err error) error {
	f := fault.As(err)
	c := classify(s.Kind, polling, err)
	if c == wasUnauthorised {
		return w.unauthorised(ctx, s, attempt, polling, f)
	}
	return w.commit(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := w.note(ctx, tx, attempt, string(c), f.Error()); err != nil {
			return err
		}
		switch {
		case c == wasLater:
			return w.later(ctx, tx, s, polling, f)
		case c == wasUnknown:
			return w.doubt(ctx, tx, s, f.Message, time.Time{})
		case !s.DoubtAt.IsZero(): // the repetition was refused; that says nothing about the call before it
			s.Refused = true
			return w.doubt(ctx, tx, s, f.Message, time.Time{})
		}
		if err := w.mark(ctx, tx, s, StepRejected, nil, f.Message); err != nil {
			return err
		}
		return w.fail(ctx, tx, f)
	})
}

// back makes a step that provably did nothing ready to be called again.
func (w *job) back(ctx context.Context, tx *db.Tx, s *StepRow, polling bool, why string) error {
	switch {
	case polling:
		return w.mark(ctx, tx, s, StepPending, nil, why)
	case !s.DoubtAt.IsZero():
		return w.mark(ctx, tx, s, StepUnknown, nil, why)
	}
	return w.mark(ctx, tx, s, StepWaiting, nil, why)
}

// later waits and tries again: provably nothing was created. What has not begun and cannot begin within its late window
// is held for a person's choice; what was tried six times has failed, and says so.
func (w *job) later(ctx context.Context, tx *db.Tx, s *StepRow, polling bool, f *fault.Error) error {
	if err := w.back(ctx, tx, s, polling, f.Message); err != nil {
		return err
	}
	now := w.j.clock()
	if polling { // the network has it: asking how far it is has no number of tries, only a day
		w.d.Polls++
		w.d.Reason = because("the network took it; asking how far it is failed", f.Message)
		if s.expected().Add(longest).Before(now) {
			return w.needsHuman(ctx, tx, "the network took it a day ago and cannot be asked whether it is live")
		}
		return w.rest(ctx, tx, notBefore(now, f.RetryAt, w.d.Polls, w.j.random()))
	}
	if !s.DoubtAt.IsZero() {
		return w.doubt(ctx, tx, s, f.Message, notBefore(now, f.RetryAt, max(w.d.Attempt, 1), w.j.random()))
	}
	limited := f.Code == rateLimited || !f.RetryAt.IsZero() && f.Field == "" // what names a field of this post says nothing of the others
	// A quota fills again by itself, so that refusals for it are no failures of the post (C28).
	if w.d.Attempt++; w.d.Attempt >= attempts && !(limited && now.Sub(w.d.DueAt) < quotaPatience) {
		return w.fail(ctx, tx, gaveUp(w.d.Attempt, f.Message))
	}
	next := notBefore(now, f.RetryAt, w.d.Attempt, w.j.random())
	if limited {
		if err := w.j.limit(ctx, tx, w.d, next); err != nil {
			return err
		}
	}
	if !w.begun() && w.d.Window > 0 && next.Sub(w.d.DueAt) > w.d.Window {
		return w.block(ctx, tx, because(fmt.Sprintf("the next try would come %s after its time, past the late window of %s", rounded(next.Sub(w.d.DueAt)), rounded(w.d.Window)), f.Message))
	}
	if err := w.move(Retrying); err != nil {
		return err
	}
	w.d.Reason, w.d.ReasonCode = f.Message, f.Code
	return w.rest(ctx, tx, next)
}

// quotaPatience is how long what has begun waits for a quota: longer than any network's window.
const quotaPatience = 48 * time.Hour

func gaveUp(tries int, why string) *fault.Error {
	return fault.Rejectedf("tried %d times: %s", tries, why).WithCode("gave_up").WithHint("Nothing was created. Send it again when the network is well.")
}

// unauthorised renews the grant once and tries once more; then the channel needs a person, and its posts are held, not
// failed (R20).
func (w *job) unauthorised(ctx context.Context, s *StepRow, attempt string, polling bool, f *fault.Error) error {
	w.line.drop()
	var refreshed error
	if !w.d.Refreshed {
		w.j.crash(OnRefresh)
		refreshed = w.j.channels.Refresh(ctx, w.d.WorkspaceID, w.d.ChannelID)
		w.j.crash(OnRefresh)
	}
	return w.commit(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := w.note(ctx, tx, attempt, string(wasUnauthorised), f.Error()); err != nil {
			return err
		}
		if err := w.back(ctx, tx, s, polling, f.Message); err != nil {
			return err
		}
		if !w.d.Refreshed && (refreshed == nil || fault.Is(refreshed, fault.Later)) {
			w.d.Refreshed, w.d.Reason = true, f.Message
			next := w.j.clock().Add(time.Second)
			if at := fault.As(refreshed).RetryAt; refreshed != nil && at.After(next) {
				next = at
			}
			if !s.DoubtAt.IsZero() {
				return w.doubt(ctx, tx, s, f.Message, next)
			}
			if !polling {
				if err := w.move(Retrying); err != nil {
					return err
				}
			}
			return w.rest(ctx, tx, next)
		}
		if err := w.j.channels.NeedsReconnect(ctx, tx, w.d.WorkspaceID, w.d.ChannelID, f.Message); err != nil {
			return err
		}
		return w.block(ctx, tx, because("the channel "+reconnect, f.Message))
	})
}

// noSession is the end of a delivery's work whose channel cannot be opened.
func (w *job) noSession(ctx context.Context, tx *db.Tx, err error) error {
	f := fault.As(err)
	switch f.Kind {
	case fault.Unauthorised:
		return w.block(ctx, tx, because("the channel "+reconnect, f.Message))
	case fault.NotFound, fault.Rejected:
		return w.block(ctx, tx, f.Message)
	}
	next := w.j.clock().Add(5 * time.Second)
	if f.RetryAt.After(next) {
		next = f.RetryAt
	}
	return w.rest(ctx, tx, next)
}

// block stops a delivery that may not go on. What is live in part, or an answer to somebody, waits and looks again; what
// is in doubt or being processed stays what it is; what has not begun is held for a person's choice (C03, C19).
func (w *job) block(ctx context.Context, tx *db.Tx, why string) error {
	now := w.j.clock()
	w.d.Reason = why
	for i := range w.steps {
		s := &w.steps[i]
		if s.State == StepPending {
			return w.rest(ctx, tx, now.Add(recheck))
		}
		if !s.doubtful() {
			continue
		}
		if s.State == StepWaiting { // it was about to be sent again
			if err := w.mark(ctx, tx, s, StepUnknown, nil, s.Reason); err != nil {
				return err
			}
		}
		if s.State == StepUnknown {
			if err := w.move(Unknown); err != nil {
				return err
			}
		}
		if s.DoubtAt.Add(longest).Before(now) && !s.DoubtAt.IsZero() {
			return w.needsHuman(ctx, tx, because("it may be live, and could not be looked up for a day", why))
		}
		return w.rest(ctx, tx, now.Add(recheck))
	}
	if err := w.move(Blocked); err != nil {
		return err
	}
	if w.d.Kind != PostKind || w.begun() {
		return w.rest(ctx, tx, now.Add(recheck))
	}
	if err := w.move(Cancelled); err != nil {
		return err
	}
	w.d.Hint, w.d.SettledAt = "It waits among the held posts; choose there when it goes out.", now
	return w.rest(ctx, tx, time.Time{})
}

// finish settles a delivery all of whose steps are accepted.
func (w *job) finish(ctx context.Context, tx *db.Tx) error {
	now := w.j.clock()
	if err := w.move(Accepted); err != nil {
		return err
	}
	next := now.Add(readbacks[0])
	if _, ok := w.n.(network.Reader); !ok || w.takesDown() || w.d.RemoteID == "" {
		next = time.Time{}
	}
	w.d.Reason, w.d.Hint, w.d.AcceptedAt, w.d.SettledAt, w.d.Looked = "", "", now, now, 0
	return w.rest(ctx, tx, next)
}

// fail settles a delivery that will not be tried again by itself. The lead is told unless somebody deals with it.
func (w *job) fail(ctx context.Context, tx *db.Tx, f *fault.Error) error {
	if err := w.move(Failed); err != nil {
		return err
	}
	now := w.j.clock()
	w.d.Reason, w.d.Hint, w.d.ReasonCode, w.d.Field, w.d.SettledAt = f.Message, f.Hint, f.Code, f.Field, now
	return w.rest(ctx, tx, now.Add(escalation))
}

// escalate tells the lead of what the responsible person has not dealt with (C34).
func (w *job) escalate(ctx context.Context) error {
	return w.commit(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := w.rest(ctx, tx, time.Time{}); err != nil {
			return err
		}
		return w.j.events.Record(ctx, tx, w.d.WorkspaceID, "system", "delivery.escalated", w.d.ID, factsOf(w.d))
	})
}

// alert tells, once, of what neither ends nor needs anybody, and still takes longer than a day (§4.2).
func (w *job) alert(ctx context.Context, tx *db.Tx) error {
	now := w.j.clock()
	since := w.d.DueAt
	for _, s := range w.steps {
		if at := s.expected(); s.State == StepPending && at.After(since) {
			since = at
		}
	}
	if !w.d.AlertedAt.IsZero() || now.Sub(since) < longest {
		return nil
	}
	w.d.AlertedAt = now
	if _, err := db.Exec(ctx, tx, `update deliveries set alerted_at = $3 where workspace_id = $1 and id = $2`, w.d.WorkspaceID, w.d.ID, now); err != nil {
		return err
	}
	return w.j.events.Record(ctx, tx, w.d.WorkspaceID, "system", "delivery.stuck", w.d.ID, factsOf(w.d))
}
