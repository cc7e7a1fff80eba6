package recur

import (
	"slices"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/bellwether-social/bellwether/internal/when"
)

// Horizon is how far ahead recurrences are laid out in the calendar.
const Horizon = 90 * 24 * time.Hour

// most is the largest number of occurrences one expansion returns: ten years of a daily rule.
const most = 3660

// Rule is a valid recurrence rule with its first wall-clock time. Its zero value repeats nothing; make one with Parse.
type Rule struct {
	start   when.Local
	options rrule.ROption
}

// Occurrence is one time of a rule.
type Occurrence struct {
	Local  when.Local  // the planned wall-clock time: the occurrence's name, also where it does not exist
	At     time.Time   // the instant it runs
	Status when.Status // Gap and Ambiguous times run by the rule of package when
}

// Start returns the first wall-clock time the rule was made with.
func (r Rule) Start() when.Local { return r.start }

// String writes the rule as RFC 5545 says, without its start: FREQ=WEEKLY;BYDAY=MO. Parse reads it back; an end
// (UNTIL) is written in wall-clock time, which does not depend on the offset of that day.
func (r Rule) String() string {
	o, end := r.options, ""
	if !o.Until.IsZero() {
		end = ";UNTIL=" + o.Until.Format(rrule.LocalDateTimeFormat)
		o.Until = time.Time{}
	}
	return o.RRuleString() + end
}

// Between returns the instants of the rule from from (included) up to to (not included), in order.
func (r Rule) Between(from, to time.Time) []time.Time {
	var times []time.Time
	for _, o := range r.Occurrences(from, to) {
		times = append(times, o.At)
	}
	return times
}

// Next returns the first occurrence at or after from, looking one leap-year cycle (eight years) ahead.
func (r Rule) Next(from time.Time) (Occurrence, bool) {
	for o := range r.all(from, from.AddDate(8, 0, 1)) {
		return o, true
	}
	return Occurrence{}, false
}

// Occurrences returns the occurrences whose instants lie from from (included) up to to (not included), in order, at
// most ten years of a daily rule.
func (r Rule) Occurrences(from, to time.Time) []Occurrence {
	var list []Occurrence
	for o := range r.all(from, to) {
		if list = append(list, o); len(list) == most {
			break
		}
	}
	return list
}

func (r Rule) all(from, to time.Time) func(yield func(Occurrence) bool) {
	return func(yield func(Occurrence) bool) {
		if !from.Before(to) {
			return
		}
		// A wall-clock time, read as UTC, is never further than two days from its instant.
		for _, naive := range r.naive(to.UTC().AddDate(0, 0, 2)) {
			if naive.Before(from.UTC().AddDate(0, 0, -3)) {
				continue
			}
			o, ok := r.occurrence(naive)
			if !ok || o.At.Before(from) {
				continue
			}
			if !o.At.Before(to) || !yield(o) {
				return
			}
		}
	}
}

// naive expands the rule on the calendar, every time as if it were UTC, up to end.
func (r Rule) naive(end time.Time) []time.Time {
	o := r.options
	if o.Dtstart.IsZero() || end.Before(o.Dtstart) {
		return nil
	}
	rule, err := rrule.NewRRule(o)
	if err != nil {
		return nil // Parse has built the same rule before
	}
	return rule.Between(o.Dtstart, end, true)
}

func (r Rule) occurrence(naive time.Time) (Occurrence, bool) {
	y, m, d := naive.Date()
	l := when.Local{Date: when.Date{Year: y, Month: m, Day: d}, Clock: r.start.Clock, Zone: r.start.Zone}
	resolved, err := l.Resolve()
	return Occurrence{Local: l, At: resolved.At, Status: resolved.Status}, err == nil
}

// Fork cuts the rule before the occurrence planned at: before ends with the one ahead of it, after begins with it
// and goes on ("this and following"). A count is shared out between the two. It reports false where at is not an
// occurrence or is the first one, so that nothing would be left before it.
func (r Rule) Fork(at when.Local) (before, after Rule, ok bool) {
	cut := time.Date(at.Year, at.Month, at.Day, at.Hour, at.Minute, 0, 0, time.UTC)
	times := r.naive(cut)
	n := slices.Index(times, cut)
	if n < 1 || at.Zone != r.start.Zone {
		return Rule{}, Rule{}, false
	}
	before, after = r, r
	before.options.Until, before.options.Count = times[n-1], 0
	after.start, after.options.Dtstart = at, cut
	if r.options.Count > 0 {
		after.options.Count = r.options.Count - n
	}
	return before, after, true
}
