package api

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/preflight"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Preflight is how a planned target stands before its time.
type Preflight struct {
	TargetID  string              `json:"target_id"`
	PostID    string              `json:"post_id"`
	ChannelID string              `json:"channel_id"`
	DueAt     time.Time           `json:"due_at"`
	Stage     string              `json:"stage" doc:"How near its time it was last looked at."`
	LookedAt  time.Time           `json:"looked_at,omitzero" doc:"Absent: not looked at yet; the first look is a day before."`
	NextAt    time.Time           `json:"next_look_at,omitzero"`
	Findings  []preflight.Finding `json:"findings" doc:"What stands in the way; none = nothing that was found."`
}

func preflightOf(r preflight.Report) Preflight {
	out := Preflight{r.TargetID, r.PostID, r.ChannelID, r.DueAt, r.Stage.Name(), r.LookedAt, r.NextAt, r.Findings}
	if out.Findings == nil {
		out.Findings = []preflight.Finding{}
	}
	return out
}

func (a *API) preflight() {
	const tag = "Pre-flight"
	on(a, "GET", "/preflight", tag, "List planned targets with something in their way, the nearest first", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, in *struct {
		Limit int `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}) (*Body[Page[Preflight]], error) {
		rows, err := a.Preflight.Failing(ctx, actor, in.Limit)
		page := Page[Preflight]{Items: []Preflight{}}
		for _, r := range rows {
			page.Items = append(page.Items, preflightOf(r))
		}
		return body(page), err
	})
	on(a, "GET", "/targets/{id}/preflight", tag, "Read how a planned target stands", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Preflight], error) {
		r, err := a.Preflight.Target(ctx, actor, in.ID)
		return body(preflightOf(r)), err
	})
	on(a, "POST", "/targets/{id}/preflight", tag, "Look at a planned target now", workspace.PostDraft, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Preflight], error) {
		r, err := a.Preflight.Now(ctx, actor, in.ID)
		return body(preflightOf(r)), err
	})
}
