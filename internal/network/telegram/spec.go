package telegram

import (
	"cmp"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Telegram is the network. It holds no state.
type Telegram struct{ at string }

// New returns the network. at replaces the address of Telegram's Bot API; "" is Telegram's own.
func New(at string) Telegram { return Telegram{at: at} }

const (
	own     = "https://api.telegram.org"
	caption = 1024 // characters below a file
	// What Telegram takes by upload (Bot API 10.1): photos of 10 MB, other files of 50 MB; a Bot API server of one's own
	// takes files of 2000 MB.
	photoBytes = 10 << 20
	fileBytes  = 50 << 20
	localBytes = 2000 << 20
	photoSides = 10_000 // width and height together
	photoRatio = 20
	album      = 10
	question   = 300
)

var fallback = network.Limits{Characters: 4096, Media: album, ImageBytes: photoBytes, VideoBytes: fileBytes,
	PollOptions: 12, PollOptionChars: 100, PollMinSeconds: 5, PollMaxSeconds: 2_628_000}

// The ways to send a file.
const (
	asDocument  = "document"
	asAnimation = "animation"
	asVoice     = "voice"
)

// Spec describes the network.
func (Telegram) Spec() network.Spec {
	return network.Spec{
		Key: "telegram", Name: "Telegram",
		Summary: "Channels and groups on Telegram, by a bot of your own.",
		Limits:  fallback,
		Unit:    "characters as Telegram counts them (UTF-16 units: most emoji count 2); 1024 below pictures and files",
		Threads: true, Polls: true, FirstComment: true, MaxVideos: album, MixedMedia: true,
		ImageMIME: []string{"image/jpeg", "image/png", "image/webp", "image/gif"}, DocumentMIME: []string{"application/pdf"},
		VideoMIME: []string{"video/mp4"},
		Settings:  settings,
		SignIn: network.SignIn{
			Fields: []network.Field{
				{Key: "token", Label: "Bot token", Secret: true, Required: true, Placeholder: "123456789:AA…", Hint: "From @BotFather: /newbot makes a bot, /token shows the token of one you have."},
				{Key: "chats", Label: "Channels or groups", Required: true, Placeholder: "@mychannel, -1001234567890", Hint: "The @name, or the number of a private one, separated by commas. Private messages to the bot come to the first."},
				{Key: "server", Label: "Bot API server", Placeholder: own, Hint: "Only if you run one of your own: it takes files of up to 2000 MB."},
			},
			Help: "Make a bot with @BotFather and add it to your channel as an administrator who may post. To read comments, add it to the channel's discussion group as an administrator too. Give the bot to no other program that reads messages: Telegram tells each message only once.",
		},
		Audience: network.AudienceSpec{None: "Bots see no statistics of a channel; Telegram shows them to its administrators in the app only."},
		Metrics: []network.MetricName{
			{ID: "M-LIKE", NetworkName: "reactions", Note: "of all kinds; told by Telegram whenever they change, where the bot is an administrator"},
			{ID: "M-FOLL", NetworkName: "members"},
		},
		Windows: []network.Window{{Words: "Comments can be answered at any time."}, {Words: "A private chat can be answered once the person has started it, until they block the bot."}},
		History: []network.Depth{{Kind: network.Comment, Words: "nothing: Telegram shows bots only what is new"}, {Kind: network.Direct, Words: "nothing: Telegram shows bots only what is new"}},
		Cannot: []network.Cannot{
			{What: "Views", Why: "Telegram does not tell them to bots.", Instead: "Use short links to count visits."},
			{What: "Read back, import or list posts", Why: "Bots cannot read a channel's history.", Instead: "Open the post in Telegram."},
			{What: "A first comment where the channel has no discussion group", Why: "Comments belong below the copy that Telegram puts into the group.", Instead: "Link a group and make the bot its administrator, or add a further part to the post."},
			{What: "Descriptions of pictures for people who cannot see them", Why: "Telegram's messages have no place for them.", Instead: "Describe the picture in the text."},
			{What: "Show pictures that people send", Why: "Their addresses hold the bot's token.", Instead: "Open the message in Telegram."},
			{What: "Stories", Why: "Bots may post them only for connected personal business accounts.", Instead: "Publish them in the app."},
		},
		Proof: "Telegram's bots can neither mark a message against doubles nor read what they sent. Where the channel has a discussion group with the bot in it, the copy that Telegram puts there proves a post; everywhere else a lost answer is decided by a person.",
	}
}

var settings = []network.Setting{
	{Key: "silent", Label: "Without sound", Kind: network.Toggle, Hint: "Subscribers are notified silently."},
	{Key: "protect", Label: "Protect from forwarding", Kind: network.Toggle, Hint: "Nobody can forward or save it."},
	{Key: "pin", Label: "Pin", Kind: network.Toggle, Hint: "Pins the post once it is published, without a further notification. The bot needs the right."},
	{Key: "buttons", Label: "Buttons", Kind: network.Lines, Max: 2000, Hint: "Words | https://address, several separated by a semicolon or on lines of their own. Not below albums."},
	{Key: "preview", Label: "Link preview", Kind: network.Choice, Hint: "Of the first link, or of the link card.",
		Options: []network.Option{{Value: "", Label: "As Telegram chooses"}, {Value: "large", Label: "Large picture"}, {Value: "small", Label: "Small picture"}, {Value: "above", Label: "Above the text"}, {Value: "off", Label: "None"}}},
	{Key: "topic", Label: "Topic", Kind: network.Text, Max: 200, Hint: "In a group with topics: the number of the topic or its link (https://t.me/c/…/12)."},
	{Key: "as", Label: "Send files as", Kind: network.Choice,
		Options: []network.Option{{Value: "", Label: "Pictures, videos and music"}, {Value: asDocument, Label: "Files, uncompressed"}, {Value: asAnimation, Label: "Animation (a video without sound)"}, {Value: asVoice, Label: "Voice message (a sound)"}}},
	{Key: "caption_above", Label: "Text above the picture", Kind: network.Toggle},
	{Key: "spoiler", Label: "Cover the picture", Kind: network.Toggle, Hint: "Readers uncover pictures and videos by a tap."},
	{Key: "quiz_answer", Label: "Right answer", Kind: network.Number, Hint: "The number of the right option makes the poll a quiz."},
	{Key: "quiz_explanation", Label: "Explanation of the answer", Kind: network.Text, Max: 200},
	{Key: "location", Label: "Location", Kind: network.Text, Max: 60, Hint: "Latitude, longitude: 52.5200, 13.4050. With a text its first line names the place and the rest is the address."},
}

func limits(a network.Account) network.Limits {
	l := a.Limits
	l.Characters, l.Media = cmp.Or(l.Characters, fallback.Characters), cmp.Or(l.Media, fallback.Media)
	l.ImageBytes, l.VideoBytes = cmp.Or(l.ImageBytes, fallback.ImageBytes), cmp.Or(l.VideoBytes, fallback.VideoBytes)
	l.PollOptions, l.PollOptionChars = cmp.Or(l.PollOptions, fallback.PollOptions), cmp.Or(l.PollOptionChars, fallback.PollOptionChars)
	l.PollMinSeconds, l.PollMaxSeconds = cmp.Or(l.PollMinSeconds, fallback.PollMinSeconds), cmp.Or(l.PollMaxSeconds, fallback.PollMaxSeconds)
	return l
}
