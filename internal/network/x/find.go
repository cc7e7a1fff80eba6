package x

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/text"
)

const (
	page  = 100 // the most X returns at once
	pages = 3   // how far a look-up reads
	// A post made before the call is another one with the same words; taking it for the lost one would lose a post for
	// good, while overlooking the lost one only asks a person. So little is allowed for clocks.
	slack = 10 * time.Second
	// before is how much earlier than the call the timeline is asked for. It costs what it returns.
	before = time.Minute
)

// shown are the fields a post is read with.
func shown() url.Values {
	return url.Values{
		"post.fields":  {"attachments,conversation_id,created_at,edit_controls,entities,note_post,reply_settings,text"},
		"expansions":   {"attachments.media_keys,attachments.poll_ids,author_id,edit_history_post_ids,in_reply_to_user_id,referenced_posts"},
		"user.fields":  {"name,username,profile_image_url,public_metrics"},
		"media.fields": {"media_key,type,url,preview_image_url,alt_text"},
	}
}

// Find looks in the account's own timeline for a post made since the call with the same words, the same parent, as many
// files and the same poll; for a direct message, in the conversation. It proves presence, never absence: a request
// still on its way may appear later, and so may a post the timeline does not show yet.
func (n X) Find(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.NotSeen, network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	taken := map[string]bool{}
	for _, o := range earlier {
		taken[o.RemoteID] = true
	}
	if p.To != "" {
		return n.server(s).findMessage(ctx, p, taken, sent)
	}
	parent, err := p.parent(earlier)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	x := n.server(s)
	from := sent.Add(-before)
	list, resp, err := x.since(ctx, from)
	if ahead := drift(resp); ahead.Abs() > before-slack {
		list, resp, err = x.since(ctx, from.Add(ahead)) // one of the clocks is wrong: ask by X's own
	}
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	earliest := sent.Add(drift(resp) - slack)
	slices.Reverse(list) // the oldest first: the lost call's post came before any later one of the same words
	for _, it := range list {
		if it.CreatedAt.Before(earliest) || taken[it.ID] || !p.shapedLike(it, parent) || !same(it.words(), p.Text, parent != "") {
			continue
		}
		return network.Found, x.outcome(it.ID, p, earlier), nil
	}
	return network.NotSeen, network.Outcome{}, nil
}

// drift is how far X's clock is ahead of ours by the date of its answer, which has whole seconds.
func drift(resp *safehttp.Response) time.Duration {
	if resp == nil {
		return 0
	}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0
	}
	if d := date.Sub(resp.At); d.Abs() > 2*time.Second {
		return d
	}
	return 0
}

// since lists the account's own posts made since then, newest first.
func (s server) since(ctx context.Context, from time.Time) (all []post, last *safehttp.Response, err error) {
	q := shown()
	q.Set("max_results", strconv.Itoa(page))
	q.Set("exclude", "retweets")
	q.Set("start_time", from.UTC().Format(time.RFC3339))
	for range pages {
		var list []post
		a, resp, err := s.get(ctx, "/2/users/"+escape(s.me.ID)+"/tweets", q, &list)
		if err != nil {
			return nil, resp, err
		}
		all, last = append(all, list...), resp
		if a.Meta.Next == "" {
			break
		}
		q.Set("pagination_token", a.Meta.Next)
	}
	return all, last, nil
}

// shapedLike compares everything but the words.
func (p payload) shapedLike(it post, parent string) bool {
	return it.parent() == parent && len(it.Attachments.Media) == len(p.Files) && (len(it.Attachments.Polls) > 0) == (len(p.Options) > 0)
}

// same compares words as people read them. X puts the names of those who are answered in front of an answer.
func same(theirs, ours string, answers bool) bool {
	a, b := text.Normalise(theirs), text.Normalise(ours)
	return a == b || answers && len(a) > len(b) && within(a) == within(b)
}

// findMessage looks for a direct message in its conversation.
func (s server) findMessage(ctx context.Context, p payload, taken map[string]bool, sent time.Time) (network.Finding, network.Outcome, error) {
	q := messageFields()
	q.Set("max_results", "20")
	var list []event
	_, resp, err := s.get(ctx, "/2/dm_conversations/with/"+escape(p.To)+"/dm_events", q, &list)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	earliest := sent.Add(drift(resp) - slack)
	for _, e := range slices.Backward(list) {
		if e.Sender != s.me.ID || e.CreatedAt.Before(earliest) || taken[e.ID] || (len(e.Attachments.Media) > 0) != (len(p.Files) > 0) || !same(e.words(), p.Text, false) {
			continue
		}
		return network.Found, sentMessage(e.ID, e.Conversation), nil
	}
	return network.NotSeen, network.Outcome{}, nil
}
