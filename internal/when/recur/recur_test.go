package recur

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/when"
)

func walls(t *testing.T, rule, wall, zone string, n int) []string {
	t.Helper()
	r, err := Parse(rule, wall, zone)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	from := r.Start().AddDays(-1)
	first, err := when.First(from.String(), zone)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range r.Occurrences(first, first.AddDate(6, 0, 0)) {
		if list = append(list, when.Wall(o.At, zone)); len(list) == n {
			break
		}
	}
	return list
}

func TestRules(t *testing.T) {
	for _, c := range []struct{ rule, wall, zone, want string }{
		{"FREQ=DAILY", "2026-03-28T09:00", "Europe/Berlin", "2026-03-28T09:00 2026-03-29T09:00 2026-03-30T09:00"},
		{"RRULE:FREQ=DAILY;COUNT=2", "2026-03-28T09:00", "Europe/Berlin", "2026-03-28T09:00 2026-03-29T09:00"},
		{"FREQ=DAILY", "2026-03-28T02:30", "Europe/Berlin", "2026-03-28T02:30 2026-03-29T03:00 2026-03-30T02:30"},
		{"FREQ=DAILY", "2026-10-24T02:30", "Europe/Berlin", "2026-10-24T02:30 2026-10-25T02:30 2026-10-26T02:30"},
		{"freq=weekly;byday=mo,th", "2026-01-06T08:15", "America/New_York", "2026-01-08T08:15 2026-01-12T08:15 2026-01-15T08:15"},
		{"FREQ=WEEKLY;INTERVAL=2", "2026-01-06T08:15", "UTC", "2026-01-06T08:15 2026-01-20T08:15 2026-02-03T08:15"},
		{"FREQ=MONTHLY;BYDAY=2TU", "2026-01-01T12:00", "UTC", "2026-01-13T12:00 2026-02-10T12:00 2026-03-10T12:00"},
		{"FREQ=MONTHLY;BYDAY=-1FR", "2026-01-01T12:00", "UTC", "2026-01-30T12:00 2026-02-27T12:00 2026-03-27T12:00"},
		{"FREQ=MONTHLY", "2026-01-31T12:00", "UTC", "2026-01-31T12:00 2026-03-31T12:00 2026-05-31T12:00"},
		{"FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31T12:00", "UTC", "2026-01-31T12:00 2026-02-28T12:00 2026-03-31T12:00"},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-01T12:00", "UTC", "2026-01-30T12:00 2026-02-27T12:00 2026-03-31T12:00"},
		{"FREQ=YEARLY", "2024-02-29T12:00", "UTC", "2024-02-29T12:00 2028-02-29T12:00"},
		{"FREQ=DAILY;UNTIL=20260102", "2026-01-01T23:00", "Pacific/Auckland", "2026-01-01T23:00 2026-01-02T23:00"},
		{"FREQ=DAILY;UNTIL=20260102T100000Z", "2026-01-01T23:00", "Pacific/Auckland", "2026-01-01T23:00 2026-01-02T23:00"},
		{"FREQ=DAILY;UNTIL=20260102T095959Z", "2026-01-01T23:00", "Pacific/Auckland", "2026-01-01T23:00"},
		{"FREQ=DAILY;UNTIL=20260102T230000", "2026-01-01T23:00", "Pacific/Auckland", "2026-01-01T23:00 2026-01-02T23:00"},
		{"FREQ=DAILY", "2011-12-29T10:00", "Pacific/Apia", "2011-12-29T10:00 2011-12-31T00:00 2011-12-31T10:00"},
	} {
		if got := strings.Join(walls(t, c.rule, c.wall, c.zone, 3), " "); got != c.want {
			t.Errorf("%s from %s: %s, want %s", c.rule, c.wall, got, c.want)
		}
	}
}

func TestRuleErrorsSayWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ rule, want string }{
		{"", "needs a rule"},
		{"every day", "NAME=VALUE"},
		{"BYDAY=MO", "how often"},
		{"FREQ=HOURLY", "FREQ=HOURLY is not supported"},
		{"FREQ=DAILY;FREQ=DAILY", "given twice"},
		{"FREQ=DAILY;INTERVAL=0", "INTERVAL=0"},
		{"FREQ=DAILY;INTERVAL=-1", "INTERVAL=-1"},
		{"FREQ=DAILY;COUNT=99999999999999999999", "COUNT="},
		{"FREQ=DAILY;COUNT=2;UNTIL=20270101", "not both"},
		{"FREQ=DAILY;UNTIL=20200101", "ends before it begins"},
		{"FREQ=DAILY;UNTIL=tomorrow", "UNTIL=TOMORROW"},
		{"FREQ=WEEKLY;BYDAY=XX", "BYDAY=XX"},
		{"FREQ=WEEKLY;BYDAY=M", "BYDAY=M"},
		{"FREQ=WEEKLY;BYDAY=2MO", "counts weekdays"},
		{"FREQ=WEEKLY;BYMONTHDAY=2", "does not go with"},
		{"FREQ=MONTHLY;BYDAY=6MO", "at most five"},
		{"FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY=32"},
		{"FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"},
		{"FREQ=DAILY;BYHOUR=9", "BYHOUR is not supported"},
		{"FREQ=DAILY;BYEASTER=1", "BYEASTER is not supported"},
		{"FREQ=DAILY;WKST=1", "WKST=1"},
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "meets no date"},
		{"FREQ=DAILY;INTERVAL=7;BYDAY=TU", "meets no date"},
		{"FREQ=DAILY;" + strings.Repeat("X", 600), "longer than"},
	} {
		_, err := Parse(c.rule, "2026-01-01T09:00", "UTC")
		if !fault.Is(err, fault.Invalid) || fault.As(err).Field != "rule" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Parse(%q) = %v, want %q", c.rule, err, c.want)
		}
	}
	if _, err := Parse("FREQ=DAILY", "2026-01-01T09:00", "Nowhere"); !fault.Is(err, fault.Invalid) || fault.As(err).Field != "zone" {
		t.Errorf("unknown zone: %v", err)
	}
}

