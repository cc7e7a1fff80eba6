// Package insights is the screen of numbers (S-ANALYTICS): what the posts of a period were given, day by day and post
// by post, each number with its definition, data time and the rows behind it.
package insights

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/audience"
	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/web/ui/chart"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screen reads.
type Rooms struct {
	Insight   *insight.Insight
	Channels  *channel.Channels
	Campaigns *campaign.Campaigns
	Posts     *post.Posts
	Metrics   *metric.Metrics
	Audiences *audience.Audiences
}

// Routes are the screen's addresses.
func Routes(r Rooms) []page.Route {
	return []page.Route{
		page.Get("/insights", workspace.AnalyticsRead, r.overview),
		page.Get("/insights/audience", workspace.AnalyticsRead, r.audience),
		page.Get("/insights/posts/{target}", workspace.AnalyticsRead, r.target),
		page.Post("/insights/posts/{target}/refresh", workspace.AnalyticsRead, r.refresh),
	}
}

const perPage = 25

// view is everything the overview shows.
type view struct {
	Period     insight.Period
	Span       string
	Zone       *time.Location
	Currency   string
	Query      url.Values
	Tabs       []ui.Tab
	Stats      []ui.StatProps
	Charts     []chart.LineData
	Channels   []ui.Option
	Campaigns  []ui.Option
	Channel    string
	Campaign   string
	Rows       []insight.PostRow
	Total      int
	Offset     int
	Sort       string
	Ascending  bool
	NoChannels bool
}

func (r Rooms) overview(c *page.Context) error {
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	ctx, actor, loc := c.Ctx(), c.Actor(), c.Zone()
	p, err := show.Period(c.R.URL.Query(), loc.String(), show.Now())
	if err != nil {
		return err
	}
	v := view{Period: p, Span: show.Span(p, loc), Zone: loc, Currency: w.Currency, Query: c.R.URL.Query(), Channel: c.Query("channel"), Campaign: c.Query("campaign"),
		Sort: c.Query("sort"), Ascending: c.Query("dir") == "asc"}
	if v.Sort == "" {
		v.Sort = "published"
	}
	v.Tabs = show.PeriodTabs("/insights", v.Query, p)
	scope := insight.Scope{ChannelID: v.Channel, CampaignID: v.Campaign}
	if v.Stats, err = r.stats(c, p, scope, w.Currency); err != nil {
		return err
	}
	if v.Charts, err = r.charts(c, p, scope, w.Currency); err != nil {
		return err
	}
	channels, err := r.Channels.List(ctx, actor)
	if err != nil {
		return err
	}
	v.NoChannels = len(channels) == 0
	for _, ch := range channels {
		v.Channels = append(v.Channels, ui.Option{Value: ch.ID, Label: ch.Name + " · " + ui.NetworkName(ch.Network)})
	}
	campaigns, err := r.Campaigns.List(ctx, actor)
	if err != nil {
		return err
	}
	for _, k := range campaigns {
		v.Campaigns = append(v.Campaigns, ui.Option{Value: k.ID, Label: k.Name})
	}
	v.Offset, _ = strconv.Atoi(c.Query("offset"))
	v.Offset = max(v.Offset, 0)
	if v.Rows, v.Total, err = r.Insight.PostTable(ctx, actor, p, scope, w.Currency, v.Sort, v.Ascending, v.Offset, perPage); err != nil {
		return err
	}
	return c.Render(200, "Insights", "insights", overviewPage(v))
}

// stats are the numbers of the period beside those of the period before.
func (r Rooms) stats(c *page.Context, p insight.Period, s insight.Scope, currency string) ([]ui.StatProps, error) {
	both, err := r.all(c, currency, insight.Ask{Period: p, Scope: s}, insight.Ask{Period: p.Before(), Scope: s})
	if err != nil {
		return nil, err
	}
	now, before := both[0], both[1]
	loc := c.Zone()
	against := "against " + show.Span(p.Before(), loc)
	href := map[string]string{"M-NETREV": "/money", "M-CLICK": "/links", "M-FRT": "/inbox", "M-RESPRATE": "/inbox", "M-POSTS": "#posts", "M-ENG": "#posts", "M-IMPR": "#posts"}
	var out []ui.StatProps
	for _, id := range []string{"M-POSTS", "M-IMPR", "M-ENG", "M-ER-IMPR", "M-FOLL", "M-CLICK", "M-NETREV", "M-RESPRATE", "M-FRT"} {
		b := before[id]
		out = append(out, show.Stat(now[id], &b, against, href[id], loc))
	}
	return out, nil
}

