package api

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Target is one post × one channel × one planned time.
type Target struct {
	ID          string    `json:"id"`
	PostID      string    `json:"post_id"`
	ChannelID   string    `json:"channel_id"`
	State       string    `json:"state"`
	DueAt       time.Time `json:"due_at,omitzero" doc:"UTC"`
	Wall        string    `json:"wall,omitempty" doc:"The chosen wall-clock time."`
	Zone        string    `json:"zone,omitempty" doc:"IANA zone of the wall-clock time."`
	Reason      string    `json:"reason,omitempty" doc:"Why it is held or failed."`
	DeliveryID  string    `json:"delivery_id,omitempty"`
	RemoteID    string    `json:"remote_id,omitempty"`
	URL         string    `json:"url,omitempty"`
	PublishedAt time.Time `json:"published_at,omitzero"`
}

func targetOf(t post.Target) Target {
	return Target{ID: t.ID, PostID: t.PostID, ChannelID: t.ChannelID, State: string(t.State), DueAt: t.DueAt, Wall: t.Wall, Zone: t.Zone, Reason: t.HeldReason,
		DeliveryID: t.DeliveryID, RemoteID: t.RemoteID, URL: t.URL, PublishedAt: t.PublishedAt}
}

// Schedule says when a post goes out: an instant with an offset, or a wall-clock time in a zone.
type Schedule struct {
	At      string            `json:"at,omitempty" doc:"RFC 3339 instant with an offset, or a wall-clock time 2027-03-28T10:00 together with zone."`
	ByID    map[string]string `json:"at_by_channel,omitempty" doc:"Wall-clock time per channel id."`
	Zone    string            `json:"zone,omitempty" doc:"IANA zone; default is each channel's own."`
	Now     bool              `json:"now,omitempty"`
	Confirm bool              `json:"confirm,omitempty" doc:"You have seen the warnings that ask."`
}

// plan turns a request's time into wall-clock time and zone (C08: offset or local and zone).
func (s Schedule) plan() (post.Plan, error) {
	p := post.Plan{Wall: s.At, Walls: s.ByID, Zone: s.Zone, Now: s.Now, Confirm: s.Confirm}
	if at, err := time.Parse(time.RFC3339, s.At); err == nil {
		if p.Zone == "" {
			p.Zone = "UTC"
		}
		if _, err := when.Zone(p.Zone); err != nil {
			return p, fault.Invalidf("zone", "%q is not a time zone", p.Zone)
		}
		p.Wall = when.Wall(at, p.Zone)
	}
	return p, nil
}

func (a *API) targetsOf(ctx context.Context, actor workspace.Actor, postID string) (*Body[[]Target], error) {
	rows, err := a.Posts.Targets(ctx, actor, postID)
	return body(targetsOf(rows)), err
}

func targetsOf(rows []post.Target) []Target {
	out := make([]Target, len(rows))
	for i, t := range rows {
		out[i] = targetOf(t)
	}
	return out
}

func (a *API) schedule() {
	const tag = "Scheduling"
	on(a, "GET", "/posts/{id}/targets", tag, "List a post's targets", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[[]Target], error) {
		return a.targetsOf(ctx, actor, in.ID)
	})
	on(a, "POST", "/posts/{id}/schedule", tag, "Schedule a post", workspace.PostSchedule, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body Schedule
	}) (*Body[[]Target], error) {
		plan, err := in.Body.plan()
		if err == nil {
			err = a.Posts.Schedule(ctx, actor, in.ID, plan)
		}
		if err != nil {
			return nil, err
		}
		return a.targetsOf(ctx, actor, in.ID)
	})
	on(a, "POST", "/posts/{id}/queue", tag, "Put a post into the next free slots", workspace.PostSchedule, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body struct {
			At      string `json:"at,omitempty" enum:"next,first" default:"next"`
			Confirm bool   `json:"confirm,omitempty"`
		}
	}) (*Body[[]Target], error) {
		if err := a.Posts.Enqueue(ctx, actor, in.ID, post.QueueAt(in.Body.At), in.Body.Confirm); err != nil {
			return nil, err
		}
		return a.targetsOf(ctx, actor, in.ID)
	})
	for _, verb := range []struct {
		path, summary string
		do            func(context.Context, workspace.Actor, string) error
	}{{"unschedule", "Take a post back to the draft", a.Posts.Unschedule}, {"cancel", "Cancel what is not sent yet", a.Posts.Cancel}} {
		on(a, "POST", "/posts/{id}/"+verb.path, tag, verb.summary, workspace.PostSchedule, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[[]Target], error) {
			if err := verb.do(ctx, actor, in.ID); err != nil {
				return nil, err
			}
			return a.targetsOf(ctx, actor, in.ID)
		})
	}
	on(a, "GET", "/targets/{id}", tag, "Read a target", workspace.PostRead, a.target)
	on(a, "POST", "/targets/{id}/move", tag, "Give a target another time", workspace.PostSchedule, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body Schedule
	}) (*Body[Target], error) {
		plan, err := in.Body.plan()
		if err == nil && plan.Now {
			err = a.Posts.SendNow(ctx, actor, in.ID, plan.Confirm)
		} else if err == nil {
			err = a.Posts.Move(ctx, actor, in.ID, plan.Wall, plan.Zone, plan.Confirm)
		}
		if err != nil {
			return nil, err
		}
		return a.target(ctx, actor, &byID{in.ID})
	})
	on(a, "POST", "/targets/{id}/cancel", tag, "Cancel one target", workspace.PostSchedule, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Target], error) {
		if err := a.Posts.CancelTarget(ctx, actor, in.ID); err != nil {
			return nil, err
		}
		return a.target(ctx, actor, in)
	})
	on(a, "GET", "/calendar", tag, "List the targets planned in a period", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, in *struct {
		From     time.Time `query:"from" required:"true"`
		To       time.Time `query:"to" required:"true" doc:"Exclusive."`
		Channel  string    `query:"channel_id"`
		Campaign string    `query:"campaign_id"`
		State    string    `query:"state"`
	}) (*Body[[]Target], error) {
		rows, err := a.Posts.PlannedBetween(ctx, actor, in.From, in.To, post.Filter{ChannelID: in.Channel, CampaignID: in.Campaign, State: post.State(in.State)})
		out := make([]Target, 0, len(rows))
		for _, t := range rows {
			out = append(out, targetOf(t))
		}
		return body(out), err
	})
}

func (a *API) target(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Target], error) {
	t, err := a.Posts.Target(ctx, actor, in.ID)
	return body(targetOf(t)), err
}
