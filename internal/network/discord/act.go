package discord

import (
	"context"
	"net/http"
	"net/url"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Acts lists what can be done to other people's messages. Deleting and banning need the bot's rights.
func (Discord) Acts(kind network.MessageKind) []network.Act {
	if kind != network.Comment && kind != network.Mention {
		return nil
	}
	return []network.Act{network.Like, network.Unlike, network.Delete, network.Block, network.Unblock}
}

// Act adds or takes away the bot's own reaction, deletes the message, or bans its author from the server.
func (n Discord) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	c := clientOf(n.at, s)
	switch act {
	case network.Delete:
		return c.remove(ctx, c.itemOf(on, s.Account))
	case network.Block, network.Unblock:
		ban := "/guilds/" + url.PathEscape(s.Account.Extra["guild"]) + "/bans/" + url.PathEscape(on.Data["author"])
		if act == network.Unblock {
			return c.remove(ctx, ban)
		}
		return c.allowed(c.repeat(ctx, http.MethodPut, ban, map[string]any{}, nil))
	}
	method := map[network.Act]string{network.Like: http.MethodPut, network.Unlike: http.MethodDelete}[act]
	if method == "" {
		return fault.Rejectedf("Discord has no way to %s a message", act)
	}
	return c.allowed(c.repeat(ctx, method, c.itemOf(on, s.Account)+"/reactions/%F0%9F%91%8D/@me", nil, nil))
}
