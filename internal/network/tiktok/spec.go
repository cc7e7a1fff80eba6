package tiktok

import (
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// TikTok is the network. It holds no state.
type TikTok struct{ at string }

// New returns the network. at is an address that takes its calls instead of the network's own hosts, "" for those.
func New(at string) TikTok { return TikTok{at: at} }

// host and signIn are the network's own addresses.
const (
	host   = "https://open.tiktokapis.com"
	signIn = "https://www.tiktok.com"
)

// The limits of a post, by the Content Posting reference of 2026. Texts count in UTF-16 units.
const (
	videoText   = 2200
	photoText   = 4000
	photoTitle  = 90
	photos      = 35
	photoBytes  = 20 << 20
	photoLong   = 1920 // 1080p
	photoBrief  = 1080
	videoBytes  = 4 << 30
	videoLeast  = 360 // pixels of either side
	videoMost   = 4096
	videoSecond = 600 // unless the creator may do less
)

var limits = network.Limits{Characters: videoText, Media: photos, ImageBytes: photoBytes, ImagePixels: photoLong * photoBrief, VideoBytes: videoBytes, VideoPixels: videoMost * videoMost}

// Who sees a post. SELF_ONLY is all that an app has before TikTok's audit.
const (
	public    = "PUBLIC_TO_EVERYONE"
	friends   = "MUTUAL_FOLLOW_FRIENDS"
	followers = "FOLLOWER_OF_CREATOR"
	private   = "SELF_ONLY"
)

var audiences = map[string]string{public: "Everyone", friends: "Friends", followers: "Followers", private: "Only you"}

// The ways to hand a post over.
const (
	direct = "direct"
	inbox  = "inbox"
)

// Spec describes the network.
func (TikTok) Spec() network.Spec {
	return network.Spec{
		Key: "tiktok", Name: "TikTok",
		Summary: "A creator's account: videos, picture posts, drafts in the app's inbox, and numbers.",
		Limits:  limits,
		Unit:    "UTF-16 units: 2,200 with a video, 4,000 with pictures",
		Threads: false, MaxVideos: 1,
		ImageMIME: []string{"image/jpeg", "image/webp"},
		VideoMIME: []string{"video/mp4", "video/quicktime", "video/webm"},
		Caps:      []network.Cap{{Key: "posts", Counts: "posts", Max: 15, Per: 24 * time.Hour}},
		Settings: []network.Setting{
			{Key: "mode", Label: "Publish", Kind: network.Choice, Default: direct, Hint: "A draft arrives in the app's inbox and is finished there; at most 5 may wait in 24 hours.",
				Options: []network.Option{{Value: direct, Label: "At once"}, {Value: inbox, Label: "As a draft in the app"}}},
			{Key: "privacy", Label: "Who sees it", Kind: network.Choice, Live: true, Required: true, Hint: "TikTok demands a choice for each post and allows no default. Not for drafts.",
				// Until the creator's own choices are known.
				Options: []network.Option{{Value: "", Label: "Choose…"}, {Value: public, Label: audiences[public]}, {Value: friends, Label: audiences[friends]},
					{Value: followers, Label: audiences[followers]}, {Value: private, Label: audiences[private]}}},
			{Key: "allow_comment", Label: "Allow comments", Kind: network.Toggle},
			{Key: "allow_duet", Label: "Allow duets", Kind: network.Toggle, Hint: "Videos only."},
			{Key: "allow_stitch", Label: "Allow stitches", Kind: network.Toggle, Hint: "Videos only."},
			{Key: "brand_organic", Label: "Promotes your own brand", Kind: network.Toggle, Hint: "Labelled “Promotional content”."},
			{Key: "brand_content", Label: "Promotes another brand for pay", Kind: network.Toggle, Hint: "Labelled “Paid partnership”; cannot be private."},
			{Key: "ai_generated", Label: "Made with AI", Kind: network.Toggle, Hint: "Videos only."},
			{Key: "cover_ms", Label: "Cover frame", Kind: network.Number, Hint: "Milliseconds from the beginning of the video; empty takes the first frame."},
			{Key: "photo_title", Label: "Title of a picture post", Kind: network.Text, Max: photoTitle},
			{Key: "photo_cover", Label: "Cover picture", Kind: network.Number, Hint: "Which picture, from 1; empty takes the first."},
			{Key: "auto_music", Label: "Add music to pictures", Kind: network.Toggle, Hint: "TikTok chooses it; it can be changed in the app."},
		},
		SignIn:   network.SignIn{Help: "You sign in at TikTok and allow Bellwether to publish and to read your videos' numbers. Bellwether never sees your password."},
		App:      app,
		Audience: network.AudienceSpec{None: "TikTok's API for creators tells counts only. Connect the account as TikTok for Business to see followers by age, gender, country and hour."},
		Metrics:  metrics,
		Cannot: []network.Cannot{
			{What: "Comments, mentions and messages", Why: "Creators' apps are not given them.", Instead: "Connect the account as TikTok for Business, which reads and answers comments; answer the rest in the app."},
			{What: "Edit or delete a post", Why: "The API has neither.", Instead: "Change or delete it in the app."},
			{What: "A first comment", Why: "The API writes no comments.", Instead: "Write it in the app, or put it into the text."},
			{What: "Public posts before the audit", Why: "Until TikTok has audited your app, posts are seen by the creator alone, and the account must be private.", Instead: "Send drafts to the inbox and publish them in the app, or connect as TikTok for Business."},
			{What: "Upload pictures", Why: "TikTok fetches pictures from an address whose domain you have verified in its portal.", Instead: "Verify the domain of BELLWETHER_URL, or publish a video."},
			{What: "The AI label on pictures", Why: "Only videos have it in the API.", Instead: "Set it in the app, or say it in the text."},
			{What: "Reach, watch time and demographics", Why: "The API counts views, likes, comments and shares of public videos.", Instead: "TikTok for Business tells the reach; for the rest look at TikTok's own analytics."},
			{What: "Numbers of posts that are not public", Why: "Only public posts are listed, and pictures not always.", Instead: "Look at TikTok's own analytics."},
		},
		Proof: "A publish id is stored as soon as TikTok names it and is asked until the post is there. An announcement whose answer was lost is never repeated by itself: a person decides.",
	}
}

var app = &network.AppSpec{
	Portal: "https://developers.tiktok.com/apps/",
	Steps: []string{
		"Create an app for the platform Web and fill in its details.",
		"Add the products Login Kit, Content Posting API (with Direct Post) and, if you like, Webhooks.",
		"In Login Kit enter {callback} as redirect URI.",
		"In Webhooks enter {webhook} as callback URL; every event is then sent there.",
		"Under URL properties verify the domain of this installation: picture posts are fetched from it.",
		"Add the scopes listed below, then copy the client key and the client secret.",
		"Ask for TikTok's audit of Direct Post as soon as a private post worked.",
	},
	Fields: []network.Field{
		{Key: "client_key", Label: "Client key", Required: true},
		{Key: "client_secret", Label: "Client secret", Required: true, Secret: true},
	},
	Scopes: []network.Scope{
		{Name: "user.info.basic", Why: "to know whose account this is", Review: true},
		{Name: "user.info.profile", Why: "to show its name and link to its posts", Review: true},
		{Name: "user.info.stats", Why: "to read followers, likes and the number of videos", Review: true},
		{Name: "video.publish", Why: "to publish videos and pictures", Publish: true, Review: true},
		{Name: "video.upload", Why: "to send drafts to the app's inbox", Publish: true, Review: true},
		{Name: "video.list", Why: "to read videos and their numbers", Review: true},
	},
	Before: "Up to five creators in 24 hours can publish posts that only they see, with accounts set to private; drafts work.",
	After:  "Posts that others see: they need TikTok's audit of your app, two to six weeks.",
}

var metrics = []network.MetricName{
	{ID: "M-IMPR", NetworkName: "view_count"},
	{ID: "M-LIKE", NetworkName: "like_count"},
	{ID: "M-COMM", NetworkName: "comment_count"},
	{ID: "M-SHARE", NetworkName: "share_count"},
	{ID: "M-FOLL", NetworkName: "follower_count"},
}
