// Package money is the screen of revenue (S-MONEY): what posts, campaigns and channels earned by last touch, the orders
// behind every figure with their journeys, importing orders, and the sites and conversions that are counted.
package money

import (
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/attribution"
	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/track"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/web/ui/chart"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screen speaks with.
type Rooms struct {
	Orders      *customer.Orders
	Attribution *attribution.Attribution
	Insight     *insight.Insight
	Track       *track.Track
	Campaigns   *campaign.Campaigns
}

// Routes are the screen's addresses.
func Routes(r Rooms) []page.Route {
	upload := page.Post("/money/import", workspace.OrderImport, r.importFile)
	upload.Body = 33 << 20
	return []page.Route{
		page.Get("/money", workspace.OrderRead, r.overview),
		page.Get("/money/orders", workspace.OrderRead, r.orders),
		page.Get("/money/orders/{id}", workspace.OrderRead, r.order),
		page.Get("/money/import", workspace.OrderImport, r.importForm),
		upload,
		page.Get("/money/tracking", workspace.AnalyticsRead, r.tracking),
		page.Post("/money/sites", workspace.LinkEdit, r.addSite),
		page.Post("/money/conversions", workspace.LinkEdit, r.mark),
		page.Post("/money/conversions/{id}/end", workspace.LinkEdit, r.unmark),
	}
}

type overview struct {
	Period    insight.Period
	Tabs      []ui.Tab
	Span      string
	Query     string // of the period, for drill-down links
	Stats     []ui.StatProps
	Revenue   chart.LineData
	Groups    []insight.Source
	Campaigns []insight.Source
	Channels  []insight.Source
	Posts     []insight.Source
	Others    int64
	Currency  string
	Import    bool
	Zone      *time.Location
}

func (r Rooms) overview(c *page.Context) error {
	ctx, actor, loc := c.Ctx(), c.Actor(), c.Zone()
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	p, err := show.Period(c.R.URL.Query(), loc.String(), show.Now())
	if err != nil {
		return err
	}
	v := overview{Period: p, Tabs: show.PeriodTabs("/money", c.R.URL.Query(), p), Span: show.Span(p, loc), Currency: w.Currency, Zone: loc, Import: actor.CanSomewhere(workspace.OrderImport),
		Query: "from=" + p.From.In(loc).Format("2006-01-02") + "&to=" + p.To.Add(-time.Second).In(loc).Format("2006-01-02")}
	now, others, err := r.Insight.Money(ctx, actor, p, insight.Scope{}, w.Currency)
	if err != nil {
		return err
	}
	before, _, err := r.Insight.Money(ctx, actor, p.Before(), insight.Scope{}, w.Currency)
	if err != nil {
		return err
	}
	v.Others = others
	against := "against " + show.Span(p.Before(), loc)
	for _, id := range []string{"M-NETREV", "M-ORDERS", "M-AOV", "M-REFUND"} {
		b := before[id]
		v.Stats = append(v.Stats, show.Stat(now[id], &b, against, "/money/orders?"+v.Query, loc))
	}
	n, value, err := r.Insight.Conversions(ctx, actor, p, insight.Scope{}, w.Currency)
	if err != nil {
		return err
	}
	v.Stats = append(v.Stats, show.Stat(n, nil, "", "/money/tracking", loc), show.Stat(value, nil, "", "/money/tracking", loc))
	points, err := r.Insight.Series(ctx, actor, "M-NETREV", p, insight.Scope{}, w.Currency)
	if err != nil {
		return err
	}
	v.Revenue = line(points, w.Currency, loc)
	for dimension, into := range map[string]*[]insight.Source{"channel_group": &v.Groups, "campaign": &v.Campaigns, "channel": &v.Channels, "post": &v.Posts} {
		if *into, err = r.Insight.RevenueBy(ctx, actor, p, dimension, w.Currency); err != nil {
			return err
		}
	}
	return c.Render(200, "Money", "money", overviewPage(v))
}

func line(points []insight.Point, currency string, loc *time.Location) chart.LineData {
	l := chart.LineData{Head: chart.Head{ID: "revenue", Title: "Net revenue a day", Summary: "Paid value without tax, less refunds, by order date.", Zone: loc.String(), Empty: "No order in this period."}, Location: loc, Layout: "2 Jan 2006", Unit: currency}
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
		l.Times, s.Values = append(l.Times, p.At), append(s.Values, value)
	}
	if any {
		l.Series = []chart.Series{s}
	}
	return l
}

type ordersView struct {
	Orders []customer.Order
	Total  string
	Why    []string // the filters, in words
	Next   string
	Zone   *time.Location
}

