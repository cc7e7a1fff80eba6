package every

import (
	"strconv"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/bluesky"
	"github.com/bellwether-social/bellwether/internal/network/bluesky/blueskyfake"
	"github.com/bellwether-social/bellwether/internal/network/discord"
	"github.com/bellwether-social/bellwether/internal/network/discord/discordfake"
	"github.com/bellwether-social/bellwether/internal/network/facebook"
	"github.com/bellwether-social/bellwether/internal/network/facebook/facebookfake"
	"github.com/bellwether-social/bellwether/internal/network/googlebusiness"
	"github.com/bellwether-social/bellwether/internal/network/googlebusiness/googlebusinessfake"
	"github.com/bellwether-social/bellwether/internal/network/graph"
	"github.com/bellwether-social/bellwether/internal/network/graph/graphfake"
	"github.com/bellwether-social/bellwether/internal/network/instagram"
	"github.com/bellwether-social/bellwether/internal/network/instagram/instagramfake"
	"github.com/bellwether-social/bellwether/internal/network/linkedin"
	"github.com/bellwether-social/bellwether/internal/network/linkedin/linkedinfake"
	"github.com/bellwether-social/bellwether/internal/network/mastodon"
	"github.com/bellwether-social/bellwether/internal/network/mastodon/mastodonfake"
	"github.com/bellwether-social/bellwether/internal/network/nostr"
	"github.com/bellwether-social/bellwether/internal/network/nostr/nostrfake"
	"github.com/bellwether-social/bellwether/internal/network/pinterest"
	"github.com/bellwether-social/bellwether/internal/network/pinterest/pinterestfake"
	"github.com/bellwether-social/bellwether/internal/network/reddit"
	"github.com/bellwether-social/bellwether/internal/network/reddit/redditfake"
	"github.com/bellwether-social/bellwether/internal/network/snapchat"
	"github.com/bellwether-social/bellwether/internal/network/snapchat/snapchatfake"
	"github.com/bellwether-social/bellwether/internal/network/telegram"
	"github.com/bellwether-social/bellwether/internal/network/telegram/telegramfake"
	"github.com/bellwether-social/bellwether/internal/network/threads"
	"github.com/bellwether-social/bellwether/internal/network/threads/threadsfake"
	"github.com/bellwether-social/bellwether/internal/network/tiktok"
	"github.com/bellwether-social/bellwether/internal/network/tiktok/tiktokfake"
	"github.com/bellwether-social/bellwether/internal/network/tiktokbusiness"
	"github.com/bellwether-social/bellwether/internal/network/tiktokbusiness/tiktokbusinessfake"
	"github.com/bellwether-social/bellwether/internal/network/wordpress"
	"github.com/bellwether-social/bellwether/internal/network/wordpress/wordpressfake"
	"github.com/bellwether-social/bellwether/internal/network/x"
	"github.com/bellwether-social/bellwether/internal/network/x/xfake"
	"github.com/bellwether-social/bellwether/internal/network/youtube"
	"github.com/bellwether-social/bellwether/internal/network/youtube/youtubefake"
)

