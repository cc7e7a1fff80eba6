package linkedin

import (
	"cmp"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// LinkedIn is the network. It holds nothing but where it is reached.
type LinkedIn struct{ at string }

// New returns the network. at replaces both of LinkedIn's own hosts (a gateway or a fake); empty for LinkedIn itself.
func New(at string) LinkedIn { return LinkedIn{at: strings.TrimSuffix(at, "/")} }

// page is where people sign in.
func (n LinkedIn) page() string { return cmp.Or(n.at, "https://www.linkedin.com") }

// base is where programs call.
func (n LinkedIn) base() string { return cmp.Or(n.at, "https://api.linkedin.com") }

// apiVersion is the version of the API these calls were written for. LinkedIn ends a version a year after it came
// (July 2027); an operator can name a later one.
const apiVersion = "202607"

// What an account is.
const (
	member       = "member"
	organization = "organization"
)

func isOrganization(a network.Account) bool { return a.Extra["kind"] == organization }

// listable reports whether the account's posts and comments can be read.
func listable(a network.Account) bool { return isOrganization(a) || a.Extra["reads"] != "" }

var fallback = network.Limits{
	Characters: 3000, Media: 20, ImageBytes: 5 << 20, ImagePixels: 36152320, VideoBytes: 500 << 20, AltCharacters: 4086,
	PollOptions: 4, PollOptionChars: 30, PollMinSeconds: 24 * 60 * 60, PollMaxSeconds: 14 * 24 * 60 * 60,
}

// Spec describes the network.
func (LinkedIn) Spec() network.Spec {
	return network.Spec{
		Key: "linkedin", Name: "LinkedIn",
		Summary:      "Posts of a member and of the organisations the member administers.",
		Limits:       fallback,
		Unit:         "characters as people see them, in UTF-16 units; the marks that LinkedIn needs in front of some characters do not count",
		Polls:        true,
		FirstComment: true, MaxVideos: 1,
		ImageMIME: []string{"image/jpeg", "image/png", "image/gif"},
		VideoMIME: []string{"video/mp4"}, DocumentMIME: documents,
		Settings: settings,
		SignIn:   network.SignIn{Help: "You sign in at LinkedIn and allow Bellwether to publish. Then you choose: yourself, and each organisation you administer."},
		App:      app,
		Caps:     []network.Cap{{Key: "calls", Counts: "calls", Max: 150, Per: 24 * time.Hour, Calls: true}},
		Metrics: []network.MetricName{
			{ID: "M-IMPR", NetworkName: "impressions", Note: "of members only for approved applications"},
			{ID: "M-REACH", NetworkName: "unique impressions"},
			{ID: "M-LIKE", NetworkName: "reactions"},
			{ID: "M-COMM", NetworkName: "comments"},
			{ID: "M-SHARE", NetworkName: "reposts"},
			{ID: "M-SAVE", NetworkName: "saves", Note: "of members, for approved applications"},
			{ID: "M-LCLICK", NetworkName: "clicks", Note: "of organisations all clicks, of members those on links"},
			{ID: "M-VVIEW", NetworkName: "videoAnalytics VIDEO_VIEW", Note: "organisations' videos: two seconds with half of the video in view"},
			{ID: "M-VTIME", NetworkName: "videoAnalytics TIME_WATCHED", Note: "organisations' videos"},
			{ID: "M-FOLL", NetworkName: "followers"},
		},
		Audience:  publicOf,
		Windows:   []network.Window{{Words: "Comments below an organisation's posts can be answered at any time."}},
		History:   []network.Depth{{Kind: network.Comment, Words: "the newest page; LinkedIn keeps notices for 60 days"}, {Kind: network.Mention, Words: "the newest page; LinkedIn keeps notices for 60 days"}},
		ReadEvery: 15 * time.Minute,
		Cannot: []network.Cannot{
			{What: "Read comments, numbers and posts of members", Why: "LinkedIn no longer gives applications the right to.", Instead: "Use an organisation, or look at LinkedIn."},
			{What: "Private messages", Why: "The API has none.", Instead: "Read and answer them at LinkedIn."},
			{What: "Hide comments", Why: "The API can only delete an organisation's comments, or close all comments of a post.", Instead: "Delete the comment."},
			{What: "Names of people who comment", Why: "LinkedIn tells applications only a number of each member.", Instead: "Open the comment at LinkedIn."},
			{What: "Caption files", Why: "How LinkedIn takes them from programs is described to its partners only.", Instead: "Add them at LinkedIn, or draw them into the video."},
			{What: "Articles and newsletters", Why: "The API cannot write them.", Instead: "Write them at LinkedIn and post the link with a card."},
			{What: "Choose an audience by industry, school or company size", Why: "LinkedIn wants its own ids of them, and tells applications like this none.", Instead: "Choose places, levels and functions, or boost the post at LinkedIn."},
			{What: "Change anything but the text of a post", Why: "LinkedIn lets nothing else be changed.", Instead: "Delete the post and publish it anew."},
		},
		Proof: "An organisation's lost answer is looked up among its own posts. A member's posts cannot be listed: a lost answer is decided by a person. If the post is then sent again and was live already, LinkedIn refuses it as a duplicate and names the live one, which is taken.",
	}
}

var settings = []network.Setting{
	{Key: "visibility", Label: "Who sees it", Kind: network.Choice, Default: "PUBLIC", Required: true, Hint: "Posts of organisations are always public.",
		Options: []network.Option{{Value: "PUBLIC", Label: "Everyone"}, {Value: "LOGGED_IN", Label: "Everyone who is signed in at LinkedIn"}, {Value: "CONNECTIONS", Label: "The member's contacts"}}},
	{Key: "disable_reshare", Label: "Others may not repost it", Kind: network.Toggle},
	{Key: "close_comments", Label: "Nobody may comment", Kind: network.Toggle, Hint: "Closes the comments right after publishing, below a first comment of ours."},
	{Key: "document_title", Label: "Title of the document", Kind: network.Text, Max: 400, Hint: "Shown above a PDF; empty takes the text's first line."},
	{Key: "poll_question", Label: "Question of the poll", Kind: network.Text, Max: 140, Hint: "Empty takes the text, if it is short enough."},
	{Key: "audience_places", Label: "Only in these places", Kind: network.Text, Max: 200, Hint: "Numbers of places as LinkedIn's addresses have them (geoId=103644278), separated by commas. Of organisations only, like the next two; an audience needs 300 followers."},
	{Key: "audience_seniorities", Label: "Only these levels", Kind: network.Several, Options: audiences[1].options},
	{Key: "audience_functions", Label: "Only these functions", Kind: network.Several, Options: audiences[2].options},
	{Key: "repost", Label: "Repost", Kind: network.Text, Max: 300, Hint: "The address of a post at LinkedIn to repost with this text as a comment."},
}

var app = &network.AppSpec{
	Portal: "https://www.linkedin.com/developers/apps",
	Steps: []string{
		"Create an app for your company's LinkedIn page and have the page confirm it.",
		"For members only: add the products “Sign In with LinkedIn using OpenID Connect” and “Share on LinkedIn”. Both are there at once.",
		"For organisations: make another app with nothing but the product “Community Management API”, and apply for it. LinkedIn allows no other product beside it.",
		"Enter {callback} under Auth as an authorised redirect address.",
		"Copy the client id and the primary client secret from the same page into this form, and say which product the app has.",
		"To hear of comments at once, enter {webhook} under Webhooks, where LinkedIn approved your app for them, and the number of the app below: Bellwether then subscribes each organisation. Without it Bellwether asks regularly.",
	},
	Fields: []network.Field{
		{Key: "client_id", Label: "Client id", Required: true},
		{Key: "client_secret", Label: "Client secret", Required: true, Secret: true},
		{Key: "product", Label: "Product", Default: "share", Hint: "share (members) or community (members and organisations)"},
		{Key: "application_id", Label: "Number of the app", Hint: "From the address of its page at LinkedIn. Only for webhooks."},
		{Key: "version", Label: "API version", Default: apiVersion, Hint: "A month such as " + apiVersion + "; change it only when LinkedIn ends this one."},
	},
	Scopes: []network.Scope{
		{Name: "openid", Why: "To know who signs in (product share)."},
		{Name: "profile", Why: "To show the member's name and picture (product share)."},
		{Name: "r_basicprofile", Why: "To know who signs in (product community).", Review: true},
		{Name: "w_member_social", Why: "To publish for the member.", Publish: true},
		{Name: "w_organization_social", Why: "To publish, comment and delete for organisations.", Publish: true, Review: true},
		{Name: "r_organization_social", Why: "To read posts, comments and numbers of organisations.", Review: true},
		{Name: "rw_organization_admin", Why: "To list the member's organisations and read followers and notifications.", Review: true},
	},
	Before: "Members can be connected at once; access ends after 60 days and has to be given again.",
	After:  "Organisations need the Community Management API: first the Development tier for testing, then the Standard tier after LinkedIn has seen a recording.",
}

// scopesOf are what is asked for by product: LinkedIn refuses the whole sign-in if the app lacks one of them.
func scopesOf(product string) string {
	if strings.EqualFold(strings.TrimSpace(product), "community") {
		return "r_basicprofile w_member_social w_organization_social r_organization_social rw_organization_admin"
	}
	return "openid profile w_member_social"
}
