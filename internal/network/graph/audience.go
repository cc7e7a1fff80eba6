package graph

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Parts reads a value that is broken down, part by part.
func Parts(raw json.RawMessage) map[string]int64 {
	var by map[string]float64
	if json.Unmarshal(raw, &by) != nil {
		return nil
	}
	out := map[string]int64{}
	for name, n := range by {
		if n > 0 {
			out[name] = int64(n + 0.5)
		}
	}
	return out
}

// Hours reads a metric that counts people by the hours of each day, over days, and averages each hour of the week. Meta
// begins a day in California: where it ends is said with each, and so the hours are put into UTC.
func (c Client) Hours(ctx context.Context, path string, query url.Values, metric string) ([]network.OnlineHour, error) {
	var answer Page[struct {
		Name   string `json:"name"`
		Values []struct {
			Value json.RawMessage `json:"value"`
			End   Time            `json:"end_time"`
		} `json:"values"`
	}]
	q := url.Values{"metric": {metric}}
	for k, v := range query {
		q[k] = v
	}
	if _, err := c.Get(ctx, path, q, &answer); err != nil {
		return nil, err
	}
	sum, days := [7][24]int64{}, [7][24]int64{}
	for _, m := range answer.Data {
		for _, v := range m.Values {
			if m.Name != metric || v.End.IsZero() {
				continue
			}
			for hour, n := range Parts(v.Value) {
				h, err := strconv.Atoi(strings.TrimSpace(hour))
				if err != nil || h < 0 || h > 23 {
					continue
				}
				at := v.End.UTC().Add(time.Duration(h-24) * time.Hour)
				sum[at.Weekday()][at.Hour()] += n
				days[at.Weekday()][at.Hour()]++
			}
		}
	}
	var out []network.OnlineHour
	for day := range sum {
		for hour, n := range sum[day] {
			if of := days[day][hour]; of > 0 {
				out = append(out, network.OnlineHour{Day: time.Weekday(day), Hour: hour, N: n / of})
			}
		}
	}
	return out, nil
}
