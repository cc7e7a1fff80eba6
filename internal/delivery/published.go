package delivery

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/text"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func publishing(d Delivery) post.Outcome {
	return post.Outcome{State: post.Publishing, DeliveryID: d.ID}
}

// Delete takes a published target off its network, the last part first. Deleting what is gone already succeeds.
func (j *Journal) Delete(ctx context.Context, actor workspace.Actor, targetID string) (Delivery, error) {
	return j.onPublished(ctx, actor, targetID, "delivery.deletion_ordered", func(tx *db.Tx, t post.Target, n network.Network, ch channel.Channel) (Delivery, error) {
		if _, ok := n.(network.Deleter); !ok {
			return Delivery{}, fault.Rejectedf("%s offers programs no way to delete", n.Spec().Name).WithHint("Delete it on the network itself; it is noticed at the next read-back.")
		}
		items, err := j.items(ctx, tx, t)
		if err != nil {
			return Delivery{}, err
		}
		var steps []network.Step
		for i, item := range slices.Backward(items) {
			raw, err := json.Marshal(item)
			if err != nil {
				return Delivery{}, err
			}
			steps = append(steps, network.Step{Name: "delete-" + strconv.Itoa(i+1), Part: i, Kind: network.Repeatable, Payload: raw})
		}
		return j.write(ctx, tx, order{kind: DeleteKind, workspaceID: actor.WorkspaceID, channelID: t.ChannelID, targetID: t.ID, by: actor.ID(), responsible: t.ResponsibleID,
			draft: items, due: j.clock(), plan: func(string) ([]network.Step, []network.Problem) { return steps, nil }})
	})
}

func (w *job) callDelete(ctx context.Context, s *StepRow) (network.Outcome, error) {
	deleter, ok := w.n.(network.Deleter)
	if !ok {
		return network.Outcome{}, fault.Rejectedf("%s offers programs no way to delete", w.n.Spec().Name)
	}
	var item network.Remote
	if err := json.Unmarshal(s.Step.Payload, &item); err != nil {
		return network.Outcome{}, fault.Rejectedf("the order to delete cannot be read")
	}
	err := deleter.Delete(ctx, w.session, item)
	if fault.Is(err, fault.NotFound) {
		err = nil
	}
	return network.Outcome{}, err
}

// Edit changes a published target to new content, where the network allows it (C21). The content becomes the channel's
// variant of the post, as a new version.
func (j *Journal) Edit(ctx context.Context, actor workspace.Actor, targetID string, content post.Content) (Delivery, error) {
	return j.onPublished(ctx, actor, targetID, "delivery.edit_ordered", func(tx *db.Tx, t post.Target, n network.Network, ch channel.Channel) (Delivery, error) {
		editor, ok := n.(network.Editor)
		if !ok {
			return Delivery{}, fault.Rejectedf("%s offers programs no way to edit what is published", n.Spec().Name).WithHint("Delete it and publish a corrected one, or answer below it with a correction.")
		}
		items, err := j.items(ctx, tx, t)
		if err != nil {
			return Delivery{}, err
		}
		draft, err := j.posts.Rewrite(ctx, tx, actor, targetID, content)
		if err != nil {
			return Delivery{}, err
		}
		d, err := j.write(ctx, tx, order{kind: EditKind, workspaceID: actor.WorkspaceID, channelID: t.ChannelID, targetID: t.ID, by: actor.ID(), responsible: t.ResponsibleID,
			draft: draft, due: j.clock(), plan: func(key string) ([]network.Step, []network.Problem) {
				draft.Key = key
				return editor.PlanEdit(items[0], draft, ch.Account)
			}})
		if err == nil && d.State == Failed {
			return d, fault.Invalidf(d.Field, "%s", d.Reason).WithHint(d.Hint)
		}
		return d, err
	})
}

// edited gives the target what an edit made of it. A network that makes a new item of an edited one changes its id; what
// was measured so far stays with the target.
func (w *job) edited(ctx context.Context, tx *db.Tx) error {
	var draft network.Draft
	if err := json.Unmarshal(w.d.Draft, &draft); err != nil {
		return err
	}
	plain := post.Plain(draft)
	if _, err := db.Exec(ctx, tx, `update targets set text_plain = $3, text_fingerprint = $4, remote_id = case when $5 = '' then remote_id else $5 end,
			url = case when $6 = '' then url else $6 end where workspace_id = $1 and id = $2`, w.d.WorkspaceID, w.d.TargetID, clip(plain, 280), text.Fingerprint(plain), w.d.RemoteID, w.d.URL); err != nil {
		return err
	}
	if w.d.RemoteID != "" {
		if err := w.j.posts.Absorb(ctx, tx, post.Target{WorkspaceID: w.d.WorkspaceID, ID: w.d.TargetID, ChannelID: w.d.ChannelID}, w.d.RemoteID); err != nil {
			return err
		}
	}
	if err := w.follow(ctx, tx); err != nil {
		return err
	}
	return w.j.events.Record(ctx, tx, w.d.WorkspaceID, w.d.CreatedBy, "target.edited", w.d.TargetID, factsOf(w.d))
}

func (j *Journal) onPublished(ctx context.Context, actor workspace.Actor, targetID, what string, do func(*db.Tx, post.Target, network.Network, channel.Channel) (Delivery, error)) (Delivery, error) {
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
	n := j.channels.Network(ch)
	if n == nil {
		return Delivery{}, fault.Rejectedf("this program does not know the network %q", ch.Network)
	}
	var d Delivery
	err = j.db.Tx(ctx, func(tx *db.Tx) error {
		if d, err = do(tx, t, n, ch); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, what, d.ID, nil, map[string]string{"target": targetID})
	})
	return d, err
}

// items are the public items of a target, the post first, with what the network needs to name them.
func (j *Journal) items(ctx context.Context, q db.Queryer, t post.Target) ([]network.Remote, error) {
	steps, err := j.steps(ctx, q, t.WorkspaceID, t.DeliveryID)
	if err != nil {
		return nil, err
	}
	var items []network.Remote
	for _, s := range steps {
		if s.Public && s.State == StepAccepted && s.Outcome != nil && s.Outcome.RemoteID != "" {
			items = append(items, network.Remote{ID: s.Outcome.RemoteID, URL: s.Outcome.URL, Data: s.Outcome.Data})
		}
	}
	if len(items) == 0 || items[0].ID != t.RemoteID && !slices.ContainsFunc(items, func(r network.Remote) bool { return r.ID == t.RemoteID }) {
		items = append([]network.Remote{{ID: t.RemoteID, URL: t.URL}}, items...)
	}
	return items, nil
}

// file makes a step's file readable: through the journal, and for networks that fetch it by its address.
func (w *job) file(m network.Media) network.Media {
	m.Open = func(ctx context.Context) (io.ReadCloser, error) {
		if w.j.open == nil {
			return nil, fault.Rejectedf("no media store is set up")
		}
		return w.j.open(ctx, w.d.WorkspaceID, m)
	}
	if w.j.address != nil {
		m.Address = w.j.address(w.d.WorkspaceID, m)
	}
	return m
}
