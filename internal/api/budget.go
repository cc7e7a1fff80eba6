package api

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Budget is how a channel's caps and calls stand.
type Budget struct {
	Caps  []Cap `json:"caps"`
	Calls []Cap `json:"call_budgets" doc:"Known caps on calls; sent is what was called in the window."`
	// Calls of the last 24 hours.
	Hours     []channel.CalledHour `json:"hours"`
	Endpoints []channel.Called     `json:"endpoints"`
	AppCalls  int                  `json:"app_calls" doc:"Calls of all channels of this network in these hours; they share one application."`
	Said      []channel.Said       `json:"said" doc:"The network's own last word on what is left."`
	HeldUntil time.Time            `json:"reading_held_until,omitzero" doc:"Until then what is left is kept for publishing; inbox and numbers are read after it."`
	Why       string               `json:"why,omitempty"`
}

// Cap is how much of one cap is used.
type Cap struct {
	Key     string    `json:"key"`
	Counts  string    `json:"counts"`
	Max     int       `json:"max"`
	Seconds int64     `json:"window_seconds"`
	PerApp  bool      `json:"per_app"`
	Sent    int       `json:"sent"`
	Planned int       `json:"planned"`
	Most    int       `json:"fullest_window" doc:"The most that one window of the next 30 days will hold, as far as is planned."`
	Frees   time.Time `json:"frees_at,omitzero"`
}

func (a *API) budgets() {
	on(a, "GET", "/channels/{id}/budget", "Channels", "Read what of a channel's caps and calls is used", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Budget], error) {
		ch, err := a.Channels.Get(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		caps, err := a.Posts.CapUses(ctx, actor, ch)
		if err != nil {
			return nil, err
		}
		m, err := a.Channels.Meter(ctx, actor, ch)
		out := Budget{Caps: []Cap{}, Calls: []Cap{}, Hours: m.Hours, Endpoints: append([]channel.Called{}, m.Endpoints...), AppCalls: m.App, Said: append([]channel.Said{}, m.Said...), HeldUntil: m.Held, Why: m.Why}
		for _, c := range caps {
			out.Caps = append(out.Caps, Cap{c.Key, c.Counts, c.Max, int64(c.Per.Seconds()), c.PerApp, c.Sent, c.Planned, c.Most, c.Frees})
		}
		for _, b := range m.Budgets {
			out.Calls = append(out.Calls, Cap{Key: b.Key, Counts: b.Counts, Max: b.Max, Seconds: int64(b.Per.Seconds()), PerApp: b.PerApp, Sent: b.Used})
		}
		return body(out), err
	})
}
