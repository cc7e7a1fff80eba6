package when

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
)

func at(t *testing.T, rfc string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, rfc)
	if err != nil {
		t.Fatal(err)
	}
	return v.UTC()
}

func TestSkippedTimeIsRefusedWithTheTwoNearestTimes(t *testing.T) {
	for _, c := range []struct{ wall, zone, message string }{
		{"2026-03-29T02:30", "Europe/Berlin", "02:30 on 29 March does not exist in Europe/Berlin. Choose 01:59 or 03:00."},
		{"2026-03-08T02:00", "America/New_York", "02:00 on 8 March does not exist in America/New_York. Choose 01:59 or 03:00."},
		{"2026-10-04T02:29", "Australia/Lord_Howe", "02:29 on 4 October does not exist in Australia/Lord_Howe. Choose 01:59 or 02:30."},
		{"2024-09-08T00:10", "America/Santiago", "00:10 on 8 September does not exist in America/Santiago. Choose 23:59 on 7 September or 01:00."},
		{"2011-12-30T10:00", "Pacific/Apia", "10:00 on 30 December does not exist in Pacific/Apia. Choose 23:59 on 29 December or 00:00 on 31 December."},
	} {
		l, err := Parse(c.wall, c.zone)
		if err != nil {
			t.Fatal(err)
		}
		r, err := l.Resolve()
		if err != nil || r.Status != Gap || len(r.Instants) != 0 || r.Message() != c.message {
			t.Errorf("%s: %v %v %q", c.wall, r.Status, err, r.Message())
		}
		if _, err := At(c.wall, c.zone); !fault.Is(err, fault.Invalid) || !strings.Contains(c.message, fault.As(err).Hint) || fault.As(err).Hint == "" {
			t.Errorf("At(%s) = %v", c.wall, err)
		}
	}
}

func TestSkippedTimeOfARuleRunsAtTheFirstMinuteAfterTheGap(t *testing.T) {
	for _, c := range []struct{ wall, zone, want string }{
		{"2026-03-29T02:30", "Europe/Berlin", "2026-03-29T03:00:00+02:00"},
		{"2026-03-29T02:00", "Europe/Berlin", "2026-03-29T03:00:00+02:00"},
		{"2026-03-29T03:00", "Europe/Berlin", "2026-03-29T03:00:00+02:00"},
		{"2011-12-30T10:00", "Pacific/Apia", "2011-12-31T00:00:00+14:00"},
		{"2026-10-25T02:30", "Europe/Berlin", "2026-10-25T02:30:00+02:00"}, // twice: the first
		{"2026-11-01T01:59", "America/New_York", "2026-11-01T01:59:00-04:00"},
		{"2026-07-01T10:00", "Asia/Kathmandu", "2026-07-01T10:00:00+05:45"},
		{"2038-01-19T03:15", "UTC", "2038-01-19T03:15:00Z"},
		{"2028-02-29T23:59", "Europe/Berlin", "2028-02-29T23:59:00+01:00"},
	} {
		if got, err := First(c.wall, c.zone); err != nil || !got.Equal(at(t, c.want)) {
			t.Errorf("First(%s, %s) = %v, %v, want %s", c.wall, c.zone, got, err, c.want)
		}
	}
}

func TestDoubledTimeSaysWhichOneIsUsed(t *testing.T) {
	l, _ := Parse("2026-10-25T02:30", "Europe/Berlin")
	r, err := l.Resolve()
	if err != nil || r.Status != Ambiguous || len(r.Instants) != 2 || r.Instants[1].Sub(r.Instants[0]) != time.Hour {
		t.Fatalf("%+v %v", r, err)
	}
	if want := "02:30 on 25 October happens twice in Europe/Berlin. The first one (UTC+02:00) is used."; r.Message() != want {
		t.Errorf("message %q", r.Message())
	}
	if got, err := At("2026-10-25T02:30", "Europe/Berlin"); err != nil || !got.Equal(r.Instants[0]) {
		t.Errorf("At = %v, %v", got, err)
	}
}

