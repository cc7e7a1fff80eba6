package instagram

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
)

// audienceMinimum is how many people a population must have before Instagram tells of it.
const audienceMinimum = 100

const online = "online_followers"

// populations are Instagram's metrics of people; both are broken down alike.
var populations = []struct {
	of           network.Population
	metric, note string
	frame        string // of time, where Instagram asks for one
}{
	{network.Followers, "follower_demographics", "followers whose details Instagram knows; the 45 largest groups", ""},
	{network.Engaged, "engaged_audience_demographics", "accounts that reacted this month; the 45 largest groups", "this_month"},
}

var dimensions = []network.Dimension{network.ByAge, network.ByGender, network.ByCountry, network.ByCity}

var publicOf = network.AudienceSpec{Hours: online, Minimum: audienceMinimum, Tells: told()}

func told() (out []network.AudienceTold) {
	for _, p := range populations {
		for _, by := range dimensions {
			out = append(out, network.AudienceTold{Of: p.of, By: by, Name: p.metric + ", " + string(by), Note: p.note})
		}
	}
	return out
}

// Audience reads followers and those who reacted by age, gender, country and city, and when followers are online.
func (n Instagram) Audience(ctx context.Context, s network.Session) (network.Audience, error) {
	c := n.caller(s)
	var out network.Audience
	for _, p := range populations {
		for _, by := range dimensions {
			q := url.Values{"period": {"lifetime"}, "metric_type": {"total_value"}, "breakdown": {string(by)}}
			if p.frame != "" {
				q.Set("timeframe", p.frame)
			}
			raw, err := c.Insights(ctx, c.edge("insights"), q, p.metric)
			if err != nil {
				return out, err
			}
			if b := breakdown(p.of, by, graph.Parts(raw[p.metric])); b.Base > 0 {
				out.Breakdowns = append(out.Breakdowns, b)
				continue
			}
			out.Withheld = append(out.Withheld, network.Withheld{Of: p.of, By: by, Why: "Instagram told none; it does so from 100 people on."})
		}
	}
	hours, err := c.Hours(ctx, c.edge("insights"), url.Values{"period": {"lifetime"}}, online)
	switch {
	case fault.Is(err, fault.Rejected):
		out.Withheld = append(out.Withheld, network.Withheld{Of: network.Followers, Why: "Instagram tells active hours from 100 followers on."})
	case err != nil:
		return out, err
	case len(hours) == 0:
		out.Withheld = append(out.Withheld, network.Withheld{Of: network.Followers, Why: "Instagram told no active hours."})
	}
	out.Hours = hours
	return out, nil
}

// breakdown turns Instagram's counts into groups, the largest first. They are shares of those whose details are known.
func breakdown(of network.Population, by network.Dimension, parts map[string]int64) network.Breakdown {
	b := network.Breakdown{Of: of, By: by}
	for name, count := range parts {
		b.Base += count
		b.Groups = append(b.Groups, network.AudienceGroup{Value: value(by, name), N: count})
	}
	slices.SortFunc(b.Groups, func(a, c network.AudienceGroup) int {
		return cmp.Or(cmp.Compare(c.N, a.N), strings.Compare(a.Value, c.Value))
	})
	return b
}

func value(by network.Dimension, name string) string {
	switch by {
	case network.ByGender:
		return cmp.Or(map[string]string{"F": "female", "M": "male"}[name], "other")
	case network.ByCountry:
		return strings.ToUpper(name)
	case network.ByAge:
		if from, err := strconv.Atoi(strings.TrimSuffix(name, "+")); err == nil {
			return strconv.Itoa(from) + "+"
		}
	}
	return name
}
