package youtube

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const (
	viewing = 90 * 24 * time.Hour // how far back viewers are looked at
	keeping = 30 * 24 * time.Hour // how long YouTube's terms let a reading be kept
)

var publicOf = network.AudienceSpec{Keep: keeping, Minimum: 100, Tells: []network.AudienceTold{
	{Of: network.Viewers, By: network.ByAge, Name: "viewerPercentage by ageGroup", Note: "shares of signed-in viewers of the last 90 days; YouTube does not say how many they are"},
	{Of: network.Viewers, By: network.ByGender, Name: "viewerPercentage by gender", Note: "shares of signed-in viewers of the last 90 days; YouTube does not say how many they are"},
	{Of: network.Viewers, By: network.ByCountry, Name: "views by country", Note: "shares of the views of the last 90 days"},
	{Of: network.Viewers, By: network.BySource, Name: "views by insightTrafficSourceType", Note: "where the views of the last 90 days came from"},
}}

// report asks YouTube Analytics for one table. Of the newest days it has none yet.
func (c caller) report(ctx context.Context, channel, from, until string, more ...string) ([][]any, error) {
	q := values(append([]string{"ids", "channel==" + channel, "startDate", from, "endDate", until}, more...)...)
	var report struct {
		Rows [][]any `json:"rows"`
	}
	resp, err := c.http.JSON(ctx, http.MethodGet, address(c.stats, "/v2/reports", q), c.header(), nil, &report)
	return report.Rows, again(explain(resp, err))
}

// Audience reads the viewers of the last 90 days by age, gender and country, and how they came.
func (y YouTube) Audience(ctx context.Context, s network.Session) (network.Audience, error) {
	c := y.caller(s)
	var list struct{ Items []struct{} }
	resp, err := c.get(ctx, "/youtube/v3/channels", values("part", "id", "mine", "true"), &list)
	if err != nil {
		return network.Audience{}, err
	}
	until := resp.At.UTC()
	ask := func(more ...string) ([][]any, error) {
		rows, err := c.report(ctx, s.Account.ID, until.Add(-viewing).Format(time.DateOnly), until.Format(time.DateOnly), more...)
		if fault.Is(err, fault.Rejected) {
			return nil, nil // this table is not told; the others may be
		}
		return rows, err
	}
	var out network.Audience
	for _, t := range tables {
		rows, err := ask("dimensions", t.dimension, "metrics", t.metric)
		if err != nil {
			return out, err
		}
		if b := parted(t, rows); len(b.Groups) > 0 {
			out.Breakdowns = append(out.Breakdowns, b)
			continue
		}
		out.Withheld = append(out.Withheld, network.Withheld{Of: network.Viewers, By: t.by, Why: "YouTube told none: there were too few signed-in viewers."})
	}
	return out, nil
}

// table is one of YouTube's tables of viewers.
type table struct {
	by                network.Dimension
	dimension, metric string
	value             func(string) string
}

var tables = []table{
	{network.ByAge, "ageGroup", "viewerPercentage", func(s string) string { return strings.Replace(strings.TrimPrefix(s, "age"), "65-", "65+", 1) }},
	{network.ByGender, "gender", "viewerPercentage", func(s string) string {
		if s == "female" || s == "male" {
			return s
		}
		return "other"
	}},
	{network.ByCountry, "country", "views", strings.ToUpper},
	{network.BySource, "insightTrafficSourceType", "views", func(s string) string { return s }},
}

// sources words YouTube's kinds of ways to a video.
var sources = map[string]string{"SUBSCRIBER": "Home page and subscriptions", "YT_SEARCH": "Search at YouTube", "RELATED_VIDEO": "Suggested videos", "EXT_URL": "Other websites and apps",
	"YT_CHANNEL": "Channel pages", "PLAYLIST": "Playlists", "SHORTS": "Shorts feed", "NO_LINK_EMBEDDED": "Embedded players", "NO_LINK_OTHER": "Direct or not known", "NOTIFICATION": "Notifications",
	"ADVERTISING": "Advertising", "YT_OTHER_PAGE": "Other pages at YouTube", "END_SCREEN": "End screens", "ANNOTATION": "Cards", "HASHTAGS": "Hashtags", "SOUND_PAGE": "Sound pages", "LIVE_REDIRECT": "Live redirects"}

// parted turns a table's rows of a name and an amount into shares of all, the largest first.
func parted(t table, rows [][]any) network.Breakdown {
	b, total := network.Breakdown{Of: network.Viewers, By: t.by, Parts: true}, 0.0
	amounts := map[string]float64{}
	for _, row := range rows {
		if len(row) != 2 {
			continue
		}
		name, named := row[0].(string)
		if n, counted := row[1].(float64); named && counted && n > 0 {
			amounts[name] += n
			total += n
		}
	}
	for name, n := range amounts {
		b.Groups = append(b.Groups, network.AudienceGroup{Value: t.value(name), Label: sources[name], N: int64(math.Round(n / total * 10_000))})
	}
	slices.SortFunc(b.Groups, func(a, c network.AudienceGroup) int {
		return cmp.Or(cmp.Compare(c.N, a.N), strings.Compare(a.Value, c.Value))
	})
	return b
}
