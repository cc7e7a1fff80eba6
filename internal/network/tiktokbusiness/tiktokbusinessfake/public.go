package tiktokbusinessfake

import (
	"strconv"
	"time"
)

// public adds what is told of the followers. Activity comes day by day, where days are asked for.
func (f *Fake) public(c *call, all map[string]any) {
	part := func(name, value string, share float64) any { return map[string]any{name: value, "percentage": share} }
	all["audience_ages"], all["audience_genders"], all["audience_countries"], all["audience_cities"], all["audience_activity"] = nil, nil, nil, nil, nil
	if f.o.Small {
		return
	}
	all["audience_ages"] = []any{part("age", "18-24", 0.6), part("age", "25-34", 0.3), part("age", "55+", 0.1)}
	all["audience_genders"] = []any{part("gender", "Female", 0.7554), part("gender", "Male", 0.2446)}
	all["audience_countries"] = []any{part("country", "DE", 0.5), part("country", "DK", 0.2)}
	all["audience_cities"] = []any{part("city_name", "Berlin", 0.11)}
	from, err1 := time.Parse(time.DateOnly, c.text("start_date"))
	to, err2 := time.Parse(time.DateOnly, c.text("end_date"))
	if err1 != nil || err2 != nil {
		return
	}
	if to.Before(from) || !to.Before(f.o.Now().UTC()) || to.Sub(from) > 60*24*time.Hour {
		f.complain("the days from %s to %s cannot be asked for", c.text("start_date"), c.text("end_date"))
	}
	metrics := []any{}
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		hours := []any{}
		for h := range 24 {
			hours = append(hours, map[string]any{"hour": strconv.Itoa(h), "count": 50 + h})
		}
		metrics = append(metrics, map[string]any{"date": day.Format(time.DateOnly), "audience_activity": hours})
	}
	all["metrics"] = metrics
}
