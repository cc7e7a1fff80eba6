package api

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Post is a content item planned for one or more channels.
type Post struct {
	ID         string                      `json:"id"`
	BrandID    string                      `json:"brand_id"`
	CampaignID string                      `json:"campaign_id,omitempty"`
	Title      string                      `json:"title,omitempty"`
	State      string                      `json:"state"`
	Origin     string                      `json:"origin,omitempty" doc:"native: made outside Bellwether and read from its network."`
	Base       post.Content                `json:"base"`
	Tags       []string                    `json:"tags"`
	Channels   []string                    `json:"channels,omitempty"`
	Variants   map[string]post.VariantEdit `json:"variants,omitempty"`
	Targets    []Target                    `json:"targets,omitempty" doc:"When it goes out where, as far as this request has planned it."`
	AuthorID   string                      `json:"author_id"`
	Version    int                         `json:"version"`
	CreatedAt  time.Time                   `json:"created_at"`
	UpdatedAt  time.Time                   `json:"updated_at"`
}

func postOf(p post.Post) Post {
	return Post{ID: p.ID, BrandID: p.BrandID, CampaignID: p.CampaignID, Title: p.Title, State: string(p.State), Origin: string(p.Origin), Base: p.Base, Tags: p.Tags, AuthorID: p.AuthorID,
		Version: p.Version, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt}
}

// PostEdit is everything of a post that can be written in one request.
type PostEdit struct {
	BrandID    string                      `json:"brand_id"`
	CampaignID string                      `json:"campaign_id,omitempty"`
	Title      string                      `json:"title,omitempty" maxLength:"300"`
	Base       post.Content                `json:"base"`
	Tags       []string                    `json:"tags,omitempty"`
	Channels   []string                    `json:"channels,omitempty" doc:"Channel ids the post is for."`
	Variants   map[string]post.VariantEdit `json:"variants,omitempty" doc:"By channel id; a channel without an entry follows the base."`
	Note       string                      `json:"note,omitempty"`
}

func (e PostEdit) edit() post.Edit {
	return post.Edit{BrandID: e.BrandID, CampaignID: e.CampaignID, Title: e.Title, Base: e.Base, Tags: e.Tags, Channels: e.Channels, Variants: e.Variants, Note: e.Note}
}

// NewPost is a post to be made and, where it says when, planned in the same request.
type NewPost struct {
	PostEdit
	Schedule *Schedule `json:"schedule,omitempty" doc:"When it goes out on its channels. What scheduling would refuse, or ask to have confirmed, refuses the whole request: no draft is left behind."`
}

// PreviewOut is what one channel will get.
type PreviewOut struct {
	ChannelID string            `json:"channel_id"`
	Network   string            `json:"network"`
	Texts     []string          `json:"texts"`
	Counts    []network.Count   `json:"counts"`
	Problems  []network.Problem `json:"problems"`
	Blocked   bool              `json:"blocked"`
}

func previews(shown []post.Preview) []PreviewOut {
	out := make([]PreviewOut, 0, len(shown))
	for _, v := range shown {
		p := PreviewOut{ChannelID: v.Channel.ID, Network: v.Channel.Network, Counts: v.Counts, Problems: v.Problems, Blocked: v.Blocked()}
		for _, part := range v.Draft.Parts {
			p.Texts = append(p.Texts, part.Text)
		}
		out = append(out, p)
	}
	return out
}

