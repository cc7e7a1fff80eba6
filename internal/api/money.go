package api

import (
	"context"
	"encoding/json"
	"time"

	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/track"
	"github.com/bellwether-social/bellwether/internal/utm"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Link is a short link.
type Link struct {
	ID         string    `json:"id"`
	Short      string    `json:"short" doc:"The address people see."`
	URL        string    `json:"url" doc:"The destination, with its UTM values."`
	CampaignID string    `json:"campaign_id,omitempty"`
	PostID     string    `json:"post_id,omitempty"`
	TargetID   string    `json:"target_id,omitempty"`
	ChannelID  string    `json:"channel_id,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
	ExpiresAt  time.Time `json:"expires_at,omitzero"`
}

func (a *API) linkOf(k link.Link) Link {
	return Link{ID: k.ID, Short: a.Links.Short(k), URL: k.URL, CampaignID: k.CampaignID, PostID: k.PostID, TargetID: k.TargetID, ChannelID: k.ChannelID,
		CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt}
}

// Money is an amount of a currency (INV-06).
type Money struct {
	AmountMinor int64  `json:"amount_minor" doc:"Integer minor units: 1234 is 12.34 EUR."`
	Currency    string `json:"currency" doc:"ISO 4217"`
}

// Order is one purchase and the last touch it is credited to.
type Order struct {
	ID         string    `json:"id"`
	Shop       string    `json:"shop,omitempty"`
	OrderID    string    `json:"order_id" doc:"The shop's number; the same one again never adds."`
	CustomerID string    `json:"customer_id,omitempty"`
	Visitor    string    `json:"visitor,omitempty" doc:"What the event script answered; joins the order to its clicks."`
	OrderedAt  time.Time `json:"ordered_at"`
	Amount     Money     `json:"amount" doc:"Paid value without tax."`
	Refund     Money     `json:"refund"`
	State      string    `json:"state"`
	Code       string    `json:"code,omitempty"`
	LinkID     string    `json:"link_id,omitempty"`
	PostID     string    `json:"post_id,omitempty"`
	TargetID   string    `json:"target_id,omitempty"`
	CampaignID string    `json:"campaign_id,omitempty"`
	ChannelID  string    `json:"channel_id,omitempty"`
	Group      string    `json:"channel_group,omitempty"`
	TouchAt    time.Time `json:"touch_at,omitzero"`
}

func orderOf(o customer.Order) Order {
	return Order{ID: o.ID, Shop: o.Shop, OrderID: o.Number, CustomerID: o.Customer, Visitor: o.Visitor, OrderedAt: o.OrderedAt, Amount: Money{o.Amount, o.Currency},
		Refund: Money{o.Refund, o.Currency}, State: o.State, Code: o.Code, LinkID: o.LinkID, PostID: o.PostID, TargetID: o.TargetID, CampaignID: o.CampaignID,
		ChannelID: o.ChannelID, Group: o.Group, TouchAt: o.TouchAt}
}

// OrderIn is an order as a shop sends it.
type OrderIn struct {
	OrderID    string    `json:"order_id" minLength:"1" maxLength:"200"`
	Shop       string    `json:"shop,omitempty" maxLength:"100"`
	OrderedAt  time.Time `json:"ordered_at"`
	Amount     Money     `json:"amount"`
	Tax        int64     `json:"tax_minor,omitempty"`
	Shipping   int64     `json:"shipping_minor,omitempty"`
	Discount   int64     `json:"discount_minor,omitempty"`
	Refund     int64     `json:"refund_minor,omitempty"`
	CustomerID string    `json:"customer_id,omitempty" maxLength:"200"`
	Email      string    `json:"email,omitempty" maxLength:"320" doc:"Finds the contact; it is kept with the contact, not with the order."`
	Visitor    string    `json:"visitor,omitempty" maxLength:"120"`
	Code       string    `json:"code,omitempty" maxLength:"100"`
	Products   []string  `json:"products,omitempty"`
}

// EventIn is one action on the owner's pages or in their systems.
type EventIn struct {
	ID         string          `json:"id,omitempty" doc:"Your own id; the same one again is not counted."`
	SiteID     string          `json:"site_id"`
	Name       string          `json:"name" minLength:"1" maxLength:"80"`
	At         time.Time       `json:"at,omitzero"`
	Visitor    string          `json:"visitor,omitempty"`
	URL        string          `json:"url,omitempty"`
	Referrer   string          `json:"referrer,omitempty"`
	ValueMinor *int64          `json:"value_minor,omitempty"`
	Currency   string          `json:"currency,omitempty"`
	Props      json.RawMessage `json:"props,omitempty"`
}

func (a *API) links() {
	const tag = "Links"
	on(a, "POST", "/links", tag, "Make a short link", workspace.LinkEdit, func(ctx context.Context, actor workspace.Actor, in *struct {
		Body struct {
			URL        string     `json:"url" minLength:"1" maxLength:"2048"`
			BrandID    string     `json:"brand_id,omitempty"`
			CampaignID string     `json:"campaign_id,omitempty"`
			Slug       string     `json:"slug,omitempty"`
			Title      string     `json:"title,omitempty"`
			UTM        utm.Values `json:"utm,omitempty"`
			ExpiresAt  time.Time  `json:"expires_at,omitzero"`
		}
	}) (*Body[Link], error) {
		b := in.Body
		k, err := a.Links.Create(ctx, actor, link.Order{URL: b.URL, BrandID: b.BrandID, CampaignID: b.CampaignID, Slug: b.Slug, Title: b.Title, UTM: b.UTM, ExpiresAt: b.ExpiresAt})
		return body(a.linkOf(k)), err
	})
	on(a, "GET", "/links/{id}", tag, "Read a short link", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Link], error) {
		k, err := a.Links.Get(ctx, actor, in.ID)
		return body(a.linkOf(k)), err
	})
	on(a, "GET", "/sites", "Web", "List the sites whose events are taken in", workspace.AnalyticsRead, func(ctx context.Context, actor workspace.Actor, _ *struct{}) (*Body[[]track.Site], error) {
		rows, err := a.Track.Sites(ctx, actor)
		return body(append([]track.Site{}, rows...)), err
	})
	on(a, "POST", "/sites", "Web", "Add a site", workspace.LinkEdit, func(ctx context.Context, actor workspace.Actor, in *struct {
		Body struct {
			Name    string   `json:"name"`
			Origins []string `json:"origins"`
			Mode    string   `json:"mode,omitempty" enum:"cookieless,statistics" default:"cookieless"`
		}
	}) (*Body[track.Site], error) {
		s, err := a.Track.AddSite(ctx, actor, in.Body.Name, in.Body.Origins, in.Body.Mode)
		return body(s), err
	})
	on(a, "POST", "/events", "Web", "Take in up to 500 events; they are on the disk when this answers", workspace.OrderImport, func(ctx context.Context, actor workspace.Actor, in *struct {
		Body []EventIn `maxItems:"500"`
	}) (*Body[map[string]int], error) {
		sites, err := a.Track.Sites(ctx, actor)
		if err != nil {
			return nil, err
		}
		own := map[string]bool{}
		for _, s := range sites {
			own[s.ID] = true
		}
		events := make([]track.Event, len(in.Body))
		for i, e := range in.Body {
			if !own[e.SiteID] {
				return nil, fault.Invalidf("site_id", "event %d names a site that is not in this workspace", i)
			}
			events[i] = track.Event{WorkspaceID: actor.WorkspaceID, ID: e.ID, SiteID: e.SiteID, Name: e.Name, At: e.At.UTC(), Visitor: e.Visitor, URL: e.URL,
				Referrer: e.Referrer, ValueMinor: e.ValueMinor, Currency: e.Currency, Props: e.Props, Via: "server"}
		}
		return body(map[string]int{"accepted": len(events)}), a.Track.Take(events...)
	})
	on(a, "GET", "/conversions/rules", "Web", "List what counts as a conversion", workspace.AnalyticsRead, func(ctx context.Context, actor workspace.Actor, _ *struct{}) (*Body[[]track.Rule], error) {
		rows, err := a.Track.Rules(ctx, actor)
		return body(append([]track.Rule{}, rows...)), err
	})
	on(a, "POST", "/conversions/rules", "Web", "Mark an event as a conversion", workspace.LinkEdit, func(ctx context.Context, actor workspace.Actor, in *struct {
		Body struct {
			EventName  string `json:"event_name"`
			Name       string `json:"name,omitempty"`
			Counting   string `json:"counting,omitempty" enum:"every,visit" default:"every"`
			ValueMinor *int64 `json:"value_minor,omitempty"`
			Currency   string `json:"currency,omitempty"`
			Lookback   int    `json:"lookback_days,omitempty"`
		}
	}) (*Body[track.Rule], error) {
		b := in.Body
		r, err := a.Track.Mark(ctx, actor, track.Rule{EventName: b.EventName, Name: b.Name, Counting: b.Counting, ValueMinor: b.ValueMinor, Currency: b.Currency, Lookback: b.Lookback})
		return body(r), err
	})
}

func (a *API) money() {
	const tag = "Money"
	on(a, "POST", "/orders", tag, "Record an order once", workspace.OrderImport, func(ctx context.Context, actor workspace.Actor, in *struct{ Body OrderIn }) (*Body[Order], error) {
		b := in.Body
		o, _, err := a.Orders.Record(ctx, actor, customer.Arrival{Email: b.Email, Order: customer.Order{Number: b.OrderID, Shop: b.Shop, OrderedAt: b.OrderedAt.UTC(),
			Amount: b.Amount.AmountMinor, Currency: b.Amount.Currency, Tax: b.Tax, Shipping: b.Shipping, Discount: b.Discount, Refund: b.Refund, Customer: b.CustomerID,
			Visitor: b.Visitor, Code: b.Code, Products: b.Products, Source: "api"}})
		return body(orderOf(o)), err
	})
	on(a, "GET", "/orders", tag, "List orders, the newest first", workspace.OrderRead, func(ctx context.Context, actor workspace.Actor, in *struct {
		From     time.Time `query:"from"`
		To       time.Time `query:"to"`
		Campaign string    `query:"campaign_id"`
		Post     string    `query:"post_id"`
		Target   string    `query:"target_id"`
		Channel  string    `query:"channel_id"`
		Group    string    `query:"channel_group"`
		Cursor   string    `query:"cursor"`
		Limit    int       `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}) (*Body[Page[Order]], error) {
		f := customer.Filter{From: in.From, To: in.To, CampaignID: in.Campaign, PostID: in.Post, TargetID: in.Target, ChannelID: in.Channel, Group: in.Group, Limit: in.Limit}
		var err error
		if f.BeforeAt, f.BeforeID, err = cursor(in.Cursor); err != nil {
			return nil, err
		}
		rows, more, err := a.Orders.List(ctx, actor, f)
		page := Page[Order]{Items: []Order{}}
		for _, o := range rows {
			page.Items = append(page.Items, orderOf(o))
		}
		if more {
			last := rows[len(rows)-1]
			page.Next = last.OrderedAt.Format(time.RFC3339Nano) + "~" + last.ID
		}
		return body(page), err
	})
	on(a, "GET", "/orders/{id}", tag, "Read an order", workspace.OrderRead, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Order], error) {
		o, err := a.Orders.Get(ctx, actor, in.ID)
		return body(orderOf(o)), err
	})
	on(a, "GET", "/orders/{id}/journey", tag, "List the touchpoints behind an order", workspace.OrderRead, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[[]Touchpoint], error) {
		rows, err := a.Attribution.Journey(ctx, actor, in.ID)
		out := []Touchpoint{}
		for _, t := range rows {
			out = append(out, Touchpoint{t.At, t.Kind, t.Group, t.Source, t.Medium, t.Campaign, t.LinkID, t.TargetID, t.ChannelID})
		}
		return body(out), err
	})
}

// Touchpoint is one attributable contact before an order.
type Touchpoint struct {
	At        time.Time `json:"at"`
	Kind      string    `json:"kind"`
	Group     string    `json:"channel_group"`
	Source    string    `json:"source,omitempty"`
	Medium    string    `json:"medium,omitempty"`
	Campaign  string    `json:"campaign,omitempty"`
	LinkID    string    `json:"link_id,omitempty"`
	TargetID  string    `json:"target_id,omitempty"`
	ChannelID string    `json:"channel_id,omitempty"`
}
