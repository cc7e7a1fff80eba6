package strategy

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/campaign"
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
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// campaignLine is a campaign with its totals.
type campaignLine struct {
	Campaign campaign.Campaign
	Numbers  map[string]insight.Number
}

func (r Rooms) campaigns(c *page.Context) error {
	all, err := r.Campaigns.List(c.Ctx(), c.Actor())
	if err != nil {
		return err
	}
	numbers, err := r.totals(c, all...)
	if err != nil {
		return err
	}
	var lines []campaignLine
	for n, k := range all {
		lines = append(lines, campaignLine{k, numbers[n]})
	}
	return c.Render(200, "Campaigns", "campaigns", campaignsPage(lines, c.Actor().CanSomewhere(workspace.CampaignEdit), c.Zone()))
}

// period is a campaign's own, or from its making until now.
func period(k campaign.Campaign, zone string) insight.Period {
	p := insight.Period{From: k.StartsAt, To: k.EndsAt, Zone: zone}
	if p.From.IsZero() {
		p.From = k.CreatedAt.AddDate(0, 0, -1)
	}
	if p.To.IsZero() || p.To.Sub(p.From) > 3*365*24*time.Hour {
		p.To = show.Now().AddDate(0, 0, 1)
	}
	return p
}

// totals are the numbers of campaigns, each over its own period, in their order.
func (r Rooms) totals(c *page.Context, campaigns ...campaign.Campaign) ([]map[string]insight.Number, error) {
	ctx, actor := c.Ctx(), c.Actor()
	if !actor.CanSomewhere(workspace.AnalyticsRead) {
		return make([]map[string]insight.Number, len(campaigns)), nil // who reads no numbers is shown none, rather than zeros
	}
	var asks []insight.Ask
	var currencies []string
	for _, k := range campaigns {
		asks, currencies = append(asks, insight.Ask{Period: period(k, c.Zone().String()), Scope: insight.Scope{CampaignID: k.ID}}), append(currencies, k.Currency)
	}
	out, err := r.Insight.PostsOf(ctx, actor, asks...)
	if err != nil {
		return nil, err
	}
	money, _, err := r.Insight.MoneyOf(ctx, actor, currencies, asks...)
	if err != nil {
		return nil, err
	}
	clicks, _, err := r.Insight.ClicksOf(ctx, actor, asks...)
	if err != nil {
		return nil, err
	}
	inbound, err := r.Insight.InboundOf(ctx, actor, asks...)
	if err != nil {
		return nil, err
	}
	for n := range out {
		maps.Copy(out[n], money[n])
		out[n]["M-CLICK"], out[n]["M-MSGIN"] = clicks[n], inbound[n]
	}
	return out, nil
}

// campaignView is everything a campaign's page shows.
type campaignView struct {
	Campaign      campaign.Campaign
	Stats         []ui.StatProps
	Posts         []post.Post
	Rows          []insight.PostRow
	Conversations []inbox.Line
	Revenue       chart.LineData
	Goals         []insight.Progress
	Owner         string
	Edit          bool
	Counts, Reads bool // may read numbers, posts
	Zone          *time.Location
}

func (r Rooms) campaign(c *page.Context) error {
	ctx, actor := c.Ctx(), c.Actor()
	k, err := r.Campaigns.Get(ctx, actor, c.Path("id"))
	if err != nil {
		return err
	}
	v := campaignView{Campaign: k, Edit: actor.CanSomewhere(workspace.CampaignEdit), Zone: c.Zone(), Counts: actor.CanSomewhere(workspace.AnalyticsRead),
		Reads: actor.CanSomewhere(workspace.PostRead)}
	numbers, err := r.totals(c, k)
	if err != nil {
		return err
	}
	p, s := period(k, c.Zone().String()), insight.Scope{CampaignID: k.ID}
	span := "?campaign=" + k.ID + "&from=" + p.From.In(v.Zone).Format("2006-01-02") + "&to=" + p.To.Add(-time.Second).In(v.Zone).Format("2006-01-02")
	for _, one := range []struct{ id, href string }{{"M-POSTS", "/insights" + span}, {"M-IMPR", "/insights" + span}, {"M-ENG", "/insights" + span}, {"M-MSGIN", "/inbox?campaign=" + k.ID},
		{"M-CLICK", "/links" + span}, {"M-ORDERS", "/money/orders" + span}, {"M-NETREV", "/money/orders" + span}} {
		v.Stats = append(v.Stats, show.Stat(numbers[0][one.id], nil, "", one.href, v.Zone))
	}
	if v.Posts, _, err = r.Posts.List(ctx, actor, post.Filter{CampaignID: k.ID, Limit: 20}); err != nil {
		return err
	}
	if v.Rows, _, err = r.Insight.PostTable(ctx, actor, p, s, k.Currency, "revenue", false, 0, 10); err != nil {
		return err
	}
	if actor.CanSomewhere(workspace.InboxRead) {
		if v.Conversations, _, err = r.Inbox.List(ctx, actor, inbox.Filter{CampaignID: k.ID, Limit: 8}); err != nil {
			return err
		}
	}
	points, err := r.Insight.Series(ctx, actor, "M-NETREV", p, s, k.Currency)
	if err != nil {
		return err
	}
	v.Revenue = revenueLine(points, k.Currency, v.Zone)
	goals, err := r.Goals.List(ctx, actor)
	if err != nil && actor.CanSomewhere(workspace.GoalRead) {
		return err
	}
	goals = slices.DeleteFunc(goals, func(g strategy.Goal) bool { return g.CampaignID != k.ID })
	if v.Goals, err = r.Insight.ProgressOf(ctx, actor, goals...); err != nil {
		return err
	}
	if m, err := r.Workspaces.Member(ctx, actor, k.OwnerID); err == nil {
		v.Owner = m.Name
	}
	return c.Render(200, k.Name, "campaigns", campaignPage(v))
}

