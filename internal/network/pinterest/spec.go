package pinterest

import (
	"cmp"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Pinterest is the network. It holds no state but where it is reached.
type Pinterest struct{ at string }

// New returns the network. at replaces the network's own hosts; "" means these.
func New(at string) Pinterest { return Pinterest{at: strings.TrimSuffix(at, "/")} }

// api is the address of the API.
func (p Pinterest) api() string { return cmp.Or(p.at, "https://api.pinterest.com") + "/v5" }

// website is the address of the pages people see.
func (p Pinterest) website() string { return cmp.Or(p.at, "https://www.pinterest.com") }

// The limits of a pin. Lengths are those of the published description of the API (5.23); sizes, durations and shapes
// are those that Pinterest's help pages name.
const (
	titleMax, descriptionMax, altMax, linkMax = 100, 800, 500, 2048 // characters
	carouselMin, carouselMax                  = 2, 5
	videoMinSeconds, videoMaxSeconds          = 4, 15 * 60
	videoNarrowest, videoWidest               = 0.5, 1.91 // width by height
)

var fallback = network.Limits{Characters: descriptionMax, Media: carouselMax, ImageBytes: 20 << 20, VideoBytes: 2 << 30, AltCharacters: altMax}

// Spec describes the network.
func (Pinterest) Spec() network.Spec {
	return network.Spec{
		Key: "pinterest", Name: "Pinterest",
		Summary: "Pins with a picture, a video or a carousel on the boards of a Pinterest account.",
		Limits:  fallback,
		Unit:    "characters of the description, links and tags included",
		// A picture beside a video is the video's cover.
		MaxVideos: 1, MixedMedia: true,
		ImageMIME: []string{"image/jpeg", "image/png"},
		VideoMIME: []string{"video/mp4", "video/quicktime", "video/x-m4v"},
		Settings: []network.Setting{
			{Key: "board", Label: "Board", Kind: network.Choice, Live: true, Required: true, Hint: "Every pin lies on one board."},
			{Key: "section", Label: "Section", Kind: network.Choice, Live: true, Of: "board", Hint: "A part of the board. The sections of the boards that were used last are offered."},
			{Key: "title", Label: "Title", Kind: network.Text, Max: titleMax},
			{Key: "link", Label: "Link", Kind: network.Text, Max: linkMax, Hint: "Where a click on the pin leads. Pinterest blocks link shorteners it does not know."},
			{Key: "cards", Label: "Titles and links of the pictures", Kind: network.Lines, Max: 5 * (titleMax + linkMax), Hint: "Carousels only: one line for each picture, such as “Spring | https://example.com/spring”."},
			{Key: "cover_seconds", Label: "Cover from second", Kind: network.Number, Default: "0", Hint: "Videos only: the second of the video that is shown first. A picture beside the video is its cover instead."},
			{Key: "color", Label: "Dominant colour", Kind: network.Text, Max: 7, Hint: "Shown while the picture loads, such as #6E7874; empty lets Pinterest find it."},
			{Key: "save", Label: "Save this pin instead", Kind: network.Text, Max: linkMax, Hint: "The address of somebody's pin: it is saved to the board, and the text and files of this post are not used."},
		},
		SignIn: network.SignIn{Help: "You sign in at Pinterest and allow Bellwether to read your boards and to create pins. Numbers need a business account, which is free."},
		App: &network.AppSpec{
			Portal: "https://developers.pinterest.com/apps/",
			Steps: []string{
				"Sign in with a Pinterest business account, open My apps and connect a new app.",
				"Enter {callback} as a redirect address.",
				"Copy the app id and the app secret key into the fields below.",
				"When everything works, ask for standard access with a short video that shows signing in and creating a pin.",
			},
			Fields: []network.Field{{Key: "client_id", Label: "App id", Required: true}, {Key: "client_secret", Label: "App secret key", Required: true, Secret: true}},
			Scopes: []network.Scope{
				{Name: "user_accounts:read", Why: "the account's name, followers and numbers"},
				{Name: "boards:read", Why: "the list of boards and sections to choose from"},
				{Name: "boards:write", Why: "asked for by Pinterest for every pin that is put on a board", Review: true},
				{Name: "pins:read", Why: "reading pins back, their numbers, and finding a pin whose answer was lost"},
				{Name: "pins:write", Why: "creating, changing and deleting pins", Publish: true, Review: true},
				{Name: scopeAds, Why: "who sees the pins, which Pinterest tells only with this right; everything else works without it"},
			},
			Before: "With trial access everything works, but the pins are seen by you alone, and 1,000 calls a day are allowed.",
			After:  "With standard access everybody sees the pins.",
		},
		Metrics: []network.MetricName{
			{ID: "M-IMPR", NetworkName: "impressions", Note: "since the pin was made"},
			{ID: "M-LCLICK", NetworkName: "outbound clicks"},
			{ID: "M-SAVE", NetworkName: "saves", Note: "of the last 90 days"},
			{ID: "M-LIKE", NetworkName: "reactions"},
			{ID: "M-COMM", NetworkName: "comments"},
			{ID: "M-PVIS", NetworkName: "profile visits", Note: "of the last 90 days; pictures only"},
			{ID: "M-VVIEW", NetworkName: "video views", Note: "two seconds with half of the video in view; of the last 90 days"},
			{ID: "M-VAVG", NetworkName: "VIDEO_AVG_WATCH_TIME", Note: "of the last 90 days"},
			{ID: "M-VTIME", NetworkName: "VIDEO_V50_WATCH_TIME", Note: "of the last 90 days"},
			{ID: "M-VDONE", NetworkName: "QUARTILE_95_PERCENT_VIEW", Note: "of the last 90 days"},
			{ID: "M-FOLLGAIN", NetworkName: "USER_FOLLOW", Note: "of the last 90 days; pictures only"},
			{ID: "M-FOLL", NetworkName: "followers"},
		},
		Audience: publicOf,
		Cannot: []network.Cannot{
			{What: "Read or answer comments and messages", Why: "Pinterest's API has neither.", Instead: "Open the pin in Pinterest; the number of comments is counted here."},
			{What: "Change the picture or video of a pin", Why: "Pinterest keeps a pin's files for good.", Instead: "Delete the pin and make another."},
			{What: "Secret boards", Why: "They need rights that are not asked for.", Instead: "Make the board public, or pin in Pinterest."},
			{What: "A private note with the pin", Why: "The API takes none for new pins.", Instead: "Add the note in Pinterest."},
			{What: "Give the access back when a channel is disconnected", Why: "Pinterest revokes only the tokens of system users.", Instead: "Remove the app in Pinterest's settings under Security."},
			{What: "Numbers of personal accounts", Why: "Pinterest counts for business accounts only.", Instead: "Convert the account to a business account; it is free."},
		},
		Proof: "A pin whose answer was lost is looked up among the newest pins of its board, by link, title, description and time. What is not found is decided by a person.",
	}
}

// Sample is an account with boards as a test would have it.
func (Pinterest) Sample(a network.Account) network.Account {
	a.Choices = map[string][]network.Option{"board": {{Value: "recipes", Label: "Recipes"}, {Value: "gifts", Label: "Gifts"}},
		"section": {{Value: "recipes/winter", Label: "Winter", Of: "recipes"}, {Value: "gifts/small", Label: "Small ones", Of: "gifts"}}}
	return a
}
