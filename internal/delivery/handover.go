package delivery

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
)

// reminded is when a person who was handed a post is reminded, counted from the hand-over; at the last of them a
// decision is asked for (C15).
var reminded = []time.Duration{15 * time.Minute, time.Hour}

// handOver gives a step to a person. Nothing is called; until the person confirms, whether it is live is not known.
func (w *job) handOver(ctx context.Context, tx *db.Tx, s *StepRow) error {
	now := w.j.clock()
	if _, err := db.Exec(ctx, tx, `update delivery_steps set state = 'sending', sent_at = $4, reason = 'handed to a person' where workspace_id = $1 and delivery_id = $2 and position = $3`,
		w.d.WorkspaceID, w.d.ID, s.Position, now); err != nil {
		return err
	}
	s.State, s.SentAt = StepSending, now
	if err := w.move(Handover); err != nil {
		return err
	}
	w.d.LateBy = max(now.Sub(w.d.DueAt), 0)
	w.d.Reason, w.d.Hint, w.d.ReasonCode, w.d.Looked = "it is time to publish this by hand", "Copy the text, take the files, publish, and confirm here with the address.", "", 0
	return w.rest(ctx, tx, now.Add(reminded[0]))
}

// remind tells the person again, and at last asks for a decision: the post counts as missed until somebody says what
// became of it.
func (w *job) remind(ctx context.Context) error {
	return w.commit(ctx, func(ctx context.Context, tx *db.Tx) error {
		if w.d.Looked++; w.d.Looked < len(reminded) {
			if err := w.rest(ctx, tx, w.j.clock().Add(reminded[w.d.Looked]-reminded[w.d.Looked-1])); err != nil {
				return err
			}
			return w.j.events.Record(ctx, tx, w.d.WorkspaceID, "system", "delivery.handover_reminder", w.d.ID, factsOf(w.d))
		}
		if err := w.move(NeedsHuman); err != nil {
			return err
		}
		now := w.j.clock()
		w.d.Reason, w.d.Hint = "it was to be published by hand, and nobody confirmed it within an hour", "Look whether it is there, and say what is so. Nothing is published without you."
		w.d.ReasonCode, w.d.SettledAt = "handover_missed", now
		return w.rest(ctx, tx, now.Add(escalation))
	})
}
