package delivery

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
)

// canFind reports whether the network can look up what became of a call.
func (w *job) canFind() (network.Prober, bool) {
	p, ok := w.n.(network.Prober)
	return p, ok
}

func (w *job) keyLives(s *StepRow) bool {
	return s.Kind == network.Keyed && (s.Step.KeyLife == 0 || w.j.clock().Sub(s.SentAt) < s.Step.KeyLife)
}

// doubt stores that the answer of a call was lost, and when it is looked up; where that is impossible a person is asked
// at once.
func (w *job) doubt(ctx context.Context, tx *db.Tx, s *StepRow, why string) error {
	if err := w.mark(ctx, tx, s, StepUnknown, nil, why); err != nil {
		return err
	}
	_, ok := w.canFind()
	switch remedyFor(s.Kind, ok, w.keyLives(s)) {
	case ask:
		return w.needsHuman(ctx, tx, unprovable(s, ok))
	case resend, lookUp:
	}
	if err := w.move(Unknown); err != nil {
		return err
	}
	w.d.Reason = "the network's answer was lost; looking it up"
	wait := time.Second
	if w.d.Attempt > 0 { // it was proved absent and sent again before
		wait = pause(w.d.Attempt, w.j.random())
	}
	return w.rest(ctx, tx, w.j.clock().Add(wait))
}

func unprovable(s *StepRow, canFind bool) string {
	switch {
	case s.Kind == network.Once || !canFind && s.Kind == network.Findable:
		return "the answer to this call was lost, and the network offers no way to look it up; it may be live"
	case !canFind:
		return "the answer to this call was lost and its key has expired; it may be live"
	}
	return "the answer to this call was lost, and looking for it found nothing; it may still be live"
}

// recover decides what may happen to a step whose answer was lost. It reports whether the worker may go on.
func (w *job) recover(ctx context.Context, s *StepRow) (bool, error) {
	prober, ok := w.canFind()
	switch remedyFor(s.Kind, ok, w.keyLives(s)) {
	case resend:
		err := w.commit(ctx, func(tx *db.Tx) error { return w.sendAgain(ctx, tx, s, "", "") })
		return err == nil && w.d.State == Reconciled, err
	case ask:
		return false, w.commit(ctx, func(tx *db.Tx) error {
			if err := w.mark(ctx, tx, s, StepUnknown, nil, "the answer was lost"); err != nil {
				return err
			}
			return w.needsHuman(ctx, tx, unprovable(s, ok))
		})
	case lookUp:
	}
	if s.SentAt.Add(longest).Before(w.j.clock()) {
		return false, w.commit(ctx, func(tx *db.Tx) error {
			return w.needsHuman(ctx, tx, "the network could not be asked for a day whether it is live")
		})
	}
	attempt := id.New("look")
	if err := w.commit(ctx, func(tx *db.Tx) error {
		if err := w.move(Unknown); err != nil {
			return err
		}
		w.d.Reason = "the network's answer was lost; looking it up"
		if err := w.mark(ctx, tx, s, StepUnknown, nil, s.Reason); err != nil {
			return err
		}
		if err := w.began(ctx, tx, attempt, "look up "+s.Name, w.j.clock()); err != nil {
			return err
		}
		return w.keep(ctx, tx)
	}); err != nil {
		return false, err
	}
	finding, outcome, err := prober.Find(ctx, w.session, s.Step, w.outcomes(), s.SentAt)
	w.j.crash(AfterLook)
	err = w.commit(ctx, func(tx *db.Tx) error {
		if err != nil {
			return w.unseen(ctx, tx, s, attempt, err)
		}
		switch verdictOn(s.Kind, w.keyLives(s), finding) {
		case adopt:
			return w.adopt(ctx, tx, s, attempt, outcome)
		case sendAgain:
			return w.sendAgain(ctx, tx, s, attempt, string(finding))
		}
		return w.lookLater(ctx, tx, s, attempt, string(finding), "not seen; that proves nothing yet")
	})
	return err == nil && w.d.State == Reconciled, err
}