// rows are the networks. One that is two programs has two rows: a Mastodon that honours its key, and GoToSocial.
var rows = []struct {
	key   string
	start func(*Fake)
}{
	{"mastodon", func(f *Fake) { fediverse(f, mastodonfake.Options{AsyncMedia: 1}, network.Keyed) }},
	{"mastodon", func(f *Fake) { fediverse(f, mastodonfake.Options{Software: "gotosocial"}, network.Findable) }},
	{"bluesky", func(f *Fake) {
		s, err := blueskyfake.Start(blueskyfake.Options{})
		run(f, s, err)
		f.Say = func(text, on string) string { return s.Say("stranger.test", text, on) }
		f.Network, f.Faults = bluesky.New(), s.Faults
		f.typed(blueskyfake.Brand, map[string]string{"handle": blueskyfake.Brand, "password": blueskyfake.BrandPassword, "server": s.URL, "plc": s.URL + "/plc"},
			Post{Kind: network.Keyed}, Post{Kind: network.Keyed, File: Picture})
	}},
	{"facebook", func(f *Fake) {
		s, err := facebookfake.Start(facebookfake.Options{AsyncVideo: 1})
		run(f, s, err)
		f.Say = func(text, on string) string { return s.Say(network.Comment, text, on) }
		f.Network, f.Gateway, f.Faults, f.app = facebook.New(s.URL), s.URL, s.Faults, graphfake.App()
		f.account(facebookfake.Brand, network.Account{ID: facebookfake.Brand}, map[string]string{graph.UserToken: graphfake.UserToken, graph.PageToken + facebookfake.Brand: facebookfake.BrandToken},
			Post{Kind: network.Findable}, Post{Kind: network.Findable, File: Picture}, Post{Kind: network.Keyed, File: Film, Settings: map[string]string{"kind": "reel"}})
	}},
	{"instagram", func(f *Fake) {
		s, err := instagramfake.Start(instagramfake.Options{AsyncMedia: 1, Quota: 100_000})
		run(f, s, err)
		f.Say = func(text, on string) string { return s.Say(network.Comment, text, on) }
		f.Network, f.Gateway, f.Faults, f.app = instagram.New(s.URL), s.URL, s.Faults, graphfake.App()
		f.account(instagramfake.Brand, network.Account{ID: instagramfake.Brand, Extra: map[string]string{"login": "facebook", "page": instagramfake.Page}},
			map[string]string{graph.UserToken: graphfake.UserToken, graph.PageToken + instagramfake.Page: instagramfake.BrandToken}, Post{Kind: network.Keyed, File: Picture}, Post{Kind: network.Keyed, File: Film})
	}},
	{"threads", func(f *Fake) {
		s, err := threadsfake.Start(threadsfake.Options{Processing: 1, Quota: 100_000})
		run(f, s, err)
		f.Say = func(text, on string) string { return s.Say(stranger, text, on) }
		f.Network, f.Gateway, f.Faults, f.app = threads.New(s.URL), s.URL, s.Faults, client(threadsfake.ClientID, threadsfake.ClientSecret, "verify_token", threadsfake.VerifyToken)
		f.account(threadsfake.Brand, network.Account{}, pair(threadsfake.BrandToken, ""), Post{Kind: network.Keyed}, Post{Kind: network.Keyed, File: Picture})
	}},
	{"x", func(f *Fake) {
		s, err := xfake.Start(xfake.Options{})
		run(f, s, err)
		f.Say = func(text, on string) string { return s.Say(stranger, network.Comment, text, on) }
		f.Network, f.Gateway, f.Faults, f.app = x.New(s.URL), s.URL, s.Faults, client(xfake.ClientID, xfake.ClientSecret, "consumer_secret", xfake.ConsumerSecret)
		f.account(xfake.Brand, network.Account{}, pair(xfake.BrandToken, xfake.BrandRefresh), Post{Kind: network.Findable}, Post{Kind: network.Findable, File: Picture})
	}},
	{"linkedin", func(f *Fake) {
		s, err := linkedinfake.Start(linkedinfake.Options{AsyncMedia: 1})
		run(f, s, err)
		f.Say = func(text, on string) string { return s.Say(stranger, network.Comment, text, on) }
		f.Network, f.Gateway, f.Faults, f.app = linkedin.New(s.URL), s.URL, s.Faults, client(linkedinfake.ClientID, linkedinfake.ClientSecret, "product", "community")
		grant := pair(linkedinfake.BrandToken, linkedinfake.BrandRefresh)
		f.account(linkedinfake.Account(linkedinfake.Company), network.Account{ID: linkedinfake.Company, Extra: map[string]string{"kind": "organization"}}, grant,
			Post{Kind: network.Findable}, Post{Kind: network.Findable, File: Film})
		f.account(linkedinfake.Account(linkedinfake.Member), network.Account{}, grant, Post{Kind: network.Once}, Post{Kind: network.Once, File: Picture})
	}},
	{"pinterest", func(f *Fake) {
		s, err := pinterestfake.Start(pinterestfake.Options{Processing: 1})
		run(f, s, err)
		f.Network, f.Gateway, f.Faults, f.app = pinterest.New(s.URL), s.URL, s.Faults, client(pinterestfake.AppID, pinterestfake.AppSecret)
		board := map[string]string{"board": pinterestfake.Board}
		f.account(pinterestfake.Brand, network.Account{}, pair(pinterestfake.BrandToken, pinterestfake.BrandRefresh),
			Post{Kind: network.Findable, File: Picture, Settings: board}, Post{Kind: network.Findable, File: Film, Settings: board})
	}},
	{"snapchat", func(f *Fake) {
		s, err := snapchatfake.Start(snapchatfake.Options{Processing: 1})
		run(f, s, err)
		f.Network, f.Gateway, f.Faults, f.app = snapchat.New(s.URL), s.URL, s.Faults, client(snapchatfake.AppID, snapchatfake.AppSecret)
		f.account(snapchatfake.Brand, network.Account{ID: snapchatfake.Profile}, pair(snapchatfake.BrandToken, snapchatfake.BrandRefresh),
			Post{Kind: network.Findable, File: Film, Settings: map[string]string{"kind": "spotlight"}}, Post{Kind: network.Once, File: Film, Settings: map[string]string{"kind": "saved_story", "title": Text}})
	}},
	{"tiktok", func(f *Fake) {
		s, err := tiktokfake.Start(tiktokfake.Options{Processing: 1, Moderation: 1, Daily: 100_000, Verified: f.site + "/"})
		run(f, s, err)
		f.Network, f.Gateway, f.Faults, f.app = tiktok.New(s.URL), s.URL, s.Faults, map[string]string{"client_key": tiktokfake.ClientKey, "client_secret": tiktokfake.ClientSecret}
		f.account(tiktokfake.Brand, network.Account{}, pair(tiktokfake.BrandToken, tiktokfake.BrandRefresh),
			Post{Kind: network.Keyed, File: Film, Settings: open}, Post{Kind: network.Once, File: Picture, Settings: open})
	}},
	{"tiktok-business", func(f *Fake) {
		s, err := tiktokbusinessfake.Start(tiktokbusinessfake.Options{Processing: 1, Moderation: 1, Verified: f.site + "/"})
		run(f, s, err)
		f.Say = func(text, on string) string { return s.Say(stranger, text, on) }
		f.Network, f.Gateway, f.Faults, f.app = tiktokbusiness.New(s.URL), s.URL, s.Faults, client(tiktokbusinessfake.AppID, tiktokbusinessfake.Secret, "authorize_url", s.AuthorizeURL())
		grant := pair(tiktokbusinessfake.BrandToken, tiktokbusinessfake.BrandRefresh)
		grant["open_id"] = tiktokbusinessfake.OpenID
		f.account(tiktokbusinessfake.Brand, network.Account{}, grant, Post{Kind: network.Findable, File: Film, Settings: open}, Post{Kind: network.Findable, File: Picture, Settings: open})
	}},
	{"youtube", func(f *Fake) {
		s, err := youtubefake.Start(youtubefake.Options{Polls: 1})
		run(f, s, err)
		f.Say = func(text, on string) string { return s.Say(stranger, text, on) }
		f.Network, f.Gateway, f.Faults, f.app = youtube.New(s.URL), s.URL, s.Faults, client(youtubefake.ClientID, youtubefake.ClientSecret)
		f.account(youtubefake.Brand, network.Account{}, pair(youtubefake.BrandToken, youtubefake.BrandRefresh), Post{Kind: network.Keyed, File: Film, Settings: map[string]string{"title": "Spring"}})
	}},
	{"google-business", func(f *Fake) {
		s, err := googlebusinessfake.Start(googlebusinessfake.Options{Polls: 1})
		f.ToldOnly = true
		run(f, s, err)
		f.Say = func(text, _ string) string { return s.Say("Ann Stranger", text, "FOUR") }
		f.Network, f.Gateway, f.Faults, f.app = googlebusiness.New(s.URL), s.URL, s.Faults, client(googlebusinessfake.ClientID, googlebusinessfake.ClientSecret)
		f.account(googlebusinessfake.Place, network.Account{ID: googlebusinessfake.Place, Extra: map[string]string{"account": googlebusinessfake.Account}},
			pair(googlebusinessfake.BrandToken, googlebusinessfake.BrandRefresh), Post{Kind: network.Findable}, Post{Kind: network.Findable, File: Picture})
	}},
	{"reddit", func(f *Fake) {
		s, err := redditfake.Start(redditfake.Options{})
		run(f, s, err)
		f.Say = func(text, on string) string { return s.Say(stranger, string(network.Comment), text, on) }
		f.Network, f.Gateway, f.Faults, f.app = reddit.New(s.URL), s.URL, s.Faults, client(redditfake.AppID, redditfake.AppSecret, "username", redditfake.Developer)
		home := map[string]string{"community": redditfake.Home, "title": Text, "rules_read": "true"}
		f.account(redditfake.Brand, network.Account{}, pair(redditfake.BrandToken, redditfake.BrandRefresh), Post{Kind: network.Findable, Settings: home}, Post{Kind: network.Findable, File: Picture, Settings: home})
	}},
	{"telegram", func(f *Fake) {
		s, err := telegramfake.Start(telegramfake.Options{})
		f.ToldOnly = true
		run(f, s, err)
		f.Say = func(text, on string) string { return s.Say(network.Comment, text, on) }
		f.Network, f.Gateway, f.Faults = telegram.New(s.URL), s.URL, s.Faults
		for _, chat := range []struct {
			id   int
			kind network.StepKind
		}{{telegramfake.Channel, network.Findable}, {telegramfake.Quiet, network.Once}} { // with a group in which to look for posts, and without
			f.typed(telegramfake.Brand, map[string]string{"token": telegramfake.Token, "chats": strconv.Itoa(chat.id)}, Post{Kind: chat.kind}, Post{Kind: chat.kind, File: Picture})
		}
		f.Channels[1].Mute = true
	}},
	{"discord", func(f *Fake) {
		s, err := discordfake.Start(discordfake.Options{})
		run(f, s, err)
		f.Say = func(text, on string) string { return s.Say(network.Comment, text, on) }
		f.Network, f.Gateway, f.Faults = discord.New(s.URL), s.URL, s.Faults
		f.typed(discordfake.Brand, map[string]string{"token": discordfake.Token, "channels": discordfake.Text}, Post{Kind: network.Keyed}, Post{Kind: network.Keyed, File: Picture})
	}},
	{"discord-webhook", func(f *Fake) {
		s, err := discordfake.Start(discordfake.Options{})
		run(f, s, err)
		f.Network, f.Gateway, f.Faults = discord.NewWebhook(s.URL), s.URL, s.Faults
		f.typed(discordfake.Brand, map[string]string{"webhook": s.HookURL(discordfake.Hook)}, Post{Kind: network.Once}, Post{Kind: network.Once, File: Picture})
	}},
	{"wordpress", func(f *Fake) {
		s, err := wordpressfake.Start(wordpressfake.Options{})
		run(f, s, err)
		f.Say = func(text, on string) string { return s.Say("Visitor", text, on) }
		f.Network, f.Faults = wordpress.New(), s.Faults
		titled := map[string]string{"title": "Spring has come"}
		f.typed(wordpressfake.Brand, map[string]string{"site": s.URL, "username": wordpressfake.Brand, "password": wordpressfake.Password},
			Post{Kind: network.Keyed, Settings: titled}, Post{Kind: network.Keyed, File: Picture, Settings: titled})
	}},
	{"nostr", func(f *Fake) {
		s, err := nostrfake.Start(nostrfake.Options{})
		run(f, s, err)
		f.Say = func(text, on string) string { return s.Say(stranger, text, on) }
		f.Network, f.Faults = nostr.New(""), s.Faults
		f.typed(nostrfake.Brand, map[string]string{"secret_key": nostrfake.BrandKey, "relays": s.Relay(), "media_server": s.URL}, Post{Kind: network.Keyed}, Post{Kind: network.Keyed, File: Picture})
	}},
}

// open is what TikTok wants to be told of every post.
var open = map[string]string{"privacy": "PUBLIC_TO_EVERYONE"}

// fediverse starts a server of Mastodon's kin.
func fediverse(f *Fake, o mastodonfake.Options, kind network.StepKind) {
	s, err := mastodonfake.Start(o)
	run(f, s, err)
	f.Say = func(text, on string) string { return s.Say(stranger, "@brand "+text, on, "public") }
	f.Network, f.Faults = mastodon.New(), s.Faults
	f.account(mastodonfake.Brand, network.Account{Server: s.URL, Extra: map[string]string{"app": "Bellwether"}}, pair(mastodonfake.BrandToken, ""),
		Post{Kind: kind}, Post{Kind: kind, File: Picture})
}
