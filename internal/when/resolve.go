package when

import (
	"fmt"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// Status says how many instants a wall-clock time stands for.
type Status string

// The three cases of a wall-clock time.
const (
	Exact     Status = "exact"     // one instant
	Gap       Status = "gap"       // none: the clocks were put forward over it
	Ambiguous Status = "ambiguous" // two: the clocks were put back over it
)

// Resolved is a wall-clock time with the instants it stands for.
type Resolved struct {
	Local  Local
	Status Status
	// Instants are the moments at which clocks in the zone show this time, in order: none for a Gap.
	Instants []time.Time
	// At is the moment a rule uses (R27): the only one, the first of two, or the first valid minute after a gap.
	At time.Time
	// Choices are the wall-clock times offered instead of one that does not exist: the last minute before the gap
	// and the first after it. Empty unless Status is Gap.
	Choices []Local
}

// Resolve finds the instants a wall-clock time stands for in its zone.
func (l Local) Resolve() (Resolved, error) {
	loc, err := Zone(l.Zone)
	if err != nil {
		return Resolved{}, err
	}
	r := Resolved{Local: l}
	naive := l.naive()
	// No zone is further than 26 hours from UTC, nor has one moved its clocks by more than 24 hours, so every
	// offset that can matter is in force somewhere in these days.
	end := naive.Add(50 * time.Hour)
	var gap time.Time // the transition that skips this time
	for at := naive.Add(-50 * time.Hour); ; {
		_, offset := at.In(loc).Zone()
		if t := naive.Add(-time.Duration(offset) * time.Second); read(t.In(loc), l.Zone) == l {
			if n := len(r.Instants); n == 0 || r.Instants[n-1].Before(t) {
				r.Instants = append(r.Instants, t)
			}
		}
		next, ok := change(at.In(loc))
		if !ok || next.After(end) {
			break
		}
		_, after := next.Zone()
		if last, first := wallUTC(next, offset), wallUTC(next, after); !naive.Before(last) && naive.Before(first) {
			gap = next
		}
		at = next
	}
	switch {
	case len(r.Instants) > 1:
		r.Status, r.At = Ambiguous, r.Instants[0]
	case len(r.Instants) == 1:
		r.Status, r.At = Exact, r.Instants[0]
	case !gap.IsZero():
		r.Status, r.At = Gap, gap.UTC()
		r.Choices = []Local{read(gap.Add(-time.Minute).In(loc), l.Zone), read(gap.In(loc), l.Zone)}
	default:
		return r, fmt.Errorf("resolve %s in %s: neither an instant nor a gap", l, l.Zone)
	}
	return r, nil
}

// change returns the instant after t up to which t's offset surely holds; the clocks may but need not change there.
func change(t time.Time) (time.Time, bool) {
	_, end := t.ZoneBounds()
	if !end.IsZero() && !end.After(t) { // ZoneBounds miscounts the last day of leap years by rule (2040 and later)
		return t.Add(time.Hour), true
	}
	return end, !end.IsZero()
}

// wallUTC is the wall-clock reading of an instant under an offset in seconds, written as if it were UTC.
func wallUTC(t time.Time, offset int) time.Time {
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// Message says in plain words what is unusual about the time; "" for an ordinary one.
func (r Resolved) Message() string {
	l := r.Local
	switch r.Status {
	case Gap:
		return fmt.Sprintf("%s on %s does not exist in %s. Choose %s or %s.", l.Clock, l.Date.words(), l.Zone,
			r.choice(r.Choices[0]), r.choice(r.Choices[1]))
	case Ambiguous:
		return fmt.Sprintf("%s on %s happens twice in %s. The first one (%s) is used.", l.Clock, l.Date.words(), l.Zone,
			Offset(r.At, l.Zone))
	}
	return ""
}

func (r Resolved) choice(c Local) string {
	if c.Date == r.Local.Date {
		return c.Clock.String()
	}
	return c.Clock.String() + " on " + c.Date.words()
}

// Offset writes a zone's distance from UTC at an instant, as people read it: UTC+02:00.
func Offset(t time.Time, zone string) string {
	loc, err := Zone(zone)
	if err != nil {
		return "UTC"
	}
	return "UTC" + t.In(loc).Format("-07:00")
}

// At returns the instant of a wall-clock time in Layout that a person chose. A time that does not exist is refused
// with the two nearest ones; of a time that happens twice the first is meant.
func At(wall, zone string) (time.Time, error) {
	r, err := resolve(wall, zone)
	if err != nil {
		return time.Time{}, err
	}
	if r.Status == Gap {
		problem, hint, _ := strings.Cut(r.Message(), ". ")
		return time.Time{}, fault.Invalidf("time", "%s", problem).WithHint(hint)
	}
	return r.At, nil
}

// First returns the instant of a wall-clock time in Layout that a rule made: a skipped time becomes the first valid
// minute after the gap, a time that happens twice its first (R27).
func First(wall, zone string) (time.Time, error) {
	r, err := resolve(wall, zone)
	return r.At, err
}

func resolve(wall, zone string) (Resolved, error) {
	l, err := Parse(wall, zone)
	if err != nil {
		return Resolved{}, err
	}
	return l.Resolve()
}

// Wall writes an instant as the wall-clock time of a zone, in Layout. An unknown zone, which no stored row holds,
// reads as UTC.
func Wall(t time.Time, zone string) string {
	l, err := Of(t, zone)
	if err != nil {
		l = read(t.UTC(), "UTC")
	}
	return l.String()
}
