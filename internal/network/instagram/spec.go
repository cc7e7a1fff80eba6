package instagram

import (
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
)

// Instagram is the network. It holds no state.
type Instagram struct {
	facebook       graph.Hosts
	web, api, base string // Instagram's own hosts
}

// New returns the network; at replaces all of Meta's hosts where it is not empty.
func New(at string) Instagram {
	n := Instagram{facebook: graph.At(at), web: "https://www.instagram.com", api: "https://api.instagram.com", base: "https://graph.instagram.com"}
	if at != "" {
		n.web, n.api, n.base = n.facebook.Graph, n.facebook.Graph, n.facebook.Graph
	}
	return n
}

// limits of every account.
var limits = network.Limits{Characters: 2200, Media: 10, ImageBytes: 8 << 20, VideoBytes: 300 << 20, AltCharacters: 1000}

const story = "story" // the kind of a post; without one it is a picture, a carousel or a reel, by what it contains

// own is the sign-in with Instagram itself, as an application and an account name it.
const own = "instagram"

// The rights that are asked for, by the way of signing in.
var (
	byFacebook = []network.Scope{
		{Name: "instagram_basic", Why: "to read the account and its posts", Review: true},
		{Name: "instagram_content_publish", Why: "to publish", Publish: true, Review: true},
		{Name: "instagram_manage_comments", Why: "to read, answer, hide and delete comments", Review: true},
		{Name: "instagram_manage_messages", Why: "to read and answer messages", Review: true},
		{Name: "instagram_manage_insights", Why: "to read numbers", Review: true},
		{Name: "instagram_manage_engagement", Why: "to like comments", Review: true},
		{Name: "pages_show_list", Why: "to find the accounts behind your Pages", Review: true},
		{Name: "pages_read_engagement", Why: "to use the Page an account is linked to", Review: true},
		{Name: "pages_manage_metadata", Why: "to be told at once of what is new", Review: true},
		{Name: "pages_messaging", Why: "to send messages through the linked Page", Review: true},
		{Name: "business_management", Why: "to reach accounts of a business portfolio", Review: true},
	}
	byInstagram = []string{"instagram_business_basic", "instagram_business_content_publish", "instagram_business_manage_comments", "instagram_business_manage_insights", "instagram_business_manage_messages"}
)

func names(list []network.Scope) (out []string) {
	for _, s := range list {
		out = append(out, s.Name)
	}
	return out
}

