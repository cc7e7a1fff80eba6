package show

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/when"
)

// lengths are the periods a screen offers, in days.
var lengths = []int{7, 28, 90, 365}

// Period reads a screen's period from its address: days=28, or from and to as dates (to included).
func Period(query url.Values, zone string, now time.Time) (insight.Period, error) {
	if from, to := query.Get("from"), query.Get("to"); from != "" && to != "" {
		start, err := when.First(from+"T00:00", zone)
		if err != nil {
			return insight.Period{}, err
		}
		end, err := when.First(to+"T00:00", zone)
		if err != nil {
			return insight.Period{}, err
		}
		loc, err := when.Zone(zone)
		if err != nil {
			return insight.Period{}, err
		}
		l := end.In(loc)
		p := insight.Period{From: start, To: time.Date(l.Year(), l.Month(), l.Day()+1, 0, 0, 0, 0, loc).UTC(), Zone: zone}
		if p.To.After(p.From) && p.To.Sub(p.From) < 3*366*24*time.Hour {
			return p, nil
		}
	}
	days, err := strconv.Atoi(query.Get("days"))
	if err != nil || days < 1 || days > 1096 {
		days = 28
	}
	return insight.Days(days, now, zone)
}

// PeriodTabs offers the usual periods as links that keep the other filters.
func PeriodTabs(address string, query url.Values, p insight.Period) []ui.Tab {
	days := int(p.To.Sub(p.From).Hours()/24 + 0.5)
	var tabs []ui.Tab
	base := url.Values{}
	for k, v := range query {
		if k != "from" && k != "to" && k != "offset" {
			base[k] = v
		}
	}
	for _, n := range lengths {
		tabs = append(tabs, ui.Tab{Label: fmt.Sprintf("%d days", n), Href: With(address, base, "days", strconv.Itoa(n)), Active: days == n})
	}
	return tabs
}

// Span words a period: 28 Oct – 24 Nov 2026.
func Span(p insight.Period, loc *time.Location) string {
	last := p.To.Add(-time.Second).In(loc)
	return p.From.In(loc).Format("2 Jan") + " – " + last.Format("2 Jan 2006")
}
