package post

import (
	"context"
	"encoding/json"

	"github.com/bellwether-social/bellwether/internal/db"
)

// CatchUp makes every post findable that a migration has left to be.
func (p *Posts) CatchUp(ctx context.Context) error { return p.index.CatchUp(ctx) }

// said is what a post is found by: its title, its text, and what a channel's version says instead.
func said(ctx context.Context, q db.Queryer, workspaceID, postID string) ([]string, error) {
	stored, err := db.All[struct {
		Title string `db:"title"`
		Raw   string `db:"raw"`
	}](ctx, q, `select title, base as raw from posts where workspace_id = $1 and id = $2
		union all select '', coalesce(content, '') from variants where workspace_id = $1 and post_id = $2`, workspaceID, postID)
	var out []string
	for _, s := range stored {
		var c Content
		if s.Raw != "" && json.Unmarshal([]byte(s.Raw), &c) != nil {
			continue // an older program's content that cannot be read has no words either
		}
		out = append(append(out, s.Title), c.said()...)
	}
	return out, err
}

// said are the content's texts.
func (c Content) said() []string {
	var out []string
	for _, part := range c.Parts {
		out = append(out, part.Text)
		for _, m := range part.Media {
			if m.Alt != nil {
				out = append(out, *m.Alt)
			}
		}
	}
	return append(out, c.FirstComment)
}

// said are the texts of a post as it is being written.
func (e Edit) said() []string {
	out := append([]string{e.Title}, e.Base.said()...)
	for _, v := range e.Variants {
		if v.Content != nil {
			out = append(out, v.Content.said()...)
		}
	}
	return out
}
