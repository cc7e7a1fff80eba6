package discord

import (
	"context"
	"net/http"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Acts lists what can be done to other people's messages.
func (Discord) Acts() []network.Act { return []network.Act{network.Like, network.Unlike} }

// Act adds or takes away the bot's own reaction.
func (n Discord) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	method := map[network.Act]string{network.Like: http.MethodPut, network.Unlike: http.MethodDelete}[act]
	if method == "" {
		return fault.Rejectedf("Discord has no way to %s a message", act)
	}
	c := clientOf(n.at, s)
	return c.allowed(c.repeat(ctx, method, c.itemOf(on, s.Account)+"/reactions/%F0%9F%91%8D/@me", nil, nil))
}
