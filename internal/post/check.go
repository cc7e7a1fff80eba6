package post

import (
	"context"
	"errors"
	"slices"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Preview is what one channel will get: the compiled draft, what the network's rules say of it, and its length as
// the network counts. Publishing goes through the same code, so what is shown is what happens.
type Preview struct {
	Channel  channel.Channel
	Spec     network.Spec
	Draft    network.Draft
	Problems []network.Problem
	Counts   []network.Count // by part
	Price    network.Price   // what the network charges; zero = nothing
	Differs  bool            // the channel's variant no longer follows the base
}

// Blocked reports whether the channel's draft cannot be scheduled.
func (v Preview) Blocked() bool {
	for _, p := range v.Problems {
		if p.Level == network.Error {
			return true
		}
	}
	return false
}

// Preview shows what each channel of an edit would get, without storing anything.
func (p *Posts) Preview(ctx context.Context, actor workspace.Actor, e Edit) ([]Preview, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	post := Post{WorkspaceID: actor.WorkspaceID, BrandID: e.BrandID, CampaignID: e.CampaignID, Base: e.Base}
	var out []Preview
	for _, channelID := range e.Channels {
		ch, err := p.channels.Get(ctx, actor, channelID)
		if err != nil {
			return nil, err
		}
		v := e.Variants[channelID]
		shown, err := p.preview(ctx, p.db, post, Variant{ChannelID: channelID, Content: v.Content, Settings: v.Settings}, ch)
		if err != nil {
			return nil, err
		}
		out = append(out, shown)
	}
	return out, nil
}

// Check previews a stored post on each of its channels.
func (p *Posts) Check(ctx context.Context, actor workspace.Actor, postID string) ([]Preview, error) {
	e, _, err := p.Editing(ctx, actor, postID)
	if err != nil {
		return nil, err
	}
	return p.Preview(ctx, actor, e)
}

func (p *Posts) preview(ctx context.Context, q db.Queryer, post Post, v Variant, ch channel.Channel) (Preview, error) {
	shown := Preview{Channel: ch, Spec: p.spec(ch), Differs: v.Content != nil}
	d, err := p.compileVariant(ctx, q, post, v, ch, nil)
	var f *fault.Error
	if errors.As(err, &f) && f.Kind != fault.Internal {
		shown.Problems = append(shown.Problems, network.Problem{Level: network.Error, Code: f.Code, Field: f.Field, Message: f.Message, Fix: f.Hint})
		return shown, nil
	}
	if err != nil {
		return shown, err
	}
	shown.Draft = d
	shown.Problems = append(shown.Problems, reach(ch)...)
	n := p.channels.Network(ch)
	if n == nil {
		shown.Problems = append(shown.Problems, network.Problem{Level: network.Error, Code: "network_unknown", Field: "channels",
			Message: "This program does not know the network " + shown.Spec.Name + ".", Fix: "Take the channel out of this post."})
		return shown, nil
	}
	steps, problems := network.PlanOf(n, d, ch.Account)
	if slices.ContainsFunc(steps, func(s network.Step) bool { return s.Fetched }) && !p.media.Reaches() {
		problems = append(problems, network.Problem{Level: network.Error, Code: "no_public_address", Field: "media", Message: shown.Spec.Name + " fetches files from this installation, which has no public address.",
			Fix: "An administrator sets BELLWETHER_URL to an address that can be reached from the internet. Or leave the file out, or publish by hand."})
	}
	shown.Price = network.PriceOf(n, d, ch.Account)
	for _, problem := range problems {
		if problem.Code != "alt_missing" { // said for every network in the same words
			shown.Problems = append(shown.Problems, problem)
		}
	}
	for i := range d.Parts {
		shown.Counts = append(shown.Counts, network.CountOf(n, d, i, ch.Account))
	}
	shown.Problems = append(shown.Problems, advice(shown.Spec, d)...)
	return shown, nil
}

// reach says whether the channel's connection would carry the post at all.
func reach(ch channel.Channel) []network.Problem {
	switch {
	case !ch.Disconnected.IsZero():
		return []network.Problem{{Level: network.Error, Code: "channel_disconnected", Field: "channels", Message: ch.Name + " is disconnected.", Fix: "Connect it again, or take it out of this post."}}
	case !ch.State.Works():
		return []network.Problem{{Level: network.Warning, Code: "channel_reconnect", Field: "channels", Message: ch.Name + " must be reconnected before anything goes out; until then it is held.", Fix: "Reconnect it under Channels."}}
	}
	return nil
}

// blocking words the errors of a preview as one fault for one channel.
func blocking(v Preview) error {
	for _, problem := range v.Problems {
		if problem.Level == network.Error {
			return (&fault.Error{Kind: fault.Invalid, Field: problem.Field, Message: v.Channel.Name + ": " + problem.Message}).
				WithHint(problem.Fix).WithCode(problem.Code)
		}
	}
	return nil
}

// recheck holds scheduled targets whose channel no longer accepts what was saved: the save is kept, the sending stops.
func (p *Posts) recheck(ctx context.Context, tx *db.Tx, actor workspace.Actor, post Post) error {
	targets, err := p.targets(ctx, tx, actor.WorkspaceID, post.ID)
	if err != nil {
		return err
	}
	variants, err := p.variants(ctx, tx, actor.WorkspaceID, post.ID)
	if err != nil {
		return err
	}
	for _, t := range targets {
		if t.State != Scheduled {
			continue
		}
		ch, err := p.channels.In(ctx, tx, actor.WorkspaceID, t.ChannelID)
		if err != nil {
			return err
		}
		shown, err := p.preview(ctx, tx, post, variants[ch.ID], ch)
		if err != nil {
			return err
		}
		plain := Plain(shown.Draft)
		if _, err := db.Exec(ctx, tx, `update targets set text_fingerprint = $3, text_plain = $4 where workspace_id = $1 and id = $2`, t.WorkspaceID, t.ID, text.Fingerprint(plain), clip(plain, 280)); err != nil {
			return err
		}
		if refused := blocking(shown); refused != nil {
			if err := p.Hold(ctx, tx, actor.WorkspaceID, t.ID, refused.Error()); err != nil {
				return err
			}
		}
	}
	return nil
}
