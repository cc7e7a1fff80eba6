// Package all is the one list of networks. A new network is its folder and a line here.
package all

import (
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/bluesky"
	"github.com/bellwether-social/bellwether/internal/network/byhand"
	"github.com/bellwether-social/bellwether/internal/network/discord"
	"github.com/bellwether-social/bellwether/internal/network/facebook"
	"github.com/bellwether-social/bellwether/internal/network/googlebusiness"
	"github.com/bellwether-social/bellwether/internal/network/instagram"
	"github.com/bellwether-social/bellwether/internal/network/linkedin"
	"github.com/bellwether-social/bellwether/internal/network/mastodon"
	"github.com/bellwether-social/bellwether/internal/network/nostr"
	"github.com/bellwether-social/bellwether/internal/network/pinterest"
	"github.com/bellwether-social/bellwether/internal/network/reddit"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/network/snapchat"
	"github.com/bellwether-social/bellwether/internal/network/telegram"
	"github.com/bellwether-social/bellwether/internal/network/threads"
	"github.com/bellwether-social/bellwether/internal/network/tiktok"
	"github.com/bellwether-social/bellwether/internal/network/tiktokbusiness"
	"github.com/bellwether-social/bellwether/internal/network/wordpress"
	"github.com/bellwether-social/bellwether/internal/network/x"
	"github.com/bellwether-social/bellwether/internal/network/youtube"
)

// Networks returns every network of this program in the order they are offered. The sandbox lives in the given world.
// gateways names, by a network's key, an address that takes its calls instead of the network's own: an operator's
// gateway, Telegram's own server for bots, or a fake in a test.
func Networks(world *sandbox.World, gateways map[string]string) *network.Registry {
	box := sandbox.New(world)
	return network.NewRegistry(
		box,
		mastodon.New(),
		bluesky.New(),
		facebook.New(gateways["facebook"]),
		instagram.New(gateways["instagram"]),
		threads.New(gateways["threads"]),
		x.New(gateways["x"]),
		linkedin.New(gateways["linkedin"]),
		pinterest.New(gateways["pinterest"]),
		snapchat.New(gateways["snapchat"]),
		tiktok.New(gateways["tiktok"]),
		tiktokbusiness.New(gateways["tiktok-business"]),
		youtube.New(gateways["youtube"]),
		googlebusiness.New(gateways["google-business"]),
		reddit.New(gateways["reddit"]),
		telegram.New(gateways["telegram"]),
		discord.New(gateways["discord"]),
		discord.NewWebhook(gateways["discord-webhook"]),
		wordpress.New(),
		nostr.New(gateways["nostr"]),
		byhand.New(),
	).Imitating(box.Imitate)
}
