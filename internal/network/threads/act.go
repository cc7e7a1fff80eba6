package threads

import (
	"context"
	"net/url"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Acts lists what can be done to other people's items.
func (Threads) Acts(kind network.MessageKind) []network.Act {
	switch kind {
	case network.Comment:
		return []network.Act{network.Hide, network.Unhide, network.Share}
	case network.Mention:
		return []network.Act{network.Share}
	}
	return nil
}

// Act carries one out. Only replies below own posts can be hidden; sharing reposts.
func (t Threads) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	call, form := "", url.Values{}
	switch act {
	case network.Hide, network.Unhide:
		call = "/manage_reply"
		form.Set("hide", map[bool]string{true: "true", false: "false"}[act == network.Hide])
	case network.Share:
		call = "/repost"
	default:
		return fault.Rejectedf("Threads has no way to %s an item", act)
	}
	_, err := t.graph(s).post(ctx, path(on.ID)+call, form, nil)
	return again(err)
}
