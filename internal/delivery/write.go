package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network"
)

// commit writes what fn changes. What fn changed in memory is taken back when nothing was stored. A disk or a database
// that fails for a moment is asked three times: what the network has answered is known only here.
func (w *job) commit(ctx context.Context, fn func(context.Context, *db.Tx) error) error {
	d, told, steps := w.d, w.told, slices.Clone(w.steps)
	for try := 1; ; try++ {
		err := w.j.store.commit(ctx, fn)
		if err == nil {
			if w.lease != nil {
				w.j.leases.set(w.lease, w.d.LeaseUntil)
			}
			return nil
		}
		w.d, w.told = d, told
		copy(w.steps, steps)
		if errors.Is(err, errLost) || try == 3 {
			return err
		}
	}
}

// move sets another state, if §4.2 has the transition.
func (w *job) move(to State) error {
	if w.d.State.path(to) == nil {
		return fmt.Errorf("a delivery cannot become %s from %s", to, w.d.State)
	}
	w.d.State = to
	return nil
}

// keep writes the delivery's row and keeps the lease.
func (w *job) keep(ctx context.Context, tx *db.Tx) error {
	w.d.LeaseUntil = w.j.clock().Add(leaseFor)
	return w.write(ctx, tx, w.j.owner, w.d.LeaseUntil)
}

// rest writes the delivery's row and gives the lease back; the journal looks again at next, or never when it is zero.
func (w *job) rest(ctx context.Context, tx *db.Tx, next time.Time) error {
	w.d.NextAt = next
	w.d.LeaseUntil = time.Time{}
	return w.write(ctx, tx, "", time.Time{})
}

// write stores the row if nobody else has taken the delivery, and tells the rooms above of a new state in the same
// transaction. A job without a lease must find the row as it read it, and raises the fence itself.
func (w *job) write(ctx context.Context, tx *db.Tx, owner string, until time.Time) error {
	holder, fence := w.j.owner, w.d.Fence
	if w.lease == nil && w.d.LeaseOwner == "" {
		holder, fence = "", w.d.Fence+1
	}
	n, err := db.Exec(ctx, tx, `update deliveries set fence = $5, lease_owner = $6, lease_until = $7, state = $8, reason = $9, hint = $10, reason_code = $11, field = $12, next_at = $13,
			attempt = $14, polls = $15, refreshed = $16, looked = $17, accepted_at = $18, settled_at = $19, late_by = $20, remote_id = $21, url = $22, checked_at = $23, alerted_at = $24
		where workspace_id = $1 and id = $2 and lease_owner = $3 and fence = $4`, w.d.WorkspaceID, w.d.ID, holder, w.d.Fence, fence, owner, until, w.d.State, w.d.Reason, w.d.Hint,
		w.d.ReasonCode, w.d.Field, w.d.NextAt, w.d.Attempt, w.d.Polls, w.d.Refreshed, w.d.Looked, w.d.AcceptedAt, w.d.SettledAt, w.d.LateBy, w.d.RemoteID, w.d.URL, w.d.CheckedAt, w.d.AlertedAt)
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if n == 0 {
		return errLost
	}
	w.d.Fence = fence
	if w.d.State == w.told {
		return nil
	}
	from := w.told
	w.told = w.d.State
	return w.report(ctx, tx, from)
}

// began stores the beginning of a call or look-up.
func (w *job) began(ctx context.Context, tx *db.Tx, attempt, what string, at time.Time) error {
	_, err := db.Exec(ctx, tx, `insert into attempts (workspace_id, delivery_id, id, step, fence, started_at) values ($1, $2, $3, $4, $5, $6)`,
		w.d.WorkspaceID, w.d.ID, attempt, what, w.d.Fence, at)
	return err
}

// note ends an attempt with its class and the network's words.
func (w *job) note(ctx context.Context, tx *db.Tx, attempt, class, detail string) error {
	_, err := db.Exec(ctx, tx, `update attempts set ended_at = $4, class = $5, detail = $6 where workspace_id = $1 and delivery_id = $2 and id = $3`,
		w.d.WorkspaceID, w.d.ID, attempt, w.j.clock(), class, clip(detail, 1000))
	return err
}

// clip keeps the first n characters of a network's words.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// mark stores a step's new state and outcome.
func (w *job) mark(ctx context.Context, tx *db.Tx, s *StepRow, state StepState, outcome *network.Outcome, reason string) error {
	var raw any
	if outcome != nil {
		raw = db.JSON(outcome)
	}
	made := ""
	if state == StepAccepted {
		s.DoubtAt, s.Refused = time.Time{}, false
	}
	if outcome != nil && s.Public {
		made = outcome.RemoteID
	}
	if _, err := db.Exec(ctx, tx, `update delivery_steps set state = $4, ended_at = $5, outcome = coalesce($6, outcome), reason = $7, doubt_at = $8, refused = $9,
			remote_id = case when $10 = '' then remote_id else $10 end
		where workspace_id = $1 and delivery_id = $2 and position = $3`, w.d.WorkspaceID, w.d.ID, s.Position, state, w.j.clock(), raw, reason, s.DoubtAt, s.Refused, made); err != nil {
		return err
	}
	s.State, s.Reason = state, reason
	if outcome != nil {
		s.Outcome = outcome
	}
	return nil
}
