package googlebusiness

import (
	"context"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// impressions are the four numbers that make up how often a location was shown. A person counts once a day in each.
var impressions = []string{"BUSINESS_IMPRESSIONS_DESKTOP_MAPS", "BUSINESS_IMPRESSIONS_DESKTOP_SEARCH", "BUSINESS_IMPRESSIONS_MOBILE_MAPS", "BUSINESS_IMPRESSIONS_MOBILE_SEARCH"}

// PostMetrics measures nothing: Google tells no numbers of single posts.
func (Business) PostMetrics(context.Context, network.Session, []network.Remote) ([]network.Measured, error) {
	return nil, nil
}

const daysBack = 14 // Google's numbers are several days late

// AccountMetrics reads how often the location was shown on the newest day Google has numbers for.
func (b Business) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	c := b.caller(s)
	// The day is Google's answer's own: a connector has no clock.
	var l location
	now, err := c.get(ctx, b.base(information), "/v1/locations/"+s.Account.ID, values("readMask", "name"), &l)
	if err != nil {
		return nil, err
	}
	q := values()
	q["dailyMetrics"] = impressions
	for name, day := range map[string]time.Time{"startDate": now.At.UTC().AddDate(0, 0, -daysBack), "endDate": now.At.UTC()} {
		q.Set("dailyRange."+name+".year", strconv.Itoa(day.Year()))
		q.Set("dailyRange."+name+".month", strconv.Itoa(int(day.Month())))
		q.Set("dailyRange."+name+".day", strconv.Itoa(day.Day()))
	}
	var answer struct {
		Multi []struct {
			Series []struct {
				Times struct {
					Values []struct {
						Date  date   `json:"date"`
						Value string `json:"value"` // absent for none
					} `json:"datedValues"`
				} `json:"timeSeries"`
			} `json:"dailyMetricTimeSeries"`
		} `json:"multiDailyMetricTimeSeries"`
	}
	if _, err := c.get(ctx, b.base(performance), "/v1/locations/"+s.Account.ID+":fetchMultiDailyMetricsTimeSeries", q, &answer); err != nil {
		return nil, err
	}
	days := map[date]int64{}
	for _, m := range answer.Multi {
		for _, series := range m.Series {
			for _, v := range series.Times.Values {
				if n, err := strconv.ParseInt(v.Value, 10, 64); err == nil && n > 0 {
					days[v.Date] += n
				}
			}
		}
	}
	newest := date{}
	for d := range days {
		if newest.before(d) {
			newest = d
		}
	}
	if newest == (date{}) {
		return network.Values{}, nil
	}
	return network.Values{"M-IMPR": days[newest]}, nil
}

func (d date) before(o date) bool {
	return d.Year < o.Year || d.Year == o.Year && (d.Month < o.Month || d.Month == o.Month && d.Day < o.Day)
}
