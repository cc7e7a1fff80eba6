package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
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
	j     *Journal
	line  *line
	lease *lease
	d     Delivery
	told  State     // the state the rooms above know
	since time.Time // when what a person published appeared; zero = when it was accepted
	steps []StepRow

	n       network.Network
	session network.Session
}

// work takes one delivery as far as it goes now.
func (l *line) work(ctx context.Context, deliveryID string) error {
	d, err := db.One[Delivery](ctx, l.j.db, `select `+columns+` from deliveries where workspace_id = $1 and id = $2`, l.workspaceID, deliveryID)
	if err != nil {
		return err
	}
	switch {
	case d.State == Handover:
		err = l.with(d).remind(ctx)
	case d.State == NeedsHuman || d.State == Failed:
		err = l.with(d).escalate(ctx)
	case d.State.Settled(), d.State == Processing && !d.AcceptedAt.IsZero():
		err = l.with(d).readBack(ctx)
	default:
		err = l.carry(ctx, d)
	}
	if errors.Is(err, errLost) {
		return nil
	}
	return err
}

// with is a job without a lease: its first write must find the row unchanged.
func (l *line) with(d Delivery) *job { return &job{j: l.j, line: l, d: d, told: d.State} }

// carry claims a delivery that is not settled and moves it on. Claim and first intent are one commit.
func (l *line) carry(ctx context.Context, seen Delivery) error {
	j := l.j
	n, session, refused := l.open(ctx)
	ctx, lose := context.WithCancelCause(ctx)
	defer lose(nil)
	w := &job{j: j, line: l, n: n, session: session}
	var attempt string
	var on bool
	j.crash(BeforeIntent)
	err := j.store.commit(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := j.clock()
		claimed, err := db.All[Delivery](ctx, tx, `update deliveries set lease_owner = $3, lease_until = $4, fence = fence + 1
			where workspace_id = $1 and id = $2 and next_at <= $5 and (lease_until is null or lease_until < $5) returning `+columns, l.workspaceID, seen.ID, j.owner, now.Add(leaseFor), now)
		if err != nil {
			return err
		}
		if len(claimed) == 0 {
			return errLost
		}
		w.d, w.told = claimed[0], claimed[0].State
		if w.steps, err = j.steps(ctx, tx, l.workspaceID, seen.ID); err != nil {
			return err
		}
		attempt, on = "", true
		if err := w.alert(ctx, tx); err != nil {
			return err
		}
		if refused != nil {
			on = false
			return w.noSession(ctx, tx, refused)
		}
		if s := w.next(); s != nil && s.callable() {
			attempt, on, err = w.intend(ctx, tx, s)
		}
		return err
	})
	if err != nil || !on {
		return err
	}
	w.lease = &lease{workspaceID: w.d.WorkspaceID, deliveryID: w.d.ID, fence: w.d.Fence, until: w.d.LeaseUntil, lose: lose}
	j.leases.add(w.lease)
	defer j.leases.drop(w.lease)
	return w.advance(ctx, attempt)
}

// next is the step to go on with: the one that is under way at the network or in doubt, else the first that is not done;
// nil when all are.
func (w *job) next() *StepRow {
	for i := range w.steps {
		if s := &w.steps[i]; s.State == StepPending || s.State != StepWaiting && s.doubtful() {
			return s
		}
	}
	for i := range w.steps {
		if s := &w.steps[i]; s.State != StepAccepted || w.expired(i) {
			return s
		}
	}
	return nil
}

// callable reports whether a step may simply be called: nothing of it is in doubt, or what is in doubt was weighed.
func (s StepRow) callable() bool {
	return s.State == StepWaiting || s.State == StepPending || s.State == StepAccepted || s.State == StepSending && s.Kind == network.Repeatable
}

// advance moves the delivery on until it is settled or has to wait. attempt is the intent already stored with the
// claim, "" = none.
func (w *job) advance(ctx context.Context, attempt string) error {
	for {
		s := w.next()
		switch {
		case s == nil:
			return w.commit(ctx, func(ctx context.Context, tx *db.Tx) error { return w.finish(ctx, tx) })
		case s.State == StepRejected:
			return w.commit(ctx, func(ctx context.Context, tx *db.Tx) error { return w.fail(ctx, tx, fault.Rejectedf("%s", s.Reason)) })
		case attempt == "" && !s.callable():
			if on, err := w.recover(ctx, s); err != nil || !on {
				return err
			}
			continue
		}
		if attempt == "" {
			on := false
			if s.Name == commentStep {
				w.j.crash(BeforeComment)
			}
			w.j.crash(BeforeIntent)
			err := w.commit(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
				attempt, on, err = w.intend(ctx, tx, s)
				return err
			})
			if err != nil || !on {
				return err
			}
		}
		on, err := w.do(ctx, s, attempt)
		if err != nil || !on {
			return err
		}
		attempt = ""
	}
}

