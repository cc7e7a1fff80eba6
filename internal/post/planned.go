package post

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/link"
)

// Planned is a target as it would go out now: what its channel would get, and what its texts link to.
type Planned struct {
	Post    Post
	Target  Target
	Preview Preview
	Links   []string // web addresses as they were written, each once
}

// Planned compiles a target on its channel without storing anything; pre-flight's view over all workspaces.
func (p *Posts) Planned(ctx context.Context, workspaceID, targetID string, ch channel.Channel) (Planned, error) {
	var out Planned
	var err error
	if out.Target, err = p.target(ctx, "", []any{workspaceID, targetID}); err != nil {
		return out, err
	}
	if out.Target.ChannelID != ch.ID || ch.WorkspaceID != workspaceID {
		return out, fault.Conflictf("this target goes out on another channel")
	}
	if out.Post, err = p.get(ctx, p.db, workspaceID, out.Target.PostID); err != nil {
		return out, err
	}
	variants, err := p.variants(ctx, p.db, workspaceID, out.Post.ID)
	if err != nil {
		return out, err
	}
	v := variants[ch.ID]
	if out.Preview, err = p.preview(ctx, p.db, out.Post, v, ch); err != nil {
		return out, err
	}
	content := out.Post.Base
	if v.Content != nil {
		content = *v.Content
	}
	words := content.FirstComment
	for _, part := range content.Parts {
		words += "\n" + part.Text
		if part.Card != nil {
			words += "\n" + part.Card.URL
		}
	}
	out.Links = link.Addresses(words)
	return out, nil
}

// QuotaUntil is until when a channel's network takes nothing more, as far as it has said; zero = it takes posts.
func (p *Posts) QuotaUntil(ctx context.Context, workspaceID, channelID string) (time.Time, error) {
	until, err := db.All[time.Time](ctx, p.db, `select window_start from call_budgets where workspace_id = $1 and channel_id = $2 and bucket = 'publish'
		order by window_start desc limit 1`, workspaceID, channelID)
	if err != nil || len(until) == 0 {
		return time.Time{}, err
	}
	return until[0], nil
}
