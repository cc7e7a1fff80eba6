package threads

import (
	"context"
	"net/url"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// insights are numbers as the API delivers them: as a value, or as a list of values.
type insights struct {
	Data []struct {
		Name   string `json:"name"`
		Values []struct {
			Value *int64 `json:"value"`
		} `json:"values"`
		Total struct {
			Value *int64 `json:"value"`
		} `json:"total_value"`
	} `json:"data"`
}

// number returns a metric's number, and whether it was delivered.
func (in insights) number(name string) (int64, bool) {
	for _, m := range in.Data {
		switch {
		case m.Name != name:
		case m.Total.Value != nil:
			return *m.Total.Value, *m.Total.Value >= 0
		case len(m.Values) > 0 && m.Values[0].Value != nil:
			return *m.Values[0].Value, *m.Values[0].Value >= 0
		}
	}
	return 0, false
}

// put adds up what was delivered of names; where nothing was there is no number.
func (in insights) put(v network.Values, id string, names ...string) {
	for _, name := range names {
		if n, ok := in.number(name); ok {
			v[id] += n
		}
	}
}

// PostMetrics reads each post's numbers. When the network stops answering midway, what was read so far comes with the
// error.
func (t Threads) PostMetrics(ctx context.Context, s network.Session, items []network.Remote) ([]network.Measured, error) {
	var out []network.Measured
	for _, it := range items {
		var in insights
		_, err := t.graph(s).get(ctx, path(it.ID)+"/insights", url.Values{"metric": {"views,likes,replies,reposts,quotes,shares"}}, &in)
		switch {
		case fault.Is(err, fault.NotFound):
			out = append(out, network.Measured{RemoteID: it.ID, Gone: true})
		case err != nil:
			return out, err
		default:
			v := network.Values{}
			in.put(v, "M-IMPR", "views")
			in.put(v, "M-LIKE", "likes")
			in.put(v, "M-COMM", "replies")
			in.put(v, "M-SHARE", "reposts", "quotes", "shares")
			out = append(out, network.Measured{RemoteID: it.ID, Values: v})
		}
	}
	return out, nil
}

// AccountMetrics reads the profile's followers. Its views and likes are sums over days that overlap from call to call,
// so they are taken from the posts.
func (t Threads) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	var in insights
	if _, err := t.graph(s).get(ctx, path("me")+"/threads_insights", url.Values{"metric": {"followers_count"}}, &in); err != nil {
		return nil, err
	}
	v := network.Values{}
	in.put(v, "M-FOLL", "followers_count")
	return v, nil
}
