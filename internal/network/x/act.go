package x

import (
	"context"
	"net/http"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Acts lists what can be done to other people's posts and messages. Who is blocked by a program can write no direct
// messages; the rest of blocking X keeps to itself.
func (X) Acts(kind network.MessageKind) []network.Act {
	switch kind {
	case network.Comment:
		return []network.Act{network.Hide, network.Unhide, network.Share, network.Mute, network.Unmute}
	case network.Mention:
		return []network.Act{network.Share, network.Mute, network.Unmute}
	case network.Direct:
		return []network.Act{network.Mute, network.Unmute, network.Block, network.Unblock}
	}
	return nil
}

// Act carries one out. Hiding is for answers to the account's own posts; muting means the post's author.
func (n X) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	x := n.server(s)
	me := "/2/users/" + escape(s.Account.ID)
	var err error
	switch act {
	case network.Hide, network.Unhide:
		_, err = x.repeat(ctx, http.MethodPut, "/2/tweets/"+escape(on.ID)+"/hidden", map[string]bool{"hidden": act == network.Hide}, nil)
		return err
	case network.Share:
		_, err = x.repeat(ctx, http.MethodPost, me+"/retweets", map[string]string{"tweet_id": on.ID}, nil)
		return err
	case network.Mute, network.Unmute:
	case network.Block, network.Unblock:
		what := map[network.Act]string{network.Block: "block", network.Unblock: "unblock"}[act]
		_, err = x.repeat(ctx, http.MethodPost, "/2/users/"+escape(on.Data["author"])+"/dm/"+what, nil, nil)
		return err
	default:
		return fault.Rejectedf("X has no way to %s an item", act)
	}
	author := on.Data["author"]
	if author == "" {
		p, _, _, err := x.newest(ctx, on.ID)
		if err != nil {
			return err
		}
		author = p.Author
	}
	if act == network.Unmute {
		_, err = x.repeat(ctx, http.MethodDelete, me+"/muting/"+escape(author), nil, nil)
		return err
	}
	_, err = x.repeat(ctx, http.MethodPost, me+"/muting", map[string]string{"target_user_id": author}, nil)
	return err
}
