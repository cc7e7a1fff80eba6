package delivery

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Answer is what a person decides about a delivery in doubt.
type Answer string

const (
	IsLive    Answer = "live"     // it is there; the address says where
	IsNotLive Answer = "not_live" // it is not there: send it again
	GiveUp    Answer = "give_up"  // leave it
)

// Resolve takes a person's answer about a delivery that needs one, or that was handed to a person. With the address of a live item its own id is looked
// up among the channel's latest items, so that it is measured and read back like any other.
func (j *Journal) Resolve(ctx context.Context, actor workspace.Actor, deliveryID string, answer Answer, url string) error {
	d, err := j.mayDecide(ctx, actor, deliveryID)
	if err != nil {
		return err
	}
	if d.State != NeedsHuman && d.State != Handover {
		return fault.Conflictf("this delivery needs no decision; it is %s", d.State).WithCode("invalid_transition")
	}
	l := &line{j: j, workspaceID: d.WorkspaceID, channelID: d.ChannelID}
	item := network.Live{Remote: network.Remote{URL: strings.TrimSpace(url)}}
	if answer == IsLive && item.URL != "" {
		item = l.own(ctx, item)
	}
	return j.resolve(ctx, actor, l, d, answer, item)
}

// resolve carries a decision out in one transaction.
func (j *Journal) resolve(ctx context.Context, actor workspace.Actor, l *line, d Delivery, answer Answer, item network.Live) error {
	return j.db.Tx(ctx, func(tx *db.Tx) error {
		w := l.with(d)
		var err error
		if ch, err := j.channels.In(ctx, tx, d.WorkspaceID, d.ChannelID); err == nil {
			w.n = j.channels.Network(ch)
		}
		if w.steps, err = j.steps(ctx, tx, d.WorkspaceID, d.ID); err != nil {
			return err
		}
		err = w.decide(ctx, tx, answer, item, "a person says it is live")
		if errors.Is(err, errLost) {
			return fault.Conflictf("somebody decided this just now").WithCode("invalid_transition")
		}
		if err != nil {
			return err
		}
		tx.After(j.Wake)
		return workspace.Audit(ctx, tx, actor, "delivery.resolved", d.ID, d.State, map[string]string{"answer": string(answer), "url": item.URL})
	})
}

// decide ends every doubt of the delivery by an answer. why is how it is known that something is live.
func (w *job) decide(ctx context.Context, tx *db.Tx, answer Answer, item network.Live, why string) error {
	w.d.Reason, w.d.Hint, w.d.ReasonCode, w.d.SettledAt, w.d.Attempt, w.d.Looked, w.d.Polls = "", "", "", time.Time{}, 0, 0, 0
	for i := range w.steps {
		s := &w.steps[i]
		if !s.doubtful() {
			continue
		}
		switch answer {
		case IsLive:
			w.since = item.At
			if err := w.accepted(ctx, tx, s, network.Outcome{RemoteID: item.ID, URL: item.URL, Data: item.Data}, why); err != nil {
				return err
			}
		case IsNotLive:
			s.DoubtAt, s.Refused = time.Time{}, false
			if err := w.mark(ctx, tx, s, StepWaiting, nil, "a person says it is not live"); err != nil {
				return err
			}
		case GiveUp:
		default:
			return fault.Invalidf("answer", "answer live, not_live or give_up")
		}
	}
	now := w.j.clock()
	switch {
	case answer == GiveUp:
		if err := w.move(Failed); err != nil {
			return err
		}
		w.d.Reason, w.d.SettledAt = "left undecided by a person; it may or may not be live", now
		return w.rest(ctx, tx, time.Time{})
	case w.next() == nil:
		return w.finish(ctx, tx)
	case w.adrift():
		return w.fail(ctx, tx, errAdrift)
	}
	if answer == IsNotLive {
		w.d.DueAt = now // its lateness was this person's choice
		if _, err := db.Exec(ctx, tx, `update deliveries set due_at = $3 where workspace_id = $1 and id = $2`, w.d.WorkspaceID, w.d.ID, now); err != nil {
			return err
		}
	}
	if err := w.move(Prepared); err != nil {
		return err
	}
	return w.rest(ctx, tx, now)
}

var errAdrift = fault.Rejectedf("the network does not tell us the id of what is live, so that nothing more can be attached to it").WithCode("adrift").
	WithHint("Publish the rest by hand, as an answer to it.")

// adrift reports whether something is live whose id nobody knows while further parts would have to answer it.
func (w *job) adrift() bool {
	known := true
	for _, s := range w.steps {
		if s.Public && s.State == StepAccepted && (s.Outcome == nil || s.Outcome.RemoteID == "") {
			known = false
		}
		if s.Public && s.State != StepAccepted && !known {
			return true
		}
	}
	return false
}

// own completes an item a person found by its address, if the network lists it.
func (l *line) own(ctx context.Context, item network.Live) network.Live {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	n, session, err := l.open(ctx)
	importer, ok := n.(network.Importer)
	if err != nil || !ok {
		return item
	}
	latest, _, err := importer.Own(ctx, session, "", 40)
	if err != nil {
		return item
	}
	same := func(a, b string) bool { return strings.TrimRight(a, "/") == strings.TrimRight(b, "/") }
	for _, live := range latest {
		if same(live.URL, item.URL) {
			return live
		}
	}
	return item
}

