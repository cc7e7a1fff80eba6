package mastodon

import (
	"context"
	"net/http"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// onStatus and onAuthor name the calls; each may be repeated.
var (
	onStatus = map[network.Act]string{network.Like: "favourite", network.Unlike: "unfavourite", network.Share: "reblog"}
	onAuthor = map[network.Act]string{network.Mute: "mute", network.Unmute: "unmute", network.Block: "block"}
)

// Acts lists what can be done to other people's items.
func (Mastodon) Acts() []network.Act {
	return []network.Act{network.Like, network.Unlike, network.Share, network.Mute, network.Unmute, network.Block}
}

// Act carries one out. Muting and blocking mean the item's author.
func (Mastodon) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	if call := onStatus[act]; call != "" {
		_, err := at(s).repeat(ctx, http.MethodPost, "/api/v1/statuses/"+escape(on.ID)+"/"+call, map[string]any{}, nil)
		return err
	}
	call := onAuthor[act]
	if call == "" {
		return fault.Rejectedf("Mastodon has no way to %s an item", act)
	}
	author := on.Data["author"]
	if author == "" {
		var st status
		if _, err := at(s).get(ctx, "/api/v1/statuses/"+escape(on.ID), nil, &st); err != nil {
			return err
		}
		author = st.Account.ID
	}
	_, err := at(s).repeat(ctx, http.MethodPost, "/api/v1/accounts/"+escape(author)+"/"+call, map[string]any{}, nil)
	return err
}
