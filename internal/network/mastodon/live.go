package mastodon

import (
	"context"
	"net/http"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Read reads a published status back.
func (Mastodon) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	var st status
	_, err := at(s).get(ctx, "/api/v1/statuses/"+escape(item.ID), nil, &st)
	if fault.Is(err, fault.NotFound) {
		return network.Live{Remote: item}, nil
	}
	if err != nil {
		return network.Live{}, err
	}
	return live(st), nil
}

func live(st status) network.Live {
	o := outcome(st, payload{})
	return network.Live{Remote: network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}, Exists: true, Text: st.words(), MediaCount: len(st.Media),
		Visibility: st.Visibility, At: st.CreatedAt.UTC(), ReplyTo: st.ReplyTo, Closed: st.Visibility == "direct"}
}

// Delete removes a status; what is gone already is removed.
func (Mastodon) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	_, err := at(s).repeat(ctx, http.MethodDelete, "/api/v1/statuses/"+escape(item.ID), nil, nil)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Own lists the account's own statuses, newest first, made anywhere.
func (Mastodon) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	list, _, err := at(s).own(ctx, s.Account, before, "", max(1, min(limit, page)))
	if err != nil || len(list) == 0 {
		return nil, "", err
	}
	var items []network.Live
	for _, st := range list {
		items = append(items, live(st))
	}
	return items, list[len(list)-1].ID, nil
}
