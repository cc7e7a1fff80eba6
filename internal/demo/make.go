package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/attribution"
	"github.com/bellwether-social/bellwether/internal/audience"
	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/native"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/strategy"
	"github.com/bellwether-social/bellwether/internal/threshold"
	"github.com/bellwether-social/bellwether/internal/track"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the sample is made through.
type Rooms struct {
	DB          *db.DB
	Accounts    *account.Accounts
	Workspaces  *workspace.Workspaces
	Channels    *channel.Channels
	Posts       *post.Posts
	Campaigns   *campaign.Campaigns
	Goals       *strategy.Goals
	Links       *link.Links
	Track       *track.Track
	Orders      *customer.Orders
	Attribution *attribution.Attribution
	Metrics     *metric.Metrics
	Audiences   *audience.Audiences
	Inbox       *inbox.Inbox
	Journal     *delivery.Journal
	Natives     *native.Posts
	Thresholds  *threshold.Actions
	Library     *asset.Library
	World       *sandbox.World
}

const zone = "Europe/Berlin"

// sample is what is made, for the steps that follow.
type sample struct {
	Rooms
	actor     workspace.Actor
	owner     account.User
	brand     workspace.Brand
	channels  []channel.Channel
	campaigns []campaign.Campaign
	site      track.Site
	orders    []customer.Order // of the visitors of past posts
	pictures  <-chan drawing
	now       time.Time
}

// Make makes the sample workspace once and returns the person who signs in to it.
func Make(ctx context.Context, r Rooms) (account.User, error) {
	if u, err := r.Accounts.ByEmail(ctx, owner.Email); err == nil {
		return u, nil
	}
	s := &sample{Rooms: r, pictures: draw(), now: db.Now()}
	// A sample that a power cut spoils is made anew.
	err := r.DB.Hurried(ctx, func() error { return s.make(ctx) })
	return s.owner, err
}

func (s *sample) make(ctx context.Context) error {
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{{"people", s.people}, {"channels", s.connect}, {"campaigns", s.plan}, {"past", s.past}, {"posts made outside", s.outside}, {"calendar", s.ahead}, {"troubles", s.inTheWay}, {"conversations", s.talk}, {"goals", s.goals}, {"networks", s.everywhere}, {"thresholds", s.doingWell}, {"calls", s.calls}, {"care", s.care}, {"audience", s.public}} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("make the sample's %s: %w", step.name, err)
		}
	}
	return nil
}

var owner = account.NewUser{Name: "Ida Holm", Email: "ida@demo.invalid", Zone: zone, InstanceOwner: true}

var colleagues = []struct {
	name, email string
	role        workspace.Role
}{{"Marek Dvořák", "marek@demo.invalid", workspace.Manager}, {"Leonie Vogt", "leonie@demo.invalid", workspace.Community}, {"Samir Haddad", "samir@demo.invalid", workspace.Marketer}, {"Ana Ferreira", "ana@demo.invalid", workspace.Creator}}

