package post

import (
	"context"
	"fmt"
	"slices"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Create stores a new draft.
func (p *Posts) Create(ctx context.Context, actor workspace.Actor, e Edit) (Post, error) {
	made, _, err := p.inOne(ctx, actor, e, nil)
	return made, err
}

// CreateScheduled stores a new post and plans it on all its channels, both or neither: what Schedule would refuse, or
// ask to have confirmed, leaves no draft behind.
func (p *Posts) CreateScheduled(ctx context.Context, actor workspace.Actor, e Edit, plan Plan) (Post, []Target, error) {
	if !actor.CanSomewhere(workspace.PostSchedule) {
		return Post{}, nil, actor.May(workspace.PostSchedule, workspace.Scope{})
	}
	return p.inOne(ctx, actor, e, &plan)
}

func (p *Posts) inOne(ctx context.Context, actor workspace.Actor, e Edit, plan *Plan) (made Post, targets []Target, err error) {
	if err := mayWrite(actor, e.BrandID, e.Channels); err != nil {
		return Post{}, nil, err
	}
	err = p.db.Tx(ctx, func(tx *db.Tx) (err error) {
		made, targets, err = p.create(ctx, tx, actor, e, plan)
		return err
	})
	return made, targets, err
}

// create stores a post with its variants, targets and first version, planned where there is a plan.
func (p *Posts) create(ctx context.Context, tx *db.Tx, actor workspace.Actor, e Edit, plan *Plan) (Post, []Target, error) {
	if err := e.check(); err != nil {
		return Post{}, nil, err
	}
	if err := workspace.Belong(ctx, tx, actor.WorkspaceID, workspace.ABrand, e.BrandID); err != nil {
		return Post{}, nil, err
	}
	if err := workspace.Belong(ctx, tx, actor.WorkspaceID, workspace.ACampaign, e.CampaignID); err != nil {
		return Post{}, nil, err
	}
	now := db.Now()
	post := Post{WorkspaceID: actor.WorkspaceID, ID: id.New("post"), BrandID: e.BrandID, CampaignID: e.CampaignID, Title: e.Title,
		State: Draft, Base: e.Base, Tags: e.Tags, AuthorID: actor.UserID, Version: 1, CreatedAt: now, UpdatedAt: now}
	drafts, targets, err := p.choose(ctx, tx, actor, post, e, plan)
	if err != nil {
		return post, nil, err
	}
	facts := []event.Fact{{Kind: "post.created", Entity: post.ID}}
	acts := []workspace.Act{{Action: "post.created", Entity: post.ID, After: map[string]any{"title": e.Title, "channels": e.Channels}}}
	if plan != nil {
		post.State = Scheduled
		facts = append(facts, event.Fact{Kind: "post.scheduled", Entity: post.ID, Data: brief(targets)})
		acts = append(acts, workspace.Act{Action: "post.scheduled", Entity: post.ID, Before: brief(drafts), After: brief(targets)})
		for _, t := range targets {
			p.soon(tx, t.DueAt)
		}
	}
	if _, err := db.Exec(ctx, tx, `insert into posts (workspace_id, id, brand_id, campaign_id, title, state, base, tags, author_id, version,
			created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, post.WorkspaceID, post.ID, post.BrandID,
		post.CampaignID, post.Title, post.State, db.JSON(post.Base), db.JSON(tags(post.Tags)), post.AuthorID, 1, now, now); err != nil {
		return post, nil, fmt.Errorf("store the post: %w", err)
	}
	if err := p.storeVariants(ctx, tx, post, e); err != nil {
		return post, nil, err
	}
	if err := p.storeTargets(ctx, tx, targets); err != nil {
		return post, nil, err
	}
	if err := p.storeVersion(ctx, tx, actor, post, e); err != nil {
		return post, nil, err
	}
	if err := p.index.Add(ctx, tx, actor.WorkspaceID, post.ID, e.said()...); err != nil {
		return post, nil, err
	}
	if err := workspace.AuditAll(ctx, tx, actor, acts...); err != nil {
		return post, nil, err
	}
	return post, targets, p.events.RecordAll(ctx, tx, actor.WorkspaceID, actor.ID(), facts...)
}

// choose makes the targets of a new post, as drafts and as they are with the plan.
func (p *Posts) choose(ctx context.Context, tx *db.Tx, actor workspace.Actor, post Post, e Edit, plan *Plan) (drafts, targets []Target, err error) {
	if plan != nil && len(e.Channels) == 0 {
		return nil, nil, fault.Conflictf("there is nothing to schedule on this post").WithHint("Choose at least one channel.")
	}
	for _, channelID := range e.Channels {
		if plan != nil {
			if err := lockChannel(ctx, tx, actor.WorkspaceID, channelID); err != nil {
				return nil, nil, err
			}
		}
		t, ch, err := p.chosen(ctx, tx, actor, post, channelID)
		if err != nil {
			return nil, nil, err
		}
		drafts = append(drafts, t)
		if plan != nil {
			if err := may(actor, post, t); err != nil {
				return nil, nil, err
			}
			v := e.Variants[channelID]
			if err := p.fit(ctx, tx, actor, post, Variant{ChannelID: channelID, Content: v.Content, Settings: v.Settings}, ch, &t, plan.wallOf(channelID), *plan); err != nil {
				return nil, nil, err
			}
		}
		targets = append(targets, t)
	}
	return drafts, targets, nil
}

// chosen is the draft target of a channel that somebody chose for a post.
func (p *Posts) chosen(ctx context.Context, tx *db.Tx, actor workspace.Actor, post Post, channelID string) (Target, channel.Channel, error) {
	ch, err := p.channels.In(ctx, tx, actor.WorkspaceID, channelID)
	if err != nil {
		return Target{}, ch, fault.Invalidf("channels", "one of the chosen channels does not exist in this workspace")
	}
	if err := actor.May(workspace.PostDraft, workspace.Scope{BrandID: ch.BrandID, ChannelID: ch.ID}); err != nil {
		return Target{}, ch, err
	}
	responsible := ch.ResponsibleID
	if responsible == "" {
		responsible = actor.UserID
	}
	return Target{WorkspaceID: post.WorkspaceID, ID: id.New("targ"), PostID: post.ID, ChannelID: ch.ID, State: Draft, ResponsibleID: responsible}, ch, nil
}

func (p *Posts) storeTargets(ctx context.Context, tx *db.Tx, targets []Target) error {
	for some := range slices.Chunk(targets, 100) {
		var args []any
		for _, t := range some {
			args = append(args, t.WorkspaceID, t.ID, t.PostID, t.ChannelID, t.State, t.DueAt, t.Wall, t.Zone, t.SlotID, t.QueueRank, t.ResponsibleID, t.Fingerprint, t.Text)
		}
		if _, err := db.Exec(ctx, tx, `insert into targets (workspace_id, id, post_id, channel_id, state, due_at, wall, zone, slot_id, queue_rank, responsible_id, text_fingerprint, text_plain)
			values `+db.Values(len(some), 13), args...); err != nil {
			return fmt.Errorf("store the targets: %w", err)
		}
	}
	return nil
}

func (p *Posts) storeVariants(ctx context.Context, tx *db.Tx, post Post, e Edit) error {
	for channelID, v := range e.Variants {
		if !slices.Contains(e.Channels, channelID) || v.Content == nil && len(v.Settings) == 0 {
			continue
		}
		var content any
		if v.Content != nil {
			content = db.JSON(v.Content)
		}
		if v.Settings == nil {
			v.Settings = map[string]string{}
		}
		if _, err := db.Exec(ctx, tx, `insert into variants (workspace_id, post_id, channel_id, content, settings) values ($1, $2, $3, $4, $5)`,
			post.WorkspaceID, post.ID, channelID, content, db.JSON(v.Settings)); err != nil {
			return err
		}
	}
	return nil
}

func (p *Posts) storeVersion(ctx context.Context, tx *db.Tx, actor workspace.Actor, post Post, e Edit) error {
	snapshot := Snapshot{Title: e.Title, Base: e.Base, Tags: e.Tags, Channels: e.Channels, Variants: e.Variants, CampaignID: e.CampaignID}
	_, err := db.Exec(ctx, tx, `insert into post_versions (workspace_id, post_id, version, snapshot, by_user, at, note)
		values ($1, $2, $3, $4, $5, $6, $7)`, post.WorkspaceID, post.ID, post.Version, db.JSON(snapshot), actor.ID(), post.UpdatedAt, e.Note)
	return err
}
