// Package links is the screen of short links (S-LINKS): making them, their QR codes, and their clicks with people,
// programs and previews apart.
package links

import (
	"time"

	"rsc.io/qr"

	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/utm"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/web/ui/chart"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screen speaks with.
type Rooms struct {
	Links     *link.Links
	Insight   *insight.Insight
	Campaigns *campaign.Campaigns
}

// Routes are the screen's addresses.
func Routes(r Rooms) []page.Route {
	return []page.Route{
		page.Get("/links", workspace.AnalyticsRead, r.list),
		page.Post("/links", workspace.LinkEdit, r.create),
		page.Get("/links/{id}", workspace.AnalyticsRead, r.one),
		page.Get("/links/{id}/qr.png", workspace.AnalyticsRead, r.qr),
		page.Post("/links/{id}/end", workspace.LinkEdit, r.end),
	}
}

type listView struct {
	Period    insight.Period
	Tabs      []ui.Tab
	Span      string
	Rows      []insight.LinkRow
	Clicks    ui.StatProps
	ByKind    map[string]int64
	Daily     chart.LineData
	Form      *page.Form
	Brands    []ui.Option
	Campaigns []ui.Option
	Campaign  string
	Target    string
	Edit      bool
	Zone      *time.Location
	Short     func(link.Link) string
	Next      string
}

func (r Rooms) list(c *page.Context) error { return r.show(c, page.Blank(nil)) }

func (r Rooms) show(c *page.Context, f *page.Form) error {
	ctx, actor, loc := c.Ctx(), c.Actor(), c.Zone()
	p, err := show.Period(c.R.URL.Query(), loc.String(), show.Now())
	if err != nil {
		return err
	}
	v := listView{Period: p, Span: show.Span(p, loc), Tabs: show.PeriodTabs("/links", c.R.URL.Query(), p), Form: f, Campaign: c.Query("campaign"), Target: c.Query("target"),
		Edit: actor.CanSomewhere(workspace.LinkEdit), Zone: loc, Short: r.Links.Short}
	clicks, byKind, err := r.Insight.Clicks(ctx, actor, p, insight.Scope{CampaignID: v.Campaign})
	if err != nil {
		return err
	}
	v.ByKind, v.Clicks = byKind, show.Stat(clicks, nil, "", "#links", loc)
	points, err := r.Insight.Series(ctx, actor, "M-CLICK", p, insight.Scope{CampaignID: v.Campaign}, "")
	if err != nil {
		return err
	}
	v.Daily = daily(points, loc)
	if v.Rows, err = r.Insight.LinkTable(ctx, actor, p, v.Campaign, v.Target, 100); err != nil {
		return err
	}
	brands, err := c.Brands()
	if err != nil {
		return err
	}
	for _, b := range brands {
		v.Brands = append(v.Brands, ui.Option{Value: b.ID, Label: b.Name})
	}
	campaigns, err := r.Campaigns.List(ctx, actor)
	if err != nil {
		return err
	}
	for _, k := range campaigns {
		v.Campaigns = append(v.Campaigns, ui.Option{Value: k.ID, Label: k.Name})
	}
	return c.Render(max(200, f.Status()), "Links", "links", listPage(v))
}

func daily(points []insight.Point, loc *time.Location) chart.LineData {
	line := chart.LineData{Head: chart.Head{ID: "clicks", Title: "Clicks a day", Summary: "People following short links; programs and link previews are left out.", Zone: loc.String(), Empty: "Nobody has followed a link in this period."},
		Location: loc, Layout: "2 Jan 2006", Unit: "clicks"}
	s := chart.Series{Label: "Clicks", Area: true}
	any := false
	for _, p := range points {
		value := chart.Missing()
		if p.Has {
			value, any = p.Value, any || p.Value > 0
		}
		line.Times, s.Values = append(line.Times, p.At), append(s.Values, value)
	}
	if any {
		line.Series = []chart.Series{s}
	}
	return line
}

func (r Rooms) create(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	campaign := ""
	if k, err := r.Campaigns.Get(c.Ctx(), c.Actor(), f.Value("campaign")); err == nil {
		campaign = k.UTM
	}
	made, err := r.Links.Create(c.Ctx(), c.Actor(), link.Order{BrandID: f.Value("brand"), CampaignID: f.Value("campaign"), URL: f.Value("url"), Slug: f.Value("slug"), Title: f.Value("title"),
		UTM: utm.Values{Source: f.Value("utm_source"), Medium: f.Value("utm_medium"), Campaign: campaign}})
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.show(c, f)
	}
	c.Done("The link is made: " + r.Links.Short(made))
	return c.Redirect("/links/" + made.ID)
}

type oneView struct {
	Link   link.Link
	Short  string
	ByKind map[string]int64
	Clicks []insight.ClickRow
	Edit   bool
	Zone   *time.Location
}

func (r Rooms) one(c *page.Context) error {
	k, err := r.Links.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	v := oneView{Link: k, Short: r.Links.Short(k), Zone: c.Zone(), Edit: c.Actor().CanSomewhere(workspace.LinkEdit)}
	if v.Clicks, v.ByKind, err = r.Insight.ClickRows(c.Ctx(), c.Actor(), k.ID, 100); err != nil {
		return err
	}
	return c.Render(200, "Link", "links", onePage(v))
}

func (r Rooms) qr(c *page.Context) error {
	k, err := r.Links.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	code, err := qr.Encode(r.Links.Short(k), qr.M)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "the code could not be drawn")
	}
	code.Scale = 8
	c.W.Header().Set("Content-Type", "image/png")
	_, err = c.W.Write(code.PNG())
	return err
}

func (r Rooms) end(c *page.Context) error {
	if err := r.Links.End(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("The link no longer redirects.")
	return c.Redirect("/links/" + c.Path("id"))
}
