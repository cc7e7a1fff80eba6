package delivery

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

// Reposts reports whether a network offers programs a way to repost an item.
func Reposts(n network.Network) bool {
	reactor, ok := n.(network.Reactor)
	return ok && slices.Contains(reactor.Acts(network.Mention), network.Share) // what one may do to a post that names us, one may do to one's own
}

// Continues reports whether a network takes something more below a published post: a comment, or another part of a thread.
func Continues(n network.Network, finisher bool) bool {
	_, ok := n.(network.Publisher)
	return ok && (finisher && n.Spec().Threads || !finisher && n.Spec().FirstComment)
}

// Repost stores the delivery of a repost of a published target, in the transaction that decided it, and returns its id.
func (j *Journal) Repost(ctx context.Context, tx *db.Tx, t post.Target, by string) (string, error) {
	ch, n, err := j.live(ctx, tx, t)
	if err != nil {
		return "", err
	}
	if !Reposts(n) {
		return "", fault.Rejectedf("%s offers programs no way to repost", n.Spec().Name)
	}
	items, err := j.items(ctx, tx, t)
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(items[0])
	if err != nil {
		return "", err
	}
	d, err := j.write(ctx, tx, order{kind: RepostKind, workspaceID: t.WorkspaceID, channelID: ch.ID, targetID: t.ID, by: by, responsible: t.ResponsibleID, draft: items[0], due: j.clock(),
		plan: func(string) ([]network.Step, []network.Problem) {
			return []network.Step{{Name: "repost", Kind: network.Repeatable, Payload: raw}}, nil
		}})
	return d.ID, err
}

func (w *job) callRepost(ctx context.Context, s *StepRow) (network.Outcome, error) {
	reactor, ok := w.n.(network.Reactor)
	if !ok {
		return network.Outcome{}, fault.Rejectedf("%s offers programs no way to repost", w.n.Spec().Name)
	}
	var item network.Remote
	if err := json.Unmarshal(s.Step.Payload, &item); err != nil {
		return network.Outcome{}, fault.Rejectedf("the order to repost cannot be read")
	}
	return network.Outcome{}, reactor.Act(ctx, w.session, network.Share, item)
}

// Continue stores the delivery of something more below a published target: a comment, or as finisher one more part at the
// end of its thread. It is planned as if it had been there from the beginning, on what the post's own steps achieved.
func (j *Journal) Continue(ctx context.Context, tx *db.Tx, t post.Target, words string, finisher bool, by string) (string, error) {
	ch, n, err := j.live(ctx, tx, t)
	if err != nil {
		return "", err
	}
	if !Continues(n, finisher) {
		return "", fault.Rejectedf("%s offers programs no way to add that to a published post", n.Spec().Name)
	}
	first, err := db.One[Delivery](ctx, tx, `select `+columns+` from deliveries where workspace_id = $1 and id = $2`, t.WorkspaceID, t.DeliveryID)
	if err != nil {
		return "", err
	}
	var draft network.Draft
	if err := json.Unmarshal(first.Draft, &draft); err != nil {
		return "", fault.Rejectedf("what was sent cannot be read any more")
	}
	done, err := j.steps(ctx, tx, t.WorkspaceID, first.ID)
	if err != nil {
		return "", err
	}
	part := len(draft.Parts)
	more := network.Part{Text: words}
	if finisher {
		draft.Parts, draft.FirstComment = append(draft.Parts, more), nil
	} else {
		draft.FirstComment = &more
	}
	draft.At = j.clock()
	price := network.PriceOf(n, network.Draft{Parts: []network.Part{more}}, ch.Account)
	if over, err := j.overCap(ctx, tx, ch, price); err != nil || over != "" {
		if err == nil {
			err = fault.Conflictf("%s", over)
		}
		return "", err
	}
	var steps []network.Step
	d, err := j.write(ctx, tx, order{kind: CommentKind, workspaceID: t.WorkspaceID, channelID: ch.ID, targetID: t.ID, by: by, responsible: t.ResponsibleID, price: price, draft: draft, due: j.clock(),
		plan: func(key string) ([]network.Step, []network.Problem) {
			draft.Key = key
			planned, problems := network.PlanOf(n, draft, ch.Account)
			steps = below(done, planned, part)
			return steps, problems
		}})
	if err != nil {
		return "", err
	}
	if d.State == Failed {
		return "", fault.Invalidf(d.Field, "%s", d.Reason).WithHint(d.Hint)
	}
	for i, s := range steps {
		at := slices.IndexFunc(done, func(was StepRow) bool { return was.Name == s.Name && s.Part < part })
		if at < 0 {
			continue
		}
		if _, err := db.Exec(ctx, tx, `update delivery_steps set state = 'accepted', outcome = $4, sent_at = $5, ended_at = $6 where workspace_id = $1 and delivery_id = $2 and position = $3`,
			d.WorkspaceID, d.ID, i, db.JSON(done[at].Outcome), done[at].SentAt, done[at].EndedAt); err != nil {
			return "", err
		}
	}
	return d.ID, nil
}

// below are the accepted steps of a post, which are not public any more here, and the planned steps of what comes below it.
func below(done []StepRow, planned []network.Step, part int) []network.Step {
	var out []network.Step
	for _, s := range done {
		if s.State == StepAccepted && s.Part < part {
			was := s.Step
			was.Public = false
			out = append(out, was)
		}
	}
	n := len(out)
	for _, s := range planned {
		if s.Part == part {
			out = append(out, s)
		}
	}
	if len(out) == n {
		return nil
	}
	return out
}

// live returns the channel and network of a target that is published whole.
func (j *Journal) live(ctx context.Context, tx *db.Tx, t post.Target) (channel.Channel, network.Network, error) {
	if t.State != post.Published || t.RemoteID == "" {
		return channel.Channel{}, nil, fault.Conflictf("this target is not published").WithCode("invalid_transition")
	}
	ch, err := j.channels.In(ctx, tx, t.WorkspaceID, t.ChannelID)
	if err != nil {
		return ch, nil, err
	}
	n := j.channels.Network(ch)
	if n == nil {
		return ch, nil, fault.Rejectedf("this program does not know the network %q", ch.Network)
	}
	return ch, n, nil
}
