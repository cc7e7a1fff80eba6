package discord

import (
	"cmp"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Discord is the network as a bot. It holds no state.
type Discord struct{ at string }

// New returns the network. at replaces the address of Discord's hosts; "" is Discord's own.
func New(at string) Discord { return Discord{at: at} }

// Webhook is the network as an incoming webhook. It holds no state.
type Webhook struct{ at string }

// NewWebhook returns the network. at replaces the address of Discord's hosts; "" is Discord's own.
func NewWebhook(at string) Webhook { return Webhook{at: at} }

const (
	own       = "https://discord.com"
	fileBytes = 10 << 20 // of one file, in a server without boosts
	bodyBytes = 25 << 20 // of one request, unless one boosted file alone is larger
	question  = 300
	names     = 100 // characters of a thread's name
)

var fallback = network.Limits{Characters: 2000, Media: 10, ImageBytes: fileBytes, VideoBytes: fileBytes, AltCharacters: 1024,
	PollOptions: 10, PollOptionChars: 55, PollMinSeconds: 3600, PollMaxSeconds: 768 * 3600}

const (
	unit   = "characters (most emoji count 2); embeds have 6000 of their own"
	format = "Discord's own Markdown works in the text."
)

// Spec describes the bot.
func (Discord) Spec() network.Spec {
	return network.Spec{
		Key: "discord", Name: "Discord",
		Summary: "Channels, announcement channels and forums of a Discord server, by a bot of your own.",
		Limits:  fallback, Unit: unit,
		Threads: true, Polls: true, FirstComment: true, MaxVideos: 10, MixedMedia: true,
		ImageMIME: []string{"image/jpeg", "image/png", "image/gif", "image/webp"}, DocumentMIME: []string{"application/pdf"},
		VideoMIME: []string{"video/mp4", "video/quicktime", "video/webm"},
		Settings:  append([]network.Setting{{Key: "crosspost", Label: "Publish to followers", Kind: network.Toggle, Hint: "In an announcement channel: servers that follow it get the message too."}}, common...),
		SignIn: network.SignIn{
			Fields: []network.Field{
				{Key: "token", Label: "Bot token", Secret: true, Required: true, Hint: "From discord.com/developers/applications: your application, Bot, Reset Token."},
				{Key: "channels", Label: "Channels", Required: true, Placeholder: "https://discord.com/channels/…/…", Hint: "Links or numbers of channels, separated by commas: right-click a channel and copy its link."},
			},
			Help: "Make an application at discord.com/developers/applications, switch on Message Content Intent under Bot, and invite it to your server with the rights View Channels, Send Messages, Embed Links, Attach Files and Read Message History (for threads also Create Public Threads and Send Messages in Threads, for moderation Manage Messages).",
		},
		Audience: network.AudienceSpec{None: "Bots and webhooks see no statistics; Discord shows Server Insights to administrators in the app only."},
		Metrics: []network.MetricName{
			{ID: "M-LIKE", NetworkName: "reactions", Note: "of all kinds"},
			{ID: "M-COMM", NetworkName: "messages in the thread", Note: "for forum posts and messages with a thread; Discord stops counting in very long ones"},
			{ID: "M-FOLL", NetworkName: "members", Note: "of the whole server, approximate"},
		},
		Windows: []network.Window{{Words: "Answers are possible at any time, in a locked or archived thread only once it is open again."}},
		History: []network.Depth{{Kind: network.Comment, Words: "the newest page of the channel and its open threads"}, {Kind: network.Mention, Words: "the newest page of the channel"}},
		Cannot: append([]network.Cannot{
			{What: "Private messages", Why: "A bot is written to by members one by one, in places it cannot list.", Instead: "Answer in the server."},
			{What: "Hide what members write", Why: "Discord has no hiding.", Instead: "Delete the message, if the bot may manage messages."},
		}, missing...),
		Proof: "Each message carries a nonce that Discord enforces for a few minutes: sent again it returns the first message. A lost answer is also looked up in the channel's history. Forum posts have no nonce; there only the look-up counts.",
	}
}

// Spec describes the webhook.
func (Webhook) Spec() network.Spec {
	return network.Spec{
		Audience: network.AudienceSpec{None: "Bots and webhooks see no statistics; Discord shows Server Insights to administrators in the app only."},
		Key:      "discord-webhook", Name: "Discord webhook",
		Summary: "One channel of a Discord server, by the address of a webhook; no bot is needed.",
		Limits:  fallback, Unit: unit,
		Polls: true, MaxVideos: 10, MixedMedia: true,
		ImageMIME: []string{"image/jpeg", "image/png", "image/gif", "image/webp"}, DocumentMIME: []string{"application/pdf"},
		VideoMIME: []string{"video/mp4", "video/quicktime", "video/webm"},
		Settings: append([]network.Setting{
			{Key: "username", Label: "Name", Kind: network.Text, Max: 80, Hint: "Shown instead of the webhook's own name."},
			{Key: "avatar_url", Label: "Picture's address", Kind: network.Text, Max: 2048, Hint: "Shown instead of the webhook's own picture."},
		}, common...),
		SignIn: network.SignIn{
			Fields: []network.Field{
				{Key: "webhook", Label: "Webhook URL", Secret: true, Required: true, Placeholder: "https://discord.com/api/webhooks/…", Hint: "Server settings, Integrations, Webhooks, Copy Webhook URL. Whoever knows it can post."},
				{Key: "token", Label: "Bot token", Secret: true, Hint: "Only to look up messages whose answer was lost, and to know a forum's tags: a bot that can read the channel."},
			},
			Help: "A webhook publishes and nothing else. To read answers and reactions, connect a bot as Discord.",
		},
		Cannot: append([]network.Cannot{
			{What: "Threads of several messages, first comments", Why: "A webhook cannot answer a message.", Instead: "Connect a bot as Discord."},
			{What: "Answers, reactions and numbers", Why: "A webhook cannot read.", Instead: "Connect a bot as Discord."},
			{What: "Private messages", Why: "A webhook belongs to one channel.", Instead: "Answer in the server."},
		}, missing...),
		Proof: "Every call waits for the message it made. A webhook's messages carry nothing against doubles; a lost answer is looked up in the channel's history where a bot token was given, else a person decides.",
	}
}

var missing = []network.Cannot{
	{What: "Views and reach", Why: "Discord does not tell them.", Instead: "Use short links to count visits."},
	{What: "A public address of a message", Why: "Links open only for members of the server.", Instead: "Link to an invitation, or publish elsewhere too."},
	{What: "Files of old messages", Why: "Discord's addresses of files end after a day.", Instead: "Open the message in Discord."},
}

// common are the settings of both ways.
var common = []network.Setting{
	{Key: "thread_name", Label: "Title", Kind: network.Text, Max: names, Hint: "Of a forum post, which needs one; elsewhere a bot opens a thread of this name below the message."},
	{Key: "tags", Label: "Forum tags", Kind: network.Several, Live: true, Max: 5},
	{Key: "thread", Label: "Into a thread", Kind: network.Text, Max: 200, Hint: "The link or number of a thread that exists, instead of the channel itself."},
	{Key: "mentions", Label: "Mentions notify", Kind: network.Choice, Hint: format,
		Options: []network.Option{{Value: "", Label: "Nobody"}, {Value: "users", Label: "People who are mentioned"}, {Value: "roles", Label: "People and roles"}, {Value: "everyone", Label: "People, roles, @everyone and @here"}}},
	{Key: "silent", Label: "Without notification", Kind: network.Toggle},
	{Key: "no_previews", Label: "No link previews", Kind: network.Toggle, Hint: "Hides embeds as well."},
	{Key: "spoiler", Label: "Cover pictures", Kind: network.Toggle, Hint: "Readers uncover them by a click."},
	{Key: "embed_title", Label: "Embed: title", Kind: network.Text, Max: 256},
	{Key: "embed_text", Label: "Embed: text", Kind: network.Lines, Max: 4096},
	{Key: "embed_url", Label: "Embed: link", Kind: network.Text, Max: 2048},
	{Key: "embed_color", Label: "Embed: colour", Kind: network.Text, Max: 7, Hint: "Such as #5865f2."},
	{Key: "embed_footer", Label: "Embed: footer", Kind: network.Text, Max: 2048},
	{Key: "embeds", Label: "Further embeds", Kind: network.Lines, Max: 20_000, Hint: "As JSON, the way Discord describes embeds and builders write them."},
}

func limits(a network.Account) network.Limits {
	l := a.Limits
	l.Characters, l.Media, l.AltCharacters = cmp.Or(l.Characters, fallback.Characters), cmp.Or(l.Media, fallback.Media), cmp.Or(l.AltCharacters, fallback.AltCharacters)
	l.ImageBytes, l.VideoBytes = cmp.Or(l.ImageBytes, fallback.ImageBytes), cmp.Or(l.VideoBytes, fallback.VideoBytes)
	l.PollOptions, l.PollOptionChars = cmp.Or(l.PollOptions, fallback.PollOptions), cmp.Or(l.PollOptionChars, fallback.PollOptionChars)
	l.PollMinSeconds, l.PollMaxSeconds = cmp.Or(l.PollMinSeconds, fallback.PollMinSeconds), cmp.Or(l.PollMaxSeconds, fallback.PollMaxSeconds)
	return l
}