func TestForkGivesThisAndFollowing(t *testing.T) {
	for _, rule := range []string{"FREQ=DAILY;COUNT=10", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR", "FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20270131"} {
		r, err := Parse(rule, "2026-01-01T09:00", "Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		from := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
		to := from.AddDate(2, 0, 0)
		all := r.Occurrences(from, to)
		before, after, ok := r.Fork(all[4].Local)
		if !ok {
			t.Fatalf("%s: cannot fork at %s", rule, all[4].Local)
		}
		if got := append(before.Occurrences(from, to), after.Occurrences(from, to)...); !slices.EqualFunc(got, all, func(a, b Occurrence) bool { return a.At.Equal(b.At) }) {
			t.Errorf("%s: forked into %v and %v", rule, before, after)
		}
		if len(before.Occurrences(from, to)) != 4 {
			t.Errorf("%s: %d before the fork", rule, len(before.Occurrences(from, to)))
		}
		if _, _, ok := r.Fork(all[0].Local); ok {
			t.Errorf("%s: forked at the first occurrence", rule)
		}
		if _, _, ok := r.Fork(all[4].Local.AddDays(-1)); ok && rule[5] != 'D' {
			t.Errorf("%s: forked between occurrences", rule)
		}
	}
}

func TestRuleReadsInPlainWords(t *testing.T) {
	for rule, want := range map[string]string{
		"FREQ=DAILY":                               "Every day at 09:00 (UTC)",
		"FREQ=WEEKLY":                              "Every week on Thursday at 09:00 (UTC)",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR":    "Every 2 weeks on Monday, Wednesday and Friday at 09:00 (UTC)",
		"FREQ=MONTHLY;BYDAY=-1FR;COUNT=6":          "Every month on the last Friday at 09:00 (UTC), 6 times",
		"FREQ=MONTHLY":                             "Every month on day 1 at 09:00 (UTC)",
		"FREQ=MONTHLY;BYMONTHDAY=-1":               "Every month on the last day at 09:00 (UTC)",
		"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13":      "Every month on Friday falling on day 13 at 09:00 (UTC)",
		"FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1":      "Every month on the first of Monday and Tuesday at 09:00 (UTC)",
		"FREQ=YEARLY;UNTIL=20300101":               "Every year on day 1 in January at 09:00 (UTC), until 1 January 2030",
		"FREQ=YEARLY;BYMONTH=3,9;BYMONTHDAY=10,20": "Every year on day 10 and day 20 in March and September at 09:00 (UTC)",
	} {
		r, err := Parse(rule, "2026-01-01T09:00", "UTC")
		if err != nil || r.Describe() != want {
			t.Errorf("%s reads %q, %v, want %q", rule, r.Describe(), err, want)
		}
	}
}

// In every zone, over years of changing clocks: a daily rule runs once for every day, in order, at its wall-clock
// time wherever that exists.
func TestDailyRuleInEveryZone(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	runs := 0
	for _, zone := range when.Zones() {
		year := 2000 + rnd.IntN(40)
		start := when.Local{Date: when.Date{Year: year, Month: time.Month(1 + rnd.IntN(12)), Day: 1},
			Clock: when.Clock{Hour: rnd.IntN(4), Minute: rnd.IntN(60)}, Zone: zone}
		r, err := Parse("FREQ=DAILY", start.String(), zone)
		if err != nil {
			t.Fatal(err)
		}
		from, err := when.First(start.String(), zone)
		if err != nil {
			t.Fatal(err)
		}
		day, last := start, time.Time{}
		for _, o := range r.Occurrences(from, from.Add(Horizon)) {
			if o.Local != day {
				t.Fatalf("%s: planned %s, want %s", zone, o.Local, day)
			}
			if o.At.Before(last) || o.Status != when.Gap && when.Wall(o.At, zone) != day.String() {
				t.Fatalf("%s: %s runs at %v after %v", zone, day, o.At, last)
			}
			if o.Status == when.Gap && when.Wall(o.At, zone) <= day.String() {
				t.Fatalf("%s: skipped %s runs at %v, before its gap ends", zone, day, o.At)
			}
			day, last = day.AddDays(1), o.At
			runs++
		}
	}
	if runs < 590*89 {
		t.Errorf("only %d runs", runs)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"FREQ=DAILY", "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;INTERVAL=2", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3",
		"FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1;UNTIL=20270101T000000Z", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;WKST=SU"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, rule string) {
		r, err := Parse(rule, "2026-01-01T09:00", "Europe/Berlin")
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("Parse(%q) = %v", rule, err)
			}
			return
		}
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		times := r.Between(from, from.Add(Horizon))
		if !slices.IsSortedFunc(times, time.Time.Compare) {
			t.Fatalf("%q is out of order: %v", rule, times)
		}
		again, err := Parse(r.String(), "2026-01-01T09:00", "Europe/Berlin")
		if err != nil || again.String() != r.String() || !slices.EqualFunc(again.Between(from, from.Add(Horizon)), times, time.Time.Equal) {
			t.Fatalf("%q written as %q reads differently: %v", rule, r, err)
		}
		if r.Describe() == "" {
			t.Fatalf("%q has no words", rule)
		}
	})
}
