package compose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/when"
)

func joined(words []string) string { return strings.Join(words, ", ") }

func brandOptions(v view) []ui.Option {
	var out []ui.Option
	for _, b := range v.Brands {
		out = append(out, ui.Option{Value: b.ID, Label: b.Name})
	}
	return out
}

func settingName(ch channel.Channel, s network.Setting) string { return "set:" + ch.ID + ":" + s.Key }

// setting is the value a setting has now.
func (v view) setting(ch channel.Channel, s network.Setting) string {
	if value, ok := v.Edit.Variants[ch.ID].Settings[s.Key]; ok {
		return value
	}
	return usual(ch, s)
}

// settingError is what the network's rules say of a setting, beside it.
func settingError(v view, ch channel.Channel, s network.Setting) string {
	for _, p := range v.preview(ch.ID).Problems {
		if p.Field == "settings."+s.Key && p.Level == network.Error {
			return strings.TrimSpace(p.Message + " " + p.Fix)
		}
	}
	return ""
}

// offered are the options that fit the channel's other settings as they stand.
func (v view) offered(ch channel.Channel, s network.Setting) []network.Option {
	return s.Offered(func(key string) string {
		for _, other := range v.Specs[ch.ID].Settings {
			if other.Key == key {
				return v.setting(ch, other)
			}
		}
		return ""
	})
}

// choosable reports whether there is more to choose than nothing.
func choosable(offered []network.Option) bool {
	return slices.ContainsFunc(offered, func(o network.Option) bool { return o.Value != "" })
}

// settingPlace is the id of a setting's place on the screen, of letters that a selector takes as they are.
func settingPlace(ch channel.Channel, key string) string { return "setting-" + ch.ID + "-" + key }

// follows draws a setting anew when the one it depends on is changed.
func follows(ch channel.Channel, s network.Setting) templ.Attributes {
	if s.Of == "" {
		return nil
	}
	return templ.Attributes{"hx-post": "/compose/form", "hx-vals": `{"do": "choose"}`, "hx-trigger": "change from:#" + settingPlace(ch, s.Of),
		"hx-target": "this", "hx-select": "#" + settingPlace(ch, s.Key) + " > *", "hx-swap": "innerHTML"}
}

func labelOf(s network.Spec, key string) string {
	for _, set := range s.Settings {
		if set.Key == key {
			return set.Label
		}
	}
	return key
}

func options(offered []network.Option) []ui.Option {
	var out []ui.Option
	for _, o := range offered {
		out = append(out, ui.Option{Value: o.Value, Label: o.Label})
	}
	return out
}

func among(list, value string) bool {
	return slices.Contains(strings.Split(list, ","), value)
}

// cards reports whether a part's files are pictures only, which a document can be made of.
func (v view) cards(p post.Part) bool {
	return len(p.Media) > 0 && !slices.ContainsFunc(p.Media, func(use post.MediaUse) bool { return v.Assets[use.AssetID].Kind != network.Image })
}

// likeWords names a post of the same channel that says the same.
func likeWords(v view, a post.Likeness) string {
	what := "A very similar text"
	if a.Same {
		what = "The same text"
	}
	loc, err := when.Zone(v.Zone)
	if err != nil {
		loc = time.UTC
	}
	return what + " is on " + a.ChannelName + " already: " + show.Instant(a.At, loc) + ", " + loc.String() + "."
}

// sizeWords says what a file is: JPEG, 1920 × 1080, 1.2 MB, 0:42.
func sizeWords(a asset.Asset) string {
	kind := strings.ToUpper(a.MIME[strings.LastIndexByte(a.MIME, '/')+1:])
	words := []string{kind}
	if a.Kind == network.Document {
		words = append(words, show.Pages(a.Pages))
	} else if a.Width > 0 {
		words = append(words, fmt.Sprintf("%d × %d", a.Width, a.Height))
	}
	if a.Duration > 0 {
		words = append(words, fmt.Sprintf("%d:%02d", int(a.Duration.Minutes()), int(a.Duration/time.Second)%60))
	}
	return strings.Join(append(words, show.Bytes(a.Bytes)), ", ")
}

// wall is a Moment as the form's control shows it: the clock of the channel's zone. What is no instant stays as it is, for
// the rules to refuse.
func wall(moment, zone string) string {
	at, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		return moment
	}
	return when.Wall(at, zone)
}

// countWords says how long a text is: "73 of 280 characters", or "73 characters" where there is no limit.
func countWords(c network.Count) string {
	if c.Limit == 0 {
		return itoa(c.Used) + " " + c.Unit
	}
	return itoa(c.Used) + " of " + itoa(c.Limit) + " " + c.Unit
}
