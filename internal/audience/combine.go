package audience

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// whole is all of a breakdown that is told in parts.
const whole = 10_000

// Group is the people of one value, over the channels of a table.
type Group struct {
	Value, Label string
	People       float64 // of Table.Base; 0 where no channel says how many people it tells of
	Share        float64 // of the table's people, 0 to 1
	Before       float64 // the share four weeks earlier; only with Compared
	Compared     bool
}

// Left is a channel that is not in a table, and why.
type Left struct{ Channel, Why string }

// Table is one population by one dimension, over one or several channels.
type Table struct {
	Of       network.Population
	By       network.Dimension
	Groups   []Group // the largest first; ages in their own order
	Base     int64   // people the shares are of; 0 where the one channel that tells does not say how many
	Channels []string
	Left     []Left
	Notes    []string  // the networks' own names of the numbers, and what to know of them
	Oldest   time.Time // of the readings in it, UTC
}

// Has reports whether the table tells anything.
func (t Table) Has() bool { return len(t.Groups) > 0 }

// Overlaps reports whether a person can be in several groups, so that the shares are not parts of a whole.
func (t Table) Overlaps() bool { return t.By == network.ByInterest || t.By == network.BySearch }

// Combine puts a breakdown of several channels together: the people of each group are added up and divided by all
// people, so that each channel weighs as much as it has people. A channel whose network does not say how many people it
// tells of cannot be weighed and stands alone or not at all; one with too few people is not shown.
func Combine(of network.Population, by network.Dimension, channels []Channel) Table {
	t := Table{Of: of, By: by}
	var now, before []network.Breakdown
	var weightless []Channel
	for _, c := range channels {
		b, told := c.Latest.of(of, by)
		switch {
		case !told:
			t.Left = append(t.Left, Left{c.Name, c.silent(of, by)})
		case b.Base > 0 && b.Base < c.Spec.Minimum && of != network.Joined:
			t.Left = append(t.Left, Left{c.Name, fmt.Sprintf("fewer than %d people: hidden", c.Spec.Minimum)})
		case b.Base == 0:
			weightless = append(weightless, c)
		default:
			now = append(now, b)
			t.include(c)
			if e, ok := c.Earlier.of(of, by); ok && e.Base >= max(1, c.Spec.Minimum) {
				before = append(before, e)
			}
		}
	}
	for i, c := range weightless {
		if i > 0 || len(now) > 0 {
			t.Left = append(t.Left, Left{c.Name, "its network tells shares and not of how many people, so it cannot be weighed among others; choose the channel alone"})
			continue
		}
		alone, _ := c.Latest.of(of, by)
		t.include(c)
		t.Groups = shares([]network.Breakdown{alone}, by)
		if e, ok := c.Earlier.of(of, by); ok {
			before = []network.Breakdown{e}
		}
		if len(weightless) > 1 {
			t.Notes = append(t.Notes, "shown for "+c.Name+" alone")
		}
	}
	if len(now) > 0 {
		t.Groups = shares(now, by)
		for _, b := range now {
			t.Base += b.Base
		}
	}
	if len(before) == len(t.Channels) && len(before) > 0 { // compared only with the same channels
		old := map[string]float64{}
		for _, g := range shares(before, by) {
			old[g.Value] = g.Share
		}
		for i := range t.Groups {
			t.Groups[i].Before, t.Groups[i].Compared = old[t.Groups[i].Value], true
		}
	}
	order(t.Groups, by)
	return t
}

// include notes a channel that is in the table, with what its network says of the number.
func (t *Table) include(c Channel) {
	t.Channels = append(t.Channels, c.Name)
	if t.Oldest.IsZero() || c.Latest.At.Before(t.Oldest) {
		t.Oldest = c.Latest.At
	}
	for _, told := range c.Spec.Tells {
		if told.Of != t.Of || told.By != t.By {
			continue
		}
		note := told.Name
		if told.Note != "" {
			note += ": " + told.Note
		}
		if !slices.Contains(t.Notes, note) {
			t.Notes = append(t.Notes, note)
		}
	}
}

// silent says why a channel tells nothing of a population by a dimension.
func (c Channel) silent(of network.Population, by network.Dimension) string {
	if c.Spec.None != "" {
		return c.Spec.None
	}
	if !slices.ContainsFunc(c.Spec.Tells, func(t network.AudienceTold) bool { return t.Of == of && t.By == by }) {
		return "its network does not tell this"
	}
	if c.Latest != nil {
		for _, w := range c.Latest.Audience.Withheld {
			if w.Of == of && w.By == by {
				return w.Why
			}
		}
	}
	return cmp.Or(c.Error, "not read yet")
}

// shares adds up people and divides by all of them. Where nobody is counted, a single breakdown's own parts are taken.
func shares(list []network.Breakdown, by network.Dimension) []Group {
	people, labels, base := map[string]float64{}, map[string]string{}, 0.0
	fold := folding(list, by)
	for _, b := range list {
		base += float64(b.Base)
		for _, g := range b.Groups {
			n := float64(g.N)
			if b.Parts && b.Base > 0 {
				n = n / whole * float64(b.Base)
			}
			value := fold(g.Value)
			people[value] += n
			labels[value] = cmp.Or(labels[value], g.Label)
		}
	}
	counted := base > 0
	if !counted {
		base = whole
		if len(list) == 1 && !list[0].Parts { // counts of people in groups that overlap, with no whole
			base = 0
			for _, n := range people {
				base = max(base, n)
			}
		}
	}
	var out []Group
	for value, n := range people {
		g := Group{Value: value, Label: labels[value], Share: min(n/base, 1)}
		if counted || len(list) == 1 && !list[0].Parts {
			g.People = n
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b Group) int { return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Value, b.Value)) })
	return out
}

// folding brings ages to bands that all have: where one network ends at 55, the older bands of the others are one.
func folding(list []network.Breakdown, by network.Dimension) func(string) string {
	bands := map[string]string{"45-49": "45-54", "50-54": "45-54"}
	if by == network.ByAge && slices.ContainsFunc(list, func(b network.Breakdown) bool {
		return slices.ContainsFunc(b.Groups, func(g network.AudienceGroup) bool { return g.Value == "55+" })
	}) {
		bands["55-64"], bands["65+"] = "55+", "55+"
	}
	return func(value string) string {
		if by == network.ByAge {
			return cmp.Or(bands[value], value)
		}
		return value
	}
}

// order puts ages in their own order.
func order(groups []Group, by network.Dimension) {
	if by == network.ByAge {
		slices.SortFunc(groups, func(a, b Group) int { return strings.Compare(a.Value, b.Value) })
	}
}
