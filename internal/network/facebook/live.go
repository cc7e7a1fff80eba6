package facebook

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
)

const postFields = "id,message,created_time,updated_time,backdated_time,permalink_url,is_published,from,attachments{media_type,target,subattachments}"

// post is a post of the Page, or one that names it.
type post struct {
	ID          string                 `json:"id"`
	Message     string                 `json:"message"`
	Created     graph.Time             `json:"created_time"`
	Updated     graph.Time             `json:"updated_time"`
	Backdated   graph.Time             `json:"backdated_time"`
	Permalink   string                 `json:"permalink_url"`
	Published   *bool                  `json:"is_published"`
	From        graph.Someone          `json:"from"`
	Attachments graph.Page[attachment] `json:"attachments"`
	Comments    struct {
		Summary struct {
			Total int64 `json:"total_count"`
		} `json:"summary"`
	} `json:"comments"`
}

type attachment struct {
	Kind   string `json:"media_type"`
	Target struct {
		ID string `json:"id"`
	} `json:"target"`
	Sub struct {
		Data []attachment `json:"data"`
	} `json:"subattachments"`
}

func (p post) published() bool { return p.Published != nil && *p.Published }

// pictures counts pictures; a link's preview is none.
func (p post) pictures() (n int) {
	for _, a := range p.Attachments.Data {
		switch {
		case len(a.Sub.Data) > 0:
			n += len(a.Sub.Data)
		case a.Kind == "photo":
			n++
		}
	}
	return n
}

func (p post) live() network.Live {
	l := network.Live{Remote: network.Remote{ID: p.ID, URL: p.Permalink}, Exists: true, Text: p.Message, MediaCount: p.pictures(), Visibility: "public", At: p.Created.Time}
	for _, a := range p.Attachments.Data {
		if a.Kind == "video" {
			l.MediaCount++
			l.Data = map[string]string{"video": a.Target.ID}
		}
	}
	if p.Published != nil && !*p.Published {
		l.Visibility = "unpublished"
	}
	return l
}

// Read reads a published item back.
func (f Facebook) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	c := f.caller(s)
	gone := network.Live{Remote: item}
	switch {
	case item.Data["kind"] == story:
		list, err := c.stories(ctx)
		for _, it := range list {
			if string(it.Post) == item.ID || c.whole(string(it.Post)) == item.ID {
				return network.Live{Remote: item, Exists: true, MediaCount: 1, Visibility: "public", At: it.At.Time}, nil
			}
		}
		return gone, err
	case item.ID == item.Data["video"]:
		var v film
		_, err := c.Get(ctx, "/"+graph.Escape(item.ID), url.Values{"fields": {"id,description,created_time,permalink_url,published"}}, &v)
		if fault.Is(err, fault.NotFound) || err != nil {
			return gone, present(err)
		}
		return network.Live{Remote: network.Remote{ID: item.ID, URL: v.address(), Data: item.Data}, Exists: true, Text: v.Description, MediaCount: 1, Visibility: "public", At: v.Created.Time}, nil
	}
	var p post
	if _, err := c.Get(ctx, "/"+graph.Escape(item.ID), url.Values{"fields": {postFields}}, &p); err != nil {
		return gone, present(err)
	}
	l := p.live()
	if len(item.Data) > 0 {
		l.Data = item.Data
	}
	return l, nil
}

// present makes "no such thing" an answer instead of an error.
func present(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Delete removes a post, a video with its post, a story or a comment; what is gone already is removed.
func (f Facebook) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	id := item.ID
	if v := item.Data["video"]; v != "" {
		id = v
	}
	return present(f.at(s).Repeat(ctx, http.MethodDelete, "/"+graph.Escape(id), nil, nil))
}

// Own lists the Page's own posts, newest first, made anywhere.
func (f Facebook) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	c := f.caller(s)
	q := url.Values{"fields": {postFields}, "limit": {strconv.Itoa(max(1, min(limit, 100)))}}
	if before != "" {
		q.Set("after", before)
	}
	var page graph.Page[post]
	if _, err := c.Get(ctx, c.edge("published_posts"), q, &page); err != nil {
		return nil, "", err
	}
	var items []network.Live
	for _, p := range page.Data {
		items = append(items, p.live())
	}
	return items, page.Next(), nil
}
