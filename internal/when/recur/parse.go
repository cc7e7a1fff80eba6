package recur

import (
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/when"
)

// farthest is how long a new rule may wait for its first date: every rule that depends on leap years comes true in it.
const farthest = 8

// Parse reads an RFC 5545 rule ("FREQ=WEEKLY;BYDAY=MO", with or without "RRULE:") whose first time is the wall-clock
// time wall (when.Layout) in an IANA zone. The first occurrence is the first time at or after wall that the rule
// matches. UNTIL is read as wall-clock time of the zone, as UTC if it ends in Z, and as the whole day if it is a date.
// Errors are fault.Invalid, on the fields rule, time and zone, in words for the person who wrote the rule.
func Parse(rule, wall, zone string) (Rule, error) {
	start, err := when.Parse(wall, zone)
	if err != nil {
		return Rule{}, err
	}
	options, err := read(rule, zone)
	if err != nil {
		return Rule{}, err
	}
	options.Dtstart = naive(start)
	if !options.Until.IsZero() && options.Until.Before(options.Dtstart) {
		return Rule{}, invalid("the recurrence ends before it begins").WithHint("Choose an end after " + start.String() + ".")
	}
	if _, err := rrule.NewRRule(options); err != nil {
		return Rule{}, invalid("%s", err.Error())
	}
	r := Rule{start: start, options: options}
	if _, ok := r.Next(options.Dtstart.AddDate(0, 0, -2)); !ok {
		return Rule{}, invalid("the rule meets no date within %d years of %s", farthest, start.Date)
	}
	return r, nil
}

func naive(l when.Local) time.Time {
	return time.Date(l.Year, l.Month, l.Day, l.Hour, l.Minute, 0, 0, time.UTC)
}

func invalid(format string, args ...any) *fault.Error { return fault.Invalidf("rule", format, args...) }

var frequencies = map[string]rrule.Frequency{
	"DAILY": rrule.DAILY, "WEEKLY": rrule.WEEKLY, "MONTHLY": rrule.MONTHLY, "YEARLY": rrule.YEARLY,
}

var weekdays = map[string]rrule.Weekday{
	"MO": rrule.MO, "TU": rrule.TU, "WE": rrule.WE, "TH": rrule.TH, "FR": rrule.FR, "SA": rrule.SA, "SU": rrule.SU,
}

// read is stricter than rrule-go's own reader, which lets a repeated or contradicting part pass.
func read(rule, zone string) (rrule.ROption, error) {
	var o rrule.ROption
	text := strings.ToUpper(strings.TrimSpace(rule))
	text = strings.TrimSuffix(strings.TrimPrefix(text, "RRULE:"), ";")
	if text == "" {
		return o, invalid("a recurrence needs a rule").WithHint("For example FREQ=WEEKLY;BYDAY=MO.")
	}
	if len(text) > 500 {
		return o, invalid("the rule is longer than 500 characters")
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(text, ";") {
		key, value, ok := strings.Cut(part, "=")
		if !ok || value == "" {
			return o, invalid("%q is not of the form NAME=VALUE", part)
		}
		if seen[key] {
			return o, invalid("%s is given twice", key)
		}
		seen[key] = true
		if err := set(&o, key, value, zone); err != nil {
			return o, err
		}
	}
	switch {
	case !seen["FREQ"]:
		return o, invalid("the rule does not say how often (FREQ)").WithHint("FREQ is DAILY, WEEKLY, MONTHLY or YEARLY.")
	case seen["COUNT"] && seen["UNTIL"]:
		return o, invalid("a rule ends after a count or at a date, not both")
	case seen["BYSETPOS"] && !seen["BYDAY"] && !seen["BYMONTHDAY"]:
		return o, invalid("BYSETPOS picks among days, so the rule needs BYDAY or BYMONTHDAY")
	case o.Freq == rrule.WEEKLY && seen["BYMONTHDAY"]:
		return o, invalid("BYMONTHDAY does not go with FREQ=WEEKLY").WithHint("Use FREQ=MONTHLY.")
	}
	for _, day := range o.Byweekday {
		if day.N() != 0 && o.Freq != rrule.MONTHLY && o.Freq != rrule.YEARLY {
			return o, invalid("%s counts weekdays of a month or year", day).WithHint("Use FREQ=MONTHLY, or a day without a number.")
		}
		if n := day.N(); o.Freq == rrule.MONTHLY && (n > 5 || n < -5) {
			return o, invalid("a month has at most five of a weekday; %s is not one of them", day)
		}
	}
	return o, nil
}

func set(o *rrule.ROption, key, value, zone string) (err error) {
	switch key {
	case "FREQ":
		freq, ok := frequencies[value]
		if !ok {
			return invalid("FREQ=%s is not supported", value).WithHint("FREQ is DAILY, WEEKLY, MONTHLY or YEARLY.")
		}
		o.Freq = freq
	case "INTERVAL":
		o.Interval, err = number(key, value, 1, 999)
	case "COUNT":
		o.Count, err = number(key, value, 1, 9999)
	case "UNTIL":
		o.Until, err = until(value, zone)
	case "WKST":
		day, ok := weekdays[value]
		if !ok {
			return invalid("WKST=%s is not a weekday", value)
		}
		o.Wkst = day
	case "BYDAY":
		o.Byweekday, err = days(value)
	case "BYMONTH":
		o.Bymonth, err = numbers(key, value, 1, 12)
	case "BYMONTHDAY":
		o.Bymonthday, err = numbers(key, value, -31, 31)
	case "BYSETPOS":
		o.Bysetpos, err = numbers(key, value, -366, 366)
	case "BYHOUR", "BYMINUTE", "BYSECOND":
		return invalid("%s is not supported: the time of day is that of the first date", key)
	default:
		return invalid("%s is not supported", key)
	}
	return err
}

func number(key, value string, low, high int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < low || n > high || n == 0 {
		return 0, invalid("%s=%s is not a number from %d to %d", key, value, low, high)
	}
	return n, nil
}

func numbers(key, value string, low, high int) ([]int, error) {
	var list []int
	for v := range strings.SplitSeq(value, ",") {
		n, err := number(key, v, low, high)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}

func days(value string) ([]rrule.Weekday, error) {
	var list []rrule.Weekday
	for v := range strings.SplitSeq(value, ",") {
		day, ok := weekdays[v[max(0, len(v)-2):]]
		if !ok {
			return nil, invalid("BYDAY=%s is not a weekday", v).WithHint("Weekdays are MO, TU, WE, TH, FR, SA and SU.")
		}
		if nth := v[:len(v)-2]; nth != "" {
			n, err := number("BYDAY", nth, -53, 53)
			if err != nil {
				return nil, err
			}
			day = day.Nth(n)
		}
		list = append(list, day)
	}
	return list, nil
}

// until reads the last allowed time as a wall-clock time of the zone.
func until(value, zone string) (time.Time, error) {
	if t, err := time.Parse(rrule.DateFormat, value); err == nil {
		return t.Add(24*time.Hour - time.Second), nil
	}
	if t, err := time.Parse(rrule.LocalDateTimeFormat, value); err == nil {
		return t, nil
	}
	t, err := time.Parse(rrule.DateTimeFormat, value)
	if err != nil {
		return t, invalid("UNTIL=%s is not a date or time", value).WithHint("Write it as 20270131 or 20270131T093000Z.")
	}
	l, err := when.Of(t, zone)
	return naive(l), err
}
