// Package strategy is the screen of goals and campaigns (S-GOALS, S-CAMPAIGN): what a brand wants, how far it is, and
// the campaigns that join posts, links, conversations and orders for it.
package strategy

import (
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/strategy"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/web/ui/chart"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screens speak with.
type Rooms struct {
	Goals      *strategy.Goals
	Campaigns  *campaign.Campaigns
	Channels   *channel.Channels
	Insight    *insight.Insight
	Posts      *post.Posts
	Inbox      *inbox.Inbox
	Workspaces *workspace.Workspaces
}

// Routes are the screens' addresses.
func Routes(r Rooms) []page.Route {
	return []page.Route{
		page.Get("/goals", workspace.GoalRead, r.goals),
		page.Get("/goals/new", workspace.GoalEdit, r.newGoal),
		page.Post("/goals", workspace.GoalEdit, r.setGoal),
		page.Get("/goals/{id}", workspace.GoalRead, r.goal),
		page.Get("/goals/{id}/edit", workspace.GoalEdit, r.editGoal),
		page.Post("/goals/{id}", workspace.GoalEdit, r.adjustGoal),
		page.Post("/goals/{id}/close", workspace.GoalEdit, r.closeGoal),
		page.Get("/campaigns", workspace.CampaignRead, r.campaigns),
		page.Get("/campaigns/new", workspace.CampaignEdit, r.newCampaign),
		page.Post("/campaigns", workspace.CampaignEdit, r.makeCampaign),
		page.Get("/campaigns/{id}", workspace.CampaignRead, r.campaign),
		page.Get("/campaigns/{id}/edit", workspace.CampaignEdit, r.editCampaign),
		page.Post("/campaigns/{id}", workspace.CampaignEdit, r.saveCampaign),
	}
}

func (r Rooms) goals(c *page.Context) error {
	all, err := r.Goals.List(c.Ctx(), c.Actor())
	if err != nil {
		return err
	}
	var open, ended []strategy.Goal
	for _, g := range all {
		if g.State != strategy.Active && g.State != strategy.Draft {
			ended = append(ended, g)
			continue
		}
		open = append(open, g)
	}
	running, err := r.Insight.ProgressOf(c.Ctx(), c.Actor(), open...)
	if err != nil {
		return err
	}
	return c.Render(200, "Goals", "goals", goalsPage(running, ended, c.Actor().CanSomewhere(workspace.GoalEdit), c.Zone()))
}

// goalView is one goal with what its page shows.
type goalView struct {
	Progress insight.Progress
	Chart    chart.LineData
	Changes  []strategy.Change
	Owner    string
	Campaign campaign.Campaign
	Rows     string // where the rows behind the number are
	Edit     bool
	Zone     *time.Location
}

func (r Rooms) goal(c *page.Context) error {
	ctx, actor := c.Ctx(), c.Actor()
	g, err := r.Goals.Get(ctx, actor, c.Path("id"))
	if err != nil {
		return err
	}
	v := goalView{Edit: actor.CanSomewhere(workspace.GoalEdit), Zone: c.Zone(), Rows: rowsOf(g)}
	if v.Progress, err = r.Insight.Progress(ctx, actor, g); err != nil {
		return err
	}
	if v.Changes, err = r.Goals.Changes(ctx, actor, g.ID); err != nil {
		return err
	}
	if g.CampaignID != "" {
		if v.Campaign, err = r.Campaigns.Get(ctx, actor, g.CampaignID); err != nil {
			return err
		}
	}
	if m, err := r.Workspaces.Member(ctx, actor, g.OwnerID); err == nil {
		v.Owner = m.Name
	}
	v.Chart = pace(v.Progress)
	return c.Render(200, g.Name, "goals", goalPage(v))
}

// rowsOf is the screen that lists the rows a goal's number is computed from.
func rowsOf(g strategy.Goal) string {
	from, to := g.StartsAt.Format("2006-01-02"), g.EndsAt.Add(-time.Second).Format("2006-01-02")
	span := "?from=" + from + "&to=" + to
	if g.CampaignID != "" {
		span += "&campaign=" + g.CampaignID
	}
	switch g.Metric {
	case "M-REV", "M-NETREV", "M-ORDERS":
		return "/money/orders" + span
	case "M-CLICK":
		return "/links" + span
	case "M-CONVN":
		return "/money" + span
	case "M-MSGIN":
		return "/inbox"
	}
	return "/insights" + span + "#posts"
}

// pace draws the KPI beside the straight line from baseline to target.
func pace(p insight.Progress) chart.LineData {
	g := p.Goal
	scale := 1.0
	unit := metric.Define(g.Metric).Name
	if metric.Define(g.Metric).Type == metric.Money {
		unit = g.Currency
		for range customer.Digits(g.Currency) {
			scale *= 10
		}
	}
	loc, err := time.LoadLocation(g.Zone)
	if err != nil {
		loc = time.UTC
	}
	line := chart.LineData{Head: chart.Head{ID: "pace", Title: "Progress against pace", Summary: show.Value(p.Actual) + " of " + amount(g, g.Target) + "; by today " + amount(g, p.Expected) + " were expected.",
		Zone: loc.String(), Empty: "The period has not begun."}, Location: loc, Layout: "2 Jan 2006", Unit: unit}
	actual, want := chart.Series{Label: "Actual", Area: true}, chart.Series{Label: "Pace to the target", Pace: true}
	for _, point := range p.Points {
		line.Times = append(line.Times, point.At)
		value := chart.Missing()
		if point.Has {
			value = point.Value / scale
		}
		actual.Values = append(actual.Values, value)
		want.Values = append(want.Values, float64(g.Expected(point.At.AddDate(0, 0, 1)))/scale)
	}
	line.Series = []chart.Series{actual, want}
	return line
}

// amount writes a goal's value in its unit.
func amount(g strategy.Goal, v int64) string {
	if metric.Define(g.Metric).Type == metric.Money {
		return show.Money(v, g.Currency)
	}
	return show.Count(v)
}

// goalForm is the form of a goal with what it offers.
type goalForm struct {
	Form      *page.Form
	Goal      strategy.Goal // zero for a new one
	Brands    []ui.Option
	Campaigns []ui.Option
	Channels  []ui.Option
	Members   []ui.Option
	Currency  string
	Zone      string
}

func (r Rooms) options(c *page.Context, f *page.Form) (goalForm, error) {
	ctx, actor := c.Ctx(), c.Actor()
	out := goalForm{Form: f}
	w, err := c.Workspace()
	if err != nil {
		return out, err
	}
	out.Currency, out.Zone = w.Currency, w.Zone
	brands, err := c.Brands()
	if err != nil {
		return out, err
	}
	for _, b := range brands {
		out.Brands = append(out.Brands, ui.Option{Value: b.ID, Label: b.Name})
	}
	campaigns, err := r.Campaigns.List(ctx, actor)
	if err != nil {
		return out, err
	}
	for _, k := range campaigns {
		out.Campaigns = append(out.Campaigns, ui.Option{Value: k.ID, Label: k.Name})
	}
	channels, err := r.Channels.List(ctx, actor)
	if err != nil {
		return out, err
	}
	for _, ch := range channels {
		out.Channels = append(out.Channels, ui.Option{Value: ch.ID, Label: ch.Name + " · " + ui.NetworkName(ch.Network)})
	}
	members, err := r.Workspaces.Members(ctx, actor)
	if err != nil {
		return out, err
	}
	for _, m := range members {
		out.Members = append(out.Members, ui.Option{Value: m.UserID, Label: m.Name})
	}
	return out, nil
}

func (r Rooms) newGoal(c *page.Context) error {
	now := time.Now().In(c.Zone())
	quarter := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	f := page.Blank(map[string]string{"metric": "M-NETREV", "baseline": "0", "from": quarter.Format("2006-01-02"), "to": quarter.AddDate(0, 3, -1).Format("2006-01-02"), "owner": c.User.ID})
	v, err := r.options(c, f)
	if err != nil {
		return err
	}
	return c.Render(200, "New goal", "goals", goalFormPage(v))
}

func (r Rooms) editGoal(c *page.Context) error {
	g, err := r.Goals.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	loc, err := time.LoadLocation(g.Zone)
	if err != nil {
		loc = time.UTC
	}
	f := page.Blank(map[string]string{"name": g.Name, "metric": g.Metric, "baseline": plain(g, g.Baseline), "target": plain(g, g.Target), "from": g.StartsAt.In(loc).Format("2006-01-02"),
		"to": g.EndsAt.Add(-time.Second).In(loc).Format("2006-01-02"), "brand": g.BrandID, "campaign": g.CampaignID, "note": g.Note, "version": strconv.Itoa(g.Version), "owner": g.OwnerID})
	f.Set("channels", g.Channels...)
	v, err := r.options(c, f)
	if err != nil {
		return err
	}
	v.Goal = g
	return c.Render(200, "Adjust goal", "goals", goalFormPage(v))
}

func plain(g strategy.Goal, v int64) string {
	if metric.Define(g.Metric).Type == metric.Money {
		return customer.Format(v, g.Currency)
	}
	return strconv.FormatInt(v, 10)
}

// edit reads the form; what is wrong is noted in it.
func (r Rooms) edit(c *page.Context, f *page.Form) (strategy.Edit, error) {
	w, err := c.Workspace()
	if err != nil {
		return strategy.Edit{}, err
	}
	e := strategy.Edit{BrandID: f.Value("brand"), Name: f.Value("name"), Metric: f.Value("metric"), Zone: w.Zone, OwnerID: f.Value("owner"), CampaignID: f.Value("campaign"),
		Note: f.Value("note"), Channels: f.All("channels"), Reason: f.Value("reason")}
	d := metric.Define(e.Metric)
	if d.Type == metric.Money {
		e.Currency = w.Currency
	}
	for field, into := range map[string]*int64{"baseline": &e.Baseline, "target": &e.Target} {
		var err error
		if d.Type == metric.Money {
			*into, err = customer.Parse(f.Value(field), e.Currency)
		} else {
			*into, err = strconv.ParseInt(f.Value(field), 10, 64)
		}
		if err != nil {
			f.Wrong(field, "Write a number, such as 12000.")
		}
	}
	e.StartsAt = day(f, "from", w.Zone)
	if e.EndsAt = day(f, "to", w.Zone); !e.EndsAt.IsZero() {
		loc, err := time.LoadLocation(w.Zone)
		if err != nil {
			return e, err
		}
		e.EndsAt = e.EndsAt.In(loc).AddDate(0, 0, 1).UTC()
	}
	return e, nil
}

func (r Rooms) setGoal(c *page.Context) error {
	return r.keepGoal(c, func(e strategy.Edit, _ *page.Form) (strategy.Goal, error) { return r.Goals.Set(c.Ctx(), c.Actor(), e) }, strategy.Goal{})
}

func (r Rooms) adjustGoal(c *page.Context) error {
	g, err := r.Goals.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	return r.keepGoal(c, func(e strategy.Edit, f *page.Form) (strategy.Goal, error) {
		return r.Goals.Adjust(c.Ctx(), c.Actor(), g.ID, f.Int("version", 1, 1<<30), e)
	}, g)
}

func (r Rooms) keepGoal(c *page.Context, keep func(strategy.Edit, *page.Form) (strategy.Goal, error), g strategy.Goal) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	e, err := r.edit(c, f)
	if err != nil {
		return err
	}
	if f.OK() {
		saved, err := keep(e, f)
		if err == nil {
			c.Done("The goal is set.")
			return c.Redirect("/goals/" + saved.ID)
		}
		if !f.Refuse(err) {
			return err
		}
	}
	v, err := r.options(c, f)
	if err != nil {
		return err
	}
	v.Goal = g
	return c.Render(f.Status(), "Goal", "goals", goalFormPage(v))
}

func (r Rooms) closeGoal(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Goals.Close(c.Ctx(), c.Actor(), c.Path("id"), strategy.State(f.Value("as"))); err != nil {
		return err
	}
	c.Done("The goal has ended.")
	return c.Redirect("/goals/" + c.Path("id"))
}

// day reads a date field as the start of that day in a zone.
func day(f *page.Form, field, zone string) time.Time {
	if f.Value(field) == "" {
		return time.Time{}
	}
	at, err := when.First(f.Value(field)+"T00:00", zone)
	if err != nil {
		f.Wrong(field, "Choose a day.")
	}
	return at
}
