package youtube

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// begin is before the first video on YouTube: numbers since then are all there are.
const begin = "2005-02-14"

// PostMetrics reads each video's counts, and its shares from YouTube Analytics. A number YouTube does not tell is
// missing: likes may be hidden, comments switched off, and Analytics is one to three days late.
func (y YouTube) PostMetrics(ctx context.Context, s network.Session, items []network.Remote) ([]network.Measured, error) {
	c := y.caller(s)
	var out []network.Measured
	for some := range slices.Chunk(items, page) {
		var ids []string
		for _, it := range some {
			ids = append(ids, it.ID)
		}
		var list struct{ Items []video }
		resp, err := c.get(ctx, "/youtube/v3/videos", values("part", "statistics", "id", strings.Join(ids, ","), "maxResults", "50"), &list)
		if err != nil {
			return out, err
		}
		shares, err := c.shares(ctx, s.Account.ID, ids, resp.At.UTC().Format("2006-01-02"))
		if fault.Is(err, fault.Unauthorised) {
			return out, err
		}
		there := map[string]*statistics{}
		for _, v := range list.Items {
			there[v.ID] = v.Statistics
		}
		for _, id := range ids {
			n, exists := there[id]
			if !exists {
				out = append(out, network.Measured{RemoteID: id, Gone: true})
				continue
			}
			m := network.Measured{RemoteID: id, Values: network.Values{}}
			if n != nil {
				put(m.Values, "M-IMPR", n.Views)
				put(m.Values, "M-LIKE", n.Likes)
				put(m.Values, "M-COMM", n.Comments)
			}
			if v, ok := shares[id]; ok {
				m.Values["M-SHARE"] = v
			}
			out = append(out, m)
		}
		if err = ignore(err, fault.Rejected); err != nil { // the counts are there, the report is not: they come with the error
			return out, err
		}
	}
	return out, nil
}

func put(v network.Values, id string, n number) {
	if count, ok := n.value(); ok {
		v[id] = count
	}
}

// shares asks YouTube Analytics how often each video was shared until a day (of today's numbers it has none yet).
func (c caller) shares(ctx context.Context, channel string, ids []string, until string) (map[string]int64, error) {
	q := values("ids", "channel=="+channel, "startDate", begin, "endDate", until, "metrics", "shares", "dimensions", "video", "filters", "video=="+strings.Join(ids, ","))
	var report struct {
		Rows [][]any `json:"rows"`
	}
	resp, err := c.http.JSON(ctx, http.MethodGet, address(c.stats, "/v2/reports", q), c.header(), nil, &report)
	if err = again(explain(resp, err)); err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, row := range report.Rows {
		if len(row) != 2 {
			continue
		}
		id, named := row[0].(string)
		n, counted := row[1].(float64)
		if named && counted && n >= 0 {
			out[id] = int64(n)
		}
	}
	return out, nil
}

// AccountMetrics reads the channel's subscribers, where it shows them.
func (y YouTube) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	ch, err := y.caller(s).channel(ctx, "statistics")
	if err != nil {
		return nil, err
	}
	v := network.Values{}
	if !ch.Statistics.HiddenSubscribers {
		put(v, "M-FOLL", ch.Statistics.Subscribers)
	}
	return v, nil
}
