package when

import "time"

// Day returns the calendar day of an instant in a zone: the key of a daily bucket.
func Day(t time.Time, loc *time.Location) Date {
	y, m, d := t.In(loc).Date()
	return Date{y, m, d}
}

// HourStart returns the instant at which the hour of t began on the clocks of a zone. Unlike a clock reading it is
// unique: the two 02:00 hours of an autumn night are two buckets, and zones of half and quarter hours keep theirs.
// An hour that a change of clocks cuts in two begins again at the change.
func HourStart(t time.Time, loc *time.Location) time.Time {
	t = t.In(loc)
	into := time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
	start := t.Add(-into)
	if offsetAt(t) != offsetAt(start) {
		start, _ = t.ZoneBounds()
	}
	return start.UTC()
}

// DayStart returns the first instant of a day in a zone. That is midnight, or the end of the gap where the clocks
// are put forward at midnight; a day a zone left out entirely starts and ends at the same instant.
func DayStart(d Date, zone string) (time.Time, error) {
	r, err := Local{Date: d, Zone: zone}.Resolve()
	return r.At, err
}

// DayBounds returns the first instant of a day and the first instant after it: 23, 24 or 25 hours, rarely others.
func DayBounds(d Date, zone string) (from, to time.Time, err error) {
	if from, err = DayStart(d, zone); err != nil {
		return from, to, err
	}
	to, err = DayStart(d.AddDays(1), zone)
	return from, to, err
}

func offsetAt(t time.Time) int {
	_, offset := t.Zone()
	return offset
}
