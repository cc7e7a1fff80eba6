package post

import (
	"context"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Release lets a held target go on at the time it was planned for; when that has come, at once. What is later than the
// late window is held again (C03, C29).
func (p *Posts) Release(ctx context.Context, actor workspace.Actor, targetID string) error {
	return p.changeTarget(ctx, actor, targetID, "target.released", []State{Held}, func(tx *db.Tx, post Post, t Target) error {
		return p.setAll(ctx, tx, actor, post, []Target{t}, []State{Held}, Scheduled)
	})
}

// Rewrite stores the new content of a published target as its channel's variant and as a new version of the post, in
// the transaction of the journal, and returns the draft that is to replace what is live (C21).
func (p *Posts) Rewrite(ctx context.Context, tx *db.Tx, actor workspace.Actor, targetID string, content Content) (network.Draft, error) {
	t, err := db.One[Target](ctx, tx, `select `+targetColumns+` from targets where workspace_id = $1 and id = $2`, actor.WorkspaceID, targetID)
	if err != nil {
		return network.Draft{}, err
	}
	post, err := db.One[Post](ctx, tx, `update posts set version = version + 1, updated_at = $3 where workspace_id = $1 and id = $2 returning `+postColumns, actor.WorkspaceID, t.PostID, db.Now())
	if err != nil {
		return network.Draft{}, err
	}
	ch, err := p.channels.In(ctx, tx, actor.WorkspaceID, t.ChannelID)
	if err != nil {
		return network.Draft{}, err
	}
	variants, err := p.variants(ctx, tx, actor.WorkspaceID, post.ID)
	if err != nil {
		return network.Draft{}, err
	}
	v := variants[ch.ID]
	v.Content = &content
	if v.Settings == nil {
		v.Settings = map[string]string{}
	}
	if _, err := db.Exec(ctx, tx, `insert into variants (workspace_id, post_id, channel_id, content, settings) values ($1, $2, $3, $4, $5)
		on conflict (workspace_id, post_id, channel_id) do update set content = excluded.content`, actor.WorkspaceID, post.ID, ch.ID, db.JSON(content), db.JSON(v.Settings)); err != nil {
		return network.Draft{}, err
	}
	if err := p.index.Put(ctx, tx, actor.WorkspaceID, post.ID); err != nil {
		return network.Draft{}, err
	}
	variants[ch.ID] = v
	snapshot := Snapshot{Title: post.Title, Base: post.Base, Tags: post.Tags, CampaignID: post.CampaignID, Variants: map[string]VariantEdit{}}
	for channelID, v := range variants {
		snapshot.Variants[channelID] = VariantEdit{Content: v.Content, Settings: v.Settings}
	}
	targets, err := p.targets(ctx, tx, actor.WorkspaceID, post.ID)
	if err != nil {
		return network.Draft{}, err
	}
	for _, t := range targets {
		snapshot.Channels = append(snapshot.Channels, t.ChannelID)
	}
	if _, err := db.Exec(ctx, tx, `insert into post_versions (workspace_id, post_id, version, snapshot, by_user, at, note) values ($1, $2, $3, $4, $5, $6, $7)`,
		actor.WorkspaceID, post.ID, post.Version, db.JSON(snapshot), actor.ID(), post.UpdatedAt, "edited after publishing on "+ch.Name); err != nil {
		return network.Draft{}, err
	}
	return p.compileVariant(ctx, tx, post, v, ch, &t)
}
