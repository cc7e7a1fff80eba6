package wordpress

import (
	"cmp"
	"context"
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
	// What may be wrong about a site's clock: its date has whole seconds and its answer takes some. Where it sends no
	// date, its clock is anybody's guess.
	dated   = 10 * time.Second
	undated = 2 * time.Minute
)

// Find looks whether the draft has its state by now, or whether the comment is there. Neither proves absence: a request
// still on its way may be carried out later.
func (WordPress) Find(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	p, err := read(step)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	if p.Slug == "" {
		p.Post = cmp.Or(p.Post, earlier["post"].RemoteID)
		o, found, err := at(s).ownComment(ctx, s.Account, p, earlier, sent)
		return finding(found, o, err)
	}
	there, found, err := at(s).bySlug(ctx, p)
	if found && there.Status == p.Status {
		return finding(true, there.outcome(p, earlier), err)
	}
	return finding(false, network.Outcome{}, err)
}

func finding(found bool, o network.Outcome, err error) (network.Finding, network.Outcome, error) {
	if err != nil || !found {
		return network.NotSeen, network.Outcome{}, err
	}
	return network.Found, o, nil
}

// ownComment looks for a comment of ours with the same words at the same place, made after sent.
func (s site) ownComment(ctx context.Context, a network.Account, p payload, earlier network.Outcomes, sent time.Time) (network.Outcome, bool, error) {
	q := url.Values{"post": {p.Post}, "parent": {cmp.Or(p.Parent, "0")}, "orderby": {"id"}, "order": {"desc"}, "per_page": {"100"}}
	if can(a, "moderate_comments") {
		q.Set("author", a.Extra["user"])
		q.Set("status", "all")
	}
	var list []comment
	resp, err := s.get(ctx, "/wp/v2/comments", q, &list)
	if err != nil {
		return network.Outcome{}, false, err
	}
	for _, c := range list {
		after := sent.IsZero() || !c.at().Before(sent.Add(drift(resp)))
		if strconv.FormatInt(c.Author, 10) == a.Extra["user"] && after && !taken(earlier, c) && text.Normalise(text.FromHTML(c.Content.Rendered)) == text.Normalise(p.Text) {
			return c.outcome(), true, nil
		}
	}
	return network.Outcome{}, false, nil
}

func taken(earlier network.Outcomes, c comment) bool {
	for _, o := range earlier {
		if o.RemoteID == c.outcome().RemoteID {
			return true
		}
	}
	return false
}

// drift is how far the site's clock is ahead of ours by the date of its answer, less what that may be wrong by.
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

// Read reads a post or a comment back.
func (WordPress) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	if number, ok := strings.CutPrefix(item.ID, commentPrefix); ok {
		var c comment
		_, err := at(s).get(ctx, "/wp/v2/comments/"+url.PathEscape(number), nil, &c)
		if fault.Is(err, fault.NotFound) || err == nil && (c.Status == "trash" || c.Status == "spam") {
			return network.Live{Remote: item}, nil
		}
		if err != nil {
			return network.Live{}, err
		}
		return network.Live{Remote: network.Remote{ID: item.ID, URL: c.Link, Data: item.Data}, Exists: true, Text: text.FromHTML(c.Content.Rendered), Visibility: c.Status, At: c.at(), ReplyTo: c.answers()}, nil
	}
	base := cmp.Or(item.Data["base"], posts)
	var there post
	_, err := at(s).get(ctx, "/wp/v2/"+base+"/"+url.PathEscape(item.ID), url.Values{"context": {"edit"}}, &there)
	if fault.Is(err, fault.NotFound) || err == nil && there.Status == "trash" {
		return network.Live{Remote: item}, nil
	}
	if err != nil {
		return network.Live{}, err
	}
	l := there.live(base)
	l.Data = item.Data
	return l, nil
}

func (there post) live(base string) network.Live {
	l := network.Live{Remote: network.Remote{ID: strconv.FormatInt(there.ID, 10), URL: there.Link, Data: map[string]string{"base": base}}, Exists: true,
		Text: plain(there.Content.Raw), MediaCount: len(files.FindAllString(there.Content.Raw, -1)), Visibility: there.Status, At: moment(there.Date), Closed: there.Status != "publish"}
	if there.Feature != 0 && !strings.Contains(there.Content.Raw, "wp-image-"+strconv.FormatInt(there.Feature, 10)+`"`) {
		l.MediaCount++
	}
	return l
}

// moment reads the API's times, which are UTC and do not say so.
func moment(s string) time.Time {
	at, err := time.Parse("2006-01-02T15:04:05", s)
	if err != nil {
		return time.Time{}
	}
	return at
}

// Delete moves a post or a comment to the trash; what is there already is removed.
func (WordPress) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	route := "/wp/v2/" + cmp.Or(item.Data["base"], posts) + "/" + url.PathEscape(item.ID)
	if number, ok := strings.CutPrefix(item.ID, commentPrefix); ok {
		route = "/wp/v2/comments/" + url.PathEscape(number)
	}
	_, err := at(s).repeat(ctx, http.MethodDelete, route, nil, nil)
	if fault.Is(err, fault.NotFound) { // 404, or 410 for what is in the trash
		return nil
	}
	return err
}

// Own lists the user's posts, newest first, made anywhere. before is how many were listed.
func (WordPress) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	skip, _ := strconv.Atoi(before)
	limit = max(1, min(limit, 100))
	var list []post
	q := url.Values{"author": {s.Account.Extra["user"]}, "status": {"publish,private"}, "context": {"edit"}, "per_page": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(skip)}}
	if _, err := at(s).get(ctx, "/wp/v2/posts", q, &list); err != nil || len(list) == 0 {
		return nil, "", err
	}
	var items []network.Live
	for _, there := range list {
		items = append(items, there.live(posts))
	}
	return items, strconv.Itoa(skip + len(list)), nil
}
