package demo

import (
	"context"

	"github.com/bellwether-social/bellwether/internal/network"
)

// public reads who follows every channel that tells it, and keeps a reading of five weeks ago beside it, when the same
// channels were smaller and their public a little younger.
func (s *sample) public(ctx context.Context) error {
	if err := s.Audiences.ReadDue(ctx); err != nil {
		return err
	}
	list, err := s.Audiences.Channels(ctx, s.actor, "")
	if err != nil {
		return err
	}
	for _, c := range list {
		if c.Latest == nil {
			continue
		}
		at := s.now.AddDate(0, 0, -35)
		if keep := c.Spec.Keep; keep > 0 && at.Add(keep).Before(s.now) {
			continue // its network's terms let nobody keep it for so long
		}
		if err := s.Audiences.Keep(ctx, s.actor.WorkspaceID, c.ID, zone, earlier(c.Latest.Audience), at, s.now.AddDate(0, 0, 1)); err != nil {
			return err
		}
	}
	return nil
}

// earlier is a reading as it was before the last month's growth.
func earlier(a network.Audience) network.Audience {
	out := network.Audience{Hours: a.Hours, Withheld: a.Withheld}
	for _, b := range a.Breakdowns {
		then := network.Breakdown{Of: b.Of, By: b.By, Parts: b.Parts, Base: b.Base * 93 / 100}
		for _, g := range b.Groups {
			grown := int64(93)
			switch g.Value {
			case "18-24", "DE", "de":
				grown = 89
			case "35-44", "DK", "da":
				grown = 96
			}
			if g.N = g.N * grown / 100; g.N > 0 {
				then.Groups = append(then.Groups, g)
			}
		}
		out.Breakdowns = append(out.Breakdowns, then)
	}
	return out
}
