package threads

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const demographics = "follower_demographics"

var dimensions = []network.Dimension{network.ByAge, network.ByGender, network.ByCountry, network.ByCity}

var publicOf = network.AudienceSpec{Minimum: 100, Tells: told()}

func told() (out []network.AudienceTold) {
	for _, by := range dimensions {
		out = append(out, network.AudienceTold{Of: network.Followers, By: by, Name: demographics + ", " + string(by), Note: "followers whose details Threads knows"})
	}
	return out
}

// Audience reads followers by age, gender, country and city, one call each: Threads takes one breakdown at a time.
func (t Threads) Audience(ctx context.Context, s network.Session) (network.Audience, error) {
	var out network.Audience
	for _, by := range dimensions {
		var answer struct {
			Data []struct {
				Total struct {
					Breakdowns []struct {
						Results []struct {
							Names []string `json:"dimension_values"`
							N     int64    `json:"value"`
						} `json:"results"`
					} `json:"breakdowns"`
				} `json:"total_value"`
			} `json:"data"`
		}
		_, err := t.graph(s).get(ctx, path("me")+"/threads_insights", url.Values{"metric": {demographics}, "breakdown": {string(by)}}, &answer)
		if err != nil && !fault.Is(err, fault.Rejected) {
			return out, err
		}
		b := network.Breakdown{Of: network.Followers, By: by}
		for _, m := range answer.Data {
			for _, d := range m.Total.Breakdowns {
				for _, r := range d.Results {
					if len(r.Names) > 0 && r.N > 0 {
						b.Base += r.N
						b.Groups = append(b.Groups, network.AudienceGroup{Value: value(by, r.Names[0]), N: r.N})
					}
				}
			}
		}
		if b.Base == 0 {
			out.Withheld = append(out.Withheld, network.Withheld{Of: network.Followers, By: by, Why: "Threads told none; it does so from 100 followers on."})
			continue
		}
		slices.SortFunc(b.Groups, func(a, c network.AudienceGroup) int {
			return cmp.Or(cmp.Compare(c.N, a.N), strings.Compare(a.Value, c.Value))
		})
		out.Breakdowns = append(out.Breakdowns, b)
	}
	return out, nil
}

func value(by network.Dimension, name string) string {
	switch by {
	case network.ByGender:
		return cmp.Or(map[string]string{"F": "female", "M": "male"}[name], "other")
	case network.ByCountry:
		return strings.ToUpper(name)
	}
	return name
}
