package googlebusiness

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/text"
)

const (
	page      = 100
	pagesBack = 3 // how far a look-up reads back
	// How much earlier than the call something may seem to be made: a server's date has whole seconds, its answer takes
	// some, and where it sends no date its clock is anybody's guess.
	dated   = 10 * time.Second
	undated = 2 * time.Minute
)

func at(v string) time.Time {
	t, _ := time.Parse(time.RFC3339, v)
	return t.UTC()
}

// Read reads a post, a photo or an answer back.
func (b Business) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	c := b.caller(s)
	if name, ok := strings.CutSuffix(item.ID, replySuffix); ok {
		return c.readReply(ctx, item, name)
	}
	var it struct {
		post
		GoogleURL   string `json:"googleUrl"`
		Description string `json:"description"`
	}
	_, err := c.get(ctx, b.base(legacy), v4(item.ID), nil, &it)
	if fault.Is(err, fault.NotFound) || err == nil && it.State == "REJECTED" {
		return network.Live{Remote: item}, nil
	}
	if err != nil {
		return network.Live{}, err
	}
	live := it.live()
	if strings.Contains(item.ID, "/media/") {
		live.URL, live.Text, live.MediaCount = it.GoogleURL, it.Description, 1
	}
	return live, nil
}

func (p post) live() network.Live {
	words := p.Summary
	if words == "" && p.Event != nil {
		words = p.Event.Title
	}
	return network.Live{Remote: network.Remote{ID: p.Name, URL: p.SearchURL, Data: map[string]string{"topic": p.Topic}}, Exists: true, Text: words, MediaCount: len(p.Media),
		Visibility: "public", At: at(p.CreateTime)}
}

// Delete removes a post, a photo or an answer; what is gone already is removed.
func (b Business) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	_, err := b.caller(s).call(ctx, http.MethodDelete, b.base(legacy), v4(item.ID), nil, nil, nil)
	return again(ignore(err, fault.NotFound))
}

// posts reads one page of the location's posts, newest first.
func (c caller) posts(ctx context.Context, a network.Account, token string, limit int) (list []post, next string, resp *safehttp.Response, err error) {
	q := values("pageSize", strconv.Itoa(max(1, min(limit, page))))
	if token != "" {
		q.Set("pageToken", token)
	}
	var answer struct {
		Posts []post `json:"localPosts"`
		Next  string `json:"nextPageToken"`
	}
	resp, err = c.get(ctx, c.b.base(legacy), v4(place(a))+"/localPosts", q, &answer)
	return answer.Posts, answer.Next, resp, err
}

// Own lists the location's posts, made anywhere.
func (b Business) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	list, next, _, err := b.caller(s).posts(ctx, s.Account, before, limit)
	if err != nil {
		return nil, "", err
	}
	var items []network.Live
	for _, p := range list {
		if p.State != "REJECTED" {
			items = append(items, p.live())
		}
	}
	return items, next, nil
}

// Find looks for a post or a photo made since the call with the same words, kind and button. The list proves presence,
// never absence.
func (b Business) Find(ctx context.Context, s network.Session, step network.Step, _ network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.NotSeen, network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	c, token := b.caller(s), ""
	for range pagesBack {
		var o *network.Outcome
		var err error
		if step.Name == makePhoto {
			o, token, err = c.findPhoto(ctx, s.Account, p, step.Files, token, sent)
		} else {
			o, token, err = c.findPost(ctx, s.Account, p, step.Files, token, sent)
		}
		if err != nil {
			return network.NotSeen, network.Outcome{}, err
		}
		if o != nil {
			return network.Found, *o, nil
		}
		if token == "" {
			break
		}
	}
	return network.NotSeen, network.Outcome{}, nil
}

func (c caller) findPost(ctx context.Context, a network.Account, p payload, files []network.Media, token string, sent time.Time) (*network.Outcome, string, error) {
	list, next, resp, err := c.posts(ctx, a, token, page)
	if err != nil || p.Post == nil {
		return nil, "", err
	}
	for _, it := range list {
		if !at(it.CreateTime).Before(sent.Add(drift(resp))) && p.Post.like(it) && len(it.Media) == len(files) {
			o := outcome(it, sums(files))
			return &o, "", nil
		}
	}
	return nil, next, nil
}

// like compares what was sent with what is there.
func (p post) like(it post) bool {
	button := func(p post) string {
		if p.Button == nil {
			return ""
		}
		return p.Button.Action + " " + p.Button.URL
	}
	title := func(p post) string {
		if p.Event == nil {
			return ""
		}
		return text.Normalise(p.Event.Title)
	}
	return it.State != "REJECTED" && it.Topic == p.Topic && text.Normalise(it.Summary) == text.Normalise(p.Summary) && title(it) == title(p) && button(it) == button(p)
}

func (c caller) findPhoto(ctx context.Context, a network.Account, p payload, files []network.Media, token string, sent time.Time) (*network.Outcome, string, error) {
	q := values("pageSize", strconv.Itoa(page))
	if token != "" {
		q.Set("pageToken", token)
	}
	var answer struct {
		Items []media `json:"mediaItems"`
		Next  string  `json:"nextPageToken"`
	}
	resp, err := c.get(ctx, c.b.base(legacy), v4(place(a))+"/media", q, &answer)
	if err != nil || len(files) == 0 {
		return nil, "", err
	}
	for _, m := range answer.Items {
		same := m.Format == format(files[0]) && m.Association != nil && m.Association.Category == p.Category && text.Normalise(m.Description) == text.Normalise(p.Description)
		if same && !at(m.CreateTime).Before(sent.Add(drift(resp))) {
			o := shown(m)
			return &o, "", nil
		}
	}
	return nil, answer.Next, nil
}

// drift is how far Google's clock is ahead of ours by the date of its answer, less what that may be wrong by.
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
