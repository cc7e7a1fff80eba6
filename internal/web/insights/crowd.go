package insights

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/bellwether-social/bellwether/internal/audience"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
)

func (v crowd) query() url.Values {
	if v.Channel == "" {
		return url.Values{}
	}
	return url.Values{"channel": {v.Channel}}
}

// silence says why nothing is told at all.
func (v crowd) silence() string {
	if len(v.List) == 1 {
		return cmp.Or(v.List[0].Spec.None, v.List[0].Error, "The network has not been asked yet; it is within the hour.")
	}
	return "None of these channels' networks has told anything yet. What each can tell is listed below."
}

// lede says of how many people the card is.
func (s section) lede() string {
	var out []string
	for _, t := range s.Tables {
		words := strings.ToLower(audience.PopulationName(t.Of))
		if t.Base > 0 {
			words = show.Count(t.Base) + " " + words
		} else {
			words += " of " + strings.Join(t.Channels, ", ")
		}
		out = append(out, words)
	}
	return strings.Join(out, ", ") + "."
}

func (v crowd) ways() (out []string) {
	for _, g := range v.Joined.Groups {
		out = append(out, g.Name(v.Joined.By))
	}
	return out
}

func (v crowd) wayShares() (out []float64) {
	for _, g := range v.Joined.Groups {
		out = append(out, g.Share)
	}
	return out
}

func signed(n int64) string {
	if n > 0 {
		return "+" + show.Count(n)
	}
	return show.Count(n)
}

var growthColumns = []ui.Column{{Label: "Channel", Main: true}, {Label: "Followers", Numeric: true}, {Label: "Net new", Numeric: true, Hint: "Followers at the end − followers at the start (M-FOLLNET)"},
	{Label: "From posts", Numeric: true, Hint: "Followers that posts of the period won, as delivered (M-FOLLGAIN)"}}

func (v crowd) growthRows() []ui.Row {
	var rows []ui.Row
	for _, g := range v.Growth {
		if g.End == nil && g.Won == nil {
			continue // its network tells no followers
		}
		rows = append(rows, ui.Row{Cells: []templ.Component{ui.NetworkMark(ui.NetworkMarkProps{Network: g.Network, Handle: g.Name}), number(g.End), change(g.Start, g.End), number(g.Won)}})
	}
	return rows
}

func (v crowd) magnetRows() []ui.Row {
	var rows []ui.Row
	for _, m := range v.Magnets {
		rows = append(rows, ui.Row{Href: "/insights/posts/" + m.TargetID, Cells: []templ.Component{ui.Two(orUntitled(show.Clip(m.Text, 80)), m.Channel+", "+show.Instant(m.PublishedAt, v.Zone)), ui.Text(signed(m.Won))}})
	}
	return rows
}

func (v crowd) commenterRows() []ui.Row {
	var rows []ui.Row
	for _, c := range v.Commenters {
		var names []string
		for key := range strings.SplitSeq(c.Networks, ",") {
			names = append(names, ui.NetworkName(key))
		}
		where := strings.Join(names, ", ")
		if c.VIP {
			where += " · VIP"
		}
		rows = append(rows, ui.Row{Href: "/contacts/" + c.ContactID, Cells: []templ.Component{ui.Two(c.Name, where), ui.Text(show.Count(c.Conversations)), ui.Text(show.Count(c.Messages)), ui.Text(show.Ago(c.Last, show.Now()))}})
	}
	return rows
}

// askedRows list what each channel's network tells, where it does.
func (v crowd) askedRows() []ui.Row {
	var rows []ui.Row
	for _, c := range v.List {
		if c.Spec.None != "" {
			continue
		}
		rows = append(rows, ui.Row{Cells: []templ.Component{ui.NetworkMark(ui.NetworkMarkProps{Network: c.Network, Handle: c.Name}), ui.Text(tells(c)), ui.Text(v.read(c))}})
	}
	return rows
}

// mute are the channels whose networks tell nothing.
func (v crowd) mute() (out []audience.Left) {
	for _, c := range v.List {
		if c.Spec.None != "" {
			out = append(out, audience.Left{Channel: c.Name + " on " + ui.NetworkName(c.Network), Why: c.Spec.None})
		}
	}
	return out
}

func tells(c audience.Channel) string {
	if c.Error != "" {
		return c.Error
	}
	var by []string
	for _, p := range audience.Populations {
		var names []string
		for _, t := range c.Spec.Tells {
			if t.Of == p {
				names = append(names, strings.ToLower(audience.DimensionName(t.By)))
			}
		}
		if len(names) > 0 {
			by = append(by, audience.PopulationName(p)+" by "+strings.Join(names, ", "))
		}
	}
	if c.Spec.Hours != "" {
		by = append(by, "active hours")
	}
	out := strings.Join(by, "; ") + "."
	if c.Spec.Minimum > 0 {
		out += fmt.Sprintf(" From %d people on.", c.Spec.Minimum)
	}
	return out
}

func (v crowd) read(c audience.Channel) string {
	if c.Latest == nil {
		return "not yet"
	}
	return show.Instant(c.Latest.At, v.Zone)
}
