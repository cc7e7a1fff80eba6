package delivery

import (
	"context"
	"encoding/json"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// ReplyOrder asks for an answer from the inbox to go out.
type ReplyOrder struct {
	WorkspaceID, ChannelID, MessageID string
	Reply                             network.Reply
	ResponsibleID, By                 string
}

// Reply stores the delivery of an answer in the transaction that stored the answer.
func (j *Journal) Reply(ctx context.Context, tx *db.Tx, o ReplyOrder) (string, error) {
	ch, err := j.channels.In(ctx, tx, o.WorkspaceID, o.ChannelID)
	if err != nil {
		return "", err
	}
	converser, ok := j.channels.Networks().Get(ch.Network).(network.Converser)
	if !ok {
		return "", fault.Rejectedf("this network offers programs no way to answer")
	}
	d, err := j.store(ctx, tx, order{kind: ReplyKind, workspaceID: o.WorkspaceID, channelID: o.ChannelID, messageID: o.MessageID, by: o.By, responsible: o.ResponsibleID,
		draft: o.Reply, due: o.Reply.At, plan: func(key string) ([]network.Step, []network.Problem) {
			o.Reply.Key = key
			return converser.PlanReply(o.Reply, ch.Account)
		}})
	if err != nil {
		return "", err
	}
	if d.State == Failed {
		return "", fault.Invalidf(d.Field, "%s", d.Reason).WithHint(d.Hint)
	}
	return d.ID, nil
}

// deleteStep is the one step of a deletion; deleting what is gone already succeeds, so it is repeatable.
const deleteStep = "delete"

// Delete takes a published target off its network.
func (j *Journal) Delete(ctx context.Context, actor workspace.Actor, targetID string) (Delivery, error) {
	return j.onPublished(ctx, actor, targetID, "delivery.deletion_ordered", func(tx *db.Tx, t post.Target, n network.Network, account network.Account, item network.Remote) (Delivery, error) {
		if _, ok := n.(network.Deleter); !ok {
			return Delivery{}, fault.Rejectedf("%s offers programs no way to delete", n.Spec().Name).WithHint("Delete it on the network itself; it is noticed at the next read-back.")
		}
		raw, err := json.Marshal(item)
		if err != nil {
			return Delivery{}, err
		}
		return j.store(ctx, tx, order{kind: DeleteKind, workspaceID: actor.WorkspaceID, channelID: t.ChannelID, targetID: t.ID, by: actor.ID(), responsible: t.ResponsibleID,
			draft: item, due: j.clock(), plan: func(string) ([]network.Step, []network.Problem) {
				return []network.Step{{Name: deleteStep, Kind: network.Repeatable, Payload: raw}}, nil
			}})
	})
}

func (w *job) callDelete(ctx context.Context) (network.Outcome, error) {
	deleter, ok := w.n.(network.Deleter)
	if !ok {
		return network.Outcome{}, fault.Rejectedf("%s offers programs no way to delete", w.n.Spec().Name)
	}
	var item network.Remote
	if err := json.Unmarshal(w.d.Draft, &item); err != nil {
		return network.Outcome{}, err
	}
	return network.Outcome{}, deleter.Delete(ctx, w.session, item)
}

// Edit changes a published target to what is stored now, where the network allows it (C21).
func (j *Journal) Edit(ctx context.Context, actor workspace.Actor, targetID string, draft network.Draft) (Delivery, error) {
	return j.onPublished(ctx, actor, targetID, "delivery.edit_ordered", func(tx *db.Tx, t post.Target, n network.Network, account network.Account, item network.Remote) (Delivery, error) {
		editor, ok := n.(network.Editor)
		if !ok {
			return Delivery{}, fault.Rejectedf("%s offers programs no way to edit what is published", n.Spec().Name).WithHint("Delete it and publish a corrected one, or answer below it with a correction.")
		}
		d, err := j.store(ctx, tx, order{kind: EditKind, workspaceID: actor.WorkspaceID, channelID: t.ChannelID, targetID: t.ID, by: actor.ID(), responsible: t.ResponsibleID,
			draft: draft, due: j.clock(), plan: func(key string) ([]network.Step, []network.Problem) {
				draft.Key = key
				return editor.PlanEdit(item, draft, account)
			}})
		if err == nil && d.State == Failed {
			return d, fault.Invalidf(d.Field, "%s", d.Reason).WithHint(d.Hint)
		}
		return d, err
	})
}

func (j *Journal) onPublished(ctx context.Context, actor workspace.Actor, targetID, what string, do func(*db.Tx, post.Target, network.Network, network.Account, network.Remote) (Delivery, error)) (Delivery, error) {
	t, err := j.posts.Target(ctx, actor, targetID)
	if err != nil {
		return Delivery{}, err
	}
	if t.RemoteID == "" || t.State != post.Published && t.State != post.PartlyPublished {
		return Delivery{}, fault.Conflictf("this target is not published").WithCode("invalid_transition")
	}
	ch, err := j.channels.Get(ctx, actor, t.ChannelID)
	if err != nil {
		return Delivery{}, err
	}
	if err := actor.May(workspace.PostSchedule, workspace.Scope{BrandID: ch.BrandID, ChannelID: ch.ID}); err != nil {
		return Delivery{}, err
	}
	item, err := j.published(ctx, actor.WorkspaceID, t)
	if err != nil {
		return Delivery{}, err
	}
	var d Delivery
	err = j.db.Tx(ctx, func(tx *db.Tx) error {
		if d, err = do(tx, t, j.channels.Networks().Get(ch.Network), ch.Account, item); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, what, d.ID, nil, map[string]string{"target": targetID})
	})
	return d, err
}

