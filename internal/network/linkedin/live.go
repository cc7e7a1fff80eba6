package linkedin

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/text"
)

// unreadable is said where LinkedIn lets applications not look.
func unreadable() error {
	return fault.Rejectedf("LinkedIn does not let applications read what members post").WithCode("not_readable").WithHint("Look at LinkedIn.")
}

// Read reads a published post or comment back.
func (n LinkedIn) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	if !listable(s.Account) {
		return network.Live{}, unreadable()
	}
	x := n.server(s)
	if object, id, ok := split(item.ID); ok {
		var c reply
		_, err := x.get(ctx, path(object, id, ""), "", &c)
		return found(network.Live{Remote: item, Exists: true, Text: c.Message.Text, At: at(c.Created.Time), ReplyTo: cmp.Or(c.Parent, item.Data["post"])}, item, c.urn() != "", err)
	}
	var p post
	_, err := x.get(ctx, "/rest/posts/"+escape(item.ID)+"?viewContext=AUTHOR", "", &p)
	return found(p.live(), item, p.ID != "", err)
}

// found is what was read, or that it is gone.
func found(l network.Live, item network.Remote, whole bool, err error) (network.Live, error) {
	switch {
	case fault.Is(err, fault.NotFound):
		return network.Live{Remote: item}, nil
	case err != nil:
		return network.Live{}, err
	case !whole:
		return network.Live{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "LinkedIn answered without the item"}
	}
	return l, nil
}

// Delete removes a post or a comment; what is gone already is removed.
func (n LinkedIn) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	where := "/rest/posts/" + escape(item.ID)
	if object, id, ok := split(item.ID); ok {
		where = path(object, id, s.Account.ID)
	}
	_, err := n.server(s).repeat(ctx, http.MethodDelete, where, "DELETE", nil, nil)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// posts lists the account's own posts, newest first.
func (s server) posts(ctx context.Context, start, count int) ([]post, *safehttp.Response, error) {
	q := url.Values{"q": {"author"}, "author": {s.me.ID}, "sortBy": {"CREATED"}, "start": {strconv.Itoa(start)}, "count": {strconv.Itoa(count)}}
	var list struct {
		Elements []post `json:"elements"`
	}
	resp, err := s.get(ctx, "/rest/posts?"+q.Encode(), "FINDER", &list)
	return list.Elements, resp, err
}

// Own lists the account's own posts, newest first, made anywhere. before is how many came before.
func (n LinkedIn) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	if !listable(s.Account) {
		return nil, "", unreadable()
	}
	start, _ := strconv.Atoi(before)
	limit = max(1, min(limit, page))
	list, _, err := n.server(s).posts(ctx, start, limit)
	if err != nil || len(list) == 0 {
		return nil, "", err
	}
	var items []network.Live
	for _, p := range list {
		items = append(items, p.live())
	}
	return items, strconv.Itoa(start + len(list)), nil
}

const (
	pages = 3 // how far a look-up reads back
	// A post made before the call is another one with the same words; taking it for the lost one would lose a post for
	// good, while overlooking the lost one only asks a person. So little is allowed for clocks.
	slack = 10 * time.Second
)

// drift is how far LinkedIn's clock is ahead of ours by the date of its answer, which has whole seconds.
func drift(resp *safehttp.Response) time.Duration {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0
	}
	if d := date.Sub(resp.At); d.Abs() > 2*time.Second {
		return d
	}
	return 0
}

// Find looks among the account's own posts, or the comments of a post, for one made since the call with the same words
// and content. It proves presence, never absence: a request still on its way may appear later.
func (n LinkedIn) Find(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.NotSeen, network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	if !listable(s.Account) {
		return network.NotSeen, network.Outcome{}, nil // a member's: nobody lets us look
	}
	taken := map[string]bool{}
	for _, o := range earlier {
		taken[o.RemoteID] = true
	}
	x := n.server(s)
	if p.comment() {
		return x.findComment(ctx, p, cmp.Or(p.Post, earlier[p.Below].RemoteID), taken, sent)
	}
	var match network.Outcome
	for i := range pages {
		list, resp, err := x.posts(ctx, i*page, page)
		if err != nil {
			return network.NotSeen, network.Outcome{}, err
		}
		since := sent.Add(drift(resp) - slack)
		for _, it := range list {
			if at(it.when()).Before(since) {
				list = nil
				break
			}
			if !taken[it.ID] && p.like(it) {
				match = it.outcome() // the oldest such: the lost call's post came before any later one of the same words
			}
		}
		if len(list) < page {
			break
		}
	}
	if match.RemoteID != "" {
		return network.Found, match, nil
	}
	return network.NotSeen, network.Outcome{}, nil
}

// like compares words and content.
func (p payload) like(it post) bool {
	c, parent := it.Content, ""
	if it.Reshare != nil {
		parent = it.Reshare.Parent
	}
	return text.Normalise(plain(it.Commentary)) == text.Normalise(plain(p.Text)) && it.files() == len(p.Files) && (c.Poll != nil) == (p.Poll != nil) &&
		(c.Article != nil) == (p.Card != nil) && parent == p.Repost
}

func (s server) findComment(ctx context.Context, p payload, post string, taken map[string]bool, sent time.Time) (network.Finding, network.Outcome, error) {
	if post == "" {
		return network.NotSeen, network.Outcome{}, fault.Rejectedf("the post to comment (%s) is not published", p.Below)
	}
	for i := range 2 * pages {
		var list struct {
			Elements []reply `json:"elements"`
		}
		resp, err := s.get(ctx, "/rest/socialActions/"+escape(cmp.Or(p.Parent, post))+"/comments?"+paged(i * page)[1:], "", &list)
		if err != nil {
			return network.NotSeen, network.Outcome{}, refused(err, "The post is gone.")
		}
		since := sent.Add(drift(resp) - slack)
		for _, c := range list.Elements {
			if c.Actor == s.me.ID && !taken[c.urn()] && !at(c.Created.Time).Before(since) && text.Normalise(c.Message.Text) == text.Normalise(p.Text) {
				return network.Found, c.outcome(post), nil
			}
		}
		if len(list.Elements) < page {
			break
		}
	}
	return network.NotSeen, network.Outcome{}, nil
}
