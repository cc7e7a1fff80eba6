package instagram

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Find reads what became of a call. A container's status is exact; comments and messages are looked for, and a list
// proves presence, never absence.
func (n Instagram) Find(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.NotSeen, network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	c := n.caller(s)
	switch p.Call {
	case publishCall:
		return c.findPublished(ctx, p, earlier)
	case letterCall:
		return c.Sent(ctx, c.writer, own, c.self(), *p.Letter, sent)
	case commentCall:
		media, err := published(earlier)
		if err != nil {
			return network.NotSeen, network.Outcome{}, err
		}
		return c.findComment(ctx, "/"+graph.Escape(media)+"/comments", p, sent)
	case replyCall:
		return c.findComment(ctx, "/"+graph.Escape(p.On)+"/replies", p, sent)
	}
	return network.NotSeen, network.Outcome{}, nil
}

func (c caller) findPublished(ctx context.Context, p payload, earlier network.Outcomes) (network.Finding, network.Outcome, error) {
	made := earlier["container"]
	st, err := c.state(ctx, made.RemoteID)
	if err != nil || st.Code != "PUBLISHED" {
		return network.NotSeen, network.Outcome{}, err
	}
	o, found, err := c.locate(ctx, p, made, earlier)
	if err != nil || !found {
		return network.NotSeen, network.Outcome{}, err
	}
	return network.Found, o, nil
}

// locate finds the post that a published container became: the newest with its caption since the container was made.
func (c caller) locate(ctx context.Context, p payload, made network.Outcome, earlier network.Outcomes) (network.Outcome, bool, error) {
	edge := "media"
	if p.Kind == story {
		edge = "stories"
	}
	var page graph.Page[media]
	if _, err := c.Get(ctx, c.edge(edge), url.Values{"fields": {"id,caption,timestamp,permalink"}, "limit": {"25"}}, &page); err != nil {
		return network.Outcome{}, false, err
	}
	since, _ := time.Parse(time.RFC3339, made.Data["made"])
	for _, m := range page.Data {
		same := p.Kind == story || text.Normalise(m.Caption) == text.Normalise(p.Text)
		if same && !m.At.Before(since) {
			return c.outcome(m, p), true, nil
		}
	}
	return network.Outcome{}, false, nil
}

func (c caller) findComment(ctx context.Context, path string, p payload, sent time.Time) (network.Finding, network.Outcome, error) {
	var page graph.Page[comment]
	resp, err := c.Get(ctx, path, url.Values{"fields": {"id,text,username,timestamp"}, "limit": {"50"}}, &page)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	since := graph.Since(resp, sent)
	for _, it := range page.Data {
		if it.Username == c.handle && !it.At.Before(since) && text.Normalise(it.Text) == text.Normalise(p.Text) {
			return network.Found, network.Outcome{RemoteID: it.ID}, nil
		}
	}
	return network.NotSeen, network.Outcome{}, nil
}
