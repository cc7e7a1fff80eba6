package delivery

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
)

// prober is the network's way to look up what became of a call, if it has one.
func (w *job) prober() (network.Prober, bool) {
	p, ok := w.n.(network.Prober)
	return p, ok
}

func (w *job) keyLives(s *StepRow) bool {
	return s.Kind == network.Keyed && (s.Step.KeyLife == 0 || w.j.clock().Sub(s.DoubtAt) < s.Step.KeyLife)
}

// late reports whether the delivery's late window has passed.
func (w *job) late() bool { return w.d.Window > 0 && w.j.clock().Sub(w.d.DueAt) > w.d.Window }

// doubt stores that a call was not answered, or that its repetition has not cleared it up, and when it is looked up;
// where that is impossible a person is asked at once. wait is the least time until then.
func (w *job) doubt(ctx context.Context, tx *db.Tx, s *StepRow, why string, next time.Time) error {
	if s.DoubtAt.IsZero() {
		s.DoubtAt = s.SentAt
	}
	if err := w.mark(ctx, tx, s, StepUnknown, nil, why); err != nil {
		return err
	}
	_, ok := w.prober()
	if remedyFor(s.Kind, ok, w.keyLives(s)) == ask || !ok && s.Refused {
		return w.needsHuman(ctx, tx, unprovable(s, ok))
	}
	if err := w.move(Unknown); err != nil {
		return err
	}
	w.d.Reason = "the network's answer was lost; looking it up"
	if soon := w.j.clock().Add(time.Second); next.Before(soon) {
		next = soon
		if w.d.Attempt > 0 { // it was sent again before, without an answer
			next = w.j.clock().Add(pause(w.d.Attempt, w.j.random()))
		}
	}
	return w.rest(ctx, tx, next)
}

func unprovable(s *StepRow, canFind bool) string {
	switch {
	case s.Refused:
		return because("the answer to this call was lost, and its repetition was refused; the first may be live", s.Reason)
	case s.Kind == network.Once || !canFind && s.Kind == network.Findable:
		return "the answer to this call was lost, and the network offers no way to look it up; it may be live"
	case !canFind:
		return "the answer to this call was lost and its key has expired; it may be live"
	}
	return "the answer to this call was lost, and looking for it found nothing; it may still be live"
}

