package x

import (
	"cmp"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// X is the network. It holds nothing but where it is reached.
type X struct{ at string }

// New returns the network. at replaces both of X's own hosts (a gateway or a fake); empty for X itself.
func New(at string) X { return X{at: strings.TrimSuffix(at, "/")} }

// page is where people sign in.
func (n X) page() string { return cmp.Or(n.at, "https://x.com") }

// base is where programs call.
func (n X) base() string { return cmp.Or(n.at, "https://api.x.com") }

// longText is the longest post of an account with a subscription, in weighted characters.
const longText = 25000

// fallback is what an ordinary account may do.
var fallback = network.Limits{
	Characters: text.XLimit, CharactersURL: 23, Media: 4, ImageBytes: 5 << 20, VideoBytes: 512 << 20, AltCharacters: 1000,
	PollOptions: 4, PollOptionChars: 25, PollMinSeconds: 5 * 60, PollMaxSeconds: 10080 * 60,
}

// Spec describes the network.
func (X) Spec() network.Spec {
	return network.Spec{
		Key: "x", Name: "X",
		Summary: "Posts, threads, polls, mentions and direct messages of an account on X. X charges for most calls.",
		Limits:  fallback,
		Unit:    "weighted characters: most alphabets count 1, other scripts and emoji 2, every link 23",
		Threads: true, Polls: true, FirstComment: true, MaxVideos: 1,
		ImageMIME: []string{"image/jpeg", "image/png", "image/gif", "image/webp"},
		VideoMIME: []string{"video/mp4", "video/quicktime"}, Captions: true,
		Settings: settings,
		SignIn:   network.SignIn{Help: "You sign in at X and allow Bellwether to publish and to read. Bellwether never sees your password."},
		App:      app,
		Audience: network.AudienceSpec{None: "The API tells how many follow, and nothing of who they are."},
		Caps:     []network.Cap{{Key: "posts", Counts: "posts and parts of threads", Max: 100, Per: 15 * time.Minute, Parts: network.EveryPart}, {Key: "app_posts", Counts: "posts of the application", Max: 10_000, Per: 24 * time.Hour, PerApp: true, Parts: network.EveryPart}},
		Metrics: []network.MetricName{
			{ID: "M-IMPR", NetworkName: "impressions"},
			{ID: "M-LIKE", NetworkName: "likes"},
			{ID: "M-COMM", NetworkName: "replies"},
			{ID: "M-SHARE", NetworkName: "reposts and quotes"},
			{ID: "M-SAVE", NetworkName: "bookmarks"},
			{ID: "M-LCLICK", NetworkName: "link clicks", Note: "for 30 days after publishing"},
			{ID: "M-PVIS", NetworkName: "profile clicks", Note: "from the post, for 30 days after publishing"},
			{ID: "M-VVIEW", NetworkName: "video views"},
			{ID: "M-VDONE", NetworkName: "playback_100_count", Note: "for 30 days after publishing"},
			{ID: "M-VRET", NetworkName: "playback_0_count to playback_100_count", Note: "by quarters, for 30 days after publishing"},
			{ID: "M-FOLL", NetworkName: "followers"},
		},
		Windows: []network.Window{
			{Words: "A public answer is possible where the author mentioned the account or quoted one of its posts; X refuses others from self-serve applications."},
			{Words: "A direct message is possible where the person accepts messages from the account."},
		},
		History: []network.Depth{{Kind: network.Comment, Words: "the newest page: X charges for each older post"}, {Kind: network.Mention, Words: "the newest page: X charges for each older post"}, {Kind: network.Direct, Words: "the newest page: X charges for each message"}},
		Cannot: []network.Cannot{
			{What: "Quote, like and follow", Why: "X withdrew these calls from self-serve applications in April 2026.", Instead: "Put the post's link into the text, or do it at X."},
			{What: "Answer people who did not mention the account", Why: "X lets self-serve applications answer only when they are summoned.", Instead: "Answer at X."},
			{What: "Tell of quotes that do not name the account", Why: "Each post's quotes would have to be asked for, and X charges for each.", Instead: "Look at the post's quotes at X; their number is counted."},
			{What: "Encrypted chats", Why: "X keeps them apart from the direct messages that applications can read.", Instead: "Read and answer them at X."},
			{What: "Articles", Why: "They are made of blocks, pictures and styles that a post here does not have.", Instead: "Write the article at X and post its link."},
			{What: "Suggest accounts while you type a mention", Why: "X charges for every account it shows.", Instead: "Write the account's name behind an @; it becomes a mention."},
			{What: "Native scheduling", Why: "The API has no planned posts.", Instead: "Bellwether sends the post at its time."},
			{What: "Demographics of followers", Why: "The API has none.", Instead: "Look at X's own analytics."},
			{What: "Block accounts", Why: "X took the call away in 2023.", Instead: "Mute the account here, or block it at X."},
		},
		ReadEvery: 5 * time.Minute,
		Proof:     "X has no key against doubles. A lost answer is looked up in the account's own timeline by text, parent, files and poll; what is not found there is decided by a person. The look-up costs a few post reads.",
	}
}

var settings = []network.Setting{
	{Key: "reply_settings", Label: "Who can reply", Kind: network.Choice, Hint: "For a thread this is set on its first post.",
		Options: []network.Option{{Value: "", Label: "Everyone"}, {Value: "following", Label: "Accounts you follow"}, {Value: "mentionedUsers", Label: "Only accounts you mention"},
			{Value: "subscribers", Label: "Subscribers"}, {Value: "verified", Label: "Verified accounts"}}},
	{Key: "community", Label: "Community", Kind: network.Text, Max: 100, Hint: "The address or the number of a community the account belongs to; empty posts to the profile."},
	{Key: "share_with_followers", Label: "Share with followers as well", Kind: network.Toggle, Hint: "Only for posts to a community."},
	{Key: "tagged", Label: "People in the pictures", Kind: network.Text, Max: 200, Hint: "Up to 10 account names, separated by commas. X charges for looking each of them up."},
	{Key: "made_with_ai", Label: "Made with AI", Kind: network.Toggle, Hint: "Says that the media were generated."},
	{Key: "paid_partnership", Label: "Paid partnership", Kind: network.Toggle, Hint: "Marks the post as advertising for somebody else."},
	{Key: "place", Label: "Place", Kind: network.Text, Max: 40, Hint: "X's own id of a place, such as 07d9cd6afd884001."},
}

var app = &network.AppSpec{
	Portal: "https://console.x.com",
	Steps: []string{
		"Sign in at the developer console, accept the terms and buy credits: X charges for the calls.",
		"Create an app and open its user authentication settings.",
		"Choose “Read and write and Direct message” and the type “Web App, Automated App or Bot”.",
		"Enter {callback} as callback address and save.",
		"Copy the OAuth 2.0 client id and client secret, and the app's API key secret, into this form.",
		"To hear of mentions and messages at once, copy the bearer token and the API key secret as well: Bellwether then registers {webhook} and subscribes each account. X charges for each event. Without it Bellwether asks regularly.",
	},
	Fields: []network.Field{
		{Key: "client_id", Label: "OAuth 2.0 client id", Required: true},
		{Key: "client_secret", Label: "OAuth 2.0 client secret", Required: true, Secret: true},
		{Key: "consumer_secret", Label: "API key secret", Secret: true, Hint: "Only for webhooks: X signs its calls with it."},
		{Key: "bearer_token", Label: "Bearer token", Secret: true, Hint: "Only for webhooks: accounts are subscribed with it."},
	},
	Scopes: []network.Scope{
		{Name: "tweet.read", Why: "To read the account's posts, mentions and numbers."},
		{Name: "tweet.write", Why: "To publish, edit, repost and delete.", Publish: true},
		{Name: "tweet.moderate.write", Why: "To hide replies."},
		{Name: "users.read", Why: "To know who writes, and how many follow."},
		{Name: "media.write", Why: "To upload pictures and videos."},
		{Name: "mute.write", Why: "To mute accounts."},
		{Name: "dm.read", Why: "To read direct messages."},
		{Name: "dm.write", Why: "To answer direct messages."},
		{Name: "offline.access", Why: "To stay signed in; access otherwise ends after two hours."},
	},
	Before: "Everything works at once for any account, as long as the app has credits.",
	After:  "X reviews nothing. Enterprise contracts lift the limits on answers and quotes.",
}

// limits returns what the account may do.
func limits(a network.Account) network.Limits {
	l := fallback
	l.Characters = cmp.Or(a.Limits.Characters, l.Characters)
	return l
}

// paid reports whether the account has a subscription.
func paid(a network.Account) bool {
	s := strings.ToLower(a.Extra["subscription"])
	return s != "" && s != "none"
}