func TestBadTimesAndZonesAreRefused(t *testing.T) {
	for _, c := range [][2]string{{"2026-02-30T10:00", "UTC"}, {"2026-01-01", "UTC"}, {"", "UTC"}, {"2026-01-01T24:00", "UTC"},
		{"2026-01-01T10:00", ""}, {"2026-01-01T10:00", "Local"}, {"2026-01-01T10:00", "Mars/Base"}, {"2026-01-01T10:00", "../etc/passwd"}} {
		if _, err := At(c[0], c[1]); !fault.Is(err, fault.Invalid) {
			t.Errorf("At(%q, %q) = %v", c[0], c[1], err)
		}
	}
}

func TestWallClockStaysWhenMovedByDays(t *testing.T) {
	l, _ := Parse("2026-03-28T10:00", "Europe/Berlin")
	for _, c := range []struct {
		days int
		want string
	}{{1, "2026-03-29T10:00"}, {4, "2026-04-01T10:00"}, {-28, "2026-02-28T10:00"}, {365, "2027-03-28T10:00"}} {
		if got := l.AddDays(c.days).String(); got != c.want {
			t.Errorf("%+d days: %s, want %s", c.days, got, c.want)
		}
	}
}

func TestDaysAndHoursOfAZone(t *testing.T) {
	berlin, _ := Zone("Europe/Berlin")
	for _, c := range []struct {
		day   Date
		hours float64
	}{{Date{2026, 3, 29}, 23}, {Date{2026, 10, 25}, 25}, {Date{2026, 7, 1}, 24}} {
		from, to, err := DayBounds(c.day, "Europe/Berlin")
		if err != nil || to.Sub(from).Hours() != c.hours {
			t.Errorf("%s has %v hours, %v", c.day, to.Sub(from).Hours(), err)
		}
		buckets := map[time.Time]bool{}
		for x := from; x.Before(to); x = x.Add(15 * time.Minute) {
			if Day(x, berlin) != c.day {
				t.Errorf("%v is not on %s", x, c.day)
			}
			buckets[HourStart(x, berlin)] = true
		}
		if float64(len(buckets)) != c.hours {
			t.Errorf("%s has %d hour buckets", c.day, len(buckets))
		}
	}
	newfoundland, _ := Zone("America/St_Johns") // the last day of a leap year beyond the zone's table of changes
	if got := HourStart(at(t, "2040-12-31T00:15:00Z"), newfoundland); !got.Equal(at(t, "2040-12-30T23:30:00Z")) {
		t.Errorf("hour in St John's began at %v", got)
	}
	kathmandu, _ := Zone("Asia/Kathmandu")
	if got := HourStart(at(t, "2026-01-01T00:20:00Z"), kathmandu); !got.Equal(at(t, "2026-01-01T00:15:00Z")) {
		t.Errorf("hour in Kathmandu began at %v", got)
	}
	if d := (Date{2026, 1, 1}).AddDays(-1); d != (Date{2025, 12, 31}) || !d.Before(Date{2026, 1, 1}) || (Date{2026, 1, 1}).Before(d) {
		t.Errorf("the day before is %s", d)
	}
}

func TestEveryZoneOfTheListExists(t *testing.T) {
	names := Zones()
	if len(names) < 590 || !slices.IsSorted(names) {
		t.Fatalf("%d zones", len(names))
	}
	for _, name := range names {
		if _, err := Zone(name); err != nil {
			t.Error(err)
		}
	}
}

// transitions returns the changes of a zone's clocks from 2000 to 2040.
func transitions(loc *time.Location) []time.Time {
	var list []time.Time
	for t := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).In(loc); ; {
		end, ok := change(t)
		if !ok || end.Year() > 2040 {
			return list
		}
		if offsetAt(end) != offsetAt(end.Add(-time.Second)) {
			list = append(list, end)
		}
		t = end
	}
}

