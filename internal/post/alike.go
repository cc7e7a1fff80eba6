package post

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// similar is how alike two texts may be on one channel within 30 days before the writer is warned (B31).
const similar = 0.85

// Likeness is another post of the same channel that says the same or nearly so within 30 days.
type Likeness struct {
	PostID      string
	ChannelName string
	At          time.Time // UTC, when it is planned or was published
	Same        bool      // word for word, links aside
}

// Alike looks for posts that say what this one says, on each of its channels: at most one for each channel, the same
// text before a similar one.
func (p *Posts) Alike(ctx context.Context, actor workspace.Actor, postID string) ([]Likeness, error) {
	post, err := p.Get(ctx, actor, postID)
	if err != nil {
		return nil, err
	}
	variants, err := p.variants(ctx, p.db, actor.WorkspaceID, postID)
	if err != nil {
		return nil, err
	}
	targets, err := p.targets(ctx, p.db, actor.WorkspaceID, postID)
	if err != nil {
		return nil, err
	}
	var out []Likeness
	for _, t := range targets {
		ch, err := p.channels.In(ctx, p.db, actor.WorkspaceID, t.ChannelID)
		if err != nil {
			return nil, err
		}
		shown, err := p.preview(ctx, p.db, post, variants[ch.ID], ch)
		if err != nil {
			return nil, err
		}
		at := t.DueAt
		if at.IsZero() {
			at = p.clock()
		}
		same, alike, err := p.alike(ctx, p.db, t, shown.Draft, at)
		if err != nil {
			return nil, err
		}
		if same == nil {
			same = alike
		}
		if same != nil {
			out = append(out, Likeness{PostID: same.PostID, ChannelName: ch.Name, At: same.DueAt, Same: same != alike})
		}
	}
	return out, nil
}

// alike returns the target of the channel nearest to at that has the same text, and one that has a similar text.
func (p *Posts) alike(ctx context.Context, q db.Queryer, t Target, d network.Draft, at time.Time) (same, alike *Target, err error) {
	if len(d.Parts) == 0 || strings.TrimSpace(d.Parts[0].Text) == "" {
		return nil, nil, nil
	}
	rows, err := db.All[Target](ctx, q, `select `+targetColumns+` from targets where workspace_id = $1 and channel_id = $2 and post_id <> $3
			and due_at > $4 and due_at < $5 and state in ('scheduled', 'publishing', 'published', 'partly_published')
		order by due_at desc limit 200`, t.WorkspaceID, t.ChannelID, t.PostID, at.Add(-30*24*time.Hour), at.Add(30*24*time.Hour))
	if err != nil {
		return nil, nil, err
	}
	plain := Plain(d)
	print, start := text.Fingerprint(plain), clip(plain, 280) // as much as is kept of the others
	for i, other := range rows {
		switch {
		case other.Fingerprint == print:
			if same == nil || other.DueAt.Sub(at).Abs() < same.DueAt.Sub(at).Abs() {
				same = &rows[i]
			}
		case alike == nil && other.Text != "" && text.Similarity(other.Text, start) >= similar:
			alike = &rows[i]
		}
	}
	return same, alike, nil
}

// duplicate says in words which post of the channel has the identical text within 24 hours, "" when none has.
func (p *Posts) duplicate(ctx context.Context, q db.Queryer, t Target, d network.Draft, at time.Time) (string, error) {
	if len(d.Parts) == 0 || strings.TrimSpace(d.Parts[0].Text) == "" {
		return "", nil
	}
	same, err := db.All[time.Time](ctx, q, `select due_at from targets where workspace_id = $1 and channel_id = $2 and post_id <> $3
			and due_at > $4 and due_at < $5 and state in ('scheduled', 'publishing', 'published', 'partly_published') and text_fingerprint = $6`,
		t.WorkspaceID, t.ChannelID, t.PostID, at.Add(-24*time.Hour), at.Add(24*time.Hour), text.Fingerprint(Plain(d)))
	if err != nil || len(same) == 0 {
		return "", err
	}
	nearest := slices.MinFunc(same, func(a, b time.Time) int { return cmp.Compare(a.Sub(at).Abs(), b.Sub(at).Abs()) })
	return fmt.Sprintf("the same text is planned or published on this channel at %s", nearest.Format("2 Jan 15:04 UTC")), nil
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