// published is a target's item with what the network needs to name it.
func (j *Journal) published(ctx context.Context, workspaceID string, t post.Target) (network.Remote, error) {
	item := network.Remote{ID: t.RemoteID, URL: t.URL}
	steps, err := db.All[StepRow](ctx, j.db, `select `+stepColumns+` from delivery_steps where workspace_id = $1 and public = true and state = 'accepted' and delivery_id in (
		select id from deliveries where workspace_id = $1 and target_id = $2 and kind = 'post') order by delivery_id, position`, workspaceID, t.ID)
	if err != nil {
		return item, err
	}
	for _, s := range steps {
		if s.Outcome != nil && s.Outcome.RemoteID == t.RemoteID {
			item.Data = s.Outcome.Data
		}
	}
	return item, nil
}

// Retry sends again what a failed delivery has not achieved: a new delivery, linked to the old one, that begins at the
// first part that is not accepted. Accepted parts are taken over and never sent again (R10).
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
		again, err := db.One[int](ctx, tx, `select count(*) from deliveries where workspace_id = $1 and previous_id = $2`, actor.WorkspaceID, deliveryID)
		if err != nil {
			return err
		}
		if again > 0 {
			return fault.Conflictf("this delivery was sent again already").WithCode("invalid_transition")
		}
		before, err := j.steps(ctx, tx, actor.WorkspaceID, deliveryID)
		if err != nil {
			return err
		}
		if len(before) == 0 {
			return fault.Conflictf("nothing was planned for this delivery; change the post and schedule it again")
		}
		d, err = j.store(ctx, tx, order{kind: old.Kind, workspaceID: old.WorkspaceID, channelID: old.ChannelID, targetID: old.TargetID, messageID: old.MessageID, previousID: old.ID,
			by: actor.ID(), responsible: old.ResponsibleID, draft: old.Draft, due: j.clock(), plan: func(string) ([]network.Step, []network.Problem) {
				steps := make([]network.Step, len(before))
				for i, s := range before {
					steps[i] = s.Step
				}
				return steps, nil
			}})
		if err != nil {
			return err
		}
		for _, s := range before {
			if s.State != StepAccepted {
				continue
			}
			if _, err := db.Exec(ctx, tx, `update delivery_steps set state = 'accepted', sent_at = $4, ended_at = $5, outcome = $6, reason = 'taken over' where workspace_id = $1 and delivery_id = $2 and position = $3`,
				d.WorkspaceID, d.ID, s.Position, s.SentAt, s.EndedAt, db.JSON(s.Outcome)); err != nil {
				return err
			}
		}
		if _, err := db.Exec(ctx, tx, `update deliveries set remote_id = $3, url = $4 where workspace_id = $1 and id = $2`, d.WorkspaceID, d.ID, old.RemoteID, old.URL); err != nil {
			return err
		}
		if old.Kind == PostKind {
			if err := j.posts.Settle(ctx, tx, d.WorkspaceID, d.TargetID, post.Outcome{State: post.Publishing, DeliveryID: d.ID}); err != nil {
				return err
			}
		}
		return workspace.Audit(ctx, tx, actor, "delivery.retried", deliveryID, nil, map[string]string{"as": d.ID})
	})
	return d, err
}

