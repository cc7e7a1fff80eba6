package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/preflight"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// day is one column of the week or one field of the month.
type day struct {
	Date    string // 2026-11-24
	Label   string // Tuesday 24 November
	Weekday string
	Number  string
	Today   bool
	Outside bool // belongs to another month
	Past    bool // nothing can be planned for it any more
	Black   []string
	Hours   []hour // day and week
	Cards   []card // month
	More    []card // month: what does not fit
	Free    int    // month: free slots
	Count   int
}

// hour is one place of a day's column.
type hour struct {
	Slot   string // 2026-11-24T10:00
	Label  string
	Clock  string // 10:00
	Past   bool
	Now    bool
	Black  bool
	Cards  []card
	More   []card // week: what does not fit
	Ghosts []ghost
}

// card is one target.
type card struct {
	ID      string
	Clock   string
	Network string
	Channel string
	Text    string
	Title   string // what hovering says: state, channel, the time in every zone that matters
	Class   string
	Note    string // why it is held, or its numbers
	Fixed   bool   // cannot be moved
	Native  bool   // made outside Bellwether
	Danger  bool   // something stands in its way
}

// ghost is one or more free slots of a moment.
type ghost struct {
	Wall     string // in the person's zone
	Clock    string
	Label    string
	Href     string
	Networks []string
}

// fits is how many cards of a month's day, or of an hour of the week, are shown at once; the rest unfolds.
const fits = 5

// grid turns what was read into days.
type grid struct {
	view     *view
	now      time.Time
	entries  []post.Entry
	channels []channel.Channel
	free     []post.Place
	black    []post.Blackout
	glances  map[string]insight.Glance
	marks    map[string]preflight.Finding // what stands in the way of planned targets
	actor    workspace.Actor
}

func (g *grid) fill() {
	v := g.view
	if v.Mode == "list" {
		g.list()
		return
	}
	cards := map[string][]card{}
	clocks := map[string][]string{}
	first, last := 8, 18
	for _, e := range g.entries {
		t := e.DueAt.In(v.Zone)
		key := t.Format(dayLayout)
		cards[key] = append(cards[key], g.card(e, t))
		clocks[key] = append(clocks[key], t.Format("15"))
		first, last = min(first, t.Hour()), max(last, t.Hour())
	}
	ghosts := g.ghosts()
	for key := range ghosts {
		for _, gh := range ghosts[key] {
			h := int(gh.Clock[0]-'0')*10 + int(gh.Clock[1]-'0')
			first, last = min(first, h), max(last, h)
		}
	}
	today := g.now.In(v.Zone).Format(dayLayout)
	for d := v.From; d.Before(v.To); d = time.Date(d.Year(), d.Month(), d.Day()+1, 0, 0, 0, 0, v.Zone) {
		key := d.Format(dayLayout)
		one := day{Date: key, Label: d.Format("Monday 2 January"), Weekday: d.Format("Mon"), Number: d.Format("2"), Today: key == today, Past: key < today,
			Outside: v.Mode == "month" && d.Month() != v.At.Month(), Count: len(cards[key])}
		next := time.Date(d.Year(), d.Month(), d.Day()+1, 0, 0, 0, 0, v.Zone)
		for _, b := range g.black {
			if b.StartsAt.Before(next) && b.EndsAt.After(d) {
				one.Black = append(one.Black, b.Name)
			}
		}
		if v.Mode == "month" {
			one.Cards, one.Free = cards[key], len(ghosts[key])
			if len(one.Cards) > fits+1 {
				one.Cards, one.More = one.Cards[:fits], one.Cards[fits:]
			}
		} else {
			one.Hours = g.hours(d, key, first, last, cards[key], clocks[key], ghosts[key])
		}
		v.Days = append(v.Days, one)
	}
}

// hours lays a day's cards and free slots out over its hours.
func (g *grid) hours(d time.Time, key string, first, last int, cards []card, clocks []string, ghosts []ghost) []hour {
	var all []hour
	for h := first; h <= last; h++ {
		clock := fmt.Sprintf("%02d:00", h)
		start := time.Date(d.Year(), d.Month(), d.Day(), h, 0, 0, 0, g.view.Zone)
		one := hour{Slot: key + "T" + clock, Clock: clock, Label: d.Format("Mon 2 Jan, ") + clock, Past: start.Add(time.Hour).Before(g.now), Now: !g.now.Before(start) && g.now.Before(start.Add(time.Hour))}
		one.Black = slices.ContainsFunc(g.black, func(b post.Blackout) bool {
			return len(b.Channels) == 0 && b.StartsAt.Before(start.Add(time.Hour)) && b.EndsAt.After(start)
		})
		for i, c := range cards {
			if clocks[i] == clock[:2] {
				one.Cards = append(one.Cards, c)
			}
		}
		if g.view.Mode == "week" && len(one.Cards) > fits+1 {
			one.Cards, one.More = one.Cards[:fits], one.Cards[fits:]
		}
		for _, gh := range ghosts {
			if gh.Clock[:2] == clock[:2] {
				one.Ghosts = append(one.Ghosts, gh)
			}
		}
		all = append(all, one)
	}
	return all
}

