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
	onAuthor = map[network.Act]string{network.Mute: "mute", network.Unmute: "unmute", network.Block: "block", network.Unblock: "unblock"}
)

// Acts lists what can be done to other people's items.
func (Mastodon) Acts(kind network.MessageKind) []network.Act {
	acts := []network.Act{network.Like, network.Unlike}
	if kind == network.Comment || kind == network.Mention {
		acts = append(acts, network.Share)
	}
	return append(acts, network.Mute, network.Unmute, network.Block, network.Unblock, network.Report)
}

// Act carries one out. Muting and blocking mean the item's author.
func (Mastodon) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	if call := onStatus[act]; call != "" {
		_, err := at(s).repeat(ctx, http.MethodPost, "/api/v1/statuses/"+escape(on.ID)+"/"+call, map[string]any{}, nil)
		return err
	}
	call := onAuthor[act]
	if call == "" && act != network.Report {
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
	if act == network.Report { // on a remote author's own server, too: that is where they can be stopped
		m := at(s)
		resp, err := m.http.JSON(ctx, http.MethodPost, m.base+"/api/v1/reports", m.header(), map[string]any{"account_id": author, "status_ids": []string{on.ID}, "comment": on.Data["reason"], "forward": true}, nil)
		err = explain(resp, err)
		if fault.Is(err, fault.Unauthorised) && resp.Status == http.StatusForbidden { // a sign-in from before this right was asked for: everything else goes on
			return fault.Rejectedf("this sign-in does not include the right to report").WithHint("Reconnect the channel, then report again.")
		}
		return err
	}
	_, err := at(s).repeat(ctx, http.MethodPost, "/api/v1/accounts/"+escape(author)+"/"+call, map[string]any{}, nil)
	return err
}
