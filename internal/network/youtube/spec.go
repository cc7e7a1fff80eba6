package youtube

import (
	"cmp"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// YouTube is the network. It holds no state.
type YouTube struct{ at string }

// New returns the network. at replaces the addresses of all of Google's services ("" = Google's own).
func New(at string) YouTube { return YouTube{at: strings.TrimSuffix(at, "/")} }

// Google's own addresses.
const (
	signIn    = "https://accounts.google.com"
	tokens    = "https://oauth2.googleapis.com"
	data      = "https://youtube.googleapis.com"
	analytics = "https://youtubeanalytics.googleapis.com"
)

func (y YouTube) base(own string) string { return cmp.Or(y.at, own) }

// What YouTube allows. Sources: the reference of the video resource (title, description, tags, size and length) and of
// comments; the thumbnail's two megabytes are the long-standing limit, the present description says more.
const (
	titleCharacters   = 100
	descriptionBytes  = 5000
	tagCharacters     = 500
	commentCharacters = 10000
	videoBytes        = 256 << 30
	thumbnailBytes    = 2 << 20
	longest           = 12 * time.Hour
	longestUnverified = 15 * time.Minute
	longestShort      = 3 * time.Minute
)

// The values of the settings.
const (
	aVideo, aShort                        = "video", "short"
	publicly, unlisted, privately         = "public", "unlisted", "private"
	standardLicence, commons              = "youtube", "creativeCommon"
	peopleAndBlogs                        = "22"
	scopeManage                           = "https://www.googleapis.com/auth/youtube.force-ssl"
	scopeAnalytics                        = "https://www.googleapis.com/auth/yt-analytics.readonly"
	longUploads, uploadsList, longAllowed = "long_uploads", "uploads", "allowed" // Account.Extra
)

var scopes = []string{scopeManage, scopeAnalytics}

// Spec describes the network.
func (YouTube) Spec() network.Spec {
	return network.Spec{
		Key: "youtube", Name: "YouTube",
		Summary:      "Videos and Shorts of a channel, their comments and their numbers.",
		Limits:       network.Limits{Characters: descriptionBytes, Media: 2, ImageBytes: thumbnailBytes, VideoBytes: videoBytes},
		Unit:         "bytes of the description; letters with accents count 2, most emoji 4 and more",
		FirstComment: true, MaxVideos: 1, MixedMedia: true,
		ImageMIME: []string{"image/jpeg", "image/png"},
		VideoMIME: []string{"video/mp4", "video/quicktime", "video/webm", "video/x-msvideo", "video/mpeg", "video/3gpp", "video/x-flv", "video/x-ms-wmv", "video/x-matroska"}, Captions: true,
		Settings: settings,
		SignIn:   network.SignIn{Help: "You choose the Google account and, where it has several, the channel. One sign-in opens one channel; leave all boxes ticked."},
		App:      registration,
		Caps:     []network.Cap{{Key: "uploads", Counts: "uploads of the project", Max: 100, Per: 24 * time.Hour, PerApp: true, Video: true}},
		Metrics: []network.MetricName{
			{ID: "M-IMPR", NetworkName: "views", Note: "views, not thumbnail impressions; a Short counts from its first frame"},
			{ID: "M-LIKE", NetworkName: "likes"},
			{ID: "M-COMM", NetworkName: "comments"},
			{ID: "M-SHARE", NetworkName: "shares", Note: "by YouTube Analytics, one to three days late"},
			{ID: "M-VVIEW", NetworkName: "views"},
			{ID: "M-VTIME", NetworkName: "estimatedMinutesWatched", Note: "by YouTube Analytics, one to three days late"},
			{ID: "M-VAVG", NetworkName: "averageViewDuration"},
			{ID: "M-VSHARE", NetworkName: "averageViewPercentage"},
			{ID: "M-VRET", NetworkName: "audienceWatchRatio by elapsedVideoTimeRatio", Note: "parts watched again count again"},
			{ID: "M-FOLLGAIN", NetworkName: "subscribersGained"},
			{ID: "M-FOLL", NetworkName: "subscribers", Note: "rounded by YouTube to three digits"},
		},
		Audience:  publicOf,
		ReadEvery: 10 * time.Minute, // a reading costs two units and more of 10,000 a day, which all channels of the project share
		Windows:   []network.Window{{Words: "Answers to comments are possible at any time, except where comments are switched off."}},
		History:   []network.Depth{{Kind: network.Comment, Words: "all comments"}},
		Cannot: []network.Cannot{
			{What: "Community posts, polls and stories", Why: "YouTube has no API for them.", Instead: "Hand the post over to a person."},
			{What: "Pin, heart or like a comment", Why: "YouTube has no API for it.", Instead: "Do it in YouTube Studio."},
			{What: "Change captions of a published video", Why: "They are sent once, with the video.", Instead: "Change them in YouTube Studio."},
			{What: "Direct messages and mentions", Why: "YouTube has no messages and tells nobody about mentions.", Instead: "Comments are read; follow other channels by listening."},
			{What: "Answers below old comments that nobody talked about lately", Why: "YouTube lists comments by when they were written, not by their answers; the hundred newest and fifty older ones with answers are watched.", Instead: "Look at the video in YouTube Studio from time to time."},
			{What: "Retention, watch time and demographics", Why: "YouTube Analytics delivers them as reports, not as one number.", Instead: "Open the video in YouTube Studio."},
			{What: "Replace the file of a video", Why: "YouTube keeps the file a video was made with.", Instead: "Upload it as a new video; title, description, tags and thumbnail can be changed."},
		},
		Proof: "The file is sent into an upload session that answers, for about a week, which video it made: sending again cannot make a second one. After that the channel's list of uploads is searched for title, description and time. Comments are looked up below their video. What is not found is decided by a person.",
	}
}

var settings = []network.Setting{
	{Key: "kind", Label: "Kind", Kind: network.Choice, Default: aVideo, Hint: "YouTube itself decides what a Short is: upright or square, up to three minutes. Choosing it here checks that.",
		Options: []network.Option{{Value: aVideo, Label: "Video"}, {Value: aShort, Label: "Short"}}},
	{Key: "title", Label: "Title", Kind: network.Text, Required: true, Max: titleCharacters},
	{Key: "privacy", Label: "Who sees it", Kind: network.Choice, Default: publicly,
		Options: []network.Option{{Value: publicly, Label: "Everyone"}, {Value: unlisted, Label: "Everyone with the link"}, {Value: privately, Label: "Only the channel"}}},
	{Key: "publish_at", Label: "YouTube publishes it at", Kind: network.Moment, Hint: "The video is uploaded as private when this post is due, and YouTube makes it public at that time."},
	{Key: "made_for_kids", Label: "Made for kids", Kind: network.Toggle, Hint: "The law asks for it (COPPA). Comments and notifications are switched off for such videos."},
	{Key: "category", Label: "Category", Kind: network.Choice, Default: peopleAndBlogs, Options: categories},
	{Key: "tags", Label: "Tags", Kind: network.Text, Max: 600, Hint: "Separated by commas, 500 characters together."},
	{Key: "playlist", Label: "Playlist", Kind: network.Choice, Live: true},
	{Key: "language", Label: "Language of title and description", Kind: network.Text, Max: 10, Hint: "A code such as en or de; empty takes the post's language."},
	{Key: "audio_language", Label: "Language spoken", Kind: network.Text, Max: 10, Hint: "A code such as en or de."},
	{Key: "licence", Label: "Licence", Kind: network.Choice, Default: standardLicence,
		Options: []network.Option{{Value: standardLicence, Label: "Standard YouTube licence"}, {Value: commons, Label: "Creative Commons, attribution"}}},
	{Key: "synthetic_media", Label: "Altered or synthetic", Kind: network.Toggle, Hint: "Realistic scenes, voices or people that were generated or changed must be disclosed."},
	{Key: "paid_promotion", Label: "Contains paid promotion", Kind: network.Toggle, Hint: "Product placement, sponsorship or endorsement: YouTube tells viewers."},
	{Key: "no_embedding", Label: "Not to be embedded elsewhere", Kind: network.Toggle},
	{Key: "hide_statistics", Label: "Hide the extended statistics", Kind: network.Toggle},
	{Key: "quiet", Label: "Do not notify subscribers", Kind: network.Toggle},
}

// categories are those a video may be given in every country.
var categories = []network.Option{{Value: "1", Label: "Film & animation"}, {Value: "2", Label: "Cars & vehicles"}, {Value: "10", Label: "Music"}, {Value: "15", Label: "Pets & animals"},
	{Value: "17", Label: "Sport"}, {Value: "19", Label: "Travel & events"}, {Value: "20", Label: "Gaming"}, {Value: peopleAndBlogs, Label: "People & blogs"}, {Value: "23", Label: "Comedy"},
	{Value: "24", Label: "Entertainment"}, {Value: "25", Label: "News & politics"}, {Value: "26", Label: "How-to & style"}, {Value: "27", Label: "Education"},
	{Value: "28", Label: "Science & technology"}, {Value: "29", Label: "Non-profits & activism"}}

var registration = &network.AppSpec{
	Portal: "https://console.cloud.google.com/",
	Steps: []string{
		"Create a project, or choose one that is used for nothing else.",
		"Under “APIs & Services” → “Library” enable “YouTube Data API v3” and “YouTube Analytics API”.",
		"Under “Google Auth Platform” fill in the consent screen: user type External, your name and address, and the two scopes below.",
		"Set the publishing status to “In production”: while it is “Testing”, every sign-in ends after seven days.",
		"Under “Clients” create an OAuth client of type “Web application” with the redirect address {callback}.",
		"Copy the client's ID and secret here.",
	},
	Fields: []network.Field{
		{Key: "client_id", Label: "Client ID", Placeholder: "….apps.googleusercontent.com", Required: true},
		{Key: "client_secret", Label: "Client secret", Secret: true, Required: true},
	},
	Scopes: []network.Scope{
		{Name: scopeManage, Why: "Upload and change videos, read and answer comments.", Publish: true, Review: true},
		{Name: scopeAnalytics, Why: "Read the numbers of YouTube Analytics.", Review: true},
	},
	Before: "Your own channels can be connected after a warning of Google's. YouTube keeps videos private that come from a project it has not audited, and the project may upload 100 videos a day.",
	After:  "Google's verification of the consent screen removes the warning; YouTube's compliance audit lets uploads be public and can raise the quota.",
}
