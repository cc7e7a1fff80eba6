package when

import (
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// Layout is how a wall-clock time is written in tables, forms and the API: 2026-03-29T02:30. The zone stands beside it.
const Layout = "2006-01-02T15:04"

// Date is a day of the calendar, in no particular zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Clock is what a clock on the wall shows, to the minute.
type Clock struct{ Hour, Minute int }

// Local is a time as a person says it: a day, a clock and the IANA zone in which both are meant.
type Local struct {
	Date
	Clock
	Zone string
}

// Parse reads a wall-clock time in Layout. The zone must exist; the time itself may be one that daylight saving skips.
func Parse(wall, zone string) (Local, error) {
	if _, err := Zone(zone); err != nil {
		return Local{}, err
	}
	t, err := time.Parse(Layout, wall)
	if err != nil {
		return Local{}, fault.Invalidf("time", "%q is not a date and time", wall).WithHint("Write it as 2026-03-29T14:30.")
	}
	return read(t, zone), nil
}

// Of returns what the clocks of the zone show at an instant; seconds are cut off.
func Of(t time.Time, zone string) (Local, error) {
	loc, err := Zone(zone)
	if err != nil {
		return Local{}, err
	}
	return read(t.In(loc), zone), nil
}

func read(t time.Time, zone string) Local {
	y, m, d := t.Date()
	return Local{Date{y, m, d}, Clock{t.Hour(), t.Minute()}, zone}
}

// String writes the wall-clock time in Layout, without the zone.
func (l Local) String() string { return l.naive().Format(Layout) }

// AddDays moves to another day and keeps the clock: 10:00 stays 10:00, also over a change of daylight saving.
func (l Local) AddDays(n int) Local {
	return read(l.naive().AddDate(0, 0, n), l.Zone)
}

// naive is the wall-clock time as if it were UTC: for counting with days and clocks, never an instant.
func (l Local) naive() time.Time {
	return time.Date(l.Year, l.Month, l.Day, l.Hour, l.Minute, 0, 0, time.UTC)
}

// String writes the clock as 02:30.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c.Hour, c.Minute) }

// String writes the date as 2026-03-29.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// AddDays returns the date n days later, or earlier for a negative n.
func (d Date) AddDays(n int) Date {
	y, m, day := time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC).Date()
	return Date{y, m, day}
}

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool {
	if d.Year != e.Year {
		return d.Year < e.Year
	}
	if d.Month != e.Month {
		return d.Month < e.Month
	}
	return d.Day < e.Day
}

func (d Date) words() string { return fmt.Sprintf("%d %s", d.Day, d.Month) }
