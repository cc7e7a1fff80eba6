package mastodon

import (
	"cmp"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Mastodon is the network. It holds no state.
type Mastodon struct{}

// New returns the network.
func New() Mastodon { return Mastodon{} }

// fallback is what Mastodon itself allows when a server tells nothing.
var fallback = network.Limits{
	Characters: 500, CharactersURL: 23, Media: 4,
	ImageBytes: 16777216, ImagePixels: 33177600, VideoBytes: 103809024, VideoPixels: 8294400, AltCharacters: 1500,
	PollOptions: 4, PollOptionChars: 50, PollMinSeconds: 300, PollMaxSeconds: 2629746,
}

// The visibilities of a status.
const (
	public    = "public"
	unlisted  = "unlisted"
	followers = "private"
	direct    = "direct"
)

// Spec describes the network.
func (Mastodon) Spec() network.Spec {
	return network.Spec{
		Key: "mastodon", Name: "Mastodon",
		Summary: "Any server that speaks Mastodon's API: Mastodon, GoToSocial, Pleroma, Akkoma, Pixelfed and others.",
		Limits:  fallback,
		Unit:    "characters as people see them, content warning included; every link counts 23, @person@server only @person",
		Threads: true, Polls: true, FirstComment: true, MaxVideos: 1,
		ImageMIME: []string{"image/jpeg", "image/png", "image/gif", "image/webp"},
		VideoMIME: []string{"video/mp4", "video/quicktime", "video/webm"},
		Settings: []network.Setting{
			{Key: "visibility", Label: "Who sees it", Kind: network.Choice, Default: public, Required: true, Hint: "Always sent, whatever the account's own default is.",
				Options: []network.Option{{Value: public, Label: "Everyone, in all timelines"}, {Value: unlisted, Label: "Everyone, not in public timelines"},
					{Value: followers, Label: "Followers only"}, {Value: direct, Label: "Only the people mentioned"}}},
			{Key: "content_warning", Label: "Content warning", Kind: network.Text, Max: 500, Hint: "Shown instead of the text until a reader opens it; it counts towards the limit."},
			{Key: "sensitive", Label: "Media is sensitive", Kind: network.Toggle, Hint: "Blurs pictures and videos until a reader opens them."},
			{Key: "language", Label: "Language", Kind: network.Text, Max: 10, Hint: "A code such as en or de; empty takes the post's language."},
			{Key: "quotes", Label: "Who may quote it", Kind: network.Choice, Hint: "From Mastodon 4.5 on.",
				Options: []network.Option{{Value: "", Label: "As the account decides"}, {Value: "public", Label: "Everyone"}, {Value: "followers", Label: "Followers"}, {Value: "nobody", Label: "Nobody"}}},
		},
		SignIn: network.SignIn{
			Fields: []network.Field{{Key: "server", Label: "Server", Placeholder: "mastodon.social", Required: true, Hint: "The part behind the second @ of your address, or the address of the server's website."}},
			Help:   "You sign in on your own server and allow Bellwether to publish and to read notifications. Bellwether never sees your password.",
		},
		Audience: network.AudienceSpec{None: "Servers ask nobody for age, gender or place, and count no readers."},
		Metrics: []network.MetricName{
			{ID: "M-LIKE", NetworkName: "favourites", Note: "as this server has seen them"},
			{ID: "M-COMM", NetworkName: "replies", Note: "as this server has seen them"},
			{ID: "M-SHARE", NetworkName: "boosts and quotes", Note: "boosts, from Mastodon 4.5 on with quotes"},
			{ID: "M-FOLL", NetworkName: "followers"},
		},
		Windows: []network.Window{{Words: "Answers are possible at any time."}},
		History: []network.Depth{{Kind: network.Comment, Words: "all notifications the server still keeps"}, {Kind: network.Mention, Words: "all notifications the server still keeps"}, {Kind: network.Direct, Words: "all private mentions the server still keeps"}},
		Cannot: []network.Cannot{
			{What: "Views, reach and demographics", Why: "Mastodon does not count them.", Instead: "Use short links to count visits."},
			{What: "Hide or delete other people's replies", Why: "A reply belongs to its author's server.", Instead: "Mute or block the author, or report the reply on the server."},
			{What: "Quote a post", Why: "Whether a post may be quoted depends on its author and both servers.", Instead: "Put the post's link into the text, or boost it."},
		},
		Proof: "On Mastodon itself each call carries an Idempotency-Key, remembered for an hour; a lost answer is also looked up among the account's own posts. Other servers ignore the key, there only the look-up counts, and what it does not find is decided by a person.",
	}
}

// limits returns what the account may do, with Mastodon's own values where its server told nothing.
func limits(a network.Account) network.Limits {
	l := a.Limits
	l.Characters, l.CharactersURL, l.Media = cmp.Or(l.Characters, fallback.Characters), cmp.Or(l.CharactersURL, fallback.CharactersURL), cmp.Or(l.Media, fallback.Media)
	l.ImageBytes, l.ImagePixels = cmp.Or(l.ImageBytes, fallback.ImageBytes), cmp.Or(l.ImagePixels, fallback.ImagePixels)
	l.VideoBytes, l.VideoPixels = cmp.Or(l.VideoBytes, fallback.VideoBytes), cmp.Or(l.VideoPixels, fallback.VideoPixels)
	l.AltCharacters = cmp.Or(l.AltCharacters, fallback.AltCharacters)
	l.PollOptions, l.PollOptionChars = cmp.Or(l.PollOptions, fallback.PollOptions), cmp.Or(l.PollOptionChars, fallback.PollOptionChars)
	l.PollMinSeconds, l.PollMaxSeconds = cmp.Or(l.PollMinSeconds, fallback.PollMinSeconds), cmp.Or(l.PollMaxSeconds, fallback.PollMaxSeconds)
	return l
}
