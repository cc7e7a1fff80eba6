package facebook

import (
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
)

// Facebook is the network. It holds no state.
type Facebook struct{ hosts graph.Hosts }

// New returns the network; at replaces all of Meta's hosts where it is not empty.
func New(at string) Facebook { return Facebook{graph.At(at)} }

// limits of every Page. The API does not tell them.
var limits = network.Limits{Characters: 63206, Media: 10, ImageBytes: 10 << 20, VideoBytes: 10 << 30, AltCharacters: 1000}

// The kinds of posts.
const (
	automatic = "" // by what the post contains
	reel      = "reel"
	story     = "story"
)

// The states a post is made in.
const (
	published = ""
	draft     = "draft"
	scheduled = "scheduled"
)

var scopes = []network.Scope{
	{Name: "pages_show_list", Why: "to list the Pages you choose from", Review: true},
	{Name: "pages_read_engagement", Why: "to read the Page's posts and name", Review: true},
	{Name: "pages_manage_posts", Why: "to publish, change and delete posts", Publish: true, Review: true},
	{Name: "publish_video", Why: "to publish videos and reels", Review: true},
	{Name: "pages_read_user_content", Why: "to read comments, visitors' posts and recommendations", Review: true},
	{Name: "pages_manage_engagement", Why: "to answer, hide, like and delete comments", Review: true},
	{Name: "pages_manage_metadata", Why: "to be told at once of what is new", Review: true},
	{Name: "pages_messaging", Why: "to read and answer messages to the Page", Review: true},
	{Name: "read_insights", Why: "to read the numbers of the Page and its posts", Review: true},
	{Name: "business_management", Why: "to reach Pages that belong to a business portfolio", Review: true},
}

func names(list []network.Scope) (out []string) {
	for _, s := range list {
		out = append(out, s.Name)
	}
	return out
}