func (r Rooms) all(c *page.Context, currency string, asks ...insight.Ask) ([]map[string]insight.Number, error) {
	ctx, actor := c.Ctx(), c.Actor()
	out, err := r.Insight.PostsOf(ctx, actor, asks...)
	if err != nil {
		return nil, err
	}
	currencies := slices.Repeat([]string{currency}, len(asks))
	money, _, err := r.Insight.MoneyOf(ctx, actor, currencies, asks...)
	if err != nil {
		return nil, err
	}
	clicks, _, err := r.Insight.ClicksOf(ctx, actor, asks...)
	if err != nil {
		return nil, err
	}
	for n, a := range asks {
		followers, err := r.Insight.Followers(ctx, actor, a.Period, a.Scope)
		if err != nil {
			return nil, err
		}
		answers, err := r.Insight.Answers(ctx, actor, a.Period, a.Scope)
		if err != nil {
			return nil, err
		}
		maps.Copy(out[n], money[n])
		maps.Copy(out[n], followers)
		maps.Copy(out[n], answers)
		out[n]["M-CLICK"] = clicks[n]
	}
	return out, nil
}

// charts draw the period day by day.
func (r Rooms) charts(c *page.Context, p insight.Period, s insight.Scope, currency string) ([]chart.LineData, error) {
	loc := c.Zone()
	var out []chart.LineData
	for _, w := range []struct {
		id, title, unit string
		from            bool
	}{{"M-ENG", "Engagements by publication day", "engagements", false}, {"M-FOLL", "Followers", "followers", true}, {"M-CLICK", "Clicks on short links", "clicks", false},
		{"M-NETREV", "Net revenue", currency, false}} {
		points, err := r.Insight.Series(c.Ctx(), c.Actor(), w.id, p, s, currency)
		if err != nil {
			return nil, err
		}
		out = append(out, Line(metric.Define(w.id), w.title, w.unit, points, loc, currency, w.from))
	}
	return out, nil
}

// Line draws a series with its definition as the summary.
func Line(d metric.Definition, title, unit string, points []insight.Point, loc *time.Location, currency string, fromData bool) chart.LineData {
	line := chart.LineData{Head: chart.Head{ID: "chart-" + d.ID + "-" + title, Title: title, Summary: d.Name + ": " + d.Formula + ".", Zone: loc.String(), Empty: "Nothing in this period yet."},
		Location: loc, Layout: "2 Jan 2006", Unit: unit, FromData: fromData}
	series := chart.Series{Label: d.Name, Area: true}
	any := false
	for _, p := range points {
		value := chart.Missing()
		if p.Has {
			value, any = p.Value, any || p.Value != 0
			if d.Type == metric.Money {
				value = p.Value / scale(currency)
			}
		}
		line.Times, series.Values = append(line.Times, p.At), append(series.Values, value)
	}
	if any {
		line.Series = []chart.Series{series}
	}
	return line
}

func scale(currency string) float64 {
	s := 1.0
	for range digits(currency) {
		s *= 10
	}
	return s
}

func (v view) sortURL(by string) string {
	direction := ""
	if v.Sort == by && !v.Ascending {
		direction = "asc"
	}
	q := url.Values{}
	for k, vs := range v.Query {
		q[k] = vs
	}
	q.Del("offset")
	q.Set("sort", by)
	q.Del("dir")
	if direction != "" {
		q.Set("dir", direction)
	}
	return "/insights?" + q.Encode() + "#posts"
}

func (v view) sorted(by string) string {
	switch {
	case v.Sort != by:
		return ""
	case v.Ascending:
		return "asc"
	}
	return "desc"
}

func (v view) pages() ui.PaginationProps {
	p := ui.PaginationProps{Label: "Posts", From: v.Offset + 1, To: v.Offset + len(v.Rows), Total: v.Total}
	if v.Offset > 0 {
		p.Previous = show.With("/insights", v.Query, "offset", fmt.Sprint(max(v.Offset-perPage, 0)))
	}
	if v.Offset+len(v.Rows) < v.Total {
		p.Next = show.With("/insights", v.Query, "offset", fmt.Sprint(v.Offset+perPage))
	}
	return p
}