func (a *API) posts() {
	const tag = "Posts"
	on(a, "POST", "/posts", tag, "Create a draft, or a post and its schedule", workspace.PostDraft, func(ctx context.Context, actor workspace.Actor, in *struct{ Body NewPost }) (*Body[Post], error) {
		if in.Body.Schedule == nil {
			p, err := a.Posts.Create(ctx, actor, in.Body.edit())
			return body(postOf(p)), err
		}
		plan, err := in.Body.Schedule.plan()
		if err != nil {
			return nil, err
		}
		p, targets, err := a.Posts.CreateScheduled(ctx, actor, in.Body.edit(), plan)
		out := postOf(p)
		out.Targets = targetsOf(targets)
		return body(out), err
	})
	on(a, "GET", "/posts", tag, "List posts, the newest first", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, in *struct {
		State    string `query:"state"`
		Brand    string `query:"brand_id"`
		Campaign string `query:"campaign_id"`
		Channel  string `query:"channel_id"`
		Search   string `query:"q"`
		Tag      string `query:"tag"`
		Origin   string `query:"origin" enum:"native" doc:"native: only what was made outside Bellwether."`
		Cursor   string `query:"cursor"`
		Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}) (*Body[Page[Post]], error) {
		rows, next, err := a.Posts.List(ctx, actor, post.Filter{State: post.State(in.State), BrandID: in.Brand, CampaignID: in.Campaign, ChannelID: in.Channel,
			Search: in.Search, Tag: in.Tag, Origin: post.Origin(in.Origin), Before: in.Cursor, Limit: in.Limit})
		page := Page[Post]{Items: []Post{}, Next: next}
		for _, p := range rows {
			page.Items = append(page.Items, postOf(p))
		}
		return body(page), err
	})
	on(a, "GET", "/posts/{id}", tag, "Read a post with its variants", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Post], error) {
		return a.wholePost(ctx, actor, in.ID)
	})
	on(a, "PUT", "/posts/{id}", tag, "Save a post on top of a version", workspace.PostDraft, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID      string `path:"id"`
		Version int    `query:"version" required:"true" doc:"The version this change was made on; a newer one answers 409."`
		Body    PostEdit
	}) (*Body[Post], error) {
		p, err := a.Posts.Save(ctx, actor, in.ID, in.Version, in.Body.edit())
		return body(postOf(p)), err
	})
	on(a, "DELETE", "/posts/{id}", tag, "Move a post to the trash", workspace.PostDraft, func(ctx context.Context, actor workspace.Actor, in *byID) (*struct{}, error) {
		return nil, a.Posts.Trash(ctx, actor, in.ID)
	})
	on(a, "POST", "/posts/{id}/untrash", tag, "Take a post out of the trash", workspace.PostDraft, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Post], error) {
		if err := a.Posts.Untrash(ctx, actor, in.ID); err != nil {
			return nil, err
		}
		return a.wholePost(ctx, actor, in.ID)
	})
	on(a, "POST", "/posts/{id}/copy", tag, "Copy a post into a new draft", workspace.PostDraft, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Post], error) {
		p, err := a.Posts.Copy(ctx, actor, in.ID)
		return body(postOf(p)), err
	})
	on(a, "GET", "/posts/{id}/check", tag, "Preview a stored post on each of its channels", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[[]PreviewOut], error) {
		shown, err := a.Posts.Check(ctx, actor, in.ID)
		return body(previews(shown)), err
	})
	on(a, "POST", "/posts/preview", tag, "Preview a post without storing it", workspace.PostDraft, func(ctx context.Context, actor workspace.Actor, in *struct{ Body PostEdit }) (*Body[[]PreviewOut], error) {
		shown, err := a.Posts.Preview(ctx, actor, in.Body.edit())
		return body(previews(shown)), err
	})
	on(a, "GET", "/posts/{id}/versions", tag, "List a post's versions", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[[]VersionOut], error) {
		rows, err := a.Posts.Versions(ctx, actor, in.ID)
		out := []VersionOut{}
		for _, v := range rows {
			out = append(out, VersionOut{v.Version, v.By, v.At, v.Note, v.Snapshot})
		}
		return body(out), err
	})
	on(a, "POST", "/posts/{id}/classify", tag, "Give a post that has gone out other tags and another campaign", workspace.PostDraft, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body struct {
			CampaignID string   `json:"campaign_id,omitempty"`
			Tags       []string `json:"tags,omitempty"`
		}
	}) (*Body[Post], error) {
		if err := a.Posts.Classify(ctx, actor, in.ID, in.Body.CampaignID, in.Body.Tags); err != nil {
			return nil, err
		}
		return a.wholePost(ctx, actor, in.ID)
	})
	on(a, "POST", "/posts/{id}/restore", tag, "Make a new version with the content of an old one", workspace.PostDraft, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body struct {
			Version int `json:"version"`
			OnTopOf int `json:"on_top_of"`
		}
	}) (*Body[Post], error) {
		p, err := a.Posts.Restore(ctx, actor, in.ID, in.Body.Version, in.Body.OnTopOf)
		return body(postOf(p)), err
	})
}

// VersionOut is one saved state of a post.
type VersionOut struct {
	Version  int           `json:"version"`
	By       string        `json:"by"`
	At       time.Time     `json:"at"`
	Note     string        `json:"note,omitempty"`
	Snapshot post.Snapshot `json:"snapshot"`
}

func (a *API) wholePost(ctx context.Context, actor workspace.Actor, postID string) (*Body[Post], error) {
	e, p, err := a.Posts.Editing(ctx, actor, postID)
	if err != nil {
		return nil, err
	}
	out := postOf(p)
	out.Channels, out.Variants = e.Channels, e.Variants
	return body(out), nil
}
