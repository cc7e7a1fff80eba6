package api

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/strategy"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// CampaignIn is what can be set of a campaign.
type CampaignIn struct {
	BrandID  string    `json:"brand_id"`
	Name     string    `json:"name" minLength:"1" maxLength:"200"`
	Message  string    `json:"message,omitempty"`
	Zone     string    `json:"zone,omitempty"`
	StartsAt time.Time `json:"starts_at,omitzero"`
	EndsAt   time.Time `json:"ends_at,omitzero" doc:"Exclusive."`
	Budget   Money     `json:"budget,omitempty"`
	State    string    `json:"state,omitempty" enum:"draft,active,closed" default:"active"`
}

func (c CampaignIn) edit() campaign.Edit {
	return campaign.Edit{BrandID: c.BrandID, Name: c.Name, Message: c.Message, Zone: c.Zone, StartsAt: c.StartsAt, EndsAt: c.EndsAt, Budget: c.Budget.AmountMinor,
		Currency: c.Budget.Currency, State: campaign.State(c.State)}
}

// GoalIn is what can be set of a goal.
type GoalIn struct {
	BrandID    string    `json:"brand_id"`
	Name       string    `json:"name" minLength:"1" maxLength:"200"`
	Metric     string    `json:"metric" doc:"Id of the metric dictionary, such as M-NETREV."`
	Baseline   int64     `json:"baseline,omitempty" doc:"Money in minor units."`
	Target     int64     `json:"target"`
	Currency   string    `json:"currency,omitempty"`
	StartsAt   time.Time `json:"starts_at"`
	EndsAt     time.Time `json:"ends_at" doc:"Exclusive."`
	Zone       string    `json:"zone,omitempty"`
	Channels   []string  `json:"channels,omitempty"`
	CampaignID string    `json:"campaign_id,omitempty"`
	Note       string    `json:"note,omitempty"`
	Reason     string    `json:"reason,omitempty" doc:"Why an existing goal is adjusted."`
}

func (g GoalIn) edit() strategy.Edit {
	return strategy.Edit{BrandID: g.BrandID, Name: g.Name, Metric: g.Metric, Baseline: g.Baseline, Target: g.Target, Currency: g.Currency, StartsAt: g.StartsAt, EndsAt: g.EndsAt,
		Zone: g.Zone, Channels: g.Channels, CampaignID: g.CampaignID, Note: g.Note, Reason: g.Reason}
}

// Number is one figure with what a reader needs to trust it.
type Number struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Formula  string    `json:"formula"`
	Unit     string    `json:"unit"`
	Type     string    `json:"type"`
	Caveat   string    `json:"caveat,omitempty"`
	Value    *int64    `json:"value" doc:"Null when nothing was delivered: missing is not 0."`
	Ratio    *float64  `json:"ratio,omitempty"`
	Over     int64     `json:"over,omitempty"`
	Under    int64     `json:"under,omitempty"`
	Currency string    `json:"currency,omitempty"`
	AsOf     time.Time `json:"as_of,omitzero"`
	Missing  []string  `json:"missing_networks,omitempty"`
	Rows     int       `json:"rows"`
}

func numberOf(n insight.Number) Number {
	out := Number{ID: n.ID, Name: n.Name, Formula: n.Formula, Unit: n.Unit, Type: string(n.Type), Caveat: n.Caveat, Currency: n.Currency, AsOf: n.AsOf, Missing: n.Missing, Rows: n.N}
	switch {
	case n.Has && n.Type == metric.Ratio:
		out.Ratio, out.Over, out.Under = &n.Ratio, n.Over, n.Under
	case n.Has:
		out.Value = &n.Value
	}
	return out
}

// Progress is how far a goal is.
type Progress struct {
	Goal     strategy.Goal `json:"goal"`
	Actual   Number        `json:"actual"`
	Expected int64         `json:"expected" doc:"By now, on the straight line from baseline to target."`
	Health   string        `json:"health"`
	Share    float64       `json:"share"`
}

func (a *API) plan() {
	on(a, "GET", "/campaigns", "Campaigns", "List campaigns", workspace.CampaignRead, func(ctx context.Context, actor workspace.Actor, _ *struct{}) (*Body[[]campaign.Campaign], error) {
		rows, err := a.Campaigns.List(ctx, actor)
		return body(append([]campaign.Campaign{}, rows...)), err
	})
	on(a, "POST", "/campaigns", "Campaigns", "Make a campaign", workspace.CampaignEdit, func(ctx context.Context, actor workspace.Actor, in *struct{ Body CampaignIn }) (*Body[campaign.Campaign], error) {
		c, err := a.Campaigns.Create(ctx, actor, in.Body.edit())
		return body(c), err
	})
	on(a, "GET", "/campaigns/{id}", "Campaigns", "Read a campaign", workspace.CampaignRead, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[campaign.Campaign], error) {
		c, err := a.Campaigns.Get(ctx, actor, in.ID)
		return body(c), err
	})
	on(a, "PUT", "/campaigns/{id}", "Campaigns", "Save a campaign on top of a version", workspace.CampaignEdit, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID      string `path:"id"`
		Version int    `query:"version" required:"true"`
		Body    CampaignIn
	}) (*Body[campaign.Campaign], error) {
		c, err := a.Campaigns.Save(ctx, actor, in.ID, in.Version, in.Body.edit())
		return body(c), err
	})
	on(a, "GET", "/goals", "Goals", "List goals", workspace.GoalRead, func(ctx context.Context, actor workspace.Actor, _ *struct{}) (*Body[[]strategy.Goal], error) {
		rows, err := a.Goals.List(ctx, actor)
		return body(append([]strategy.Goal{}, rows...)), err
	})
	on(a, "POST", "/goals", "Goals", "Set a goal", workspace.GoalEdit, func(ctx context.Context, actor workspace.Actor, in *struct{ Body GoalIn }) (*Body[strategy.Goal], error) {
		g, err := a.Goals.Set(ctx, actor, in.Body.edit())
		return body(g), err
	})
	on(a, "GET", "/goals/{id}", "Goals", "Read a goal and its progress", workspace.GoalRead, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Progress], error) {
		g, err := a.Goals.Get(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		p, err := a.Insight.Progress(ctx, actor, g)
		return body(Progress{p.Goal, numberOf(p.Actual), p.Expected, string(p.Health), p.Share}), err
	})
	on(a, "PUT", "/goals/{id}", "Goals", "Adjust a goal on top of a version; the old target is kept", workspace.GoalEdit, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID      string `path:"id"`
		Version int    `query:"version" required:"true"`
		Body    GoalIn
	}) (*Body[strategy.Goal], error) {
		g, err := a.Goals.Adjust(ctx, actor, in.ID, in.Version, in.Body.edit())
		return body(g), err
	})
	on(a, "POST", "/goals/{id}/close", "Goals", "End a goal", workspace.GoalEdit, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body struct {
			As string `json:"as" enum:"achieved,missed,cancelled"`
		}
	}) (*struct{}, error) {
		return nil, a.Goals.Close(ctx, actor, in.ID, strategy.State(in.Body.As))
	})
}

