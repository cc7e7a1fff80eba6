package post

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Snapshot is everything a person wrote in one version of a post (B25).
type Snapshot struct {
	Title      string                 `json:"title"`
	Base       Content                `json:"base"`
	Tags       []string               `json:"tags"`
	Channels   []string               `json:"channels"`
	Variants   map[string]VariantEdit `json:"variants"`
	CampaignID string                 `json:"campaign_id"`
}

// Autosave is the note of versions that nobody asked for: saved while somebody wrote.
const Autosave = "autosave"

// Version is one saved state of a post.
type Version struct {
	Version  int       `db:"version"`
	Snapshot Snapshot  `db:"snapshot,json"`
	By       string    `db:"by_user"`
	ByName   string    `db:"by_name"`
	At       time.Time `db:"at"`
	Note     string    `db:"note"`
}

// Editing returns a stored post as the edit that would save it unchanged, and its version.
func (p *Posts) Editing(ctx context.Context, actor workspace.Actor, postID string) (Edit, Post, error) {
	post, err := p.Get(ctx, actor, postID)
	if err != nil {
		return Edit{}, post, err
	}
	variants, err := p.variants(ctx, p.db, actor.WorkspaceID, postID)
	if err != nil {
		return Edit{}, post, err
	}
	targets, err := p.targets(ctx, p.db, actor.WorkspaceID, postID)
	if err != nil {
		return Edit{}, post, err
	}
	e := Edit{BrandID: post.BrandID, CampaignID: post.CampaignID, Title: post.Title, Base: post.Base, Tags: post.Tags, Variants: map[string]VariantEdit{}}
	for _, t := range targets {
		if t.State != Cancelled || post.State == Cancelled {
			e.Channels = append(e.Channels, t.ChannelID)
		}
	}
	for channelID, v := range variants {
		e.Variants[channelID] = VariantEdit{Content: v.Content, Settings: v.Settings}
	}
	return e, post, e.check()
}

// Versions lists a post's versions, the newest first.
func (p *Posts) Versions(ctx context.Context, actor workspace.Actor, postID string) ([]Version, error) {
	if _, err := p.Get(ctx, actor, postID); err != nil {
		return nil, err
	}
	return db.All[Version](ctx, p.db, `select v.version, v.snapshot, v.by_user, coalesce(u.name, v.by_user) as by_name, v.at, v.note
		from post_versions v left join users u on u.id = v.by_user or v.by_user like u.id || '/%'
		where v.workspace_id = $1 and v.post_id = $2 order by v.version desc limit 500`, actor.WorkspaceID, postID)
}

// Restore makes a new version with the content of an old one; nothing is deleted.
func (p *Posts) Restore(ctx context.Context, actor workspace.Actor, postID string, old, onTopOf int) (Post, error) {
	v, err := db.One[Version](ctx, p.db, `select version, snapshot, by_user, '' as by_name, at, note from post_versions
		where workspace_id = $1 and post_id = $2 and version = $3`, actor.WorkspaceID, postID, old)
	if fault.Is(err, fault.NotFound) {
		return Post{}, fault.NotFoundf("this post has no version %d", old)
	}
	if err != nil {
		return Post{}, err
	}
	now, post, err := p.Editing(ctx, actor, postID)
	if err != nil {
		return post, err
	}
	s := v.Snapshot
	return p.Save(ctx, actor, postID, onTopOf, Edit{BrandID: now.BrandID, CampaignID: s.CampaignID, Title: s.Title, Base: s.Base, Tags: s.Tags,
		Channels: s.Channels, Variants: s.Variants, Note: "restored from version " + itoa(old)})
}

// Trash moves an unsent post to the trash, from which it can be taken back for 30 days (J13).
func (p *Posts) Trash(ctx context.Context, actor workspace.Actor, postID string) error {
	return p.trash(ctx, actor, postID, db.Now(), "post.trashed")
}

// Untrash takes a post back; it comes back as a draft.
func (p *Posts) Untrash(ctx context.Context, actor workspace.Actor, postID string) error {
	return p.trash(ctx, actor, postID, time.Time{}, "post.untrashed")
}

func (p *Posts) trash(ctx context.Context, actor workspace.Actor, postID string, at time.Time, what string) error {
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		posts, targets, err := p.lock(ctx, tx, actor.WorkspaceID, postID)
		if err != nil {
			return err
		}
		post := posts[0]
		if err := mayWrite(actor, post.BrandID, channelsOf(targets)); err != nil {
			return workspace.Unseen(err, seen(actor, post, targets), "post")
		}
		if !at.IsZero() {
			if err := p.letGo(ctx, tx, actor, post, targets); err != nil {
				return err
			}
		}
		if _, err := db.Exec(ctx, tx, `update posts set trashed_at = $3 where workspace_id = $1 and id = $2`, actor.WorkspaceID, postID, at); err != nil {
			return err
		}
		if err := p.derive(ctx, tx, actor.WorkspaceID, postID); err != nil {
			return err
		}
		if err := workspace.Audit(ctx, tx, actor, what, postID, nil, nil); err != nil {
			return err
		}
		return p.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), what, postID, nil)
	})
}

// letGo takes what is planned back to the draft before a post is trashed. What is under way or out is not trashed:
// its numbers and conversations hang on it.
func (p *Posts) letGo(ctx context.Context, tx *db.Tx, actor workspace.Actor, post Post, targets []Target) error {
	for _, t := range targets {
		switch t.State {
		case Publishing:
			return fault.Conflictf("this post is being sent right now").WithCode("invalid_transition")
		case Published, PartlyPublished, NeedsHuman, Removed:
			return fault.Conflictf("this post is out already").WithCode("invalid_transition").WithHint("Remove it on the network under Deliveries, or archive it.")
		case Scheduled, Held:
			if err := may(actor, post, t); err != nil {
				return err
			}
			if _, err := db.Exec(ctx, tx, `update targets set state = 'draft' where workspace_id = $1 and id = $2`, t.WorkspaceID, t.ID); err != nil {
				return err
			}
			p.soon(tx, time.Time{})
		}
	}
	return nil
}

// Copy makes a new draft with the same content, channels and settings.
func (p *Posts) Copy(ctx context.Context, actor workspace.Actor, postID string) (Post, error) {
	e, _, err := p.Editing(ctx, actor, postID)
	if err != nil {
		return Post{}, err
	}
	e.Note = "copied from " + postID
	return p.Create(ctx, actor, e)
}
