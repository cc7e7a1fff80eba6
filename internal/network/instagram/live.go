package instagram

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
)

const mediaFields = "id,caption,timestamp,permalink,media_type,media_product_type,children{id}"

// media is a post as the API shows it.
type media struct {
	ID        string            `json:"id"`
	Caption   string            `json:"caption"`
	At        graph.Time        `json:"timestamp"`
	Permalink string            `json:"permalink"`
	Type      string            `json:"media_type"` // IMAGE, VIDEO, CAROUSEL_ALBUM
	Product   string            `json:"media_product_type"`
	Username  string            `json:"username"`
	Comments  *int64            `json:"comments_count"`
	Children  graph.Page[media] `json:"children"`
}

func (m media) live() network.Live {
	kind := map[string]string{"REELS": reelKind, "STORY": story}[m.Product]
	if kind == "" {
		if kind = imageKind; m.Type == "CAROUSEL_ALBUM" {
			kind = carouselKind
		}
	}
	return network.Live{Remote: network.Remote{ID: m.ID, URL: m.Permalink, Data: map[string]string{"kind": kind}}, Exists: true, Text: m.Caption, MediaCount: max(1, len(m.Children.Data)), Visibility: "public", At: m.At.Time}
}

// Read reads a published item back. Stories are gone after a day.
func (n Instagram) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	var m media
	if _, err := n.caller(s).Get(ctx, "/"+graph.Escape(item.ID), url.Values{"fields": {mediaFields}}, &m); err != nil {
		return network.Live{Remote: item}, present(err)
	}
	return m.live(), nil
}

// present makes "no such thing" an answer instead of an error.
func present(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Delete removes a post or a comment; what is gone already is removed.
func (n Instagram) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	c := n.caller(s)
	if c.own && item.Data["comment"] == "" {
		if _, err := c.Get(ctx, "/"+graph.Escape(item.ID), url.Values{"fields": {"id"}}, nil); err != nil {
			return present(err)
		}
		return fault.Rejectedf("Instagram's own sign-in has no call to delete a post").WithHint("Delete it in the Instagram app, or connect the account with Facebook.")
	}
	return present(c.Repeat(ctx, http.MethodDelete, "/"+graph.Escape(item.ID), nil, nil))
}

// Own lists the account's own posts, newest first, made anywhere.
func (n Instagram) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	c := n.caller(s)
	q := url.Values{"fields": {mediaFields}, "limit": {strconv.Itoa(max(1, min(limit, 100)))}}
	if before != "" {
		q.Set("after", before)
	}
	var page graph.Page[media]
	if _, err := c.Get(ctx, c.edge("media"), q, &page); err != nil {
		return nil, "", err
	}
	var items []network.Live
	for _, m := range page.Data {
		items = append(items, m.live())
	}
	return items, page.Next(), nil
}

// Acts lists what can be done to comments and to posts that tag the account.
func (Instagram) Acts(kind network.MessageKind) []network.Act {
	switch kind {
	case network.Comment:
		return []network.Act{network.Hide, network.Unhide, network.Like, network.Unlike, network.Delete}
	case network.Mention:
		return []network.Act{network.Like, network.Unlike}
	}
	return nil
}

// Act carries one out; each may be repeated.
func (n Instagram) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	c, node := n.caller(s), "/"+graph.Escape(on.ID)
	if c.own && (act == network.Like || act == network.Unlike) {
		return fault.Rejectedf("Instagram's own sign-in has no call to like").WithHint("Like it in the Instagram app, or connect the account with Facebook.")
	}
	switch act {
	case network.Like:
		return c.Repeat(ctx, http.MethodPost, node+"/likes", nil, nil)
	case network.Unlike:
		return c.Repeat(ctx, http.MethodDelete, node+"/likes", nil, nil)
	case network.Delete:
		if err := c.Repeat(ctx, http.MethodDelete, node, nil, nil); !fault.Is(err, fault.NotFound) {
			return err
		}
		return nil
	case network.Hide:
		return c.Repeat(ctx, http.MethodPost, node, url.Values{"hide": {"true"}}, nil)
	case network.Unhide:
		return c.Repeat(ctx, http.MethodPost, node, url.Values{"hide": {"false"}}, nil)
	}
	return fault.Rejectedf("Instagram has no way to %s an item", act)
}
