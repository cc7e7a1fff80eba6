package compose

import (
	"fmt"
	"slices"
	"strings"
	"time"

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

func options(s network.Setting) []ui.Option {
	var out []ui.Option
	for _, o := range s.Options {
		out = append(out, ui.Option{Value: o.Value, Label: o.Label})
	}
	return out
}

func among(list, value string) bool {
	return slices.Contains(strings.Split(list, ","), value)
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
	if a.Width > 0 {
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
