package insights

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/audience"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/web/ui/chart"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// crowd is everything the screen of the public shows.
type crowd struct {
	Zone       *time.Location
	Channel    string
	Channels   []ui.Option
	List       []audience.Channel
	Stats      []ui.StatProps
	Sections   []section
	Hours      []ui.Tab
	Heat       chart.HeatData
	HeatWords  string
	HeatMeans  ui.Definition
	HeatLeft   []audience.Left
	Growth     []audience.Growth
	Joined     audience.Table
	Magnets    []audience.Magnet
	Commenters []audience.Commenter
	Names      bool // may read the inbox
	Span       string
	Told       bool // any network has told anything
}

// section is one dimension with the populations that have it.
type section struct {
	By     network.Dimension
	Chart  chart.CompareData
	Tables []audience.Table
	Means  ui.Definition
	Left   []audience.Left
}

// period is how many days growth and commenters are looked at.
const period = 28

func (r Rooms) audience(c *page.Context) error {
	ctx, actor := c.Ctx(), c.Actor()
	v := crowd{Zone: c.Zone(), Channel: c.Query("channel"), Names: actor.CanSomewhere(workspace.InboxRead)}
	all, err := r.Audiences.Channels(ctx, actor, "")
	if err != nil {
		return err
	}
	for _, ch := range all {
		v.Channels = append(v.Channels, ui.Option{Value: ch.ID, Label: ch.Name + " · " + ui.NetworkName(ch.Network)})
		if v.Channel == "" || v.Channel == ch.ID {
			v.List = append(v.List, ch)
		}
	}
	for _, by := range audience.Dimensions {
		if s := sectionOf(by, v.List, v.Zone); len(s.Tables) > 0 {
			v.Sections = append(v.Sections, s)
		}
	}
	v.Joined = audience.Combine(network.Joined, network.BySource, v.List)
	v.Told = len(v.Sections) > 0
	if err := r.grown(c, &v); err != nil {
		return err
	}
	if err := r.hours(c, &v); err != nil {
		return err
	}
	return c.Render(200, "Audience", "insights", audiencePage(v))
}

// sectionOf puts the populations of one dimension beside each other: the same groups, in the order of the first.
func sectionOf(by network.Dimension, channels []audience.Channel, loc *time.Location) section {
	s := section{By: by}
	for _, of := range audience.Populations {
		if t := audience.Combine(of, by, channels); t.Has() {
			s.Tables = append(s.Tables, t)
		}
	}
	if len(s.Tables) == 0 {
		return s
	}
	name := audience.DimensionName(by)
	s.Left = s.Tables[0].Left
	s.Chart = chart.CompareData{Head: chart.Head{ID: "audience-" + string(by), Title: name, Hide: true, Summary: summary(s.Tables)}, GroupOf: name, Shown: 8}
	var values []string
	for _, t := range s.Tables {
		for _, g := range t.Groups {
			if !slices.Contains(values, g.Value) {
				values = append(values, g.Value)
				s.Chart.Groups = append(s.Chart.Groups, g.Name(by))
			}
		}
	}
	if by == network.ByAge {
		slices.Sort(values)
		slices.Sort(s.Chart.Groups)
	}
	people := by == network.BySearch // counted, of no whole
	for _, t := range s.Tables {
		series, change := chart.Series{Label: audience.PopulationName(t.Of)}, chart.Column{Label: audience.PopulationName(t.Of) + ", four weeks ago"}
		compared := false
		for _, value := range values {
			i := slices.IndexFunc(t.Groups, func(g audience.Group) bool { return g.Value == value })
			switch {
			case i < 0:
				series.Values, change.Cells = append(series.Values, chart.Missing()), append(change.Cells, "–")
				continue
			case people:
				series.Values = append(series.Values, t.Groups[i].People)
			default:
				series.Values = append(series.Values, t.Groups[i].Share)
			}
			before := "–"
			if t.Groups[i].Compared && !people {
				before, compared = show.Percent(t.Groups[i].Before), true
			}
			change.Cells = append(change.Cells, before)
		}
		s.Chart.Series = append(s.Chart.Series, series)
		if compared {
			s.Chart.More = append(s.Chart.More, change)
		}
	}
	if people {
		s.Chart.Format = chart.Number
	}
	s.Means = means(name, s.Tables, loc)
	return s
}

