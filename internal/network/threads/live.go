package threads

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// media is a post or reply as the API shows it.
type media struct {
	ID        string `json:"id"`
	Text      string `json:"text"`
	Username  string `json:"username"`
	Timestamp string `json:"timestamp"`
	Permalink string `json:"permalink"`
	Type      string `json:"media_type"`
	MediaURL  string `json:"media_url"`
	Alt       string `json:"alt_text"`
	Children  struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	} `json:"children"`
	HasReplies bool `json:"has_replies"`
	Mine       bool `json:"is_reply_owned_by_me"`
	Root       *ref `json:"root_post"`
	RepliedTo  *ref `json:"replied_to"`
}

type ref struct {
	ID string `json:"id"`
}

// fields are what is asked of an own post; more of a reply.
const (
	fields      = "id,media_type,media_url,permalink,username,text,timestamp,children,has_replies,alt_text"
	replyFields = fields + ",is_reply,is_reply_owned_by_me,root_post,replied_to,hide_status"
)

// at is when the post was made; the API leaves out the colon of RFC 3339.
func (m media) at() time.Time {
	for _, layout := range []string{"2006-01-02T15:04:05-0700", time.RFC3339} {
		if t, err := time.Parse(layout, m.Timestamp); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

func (m media) parent() string {
	if m.RepliedTo == nil {
		return ""
	}
	return m.RepliedTo.ID
}

func (m media) files() int {
	switch {
	case len(m.Children.Data) > 0:
		return len(m.Children.Data)
	case m.MediaURL != "":
		return 1
	}
	return 0
}

func (m media) live() network.Live {
	return network.Live{Remote: network.Remote{ID: m.ID, URL: m.Permalink}, Exists: true, Text: m.Text, MediaCount: m.files(), Visibility: "public", At: m.at(), ReplyTo: m.parent()}
}

// page is one page of a list, newest first.
type page struct {
	Data   []media `json:"data"`
	Paging struct {
		Cursors struct {
			After string `json:"after"`
		} `json:"cursors"`
	} `json:"paging"`
}

func (g graph) list(ctx context.Context, path, after string, limit int) (p page, err error) {
	q := url.Values{"fields": {replyFields}, "limit": {number(limit)}}
	if after != "" {
		q.Set("after", after)
	}
	_, err = g.get(ctx, path, q, &p)
	return p, err
}

// Read reads a published post back.
func (t Threads) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	var m media
	_, err := t.graph(s).get(ctx, path(item.ID), url.Values{"fields": {replyFields}}, &m)
	if fault.Is(err, fault.NotFound) {
		return network.Live{Remote: item}, nil
	}
	if err != nil {
		return network.Live{}, err
	}
	if m.ID == "" {
		return network.Live{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "Threads did not say which post this is"}
	}
	return m.live(), nil
}

// Delete removes a post; what is gone already is removed. 100 in 24 hours are allowed.
func (t Threads) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	g := t.graph(s)
	resp, err := g.http.JSON(ctx, http.MethodDelete, g.base+path(item.ID)+"?"+g.signed(nil).Encode(), nil, nil, nil)
	if err = again(explain(resp, err)); fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Own lists the profile's own posts, newest first, without its replies.
func (t Threads) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	p, err := t.graph(s).list(ctx, path("me")+"/threads", before, max(1, min(limit, 100)))
	if err != nil {
		return nil, "", err
	}
	var items []network.Live
	for _, m := range p.Data {
		if m.Type != "REPOST_FACADE" { // a repost: somebody else's
			items = append(items, m.live())
		}
	}
	if len(p.Data) == 0 {
		return items, "", nil
	}
	return items, p.Paging.Cursors.After, nil
}
