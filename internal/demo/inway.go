package demo

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/when"
)

// inTheWay plans two posts that will not go out as they stand, for pre-flight to find (C35): one with a short link that was
// ended, and one on a channel that is paused beyond its time.
func (s *sample) inTheWay(ctx context.Context) error {
	loc, err := when.Zone(zone)
	if err != nil {
		return err
	}
	offer, err := s.Links.Create(ctx, s.actor, link.Order{BrandID: s.brand.ID, URL: "https://nordlys.example/shop/autumn", Slug: "autumn-box", Title: "Autumn box"})
	if err != nil {
		return err
	}
	if err := s.Links.End(ctx, s.actor, offer.ID); err != nil {
		return err
	}
	if err := s.Channels.Pause(ctx, s.actor, s.channels[2].ID, s.now.Add(30*time.Hour), "Maria is travelling; nothing about the farm until she is back"); err != nil {
		return err
	}
	for _, p := range []struct {
		words string
		on    int
		in    time.Duration
	}{
		{"Last chance for the autumn box: " + s.Links.Short(offer), 1, 5 * time.Hour},
		{"The farm in the rain, and why that is good news for spring.", 2, 20 * time.Hour},
	} {
		made, err := s.Posts.Create(ctx, s.actor, post.Edit{BrandID: s.brand.ID, Channels: s.one(p.on), Base: post.Content{Parts: []post.Part{{Text: p.words}}, Language: "en"}})
		if err != nil {
			return err
		}
		at := s.now.In(loc).Add(p.in).Format("2006-01-02T15:04")
		if err := s.Posts.Schedule(ctx, s.actor, made.ID, post.Plan{Wall: at, Zone: zone, Confirm: true}); err != nil {
			return err
		}
	}
	return nil
}
