package reddit

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/text"
)

// A post made before the call is another one with the same words; taking it for the lost one would lose a post for
// good, while overlooking the lost one only asks a person. So little is allowed for clocks: the server's date has whole
// seconds and its answer takes some. Where it sends no date, its clock is anybody's guess.
const (
	dated   = 10 * time.Second
	undated = 2 * time.Minute
)

// Find looks among the account's own posts, comments or sent messages for one made since the call with the same content
// at the same place. The lists lag a little and prove presence, never absence.
func (r Reddit) Find(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.NotSeen, network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	a := r.as(s)
	since := func(resp *safehttp.Response) time.Time { return sent.Add(drift(resp)) }
	var found *item
	var err error
	if p.Do == comment {
		found, err = a.ownComment(ctx, p, earlier, since)
	} else {
		found, _, err = a.ownPost(ctx, p, since)
	}
	switch {
	case err != nil || found == nil:
		return network.NotSeen, network.Outcome{}, err
	case p.Do == comment:
		return network.Found, network.Outcome{RemoteID: found.Name, URL: a.link(*found), Data: map[string]string{"kind": comment}}, nil
	}
	return network.Found, a.outcome(*found, p), nil
}

func (a api) own(ctx context.Context, path, after, limit string) (listing, *safehttp.Response, error) {
	q := url.Values{"limit": {limit}}
	if strings.HasPrefix(path, "/user/") {
		q.Set("sort", "new")
	}
	if after != "" {
		q.Set("after", after)
	}
	var list listing
	resp, err := a.get(ctx, path, q, &list)
	return list, resp, err
}

func (a api) ownPost(ctx context.Context, p payload, since func(*safehttp.Response) time.Time) (*item, *safehttp.Response, error) {
	list, resp, err := a.own(ctx, "/user/"+escape(a.me)+"/submitted", "", "100")
	if err != nil {
		return nil, resp, err
	}
	from := since(resp)
	for _, t := range list.Data.Children {
		if !t.Data.at().Before(from) && p.like(t.Data) {
			return &t.Data, resp, nil
		}
	}
	return nil, resp, nil
}

// like compares what was asked for with what is there. While files are processed, a post with a picture or a video looks
// like a link.
func (p payload) like(it item) bool {
	if !strings.EqualFold(it.Community, p.Community) || !same(it.Title, p.Title) {
		return false
	}
	kind := it.kind()
	switch p.Kind {
	case self, poll:
		return kind == p.Kind && same(it.Text, p.Text)
	case link:
		return (kind == link || kind == picture) && it.URL == p.URL
	case crosspost:
		return it.Crosspost == p.Crosspost
	case picture, video:
		return kind == p.Kind || kind == link && strings.HasSuffix("."+hostOf(it.URL), ".redd.it")
	}
	return kind == p.Kind && (it.Gallery == nil || it.files() == len(p.Files))
}

func same(a, b string) bool { return text.Normalise(a) == text.Normalise(b) }

func (a api) ownComment(ctx context.Context, p payload, earlier network.Outcomes, since func(*safehttp.Response) time.Time) (*item, error) {
	parent, err := p.parent(earlier)
	if err != nil {
		return nil, err
	}
	path := "/user/" + escape(a.me) + "/comments"
	if strings.HasPrefix(parent, "t4_") {
		path = "/message/sent"
	}
	list, resp, err := a.own(ctx, path, "", "100")
	if err != nil {
		return nil, err
	}
	from := since(resp)
	at := slices.IndexFunc(list.Data.Children, func(t thing) bool {
		return !t.Data.at().Before(from) && t.Data.Parent == parent && same(t.Data.Body, p.Text)
	})
	if at < 0 {
		return nil, nil
	}
	return &list.Data.Children[at].Data, nil
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