// summary says what is to be seen first: the largest group of each population.
func summary(tables []audience.Table) string {
	var out []string
	for _, t := range tables {
		top := slices.MaxFunc(t.Groups, func(a, b audience.Group) int {
			if a.Share < b.Share {
				return -1
			}
			return 1
		})
		out = append(out, fmt.Sprintf("%s: most are %s", audience.PopulationName(t.Of), top.Name(t.By)))
	}
	return strings.Join(out, ". ") + "."
}

// means explains a dimension: the networks' own numbers, of how many people, and how old they are.
func means(name string, tables []audience.Table, loc *time.Location) ui.Definition {
	d := ui.Definition{Name: name, Unit: "per cent of the people whose " + strings.ToLower(name) + " is told",
		Formula: "Σ people of the group over the channels ÷ Σ people told of; each channel weighs as much as it has people, percentages are never added up or averaged"}
	var bases, sources []string
	for _, t := range tables {
		base := "people not counted by the network"
		if t.Base > 0 {
			base = show.Count(t.Base) + " people"
		}
		bases = append(bases, fmt.Sprintf("%s: %s on %d %s", audience.PopulationName(t.Of), base, len(t.Channels), plural(len(t.Channels), "channel", "channels")))
		sources = append(sources, t.Notes...)
		d.Fresh = "read " + show.Instant(t.Oldest, loc) + " or later, " + loc.String() + "; once a day"
	}
	if tables[0].Overlaps() {
		d.Formula += "; a person is in several groups, so that the shares do not add up"
	}
	d.Base, d.Source = strings.Join(bases, "; ")+". Who follows several channels is counted on each", strings.Join(sources[:min(4, len(sources))], "; ")
	return d
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// grown reads how the channels grew, from what, and who talks most.
func (r Rooms) grown(c *page.Context, v *crowd) error {
	ctx, actor := c.Ctx(), c.Actor()
	to := show.Now()
	from := to.AddDate(0, 0, -period)
	day := func(t time.Time) string { return t.In(v.Zone).Format(time.DateOnly) }
	v.Span = "last 28 days"
	var err error
	if v.Growth, err = r.Audiences.Growth(ctx, actor, v.Channel, day(from), day(to), from, to); err != nil {
		return err
	}
	if v.Magnets, err = r.Audiences.Magnets(ctx, actor, v.Channel, from, to, 5); err != nil {
		return err
	}
	if v.Names {
		if v.Commenters, err = r.Audiences.Commenters(ctx, actor, v.Channel, to.AddDate(0, 0, -90), 10); err != nil {
			return err
		}
	}
	v.Stats = v.head()
	return nil
}

// head are the numbers at the top.
func (v crowd) head() []ui.StatProps {
	var followers, before, both int64
	known := 0
	for _, g := range v.Growth {
		if g.End != nil {
			followers, known = followers+*g.End, known+1
			if g.Start != nil {
				both, before = both+*g.End, before+*g.Start
			}
		}
	}
	stat := func(id, label, value, base, why string) ui.StatProps {
		d := metric.Define(id)
		return ui.StatProps{ID: "audience-" + strings.ToLower(id), Label: label, Value: value, Missing: why, Definition: &ui.Definition{Name: d.ID + " " + d.Name, Formula: d.Formula, Base: base, Unit: "people", Source: d.Caveat, Fresh: "read every three hours"}}
	}
	base := fmt.Sprintf("%d %s that tell it; who follows several is counted on each", known, plural(known, "channel", "channels"))
	out := []ui.StatProps{stat("M-FOLL", "Followers", "", base, "No channel has told its followers yet."), stat("M-FOLLNET", "Net new followers, 28 days", "", base, "There is no number of four weeks ago yet.")}
	if known > 0 {
		out[0].Value = show.Count(followers)
	}
	if before > 0 {
		out[1].Value = signed(both - before)
	}
	if before > 0 && both != before {
		out[1].Delta = strings.Replace(fmt.Sprintf("%+.1f %%", float64(both-before)/float64(before)*100), "-", "−", 1)
	}
	engaged := audience.Table{}
	for _, by := range audience.Dimensions {
		if t := audience.Combine(network.Engaged, by, v.List); t.Base > engaged.Base {
			engaged = t
		}
	}
	people := ui.StatProps{ID: "audience-engaged", Label: "People who reacted", Missing: "No network tells it of these channels.",
		Definition: &ui.Definition{Name: "People who reacted", Formula: "accounts that reacted lately, in each network's own counting", Unit: "people", Base: strings.Join(engaged.Channels, ", "), Source: strings.Join(engaged.Notes, "; ")}}
	if engaged.Base > 0 {
		people.Value, people.Definition.Fresh = show.Count(engaged.Base), "read "+show.Instant(engaged.Oldest, v.Zone)+" or later"
	}
	return append(out, people)
}

var days = [7]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// hours draws when followers are online, when people write, or when customers buy.
func (r Rooms) hours(c *page.Context, v *crowd) error {
	ctx, actor := c.Ctx(), c.Actor()
	which := c.Query("hours")
	online := audience.Online(v.List, v.Zone, show.Now())
	if which == "" {
		if which = "online"; !online.Has() {
			which = "writing"
		}
	}
	week, unit, source, err := online, "followers", "followers online in an average week, added up over the channels whose networks tell it", error(nil)
	nothing := "No network of these channels tells active hours. Look at when people write instead."
	switch which {
	case "writing":
		nothing = "Nobody wrote in the last 90 days."
		unit, source = "messages", "messages people wrote to the channels, counted here over the last 90 days"
		week, err = r.Audiences.Writing(ctx, actor, v.Channel, v.Zone)
	case "buying":
		nothing = "No order of the last 90 days came from here."
		unit, source = "orders", "orders by their time, counted here over the last 90 days; with a channel, those of its last touch"
		week, err = r.Audiences.Buying(ctx, actor, v.Channel, v.Zone)
	}
	if err != nil {
		return err
	}
	for _, t := range [][2]string{{"online", "Followers online"}, {"writing", "People who write"}, {"buying", "Customers who buy"}} {
		v.Hours = append(v.Hours, ui.Tab{Label: t[1], Href: show.With("/insights/audience", c.R.URL.Query(), "hours", t[0]) + "#hours", Active: which == t[0]})
	}
	v.Heat = chart.HeatData{Head: chart.Head{ID: "audience-hours", Title: "Active hours", Hide: true, Zone: v.Zone.String(), Empty: nothing}, Unit: unit}
	for d := range week.Hours {
		for h, n := range week.Hours[d] {
			if v.Heat.Values[d][h] = n; n < 0 || !week.Has() {
				v.Heat.Values[d][h] = chart.Missing()
			}
		}
	}
	if day, hour, ok := week.Best(); ok {
		v.HeatWords = fmt.Sprintf("Most on %ss from %02d:00 to %02d:00.", days[day], hour, (hour+1)%24)
		v.Heat.Summary = v.HeatWords
	}
	v.HeatLeft = week.Left
	v.HeatMeans = ui.Definition{Name: "Active hours", Formula: source, Unit: unit, Base: show.Count(week.N) + " " + unit + " in all", Source: strings.Join(week.Channels, ", ")}
	v.HeatMeans.Fresh = "counted now"
	if !week.At.IsZero() {
		v.HeatMeans.Fresh = "read " + show.Instant(week.At, v.Zone) + " or later; once a day"
	}
	return nil
}
