package sandbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// imitation is a network of a workspace in test mode (C33): the real network's rules, limits, settings and words, with
// everything that would reach it carried out in the sandbox's world instead.
type imitation struct {
	*Sandbox
	real network.Network
}

// Imitate returns n as a workspace in test mode meets it.
func (s *Sandbox) Imitate(n network.Network) network.Network {
	if n.Spec().Test {
		return n
	}
	for ability, has := range network.AbilitiesOf(n) {
		if has && ability != network.CanPassword {
			return imitation{s, n}
		}
	}
	return n // it calls nobody
}

// Spec is the real network's, except for what the world does differently.
func (i imitation) Spec() network.Spec {
	real, own := i.real.Spec(), i.Sandbox.Spec()
	real.Test, real.App, real.ReadEvery = true, nil, 0
	real.SignIn = network.SignIn{Help: "This workspace is in test mode: an account that looks like one of " + real.Name + " is made in the sandbox. Nothing leaves this installation.",
		Fields: []network.Field{{Key: "handle", Label: "Test account", Hint: "Any name; a new account is made when there is none.", Placeholder: "demo", Required: true, Default: "demo"}}}
	real.Metrics, real.Proof = own.Metrics, own.Proof
	return real
}

// SignIn makes an account of the world with the real network's limits. Settings whose choices come from the account
// get samples.
func (i imitation) SignIn(ctx context.Context, http *safehttp.Client, fields map[string]string) (network.Grant, []network.Account, error) {
	handle := strings.TrimLeft(strings.TrimSpace(fields["handle"]), "@")
	if handle != "" {
		handle = i.real.Spec().Key + "." + handle
	}
	grant, accounts, err := i.Sandbox.SignIn(ctx, http, map[string]string{"handle": handle})
	if err != nil {
		return grant, nil, err
	}
	return grant, []network.Account{i.dress(accounts[0])}, nil
}

// dress gives an account of the world what the real network's rules look at.
func (i imitation) dress(a network.Account) network.Account {
	spec := i.real.Spec()
	a.Handle = strings.TrimPrefix(a.Handle, spec.Key+".")
	a.Name, a.Limits = name(a.Handle), spec.Limits
	a.Extra = map[string]string{network.TestAccount: "yes"}
	for _, s := range spec.Settings {
		if s.Live {
			if a.Choices == nil {
				a.Choices = map[string][]network.Option{}
			}
			if a.Choices[s.Key] = s.Options; len(s.Options) == 0 {
				label := strings.ToLower(s.Label)
				a.Choices[s.Key] = []network.Option{{Value: "sample-1", Label: "Sample " + label}, {Value: "sample-2", Label: "Another sample " + label}}
			}
		}
	}
	if real, ok := i.real.(network.Sampler); ok {
		a = real.Sample(a)
	}
	return a
}

// Check reads the account anew.
func (i imitation) Check(ctx context.Context, s network.Session) (network.Account, error) {
	a, err := i.Sandbox.Check(ctx, s)
	if err != nil {
		return s.Account, err
	}
	return i.dress(a), nil
}

// Plan judges by the real network's rules and lays out steps of the sandbox.
func (i imitation) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	var problems []network.Problem
	if p, ok := i.real.(network.Publisher); ok {
		if _, problems = p.Plan(d, a); broken(problems) {
			return nil, problems
		}
	}
	return lay(d), problems
}

// Count counts as the real network does.
func (i imitation) Count(d network.Draft, part int, a network.Account) network.Count {
	if p, ok := i.real.(network.Publisher); ok {
		return p.Count(d, part, a)
	}
	return i.Sandbox.Count(d, part, a)
}

// Price is what the real network would charge.
func (i imitation) Price(d network.Draft, a network.Account) network.Price {
	if p, ok := i.real.(network.Pricer); ok {
		return p.Price(d, a)
	}
	return network.Price{}
}

