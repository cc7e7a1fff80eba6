package api

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/threshold"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// ThresholdAction is one thing done for a post, once, when a number of it passes a value.
type ThresholdAction struct {
	ID         string    `json:"id"`
	Metric     string    `json:"metric"`
	Value      int64     `json:"value"`
	Days       int       `json:"days"`
	Act        string    `json:"act"`
	Words      string    `json:"text,omitempty"`
	State      string    `json:"state"`
	Reason     string    `json:"reason,omitempty"`
	TargetID   string    `json:"target_id,omitempty" doc:"Which target passed."`
	DeliveryID string    `json:"delivery_id,omitempty" doc:"What carries it out; absent for a notice."`
	Reached    int64     `json:"reached,omitempty"`
	EndedAt    time.Time `json:"ended_at,omitzero"`
}

func thresholdOf(a threshold.Action) ThresholdAction {
	return ThresholdAction{a.ID, a.Metric, a.Value, int(a.Within / (24 * time.Hour)), string(a.Act), a.Words, string(a.State), a.Reason, a.TargetID, a.DeliveryID, a.Reached, a.EndedAt}
}

func (a *API) thresholds() {
	const tag = "Threshold actions"
	on(a, "GET", "/posts/{id}/actions", tag, "List what is done when a post does well", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[[]ThresholdAction], error) {
		all, err := a.Thresholds.Of(ctx, actor, in.ID)
		out := []ThresholdAction{}
		for _, one := range all {
			out = append(out, thresholdOf(one))
		}
		return body(out), err
	})
	on(a, "POST", "/posts/{id}/actions", tag, "Let something be done once when a post does well", workspace.PostSchedule, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body struct {
			Metric string `json:"metric" enum:"M-IMPR,M-REACH,M-LIKE,M-COMM,M-SHARE,M-SAVE,M-ENG"`
			Value  int64  `json:"value" minimum:"1"`
			Days   int    `json:"days" minimum:"1" maximum:"90" doc:"After publication."`
			Act    string `json:"act" enum:"repost,comment,finisher,boost"`
			Words  string `json:"text,omitempty" doc:"Of a comment, or of the thread's last part."`
		}
	}) (*Body[ThresholdAction], error) {
		b := in.Body
		made, err := a.Thresholds.Add(ctx, actor, in.ID, threshold.Order{Metric: b.Metric, Value: b.Value, Days: b.Days, Act: threshold.Act(b.Act), Words: b.Words})
		return body(thresholdOf(made)), err
	})
	on(a, "DELETE", "/posts/{id}/actions/{action}", tag, "Stop an action that waits", workspace.PostSchedule, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID     string `path:"id"`
		Action string `path:"action"`
	}) (*struct{}, error) {
		return nil, a.Thresholds.Stop(ctx, actor, in.ID, in.Action)
	})
}
