package api

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/audience"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// AudienceGroup is the people of one value.
type AudienceGroup struct {
	Value  string   `json:"value" doc:"Countries by ISO 3166-1, languages by BCP 47, else the network's own name."`
	Name   string   `json:"name"`
	Share  float64  `json:"share" doc:"Of the table's base, 0 to 1."`
	People *float64 `json:"people" doc:"Null where the network tells shares only."`
	Before *float64 `json:"share_four_weeks_earlier" doc:"Null where there is no such reading of the same channels."`
}

// AudienceTable is one population by one dimension.
type AudienceTable struct {
	Population string          `json:"population" enum:"followers,engaged,viewers,joined"`
	Dimension  string          `json:"dimension"`
	Base       int64           `json:"base" doc:"People the shares are of; 0 where the network does not say."`
	Overlaps   bool            `json:"overlaps" doc:"True where a person is in several groups, so that shares do not add up to 1."`
	Groups     []AudienceGroup `json:"groups"`
	Channels   []string        `json:"channels"`
	Left       []AudienceLeft  `json:"left_out"`
	Definition []string        `json:"definition" doc:"The networks' own names of the numbers, and what to know of them."`
	AsOf       time.Time       `json:"as_of,omitzero" doc:"The oldest reading in it."`
}

// AudienceLeft is a channel that is not in a table.
type AudienceLeft struct {
	Channel string `json:"channel"`
	Why     string `json:"why"`
}

// AudienceHours is when people are there.
type AudienceHours struct {
	Zone     string         `json:"zone"`
	Hours    [7][24]float64 `json:"hours" doc:"Monday first; -1 where nothing is known."`
	Channels []string       `json:"channels"`
	Left     []AudienceLeft `json:"left_out"`
	AsOf     time.Time      `json:"as_of,omitzero"`
}

// Audience is who the public is.
type Audience struct {
	Tables []AudienceTable `json:"tables"`
	Online AudienceHours   `json:"followers_online"`
}

func (a *API) audiences() {
	on(a, "GET", "/insights/audience", "Numbers", "Read who the public of one or all channels is", workspace.AnalyticsRead, func(ctx context.Context, actor workspace.Actor, in *struct {
		Channel string `query:"channel_id" doc:"Empty for all channels together, each weighted by how many people it tells of."`
		Zone    string `query:"zone" default:"UTC"`
	}) (*Body[Audience], error) {
		loc, err := when.Zone(in.Zone)
		if err != nil {
			return nil, err
		}
		channels, err := a.Audiences.Channels(ctx, actor, in.Channel)
		if err != nil {
			return nil, err
		}
		out := Audience{Tables: []AudienceTable{}}
		for _, of := range append(audience.Populations, network.Joined) {
			for _, by := range append(audience.Dimensions, network.BySource) {
				if t := audience.Combine(of, by, channels); t.Has() {
					out.Tables = append(out.Tables, audienceTable(t))
				}
			}
		}
		week := audience.Online(channels, loc, time.Now())
		out.Online = AudienceHours{Zone: in.Zone, Hours: week.Hours, Channels: listed(week.Channels), Left: leftOut(week.Left), AsOf: week.At}
		return body(out), nil
	})
}

func audienceTable(t audience.Table) AudienceTable {
	out := AudienceTable{Population: string(t.Of), Dimension: string(t.By), Base: t.Base, Overlaps: t.Overlaps(), Channels: listed(t.Channels), Left: leftOut(t.Left), Definition: listed(t.Notes), AsOf: t.Oldest}
	for _, g := range t.Groups {
		one := AudienceGroup{Value: g.Value, Name: g.Name(t.By), Share: g.Share}
		if g.People > 0 {
			one.People = &g.People
		}
		if g.Compared {
			one.Before = &g.Before
		}
		out.Groups = append(out.Groups, one)
	}
	return out
}

func listed(list []string) []string { return append([]string{}, list...) }

func leftOut(list []audience.Left) []AudienceLeft {
	out := []AudienceLeft{}
	for _, l := range list {
		out = append(out, AudienceLeft{l.Channel, l.Why})
	}
	return out
}