// recover decides what may happen to a step whose answer was lost. It reports whether the worker may go on.
func (w *job) recover(ctx context.Context, s *StepRow) (bool, error) {
	if s.DoubtAt.IsZero() {
		s.DoubtAt = s.SentAt
	}
	if s.State == StepSending && w.d.Attempt >= patience {
		return false, w.commit(ctx, func(ctx context.Context, tx *db.Tx) error { return w.breathe(ctx, tx, s) })
	}
	prober, ok := w.prober()
	switch r := remedyFor(s.Kind, ok, w.keyLives(s)); {
	case r == ask, r == resend && w.late():
		return false, w.commit(ctx, func(ctx context.Context, tx *db.Tx) error {
			if err := w.mark(ctx, tx, s, StepUnknown, nil, s.Reason); err != nil {
				return err
			}
			return w.needsHuman(ctx, tx, unprovable(s, ok))
		})
	case r == resend:
		err := w.commit(ctx, func(ctx context.Context, tx *db.Tx) error { return w.again(ctx, tx, s) })
		return err == nil && w.d.State == Reconciled, err
	case s.DoubtAt.Add(longest).Before(w.j.clock()) && w.d.Looked == 0 && w.d.Polls > 0:
		return false, w.commit(ctx, func(ctx context.Context, tx *db.Tx) error {
			return w.needsHuman(ctx, tx, "the network could not be asked for a day whether it is live")
		})
	}
	attempt := id.New("look")
	if err := w.commit(ctx, func(ctx context.Context, tx *db.Tx) error {
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
	finding, outcome, err := prober.Find(ctx, w.session, s.Step, w.outcomes(), s.DoubtAt)
	w.j.crash(AfterLook)
	if err != nil {
		return false, w.commit(ctx, func(ctx context.Context, tx *db.Tx) error { return w.unseen(ctx, tx, s, attempt, err) })
	}
	err = w.commit(ctx, func(ctx context.Context, tx *db.Tx) error { return w.weigh(ctx, tx, s, attempt, finding, outcome) })
	return err == nil && w.d.State == Reconciled, err
}

// breathe puts off what has ended the program, or lost its lease, several times in a row, so that it cannot do so
// without pause.
func (w *job) breathe(ctx context.Context, tx *db.Tx, s *StepRow) error {
	if err := w.mark(ctx, tx, s, StepUnknown, nil, s.Reason); err != nil {
		return err
	}
	if err := w.move(Unknown); err != nil {
		return err
	}
	w.d.Reason = "this program ended again and again while it sent this; it is looked up with growing pauses"
	return w.rest(ctx, tx, w.j.clock().Add(pause(w.d.Attempt-patience+1, w.j.random())))
}

// weigh stores what a look-up found and what follows from it.
func (w *job) weigh(ctx context.Context, tx *db.Tx, s *StepRow, attempt string, finding network.Finding, o network.Outcome) error {
	words := o.URL
	if finding == network.Found {
		other, err := w.heldByAnother(ctx, tx, o.RemoteID)
		if err != nil {
			return err
		}
		if other { // says the same, and is not this one: whether this one is there stays open
			finding, words = network.NotSeen, because("what was found belongs to another delivery of this channel", o.URL)
		}
	}
	if err := w.note(ctx, tx, attempt, string(finding), words); err != nil {
		return err
	}
	switch verdictOn(s.Kind, w.keyLives(s), finding, w.j.clock().Sub(s.DoubtAt), !s.Refused && !w.late()) {
	case adopt:
		return w.adopt(ctx, tx, s, o)
	case sendAgain:
		return w.again(ctx, tx, s)
	case absent:
		why := s.Reason
		refused := s.Refused
		s.DoubtAt, s.Refused = time.Time{}, false
		if refused {
			if err := w.mark(ctx, tx, s, StepRejected, nil, why); err != nil {
				return err
			}
			if err := w.reconciled(ctx, tx); err != nil {
				return err
			}
			return w.fail(ctx, tx, fault.Rejectedf("%s", why))
		}
		return w.again(ctx, tx, s)
	}
	return w.lookLater(ctx, tx, s)
}

// heldByAnother reports whether an item was made, or found, by a delivery of something else on this channel. Whoever
// asks holds the channel until the transaction ends, so that two doubts cannot both take one item.
func (w *job) heldByAnother(ctx context.Context, tx *db.Tx, remoteID string) (bool, error) {
	if remoteID == "" {
		return false, nil
	}
	if _, err := db.All[string](ctx, tx, `select id from channels where workspace_id = $1 and id = $2 for update`, w.d.WorkspaceID, w.d.ChannelID); err != nil {
		return false, err
	}
	n, err := db.One[int](ctx, tx, `select count(*) from delivery_steps s join deliveries d on d.workspace_id = s.workspace_id and d.id = s.delivery_id
		where s.workspace_id = $1 and s.remote_id = $2 and s.remote_id <> '' and d.channel_id = $3 and d.id <> $4 and (d.target_id <> $5 or d.message_id <> $6) and d.kind in ('post', 'reply')`,
		w.d.WorkspaceID, remoteID, w.d.ChannelID, w.d.ID, w.d.TargetID, w.d.MessageID)
	return n > 0, err
}

// adopt takes a found item as this step's outcome: it is never sent again.
func (w *job) adopt(ctx context.Context, tx *db.Tx, s *StepRow, o network.Outcome) error {
	o.Pending = false
	if err := w.accepted(ctx, tx, s, o, "found after a lost answer"); err != nil {
		return err
	}
	return w.reconciled(ctx, tx)
}

// again makes a step ready to be called once more: it is proved absent, or its key makes that harmless. Waiting between
// the tries, and the late window, give it an end.
func (w *job) again(ctx context.Context, tx *db.Tx, s *StepRow) error {
	if w.d.Attempt++; w.d.Attempt >= attempts && s.DoubtAt.IsZero() {
		if err := w.mark(ctx, tx, s, StepWaiting, nil, ""); err != nil {
			return err
		}
		if err := w.reconciled(ctx, tx); err != nil {
			return err
		}
		return w.fail(ctx, tx, gaveUp(w.d.Attempt, "no call was ever answered, and nothing of it is there"))
	}
	if err := w.mark(ctx, tx, s, StepWaiting, nil, ""); err != nil {
		return err
	}
	return w.reconciled(ctx, tx)
}

// reconciled leaves a doubt.
func (w *job) reconciled(ctx context.Context, tx *db.Tx) error {
	for _, to := range []State{Unknown, Reconciled} {
		if err := w.move(to); err != nil {
			return err
		}
	}
	w.d.Reason, w.d.Looked, w.d.Polls = "", 0, 0
	return w.keep(ctx, tx)
}

// unseen is a look-up that failed itself. An outage of the network is waited out, and costs none of the looks; a refused
// grant is renewed once.
func (w *job) unseen(ctx context.Context, tx *db.Tx, s *StepRow, attempt string, err error) error {
	f := fault.As(err)
	if err := w.note(ctx, tx, attempt, "failed", f.Message); err != nil {
		return err
	}
	switch f.Kind {
	case fault.Later:
	case fault.Unauthorised:
		w.line.drop()
		if err := w.j.channels.NeedsReconnect(ctx, tx, w.d.WorkspaceID, w.d.ChannelID, f.Message); err != nil {
			return err
		}
	default:
		return w.lookLater(ctx, tx, s)
	}
	w.d.Reason = because("the network's answer was lost, and it cannot be asked yet", f.Message)
	w.d.Polls++
	return w.rest(ctx, tx, notBefore(w.j.clock(), f.RetryAt, w.d.Polls, w.j.random()))
}

// lookLater waits for the next look, or asks a person after the last.
func (w *job) lookLater(ctx context.Context, tx *db.Tx, s *StepRow) error {
	if w.d.Looked++; w.d.Looked >= len(lookups) {
		return w.needsHuman(ctx, tx, unprovable(s, true))
	}
	next := s.DoubtAt.Add(lookups[w.d.Looked])
	if soon := w.j.clock().Add(5 * time.Second); next.Before(soon) {
		next = soon
	}
	return w.rest(ctx, tx, next)
}

// needsHuman hands a doubt to a person, with the evidence in the attempts. Nothing more is sent by itself.
func (w *job) needsHuman(ctx context.Context, tx *db.Tx, why string) error {
	for i := range w.steps {
		if s := &w.steps[i]; s.doubtful() || s.State == StepPending {
			if s.DoubtAt.IsZero() {
				s.DoubtAt = s.SentAt
			}
			if err := w.mark(ctx, tx, s, StepUnknown, nil, s.Reason); err != nil {
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
