package x

import (
	"context"
	"net/http"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Acts lists what can be done to other people's posts.
func (X) Acts() []network.Act {
	return []network.Act{network.Hide, network.Unhide, network.Share, network.Mute, network.Unmute}
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
