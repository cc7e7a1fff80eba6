package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
)

// errLost says that the lease is gone: another worker has the delivery, and nothing may be written.
var errLost = errors.New("the lease of this delivery is lost")

// job is one delivery in the hands of one worker.
type job struct {
	j       *Journal
	d       Delivery
	steps   []StepRow
	n       network.Network
	session network.Session
}

// work claims a delivery and takes it as far as it goes now.
func (j *Journal) work(ctx context.Context, workspaceID, deliveryID string) error {
	now := j.clock()
	claimed, err := db.All[Delivery](ctx, j.db, `update deliveries set lease_owner = $3, lease_until = $4, fence = fence + 1
		where workspace_id = $1 and id = $2 and next_at <= $5 and (lease_until is null or lease_until < $5) returning `+columns, workspaceID, deliveryID, j.owner, now.Add(leaseFor), now)
	if err != nil || len(claimed) == 0 {
		return err
	}
	w := &job{j: j, d: claimed[0]}
	if w.steps, err = db.All[StepRow](ctx, j.db, `select `+stepColumns+` from delivery_steps where workspace_id = $1 and delivery_id = $2 order by position`, workspaceID, deliveryID); err != nil {
		return err
	}
	err = w.advance(ctx)
	if errors.Is(err, errLost) {
		return nil
	}
	return err
}

// advance moves the delivery on until it is settled or has to wait.
func (w *job) advance(ctx context.Context) error {
	if w.d.State == Accepted || w.d.State == NotVisible || (w.d.State == Processing && w.accepted()) || w.d.State == Verified {
		return w.readBack(ctx)
	}
	_, n, session, err := w.j.channels.Session(ctx, w.d.WorkspaceID, w.d.ChannelID)
	if err != nil {
		return w.noSession(ctx, err)
	}
	w.n, w.session = n, session
	for i := range w.steps {
		s := &w.steps[i]
		switch {
		case s.State == StepAccepted && !w.expired(s):
			continue
		case s.State == StepSending || s.State == StepUnknown:
			if on, err := w.recover(ctx, s); err != nil || !on {
				return err
			}
			if s.State == StepAccepted {
				continue
			}
		case s.State == StepRejected:
			return w.end(ctx, Failed, fault.Rejectedf("%s", s.Reason))
		}
		on, err := w.do(ctx, s)
		if err != nil || !on {
			return err
		}
	}
	return w.finish(ctx)
}

// accepted reports whether every step is.
func (w *job) accepted() bool {
	for _, s := range w.steps {
		if s.State != StepAccepted {
			return false
		}
	}
	return true
}

// live reports whether any public step is accepted.
func (w *job) live() bool {
	for _, s := range w.steps {
		if s.Public && s.State == StepAccepted {
			return true
		}
	}
	return false
}

// expired reports whether an upload is gone at the network before it was used: it is done once more (R14).
func (w *job) expired(s *StepRow) bool {
	if s.Public || s.Outcome == nil || s.Outcome.ExpiresAt.IsZero() || w.j.clock().Before(s.Outcome.ExpiresAt) {
		return false
	}
	for _, later := range w.steps {
		if later.Public && later.Part == s.Part && later.State == StepAccepted {
			return false
		}
	}
	return true
}

// outcomes are what the steps so far achieved.
func (w *job) outcomes() network.Outcomes {
	out := network.Outcomes{}
	for _, s := range w.steps {
		if s.Outcome != nil {
			out[s.Name] = *s.Outcome
		}
	}
	return out
}

// do carries one step out: intent, call, outcome. It reports whether the next step may begin.
func (w *job) do(ctx context.Context, s *StepRow) (bool, error) {
	attempt, stopped, err := w.intend(ctx, s)
	if err != nil {
		return false, err
	}
	if stopped != "" {
		return false, w.block(ctx, stopped)
	}
	crashAt("publish.after_intent")
	outcome, err := w.call(ctx, s)
	if err == nil {
		crashAt("publish.after_accept")
		return w.outcome(ctx, s, attempt, outcome)
	}
	crashAt("publish.after_refusal")
	return false, w.failed(ctx, s, attempt, err)
}

func (w *job) call(ctx context.Context, s *StepRow) (network.Outcome, error) {
	if s.Name == deleteStep {
		return w.callDelete(ctx)
	}
	publisher, ok := w.n.(network.Publisher)
	if !ok {
		return network.Outcome{}, fault.Rejectedf("%s offers programs no way to publish", w.n.Spec().Name)
	}
	step := s.Step
	if step.Media != nil {
		m := *step.Media
		m.Open = openerOf(w, m)
		step.Media = &m
	}
	return publisher.Do(ctx, w.session, step, w.outcomes())
}