// Answer is what a person decides about a delivery in doubt.
type Answer string

const (
	IsLive    Answer = "live"     // it is there; URL says where
	IsNotLive Answer = "not_live" // it is not there: send it again
	GiveUp    Answer = "give_up"  // leave it
)

// Resolve takes a person's answer about a delivery that needs one.
func (j *Journal) Resolve(ctx context.Context, actor workspace.Actor, deliveryID string, answer Answer, url string) error {
	d, err := j.mayDecide(ctx, actor, deliveryID)
	if err != nil {
		return err
	}
	if d.State != NeedsHuman {
		return fault.Conflictf("this delivery needs no decision; it is %s", d.State).WithCode("invalid_transition")
	}
	return j.db.Tx(ctx, func(tx *db.Tx) error {
		now := j.clock()
		n, err := db.Exec(ctx, tx, `update deliveries set fence = fence + 1, lease_owner = $3, lease_until = $4 where workspace_id = $1 and id = $2 and state = 'needs_human'`, d.WorkspaceID, d.ID, j.owner, now.Add(leaseFor))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.Conflictf("somebody decided this just now").WithCode("invalid_transition")
		}
		d.Fence++
		steps, err := j.steps(ctx, tx, d.WorkspaceID, d.ID)
		if err != nil {
			return err
		}
		w := &job{j: j, d: d, steps: steps}
		for i := range w.steps {
			s := &w.steps[i]
			if s.State != StepUnknown && s.State != StepSending {
				continue
			}
			if err := w.decide(ctx, tx, s, answer, url); err != nil {
				return err
			}
		}
		if err := workspace.Audit(ctx, tx, actor, "delivery.resolved", d.ID, d.State, map[string]string{"answer": string(answer), "url": url}); err != nil {
			return err
		}
		tx.After(j.Wake)
		return nil
	})
}

func (w *job) decide(ctx context.Context, tx *db.Tx, s *StepRow, answer Answer, url string) error {
	now := w.j.clock()
	switch answer {
	case IsLive:
		o := network.Outcome{URL: url}
		if err := w.mark(ctx, tx, s, StepAccepted, &o, "a person says it is live"); err != nil {
			return err
		}
		if main := w.main(); main != nil && main.Position == s.Position {
			w.d.URL = url
		}
		w.d.State = Prepared
		return w.keep(ctx, tx, `state = 'prepared', reason = '', hint = '', url = $5, next_at = $6, settled_at = null, lease_owner = '', lease_until = null`, w.d.URL, now)
	case IsNotLive:
		if err := w.mark(ctx, tx, s, StepWaiting, nil, "a person says it is not live"); err != nil {
			return err
		}
		if err := w.keep(ctx, tx, `state = 'prepared', reason = '', hint = '', looked = 0, next_at = $5, settled_at = null, lease_owner = '', lease_until = null`, now); err != nil {
			return err
		}
		if w.d.Kind != PostKind {
			return nil
		}
		return w.j.posts.Settle(ctx, tx, w.d.WorkspaceID, w.d.TargetID, post.Outcome{State: post.Publishing, DeliveryID: w.d.ID})
	case GiveUp:
		w.d.State, w.d.Reason = Failed, "given up by a person; it may or may not be live"
		if err := w.keep(ctx, tx, `state = 'failed_permanent', reason = $5, hint = '', next_at = null, settled_at = $6, lease_owner = '', lease_until = null`, w.d.Reason, now); err != nil {
			return err
		}
		return w.report(ctx, tx)
	}
	return fault.Invalidf("answer", "answer live, not_live or give_up")
}

func (j *Journal) mayDecide(ctx context.Context, actor workspace.Actor, deliveryID string) (Delivery, error) {
	d, err := j.Get(ctx, actor, deliveryID)
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
	return d, actor.May(need, workspace.Scope{BrandID: ch.BrandID, ChannelID: ch.ID})
}
