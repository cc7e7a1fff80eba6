package pinterest

import (
	"context"
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// span is how far back Pinterest's analytics go.
const span = 89 * 24 * time.Hour

// The dictionary's names of Pinterest's numbers: those since a pin was made come with the pin, the others from its
// analytics.
var (
	lifetime  = map[string]string{"impression": "M-IMPR", "clickthrough": "M-LCLICK", "reaction": "M-LIKE", "comment": "M-COMM"}
	analytics = map[string]string{"IMPRESSION": "M-IMPR", "OUTBOUND_CLICK": "M-LCLICK", "SAVE": "M-SAVE", "TOTAL_REACTIONS": "M-LIKE", "TOTAL_COMMENTS": "M-COMM",
		"PROFILE_VISIT": "M-PVIS", "USER_FOLLOW": "M-FOLLGAIN", "VIDEO_MRC_VIEW": "M-VVIEW", "VIDEO_AVG_WATCH_TIME": "M-VAVG", "VIDEO_V50_WATCH_TIME": "M-VTIME",
		"QUARTILE_95_PERCENT_VIEW": "M-VDONE"}
	ofPicture = "IMPRESSION,OUTBOUND_CLICK,SAVE,TOTAL_COMMENTS,TOTAL_REACTIONS,PROFILE_VISIT,USER_FOLLOW"
	ofVideo   = "IMPRESSION,OUTBOUND_CLICK,SAVE,TOTAL_COMMENTS,TOTAL_REACTIONS,VIDEO_MRC_VIEW,VIDEO_AVG_WATCH_TIME,VIDEO_V50_WATCH_TIME,QUARTILE_95_PERCENT_VIEW"
	ofAccount = "IMPRESSION,OUTBOUND_CLICK,SAVE"
)

// numbers are sums over a span of days, and over a pin's whole life where Pinterest keeps them.
type numbers struct {
	Summary  map[string]float64 `json:"summary_metrics"`
	Lifetime map[string]float64 `json:"lifetime_metrics"`
	Days     []struct {
		Status  string             `json:"data_status"`
		Metrics map[string]float64 `json:"metrics"`
	} `json:"daily_metrics"`
}

// PostMetrics reads each pin's numbers. When Pinterest stops answering midway, what was read so far comes with the
// error.
func (n Pinterest) PostMetrics(ctx context.Context, s network.Session, items []network.Remote) ([]network.Measured, error) {
	a := n.as(s)
	var out []network.Measured
	for _, it := range items {
		one, err := a.measure(ctx, it.ID)
		if err != nil {
			return out, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (a api) measure(ctx context.Context, id string) (network.Measured, error) {
	var it pin
	resp, err := a.get(ctx, "/pins/"+escape(id), url.Values{"pin_metrics": {"true"}}, &it)
	if fault.Is(err, fault.NotFound) {
		return network.Measured{RemoteID: id, Gone: true}, nil
	}
	if err != nil {
		return network.Measured{}, err
	}
	today := resp.At.UTC()
	from := today.Add(-span)
	if it.Created.After(from) {
		from = it.Created.Time
	}
	kinds := ofPicture
	if it.Media.Type == "video" {
		kinds = ofVideo
	}
	var all map[string]numbers
	_, err = a.get(ctx, "/pins/"+escape(id)+"/analytics", url.Values{"start_date": {day(from)}, "end_date": {day(today)}, "metric_types": {kinds}}, &all)
	if err != nil && !fault.Is(err, fault.Rejected) && !fault.Is(err, fault.NotFound) { // personal accounts have no analytics
		return network.Measured{}, err
	}
	v := network.Values{}
	put(v, analytics, all["all"].Summary)
	put(v, analytics, all["all"].Lifetime)
	put(v, lifetime, it.Metrics.Lifetime)
	return network.Measured{RemoteID: id, Values: v}, nil
}

// put adds what is there; a later, longer count replaces an earlier one.
func put(v network.Values, names map[string]string, from map[string]float64) {
	for name, value := range from {
		if id := names[name]; id != "" && value >= 0 {
			if name == "VIDEO_V50_WATCH_TIME" { // thousandths of a second
				value /= 1000
			}
			v[id] = int64(value)
		}
	}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// AccountMetrics reads the followers, and of business accounts the day's numbers as far as Pinterest has counted them.
func (n Pinterest) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	a := n.as(s)
	var me user
	resp, err := a.get(ctx, "/user_account", nil, &me)
	if err != nil {
		return nil, err
	}
	v := network.Values{}
	if me.Followers != nil && *me.Followers >= 0 {
		v["M-FOLL"] = *me.Followers
	}
	if me.Type != "BUSINESS" {
		return v, nil
	}
	var all map[string]numbers
	today := day(resp.At)
	if _, err = a.get(ctx, "/user_account/analytics", url.Values{"start_date": {today}, "end_date": {today}, "metric_types": {ofAccount}}, &all); err != nil {
		if fault.Is(err, fault.Rejected) || fault.Is(err, fault.NotFound) {
			return v, nil // the account's role or age allows no analytics
		}
		return nil, err
	}
	for _, d := range all["all"].Days {
		if d.Status == "READY" || d.Status == "ESTIMATE" {
			put(v, analytics, d.Metrics)
		}
	}
	return v, nil
}
