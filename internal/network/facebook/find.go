package facebook

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
	"github.com/bellwether-social/bellwether/internal/text"
)

// reach is how far before a call its result is asked for; which of them count is decided by the answer's own clock.
const reach = 2 * time.Minute

// Find looks for what a lost answer made. A list proves presence, never absence: a request still on its way may appear
// later.
func (f Facebook) Find(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.NotSeen, network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	c := f.caller(s)
	switch p.Call {
	case finishCall:
		return c.findVideo(ctx, p, earlier)
	case photoStoryCall:
		return c.findStory(ctx, p, earlier)
	case commentCall:
		return c.findComment(ctx, p, earlier, sent)
	case letterCall:
		return c.Sent(ctx, c.page, "messenger", []string{c.page}, *p.Letter, sent)
	}
	return c.findPost(ctx, p, earlier, sent)
}

func (c caller) findPost(ctx context.Context, p payload, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	lists := []string{"published_posts"}
	if p.State == scheduled {
		lists = append(lists, "scheduled_posts")
	}
	taken := map[string]bool{}
	for _, o := range earlier {
		taken[o.RemoteID] = true
	}
	for _, list := range lists {
		q := url.Values{"fields": {postFields}, "limit": {"100"}, "since": {strconv.FormatInt(sent.Add(-reach).Unix(), 10)}}
		if p.Backdate != "" || list == "scheduled_posts" { // these are sorted by another time than that of the call
			q.Del("since")
		}
		var page graph.Page[post]
		resp, err := c.Get(ctx, c.edge(list), q, &page)
		if err != nil {
			return network.NotSeen, network.Outcome{}, err
		}
		since := graph.Since(resp, sent)
		for _, it := range page.Data {
			old := it.Created.Before(since)
			if p.Backdate != "" {
				at, _ := time.Parse(time.RFC3339, p.Backdate)
				old = !it.Backdated.Equal(at) && !it.Created.Equal(at)
			}
			if !old && !taken[it.ID] && it.pictures() == len(p.Uploads) && text.Normalise(it.Message) == text.Normalise(p.Text) {
				return network.Found, p.made(it, resp.At), nil
			}
		}
	}
	return network.NotSeen, network.Outcome{}, nil
}

func (c caller) findVideo(ctx context.Context, p payload, earlier network.Outcomes) (network.Finding, network.Outcome, error) {
	ids, err := uploaded(p, earlier)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	v, resp, err := c.film(ctx, ids[0])
	if err != nil || !v.begun() {
		return network.NotSeen, network.Outcome{}, present(err)
	}
	o, err := c.watched(p, v, resp.At)
	if err != nil || o.Pending { // the same call again sees that it was begun, and waits for its end
		return network.NotSeen, network.Outcome{}, nil
	}
	return network.Found, o, nil
}

type told struct {
	Post  flexible   `json:"post_id"`
	Media flexible   `json:"media_id"`
	Kind  string     `json:"media_type"`
	At    graph.Time `json:"creation_time"`
	URL   string     `json:"url"`
}

const storyFields = "post_id,media_id,media_type,creation_time,url,status"

func (c caller) stories(ctx context.Context) ([]told, error) {
	var page graph.Page[told]
	_, err := c.Get(ctx, c.edge("stories"), url.Values{"fields": {storyFields}, "limit": {"100"}}, &page)
	return page.Data, err
}

func (c caller) findStory(ctx context.Context, p payload, earlier network.Outcomes) (network.Finding, network.Outcome, error) {
	ids, err := uploaded(p, earlier)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	list, err := c.stories(ctx)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	for _, it := range list {
		if string(it.Media) == ids[0] {
			return network.Found, c.toldStory(string(it.Post), ids[0], it.URL), nil
		}
	}
	return network.NotSeen, network.Outcome{}, nil
}

func (c caller) findComment(ctx context.Context, p payload, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	on, err := p.parent(earlier)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	q := url.Values{"fields": {commentFields}, "filter": {"stream"}, "order": {"reverse_chronological"}, "limit": {"100"}, "since": {strconv.FormatInt(sent.Add(-reach).Unix(), 10)}}
	var page graph.Page[comment]
	resp, err := c.Get(ctx, "/"+graph.Escape(on)+"/comments", q, &page)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	since := graph.Since(resp, sent)
	for _, it := range page.Data {
		if it.From.ID == c.page && !it.Created.Before(since) && text.Normalise(it.Message) == text.Normalise(p.Text) {
			return network.Found, it.outcome(), nil
		}
	}
	return network.NotSeen, network.Outcome{}, nil
}
