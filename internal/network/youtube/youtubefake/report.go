package youtubefake

import "strings"

// videoReport is the one report on videos that is asked for.
const videoReport = "shares,estimatedMinutesWatched,averageViewDuration,averageViewPercentage,subscribersGained"

// report answers YouTube Analytics: videos' numbers, a video's retention, and who watched.
func (f *Fake) report(c *call) (any, *refusal) {
	metrics, dimension := c.q.Get("metrics"), c.q.Get("dimensions")
	if c.q.Get("ids") != "channel=="+Brand || c.q.Get("startDate") == "" || c.q.Get("endDate") == "" || c.q.Get("startDate") > c.q.Get("endDate") {
		return nil, no(400, "badRequest", "The query is not supported.")
	}
	asked, ofVideos := strings.CutPrefix(c.q.Get("filters"), "video==")
	rows := []any{}
	switch {
	case metrics == videoReport && dimension == "video" && ofVideos:
		for _, id := range strings.Split(asked, ",") {
			if v := f.video(id); v != nil && v.shares > 0 {
				rows = append(rows, []any{id, v.shares, 12, 34.5, 57.25, 3})
			}
		}
	case metrics == "audienceWatchRatio" && dimension == "elapsedVideoTimeRatio" && ofVideos && !strings.Contains(asked, ","):
		rows = []any{[]any{0.01, 1.12}, []any{0.5, 0.43}, []any{1, 0.2}}
	case metrics == "viewerPercentage" && dimension == "ageGroup" && !ofVideos:
		rows = []any{[]any{"age18-24", 31.2}, []any{"age25-34", 48.7}, []any{"age65-", 20.1}}
	case metrics == "viewerPercentage" && dimension == "gender" && !ofVideos:
		rows = []any{[]any{"female", 61.5}, []any{"male", 38.5}}
	case metrics == "views" && dimension == "country" && !ofVideos:
		rows = []any{[]any{"DE", 900}, []any{"DK", 300}}
	case metrics == "views" && dimension == "insightTrafficSourceType" && !ofVideos:
		rows = []any{[]any{"YT_SEARCH", 500}, []any{"SUBSCRIBER", 700}}
	default:
		return nil, no(400, "badRequest", "The query is not supported.")
	}
	headers := []any{}
	for _, name := range strings.Split(dimension+","+metrics, ",") {
		headers = append(headers, map[string]any{"name": name})
	}
	return map[string]any{"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers, "rows": rows}, nil
}
