package facebook

import (
	"context"
	"net/http"
	"net/url"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
)

// Acts lists what can be done to what other people wrote. What stands on their own profiles cannot be hidden or deleted.
func (Facebook) Acts(kind network.MessageKind) []network.Act {
	switch kind {
	case network.Comment:
		return []network.Act{network.Like, network.Unlike, network.Hide, network.Unhide, network.Delete, network.Block, network.Unblock}
	case network.Mention:
		return []network.Act{network.Like, network.Unlike, network.Block, network.Unblock}
	case network.Direct:
		return []network.Act{network.Block, network.Unblock}
	case network.Review:
		return []network.Act{network.Like, network.Unlike}
	}
	return nil
}

// Act carries one out; each may be repeated.
func (f Facebook) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	c, node := f.at(s), "/"+graph.Escape(on.ID)
	switch act {
	case network.Like:
		return c.Repeat(ctx, http.MethodPost, node+"/likes", nil, nil)
	case network.Unlike:
		return c.Repeat(ctx, http.MethodDelete, node+"/likes", nil, nil)
	case network.Hide:
		return c.Repeat(ctx, http.MethodPost, node, url.Values{"is_hidden": {"true"}}, nil)
	case network.Unhide:
		return c.Repeat(ctx, http.MethodPost, node, url.Values{"is_hidden": {"false"}}, nil)
	case network.Delete:
		return gone(c.Repeat(ctx, http.MethodDelete, node, nil, nil))
	case network.Block, network.Unblock:
		return f.block(ctx, s, act == network.Block, on.Data["author"])
	}
	return fault.Rejectedf("Facebook has no way to %s an item", act)
}

// block keeps somebody from writing on the Page and to it, or lets them again.
func (f Facebook) block(ctx context.Context, s network.Session, on bool, author string) error {
	if author == "" {
		return fault.Rejectedf("Facebook does not say who wrote this").WithHint("Block them on the Page itself.")
	}
	c := f.caller(s)
	if on {
		return c.Repeat(ctx, http.MethodPost, c.edge("blocked"), url.Values{"user": {graph.JSON([]string{author})}}, nil)
	}
	return gone(c.Repeat(ctx, http.MethodDelete, c.edge("blocked"), url.Values{"user": {author}}, nil))
}

// gone makes the absence of what is to be taken away a success.
func gone(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
