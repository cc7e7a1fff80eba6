package pinterest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/text"
)

// A pin made before the call is another one with the same words; taking it for the lost one would lose a pin for good,
// while overlooking the lost one only asks a person. So little is allowed for clocks: the server's date has whole
// seconds and its answer takes some. Where it sends no date, its clock is anybody's guess.
const (
	dated   = 10 * time.Second
	undated = 2 * time.Minute
	newest  = "50" // pins of the board that are looked at
)

// Find looks among the newest pins of the board for one made since the call with the same link, title, description and
// kind. The list proves presence, never absence: a request still on its way may appear later.
func (n Pinterest) Find(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.NotSeen, network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	a := n.as(s)
	var list struct {
		Items []pin `json:"items"`
	}
	resp, err := a.get(ctx, "/boards/"+escape(p.Board)+"/pins", url.Values{"page_size": {newest}}, &list)
	if fault.Is(err, fault.NotFound) {
		return network.NotSeen, network.Outcome{}, nil // the board is gone, and its pins with it
	}
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	since := sent.Add(drift(resp))
	for _, it := range list.Items {
		if !it.Created.Before(since) && p.like(it) {
			return network.Found, a.outcome(p, it), nil
		}
	}
	return network.NotSeen, network.Outcome{}, nil
}

// like compares what was asked for with what is there.
func (p payload) like(it pin) bool {
	if p.Save != "" {
		return it.Parent == p.Save
	}
	same := func(a, b string) bool { return text.Normalise(a) == text.Normalise(b) }
	return it.Parent == "" && same(it.Link, p.Link) && same(it.Title, p.Title) && same(it.Description, p.Description) && same(it.Alt, p.Alt) &&
		(it.files() == 0 || it.files() == p.files())
}

// drift is how far the server's clock is ahead of ours by the date of its answer, less what that may be wrong by.
func drift(resp *safehttp.Response) time.Duration {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return -undated
	}
	if d := date.Sub(resp.At); d.Abs() > 2*time.Second {
		return d - dated
	}
	return -dated
}
