package pinterest

import (
	"context"
	"math"
	"net/url"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// scopeAds lets Pinterest tell of the public; it tells it to advertisers only.
const scopeAds = "ads:read"

// insights are Pinterest's populations.
var insights = []struct {
	of         network.Population
	kind, note string
}{
	{network.Viewers, "YOUR_TOTAL_AUDIENCE", "people who saw your pins in the last 30 days, by Pinterest's estimate"},
	{network.Engaged, "YOUR_ENGAGED_AUDIENCE", "people who reacted to your pins in the last 30 days, by Pinterest's estimate"},
}

var publicOf = network.AudienceSpec{Minimum: 100, Tells: told()}

func told() (out []network.AudienceTold) {
	for _, p := range insights {
		for by, name := range []string{"ages", "genders", "countries", "metros", "categories"} {
			out = append(out, network.AudienceTold{Of: p.of, By: dimensions[by], Name: p.kind + ", " + name, Note: p.note})
		}
	}
	return out
}

var dimensions = []network.Dimension{network.ByAge, network.ByGender, network.ByCountry, network.ByCity, network.ByInterest}

type share struct {
	Key   string  `json:"key"`
	Name  string  `json:"name"`
	Ratio float64 `json:"ratio"`
}

// Audience reads who saw the account's pins and who reacted, from its advertising account.
func (n Pinterest) Audience(ctx context.Context, s network.Session) (network.Audience, error) {
	if !slices.Contains(s.Grant.Scopes, scopeAds) {
		return network.Audience{}, fault.Rejectedf("Pinterest tells this to advertisers only, and the sign-in has not the right %s", scopeAds).WithCode("no_audience").
			WithHint("Reconnect the channel and allow it to read advertising data.")
	}
	a := n.as(s)
	var accounts struct {
		Items []struct {
			ID    string `json:"id"`
			Owner struct {
				Username string `json:"username"`
			} `json:"owner"`
		} `json:"items"`
	}
	if _, err := a.get(ctx, "/ad_accounts", url.Values{"include_shared_accounts": {"false"}, "page_size": {"25"}}, &accounts); err != nil {
		return network.Audience{}, err
	}
	if len(accounts.Items) == 0 {
		return network.Audience{}, fault.Rejectedf("the account has no advertising account at Pinterest").WithCode("no_audience").WithHint("Make one in Pinterest; it needs no advertisement.")
	}
	var out network.Audience
	for _, p := range insights {
		var got struct {
			Size         int64   `json:"size"`
			Categories   []share `json:"categories"`
			Demographics struct {
				Ages, Genders, Countries, Metros []share
			} `json:"demographics"`
		}
		_, err := a.get(ctx, "/ad_accounts/"+escape(accounts.Items[0].ID)+"/audience_insights", url.Values{"audience_insight_type": {p.kind}}, &got)
		if err != nil && !fault.Is(err, fault.Rejected) && !fault.Is(err, fault.NotFound) {
			return out, err
		}
		d := got.Demographics
		for i, shares := range [][]share{d.Ages, d.Genders, d.Countries, d.Metros, got.Categories} {
			b := network.Breakdown{Of: p.of, By: dimensions[i], Parts: true, Base: got.Size}
			for _, s := range shares {
				if s.Ratio > 0 {
					b.Groups = append(b.Groups, network.AudienceGroup{Value: value(dimensions[i], s), Label: label(dimensions[i], s), N: int64(math.Round(s.Ratio * 10_000))})
				}
			}
			if len(b.Groups) == 0 {
				out.Withheld = append(out.Withheld, network.Withheld{Of: p.of, By: dimensions[i], Why: "Pinterest told none; the audience may be too small."})
				continue
			}
			out.Breakdowns = append(out.Breakdowns, b)
		}
	}
	return out, nil
}

func value(by network.Dimension, s share) string {
	switch by {
	case network.ByCountry:
		return strings.ToUpper(s.Key)
	case network.ByGender:
		if g := strings.ToLower(s.Key); g == "female" || g == "male" {
			return g
		}
		return "other"
	}
	return s.Key
}

// label is Pinterest's name where our value says less.
func label(by network.Dimension, s share) string {
	if by == network.ByCity || by == network.ByInterest {
		return s.Name
	}
	return ""
}
