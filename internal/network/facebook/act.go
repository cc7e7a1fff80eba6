package facebook

import (
	"context"
	"net/http"
	"net/url"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
)

// Acts lists what can be done to other people's comments and posts.
func (Facebook) Acts() []network.Act {
	return []network.Act{network.Like, network.Unlike, network.Hide, network.Unhide}
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
	}
	return fault.Rejectedf("Facebook has no way to %s an item", act)
}
