package recur

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

var ordinals = map[int]string{1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth",
	-1: "last", -2: "second to last", -3: "third to last", -4: "fourth to last", -5: "fifth to last"}

// Describe says the rule in plain English: "Every 2 weeks on Monday and Thursday at 09:00 (Europe/Berlin), 6 times".
func (r Rule) Describe() string {
	o := r.options
	if o.Dtstart.IsZero() {
		return "Never"
	}
	unit := map[rrule.Frequency]string{rrule.DAILY: "day", rrule.WEEKLY: "week", rrule.MONTHLY: "month", rrule.YEARLY: "year"}[o.Freq]
	s := "Every " + unit
	if o.Interval > 1 {
		s = fmt.Sprintf("Every %d %ss", o.Interval, unit)
	}
	months := list(o.Bymonth, func(m int) string { return time.Month(m).String() })
	on := list(o.Byweekday, weekday)
	if days := list(o.Bymonthday, monthday); days != "" && on != "" {
		on += " falling on " + days
	} else if days != "" {
		on = days
	}
	if on == "" { // RFC 5545 takes from the start what the rule leaves open
		switch o.Freq {
		case rrule.WEEKLY:
			on = o.Dtstart.Weekday().String()
		case rrule.MONTHLY, rrule.YEARLY:
			on = monthday(o.Dtstart.Day())
			if o.Freq == rrule.YEARLY && months == "" {
				months = o.Dtstart.Month().String()
			}
		}
	}
	if picks := list(o.Bysetpos, nth); picks != "" {
		on = "the " + picks + " of " + on
	}
	if on != "" {
		s += " on " + on
	}
	if months != "" {
		s += " in " + months
	}
	s += fmt.Sprintf(" at %s (%s)", r.start.Clock, r.start.Zone)
	switch {
	case o.Count == 1:
		s += ", once"
	case o.Count > 1:
		s += fmt.Sprintf(", %d times", o.Count)
	case !o.Until.IsZero():
		s += ", until " + o.Until.Format("2 January 2006")
	}
	return s
}

func weekday(d rrule.Weekday) string {
	name := time.Weekday((d.Day() + 1) % 7).String()
	if d.N() == 0 {
		return name
	}
	return "the " + nth(d.N()) + " " + name
}

func monthday(n int) string {
	switch {
	case n == -1:
		return "the last day"
	case n < 0:
		return "the " + nth(n) + " day"
	}
	return fmt.Sprintf("day %d", n)
}

func nth(n int) string {
	if word, ok := ordinals[n]; ok {
		return word
	}
	if n < 0 {
		return fmt.Sprintf("%dth to last", -n)
	}
	return fmt.Sprintf("%dth", n)
}

// list joins the names of values: "a, b and c".
func list[T any](values []T, name func(T) string) string {
	var names []string
	for _, v := range values {
		names = append(names, name(v))
	}
	names = slices.Compact(names)
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}
