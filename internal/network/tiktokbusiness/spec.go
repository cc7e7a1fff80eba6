package tiktokbusiness

import (
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// TikTok is the network. It holds no state.
type TikTok struct{ at string }

// New returns the network. at is an address that takes its calls instead of the network's own host, "" for that.
func New(at string) TikTok { return TikTok{at: at} }

// host is the network's own address, site its website.
const (
	host = "https://business-api.tiktok.com"
	site = "https://www.tiktok.com"
)

// The limits of a post, by the Accounts API's reference of 2026. Texts count in UTF-16 units.
const (
	videoText   = 2200
	photoText   = 4000
	photoTitle  = 90
	commentText = 1200 // since August 2026; 150 before
	photos      = 35
	photoBytes  = 20 << 20
	photoLong   = 1920 // 1080p
	photoBrief  = 1080
	videoBytes  = 1 << 30
	videoLeast  = 360 // pixels of either side
	videoMost   = 4096
	secondsMin  = 3
	secondsMax  = 600 // unless the account may do less
)

var limits = network.Limits{Characters: videoText, Media: photos, ImageBytes: photoBytes, ImagePixels: photoLong * photoBrief, VideoBytes: videoBytes, VideoPixels: videoMost * videoMost}

// Who sees pictures; videos are public.
const (
	public  = "PUBLIC_TO_EVERYONE"
	private = "SELF_ONLY"
)

var audiences = map[string]string{public: "Everyone", "MUTUAL_FOLLOW_FRIENDS": "Friends", "FOLLOWER_OF_CREATOR": "Followers", private: "Only you"}

// The ways to hand a post over.
const (
	direct = "direct"
	inbox  = "inbox"
)

// Spec describes the network.
func (TikTok) Spec() network.Spec {
	return network.Spec{
		Key: "tiktok-business", Name: "TikTok for Business",
		Summary: "A TikTok account your company owns, through TikTok API for Business: posts, drafts, comments and numbers.",
		Limits:  limits,
		Unit:    "UTF-16 units: 2,200 with a video, 4,000 with pictures, 1,200 in a comment",
		Threads: false, FirstComment: true, MaxVideos: 1,
		ImageMIME: []string{"image/jpeg", "image/webp"},
		VideoMIME: []string{"video/mp4", "video/quicktime", "video/webm"},
		Caps:      []network.Cap{{Key: "posts", Counts: "posts", Max: 15, Per: 24 * time.Hour}},
		Settings: []network.Setting{
			{Key: "mode", Label: "Publish", Kind: network.Choice, Default: direct, Hint: "A draft arrives in the app's inbox and is finished there.",
				Options: []network.Option{{Value: direct, Label: "At once"}, {Value: inbox, Label: "As a draft in the app"}}},
			{Key: "privacy", Label: "Who sees pictures", Kind: network.Choice, Live: true, Required: true, Hint: "TikTok demands a choice and allows no default. Videos are public.",
				// Until the account's own choices are known.
				Options: []network.Option{{Value: "", Label: "Choose…"}, {Value: public, Label: audiences[public]}, {Value: private, Label: audiences[private]}}},
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
		SignIn:    network.SignIn{Help: "You sign in at TikTok and allow what your app asks for. Bellwether never sees your password."},
		App:       app,
		Metrics:   metrics,
		Audience:  publicOf,
		Windows:   []network.Window{{Words: "Comments can be answered at any time."}},
		History:   []network.Depth{{Kind: network.Comment, Words: "the newest 30 below each of the newest 20 posts"}},
		ReadEvery: 2 * time.Minute, // 40 calls a minute and kind are allowed
		Cannot: []network.Cannot{
			{What: "Direct messages and mentions", Why: "Business Messaging is a further approval and not offered to accounts in the EEA, Switzerland and the United Kingdom; neither is part of this connection.", Instead: "Answer them in the app."},
			{What: "Edit or delete a post", Why: "The API has neither.", Instead: "Change or delete it in the app."},
			{What: "Delete other people's comments", Why: "The API hides them only.", Instead: "Hide the comment."},
			{What: "All comments of all posts", Why: "Comments are read post by post: of the newest 20 posts, new comments and the replies below the newest 30.", Instead: "Look at older ones in the app."},
			{What: "Upload files", Why: "TikTok fetches videos and pictures from an address whose domain is verified for your app.", Instead: "Verify the domain of BELLWETHER_URL."},
			{What: "Private videos", Why: "Videos of this API are public.", Instead: "Send a draft to the inbox, or use the creators' connection."},
			{What: "Numbers of drafts and private pictures", Why: "They are not listed.", Instead: "Look at TikTok's own analytics."},
		},
		Proof: "The id of a publication is stored as soon as TikTok names it and is asked until the post is there. Where the answer was lost, the account's own posts and comments are searched for the same words; what is not found is decided by a person.",
	}
}

var app = &network.AppSpec{
	Portal: "https://business-api.tiktok.com/portal/apps",
	Steps: []string{
		"Fill in TikTok's application form for the Accounts API first, then create an app.",
		"Choose the permission TikTok Accounts with Account User, Get Account Media, Account Post Content and Account Comment.",
		"As redirect URL of TikTok account holders enter {callback}/ – with the slash at its end, which TikTok demands.",
		"When the app is approved copy its App ID, its secret and the TikTok account holder authorization URL.",
		"Verify the domain of this installation as a URL property of the app: videos and pictures are fetched from it.",
		"For news without delay send app_id, secret, event_type COMMENT and callback_url {webhook} to /open_api/v1.3/business/webhook/update/ once.",
	},
	Fields: []network.Field{
		{Key: "client_id", Label: "App ID", Required: true},
		{Key: "client_secret", Label: "Secret", Required: true, Secret: true},
		{Key: "authorize_url", Label: "TikTok account holder authorization URL", Required: true, Placeholder: "https://www.tiktok.com/v2/auth/authorize?client_key=…"},
	},
	Scopes: []network.Scope{
		{Name: "user.info.basic", Why: "to know whose account this is", Review: true},
		{Name: "user.info.stats", Why: "to read followers", Review: true},
		{Name: "video.list", Why: "to read posts", Review: true},
		{Name: "video.insights", Why: "to read their numbers", Review: true},
		{Name: "video.publish", Why: "to publish", Publish: true, Review: true},
		{Name: "video.upload", Why: "to send drafts to the app's inbox", Publish: true, Review: true},
		{Name: "comment.list", Why: "to read comments", Review: true},
		{Name: "comment.list.manage", Why: "to answer, like and hide comments", Review: true},
	},
	Before: "Nothing: TikTok approves the form and the app first, in two to three days each.",
	After:  "Everything listed here, for every account that signs in.",
}

var metrics = []network.MetricName{
	{ID: "M-IMPR", NetworkName: "video_views"},
	{ID: "M-REACH", NetworkName: "reach", Note: "up to two days late"},
	{ID: "M-LIKE", NetworkName: "likes"},
	{ID: "M-COMM", NetworkName: "comments"},
	{ID: "M-SHARE", NetworkName: "shares"},
	{ID: "M-SAVE", NetworkName: "favorites"},
	{ID: "M-VVIEW", NetworkName: "video_views", Note: "videos"},
	{ID: "M-VTIME", NetworkName: "total_time_watched", Note: "up to two days late"},
	{ID: "M-VAVG", NetworkName: "average_time_watched", Note: "up to two days late"},
	{ID: "M-VDONE", NetworkName: "full_video_watched_rate × video_views", Note: "up to two days late"},
	{ID: "M-VRET", NetworkName: "video_view_retention", Note: "second by second, up to two days late"},
	{ID: "M-FOLLGAIN", NetworkName: "new_followers", Note: "up to two days late"},
	{ID: "M-PVIS", NetworkName: "profile_views", Note: "registered businesses only"},
	{ID: "M-FOLL", NetworkName: "followers_count"},
}
