package youtube

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// begin is before the first video on YouTube: numbers since then are all there are.
const begin = "2005-02-14"

// PostMetrics reads each video's counts, and from YouTube Analytics its shares and how it is watched. A number YouTube does not tell is
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
		until := resp.At.UTC().Format(time.DateOnly)
		more, err := c.reports(ctx, s.Account.ID, ids, until)
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
				put(m.Values, "M-VVIEW", n.Views)
				put(m.Values, "M-LIKE", n.Likes)
				put(m.Values, "M-COMM", n.Comments)
			}
			for of, v := range more[id] {
				m.Values[of] = v
			}
			if m.Values["M-VTIME"] > 0 { // of what nobody watched yet there is no curve to ask for
				watched, late := c.curve(ctx, s.Account.ID, id, until)
				if m.Watched = watched; late != nil && err == nil {
					err = late
				}
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

// reported are the numbers that YouTube Analytics adds to a video's counts, in the order they are asked for: how many of
// its units are one of ours, or the other way round.
var reported = []struct {
	name, id string
	of       float64
}{{"shares", "M-SHARE", 1}, {"estimatedMinutesWatched", "M-VTIME", 60}, {"averageViewDuration", "M-VAVG", 1000}, {"averageViewPercentage", "M-VSHARE", 100}, {"subscribersGained", "M-FOLLGAIN", 1}}

// reports asks YouTube Analytics for each video's numbers until a day (of today's it has none yet).
func (c caller) reports(ctx context.Context, channel string, ids []string, until string) (map[string]network.Values, error) {
	var names []string
	for _, r := range reported {
		names = append(names, r.name)
	}
	rows, err := c.report(ctx, channel, begin, until, "metrics", strings.Join(names, ","), "dimensions", "video", "filters", "video=="+strings.Join(ids, ","))
	if err != nil {
		return nil, err
	}
	out := map[string]network.Values{}
	for _, row := range rows {
		id, named := "", false
		if len(row) == len(reported)+1 {
			id, named = row[0].(string)
		}
		if !named {
			continue
		}
		out[id] = network.Values{}
		for i, r := range reported {
			if n, counted := row[i+1].(float64); counted && n >= 0 {
				out[id][r.id] = int64(math.Round(n * r.of))
			}
		}
	}
	return out, nil
}

// curve asks how much of a video people watch: each share of its length with the share of views that show it. YouTube
// counts parts that are watched again, so that a share may be above 100 %.
func (c caller) curve(ctx context.Context, channel, id, until string) ([]network.Watched, error) {
	rows, err := c.report(ctx, channel, begin, until, "metrics", "audienceWatchRatio", "dimensions", "elapsedVideoTimeRatio", "filters", "video=="+id)
	if err = ignore(err, fault.Rejected); err != nil {
		return nil, err
	}
	var out []network.Watched
	for _, row := range rows {
		if len(row) != 2 {
			continue
		}
		at, placed := row[0].(float64)
		share, counted := row[1].(float64)
		if placed && counted && at >= 0 && share >= 0 {
			out = append(out, network.Watched{At: int64(math.Round(at * 10_000)), Share: int64(math.Round(share * 10_000))})
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