func revenueLine(points []insight.Point, currency string, loc *time.Location) chart.LineData {
	line := chart.LineData{Head: chart.Head{ID: "campaign-revenue", Title: "Net revenue by order day", Summary: metric.Define("M-NETREV").Formula + ", credited by last touch.", Zone: loc.String(), Empty: "No order is credited to this campaign yet."},
		Location: loc, Layout: "2 Jan 2006", Unit: currency}
	scale := 1.0
	for range customer.Digits(currency) {
		scale *= 10
	}
	s := chart.Series{Label: "Net revenue", Area: true}
	any := false
	for _, p := range points {
		value := chart.Missing()
		if p.Has {
			value, any = p.Value/scale, any || p.Value != 0
		}
		line.Times, s.Values = append(line.Times, p.At), append(s.Values, value)
	}
	if any {
		line.Series = []chart.Series{s}
	}
	return line
}

// campaignForm is the form of a campaign with what it offers.
type campaignForm struct {
	Form     *page.Form
	Campaign campaign.Campaign
	Brands   []ui.Option
	Currency string
}

func (r Rooms) campaignOptions(c *page.Context, f *page.Form, k campaign.Campaign) (campaignForm, error) {
	v := campaignForm{Form: f, Campaign: k}
	w, err := c.Workspace()
	if err != nil {
		return v, err
	}
	v.Currency = w.Currency
	brands, err := c.Brands()
	for _, b := range brands {
		v.Brands = append(v.Brands, ui.Option{Value: b.ID, Label: b.Name})
	}
	return v, err
}

func (r Rooms) newCampaign(c *page.Context) error {
	v, err := r.campaignOptions(c, page.Blank(map[string]string{"state": "active", "from": time.Now().In(c.Zone()).Format("2006-01-02")}), campaign.Campaign{})
	if err != nil {
		return err
	}
	return c.Render(200, "New campaign", "campaigns", campaignFormPage(v))
}

func (r Rooms) editCampaign(c *page.Context) error {
	k, err := r.Campaigns.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	values := map[string]string{"name": k.Name, "message": k.Message, "brand": k.BrandID, "state": string(k.State), "version": strconv.Itoa(k.Version), "budget": customer.Format(k.Budget, k.Currency)}
	if !k.StartsAt.IsZero() {
		values["from"] = k.StartsAt.In(c.Zone()).Format("2006-01-02")
	}
	if !k.EndsAt.IsZero() {
		values["to"] = k.EndsAt.Add(-time.Second).In(c.Zone()).Format("2006-01-02")
	}
	v, err := r.campaignOptions(c, page.Blank(values), k)
	if err != nil {
		return err
	}
	return c.Render(200, "Edit campaign", "campaigns", campaignFormPage(v))
}

func (r Rooms) makeCampaign(c *page.Context) error {
	return r.keepCampaign(c, campaign.Campaign{}, func(e campaign.Edit, _ *page.Form) (campaign.Campaign, error) {
		return r.Campaigns.Create(c.Ctx(), c.Actor(), e)
	})
}

func (r Rooms) saveCampaign(c *page.Context) error {
	k, err := r.Campaigns.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	return r.keepCampaign(c, k, func(e campaign.Edit, f *page.Form) (campaign.Campaign, error) {
		return r.Campaigns.Save(c.Ctx(), c.Actor(), k.ID, f.Int("version", 1, 1<<30), e)
	})
}

func (r Rooms) keepCampaign(c *page.Context, k campaign.Campaign, keep func(campaign.Edit, *page.Form) (campaign.Campaign, error)) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	e := campaign.Edit{BrandID: f.Value("brand"), Name: f.Value("name"), Message: f.Value("message"), Zone: w.Zone, Currency: w.Currency, State: campaign.State(f.Value("state")), OwnerID: k.OwnerID,
		StartsAt: day(f, "from", c.Zone().String())}
	if e.EndsAt = day(f, "to", c.Zone().String()); !e.EndsAt.IsZero() {
		e.EndsAt = e.EndsAt.In(c.Zone()).AddDate(0, 0, 1).UTC()
	}
	if budget := f.Value("budget"); budget != "" {
		if e.Budget, err = customer.Parse(budget, w.Currency); err != nil {
			f.Wrong("budget", "Write an amount, such as 1500.00.")
		}
	}
	if f.OK() {
		saved, err := keep(e, f)
		if err == nil {
			c.Done("The campaign is saved.")
			return c.Redirect("/campaigns/" + saved.ID)
		}
		if !f.Refuse(err) {
			return err
		}
	}
	v, err := r.campaignOptions(c, f, k)
	if err != nil {
		return err
	}
	return c.Render(f.Status(), "Campaign", "campaigns", campaignFormPage(v))
}