// ghosts are the free slots by day, those of one moment as one.
func (g *grid) ghosts() map[string][]ghost {
	out := map[string][]ghost{}
	for i := 0; i < len(g.free); {
		at := g.free[i].At
		wall := when.Wall(at, g.view.Zone.String())
		one := ghost{Wall: wall, Clock: wall[11:], Href: "/compose?at=" + wall}
		var names []string
		for ; i < len(g.free) && g.free[i].At.Equal(at); i++ {
			on := slices.IndexFunc(g.channels, func(ch channel.Channel) bool { return ch.ID == g.free[i].ChannelID })
			one.Href += "&channel=" + g.free[i].ChannelID
			if network := g.channels[on].Network; !slices.Contains(one.Networks, network) {
				one.Networks = append(one.Networks, network)
			}
			name := g.channels[on].Name
			if kind := g.free[i].Kind; kind != "" {
				name += " (" + kind + ")"
			}
			names = append(names, name)
		}
		if len(one.Networks) > 2 {
			one.Networks = one.Networks[:2]
		}
		one.Label = " slot: " + strings.Join(names, ", ")
		out[wall[:10]] = append(out[wall[:10]], one)
	}
	return out
}

func (g *grid) card(e post.Entry, t time.Time) card {
	n := 90
	if g.view.Mode == "month" {
		n = 44
	}
	text := show.Clip(e.Name(), n)
	if text == "" {
		text = "(no text)"
	}
	c := card{ID: e.ID, Clock: t.Format("15:04"), Network: e.Network, Channel: e.ChannelName, Text: text, Class: "cal-card is-" + string(e.State), Fixed: !g.movable(e)}
	if e.Recurring {
		c.Class += " is-recurring"
	}
	if c.Native = e.Origin == post.Native; c.Native {
		c.Class += " is-native"
	}
	c.Title = ui.StateLabel(e.Origin.Shown(e.State)) + " · " + e.ChannelName + " · " + zones(e, g.view.Zone)
	mark, danger := g.marks[e.ID]
	switch {
	case danger:
		c.Danger, c.Note = true, mark.Message
		c.Class += " is-in-danger"
		c.Title += " · " + show.Clip(mark.Message, 160)
	case e.HeldReason != "":
		c.Note = e.HeldReason
		c.Title += " · " + show.Clip(e.HeldReason, 160)
	case !e.PublishedAt.IsZero():
		c.Note = numbers(g.glances[e.ID])
	}
	return c
}

func (g *grid) movable(e post.Entry) bool {
	switch e.State {
	case post.Draft, post.Scheduled, post.Held, post.Failed:
		return g.actor.May(workspace.PostSchedule, workspace.Scope{BrandID: e.BrandID, ChannelID: e.ChannelID}) == nil
	}
	return false
}

// zones is the entry's time in its own zone, when that is not the one shown.
func zones(e post.Entry, shown *time.Location) string {
	clock := e.DueAt.In(shown).Format("15:04")
	if e.Zone == "" || e.Zone == shown.String() {
		return clock + " " + shown.String()
	}
	return clock + " " + shown.String() + ", " + strings.Replace(e.Wall, "T", " ", 1) + " " + e.Zone
}

// numbers is a published target's result in a few words; "" when nothing was delivered yet.
func numbers(gl insight.Glance) string {
	var parts []string
	if gl.Impressions != nil {
		parts = append(parts, show.Count(*gl.Impressions)+" views")
	}
	if gl.Engagements != nil {
		parts = append(parts, show.Count(*gl.Engagements)+" reactions")
	}
	return strings.Join(parts, " · ")
}

// draftName is what the tray calls a draft.
func draftName(p post.Post) string {
	if p.Title != "" {
		return show.Clip(p.Title, 80)
	}
	if len(p.Base.Parts) > 0 {
		if text := show.Clip(p.Base.Parts[0].Text, 80); text != "" {
			return text
		}
	}
	return "(no text)"
}
