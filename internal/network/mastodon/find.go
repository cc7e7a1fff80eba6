package mastodon

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/text"
)

const (
	page  = 40 // the most a server returns at once
	pages = 5  // how far a look-up reads back
	// A post made before the call is another one with the same words; taking it for the lost one would lose a post for
	// good, while overlooking the lost one only asks a person. So little is allowed for clocks: a server's date has
	// whole seconds and its answer takes some. Where it sends no date, its clock is anybody's guess.
	dated   = 10 * time.Second
	undated = 2 * time.Minute
)

// Find looks among the account's own statuses for one made since the call with the same words, the same parent, as
// many files and the same poll. The list proves presence, never absence: a request still on its way may appear later.
func (Mastodon) Find(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.NotSeen, network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	parent, err := p.parent(earlier)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	taken := map[string]bool{}
	for _, o := range earlier {
		taken[o.RemoteID] = true
	}
	below := ""
	for range pages {
		list, resp, err := at(s).own(ctx, s.Account, below, "", page)
		if err != nil {
			return network.NotSeen, network.Outcome{}, err
		}
		since := sent.Add(drift(resp))
		for _, st := range list {
			if st.CreatedAt.Before(since) {
				return network.NotSeen, network.Outcome{}, nil
			}
			if taken[st.ID] || !p.shapedLike(st, parent) {
				continue
			}
			same, err := at(s).sameWords(ctx, p, st)
			if err != nil {
				return network.NotSeen, network.Outcome{}, err
			}
			if same {
				return network.Found, outcome(st, p), nil
			}
		}
		if len(list) == 0 {
			break
		}
		below = list[len(list)-1].ID
	}
	return network.NotSeen, network.Outcome{}, nil
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

// shapedLike compares everything but the words.
func (p payload) shapedLike(st status, parent string) bool {
	seen := st.Visibility == p.Visibility || st.Visibility == unlisted && p.Visibility == public // limited accounts are taken down one
	if !seen || st.ReplyTo != parent || len(st.Media) != len(p.Files) || (st.Poll != nil) != (p.Poll != nil) {
		return false
	}
	return st.Poll == nil || len(st.Poll.Options) == len(p.Poll.Options)
}

// sameWords compares the words as people read them, and where these differ as they were written: servers draw
// mentions, emoji and sometimes Markdown in their own way.
func (s server) sameWords(ctx context.Context, p payload, st status) (bool, error) {
	if text.Normalise(st.Spoiler) == text.Normalise(p.Warning) && shown(text.FromHTML(st.Content)) == shown(p.Text) {
		return true, nil
	}
	var source struct {
		Text    string `json:"text"`
		Spoiler string `json:"spoiler_text"`
	}
	_, err := s.get(ctx, "/api/v1/statuses/"+escape(st.ID)+"/source", nil, &source)
	if fault.Is(err, fault.NotFound) {
		return false, nil // gone by now, or a server that keeps no source
	}
	return err == nil && text.Normalise(source.Text) == text.Normalise(p.Text) && text.Normalise(source.Spoiler) == text.Normalise(p.Warning), err
}

// shown is a text with every mention as short as servers show it.
func shown(s string) string {
	var b strings.Builder
	from := 0
	for _, e := range text.Mentions(s) {
		name, _, _ := strings.Cut(e.Value, "@")
		b.WriteString(s[from:e.Start] + "@" + name)
		from = e.End
	}
	return text.Normalise(b.String() + s[from:])
}

// own lists the account's own statuses, newest first, without boosts.
func (s server) own(ctx context.Context, a network.Account, below, above string, limit int) ([]status, *safehttp.Response, error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}, "exclude_reblogs": {"true"}}
	if below != "" {
		q.Set("max_id", below)
	}
	if above != "" {
		q.Set("min_id", above)
	}
	var list []status
	resp, err := s.get(ctx, "/api/v1/accounts/"+escape(rawID(a))+"/statuses", q, &list)
	return list, resp, err
}