// commentStep is how connectors name the first comment.
const commentStep = "comment"

// expired reports whether an upload is gone at the network before anything used it: it is done once more (R14). A call in
// doubt may have used it, or may still arrive and do so.
func (w *job) expired(i int) bool {
	s := w.steps[i]
	if s.Public || s.State != StepAccepted || s.Outcome == nil || s.Outcome.ExpiresAt.IsZero() || w.j.clock().Before(s.Outcome.ExpiresAt) {
		return false
	}
	return !slices.ContainsFunc(w.steps[i+1:], func(later StepRow) bool {
		return later.Part == s.Part && later.Kind != network.Repeatable && (later.State != StepWaiting || !later.DoubtAt.IsZero())
	})
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

// intend stores what is about to be done. In the same transaction it asks once more whether anything is stopped: what
// is claimed but not sent obeys the stop (D12). A poll of what the network has already taken is no new effect and goes
// on. It reports whether the call may be made.
func (w *job) intend(ctx context.Context, tx *db.Tx, s *StepRow) (attempt string, on bool, err error) {
	now := w.j.clock()
	attempt = id.New("try")
	if s.State != StepPending {
		stopped := ""
		if w.closed(now) {
			return "", false, w.fail(ctx, tx, errClosed)
		}
		if !w.takesDown() { // taking something down is never stopped
			if stopped, err = w.j.held(ctx, tx, w.d.WorkspaceID, w.d.ChannelID); err != nil {
				return "", false, err
			}
		}
		if stopped == "" && w.late() && !w.begun() {
			stopped = tooLate(now.Sub(w.d.DueAt), w.d.Window, w.d.Reason)
		}
		if stopped != "" {
			return "", false, w.block(ctx, tx, stopped)
		}
		if s.Kind == network.ByHand {
			return "", false, w.handOver(ctx, tx, s)
		}
		if s.State == StepSending {
			if w.d.Attempt++; w.d.Attempt >= attempts { // it has not come back several times: do not try for ever
				return "", false, w.fail(ctx, tx, gaveUp(w.d.Attempt, "this step ended the program, or its time, again and again"))
			}
		}
		to := Prepared
		if s.Public {
			to = Sending
		}
		if err := w.move(to); err != nil {
			return "", false, err
		}
		if w.main() == s {
			w.d.LateBy = max(now.Sub(w.d.DueAt), 0)
		}
		w.d.Reason, w.d.Hint, w.d.ReasonCode, w.d.Field = "", "", "", ""
		if _, err := db.Exec(ctx, tx, `update delivery_steps set state = 'sending', sent_at = $4, ended_at = null, reason = '' where workspace_id = $1 and delivery_id = $2 and position = $3`,
			w.d.WorkspaceID, w.d.ID, s.Position, now); err != nil {
			return "", false, err
		}
		s.State, s.SentAt = StepSending, now
	}
	if err := w.began(ctx, tx, attempt, s.Name, now); err != nil {
		return "", false, err
	}
	return attempt, true, w.keep(ctx, tx)
}

// do makes the call whose intent is stored, and stores the outcome. It reports whether the next step may begin.
func (w *job) do(ctx context.Context, s *StepRow, attempt string) (bool, error) {
	w.j.crash(AfterIntent)
	polling := s.State == StepPending
	// Between intent and call this process may have slept. Whose lease has run out meanwhile must not call: another
	// worker may have found the step absent.
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), errLost) || w.j.clock().After(w.j.leases.until(w.lease)) {
		return false, errLost
	}
	outcome, err := w.call(ctx, s)
	w.j.crash(AfterCall)
	if err == nil {
		return w.accept(ctx, s, attempt, outcome)
	}
	return false, w.refuse(ctx, s, attempt, polling, err)
}