// Spec describes the network.
func (Facebook) Spec() network.Spec {
	return network.Spec{
		Key: "facebook", Name: "Facebook Page",
		Summary: "Pages: posts, pictures, videos, reels and stories, comments, messages, recommendations and numbers.",
		Limits:  limits,
		Unit:    "characters; an emoji counts as two or more",
		Threads: false, FirstComment: true, MaxVideos: 1, MixedMedia: true,
		ImageMIME: []string{"image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff"},
		VideoMIME: []string{"video/mp4", "video/quicktime"}, Captions: true,
		Caps: []network.Cap{{Key: "reels", Counts: "reels", Max: 30, Per: 24 * time.Hour, Setting: "kind", Values: []string{reel}}},
		Settings: []network.Setting{
			{Key: "kind", Label: "Publish as", Kind: network.Choice, Default: automatic, Hint: "Facebook takes 30 reels of a Page in 24 hours.", Options: []network.Option{{Value: automatic, Label: "Post"}, {Value: reel, Label: "Reel"}, {Value: story, Label: "Story"}}},
			{Key: "link", Label: "Link", Kind: network.Text, Max: 2000, Hint: "The page whose preview is shown; empty takes the first link of the text. Only without pictures or a video."},
			{Key: "background", Label: "Background", Kind: network.Text, Max: 30, Hint: "The number of a background of Facebook's, for texts of at most 130 characters without link or media."},
			{Key: "title", Label: "Title of the video", Kind: network.Text, Max: 255, Hint: "A picture beside the video of a post is its cover."},
			{Key: "state", Label: "Publish", Kind: network.Choice, Default: published, Hint: "Bellwether sends every post at its time by itself. Let Facebook hold it only where this installation is often offline.",
				Options: []network.Option{{Value: published, Label: "At once, at the planned time"}, {Value: draft, Label: "As a draft on the Page"}, {Value: scheduled, Label: "By Facebook, at the time below"}}},
			{Key: "publish_at", Label: "Facebook publishes at", Kind: network.Moment, Hint: "10 minutes to 30 days (a reel: 29) after the planned time."},
			{Key: "place", Label: "Place", Kind: network.Text, Max: 30, Hint: "The number of the place's Page."},
			{Key: "countries", Label: "Only in these countries", Kind: network.Text, Max: 200, Hint: "Codes such as DE, AT, CH; nobody else sees the post."},
			{Key: "age_min", Label: "Only from this age on", Kind: network.Choice, Options: ages, Hint: "Nobody younger sees the post. For alcohol, say."},
			{Key: "prefer_countries", Label: "Rather in these countries", Kind: network.Text, Max: 200, Hint: "Codes such as DE, AT, CH; their feeds show it first, and everybody can see it on the Page. Not for videos."},
			{Key: "backdate", Label: "Date it back to", Kind: network.Moment, Hint: "Only for posts, not for videos, reels and stories."},
		},
		SignIn: network.SignIn{Help: "You sign in at Facebook and choose the Pages that Bellwether may use. You need the tasks of creating content and of answering on these Pages."},
		App: &network.AppSpec{
			Portal: "https://developers.facebook.com/apps",
			Steps: []string{
				"Create an app of the type Business and connect it with your verified business portfolio.",
				"Add the product Facebook Login for Business and enter {callback} as a valid OAuth redirect address.",
				"Add the product Webhooks, choose the object Page, and enter {webhook} as the callback address with the verification word you make up below.",
				"In the webhook, subscribe to feed, mention, messages and ratings.",
				"Copy the app's id and secret from Settings, Basic.",
				"Ask for advanced access to the permissions below under App Review, unless everybody who connects has a role in the app.",
			},
			Fields: []network.Field{
				{Key: "client_id", Label: "App ID", Required: true},
				{Key: "client_secret", Label: "App secret", Secret: true, Required: true},
				{Key: "verify_token", Label: "Verification word of the webhook", Hint: "Any long word; enter the same at Meta.", Secret: true},
			},
			Scopes: scopes,
			Before: "Everything, for Pages of people who have a role in the app; what it publishes is seen only by them until the app is live.",
			After:  "The same for everybody's Pages. Answers more than 24 hours after a message need the feature Human Agent as well.",
		},
		Metrics: []network.MetricName{
			{ID: "M-IMPR", NetworkName: "post_media_view, page_media_view", Note: "views; they replaced impressions in November 2025"},
			{ID: "M-REACH", NetworkName: "post_total_media_view_unique, page_total_media_view_unique", Note: "viewers"},
			{ID: "M-LIKE", NetworkName: "post_reactions_by_type_total", Note: "all reactions"},
			{ID: "M-COMM", NetworkName: "comments"},
			{ID: "M-SHARE", NetworkName: "shares"},
			{ID: "M-LCLICK", NetworkName: "post_clicks_by_type, link clicks"},
			{ID: "M-VVIEW", NetworkName: "post_video_views, page_video_views"},
			{ID: "M-VAVG", NetworkName: "post_video_avg_time_watched"},
			{ID: "M-VTIME", NetworkName: "post_video_view_time"},
			{ID: "M-STREP", NetworkName: "PAGES_FB_STORY_REPLIES", Note: "stories"},
			{ID: "M-FOLL", NetworkName: "followers_count"},
			{ID: "M-FOLLNET", NetworkName: "page_daily_follows_unique − page_daily_unfollows_unique", Note: "of the last whole day"},
			{ID: "M-PVIS", NetworkName: "page_views_total", Note: "of the last whole day"},
		},
		Audience: network.AudienceSpec{None: "Meta took age, gender, place and active hours of a Page's public out of its API with page_fans in November 2025; what is left tells nothing reliable."},
		Windows:  graph.Windows(),
		History:  []network.Depth{{Kind: network.Comment, Words: "everything below the posts Facebook lists"}, {Kind: network.Mention, Words: "all posts that name the Page or stand on it"}, {Kind: network.Direct, Words: "all conversations"}, {Kind: network.Review, Words: "all recommendations"}},
		Cannot: []network.Cannot{
			{What: "Personal profiles and groups", Why: "Meta closed both to applications.", Instead: "Publish by hand-over."},
			{What: "Threads, polls and mentions of people", Why: "The API has no such calls for Pages.", Instead: "Use the first comment; mention people in the app."},
			{What: "Stickers, links and words on stories", Why: "The API takes only the picture or video.", Instead: "Draw them into the picture, or publish by hand-over."},
			{What: "Change pictures, videos and stories afterwards", Why: "Only the text of a post that this app made can be changed.", Instead: "Delete and publish again."},
			{What: "Age, gender and places of followers", Why: "Meta took these numbers away in 2025.", Instead: "Use the demographics of Instagram."},
			{What: "Give the access back on disconnecting", Why: "Meta keeps one grant for a person and an app: giving it back would end the person's other Pages and Instagram accounts too.", Instead: "Bellwether forgets its tokens; remove the app at Facebook under Settings, Business integrations."},
		},
		Proof: "A lost answer to a post is looked up among the Page's published or scheduled posts made since the call, by text and number of pictures; what is not found is decided by a person, and so is every draft. A video's or reel's id is known before it is published: its state says whether it went out, and the same id is never published twice.",
	}
}
