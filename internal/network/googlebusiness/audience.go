package googlebusiness

import (
	"context"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// publicOf: Google tells nothing of who people are, but the words they searched for.
var publicOf = network.AudienceSpec{Tells: []network.AudienceTold{{Of: network.Viewers, By: network.BySearch, Name: "searchKeywords", Note: "people who found the place by these words in the last whole month, each counted once for each word"}}}

const keywords = 100 // the most frequent are enough

// Audience reads the words people searched for in the last whole month. Words used by few are told as "fewer than", and
// are left out.
func (b Business) Audience(ctx context.Context, s network.Session) (network.Audience, error) {
	c := b.caller(s)
	var l location
	now, err := c.get(ctx, b.base(information), "/v1/locations/"+s.Account.ID, values("readMask", "name"), &l)
	if err != nil {
		return network.Audience{}, err
	}
	today := now.At.UTC()
	month := time.Date(today.Year(), today.Month()-1, 1, 0, 0, 0, 0, time.UTC)
	q := values("pageSize", strconv.Itoa(keywords))
	for _, end := range []string{"startMonth", "endMonth"} {
		q.Set("monthlyRange."+end+".year", strconv.Itoa(month.Year()))
		q.Set("monthlyRange."+end+".month", strconv.Itoa(int(month.Month())))
	}
	var answer struct {
		Counts []struct {
			Word  string `json:"searchKeyword"`
			Value struct {
				N string `json:"value"` // absent below the threshold
			} `json:"insightsValue"`
		} `json:"searchKeywordsCounts"`
	}
	if _, err := c.get(ctx, b.base(performance), "/v1/locations/"+s.Account.ID+"/searchkeywords/impressions/monthly", q, &answer); err != nil {
		return network.Audience{}, err
	}
	words := network.Breakdown{Of: network.Viewers, By: network.BySearch}
	for _, k := range answer.Counts {
		if n, err := strconv.ParseInt(k.Value.N, 10, 64); err == nil && n > 0 && k.Word != "" {
			words.Groups = append(words.Groups, network.AudienceGroup{Value: k.Word, N: n})
		}
	}
	if len(words.Groups) == 0 {
		return network.Audience{Withheld: []network.Withheld{{Of: network.Viewers, By: network.BySearch, Why: "Google told no words for the last month; it leaves out what few searched for."}}}, nil
	}
	return network.Audience{Breakdowns: []network.Breakdown{words}}, nil
}
