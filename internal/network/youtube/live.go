package youtube

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

const (
	pagesBack = 4 // how far a look-up reads back
	// How much earlier than the call something may seem to be made: times have whole seconds, an answer takes some, and
	// where the server sends no date its clock is anybody's guess.
	dated   = 10 * time.Second
	undated = 2 * time.Minute
)

// isComment tells a comment's id from a video's, which has 11 characters.
func isComment(item network.Remote) bool { return item.Data["comment"] != "" || len(item.ID) > 11 }

// Read reads a published video, or comment, back.
func (y YouTube) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	c := y.caller(s)
	if isComment(item) {
		list, _, err := c.comments(ctx, values("id", item.ID))
		if err != nil && !fault.Is(err, fault.NotFound) || len(list) == 0 {
			return network.Live{Remote: item}, ignore(err, fault.NotFound)
		}
		return network.Live{Remote: item, Exists: true, Text: list[0].words(), At: list[0].Snippet.PublishedAt.UTC(), ReplyTo: cmp.Or(list[0].Snippet.ParentID, list[0].Snippet.VideoID)}, nil
	}
	v, err := c.video(ctx, item.ID, "snippet,status")
	if err != nil {
		return network.Live{}, err
	}
	if v == nil || v.Snippet == nil || v.Status == nil || givenUp(*v) != nil {
		return network.Live{Remote: item}, nil
	}
	return network.Live{Remote: item, Exists: true, Text: v.Snippet.Description, MediaCount: 1, Visibility: v.Status.Privacy, At: v.Snippet.PublishedAt.UTC()}, nil
}

func ignore(err error, kind fault.Kind) error {
	if fault.Is(err, kind) {
		return nil
	}
	return err
}

// Delete removes a video, or a comment of the channel's own; what is gone already is removed.
func (y YouTube) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	path := "/youtube/v3/videos"
	if isComment(item) {
		path = "/youtube/v3/comments"
	}
	_, err := y.caller(s).repeat(ctx, http.MethodDelete, path, values("id", item.ID), nil, nil)
	return ignore(err, fault.NotFound)
}

// uploads reads one page of the channel's videos, newest first.
func (c caller) uploads(ctx context.Context, a network.Account, token string, limit int) (list []entry, next string, resp *safehttp.Response, err error) {
	q := values("part", "snippet,contentDetails,status", "playlistId", a.Extra[uploadsList], "maxResults", strconv.Itoa(max(1, min(limit, page))))
	if token != "" {
		q.Set("pageToken", token)
	}
	var answer struct {
		Next  string `json:"nextPageToken"`
		Items []entry
	}
	resp, err = c.get(ctx, "/youtube/v3/playlistItems", q, &answer)
	if fault.Is(err, fault.NotFound) {
		return nil, "", resp, nil // a channel that never uploaded has no list yet
	}
	return answer.Items, answer.Next, resp, err
}

// Own lists the channel's videos, newest first, uploaded anywhere.
func (y YouTube) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	list, next, _, err := y.caller(s).uploads(ctx, s.Account, before, limit)
	if err != nil {
		return nil, "", err
	}
	var items []network.Live
	for _, e := range list {
		id := e.ContentDetails.VideoID
		items = append(items, network.Live{Remote: network.Remote{ID: id, URL: watch(id), Data: map[string]string{"video": id}}, Exists: true,
			Text: cmp.Or(e.Snippet.Description, e.Snippet.Title), MediaCount: 1, Visibility: e.Status.Privacy, At: e.Snippet.PublishedAt.UTC(), Closed: e.Status.Privacy == "private"})
	}
	return items, next, nil
}

// Find looks for the result of a call whose answer was lost: a video by its upload session, and once that is gone in the
// list of uploads; a comment below its video. Only the session's own word and what stands in a list count as found; what
// is not in a list may still appear.
func (y YouTube) Find(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes, at time.Time) (network.Finding, network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.NotSeen, network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	c := y.caller(s)
	var id string
	var o network.Outcome
	var err error
	switch step.Name {
	case sendVideo:
		if id, err = c.findVideo(ctx, s, p, earlier, at); id != "" {
			o = outcome(id, p)
			if step.Media != nil {
				o.Data["sha256"] = step.Media.SHA256
			}
		}
	case firstComment:
		video := earlier[sendVideo].Data["video"]
		id, err = c.findComment(ctx, s.Account, values("videoId", video), p.Text, at)
		o = spoken(id, video)
	case answer:
		id, err = c.findComment(ctx, s.Account, values("parentId", p.Parent), p.Text, at)
		o = spoken(id, p.VideoID)
	}
	if err != nil || id == "" {
		return network.NotSeen, network.Outcome{}, err
	}
	return network.Found, o, nil
}

func (c caller) findVideo(ctx context.Context, s network.Session, p payload, earlier network.Outcomes, at time.Time) (string, error) {
	if id := earlier[sendVideo].Data["video"]; id != "" {
		return id, nil
	}
	if session := unseal(s, earlier[openSession].Data["session"]); session != "" && c.own(session) {
		now, err := c.ask(ctx, session, p.Bytes)
		if err != nil || !now.gone {
			return now.made, err
		}
	}
	token := ""
	for range pagesBack {
		list, next, resp, err := c.uploads(ctx, s.Account, token, page)
		if err != nil {
			return "", err
		}
		since := at.Add(drift(resp))
		for _, e := range list {
			if e.Snippet.PublishedAt.Before(since) {
				return "", nil
			}
			if text.Normalise(e.Snippet.Title) == text.Normalise(p.Video.Snippet.Title) && text.Normalise(e.Snippet.Description) == text.Normalise(p.Video.Snippet.Description) {
				return e.ContentDetails.VideoID, nil
			}
		}
		if token = next; next == "" {
			break
		}
	}
	return "", nil
}

// findComment looks among the newest comments on a video, or below a comment, for one of the channel's own.
func (c caller) findComment(ctx context.Context, a network.Account, where url.Values, words string, at time.Time) (string, error) {
	var list []comment
	var resp *safehttp.Response
	var err error
	if where.Has("parentId") {
		list, resp, err = c.comments(ctx, where)
	} else {
		var threads []thread
		where.Set("order", "time")
		if threads, _, resp, err = c.threads(ctx, where); err == nil {
			for _, t := range threads {
				list = append(list, t.Snippet.Top)
			}
		}
	}
	if err != nil {
		return "", ignore(err, fault.NotFound)
	}
	since := at.Add(drift(resp))
	for _, it := range list {
		if it.Snippet.Author.ID == a.ID && !it.Snippet.PublishedAt.Before(since) && text.Normalise(it.words()) == text.Normalise(words) {
			return it.ID, nil
		}
	}
	return "", nil
}

// drift is how far YouTube's clock is ahead of ours by the date of its answer, less what that may be wrong by.
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
