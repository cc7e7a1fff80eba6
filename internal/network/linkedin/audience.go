package linkedin

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// facets are LinkedIn's counts of followers: the list's name, the group's in it, and what it is.
var facets = []struct {
	list, group string
	by          network.Dimension
	note        string
}{
	{"followerCountsByFunction", "function", network.ByFunction, ""},
	{"followerCountsBySeniority", "seniority", network.BySeniority, ""},
	{"followerCountsByIndustry", "industry", network.ByIndustry, ""},
	{"followerCountsByStaffCountRange", "staffCountRange", network.ByCompany, "how many work in the follower's company"},
	{"followerCountsByGeoCountry", "geo", network.ByCountry, ""},
	{"followerCountsByGeo", "geo", network.ByCity, "market areas as LinkedIn draws them"},
}

// gains is how far back new followers are counted.
const gains = 28 * 24 * time.Hour

var publicOf = network.AudienceSpec{Minimum: 100, Tells: told()}

func told() (out []network.AudienceTold) {
	for _, f := range facets {
		out = append(out, network.AudienceTold{Of: network.Followers, By: f.by, Name: f.list, Note: "followers of organisations by what their profiles say; " + cmp.Or(f.note, "the largest groups")})
	}
	return append(out, network.AudienceTold{Of: network.Joined, By: network.BySource, Name: "followerGains", Note: "new followers of the last 28 days, by themselves or through advertising"})
}

// The lists that LinkedIn keeps unchanged; what is not in them, and places and industries, is asked for by id.
var (
	seniorities = map[string]string{"1": "Unpaid", "2": "Training", "3": "Entry", "4": "Senior", "5": "Manager", "6": "Director", "7": "Vice president", "8": "Chief officer", "9": "Partner", "10": "Owner"}
	functions   = map[string]string{"1": "Accounting", "2": "Administrative", "3": "Arts and design", "4": "Business development", "5": "Community and social services", "6": "Consulting", "7": "Education",
		"8": "Engineering", "9": "Entrepreneurship", "10": "Finance", "11": "Healthcare services", "12": "Human resources", "13": "Information technology", "14": "Legal", "15": "Marketing",
		"16": "Media and communication", "17": "Military and protective services", "18": "Operations", "19": "Product management", "20": "Programme and project management", "21": "Purchasing",
		"22": "Quality assurance", "23": "Real estate", "24": "Research", "25": "Sales", "26": "Customer success and support"}
	sizes = map[string]string{"SIZE_1": "1", "SIZE_2_TO_10": "2–10", "SIZE_11_TO_50": "11–50", "SIZE_51_TO_200": "51–200", "SIZE_201_TO_500": "201–500", "SIZE_501_TO_1000": "501–1,000",
		"SIZE_1001_TO_5000": "1,001–5,000", "SIZE_5001_TO_10000": "5,001–10,000", "SIZE_10001_OR_MORE": "10,001 and more"}
)

type followerCounts struct {
	Organic int64 `json:"organicFollowerCount"`
	Paid    int64 `json:"paidFollowerCount"`
}

// Audience reads an organisation's followers by work and place, and how the newest came.
func (n LinkedIn) Audience(ctx context.Context, s network.Session) (network.Audience, error) {
	if !isOrganization(s.Account) {
		return network.Audience{}, fault.Rejectedf("LinkedIn tells nobody who follows a member").WithCode("no_audience").WithHint("Organisations have this: connect the company's page.")
	}
	x, query := n.server(s), "/rest/organizationalEntityFollowerStatistics?q=organizationalEntity&organizationalEntity="+escape(s.Account.ID)
	var list struct {
		Elements []map[string]json.RawMessage `json:"elements"`
	}
	resp, err := x.get(ctx, query, "FINDER", &list)
	if err != nil {
		return network.Audience{}, err
	}
	var size struct {
		Followers *int64 `json:"firstDegreeSize"`
	}
	if _, err := x.get(ctx, "/rest/networkSizes/"+escape(s.Account.ID)+"?edgeType=COMPANY_FOLLOWED_BY_MEMBER", "", &size); err != nil {
		return network.Audience{}, err
	}
	var out network.Audience
	for _, f := range facets {
		b := network.Breakdown{Of: network.Followers, By: f.by}
		for _, e := range list.Elements {
			var groups []map[string]json.RawMessage
			_ = json.Unmarshal(e[f.list], &groups) // a facet that is not there has no groups
			for _, g := range groups {
				var id string
				var n followerCounts
				if json.Unmarshal(g[f.group], &id) == nil && json.Unmarshal(g["followerCounts"], &n) == nil && n.Organic+n.Paid > 0 {
					b.Groups = append(b.Groups, network.AudienceGroup{Value: id[strings.LastIndexByte(id, ':')+1:], N: n.Organic + n.Paid})
				}
			}
		}
		if len(b.Groups) == 0 {
			out.Withheld = append(out.Withheld, network.Withheld{Of: network.Followers, By: f.by, Why: "LinkedIn told none; small groups are left out."})
			continue
		}
		slices.SortFunc(b.Groups, func(a, c network.AudienceGroup) int {
			return cmp.Or(cmp.Compare(c.N, a.N), strings.Compare(a.Value, c.Value))
		})
		b.Base = base(b, size.Followers)
		if err := x.name(ctx, f.by, b.Groups); err != nil {
			return out, err
		}
		out.Breakdowns = append(out.Breakdowns, b)
	}
	joined, err := x.joined(ctx, query, resp.At)
	if err != nil {
		return out, err
	}
	out.Breakdowns = append(out.Breakdowns, joined...)
	return out, nil
}

