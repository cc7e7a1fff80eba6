package calendar

import (
	"net/url"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/web/ui"
)

const dayLayout = "2006-01-02"

// frame is the period an address of the calendar shows, and where its arrows lead.
type frame struct {
	Mode     string    // day, week, month, list
	At       time.Time // the day asked for, noon
	From, To time.Time // days in the person's zone
	Title    string
	Query    url.Values
}

// kept are the values of the address the screen knows; everything else is dropped.
var kept = []string{"view", "at", "brand", "channel", "campaign", "person", "state"}

func frameOf(query url.Values, now time.Time, zone *time.Location, first time.Weekday) frame {
	f := frame{Mode: query.Get("view"), Query: url.Values{}}
	for _, name := range kept {
		if v := query.Get(name); v != "" {
			f.Query.Set(name, v)
		}
	}
	if !slices.Contains(modes, f.Mode) {
		f.Mode = "week"
	}
	asked, err := time.Parse(dayLayout, query.Get("at"))
	if err != nil || asked.Year() < 2000 || asked.Year() > 2200 {
		y, m, d := now.In(zone).Date()
		asked = time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	on := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, zone) }
	y, m, d := asked.Date()
	f.At = time.Date(y, m, d, 12, 0, 0, 0, zone)
	back := (int(f.At.Weekday()) - int(first) + 7) % 7
	switch f.Mode {
	case "day":
		f.From, f.To, f.Title = on(y, m, d), on(y, m, d+1), f.At.Format("Monday, 2 January 2006")
	case "month":
		lead := (int(on(y, m, 1).Weekday()) - int(first) + 7) % 7
		days := on(y, m+1, 0).Day() + lead
		f.From, f.To = on(y, m, 1-lead), on(y, m, 1-lead+(days+6)/7*7)
		f.Title = f.At.Format("January 2006")
	case "list":
		f.From, f.To = on(y, m, d), on(y, m, d+30)
		f.Title = span(f.From, on(y, m, d+29))
	default:
		f.From, f.To = on(y, m, d-back), on(y, m, d-back+7)
		f.Title = span(f.From, on(y, m, d-back+6))
	}
	return f
}

// span words the days from one to another: 30 November – 6 December 2026.
func span(from, last time.Time) string {
	switch {
	case from.Year() != last.Year():
		return from.Format("2 January 2006") + " – " + last.Format("2 January 2006")
	case from.Month() != last.Month():
		return from.Format("2 January") + " – " + last.Format("2 January 2006")
	}
	return from.Format("2") + " – " + last.Format("2 January 2006")
}

// step is the day the arrows lead to.
func (f frame) step(by int) string {
	switch f.Mode {
	case "day":
		return f.At.AddDate(0, 0, by).Format(dayLayout)
	case "month":
		return time.Date(f.At.Year(), f.At.Month()+time.Month(by), 1, 12, 0, 0, 0, time.UTC).Format(dayLayout)
	case "list":
		return f.At.AddDate(0, 0, 30*by).Format(dayLayout)
	}
	return f.At.AddDate(0, 0, 7*by).Format(dayLayout)
}

// link is this screen's address with some values changed; an empty value takes one away.
func (f frame) link(changes ...string) string {
	q := url.Values{}
	for k, v := range f.Query {
		q[k] = v
	}
	for i := 0; i+1 < len(changes); i += 2 {
		if q.Set(changes[i], changes[i+1]); changes[i+1] == "" {
			q.Del(changes[i])
		}
	}
	return address("/calendar", q)
}

// address is a path with its query, if there is one.
func address(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func (f frame) tabs() []ui.Tab {
	names := map[string]string{"day": "Day", "week": "Week", "month": "Month", "list": "List"}
	var tabs []ui.Tab
	for _, m := range modes {
		tabs = append(tabs, ui.Tab{Label: names[m], Href: f.link("view", m), Active: m == f.Mode})
	}
	return tabs
}

// filters are the filters that are set, by name.
func (f frame) filtered() bool {
	for _, name := range []string{"brand", "channel", "campaign", "person", "state"} {
		if f.Query.Get(name) != "" {
			return true
		}
	}
	return false
}

// unfiltered is the same period without filters.
func (f frame) unfiltered() string {
	return f.link("brand", "", "channel", "", "campaign", "", "person", "", "state", "")
}
