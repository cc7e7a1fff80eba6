package chart

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Missing is the value of a point that is not known.
func Missing() float64 { return math.NaN() }

func known(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Format writes a value for axis, table and label.
type Format func(v float64) string

// Number writes 1234567 as "1,234,567" and 3.14159 as "3.14".
func Number(v float64) string {
	decimals := 0
	if v != math.Trunc(v) && math.Abs(v) < 1000 {
		decimals = 2
		if math.Abs(v) >= 10 {
			decimals = 1
		}
	}
	return group(strings.TrimSuffix(strconv.FormatFloat(v, 'f', decimals, 64), ".0"))
}

// Short writes 1234567 as "1.2M", for axes.
func Short(v float64) string {
	for _, unit := range []struct {
		size float64
		sign string
	}{{1e9, "B"}, {1e6, "M"}, {1e3, "k"}} {
		if math.Abs(v) >= unit.size {
			return group(strings.TrimSuffix(strconv.FormatFloat(v/unit.size, 'f', 1, 64), ".0")) + unit.sign
		}
	}
	return Number(v)
}

// Percent writes the ratio 0.123 as "12.3 %".
func Percent(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v*100, 'f', 1, 64), ".0") + " %"
}

// group puts a comma between thousands.
func group(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "−", s[1:]
	}
	whole, rest, hasRest := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if hasRest {
		return sign + whole + "." + rest
	}
	return sign + whole
}

// niceScale returns ticks at 1, 2, 2.5 or 5 times a power of ten that cover low to high with
// about want steps. The first tick is ≤ low and the last ≥ high.
func niceScale(low, high float64, want int) []float64 {
	if low == high {
		high = low + 1
	}
	raw := (high - low) / float64(max(want, 1))
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * power
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m*power >= raw*(1-1e-9) {
			step = m * power
			break
		}
	}
	var ticks []float64
	first := math.Floor(low/step + 1e-9)
	for i := first; ; i++ {
		ticks = append(ticks, i*step)
		if i*step >= high-step*1e-9 || len(ticks) > 50 {
			return ticks
		}
	}
}

// wholeScale is niceScale for counts: no tick between two integers.
func wholeScale(low, high float64, want int) []float64 {
	if high-low < float64(want) {
		var ticks []float64
		for v := math.Floor(low); ; v++ {
			ticks = append(ticks, v)
			if v >= high {
				if len(ticks) == 1 {
					ticks = append(ticks, v+1)
				}
				return ticks
			}
		}
	}
	return niceScale(low, high, want)
}

// timeStep is one possible distance of time labels.
type timeStep struct {
	months, days, hours int
	layout              string
}

var timeSteps = []timeStep{
	{hours: 1, layout: "15:04"}, {hours: 3, layout: "15:04"}, {hours: 6, layout: "15:04"}, {hours: 12, layout: "2 Jan 15:04"},
	{days: 1, layout: "2 Jan"}, {days: 2, layout: "2 Jan"}, {days: 7, layout: "2 Jan"}, {days: 14, layout: "2 Jan"},
	{months: 1, layout: "Jan 2006"}, {months: 3, layout: "Jan 2006"}, {months: 6, layout: "Jan 2006"}, {months: 12, layout: "2006"}, {months: 60, layout: "2006"},
}

// tick is one labelled place on the time axis.
type tick struct {
	at    time.Time
	label string
}

// timeScale returns at most want labelled instants between from and to at natural borders
// of the zone's calendar: whole hours, midnights, Mondays, first days of months.
func timeScale(from, to time.Time, zone *time.Location, want int) []tick {
	from, to = from.In(zone), to.In(zone)
	var ticks []tick
	for _, s := range timeSteps {
		ticks = ticks[:0]
		for at := s.floor(from); !at.After(to) && len(ticks) <= want; at = s.next(at) {
			if !at.Before(from) {
				ticks = append(ticks, tick{at, at.Format(s.layout)})
			}
		}
		if len(ticks) <= want {
			return ticks
		}
	}
	return ticks
}

func (s timeStep) floor(t time.Time) time.Time {
	y, m, d := t.Date()
	switch {
	case s.months > 0:
		index := (y*12 + int(m) - 1) / s.months * s.months
		return time.Date(index/12, time.Month(index%12+1), 1, 0, 0, 0, 0, t.Location())
	case s.days >= 7:
		back := (int(t.Weekday()) + 6) % 7
		return time.Date(y, m, d-back, 0, 0, 0, 0, t.Location())
	case s.days > 0:
		return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
	}
	return time.Date(y, m, d, t.Hour()/s.hours*s.hours, 0, 0, 0, t.Location())
}

func (s timeStep) next(t time.Time) time.Time {
	y, m, d := t.Date()
	if s.hours > 0 {
		return t.Add(time.Duration(s.hours) * time.Hour)
	}
	return time.Date(y, m+time.Month(s.months), d+s.days, 0, 0, 0, 0, t.Location())
}
