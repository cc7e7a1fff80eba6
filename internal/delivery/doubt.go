package delivery

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
)

// recover decides what may happen to a step whose answer was lost, by the step's kind alone. It reports whether the
// worker may go on with the step (accepted by now, or to be done again).
func (w *job) recover(ctx context.Context, s *StepRow) (bool, error) {
	if s.Kind == network.Repeatable {
		s.State = StepWaiting
		return true, nil
	}
	prober, ok := w.n.(network.Prober)
	if s.Kind == network.Once || !ok && s.Kind == network.Findable {
		return false, w.ask(ctx, s, "the answer to this call was lost, and the network offers no way to look it up; it may be live")
	}
	if !ok { // keyed, without a way to look it up: the key makes the resend safe while it lives
		if w.keyLives(s) {
			s.State = StepWaiting
			return true, nil
		}
		return false, w.ask(ctx, s, "the answer to this call was lost and its key has expired; it may be live")
	}
	attempt := id.New("look")
	if err := w.j.db.Tx(ctx, func(tx *db.Tx) error {
		if err := w.keep(ctx, tx, `state = 'unknown', reason = $5`, "the network's answer was lost; looking it up"); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update delivery_steps set state = 'unknown' where workspace_id = $1 and delivery_id = $2 and position = $3`, w.d.WorkspaceID, w.d.ID, s.Position); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, `insert into attempts (workspace_id, delivery_id, id, step, fence, started_at) values ($1, $2, $3, $4, $5, $6)`,
			w.d.WorkspaceID, w.d.ID, attempt, "look up "+s.Name, w.d.Fence, w.j.clock())
		return err
	}); err != nil {
		return false, err
	}
	w.d.State, s.State = Unknown, StepUnknown
	finding, outcome, err := prober.Find(ctx, w.session, s.Step, w.outcomes(), s.SentAt)
	crashAt("publish.after_look")
	switch {
	case err != nil:
		return false, w.lookLater(ctx, s, attempt, "failed", fault.As(err).Message)
	case finding == network.Found:
		return true, w.adopt(ctx, s, attempt, outcome)
	case finding == network.Absent, s.Kind == network.Keyed && w.keyLives(s):
		return true, w.again(ctx, s, attempt, finding)
	}
	return false, w.lookLater(ctx, s, attempt, string(finding), "not seen; that proves nothing yet")
}

func (w *job) keyLives(s *StepRow) bool {
	return s.Step.KeyLife == 0 || w.j.clock().Sub(s.SentAt) < s.Step.KeyLife
}

// adopt takes a found item as this step's outcome: it is never sent again.
func (w *job) adopt(ctx context.Context, s *StepRow, attempt string, o network.Outcome) error {
	o.Pending = false
	return w.j.db.Tx(ctx, func(tx *db.Tx) error {
		if err := w.note(ctx, tx, attempt, string(network.Found), o.URL); err != nil {
			return err
		}
		if err := w.mark(ctx, tx, s, StepAccepted, &o, "found after a lost answer"); err != nil {
			return err
		}
		set, args := `state = 'reconciled', reason = '', looked = 0`, []any{}
		if main := w.main(); main != nil && main.Position == s.Position {
			set, args = set+`, remote_id = $5, url = $6`, []any{o.RemoteID, o.URL}
			w.d.RemoteID, w.d.URL = o.RemoteID, o.URL
		}
		w.d.State, w.d.Looked = Reconciled, 0
		return w.keep(ctx, tx, set, args...)
	})
}

// again makes a step ready to be sent once more: it is proved absent, or its key makes the resend harmless.
func (w *job) again(ctx context.Context, s *StepRow, attempt string, finding network.Finding) error {
	return w.j.db.Tx(ctx, func(tx *db.Tx) error {
		if err := w.note(ctx, tx, attempt, string(finding), ""); err != nil {
			return err
		}
		if err := w.mark(ctx, tx, s, StepWaiting, nil, ""); err != nil {
			return err
		}
		w.d.State = Reconciled
		return w.keep(ctx, tx, `state = 'reconciled', reason = ''`)
	})
}

// lookLater waits for the next look, or asks a person after the last.
func (w *job) lookLater(ctx context.Context, s *StepRow, attempt, class, detail string) error {
	w.d.Looked++
	if w.d.Looked >= len(lookups) {
		if err := w.j.db.Tx(ctx, func(tx *db.Tx) error { return w.note(ctx, tx, attempt, class, detail) }); err != nil {
			return err
		}
		return w.ask(ctx, s, "the answer to this call was lost, and looking for it found nothing; it may still be live")
	}
	next := s.SentAt.Add(lookups[w.d.Looked])
	if now := w.j.clock(); next.Before(now) {
		next = now.Add(5 * time.Second)
	}
	return w.j.db.Tx(ctx, func(tx *db.Tx) error {
		if err := w.note(ctx, tx, attempt, class, detail); err != nil {
			return err
		}
		return w.keep(ctx, tx, `looked = looked + 1, next_at = $5, lease_owner = '', lease_until = null`, next)
	})
}

// ask hands a doubt to a person, with the evidence in the attempts. Nothing more is sent by itself.
func (w *job) ask(ctx context.Context, s *StepRow, why string) error {
	err := w.j.db.Tx(ctx, func(tx *db.Tx) error {
		if err := w.mark(ctx, tx, s, StepUnknown, nil, why); err != nil {
			return err
		}
		if err := w.keep(ctx, tx, `state = 'needs_human', reason = $5, hint = $6, reason_code = 'unknown_outcome', next_at = null, lease_owner = '', lease_until = null, settled_at = $7`,
			why, "Look at the channel itself. If it is there, say so and give its address; if not, send it again.", w.j.clock()); err != nil {
			return err
		}
		w.d.State, w.d.Reason = NeedsHuman, why
		return w.report(ctx, tx)
	})
	return err
}
