package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"time"

	"github.com/bellwether-social/bellwether/internal/asset"
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
	picture, err := s.pictures(ctx, brand.ID)
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

// pictures fills the library with drawn pictures and returns the first.
func (s *sample) pictures(ctx context.Context, brandID string) (asset.Asset, error) {
	var first asset.Asset
	for i, p := range []struct{ name, alt, brand string }{
		{"winter-roast.png", "A cup seen from above on a dark table, steam rising from it.", brandID},
		{"drying-beds.png", "Rows of drying beds under a low sun.", s.brand.ID},
		{"barista-class.png", "Circles of latte art on a bar, one beside the other.", s.brand.ID},
	} {
		var b bytes.Buffer
		if err := png.Encode(&b, drawn(i)); err != nil {
			return first, err
		}
		made, err := s.Library.Add(ctx, s.actor, p.brand, p.name, &b)
		if err != nil {
			return first, err
		}
		if err := s.Library.Describe(ctx, s.actor, made.ID, asset.Description{Name: p.name, Alt: p.alt}); err != nil {
			return first, err
		}
		if i == 0 {
			first = made
		}
	}
	return first, nil
}

// drawn paints a calm picture: a sky from dark to warm, and rings or rows on it.
func drawn(kind int) image.Image {
	const side = 1080
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	from, to := []color.RGBA{{24, 52, 46, 255}, {92, 60, 40, 255}, {40, 44, 72, 255}}[kind], []color.RGBA{{214, 164, 86, 255}, {238, 206, 150, 255}, {226, 170, 160, 255}}[kind]
	for y := range side {
		for x := range side {
			t := float64(y) / side
			if kind == 1 {
				t += 0.08 * math.Sin(float64(x)/40+float64(y)/160)
			} else {
				cx, cy := side/2.0, side*0.55
				if kind == 2 {
					cx, cy = math.Mod(float64(x), 270)-135+float64(x), math.Mod(float64(y), 270)-135+float64(y)
					cx, cy = float64(x)-(cx-float64(x)), float64(y)-(cy-float64(y))
				}
				d := math.Hypot(float64(x)-cx, float64(y)-cy)
				if r := []float64{300, 0, 110}[kind]; d < r {
					t = 0.15 + 0.7*d/r
				} else if d < r+14 {
					t = 1
				}
			}
			t = min(max(t, 0), 1)
			mix := func(a, b uint8) uint8 { return uint8(float64(a) + (float64(b)-float64(a))*t) }
			img.SetRGBA(x, y, color.RGBA{mix(from.R, to.R), mix(from.G, to.G), mix(from.B, to.B), 255})
		}
	}
	return img
}