// base is all followers: LinkedIn leaves small groups out, so the groups' sum is too small.
func base(b network.Breakdown, followers *int64) int64 {
	total := int64(0)
	for _, g := range b.Groups {
		total += g.N
	}
	if followers != nil {
		return max(total, *followers)
	}
	return total
}

// joined counts new followers by how they came; LinkedIn answers days only up to the day before.
func (s server) joined(ctx context.Context, query string, now time.Time) ([]network.Breakdown, error) {
	end := now.UTC().Truncate(24 * time.Hour)
	var list struct {
		Elements []struct {
			Gains struct {
				Organic int64 `json:"organicFollowerGain"`
				Paid    int64 `json:"paidFollowerGain"`
			} `json:"followerGains"`
		} `json:"elements"`
	}
	ms := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
	_, err := s.get(ctx, query+"&timeIntervals.timeGranularityType=DAY&timeIntervals.timeRange.start="+ms(end.Add(-gains))+"&timeIntervals.timeRange.end="+ms(end), "FINDER", &list)
	if fault.Is(err, fault.Rejected) {
		return nil, nil // the counts are there, their history is not
	}
	if err != nil {
		return nil, err
	}
	var organic, paid int64
	for _, e := range list.Elements {
		organic, paid = organic+max(0, e.Gains.Organic), paid+max(0, e.Gains.Paid)
	}
	if organic+paid == 0 {
		return nil, nil
	}
	return []network.Breakdown{{Of: network.Joined, By: network.BySource, Base: organic + paid,
		Groups: []network.AudienceGroup{{Value: "organic", Label: "By themselves", N: organic}, {Value: "paid", Label: "Through advertising", N: paid}}}}, nil
}

// named is how many groups LinkedIn is asked the names of; the rest are small.
const named = 25

// name gives groups their names. A name that LinkedIn does not tell is missing, and the id stands for it.
func (s server) name(ctx context.Context, by network.Dimension, groups []network.AudienceGroup) error {
	known := map[network.Dimension]map[string]string{network.BySeniority: seniorities, network.ByFunction: functions, network.ByCompany: sizes}[by]
	resource := map[network.Dimension]string{network.ByIndustry: "industries", network.ByCountry: "geo", network.ByCity: "geo"}[by]
	if known == nil {
		var ids []string
		for _, g := range groups[:min(named, len(groups))] {
			ids = append(ids, g.Value)
		}
		var err error
		if known, err = s.names(ctx, resource, ids); err != nil {
			return err
		}
	}
	for i := range groups {
		groups[i].Label = known[groups[i].Value]
	}
	return nil
}

// names reads LinkedIn's standard names by id.
func (s server) names(ctx context.Context, resource string, ids []string) (map[string]string, error) {
	var batch struct {
		Results map[string]struct {
			Default struct {
				Value string `json:"value"`
			} `json:"defaultLocalizedName"`
			Name struct {
				Localized map[string]string `json:"localized"`
			} `json:"name"`
		} `json:"results"`
	}
	_, err := s.get(ctx, "/v2/"+resource+"?ids=List("+strings.Join(ids, ",")+")", "BATCH_GET", &batch)
	if err != nil && !fault.Is(err, fault.Rejected) && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	out := map[string]string{}
	for id, r := range batch.Results {
		out[id] = cmp.Or(r.Default.Value, r.Name.Localized["en_US"])
	}
	return out, nil
}
