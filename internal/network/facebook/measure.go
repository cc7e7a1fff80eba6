package facebook

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
)

// number is one of Meta's and what it is in the dictionary.
type number struct {
	name, id string
	parts    []string // of a value that is broken down; none means all
	unit     int64    // how many of Meta's units are one of ours
}

var (
	ofPost = []number{{name: "post_media_view", id: "M-IMPR"}, {name: "post_total_media_view_unique", id: "M-REACH"}, {name: "post_reactions_by_type_total", id: "M-LIKE"},
		{name: "post_clicks_by_type", id: "M-LCLICK", parts: []string{"link clicks"}}}
	ofVideo = append(ofPost[:len(ofPost):len(ofPost)], number{name: "post_video_views", id: "M-VVIEW"}, number{name: "post_video_avg_time_watched", id: "M-VAVG"}, number{name: "post_video_view_time", id: "M-VTIME", unit: 1000})
	ofStory = []number{{name: "STORY_MEDIA_VIEW", id: "M-IMPR"}, {name: "STORY_TOTAL_MEDIA_VIEW_UNIQUE", id: "M-REACH"}, {name: "PAGES_FB_STORY_REPLIES", id: "M-STREP"}, {name: "PAGES_FB_STORY_SHARES", id: "M-SHARE"}}
	ofPage  = []number{{name: "page_media_view", id: "M-IMPR"}, {name: "page_total_media_view_unique", id: "M-REACH"}, {name: "page_views_total", id: "M-PVIS"}, {name: "page_video_views", id: "M-VVIEW"}}
)

const follows, unfollows = "page_daily_follows_unique", "page_daily_unfollows_unique"

func namesOf(list []number, more ...string) (out []string) {
	for _, n := range list {
		out = append(out, n.name)
	}
	return append(out, more...)
}

func put(v network.Values, list []number, raw map[string]json.RawMessage) {
	for _, n := range list {
		if value, ok := graph.Number(raw[n.name], n.parts...); ok {
			v[n.id] = value / max(1, n.unit)
		}
	}
}

// PostMetrics reads each item's numbers. When Facebook stops answering midway, what was read so far comes with the error.
func (f Facebook) PostMetrics(ctx context.Context, s network.Session, items []network.Remote) ([]network.Measured, error) {
	c := f.at(s)
	var out []network.Measured
	for _, it := range items {
		v, err := meter{c}.post(ctx, it)
		switch {
		case fault.Is(err, fault.NotFound):
			out = append(out, network.Measured{RemoteID: it.ID, Gone: true})
		case err != nil:
			return out, err
		default:
			out = append(out, network.Measured{RemoteID: it.ID, Values: v})
		}
	}
	return out, nil
}

// meter reads numbers.
type meter struct{ graph.Client }

func (c meter) post(ctx context.Context, it network.Remote) (network.Values, error) {
	v, node, list := network.Values{}, "/"+graph.Escape(it.ID), ofPost
	switch {
	case it.Data["kind"] == story:
		list = ofStory
	case it.Data["video"] != "":
		list = ofVideo
	}
	if it.Data["kind"] != story {
		var counts struct {
			Shares *struct {
				Count int64 `json:"count"`
			} `json:"shares"`
			Comments *struct {
				Summary struct {
					Total *int64 `json:"total_count"`
				} `json:"summary"`
			} `json:"comments"`
		}
		fields := "id,comments.limit(0).summary(true)"
		if it.ID != it.Data["video"] {
			fields += ",shares"
		}
		if _, err := c.Get(ctx, node, url.Values{"fields": {fields}}, &counts); err != nil {
			return nil, err
		}
		if counts.Shares != nil {
			v["M-SHARE"] = counts.Shares.Count
		}
		if counts.Comments != nil && counts.Comments.Summary.Total != nil {
			v["M-COMM"] = *counts.Comments.Summary.Total
		}
	}
	edge := "/insights"
	if it.ID == it.Data["video"] {
		edge = "/video_insights"
	}
	raw, err := c.Insights(ctx, node+edge, url.Values{"period": {"lifetime"}}, namesOf(list)...)
	if err != nil {
		return nil, err
	}
	put(v, list, raw)
	return v, nil
}

// AccountMetrics reads the Page's followers and the numbers of its last whole day.
func (f Facebook) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	c, node := f.at(s), "/"+graph.Escape(s.Account.ID)
	var p struct {
		Followers *int64 `json:"followers_count"`
	}
	if _, err := c.Get(ctx, node, url.Values{"fields": {"id,followers_count"}}, &p); err != nil {
		return nil, err
	}
	v := network.Values{}
	if p.Followers != nil {
		v["M-FOLL"] = *p.Followers
	}
	raw, err := c.Insights(ctx, node+"/insights", url.Values{"period": {"day"}}, namesOf(ofPage, follows, unfollows)...)
	if err != nil {
		return v, err
	}
	put(v, ofPage, raw)
	gained, ok1 := graph.Number(raw[follows])
	lost, ok2 := graph.Number(raw[unfollows])
	if ok1 && ok2 {
		v["M-FOLLNET"] = gained - lost
	}
	return v, nil
}