// PlanEdit judges by the real network's rules, where it can edit at all.
func (i imitation) PlanEdit(item network.Remote, d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	real, ok := i.real.(network.Editor)
	if !ok {
		return nil, []network.Problem{{Level: network.Error, Code: "edit_impossible", Field: "text", Message: i.real.Spec().Name + " lets no program change a published post.", Fix: "Delete it and publish it anew."}}
	}
	if _, problems := real.PlanEdit(item, d, a); broken(problems) {
		return nil, problems
	}
	return editing(item, d), nil
}

// Own lists the world's posts where the real network lists its own.
func (i imitation) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	if _, ok := i.real.(network.Importer); !ok {
		return nil, "", nil
	}
	return i.Sandbox.Own(ctx, s, before, limit)
}

// Fetch hears the world's public where the real network lets programs hear its own.
func (i imitation) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	if _, ok := i.real.(network.Converser); !ok {
		return network.Batch{Cursor: cursor}, nil
	}
	return i.heard(i.Sandbox.Fetch(ctx, s, cursor))
}

// heard leaves out what the real network tells no program of. What would be a mention is a review where people review:
// always where they can do nothing else, else now and then.
func (i imitation) heard(b network.Batch, err error) (network.Batch, error) {
	kinds := map[network.MessageKind]bool{}
	for _, d := range i.real.Spec().History {
		kinds[d.Kind] = true
	}
	if len(kinds) == 0 {
		return b, err
	}
	kept := b.Messages[:0]
	for _, m := range b.Messages {
		if m.Kind == network.Mention && kinds[network.Review] && (!kinds[network.Mention] || appeal(m.ID) > 1) {
			m.Kind, m.Thread, m.ReplyTo = network.Review, m.ID, ""
		}
		if kinds[m.Kind] {
			kept = append(kept, m)
		}
	}
	b.Messages = kept
	return b, err
}

// History reads the world's history where the real network lets programs read its own.
func (i imitation) History(ctx context.Context, s network.Session, place string) (network.Batch, error) {
	if _, ok := i.real.(network.Historian); !ok {
		return network.Batch{}, nil
	}
	return i.heard(i.Sandbox.History(ctx, s, place))
}

// Audience is the world's public as far as the real network would tell of its own.
func (i imitation) Audience(ctx context.Context, s network.Session) (network.Audience, error) {
	spec := i.real.Spec().Audience
	if spec.None != "" {
		return network.Audience{}, fault.Rejectedf("%s", spec.None).WithCode("no_audience")
	}
	a, err := i.Sandbox.Audience(ctx, s)
	if err != nil {
		return a, err
	}
	var out network.Audience
	for _, told := range spec.Tells {
		out.Breakdowns = append(out.Breakdowns, i.Sandbox.tell(s, told.Of, told.By, a)...)
	}
	if spec.Hours != "" {
		out.Hours = a.Hours
	}
	return out, nil
}

// Perishes is as long as the real network shows the item.
func (i imitation) Perishes(item network.Remote) time.Duration {
	if real, ok := i.real.(network.Perishing); ok {
		return real.Perishes(item)
	}
	return 0
}

// Acts are those that the real network offers and the world can play.
func (i imitation) Acts(kind network.MessageKind) []network.Act {
	var out []network.Act
	for _, act := range network.ActsOf(i.real, kind) {
		if slices.Contains(i.Sandbox.Acts(kind), act) || slices.Contains(i.Sandbox.Acts(network.Comment), act) {
			out = append(out, act)
		}
	}
	return out
}

// PlanPrivate judges by the real network's rules, where it takes private answers at all.
func (i imitation) PlanPrivate(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	real, ok := i.real.(network.PrivateReplier)
	if !ok {
		return nil, []network.Problem{{Level: network.Error, Code: "not_private", Field: "text", Message: i.real.Spec().Name + " lets programs answer nobody in private.", Fix: "Answer in public."}}
	}
	if _, problems := real.PlanPrivate(r, a); broken(problems) {
		return nil, problems
	}
	r.To.Kind = network.Direct
	return i.Sandbox.PlanReply(r, a)
}
