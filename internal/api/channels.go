package api

import (
	"context"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Channel is one connected page, profile or account. Grants are never part of any answer.
type Channel struct {
	ID          string           `json:"id"`
	BrandID     string           `json:"brand_id"`
	Network     string           `json:"network"`
	Handle      string           `json:"handle"`
	Name        string           `json:"name"`
	URL         string           `json:"url"`
	Zone        string           `json:"zone"`
	State       string           `json:"state"`
	StateReason string           `json:"state_reason,omitempty"`
	ExpiresAt   time.Time        `json:"expires_at,omitzero"`
	PausedUntil time.Time        `json:"paused_until,omitzero"`
	Followers   int64            `json:"followers,omitempty"`
	Limits      network.Limits   `json:"limits"`
	Defaults    channel.Defaults `json:"defaults"`
}

func channelOf(c channel.Channel) Channel {
	return Channel{ID: c.ID, BrandID: c.BrandID, Network: c.Network, Handle: c.Handle, Name: c.Name, URL: c.URL, Zone: c.Zone, State: string(c.State),
		StateReason: c.StateReason, ExpiresAt: c.ExpiresAt, PausedUntil: c.PausedUntil, Followers: c.Account.Followers, Limits: c.Account.Limits, Defaults: c.Defaults}
}

// Network is what can be connected and what it offers.
type Network struct {
	Key       string            `json:"key"`
	Name      string            `json:"name"`
	Test      bool              `json:"test"`
	Abilities []network.Ability `json:"abilities"`
	Settings  []network.Setting `json:"settings"`
	Cannot    []network.Cannot  `json:"cannot"`
}

// Slot is a weekly publishing time of a channel.
type Slot struct {
	Weekday int    `json:"weekday" minimum:"0" maximum:"6" doc:"0 is Sunday."`
	Clock   string `json:"clock" pattern:"^[0-2][0-9]:[0-5][0-9]$" doc:"Wall-clock time in the channel's zone."`
	Kind    string `json:"kind,omitempty"`
}

func (a *API) channels() {
	const tag = "Channels"
	on(a, "GET", "/channels", tag, "List the connected channels", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, _ *struct{}) (*Body[[]Channel], error) {
		rows, err := a.Channels.List(ctx, actor)
		out := []Channel{}
		for _, c := range rows {
			out = append(out, channelOf(c))
		}
		return body(out), err
	})
	read := func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Channel], error) {
		c, err := a.Channels.Get(ctx, actor, in.ID)
		return body(channelOf(c)), err
	}
	on(a, "GET", "/channels/{id}", tag, "Read a channel", workspace.PostRead, read)
	on(a, "GET", "/channels/{id}/settings", tag, "List the settings of a post on a channel, with the account's own choices", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID    string   `path:"id"`
		Given []string `query:"given" doc:"Settings as key:value (board:123). Of a setting that depends on one of these, only the options that fit are listed."`
	}) (*Body[[]network.Setting], error) {
		ch, err := a.Channels.Get(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		n := a.Channels.Network(ch)
		if n == nil {
			return body([]network.Setting{}), nil
		}
		given := map[string]string{}
		for _, g := range in.Given {
			key, value, _ := strings.Cut(g, ":")
			given[key] = value
		}
		settings := n.Spec().For(ch.Account).Settings
		for i, s := range settings {
			if _, known := given[s.Of]; known {
				settings[i].Options = s.Offered(func(key string) string { return given[key] })
			}
		}
		return body(settings), nil
	})
	on(a, "POST", "/channels/{id}/check", tag, "Read the account anew from its network", workspace.ChannelConnect, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Channel], error) {
		c, err := a.Channels.Check(ctx, actor, in.ID)
		return body(channelOf(c)), err
	})
	on(a, "POST", "/channels/{id}/pause", tag, "Hold a channel's queue", workspace.QueuePause, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body struct {
			Until  time.Time `json:"until,omitzero" doc:"Absent: until released by hand."`
			Reason string    `json:"reason,omitempty" maxLength:"500"`
		}
	}) (*Body[Channel], error) {
		if in.Body.Until.IsZero() {
			in.Body.Until = channel.Forever
		}
		if err := a.Channels.Pause(ctx, actor, in.ID, in.Body.Until, in.Body.Reason); err != nil {
			return nil, err
		}
		return read(ctx, actor, &byID{in.ID})
	})
	on(a, "POST", "/channels/{id}/resume", tag, "End a channel's pause", workspace.QueuePause, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Channel], error) {
		if err := a.Channels.Resume(ctx, actor, in.ID); err != nil {
			return nil, err
		}
		return read(ctx, actor, in)
	})
	on(a, "DELETE", "/channels/{id}", tag, "Disconnect a channel; its posts and queue are kept", workspace.ChannelConnect, func(ctx context.Context, actor workspace.Actor, in *byID) (*struct{}, error) {
		return nil, a.Channels.Disconnect(ctx, actor, in.ID)
	})
	on(a, "GET", "/channels/{id}/slots", tag, "List a channel's weekly slots", workspace.PostRead, a.slots)
	on(a, "PUT", "/channels/{id}/slots", tag, "Replace a channel's weekly slots", workspace.PostSchedule, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body []Slot
	}) (*Body[[]Slot], error) {
		var slots []post.Slot
		for _, s := range in.Body {
			at, err := time.Parse("15:04", s.Clock)
			if err != nil {
				at = time.Time{}.Add(-time.Minute) // refused by the room in its own words
			}
			slots = append(slots, post.Slot{Weekday: s.Weekday, Minute: at.Hour()*60 + at.Minute(), Kind: s.Kind})
		}
		if err := a.Posts.SetSlots(ctx, actor, in.ID, slots); err != nil {
			return nil, err
		}
		return a.slots(ctx, actor, &byID{in.ID})
	})
	on(a, "GET", "/channels/{id}/queue", tag, "List what stands in a channel's queue", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[[]Target], error) {
		rows, err := a.Posts.Queue(ctx, actor, in.ID)
		out := []Target{}
		for _, e := range rows {
			out = append(out, targetOf(e.Target))
		}
		return body(out), err
	})
	on(a, "PUT", "/channels/{id}/queue", tag, "Put a channel's queue into an order", workspace.PostSchedule, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string   `path:"id"`
		Body []string `doc:"Target ids in their new order."`
	}) (*struct{}, error) {
		return nil, a.Posts.Reorder(ctx, actor, in.ID, in.Body)
	})
	on(a, "GET", "/networks", tag, "List what can be connected", "", func(context.Context, workspace.Actor, *struct{}) (*Body[[]Network], error) {
		var out []Network
		for _, n := range a.Channels.Networks().All() {
			s := n.Spec()
			v := Network{Key: s.Key, Name: s.Name, Test: s.Test, Settings: s.Settings, Cannot: s.Cannot}
			for ability, has := range network.AbilitiesOf(n) {
				if has {
					v.Abilities = append(v.Abilities, ability)
				}
			}
			out = append(out, v)
		}
		return body(out), nil
	})
}

func (a *API) slots(ctx context.Context, actor workspace.Actor, in *byID) (*Body[[]Slot], error) {
	rows, err := a.Posts.Slots(ctx, actor, in.ID)
	out := []Slot{}
	for _, s := range rows {
		out = append(out, Slot{s.Weekday, s.Clock(), s.Kind})
	}
	return body(out), err
}
