package googlebusiness

import (
	"cmp"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Business is the network. It holds no state.
type Business struct{ at string }

// New returns the network. at replaces the addresses of all of Google's services ("" = Google's own).
func New(at string) Business { return Business{at: strings.TrimSuffix(at, "/")} }

// Google's own addresses.
const (
	signIn      = "https://accounts.google.com"
	tokens      = "https://oauth2.googleapis.com"
	legacy      = "https://mybusiness.googleapis.com" // posts, photos, reviews
	accounts    = "https://mybusinessaccountmanagement.googleapis.com"
	information = "https://mybusinessbusinessinformation.googleapis.com"
	performance = "https://businessprofileperformance.googleapis.com"
)

func (b Business) base(own string) string { return cmp.Or(b.at, own) }

// What Google allows. The API documents the reply's bytes and the numbers of a media item; the rest is what Google's
// help pages and refusals say.
const (
	summaryCharacters    = 1500
	eventTitleCharacters = 58
	termsCharacters      = 5000
	couponCharacters     = 58
	replyBytes           = 4096
	leastImageBytes      = 10 << 10
	imageBytes           = 5 << 20
	videoBytes           = 75 << 20
	videoSeconds         = 30
)

// The values of the settings, and what a kind is called by Google.
const (
	standard, event, offer, photo = "standard", "event", "offer", "photo"
	call, additional, cover       = "CALL", "ADDITIONAL", "COVER"
	scope                         = "https://www.googleapis.com/auth/business.manage"
	inAccount, mayPost            = "account", "may_post" // Account.Extra
)

var topics = map[string]string{standard: "STANDARD", event: "EVENT", offer: "OFFER"}

// Spec describes the network.
func (Business) Spec() network.Spec {
	return network.Spec{
		Key: "google-business", Name: "Google Business Profile",
		Summary:   "Updates, events, offers, photos and reviews of a place of business in Google Search and Maps.",
		Limits:    network.Limits{Characters: summaryCharacters, Media: 1, ImageBytes: imageBytes, VideoBytes: videoBytes},
		Unit:      "characters",
		MaxVideos: 1,
		ImageMIME: []string{"image/jpeg", "image/png"},
		VideoMIME: []string{"video/mp4", "video/quicktime"},
		Settings:  settings,
		SignIn:    network.SignIn{Help: "Sign in with a Google account that owns or manages the business. Every location it manages can be connected as a channel of its own."},
		App:       registration,
		Audience:  publicOf,
		Metrics:   []network.MetricName{{ID: "M-IMPR", NetworkName: "impressions in Search and Maps", Note: "of the newest day that Google has numbers for, several days ago; one person counts once a day"}},
		ReadEvery: 15 * time.Minute, // reviews are rare, and calls are counted for all locations together
		Windows:   []network.Window{{Words: "Reviews can be answered at any time; there is one answer to each, which can be changed."}},
		History:   []network.Depth{{Kind: network.Review, Words: "all reviews"}},
		Cannot: []network.Cannot{
			{What: "Numbers of single posts", Why: "Google stopped delivering them in 2023.", Instead: "Use short links in the button to count visits; the location's own numbers are read."},
			{What: "Messages and questions", Why: "Google ended its chat in 2024 and its questions and answers in 2025.", Instead: "Answer reviews; put a telephone number or a form into the profile."},
			{What: "Hide or delete a review", Why: "Only its author and Google can.", Instead: "Report it in the Business Profile, and answer it."},
			{What: "Instant notice of reviews", Why: "Google announces them through its own cloud only.", Instead: "Reviews are fetched regularly."},
			{What: "Google's own repetition and scheduling", Why: "Bellwether sends every post at its time, so that each is approved and counted.", Instead: "Repeat the post here."},
			{What: "Products and alerts", Why: "Google offers programs no way to make them.", Instead: "Edit them in the Business Profile."},
		},
		Proof: "Google knows no key against doubles. After a lost answer the location's posts are searched for the same words, kind and button, made since the call; what is not found is decided by a person. A post counts as published when Google says that it is live.",
	}
}

var settings = []network.Setting{
	{Key: "kind", Label: "Kind", Kind: network.Choice, Default: standard,
		Options: []network.Option{{Value: standard, Label: "Update"}, {Value: event, Label: "Event"}, {Value: offer, Label: "Offer"}, {Value: photo, Label: "Photo or video for the gallery"}}},
	{Key: "button", Label: "Button", Kind: network.Choice, Hint: "For updates and events.",
		Options: []network.Option{{Value: "", Label: "None"}, {Value: "BOOK", Label: "Book"}, {Value: "ORDER", Label: "Order online"}, {Value: "SHOP", Label: "Buy"}, {Value: "LEARN_MORE", Label: "Learn more"},
			{Value: "SIGN_UP", Label: "Sign up"}, {Value: call, Label: "Call now"}}},
	{Key: "button_url", Label: "Address of the button", Kind: network.Text, Max: 2000, Hint: "Not needed for “Call now”: that takes the profile's telephone number."},
	{Key: "event_title", Label: "Title of the event or offer", Kind: network.Text, Max: eventTitleCharacters},
	{Key: "start", Label: "Begins", Kind: network.Text, Max: 16, Hint: "2026-03-02, or 2026-03-02T09:00 in the location's own time."},
	{Key: "end", Label: "Ends", Kind: network.Text, Max: 16, Hint: "2026-03-02, or 2026-03-02T17:00 in the location's own time."},
	{Key: "coupon", Label: "Coupon code", Kind: network.Text, Max: couponCharacters, Hint: "For offers."},
	{Key: "redeem_url", Label: "Address to redeem it", Kind: network.Text, Max: 2000, Hint: "For offers."},
	{Key: "terms", Label: "Terms and conditions", Kind: network.Text, Max: termsCharacters, Hint: "For offers."},
	{Key: "language", Label: "Language", Kind: network.Text, Max: 10, Hint: "A code such as en or de; empty takes the post's language."},
	{Key: "category", Label: "Place in the gallery", Kind: network.Choice, Default: additional, Hint: "For photos.",
		Options: []network.Option{{Value: additional, Label: "Other"}, {Value: cover, Label: "Cover"}, {Value: "PROFILE", Label: "Profile picture"}, {Value: "LOGO", Label: "Logo"}, {Value: "EXTERIOR", Label: "Outside"},
			{Value: "INTERIOR", Label: "Inside"}, {Value: "PRODUCT", Label: "Products"}, {Value: "AT_WORK", Label: "At work"}, {Value: "FOOD_AND_DRINK", Label: "Food and drink"}, {Value: "MENU", Label: "Menu"},
			{Value: "COMMON_AREA", Label: "Common areas"}, {Value: "ROOMS", Label: "Rooms"}, {Value: "TEAMS", Label: "Team"}}},
}

var registration = &network.AppSpec{
	Portal: "https://console.cloud.google.com/",
	Steps: []string{
		"Create a project, or choose one that is used for nothing else, and note its number.",
		"Ask for access to the Business Profile APIs with that number, at https://developers.google.com/my-business/content/prereqs; without it every call is refused.",
		"Once Google has approved it, enable “Google My Business API”, “My Business Account Management API”, “My Business Business Information API” and “Business Profile Performance API”.",
		"Under “Google Auth Platform” fill in the consent screen with the scope below, and set the publishing status to “In production”: while it is “Testing”, every sign-in ends after seven days.",
		"Under “Clients” create an OAuth client of type “Web application” with the redirect address {callback}.",
		"Copy the client's ID and secret here.",
	},
	Fields: []network.Field{
		{Key: "client_id", Label: "Client ID", Placeholder: "….apps.googleusercontent.com", Required: true},
		{Key: "client_secret", Label: "Client secret", Secret: true, Required: true},
	},
	Scopes: []network.Scope{{Name: scope, Why: "Read the locations, publish posts and photos, read and answer reviews, read the numbers.", Publish: true, Review: true}},
	Before: "Nothing: the quota of a project that Google has not approved is zero.",
	After:  "300 calls a minute, and 10 changes a minute for each location. Google's verification of the consent screen removes its warning.",
}