// adopt takes a found item as this step's outcome: it is never sent again.
func (w *job) adopt(ctx context.Context, tx *db.Tx, s *StepRow, attempt string, o network.Outcome) error {
	if err := w.note(ctx, tx, attempt, string(network.Found), o.URL); err != nil {
		return err
	}
	o.Pending = false
	if err := w.accepted(ctx, tx, s, o, "found after a lost answer"); err != nil {
		return err
	}
	w.d.Reason = ""
	if err := w.move(Reconciled); err != nil {
		return err
	}
	return w.keep(ctx, tx)
}

// sendAgain makes a step ready to be called once more: it is proved absent, or its key makes that harmless. Also that
// has an end.
func (w *job) sendAgain(ctx context.Context, tx *db.Tx, s *StepRow, attempt, why string) error {
	if attempt != "" {
		if err := w.note(ctx, tx, attempt, why, ""); err != nil {
			return err
		}
	}
	if w.d.Attempt++; w.d.Attempt >= attempts {
		return w.needsHuman(ctx, tx, fmt.Sprintf("it was sent %d times and no answer ever came; it may be live", w.d.Attempt))
	}
	if err := w.mark(ctx, tx, s, StepWaiting, nil, ""); err != nil {
		return err
	}
	w.d.Reason = ""
	if err := w.move(Unknown); err != nil {
		return err
	}
	if err := w.move(Reconciled); err != nil {
		return err
	}
	return w.keep(ctx, tx)
}

// unseen is a look-up that failed itself. An outage of the network is waited out, and costs none of the looks; a
// refused grant is renewed once.
func (w *job) unseen(ctx context.Context, tx *db.Tx, s *StepRow, attempt string, err error) error {
	f := fault.As(err)
	if f.Kind != fault.Later && f.Kind != fault.Unauthorised {
		return w.lookLater(ctx, tx, s, attempt, "failed", f.Message)
	}
	if err := w.note(ctx, tx, attempt, "failed", f.Message); err != nil {
		return err
	}
	if f.Kind == fault.Unauthorised {
		w.line.drop()
		if w.d.Refreshed {
			if err := w.j.channels.NeedsReconnect(ctx, tx, w.d.WorkspaceID, w.d.ChannelID, f.Message); err != nil {
				return err
			}
		}
		w.d.Refreshed = true
	}
	w.d.Reason = because("the network's answer was lost, and it cannot be asked yet", f.Message)
	w.d.Polls++
	return w.rest(ctx, tx, notBefore(w.j.clock(), f.RetryAt, w.d.Polls, w.j.random()))
}

// lookLater waits for the next look, or asks a person after the last.
func (w *job) lookLater(ctx context.Context, tx *db.Tx, s *StepRow, attempt, class, detail string) error {
	if err := w.note(ctx, tx, attempt, class, detail); err != nil {
		return err
	}
	if w.d.Looked++; w.d.Looked >= len(lookups) {
		return w.needsHuman(ctx, tx, unprovable(s, true))
	}
	next := s.SentAt.Add(lookups[w.d.Looked])
	if soon := w.j.clock().Add(5 * time.Second); next.Before(soon) {
		next = soon
	}
	return w.rest(ctx, tx, next)
}

// needsHuman hands a doubt to a person, with the evidence in the attempts. Nothing more is sent by itself.
func (w *job) needsHuman(ctx context.Context, tx *db.Tx, why string) error {
	for i := range w.steps {
		if s := &w.steps[i]; s.State == StepSending || s.State == StepPending {
			if err := w.mark(ctx, tx, s, StepUnknown, nil, why); err != nil {
				return err
			}
		}
	}
	if w.d.State != Processing {
		if err := w.move(Unknown); err != nil {
			return err
		}
	}
	if err := w.move(NeedsHuman); err != nil {
		return err
	}
	now := w.j.clock()
	w.d.Reason, w.d.Hint, w.d.ReasonCode, w.d.SettledAt = why, "Look at the channel itself. If it is there, say so and give its address; if not, send it again.", "unknown_outcome", now
	return w.rest(ctx, tx, now.Add(escalation))
}