func (r Rooms) orders(c *page.Context) error {
	ctx, actor, loc := c.Ctx(), c.Actor(), c.Zone()
	q := c.R.URL.Query()
	f := customer.Filter{CampaignID: q.Get("campaign"), PostID: q.Get("post"), TargetID: q.Get("target"), ChannelID: q.Get("channel"), Group: q.Get("group"), Unattributed: q.Get("unattributed") == "1", Limit: 100}
	v := ordersView{Zone: loc}
	if q.Get("from") != "" || q.Get("days") != "" {
		p, err := show.Period(q, loc.String(), show.Now())
		if err != nil {
			return err
		}
		f.From, f.To = p.From, p.To
		v.Why = append(v.Why, show.Span(p, loc))
	}
	if at, err := time.Parse(time.RFC3339Nano, q.Get("at")); err == nil {
		f.BeforeAt, f.BeforeID = at, q.Get("before")
	}
	for name, words := range map[string]string{"campaign": "of one campaign", "target": "of one post", "post": "of one post", "channel": "of one channel", "group": "from " + q.Get("group"), "unattributed": "without a known touch"} {
		if q.Get(name) != "" {
			v.Why = append(v.Why, words)
		}
	}
	var more bool
	var err error
	if v.Orders, more, err = r.Orders.List(ctx, actor, f); err != nil {
		return err
	}
	sums := map[string]int64{}
	for _, o := range v.Orders {
		sums[o.Currency] += o.Net()
	}
	var totals []string
	for currency, minor := range sums {
		totals = append(totals, show.Money(minor, currency))
	}
	v.Total = strings.Join(totals, ", ")
	if more {
		last := v.Orders[len(v.Orders)-1]
		q.Set("at", last.OrderedAt.Format(time.RFC3339Nano))
		q.Set("before", last.ID)
		v.Next = "/money/orders?" + q.Encode()
	}
	return c.Render(200, "Orders", "money", ordersPage(v))
}

type orderView struct {
	Order    customer.Order
	Journey  []track.Touchpoint
	Campaign campaign.Campaign
	Zone     *time.Location
}

func (r Rooms) order(c *page.Context) error {
	ctx, actor := c.Ctx(), c.Actor()
	o, err := r.Orders.Get(ctx, actor, c.Path("id"))
	if err != nil {
		return err
	}
	v := orderView{Order: o, Zone: c.Zone()}
	if v.Journey, err = r.Attribution.Journey(ctx, actor, o.ID); err != nil {
		return err
	}
	if o.CampaignID != "" {
		if v.Campaign, err = r.Campaigns.Get(ctx, actor, o.CampaignID); err != nil {
			return err
		}
	}
	return c.Render(200, "Order "+o.Number, "money", orderPage(v))
}

type importView struct {
	Form   *page.Form
	Result *customer.Import
	Zone   string
	Cur    string
}

func (r Rooms) importForm(c *page.Context) error { return r.showImport(c, page.Blank(nil), nil) }

func (r Rooms) showImport(c *page.Context, f *page.Form, result *customer.Import) error {
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	return c.Render(max(200, f.Status()), "Import orders", "money", importPage(importView{Form: f, Result: result, Zone: w.Zone, Cur: w.Currency}))
}

func (r Rooms) importFile(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	text := f.Raw("text")
	name := "pasted rows"
	if files := f.Files("file"); len(files) > 0 {
		opened, err := files[0].Open()
		if err != nil {
			return err
		}
		defer opened.Close()
		result, err := r.Orders.ImportCSV(c.Ctx(), c.Actor(), files[0].Filename, opened, w.Zone, w.Currency, f.Value("do") != "import")
		return r.imported(c, f, result, err)
	}
	if strings.TrimSpace(text) == "" {
		f.Wrong("file", "Choose a file, or paste its rows below.")
		return r.showImport(c, f, nil)
	}
	result, err := r.Orders.ImportCSV(c.Ctx(), c.Actor(), name, strings.NewReader(text), w.Zone, w.Currency, f.Value("do") != "import")
	return r.imported(c, f, result, err)
}

func (r Rooms) imported(c *page.Context, f *page.Form, result customer.Import, err error) error {
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.showImport(c, f, nil)
	}
	return r.showImport(c, f, &result)
}

type trackingView struct {
	Sites []track.Site
	Rules []track.Rule
	Form  *page.Form
	URL   string
	Edit  bool
	Zone  *time.Location
}

func (r Rooms) tracking(c *page.Context) error { return r.showTracking(c, page.Blank(nil)) }

func (r Rooms) showTracking(c *page.Context, f *page.Form) error {
	v := trackingView{Form: f, URL: c.House().URL.String(), Edit: c.Actor().CanSomewhere(workspace.LinkEdit), Zone: c.Zone()}
	var err error
	if v.Sites, err = r.Track.Sites(c.Ctx(), c.Actor()); err != nil {
		return err
	}
	if v.Rules, err = r.Track.Rules(c.Ctx(), c.Actor()); err != nil {
		return err
	}
	return c.Render(max(200, f.Status()), "Tracking", "money", trackingPage(v))
}

func (r Rooms) addSite(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if _, err := r.Track.AddSite(c.Ctx(), c.Actor(), f.Value("name"), strings.Fields(f.Raw("origins")), f.Value("mode")); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.showTracking(c, f)
	}
	c.Done("The site is added. Put its script into the pages.")
	return c.Redirect("/money/tracking")
}

func (r Rooms) mark(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	rule := track.Rule{EventName: f.Value("event_name"), Name: f.Value("rule_name"), Counting: f.Value("counting")}
	if value := f.Value("value"); value != "" {
		minor, err := customer.Parse(value, w.Currency)
		if err != nil {
			f.Wrong("value", "Write an amount, such as 15.00.")
			return r.showTracking(c, f)
		}
		rule.ValueMinor, rule.Currency = &minor, w.Currency
	}
	if _, err := r.Track.Mark(c.Ctx(), c.Actor(), rule); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.showTracking(c, f)
	}
	c.Done("From now on this event counts as a conversion.")
	return c.Redirect("/money/tracking")
}

func (r Rooms) unmark(c *page.Context) error {
	if err := r.Track.Unmark(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("It no longer counts. What was counted stays.")
	return c.Redirect("/money/tracking")
}
