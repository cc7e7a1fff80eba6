package pinterest

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Read reads a pin back.
func (n Pinterest) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	a := n.as(s)
	var it pin
	_, err := a.get(ctx, "/pins/"+escape(item.ID), nil, &it)
	if fault.Is(err, fault.NotFound) {
		return network.Live{Remote: item}, nil
	}
	if err != nil {
		return network.Live{}, err
	}
	return a.live(it), nil
}

func (a api) live(it pin) network.Live {
	return network.Live{Remote: network.Remote{ID: it.ID, URL: a.site + "/pin/" + it.ID + "/", Data: map[string]string{"board": it.Board, "saved": it.Parent}}, Exists: true,
		Text: cmp.Or(it.Description, it.Title), MediaCount: it.files(), Visibility: "public", At: it.Created.Time}
}

// Delete removes a pin; what is gone already is removed.
func (n Pinterest) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	err := n.as(s).repeat(ctx, http.MethodDelete, "/pins/"+escape(item.ID), nil, nil)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Own lists the account's own pins, newest first, made anywhere. before is Pinterest's bookmark.
func (n Pinterest) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	a := n.as(s)
	q := url.Values{"page_size": {strconv.Itoa(max(1, min(limit, 250)))}}
	if before != "" {
		q.Set("bookmark", before)
	}
	var list struct {
		Items    []pin  `json:"items"`
		Bookmark string `json:"bookmark"`
	}
	if _, err := a.get(ctx, "/pins", q, &list); err != nil {
		return nil, "", err
	}
	var items []network.Live
	for _, it := range list.Items {
		items = append(items, a.live(it))
	}
	return items, list.Bookmark, nil
}
