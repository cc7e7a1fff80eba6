package instagram

import (
	"context"
	"encoding/json"
	"math"
	"net/url"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
)

// number is one of Meta's and what it is in the dictionary.
type number struct {
	name, id string
	unit     int64 // how many of Meta's units are one of ours
}

// common are the numbers of everything that is published.
var common = []number{{name: "views", id: "M-IMPR"}, {name: "reach", id: "M-REACH"}, {name: "shares", id: "M-SHARE"}}

var (
	ofFeed = append(common[:len(common):len(common)], number{name: "likes", id: "M-LIKE"}, number{name: "comments", id: "M-COMM"}, number{name: "saved", id: "M-SAVE"},
		number{name: "reposts", id: "M-SHARE"})
	ofPost = append(ofFeed[:len(ofFeed):len(ofFeed)], number{name: "profile_visits", id: "M-PVIS"}, number{name: "follows", id: "M-FOLLGAIN"})
	ofReel = append(ofFeed[:len(ofFeed):len(ofFeed)], number{name: "views", id: "M-VVIEW"}, number{name: "ig_reels_avg_watch_time", id: "M-VAVG"},
		number{name: "ig_reels_video_view_total_time", id: "M-VTIME", unit: 1000}, number{name: "reels_skip_rate", id: "M-SKIP"})
	ofStory = append(common[:len(common):len(common)], number{name: "replies", id: "M-STREP"}, number{name: "profile_visits", id: "M-PVIS"}, number{name: "follows", id: "M-FOLLGAIN"})
)

// taps are the ways people move in stories.
var taps = map[string]string{"tap_forward": "M-STFWD", "tap_back": "M-STBACK", "swipe_forward": "M-STNEXT", "tap_exit": "M-STEX"}

func namesOf(list []number) (out []string) {
	seen := map[string]bool{}
	for _, n := range list {
		if !seen[n.name] {
			out = append(out, n.name)
		}
		seen[n.name] = true
	}
	return out
}

// put adds what is delivered; what two of Meta's numbers are to us is their sum.
func put(v network.Values, list []number, raw map[string]json.RawMessage) {
	for _, n := range list {
		if n.name == "reels_skip_rate" { // per cent with a fraction
			var rate float64
			if json.Unmarshal(raw[n.name], &rate) == nil && string(raw[n.name]) != "null" {
				v[n.id] = int64(math.Round(rate * 100))
			}
			continue
		}
		if value, ok := graph.Number(raw[n.name]); ok {
			v[n.id] += value / max(1, n.unit)
		}
	}
}

// PostMetrics reads each item's numbers. When Instagram stops answering midway, what was read so far comes with the error.
func (n Instagram) PostMetrics(ctx context.Context, s network.Session, items []network.Remote) ([]network.Measured, error) {
	c := n.caller(s)
	var out []network.Measured
	for _, it := range items {
		v, err := c.measure(ctx, it)
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

func (c caller) measure(ctx context.Context, it network.Remote) (network.Values, error) {
	node, list := "/"+graph.Escape(it.ID)+"/insights", ofPost
	switch it.Data["kind"] {
	case reelKind:
		list = ofReel
	case story:
		list = ofStory
	}
	v := network.Values{}
	raw, err := c.Insights(ctx, node, nil, namesOf(list)...)
	if err != nil {
		return nil, err
	}
	put(v, list, raw)
	if it.Data["kind"] != story {
		return v, nil
	}
	raw, err = c.Insights(ctx, node, url.Values{"breakdown": {"story_navigation_action_type"}}, "navigation")
	if err != nil {
		return v, err
	}
	for way, id := range taps {
		if n, ok := graph.Number(raw["navigation"], way, strings.ToUpper(way)); ok {
			v[id] = n
		}
	}
	if c.own { // clicks on a story's link are told only to Facebook's sign-in
		return v, nil
	}
	raw, err = c.Insights(ctx, node, nil, "link_clicks")
	if clicks, ok := graph.Number(raw["link_clicks"]); ok {
		v["M-LCLICK"] = clicks
	}
	return v, err
}

// AccountMetrics reads the followers and the numbers of the last whole day.
func (n Instagram) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	c := n.caller(s)
	var p struct {
		Followers *int64 `json:"followers_count"`
	}
	if _, err := c.Get(ctx, "/"+graph.Escape(c.id), url.Values{"fields": {"followers_count"}}, &p); err != nil {
		return nil, err
	}
	v := network.Values{}
	if p.Followers != nil {
		v["M-FOLL"] = *p.Followers
	}
	day := url.Values{"period": {"day"}, "metric_type": {"total_value"}}
	raw, err := c.Insights(ctx, c.edge("insights"), day, "views", "reach")
	if err != nil {
		return v, err
	}
	put(v, common[:2], raw)
	day.Set("breakdown", "follow_type")
	raw, err = c.Insights(ctx, c.edge("insights"), day, "follows_and_unfollows")
	gained, ok1 := graph.Number(raw["follows_and_unfollows"], "FOLLOWER")
	lost, ok2 := graph.Number(raw["follows_and_unfollows"], "NON_FOLLOWER")
	if ok1 || ok2 {
		v["M-FOLLNET"] = gained - lost
	}
	return v, err
}
