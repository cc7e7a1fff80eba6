package channels

import (
	"fmt"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/web/ui/chart"
)

// budget reads what of the network's caps and calls is used (C28).
func (r Rooms) budget(c *page.Context, v *oneView) error {
	var err error
	if v.Caps, err = r.Posts.CapUses(c.Ctx(), c.Actor(), v.Channel); err != nil {
		return err
	}
	v.Meter, err = r.Channels.Meter(c.Ctx(), c.Actor(), v.Channel)
	return err
}

// calls is the chart of the last 24 hours.
func (v oneView) calls() chart.BarData {
	d := chart.BarData{Head: chart.Head{ID: "calls", Title: "Calls in the last 24 hours", Zone: v.Zone.String()}, CategoryOf: "Hour",
		Series: []chart.Series{{Label: "Answered"}, {Label: "Refused as too many"}}}
	for _, h := range v.Meter.Hours {
		d.Categories = append(d.Categories, h.Hour.In(v.Zone).Format("15:04"))
		d.Series[0].Values = append(d.Series[0].Values, float64(h.Calls-h.Refused))
		d.Series[1].Values = append(d.Series[1].Values, float64(h.Refused))
	}
	return d
}

// appWords say what all channels of the network called together: they share one application.
func (v oneView) appWords() string {
	return fmt.Sprintf("All channels on %s together: %s calls in these 24 hours.", v.Spec.Name, show.Count(int64(v.Meter.App)))
}

// capProgress is how full a cap's window is, now or at its fullest.
func capProgress(c post.CapUse, zone *time.Location) ui.ProgressProps {
	most := max(c.Sent, c.Most)
	tone := ui.Good
	switch {
	case most >= c.Max:
		tone = ui.Bad
	case most*4 >= c.Max*3:
		tone = ui.Warn
	}
	words := fmt.Sprintf("%s of %s sent", show.Count(int64(c.Sent)), show.Count(int64(c.Max)))
	if c.Planned > 0 {
		words += fmt.Sprintf(", %s planned", show.Count(int64(c.Planned)))
	}
	if c.Most > c.Sent+c.Planned {
		words += fmt.Sprintf(", %s at the fullest", show.Count(int64(c.Most)))
	}
	if !c.Frees.IsZero() {
		words += ", frees " + show.Instant(c.Frees, zone)
	}
	return ui.ProgressProps{Label: capName(c.Cap), Value: min(most, c.Max), Max: c.Max, Tone: tone, Text: words}
}

// callProgress is how much of a budget of calls is used.
func callProgress(b channel.Budget) ui.ProgressProps {
	tone := ui.Good
	switch {
	case b.Used >= b.Max:
		tone = ui.Bad
	case b.Used*4 >= b.Max*3:
		tone = ui.Warn
	}
	return ui.ProgressProps{Label: capName(b.Cap), Value: min(b.Used, b.Max), Max: b.Max, Tone: tone, Text: fmt.Sprintf("%s of %s made", show.Count(int64(b.Used)), show.Count(int64(b.Max)))}
}

func capName(c network.Cap) string {
	name := strings.ToUpper(c.Counts[:1]) + c.Counts[1:] + " in " + lasting(c.Per)
	if c.PerApp {
		name += ", all channels of the application"
	}
	return name
}

func lasting(d time.Duration) string {
	if d >= time.Hour {
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d min", int(d.Minutes()))
}

// saidFacts are the network's own words.
func (v oneView) saidFacts() []ui.Fact {
	var out []ui.Fact
	for _, s := range v.Meter.Said {
		words := fmt.Sprintf("%s of %s left", show.Count(int64(s.Remaining)), show.Count(int64(s.Limit)))
		if !s.ResetsAt.IsZero() {
			words += ", full again " + show.Instant(s.ResetsAt, v.Zone)
		}
		out = append(out, ui.Fact{Name: saidName(s), Text: words})
	}
	return out
}

func saidName(s channel.Said) string {
	switch s.Name {
	case "app":
		return "The application's share"
	case "account":
		return "The account's share"
	case "every call":
		return "Every call"
	}
	return s.Name
}
