package post

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

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
	publisher, ok := p.channels.Networks().Get(ch.Network).(network.Publisher)
	if !ok {
		shown.Problems = append(shown.Problems, network.Problem{Level: network.Error, Code: "no_publishing", Field: "channels",
			Message: shown.Spec.Name + " has no way to publish for programs.", Fix: "Take the channel out of this post."})
		return shown, nil
	}
	_, shown.Problems = publisher.Plan(d, ch.Account)
	for i := range d.Parts {
		shown.Counts = append(shown.Counts, publisher.Count(d, i, ch.Account))
	}
	shown.Problems = append(shown.Problems, advice(shown.Spec, d)...)
	return shown, nil
}

// advice are the findings that hold on every network: alt text (B07), capitalised hashtags and shouting (B32),
// and text left unfinished (B27).
func advice(spec network.Spec, d network.Draft) []network.Problem {
	var out []network.Problem
	for i, part := range d.Parts {
		for n, m := range part.Media {
			if m.Alt == "" && m.Kind != network.Audio {
				out = append(out, network.Problem{Level: network.Warning, Code: "alt_missing", Field: "media", Part: i,
					Message: fmt.Sprintf("Medium %d has no alt text; people who cannot see it get nothing.", n+1), Fix: "Describe what it shows in a sentence."})
			}
		}
		if letters := strings.Map(onlyLetters, part.Text); len(letters) > 20 && letters == strings.ToUpper(letters) && letters != strings.ToLower(letters) {
			out = append(out, network.Problem{Level: network.Hint, Code: "all_caps", Field: "text", Part: i,
				Message: "The whole text is in capitals; screen readers may spell it out.", Fix: "Write it in normal case."})
		}
		if strings.Contains(part.Text, "{{") || strings.Contains(strings.ToLower(part.Text), "lorem ipsum") {
			out = append(out, network.Problem{Level: network.Error, Code: "unfinished", Field: "text", Part: i,
				Message: "The text still holds a placeholder.", Fix: "Fill it in before scheduling."})
		}
	}
	return out
}

func onlyLetters(r rune) rune {
	if (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || r > 0x7f {
		return r
	}
	return -1
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
		if refused := blocking(shown); refused != nil {
			if err := p.Hold(ctx, tx, actor.WorkspaceID, t.ID, refused.Error()); err != nil {
				return err
			}
		}
	}
	return nil
}

// similar is how alike two texts may be on one channel within 30 days before the writer is warned (B31).
const similar = 0.85

// duplicates looks for the same or a very similar text on the channel around the planned time. Identical text with
// the same link within 24 hours blocks until confirmed; the rest only warns.
func (p *Posts) duplicates(ctx context.Context, q db.Queryer, t Target, d network.Draft, at time.Time) (block string, warn string, err error) {
	if len(d.Parts) == 0 || d.Parts[0].Text == "" {
		return "", "", nil
	}
	rows, err := db.All[Target](ctx, q, `select `+targetColumns+` from targets where workspace_id = $1 and channel_id = $2 and post_id <> $3
			and due_at > $4 and due_at < $5 and state in ('scheduled', 'publishing', 'published', 'partly_published')
		order by due_at desc limit 200`, t.WorkspaceID, t.ChannelID, t.PostID, at.Add(-30*24*time.Hour), at.Add(30*24*time.Hour))
	if err != nil {
		return "", "", err
	}
	plain := Plain(d)
	print := text.Fingerprint(plain)
	for _, other := range rows {
		near := other.DueAt.Sub(at).Abs() < 24*time.Hour
		switch {
		case other.Fingerprint == print && near:
			return fmt.Sprintf("the same text is planned or published on this channel at %s", other.DueAt.Format("2 Jan 15:04 UTC")), "", nil
		case other.Fingerprint == print || other.Text != "" && text.Similarity(other.Text, plain) >= similar:
			warn = fmt.Sprintf("a very similar text is on this channel at %s", other.DueAt.Format("2 Jan 15:04 UTC"))
		}
	}
	return "", warn, nil
}

// Plain is a draft's text without its short links, for comparing posts with one another.
func Plain(d network.Draft) string {
	var b strings.Builder
	for _, part := range d.Parts {
		s, at := part.Text, 0
		for _, e := range text.Links(s) {
			b.WriteString(s[at:e.Start])
			at = e.End
		}
		b.WriteString(s[at:] + "\n")
	}
	return strings.TrimSpace(b.String())
}
