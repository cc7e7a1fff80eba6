package threads

import (
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Threads is the network. It holds no state.
type Threads struct{ at string }

// New returns the network. at is an address that takes its calls instead of the network's own hosts, "" for those.
func New(at string) Threads { return Threads{at: at} }

// host and signIn are the network's own addresses.
const (
	host   = "https://graph.threads.net"
	signIn = "https://threads.net"
)

// The limits of a post, by the publishing reference of April 2026.
const (
	characters  = 500
	attachments = 20 // of a carousel; an older copy of the guide says 10
	imageBytes  = 8 << 20
	imageRatio  = 10 // longer side to shorter
	videoBytes  = 1 << 30
	videoWidth  = 1920
	videoTime   = 300 // seconds
	altText     = 1000
	links       = 5 // different ones, the attached one included
	tagLength   = 50
	pollOptions = 4
	optionChars = 25
	pollSeconds = 24 * 60 * 60 // every poll runs for a day
)

var limits = network.Limits{
	Characters: characters, Media: attachments, ImageBytes: imageBytes, VideoBytes: videoBytes, AltCharacters: altText,
	PollOptions: pollOptions, PollOptionChars: optionChars, PollMinSeconds: pollSeconds, PollMaxSeconds: pollSeconds,
}

// everyone may answer unless something else is chosen.
const everyone = "everyone"

// Spec describes the network.
func (Threads) Spec() network.Spec {
	return network.Spec{
		Key: "threads", Name: "Threads",
		Summary: "A Threads profile: posts, threads, polls, replies and mentions.",
		Limits:  limits,
		Unit:    "UTF-16 units; an emoji counts its bytes (a family 25)",
		Threads: true, Polls: true, FirstComment: true, MaxVideos: attachments, MixedMedia: true,
		ImageMIME: []string{"image/jpeg", "image/png"},
		VideoMIME: []string{"video/mp4", "video/quicktime"},
		Caps:      []network.Cap{{Key: "posts", Counts: "posts", Max: 250, Per: 24 * time.Hour}, {Key: "replies", Counts: "replies", Max: 1000, Per: 24 * time.Hour, Parts: network.LaterParts}},
		Settings: []network.Setting{
			{Key: "reply_control", Label: "Who can reply", Kind: network.Choice, Default: everyone, Hint: "For the first part; its thread follows it.",
				Options: []network.Option{{Value: everyone, Label: "Everyone"}, {Value: "accounts_you_follow", Label: "Profiles you follow"}, {Value: "followers_only", Label: "Followers"},
					{Value: "mentioned_only", Label: "Only people mentioned"}, {Value: "parent_post_author_only", Label: "Only the author of the post answered"}}},
			{Key: "topic_tag", Label: "Topic", Kind: network.Text, Max: tagLength, Hint: "One topic without #, without . and &. Empty takes the first #tag of the text."},
			{Key: "quote_post_id", Label: "Quote a post", Kind: network.Text, Max: 40, Hint: "The id of the post that is quoted, as the API names it."},
			{Key: "location_id", Label: "Location", Kind: network.Text, Max: 40, Hint: "The id of a location, as the API's location search names it."},
			{Key: "countries", Label: "Only in these countries", Kind: network.Text, Max: 800, Hint: "Codes such as AT, DE, CH. Only for profiles that Threads allows it to."},
			{Key: "spoiler", Label: "Media is a spoiler", Kind: network.Toggle, Hint: "Blurs pictures and videos until a reader opens them."},
		},
		SignIn:   network.SignIn{Help: "You sign in at Threads and allow Bellwether to publish and to read replies and mentions. Bellwether never sees your password."},
		App:      app,
		Audience: publicOf,
		Metrics:  metrics,
		Windows:  []network.Window{{Words: "Answers are possible at any time, up to 1,000 in 24 hours."}},
		History:  []network.Depth{{Kind: network.Comment, Words: "the newest page below the newest 50 posts"}, {Kind: network.Mention, Words: "the newest page"}},
		Cannot: []network.Cannot{
			{What: "Edit a post", Why: "The API changes no published post.", Instead: "Delete it and publish it again; replies and numbers are lost."},
			{What: "Direct messages", Why: "The API has none.", Instead: "Answer them in the app."},
			{What: "Like a post or reply", Why: "The API has no likes.", Instead: "Answer or repost it, or like it in the app."},
			{What: "Delete or block", Why: "Other people's replies can only be hidden, and nobody can be blocked by API.", Instead: "Hide the reply; block in the app."},
			{What: "Replies below old posts", Why: "Replies are read post by post; the newest 50 posts and 25 answers elsewhere are watched.", Instead: "Look at older posts in the app."},
			{What: "Find people to mention", Why: "The API looks up exact names only.", Instead: "Type the full @name."},
			{What: "Polls of another length", Why: "Every poll runs for 24 hours with one vote each.", Instead: "Publish the poll when the day begins."},
			{What: "Give access back", Why: "Threads has no call for it.", Instead: "Remove Bellwether in your Threads settings, under Website permissions."},
		},
		Proof: "Exact. The id of a container is stored before it is published; the network says of it whether it was published, and publishes no container twice.",
	}
}

var app = &network.AppSpec{
	Portal: "https://developers.facebook.com/apps/",
	Steps: []string{
		"Create an app and choose the use case “Access the Threads API”.",
		"Under Use cases, Customize, Settings enter {callback} as redirect callback URL, and the same address for uninstall and delete.",
		"Add every permission listed below to the use case.",
		"Under App roles add your own profile as Threads tester and accept the invitation in Threads: Settings, Account, Website permissions.",
		"Copy the Threads app ID and the Threads app secret; they differ from the app's own.",
		"For news without delay add “Get real-time notifications with Threads Webhooks”, enter {webhook} with a verify token of your own invention, and subscribe to replies and mentions.",
	},
	Fields: []network.Field{
		{Key: "client_id", Label: "Threads app ID", Required: true},
		{Key: "client_secret", Label: "Threads app secret", Required: true, Secret: true},
		{Key: "verify_token", Label: "Verify token", Secret: true, Hint: "The word you entered with the webhook; empty without one."},
	},
	Scopes: []network.Scope{
		{Name: "threads_basic", Why: "to know whose profile this is and to list its posts", Review: true},
		{Name: "threads_content_publish", Why: "to publish", Publish: true, Review: true},
		{Name: "threads_read_replies", Why: "to read replies", Review: true},
		{Name: "threads_manage_replies", Why: "to answer and hide replies and to say who can reply", Review: true},
		{Name: "threads_manage_mentions", Why: "to read mentions", Review: true},
		{Name: "threads_manage_insights", Why: "to read views, likes and followers", Review: true},
		{Name: "threads_delete", Why: "to delete posts", Review: true},
		{Name: "threads_location_tagging", Why: "to say where a post was made", Review: true},
	},
	Before: "Everything works for profiles that are testers of your app.",
	After:  "Other people's profiles, and webhooks: they need advanced access and a verified business.",
}

var metrics = []network.MetricName{
	{ID: "M-IMPR", NetworkName: "views"},
	{ID: "M-LIKE", NetworkName: "likes"},
	{ID: "M-COMM", NetworkName: "replies"},
	{ID: "M-SHARE", NetworkName: "reposts, quotes and shares", Note: "the three together"},
	{ID: "M-FOLL", NetworkName: "followers_count"},
}
