package demo

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/when"
)

// ahead fills the calendar: posts at chosen times, a thread, a poll, queued ones, one that goes out soon, one held and
// drafts.
func (s *sample) ahead(ctx context.Context) error {
	loc, err := when.Zone(zone)
	if err != nil {
		return err
	}
	at := func(days, hour, minute int) string {
		d := s.now.In(loc).AddDate(0, 0, days)
		return time.Date(d.Year(), d.Month(), d.Day(), hour, minute, 0, 0, loc).Format("2006-01-02T15:04")
	}
	soon := s.now.In(loc).Add(2 * time.Minute).Format("2006-01-02T15:04")
	all := []string{s.channels[0].ID, s.channels[1].ID}
	shop := "https://nordlys.example/shop"
	for _, p := range []struct {
		parts    []string
		channels []string
		campaign int
		wall     string
		poll     *network.Poll
	}{
		{[]string{"Good morning. The first winter roast of the day is on the bar. " + shop}, all, 0, soon, nil},
		{[]string{"Tomorrow we roast the second batch. Reserve a bag and we write your name on it. " + shop}, all, 0, at(1, 9, 30), nil},
		{[]string{"How we roast, in three posts. 1: the green beans rest a week.", "2: nine minutes in the drum, nothing added, nothing hurried.", "3: a day of rest before the first cup. Taste it: " + shop}, s.one(0), 0, at(2, 17, 0), nil},
		{[]string{"What should the spring coffee taste of?"}, s.one(0), -1, at(3, 12, 0), &network.Poll{Options: []string{"Berries", "Citrus", "Chocolate", "Flowers"}, Duration: 24 * time.Hour}},
		{[]string{"Two places left in Thursday's barista class. https://nordlys.example/classes"}, s.one(1), 1, at(4, 10, 0), nil},
		{[]string{"A letter from the farm: the new drying beds stand."}, s.one(2), -1, at(6, 9, 30), nil},
		{[]string{"Gift boxes are back, with a card you can write yourself. " + shop}, all, 0, at(9, 9, 30), nil},
	} {
		e := post.Edit{BrandID: s.brand.ID, Channels: p.channels, Base: post.Content{Language: "en"}}
		if p.campaign >= 0 {
			e.CampaignID = s.campaigns[p.campaign].ID
		}
		for i, words := range p.parts {
			part := post.Part{Text: words}
			if i == 0 {
				part.Poll = p.poll
			}
			e.Base.Parts = append(e.Base.Parts, part)
		}
		made, err := s.Posts.Create(ctx, s.actor, e)
		if err != nil {
			return err
		}
		if err := s.Posts.Schedule(ctx, s.actor, made.ID, post.Plan{Wall: p.wall, Zone: zone, Confirm: true}); err != nil && !fault.Is(err, fault.Invalid) {
			return err
		}
	}
	for _, words := range []string{"Our beans travel by sailing ship this winter. Here is why it takes longer and why we like it.", "Ask us anything about espresso, we answer tonight from seven.", "The bar has a new bench. Sit."} {
		made, err := s.Posts.Create(ctx, s.actor, post.Edit{BrandID: s.brand.ID, Channels: s.one(0), Base: post.Content{Parts: []post.Part{{Text: words}}, Language: "en"}})
		if err != nil {
			return err
		}
		if err := s.Posts.Enqueue(ctx, s.actor, made.ID, post.Next, true); err != nil {
			return err
		}
	}
	for _, words := range []string{"Draft: story of the old roaster", "Draft: what is a washed coffee, in plain words?"} {
		if _, err := s.Posts.Create(ctx, s.actor, post.Edit{BrandID: s.brand.ID, Channels: s.one(0), Base: post.Content{Parts: []post.Part{{Text: words}}, Language: "en"}}); err != nil {
			return err
		}
	}
	return nil
}

func (s *sample) one(n int) []string { return []string{s.channels[n].ID} }

// talk lets the public write, and answers some of it.
func (s *sample) talk(ctx context.Context) error {
	for i, words := range []string{"Do you ship the winter roast to Norway?", "My order arrived today, the card inside made my morning. Thank you!", "The link to the classes doesn't open on my phone.", "Is the decaf coming back?", "Best cortado in town 😍"} {
		s.World.Say(s.channels[i%2].RemoteID, network.Comment, "", words)
	}
	s.World.Say(s.channels[0].RemoteID, network.Direct, "", "Hi! Could I pick my order up at the bar instead of having it sent?")
	s.World.Say(s.channels[1].RemoteID, network.Direct, "", "Hello, do you offer classes for companies? We'd be twelve people.")
	for _, ch := range s.channels {
		batchErr := s.Inbox.Poll(ctx, s.actor.WorkspaceID, ch.ID)
		if batchErr != nil {
			return batchErr
		}
	}
	return nil
}