// call runs the step at the network. A connector that panics has failed, nothing more.
func (w *job) call(ctx context.Context, s *StepRow) (out network.Outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			if _, dies := p.(Crash); dies {
				panic(p)
			}
			slog.Error("a connector panicked", "network", w.n.Spec().Key, "step", s.Name, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("the connector failed: %v", p)
		}
	}()
	switch w.d.Kind {
	case DeleteKind:
		return w.callDelete(ctx, s)
	case ActKind:
		return w.callAct(ctx, s)
	}
	if w.d.Kind == RepostKind {
		return w.callRepost(ctx, s)
	}
	publisher, ok := w.n.(network.Publisher)
	if !ok {
		return network.Outcome{}, fault.Rejectedf("%s offers programs no way to publish", w.n.Spec().Name)
	}
	step := s.Step
	if step.Media != nil {
		m := w.file(*step.Media)
		step.Media = &m
	}
	step.Files = slices.Clone(step.Files)
	for i, m := range step.Files {
		step.Files[i] = w.file(m)
	}
	return publisher.Do(ctx, w.session, step, w.outcomes())
}

// Crash is what Rig.Crash may panic with to end the run as a power cut would.
type Crash struct{ Point string }

// accept stores an accepted or pending answer. With the last step it settles the delivery in the same transaction:
// after it nothing is ever sent again.
func (w *job) accept(ctx context.Context, s *StepRow, attempt string, o network.Outcome) (bool, error) {
	done := false
	err := w.commit(ctx, func(ctx context.Context, tx *db.Tx) error {
		if o.Pending {
			return w.wait(ctx, tx, s, attempt, o)
		}
		if err := w.note(ctx, tx, attempt, string(wasAccepted), o.URL); err != nil {
			return err
		}
		if err := w.accepted(ctx, tx, s, o, ""); err != nil {
			return err
		}
		if done = w.next() == nil; done {
			return w.finish(ctx, tx)
		}
		if err := w.move(Prepared); err != nil {
			return err
		}
		return w.keep(ctx, tx)
	})
	if err != nil {
		return false, err
	}
	w.j.crash(AfterOutcome)
	if s.Public && !done && !o.Pending {
		w.j.crash(BetweenParts)
	}
	return !done && !o.Pending, nil
}

// accepted marks a step as done and takes over what it achieved.
func (w *job) accepted(ctx context.Context, tx *db.Tx, s *StepRow, o network.Outcome, how string) error {
	w.d.Attempt, w.d.Polls, w.d.Looked = 0, 0, 0
	if w.main() == s {
		w.d.RemoteID, w.d.URL = o.RemoteID, o.URL
	}
	return w.mark(ctx, tx, s, StepAccepted, &o, how)
}

// wait stores that the network took the step and is not finished: it is polled with growing gaps (R16).
func (w *job) wait(ctx context.Context, tx *db.Tx, s *StepRow, attempt string, o network.Outcome) error {
	if err := w.note(ctx, tx, attempt, string(wasPending), o.URL); err != nil {
		return err
	}
	if err := w.mark(ctx, tx, s, StepPending, &o, "the network is still working on it"); err != nil {
		return err
	}
	if err := w.move(Processing); err != nil {
		return err
	}
	gap := o.Wait
	if gap <= 0 {
		gap = 2 * time.Second
	}
	gap = min(gap<<min(w.d.Polls, 8), 10*time.Minute)
	if held := o.Until.Sub(w.j.clock()); held > gap {
		gap = min(held, heldGap) // the network said when; until then only whether it is still there is of interest
	}
	w.d.Polls++
	w.d.Reason = "the network took it and is still working on it"
	if s.expected().Add(longest).Before(w.j.clock()) {
		return w.needsHuman(ctx, tx, "the network took it a day ago and has not finished; it may still appear")
	}
	return w.rest(ctx, tx, w.j.clock().Add(gap))
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

// begun reports whether anything of the delivery is public, or may be.
func (w *job) begun() bool {
	return slices.ContainsFunc(w.steps, func(s StepRow) bool {
		return s.Public && (s.State != StepWaiting && s.State != StepRejected || !s.DoubtAt.IsZero())
	})
}

// live reports whether any public step is accepted.
func (w *job) live() bool {
	return slices.ContainsFunc(w.steps, func(s StepRow) bool { return s.Public && s.State == StepAccepted })
}
