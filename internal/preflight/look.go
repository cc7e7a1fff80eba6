package preflight

import (
	"context"
	"io"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

// look asks everything about one target.
func (c *Checks) look(ctx context.Context, l look, g *ground) ([]Finding, error) {
	if g == nil || g.gone {
		return []Finding{{Check: Token, Level: network.Error, Message: "The channel no longer exists.", Fix: "Plan the post on another one.", Href: "/channels", Subject: l.TargetID}}, nil
	}
	p, err := c.posts.Planned(ctx, l.WorkspaceID, l.TargetID, g.channel)
	if err != nil {
		return nil, err
	}
	found := g.shared(l.DueAt, p.Preview.Price)
	over, err := c.posts.OverCap(ctx, p.Target, g.channel, p.Preview.Draft)
	if err != nil {
		return nil, err
	}
	if over != "" {
		found = append(found, Finding{Check: Quota, Ref: "cap", Level: network.Warning, Message: sentence(over, ""), Fix: "Move some of them apart; what is too many waits for the window.", Href: "/calendar/targets/" + p.Target.ID, Subject: p.Target.ID})
	}
	found = append(found, c.rules(p)...)
	files, err := c.missingFiles(ctx, p)
	if err != nil {
		return nil, err
	}
	found = append(found, files...)
	if !g.test {
		found = append(found, c.outside(ctx, p)...)
	}
	return append(found, c.own(ctx, p, l.DueAt)...), nil
}

// rules are the refusals of the network's rules, as they and the account's limits are now.
func (c *Checks) rules(p post.Planned) []Finding {
	var out []Finding
	for _, problem := range p.Preview.Problems {
		if problem.Level != network.Error || problem.Code == "channel_disconnected" { // told as the connection's
			continue
		}
		check := Rules
		if problem.Code == "asset_not_found" {
			check = Media
		}
		out = append(out, Finding{Check: check, Ref: clip(strings.Trim(problem.Code+" "+problem.Field, " "), 200), Level: network.Error, Message: problem.Message, Fix: problem.Fix, Href: "/compose/" + p.Post.ID, Subject: p.Target.ID})
	}
	return out
}

// missingFiles opens every file that would be sent.
func (c *Checks) missingFiles(ctx context.Context, p post.Planned) ([]Finding, error) {
	if c.files == nil {
		return nil, nil
	}
	var out []Finding
	try := func(m network.Media) error {
		err := c.open(ctx, p.Target.WorkspaceID, m)
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		why := "the media store could not give it: " + err.Error()
		if f := fault.As(err); f.Kind != fault.Internal {
			why = f.Message
		}
		out = append(out, Finding{Check: Media, Ref: m.ID, Level: network.Error, Message: sentence("A file of it cannot be read", why), Fix: "Put the file in anew, or see that the media store answers.", Href: "/compose/" + p.Post.ID, Subject: p.Target.ID})
		return nil
	}
	for _, part := range p.Preview.Draft.Parts {
		for _, m := range part.Media {
			if err := try(m); err != nil {
				return nil, err
			}
		}
		if part.Card != nil && part.Card.Thumb != nil {
			if err := try(*part.Card.Thumb); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// open reads the first byte: a store may say only then that it has lost the file.
func (c *Checks) open(ctx context.Context, workspaceID string, m network.Media) error {
	f, err := c.files.Open(ctx, workspaceID, m)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.ReadFull(f, make([]byte, 1)); err != nil && err != io.EOF {
		return err
	}
	return nil
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