// Retry sends again what a failed delivery has not achieved: a new delivery, linked to the old one, that begins at the
// first part that is not accepted. Accepted parts are taken over and never sent again (R10); a part in doubt is looked
// up first.
func (j *Journal) Retry(ctx context.Context, actor workspace.Actor, deliveryID string) (Delivery, error) {
	old, err := j.mayDecide(ctx, actor, deliveryID)
	if err != nil {
		return old, err
	}
	if old.State != Failed {
		return old, fault.Conflictf("only a failed delivery can be sent again; this one is %s", old.State).WithCode("invalid_transition")
	}
	var d Delivery
	err = j.db.Tx(ctx, func(tx *db.Tx) error {
		before, err := j.steps(ctx, tx, actor.WorkspaceID, deliveryID)
		if err != nil {
			return err
		}
		if len(before) == 0 {
			return fault.Conflictf("nothing was planned for this delivery; change the post and schedule it again")
		}
		if old.Kind == PostKind && (&job{steps: before}).adrift() {
			return errAdrift
		}
		if err := j.replace(ctx, tx, old); err != nil {
			return err
		}
		now := j.clock()
		d, err = j.write(ctx, tx, order{kind: old.Kind, workspaceID: old.WorkspaceID, channelID: old.ChannelID, targetID: old.TargetID, messageID: old.MessageID, previousID: old.ID,
			by: actor.ID(), responsible: old.ResponsibleID, draft: old.Draft, due: now, window: max(old.Window, time.Hour), expires: old.ExpiresAt, plan: func(string) ([]network.Step, []network.Problem) {
				steps := make([]network.Step, len(before))
				for i, s := range before {
					steps[i] = s.Step
				}
				return steps, nil
			}})
		if err != nil {
			return err
		}
		if err := j.takeOver(ctx, tx, d, old, before); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "delivery.retried", deliveryID, nil, map[string]string{"as": d.ID})
	})
	return d, err
}

// replace makes way for a retry, unless the failed delivery is no longer the latest word about its target.
func (j *Journal) replace(ctx context.Context, tx *db.Tx, old Delivery) error {
	again, err := db.One[int](ctx, tx, `select count(*) from deliveries where workspace_id = $1 and previous_id = $2`, old.WorkspaceID, old.ID)
	if err != nil {
		return err
	}
	n, err := db.Exec(ctx, tx, `update deliveries set next_at = null, fence = fence + 1 where workspace_id = $1 and id = $2 and state = 'failed_permanent' and fence = $3`, old.WorkspaceID, old.ID, old.Fence)
	if err != nil {
		return err
	}
	if again > 0 || n == 0 {
		return fault.Conflictf("this delivery was sent again already").WithCode("invalid_transition")
	}
	if old.Kind != PostKind {
		return nil
	}
	if err := j.lock(ctx, tx, old.WorkspaceID, old.TargetID); err != nil {
		return err
	}
	n, err = db.Exec(ctx, tx, `update targets set state = 'publishing' where workspace_id = $1 and id = $2 and delivery_id = $3 and state in ('failed', 'partly_published')`,
		old.WorkspaceID, old.TargetID, old.ID)
	if err == nil && n == 0 {
		err = fault.Conflictf("the post has been planned again or cancelled meanwhile").WithCode("invalid_transition")
	}
	return err
}

// takeOver gives a retry what the failed delivery achieved, and its doubts.
func (j *Journal) takeOver(ctx context.Context, tx *db.Tx, d, old Delivery, before []StepRow) error {
	for _, s := range before {
		if s.State != StepAccepted && !s.doubtful() {
			continue
		}
		state, why := StepUnknown, "in doubt since the delivery before"
		if s.State == StepAccepted {
			state, why = StepAccepted, "taken over"
		}
		var outcome any
		if s.Outcome != nil {
			outcome = db.JSON(s.Outcome)
		}
		if _, err := db.Exec(ctx, tx, `update delivery_steps set state = $4, sent_at = $5, ended_at = $6, outcome = $7, reason = $8, doubt_at = $9, refused = $10, remote_id = $11
			where workspace_id = $1 and delivery_id = $2 and position = $3`, d.WorkspaceID, d.ID, s.Position, state, s.SentAt, s.EndedAt, outcome, why, s.DoubtAt, s.Refused, s.made()); err != nil {
			return err
		}
	}
	if _, err := db.Exec(ctx, tx, `update deliveries set remote_id = $3, url = $4 where workspace_id = $1 and id = $2`, d.WorkspaceID, d.ID, old.RemoteID, old.URL); err != nil {
		return err
	}
	if old.Kind != PostKind {
		return nil
	}
	return j.posts.Settle(ctx, tx, d.WorkspaceID, d.TargetID, publishing(d))
}

func (j *Journal) mayDecide(ctx context.Context, actor workspace.Actor, deliveryID string) (Delivery, error) {
	d, err := j.get(ctx, "", []any{actor.WorkspaceID, deliveryID})
	if err != nil {
		return d, err
	}
	ch, err := j.channels.Get(ctx, actor, d.ChannelID)
	if err != nil {
		return d, err
	}
	need := workspace.PostSchedule
	if d.Kind == ReplyKind {
		need = workspace.InboxReply
	}
	at := workspace.Scope{BrandID: ch.BrandID, ChannelID: ch.ID}
	return d, workspace.Unseen(actor.May(need, at), actor.Sees(workspace.PostRead, at, d.ResponsibleID == actor.UserID), "delivery")
}
