package instagramfake

import (
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/graph/graphfake"
)

// public answers who follows and who reacted, in the ways Instagram takes: one breakdown at a time, over a lifetime, and
// of those who reacted over a frame of time.
func (f *Fake) public(c *graphfake.Call) (doc any, refused *graphfake.Refusal, done bool) {
	metric := c.Form.Get("metric")
	switch metric {
	case "online_followers":
		if c.Form.Get("period") != "lifetime" {
			return nil, graphfake.No(100, 0, "(#100) The period is not compatible with the metric"), true
		}
		return f.online()
	case "follower_demographics", "engaged_audience_demographics":
	default:
		return nil, nil, false
	}
	frame := c.Form.Get("timeframe")
	if c.Form.Get("period") != "lifetime" || c.Form.Get("metric_type") != "total_value" || (metric == "engaged_audience_demographics") != (frame == "this_month") {
		return nil, graphfake.No(100, 0, "(#100) The period, the metric type or the timeframe is not compatible with the metric"), true
	}
	if f.o.Small {
		return graphfake.Doc{"data": []any{}}, nil, true
	}
	results := []any{}
	for _, g := range map[string][]struct {
		name string
		n    int
	}{
		"age": {{"18-24", 900}, {"25-34", 1800}, {"65+", 40}}, "gender": {{"F", 1600}, {"M", 900}, {"U", 240}},
		"country": {{"DE", 1500}, {"DK", 700}}, "city": {{"Berlin, Berlin", 300}, {"Copenhagen, Capital Region", 280}},
	}[c.Form.Get("breakdown")] {
		results = append(results, graphfake.Doc{"dimension_values": []string{g.name}, "value": g.n})
	}
	if len(results) == 0 {
		return nil, graphfake.No(100, 0, "(#100) The breakdown is not valid"), true
	}
	return graphfake.Doc{"data": []any{graphfake.Doc{"name": metric, "period": "lifetime", "total_value": graphfake.Doc{"breakdowns": []any{graphfake.Doc{"dimension_keys": []string{c.Form.Get("breakdown")}, "results": results}}}}}}, nil, true
}

// online counts followers by the hours of two days, which end at midnight in California.
func (f *Fake) online() (any, *graphfake.Refusal, bool) {
	if f.o.Small {
		return nil, graphfake.No(100, 0, "(#100) The account has fewer than 100 followers"), true
	}
	end := f.Clock().UTC().Truncate(24 * time.Hour).Add(8 * time.Hour)
	values := []any{}
	for day := range 2 {
		hours := graphfake.Doc{}
		for h := range 24 {
			hours[strconv.Itoa(h)] = 100 + 10*h + day
		}
		values = append(values, graphfake.Doc{"value": hours, "end_time": graphfake.Stamp(end.AddDate(0, 0, day-1))})
	}
	return graphfake.Doc{"data": []any{graphfake.Doc{"name": "online_followers", "period": "lifetime", "values": values}}}, nil, true
}