// Around every change of every zone's clocks: a wall-clock time read from an instant leads back to it, a time in a
// gap leads to the end of that gap, and no answer depends on anything but the zone's own rules.
func TestEveryZoneEveryChange(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	changes, gaps, doubles := 0, 0, 0
	for _, zone := range Zones() {
		loc, err := Zone(zone)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range transitions(loc) {
			changes++
			before, after := offsetAt(change.Add(-time.Second)), offsetAt(change)
			for range 4 {
				instant := change.Add(time.Duration(rnd.IntN(240)-120) * time.Minute).Truncate(time.Minute)
				l, _ := Of(instant, zone)
				r, err := l.Resolve()
				if err != nil || !slices.ContainsFunc(r.Instants, instant.Equal) {
					t.Fatalf("%s: %v reads %s, which resolves to %v, %v", zone, instant, l, r.Instants, err)
				}
				for _, i := range r.Instants {
					if back, _ := Of(i, zone); back != l {
						t.Fatalf("%s: %s resolves to %v, which reads %s", zone, l, i, back)
					}
				}
				if !slices.IsSortedFunc(r.Instants, time.Time.Compare) || !r.At.Equal(r.Instants[0]) || (len(r.Instants) == 2) != (r.Status == Ambiguous) {
					t.Fatalf("%s: %s is %v at %v of %v", zone, l, r.Status, r.At, r.Instants)
				}
				if r.Status == Ambiguous {
					doubles++
				} else if want := time.Date(l.Year, l.Month, l.Day, l.Hour, l.Minute, 0, 0, loc); !r.At.Equal(want) {
					t.Fatalf("%s: %s is %v, the standard library says %v", zone, l, r.At, want)
				}
			}
			for m := 0; m < after-before; m += 60 * (1 + rnd.IntN(20)) {
				l := read(wallUTC(change, before).Add(time.Duration(m)*time.Second), zone)
				r, err := l.Resolve()
				if err != nil || r.Status != Gap || !r.At.Equal(change) {
					t.Fatalf("%s: %s in the gap at %v is %v at %v, %v", zone, l, change, r.Status, r.At, err)
				}
				for _, c := range r.Choices {
					if c, err := c.Resolve(); err != nil || c.Status == Gap {
						t.Fatalf("%s: offered choice %v does not exist", zone, c.Local)
					}
				}
				gaps++
			}
		}
	}
	t.Logf("%d changes, %d skipped and %d doubled times", changes, gaps, doubles)
	if changes < 15000 || gaps < 15000 || doubles < 5000 {
		t.Error("the sample is too small to mean anything")
	}
}

// Away from the changes, any minute of any zone: the same answer as the standard library's.
func TestEveryZoneAnyMinute(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	yearEnd := time.Date(2040, 12, 31, 0, 0, 0, 0, time.UTC)
	for _, zone := range Zones() {
		loc, err := Zone(zone)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 40 {
			x := time.Date(2000+rnd.IntN(41), 1, 1+rnd.IntN(366), rnd.IntN(24), rnd.IntN(60), 0, 0, loc)
			if i == 0 {
				x = yearEnd.Add(time.Duration(rnd.IntN(2880)) * time.Minute)
			}
			l, _ := Of(x, zone)
			if r, err := l.Resolve(); err != nil || !slices.ContainsFunc(r.Instants, x.Equal) {
				t.Fatalf("%s: %v reads %s, which resolves to %v, %v", zone, x, l, r.Instants, err)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("2026-03-29T02:30", "Europe/Berlin")
	f.Add("0000-01-01T00:00", "Pacific/Apia")
	f.Add("9999-12-31T23:59", "America/Sao_Paulo")
	f.Fuzz(func(t *testing.T, wall, zone string) {
		got, err := First(wall, zone)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("First(%q, %q) = %v", wall, zone, err)
			}
			return
		}
		l, _ := Parse(wall, zone)
		if r, _ := l.Resolve(); r.Status != Gap && Wall(got, zone) != wall {
			t.Fatalf("%q in %q became %v", wall, zone, got)
		}
	})
}