func (s *sample) people(ctx context.Context) error {
	err := s.DB.Tx(ctx, func(tx *db.Tx) (err error) {
		if s.owner, err = s.Accounts.Add(ctx, tx, owner, ""); err != nil {
			return err
		}
		_, err = s.Workspaces.CreateIn(ctx, tx, s.owner, "", workspace.NewWorkspace{Name: "Nordlys Coffee", Zone: zone, Currency: "EUR", WeekStart: 1, TestMode: true, Brand: "Nordlys"})
		return err
	})
	if err != nil {
		return err
	}
	mine, err := s.Workspaces.Mine(ctx, s.owner.ID)
	if err != nil {
		return err
	}
	if s.actor, err = s.Workspaces.ActorOf(ctx, s.owner, mine[0].ID, "web", ""); err != nil {
		return err
	}
	brands, err := s.Workspaces.Brands(ctx, s.actor)
	if err != nil {
		return err
	}
	s.brand = brands[0]
	for _, c := range colleagues {
		_, token, err := s.Workspaces.Invite(ctx, s.actor, c.email, []workspace.RoleGrant{{Role: c.role}})
		if err != nil {
			return err
		}
		err = s.DB.Tx(ctx, func(tx *db.Tx) error {
			u, err := s.Accounts.Add(ctx, tx, account.NewUser{Name: c.name, Email: c.email, Zone: zone}, "")
			if err != nil {
				return err
			}
			_, err = s.Workspaces.Accept(ctx, tx, token, u)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *sample) connect(ctx context.Context) error {
	for _, a := range []struct {
		handle, name string
		followers    int64
	}{{"nordlys.coffee", "Nordlys Coffee", 4820}, {"nordlys.bar", "Nordlys Espresso Bar", 1310}, {"nordlys.farm", "From the Farm", 760}} {
		s.World.AddAccount(a.handle, a.name, a.followers)
		made, err := s.Channels.SignIn(ctx, s.actor, "sandbox", s.brand.ID, map[string]string{"handle": a.handle})
		if err != nil {
			return err
		}
		s.channels = append(s.channels, made...)
		var slots []post.Slot
		for day := 1; day <= 5; day++ {
			slots = append(slots, post.Slot{Weekday: day, Minute: 9*60 + 30}, post.Slot{Weekday: day, Minute: 17 * 60})
		}
		if err := s.Posts.SetSlots(ctx, s.actor, made[0].ID, slots); err != nil {
			return err
		}
	}
	var err error
	if s.site, err = s.Track.AddSite(ctx, s.actor, "nordlys.example", []string{"https://nordlys.example"}, "cookieless"); err != nil {
		return err
	}
	value := int64(300)
	for _, r := range []track.Rule{{EventName: "order", Name: "Order"}, {EventName: "signup", Name: "Newsletter sign-up", Counting: "visit", ValueMinor: &value, Currency: "EUR"}} {
		if _, err := s.Track.Mark(ctx, s.actor, r); err != nil {
			return err
		}
	}
	return nil
}

func (s *sample) plan(ctx context.Context) error {
	for _, c := range []campaign.Edit{
		{Name: "Winter roast", Message: "A dark, slow roast for dark mornings. From one farm, in small batches.", StartsAt: s.now.AddDate(0, 0, -28), EndsAt: s.now.AddDate(0, 0, 35), Budget: 240000, State: campaign.Active},
		{Name: "Barista classes", Message: "Learn to pull a good espresso in one evening.", StartsAt: s.now.AddDate(0, 0, -14), EndsAt: s.now.AddDate(0, 0, 60), Budget: 60000, State: campaign.Active},
		{Name: "Autumn filter week", Message: "A week of filter coffee.", StartsAt: s.now.AddDate(0, 0, -75), EndsAt: s.now.AddDate(0, 0, -60), State: campaign.Closed},
	} {
		c.BrandID, c.Zone, c.Currency = s.brand.ID, zone, "EUR"
		made, err := s.Campaigns.Create(ctx, s.actor, c)
		if err != nil {
			return err
		}
		s.campaigns = append(s.campaigns, made)
	}
	return nil
}

func (s *sample) goals(ctx context.Context) error {
	start := time.Date(s.now.Year(), s.now.Month(), s.now.Day(), 0, 0, 0, 0, time.UTC).AddDate(0, 0, -30)
	for _, g := range []strategy.Edit{
		{Name: "Revenue from the winter roast", Metric: "M-NETREV", Target: 480000, Currency: "EUR", CampaignID: s.campaigns[0].ID, Note: "Enough to pay the second roaster."},
		{Name: "Clicks to the shop", Metric: "M-CLICK", Target: 2600},
		{Name: "Followers of Nordlys Coffee", Metric: "M-FOLL", Baseline: 4300, Target: 5600, Channels: []string{s.channels[0].ID}},
		{Name: "Engagements", Metric: "M-ENG", Target: 9000},
	} {
		g.BrandID, g.Zone, g.StartsAt, g.EndsAt = s.brand.ID, zone, start, start.AddDate(0, 0, 60)
		if _, err := s.Goals.Set(ctx, s.actor, g); err != nil {
			return err
		}
	}
	return nil
}