// intend commits what is about to be done, under the lease. For a public step it asks once more, in the same
// transaction, whether anything is stopped: what is claimed but not sent obeys the stop (D12).
func (w *job) intend(ctx context.Context, s *StepRow) (attempt, stopped string, err error) {
	crashAt("publish.before_intent")
	attempt = id.New("try")
	now := w.j.clock()
	err = w.j.db.Tx(ctx, func(tx *db.Tx) error {
		state := Prepared
		if s.Public {
			state = Sending
			if stopped, err = w.j.held(ctx, tx, w.d.WorkspaceID, w.d.ChannelID); err != nil || stopped != "" {
				return err
			}
		}
		if err := w.keep(ctx, tx, `state = $5, reason = '', hint = '', reason_code = '', field = ''`, state); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update delivery_steps set state = 'sending', sent_at = $4, ended_at = null, reason = '' where workspace_id = $1 and delivery_id = $2 and position = $3`,
			w.d.WorkspaceID, w.d.ID, s.Position, now); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, `insert into attempts (workspace_id, delivery_id, id, step, fence, started_at) values ($1, $2, $3, $4, $5, $6)`,
			w.d.WorkspaceID, w.d.ID, attempt, s.Name, w.d.Fence, now)
		w.d.State = state
		return err
	})
	if err == nil && stopped == "" {
		s.SentAt = now
	}
	return attempt, stopped, err
}

// keep changes the delivery's row if the lease still holds; set uses parameters from $5 on.
func (w *job) keep(ctx context.Context, tx *db.Tx, set string, args ...any) error {
	n, err := db.Exec(ctx, tx, `update deliveries set `+set+` where workspace_id = $1 and id = $2 and lease_owner = $3 and fence = $4`,
		append([]any{w.d.WorkspaceID, w.d.ID, w.j.owner, w.d.Fence}, args...)...)
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if n == 0 {
		return errLost
	}
	return nil
}

// note ends an attempt with its class and the network's words.
func (w *job) note(ctx context.Context, tx *db.Tx, attempt, class, detail string) error {
	if len(detail) > 2000 {
		detail = detail[:2000]
	}
	_, err := db.Exec(ctx, tx, `update attempts set ended_at = $4, class = $5, detail = $6 where workspace_id = $1 and delivery_id = $2 and id = $3`,
		w.d.WorkspaceID, w.d.ID, attempt, w.j.clock(), class, detail)
	return err
}

// mark stores a step's new state and outcome.
func (w *job) mark(ctx context.Context, tx *db.Tx, s *StepRow, state StepState, outcome *network.Outcome, reason string) error {
	var raw any
	if outcome != nil {
		raw = db.JSON(outcome)
	}
	if _, err := db.Exec(ctx, tx, `update delivery_steps set state = $4, ended_at = $5, outcome = coalesce($6, outcome), reason = $7 where workspace_id = $1 and delivery_id = $2 and position = $3`,
		w.d.WorkspaceID, w.d.ID, s.Position, state, w.j.clock(), raw, reason); err != nil {
		return err
	}
	s.State, s.Reason = state, reason
	if outcome != nil {
		s.Outcome = outcome
	}
	return nil
}

// outcome stores an accepted or pending answer; after the last part of it nothing is ever sent again.
func (w *job) outcome(ctx context.Context, s *StepRow, attempt string, o network.Outcome) (bool, error) {
	state, class := StepAccepted, "accepted"
	if o.Pending {
		state, class = StepPending, "pending"
	}
	err := w.j.db.Tx(ctx, func(tx *db.Tx) error {
		if err := w.mark(ctx, tx, s, state, &o, ""); err != nil {
			return err
		}
		if err := w.note(ctx, tx, attempt, class, o.URL); err != nil {
			return err
		}
		if !o.Pending {
			set, args := `attempt = 0`, []any{}
			if main := w.main(); main != nil && main.Position == s.Position {
				set, args = `attempt = 0, remote_id = $5, url = $6`, []any{o.RemoteID, o.URL}
				w.d.RemoteID, w.d.URL = o.RemoteID, o.URL
			}
			return w.keep(ctx, tx, set, args...)
		}
		wait := o.Wait
		if wait <= 0 {
			wait = 2 * time.Second
		}
		polls := min(w.d.Attempt, 6)
		w.d.Attempt++
		w.d.State = Processing
		return w.keep(ctx, tx, `state = 'processing', attempt = attempt + 1, next_at = $5, lease_owner = '', lease_until = null`, w.j.clock().Add(min(wait<<polls, 10*time.Minute)))
	})
	crashAt("publish.after_outcome")
	return err == nil && !o.Pending, err
}

// main is the step whose item the delivery is known by: the first public one.
func (w *job) main() *StepRow {
	for i := range w.steps {
		if w.steps[i].Public {
			return &w.steps[i]
		}
	}
	return nil
}