// span is a period and a scope in a query.
type span struct {
	From     time.Time `query:"from" required:"true"`
	To       time.Time `query:"to" required:"true" doc:"Exclusive."`
	Zone     string    `query:"zone" default:"UTC"`
	Channel  string    `query:"channel_id"`
	Campaign string    `query:"campaign_id"`
	Currency string    `query:"currency" default:"EUR"`
}

func (s span) period() (insight.Period, insight.Scope) {
	return insight.Period{From: s.From.UTC(), To: s.To.UTC(), Zone: s.Zone}, insight.Scope{ChannelID: s.Channel, CampaignID: s.Campaign}
}

func (a *API) numbers() {
	const tag = "Numbers"
	on(a, "GET", "/metrics", tag, "Read the dictionary", "", func(context.Context, workspace.Actor, *struct{}) (*Body[[]Number], error) {
		var out []Number
		for _, d := range metric.Dictionary {
			out = append(out, numberOf(insight.Number{Definition: d}))
		}
		return body(out), nil
	})
	on(a, "GET", "/metrics/{id}/value", tag, "Read one number of a period", workspace.AnalyticsRead, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID string `path:"id"`
		span
	}) (*Body[Number], error) {
		p, s := in.period()
		n, err := a.Insight.Value(ctx, actor, in.ID, p, s, in.Currency)
		return body(numberOf(n)), err
	})
	on(a, "GET", "/metrics/{id}/series", tag, "Read a number day by day", workspace.AnalyticsRead, func(ctx context.Context, actor workspace.Actor, in *struct {
		ID string `path:"id"`
		span
	}) (*Body[[]Point], error) {
		p, s := in.period()
		rows, err := a.Insight.Series(ctx, actor, in.ID, p, s, in.Currency)
		out := []Point{}
		for _, r := range rows {
			point := Point{Day: r.Day}
			if r.Has {
				point.Value = &r.Value
			}
			out = append(out, point)
		}
		return body(out), err
	})
	on(a, "GET", "/insights/posts", tag, "List published posts with what came of them", workspace.AnalyticsRead, func(ctx context.Context, actor workspace.Actor, in *struct {
		span
		Sort   string `query:"sort" enum:"published,impressions,likes,comments,shares,engagements,clicks,orders,revenue" default:"published"`
		Offset int    `query:"offset" minimum:"0"`
		Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}) (*Body[[]PostNumbers], error) {
		p, s := in.period()
		rows, _, err := a.Insight.PostTable(ctx, actor, p, s, in.Currency, in.Sort, false, in.Offset, in.Limit)
		out := []PostNumbers{}
		for _, r := range rows {
			out = append(out, PostNumbers{r.TargetID, r.PostID, r.ChannelID, r.CampaignID, r.Text, r.URL, r.PublishedAt, r.Impressions, r.Reach, r.Likes, r.Comments,
				r.Shares, r.Saves, r.Engagements, r.Clicks, r.Orders, Money{r.Revenue, in.Currency}, r.MeasuredAt})
		}
		return body(out), err
	})
}

// Point is one day of a series; a day without data is null.
type Point struct {
	Day   string   `json:"day"`
	Value *float64 `json:"value"`
}

// PostNumbers is one published target with what came of it; missing numbers are null.
type PostNumbers struct {
	TargetID    string    `json:"target_id"`
	PostID      string    `json:"post_id"`
	ChannelID   string    `json:"channel_id"`
	CampaignID  string    `json:"campaign_id,omitempty"`
	Text        string    `json:"text"`
	URL         string    `json:"url"`
	PublishedAt time.Time `json:"published_at"`
	Impressions *int64    `json:"impressions"`
	Reach       *int64    `json:"reach"`
	Likes       *int64    `json:"likes"`
	Comments    *int64    `json:"comments"`
	Shares      *int64    `json:"shares"`
	Saves       *int64    `json:"saves"`
	Engagements *int64    `json:"engagements"`
	Clicks      int64     `json:"clicks"`
	Orders      int64     `json:"orders"`
	Revenue     Money     `json:"revenue" doc:"Net, by last touch."`
	MeasuredAt  time.Time `json:"measured_at,omitzero"`
}
