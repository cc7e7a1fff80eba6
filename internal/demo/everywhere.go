package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// everywhere connects a channel of every other network in test mode, under a brand of its own, and plans one post that
// goes to all of them with each network's own settings. What a network takes only as a video is handed to a person.
func (s *sample) everywhere(ctx context.Context) error {
	brand, err := s.Workspaces.AddBrand(ctx, s.actor, workspace.Brand{Name: "Nordlys Abroad", Zone: zone, Currency: "EUR", Colour: "#7a4b9d"})
	if err != nil {
		return err
	}
	picture, err := s.hang(ctx, brand.ID)
	if err != nil {
		return err
	}
	var made []channel.Channel
	for _, n := range s.Channels.Networks().All() {
		fields := map[string]string{"handle": "nordlys"}
		if n.Spec().Key == "sandbox" {
			continue
		}
		if _, calls := n.(network.Publisher); !calls {
			fields = map[string]string{"name": "Neighbours of the roastery", "address": "https://www.facebook.com/groups/nordlys.example"}
		}
		connected, err := s.Channels.SignIn(ctx, s.actor, n.Spec().Key, brand.ID, fields)
		if err != nil {
			return fmt.Errorf("connect %s: %w", n.Spec().Name, err)
		}
		made = append(made, connected...)
	}
	loc, err := when.Zone(zone)
	if err != nil {
		return err
	}
	soon := s.now.In(loc).Add(4 * time.Minute).Format("2006-01-02T15:04")
	e := post.Edit{BrandID: brand.ID, CampaignID: s.campaigns[0].ID, Variants: map[string]post.VariantEdit{},
		Base: post.Content{Language: "en", Parts: []post.Part{{Text: "The winter roast now ships to all of Europe. https://nordlys.example/shop", Media: []post.MediaUse{{AssetID: picture.ID}}}}}}
	for _, ch := range made {
		e.Channels = append(e.Channels, ch.ID)
		e.Variants[ch.ID] = post.VariantEdit{Settings: settings(s.Channels.Network(ch).Spec().For(ch.Account))}
	}
	previews, err := s.Posts.Preview(ctx, s.actor, e)
	if err != nil {
		return err
	}
	for _, p := range previews {
		if p.Blocked() {
			e.Variants[p.Channel.ID].Settings[network.ByHandSetting] = "yes"
		}
	}
	all, err := s.Posts.Create(ctx, s.actor, e)
	if err != nil {
		return err
	}
	return s.Posts.Schedule(ctx, s.actor, all.ID, post.Plan{Wall: soon, Zone: zone, Confirm: true})
}

// settings answers what a network asks for every post: a title, a board, who may see it.
func settings(spec network.Spec) map[string]string {
	out := map[string]string{}
	for _, set := range spec.Settings {
		if set.Default != "" || !set.Required {
			continue
		}
		switch set.Kind {
		case network.Choice:
			for _, o := range set.Options {
				if o.Value != "" {
					out[set.Key] = o.Value
					break
				}
			}
		case network.Text:
			out[set.Key] = "The winter roast"
		}
	}
	return out
}