// Spec describes the network.
func (Instagram) Spec() network.Spec {
	return network.Spec{
		Key: "instagram", Name: "Instagram",
		Summary: "Business and creator accounts: pictures, carousels, reels and stories, comments, messages and numbers.",
		Limits:  limits,
		Unit:    "characters; an emoji counts as two or more",
		Threads: false, FirstComment: true, MaxVideos: 10, MixedMedia: true,
		ImageMIME: []string{"image/jpeg"},
		VideoMIME: []string{"video/mp4", "video/quicktime"},
		Caps:      []network.Cap{{Key: "posts", Counts: "posts", Max: 100, Per: 24 * time.Hour}},
		Settings: []network.Setting{
			{Key: "kind", Label: "Publish as", Kind: network.Choice, Hint: "A single video is always a reel.", Options: []network.Option{{Value: "", Label: "Post or reel"}, {Value: story, Label: "Story"}}},
			{Key: "collaborators", Label: "Collaborators", Kind: network.Text, Max: 100, Hint: "Up to 3 names of accounts, with commas between; they must agree."},
			{Key: "user_tags", Label: "Tagged people", Kind: network.Lines, Max: 1000, Hint: "Names with commas between. On a picture with its place from the left and the top: anna 0.5 0.3, ben 0.8 0.4."},
			{Key: "location", Label: "Place", Kind: network.Text, Max: 30, Hint: "The number of the place's Facebook Page."},
			{Key: "cover_url", Label: "Cover of the reel", Kind: network.Text, Max: 2000, Hint: "The public address of a JPEG of at most 8 MB."},
			{Key: "thumb_offset", Label: "Cover from the video, at millisecond", Kind: network.Number, Hint: "Used when there is no cover."},
			{Key: "share", Label: "Show the reel", Kind: network.Choice, Options: []network.Option{{Value: "", Label: "In the feed and under Reels"}, {Value: "reels", Label: "Only under Reels"}}},
			{Key: "trial", Label: "Trial reel", Kind: network.Choice, Hint: "Shown to people who do not follow you first.",
				Options: []network.Option{{Value: "", Label: "No"}, {Value: "MANUAL", Label: "Yes; you share it with followers later"}, {Value: "SS_PERFORMANCE", Label: "Yes; shared with followers if it does well"}}},
			{Key: "audio_name", Label: "Name of the reel's sound", Kind: network.Text, Max: 100},
			{Key: "comments", Label: "Comments", Kind: network.Choice, Options: []network.Option{{Value: "", Label: "Open"}, {Value: "off", Label: "Closed"}}},
			{Key: "partnership", Label: "Paid partnership", Kind: network.Toggle, Hint: "Adds Instagram's label. Only with Facebook's sign-in."},
			{Key: "sponsors", Label: "Sponsors", Kind: network.Text, Max: 60, Hint: "Numbers of up to 2 accounts, with commas between. Only with Facebook's sign-in."},
			{Key: "products", Label: "Products", Kind: network.Text, Max: 150, Hint: "Numbers of up to 5 products of your shop, with commas between. Only with Facebook's sign-in."},
			{Key: "ai", Label: "Made with AI", Kind: network.Toggle, Hint: "Adds Instagram's label."},
		},
		SignIn: network.SignIn{Help: "The account must be professional. With Facebook you choose Pages, and every professional account linked to them is offered; with Instagram you sign in as the one account. Which of the two is used is decided by the registered app."},
		App: &network.AppSpec{
			Portal: "https://developers.facebook.com/apps",
			Steps: []string{
				"Create an app of the type Business and connect it with your verified business portfolio.",
				"For signing in with Facebook add Facebook Login for Business; for signing in with Instagram add Instagram, API setup with Instagram login. Enter {callback} as a valid OAuth redirect address.",
				"Under Webhooks choose the object Instagram and enter {webhook} as the callback address with the verification word you make up below.",
				"In the webhook, subscribe to comments, mentions, messages and message_reactions.",
				"Copy the id and the secret: the app's for Facebook, the Instagram app's for Instagram.",
				"Ask for advanced access to the permissions under App Review, unless everybody who connects has a role in the app.",
				"This installation needs a public address (BELLWETHER_URL): Instagram fetches pictures and videos from it.",
			},
			Fields: []network.Field{
				{Key: "client_id", Label: "App ID", Required: true},
				{Key: "client_secret", Label: "App secret", Secret: true, Required: true},
				{Key: "verify_token", Label: "Verification word of the webhook", Hint: "Any long word; enter the same at Meta.", Secret: true},
				{Key: "login", Label: "Sign in with", Hint: "facebook or instagram", Default: "facebook"},
			},
			Scopes: byFacebook,
			Before: "Everything, for accounts of people who have a role in the app.",
			After:  "The same for everybody's accounts. Answers more than 24 hours after a message need the feature Human Agent as well.",
		},
		Metrics: []network.MetricName{
			{ID: "M-IMPR", NetworkName: "views"},
			{ID: "M-REACH", NetworkName: "reach"},
			{ID: "M-LIKE", NetworkName: "likes"},
			{ID: "M-COMM", NetworkName: "comments"},
			{ID: "M-SHARE", NetworkName: "shares and reposts"},
			{ID: "M-SAVE", NetworkName: "saved"},
			{ID: "M-PVIS", NetworkName: "profile_visits"},
			{ID: "M-VVIEW", NetworkName: "views", Note: "reels"},
			{ID: "M-VAVG", NetworkName: "ig_reels_avg_watch_time", Note: "reels"},
			{ID: "M-VTIME", NetworkName: "ig_reels_video_view_total_time", Note: "reels, with what is watched again"},
			{ID: "M-SKIP", NetworkName: "reels_skip_rate", Note: "reels"},
			{ID: "M-FOLLGAIN", NetworkName: "follows", Note: "posts and stories"},
			{ID: "M-STFWD", NetworkName: "navigation, tap_forward", Note: "stories, from 5 viewers on, for 24 hours"},
			{ID: "M-STBACK", NetworkName: "navigation, tap_back", Note: "stories, from 5 viewers on, for 24 hours"},
			{ID: "M-STNEXT", NetworkName: "navigation, swipe_forward", Note: "stories, from 5 viewers on, for 24 hours"},
			{ID: "M-STREP", NetworkName: "replies", Note: "stories, from 5 viewers on, for 24 hours"},
			{ID: "M-STEX", NetworkName: "navigation, tap_exit", Note: "stories, from 5 viewers on, for 24 hours"},
			{ID: "M-LCLICK", NetworkName: "link_clicks", Note: "stories, with Facebook's sign-in"},
			{ID: "M-FOLL", NetworkName: "followers_count"},
			{ID: "M-FOLLNET", NetworkName: "follows_and_unfollows", Note: "of the last whole day"},
		},
		Audience: publicOf,
		Windows:  graph.Windows(),
		History:  []network.Depth{{Kind: network.Comment, Words: "everything below the posts Instagram lists"}, {Kind: network.Mention, Words: "all posts that tag the account"}, {Kind: network.Direct, Words: "the conversations of the last years, as far as Instagram lists them"}},
		Cannot: []network.Cannot{
			{What: "Personal accounts", Why: "Meta opens only business and creator accounts to applications.", Instead: "Switch the account to professional, or publish by hand-over."},
			{What: "A post without a picture or video", Why: "Instagram has none.", Instead: "Draw the words into a picture."},
			{What: "Change a published post", Why: "The API changes no captions.", Instead: "Change it in the app, or delete and publish again."},
			{What: "Stickers, links, music and words on stories", Why: "The API takes only the picture or video.", Instead: "Draw them into the picture, or publish by hand-over."},
			{What: "Pictures in comments", Why: "The API takes only text.", Instead: "Send them in a message."},
			{What: "Answer a post in which the account is only tagged", Why: "Instagram takes comments of the API only where the caption mentions the account.", Instead: "Comment in the app."},
			{What: "Delete posts and like, with Instagram's own sign-in", Why: "Only the sign-in with Facebook has these calls.", Instead: "Connect the account with Facebook, or use the app."},
			{What: "Give the access back on disconnecting", Why: "Meta keeps one grant for a person and an app: giving it back would end the person's other Pages and Instagram accounts too.", Instead: "Bellwether forgets its tokens; remove the app at Facebook under Settings, Business integrations."},
		},
		Proof: "The container's id is stored before it is published; after a lost answer its status is read. PUBLISHED means that the post is out, and it is then found among the account's newest posts; FINISHED means that the same container may be published again without a double. Comments and messages are looked up; what is not found is decided by a person.",
	}
}
