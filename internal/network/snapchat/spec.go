package snapchat

import (
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Snapchat is the network. It holds no state but where it is reached.
type Snapchat struct{ at string }

// New returns the network. at replaces the network's own hosts; "" means these.
func New(at string) Snapchat { return Snapchat{at: strings.TrimSuffix(at, "/")} }

// Limits of files and words: those of Snapchat's page “Profile Asset Management”, sizes as other tools found them.
const (
	descriptionMax, titleMax            = 160, 45 // characters
	storyShortest, spotlightLeast       = 5, 6    // seconds
	longest                             = 60      // seconds
	narrowest, lowest                   = 540, 960
	partSize                      int64 = 30 << 20 // bytes; at most 32 MB
	parts                               = 35       // at most
)

var fallback = network.Limits{Characters: descriptionMax, Media: 1, ImageBytes: 20 << 20, VideoBytes: 500 << 20}

// The kinds of a post.
const (
	story     = "story"
	saved     = "saved_story"
	spotlight = "spotlight"
)

// scope is the one right that is asked for.
const scope = "snapchat-profile-api"

// Spec describes the network.
func (Snapchat) Spec() network.Spec {
	return network.Spec{
		Key: "snapchat", Name: "Snapchat",
		Summary:   "Stories, saved stories and Spotlights of a public profile.",
		Limits:    fallback,
		Unit:      "characters of a Spotlight's description, topics included",
		MaxVideos: 1,
		ImageMIME: []string{"image/jpeg", "image/png"},
		VideoMIME: []string{"video/mp4"},
		Settings: []network.Setting{
			{Key: "kind", Label: "Where it appears", Kind: network.Choice, Default: story, Required: true,
				Options: []network.Option{{Value: story, Label: "Story, for a day"}, {Value: saved, Label: "Saved story, on the profile"}, {Value: spotlight, Label: "Spotlight, videos only"}}},
			{Key: "title", Label: "Title", Kind: network.Text, Max: titleMax, Hint: "Saved stories only; empty takes the first line of the text."},
			{Key: "locale", Label: "Language", Kind: network.Text, Max: 5, Hint: "Spotlights only: language and country, such as en_US or de_DE; empty takes the post's language."},
			{Key: "off_profile", Label: "Keep off the profile", Kind: network.Toggle, Hint: "Spotlights only: the video is not kept on the profile."},
		},
		SignIn: network.SignIn{Help: "You sign in at Snapchat with an account that has a public profile, and allow Bellwether to post for it."},
		App: &network.AppSpec{
			Portal: "https://business.snapchat.com/",
			Steps: []string{
				"In Snapchat's Business Manager open Business Details and create an OAuth app.",
				"Enter {callback} as its redirect address.",
				"Copy the client id and the client secret into the fields below.",
				"Ask Snapchat's support to put the client id on the list of the Public Profile API. Until it has done so, every call is refused.",
			},
			Fields: []network.Field{{Key: "client_id", Label: "Client id", Required: true}, {Key: "client_secret", Label: "Client secret", Required: true, Secret: true}},
			Scopes: []network.Scope{{Name: scope, Why: "the profile, its stories and Spotlights, and their numbers", Publish: true, Review: true}},
			Before: "Before Snapchat has put the app on its list nothing works: publish by hand meanwhile, with the same calendar and approval.",
			After:  "Once on the list everything works.",
		},
		Metrics: []network.MetricName{
			{ID: "M-VVIEW", NetworkName: "views", Note: "since it was posted"},
			{ID: "M-LIKE", NetworkName: "favourites"},
			{ID: "M-SHARE", NetworkName: "shares"},
			{ID: "M-FOLLGAIN", NetworkName: "subscribes"},
			{ID: "M-FOLL", NetworkName: "subscribers"},
		},
		Audience: network.AudienceSpec{None: "Snapchat tells of the public only through its Creator Discovery programme, to partners and of creators who agreed."},
		Cannot: []network.Cannot{
			{What: "Read or answer comments, messages and mentions", Why: "Snapchat's API has none for posting apps.", Instead: "Answer in Snapchat."},
			{What: "Prove what became of a story whose answer was lost", Why: "Stories have no text and no name of ours to know them by.", Instead: "Look at the profile; Bellwether asks before it posts again."},
			{What: "Change a post", Why: "The API changes nothing.", Instead: "Delete it and post again."},
			{What: "Stickers, links, music and text over a story", Why: "They exist in the app only.", Instead: "Put them into the file, or publish by hand."},
			{What: "More than one file in a post", Why: "A Snap is one picture or one video.", Instead: "Plan one post for each."},
			{What: "Give the access back when a channel is disconnected", Why: "Snapchat has no call for it.", Instead: "Remove the app in Snapchat's settings."},
		},
		Proof: "A Spotlight whose answer was lost is looked up in the profile's list, by description and time. A story or saved story cannot be proved: a person decides.",
	}
}
