package tiktokbusiness

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// demographics are the fields of an account that tell of its followers, and the name of the group in each.
var demographics = []struct {
	field, group string
	by           network.Dimension
}{
	{"audience_ages", "age", network.ByAge}, {"audience_genders", "gender", network.ByGender}, {"audience_countries", "country", network.ByCountry}, {"audience_cities", "city_name", network.ByCity},
}

const (
	activity     = "audience_activity"
	activityDays = 28
)

var publicOf = network.AudienceSpec{Hours: activity, Minimum: 100, Tells: told()}

func told() (out []network.AudienceTold) {
	for _, d := range demographics {
		out = append(out, network.AudienceTold{Of: network.Followers, By: d.by, Name: d.field, Note: "shares of the followers, one to two days old; of countries and cities the largest"})
	}
	return out
}

// Audience reads the followers by age, gender, country and city, and when they are active.
func (t TikTok) Audience(ctx context.Context, s network.Session) (network.Audience, error) {
	a := t.api(s)
	fields := []string{"followers_count"}
	for _, d := range demographics {
		fields = append(fields, d.field)
	}
	var got map[string]json.RawMessage
	resp, err := a.read(ctx, "/business/get/", map[string]any{"fields": fields}, &got)
	if err != nil {
		return network.Audience{}, err
	}
	// The days are counted from TikTok's answer: a connector has no clock.
	yesterday := resp.At.UTC().AddDate(0, 0, -1)
	var daily struct {
		Metrics json.RawMessage `json:"metrics"`
	}
	err = a.get(ctx, "/business/get/", map[string]any{"fields": []string{activity}, "start_date": yesterday.AddDate(0, 0, 1-activityDays).Format(time.DateOnly), "end_date": yesterday.Format(time.DateOnly)}, &daily)
	if err != nil {
		return network.Audience{}, err
	}
	var followers int64
	_ = json.Unmarshal(got["followers_count"], &followers) // absent: the shares have no weight
	var out network.Audience
	for _, d := range demographics {
		var groups []map[string]any
		_ = json.Unmarshal(got[d.field], &groups) // absent or null: told none
		b := network.Breakdown{Of: network.Followers, By: d.by, Parts: true, Base: followers}
		for _, g := range groups {
			name, _ := g[d.group].(string)
			if share, ok := g["percentage"].(float64); ok && share > 0 && name != "" {
				b.Groups = append(b.Groups, network.AudienceGroup{Value: value(d.by, name), N: int64(math.Round(share * 10_000))})
			}
		}
		if len(b.Groups) == 0 {
			out.Withheld = append(out.Withheld, network.Withheld{Of: network.Followers, By: d.by, Why: "TikTok told none; it does so from 100 followers on."})
			continue
		}
		out.Breakdowns = append(out.Breakdowns, b)
	}
	if out.Hours = hours(daily.Metrics); len(out.Hours) == 0 {
		out.Withheld = append(out.Withheld, network.Withheld{Of: network.Followers, Why: "TikTok tells active hours from 100 followers on."})
	}
	return out, nil
}

func value(by network.Dimension, name string) string {
	switch by {
	case network.ByCountry:
		return strings.ToUpper(name)
	case network.ByGender:
		return strings.ToLower(name)
	}
	return name
}

// hours averages the followers' activity of each hour of the week; TikTok's days are days of UTC.
func hours(raw json.RawMessage) (out []network.OnlineHour) {
	var days []struct {
		Date     string `json:"date"`
		Activity []struct {
			Hour  json.Number `json:"hour"`
			Count int64       `json:"count"`
		} `json:"audience_activity"`
	}
	_ = json.Unmarshal(raw, &days) // absent or null: told none
	sum, times := [7][24]int64{}, [7][24]int64{}
	for _, d := range days {
		day, err := time.Parse(time.DateOnly, d.Date)
		if err != nil {
			continue
		}
		for _, a := range d.Activity {
			if hour, err := a.Hour.Int64(); err == nil && hour >= 0 && hour < 24 {
				sum[day.Weekday()][hour] += a.Count
				times[day.Weekday()][hour]++
			}
		}
	}
	for day := range sum {
		for hour, n := range sum[day] {
			if times[day][hour] > 0 {
				out = append(out, network.OnlineHour{Day: time.Weekday(day), Hour: hour, N: n / times[day][hour]})
			}
		}
	}
	return out
}
