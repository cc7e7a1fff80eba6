package bluesky

import (
	"cmp"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Bluesky is the network. It holds no state.
type Bluesky struct{}

// New returns the network.
func New() Bluesky { return Bluesky{} }

const (
	directory = "https://plc.directory"       // where identities are kept
	publicAPI = "https://public.api.bsky.app" // resolves handles whose proof is in DNS
	website   = "https://bsky.app"

	mostLanguages = 3
	mostTags      = 8
	longestVideo  = 3 * time.Minute
	captionBytes  = 20_000 // of one language, as WebVTT
	messageChars  = 1000   // of a direct message
	messageBytes  = 10000
)

// fallback is what holds everywhere; servers only lower the size of a file.
var fallback = network.Limits{Characters: text.BlueskyGraphemes, Media: 4, ImageBytes: 1_000_000, VideoBytes: 50 << 20, AltCharacters: 2000}

var contentLabels = []network.Option{{Value: "sexual", Label: "Suggestive"}, {Value: "nudity", Label: "Nudity"}, {Value: "porn", Label: "Adult"}, {Value: "graphic-media", Label: "Graphic or violent"}}

// repliers are the rules of a threadgate, by the first half of their names there.
var repliers = []network.Option{{Value: "nobody", Label: "Nobody"}, {Value: "mention", Label: "People mentioned in the post"},
	{Value: "follower", Label: "Followers"}, {Value: "following", Label: "Accounts this account follows"}}

// Spec describes the network.
func (Bluesky) Spec() network.Spec {
	return network.Spec{
		Key: "bluesky", Name: "Bluesky",
		Summary: "Accounts of the AT Protocol, on Bluesky's own servers or any other.",
		Limits:  fallback,
		Unit:    "graphemes: characters as people see them, at most 300 and 3,000 bytes; a link counts as long as it is written",
		Threads: true, FirstComment: true, MaxVideos: 1,
		ImageMIME: []string{"image/jpeg", "image/png", "image/webp", "image/gif"},
		VideoMIME: []string{"video/mp4"}, Captions: true,
		Caps: []network.Cap{{Key: "points", Counts: "points of writing", Max: 5000, Per: time.Hour, Each: 3, Parts: network.EveryPart}, {Key: "points_day", Counts: "points of writing", Max: 35_000, Per: 24 * time.Hour, Each: 3, Parts: network.EveryPart}},
		Settings: []network.Setting{
			{Key: "replies", Label: "Who can reply", Kind: network.Several, Options: repliers, Hint: "Nothing chosen: everyone. Several add up; “nobody” stands alone. Holds for the whole thread."},
			{Key: "replies_list", Label: "… and the people of a list", Kind: network.Text, Max: 300, Hint: "The address of a list on bsky.app."},
			{Key: "quotes_off", Label: "Nobody may quote it", Kind: network.Toggle},
			{Key: "quote", Label: "Quote a post", Kind: network.Text, Max: 300, Hint: "The address of the post on bsky.app; it is shown below the first part."},
			{Key: "labels", Label: "Content warning", Kind: network.Several, Options: contentLabels, Hint: "Readers see a warning, or not the post at all, as they have chosen."},
			{Key: "languages", Label: "Languages", Kind: network.Text, Max: 40, Hint: "Up to three codes such as en, de; empty takes the post's language."},
			{Key: "tags", Label: "More tags", Kind: network.Text, Max: 600, Hint: "Up to eight, with commas between them; found by search, not shown in the text."},
		},
		SignIn: network.SignIn{
			Fields: []network.Field{
				{Key: "handle", Label: "Handle", Placeholder: "ann.bsky.social", Required: true, Hint: "As it stands in your profile, without the @. A DID works too."},
				{Key: "password", Label: "App password", Secret: true, Required: true, Hint: "Make one on Bluesky under Settings, Privacy and security, App passwords. Allow access to direct messages if they shall be answered here."},
				{Key: "server", Label: "Server (advanced)", Placeholder: "https://pds.example.org", Hint: "Only if your handle is known to your own server alone."},
				{Key: "plc", Label: "Identity directory (advanced)", Placeholder: directory, Hint: "Only for a private network."},
			},
			Help: "An app password can be taken back on Bluesky at any time and cannot delete the account. Bellwether never needs your main password.",
		},
		Audience: network.AudienceSpec{None: "The protocol knows accounts, not people: nobody is asked for age, gender or place, and nobody sees who reads."},
		Metrics: []network.MetricName{
			{ID: "M-LIKE", NetworkName: "likes"}, {ID: "M-COMM", NetworkName: "replies"},
			{ID: "M-SHARE", NetworkName: "reposts and quotes", Note: "the sum of both"},
			{ID: "M-SAVE", NetworkName: "bookmarks", Note: "where the server counts them"},
			{ID: "M-FOLL", NetworkName: "followers"},
		},
		Windows: []network.Window{{Words: "Answers are possible at any time, unless the author has limited replies."}},
		History: []network.Depth{{Kind: network.Comment, Words: "all replies"}, {Kind: network.Mention, Words: "all mentions and quotes"}, {Kind: network.Direct, Words: "from the connection on"}},
		Cannot: []network.Cannot{
			{What: "Edit a post", Why: "Bluesky's apps show a post as it was first seen; a changed record breaks every reply and quote that names it.", Instead: "Delete it and post again."},
			{What: "Views, reach and demographics", Why: "Bluesky does not count them.", Instead: "Use short links to count visits."},
			{What: "Polls", Why: "Bluesky has none.", Instead: "Ask in the text and count replies, or link to a form."},
			{What: "Direct messages with an app password that does not allow them", Why: "The permission is chosen when the app password is made.", Instead: "Make an app password with access to direct messages and reconnect."},
			{What: "Pictures in direct messages", Why: "Bluesky's messages carry text only.", Instead: "Send a link."},
			{What: "Remove other people's replies", Why: "A reply belongs to its author's server.", Instead: "Hide it for everyone who reads the thread, mute or block the author."},
		},
		Proof: "Every post has a key we choose before sending; the account's server writes at most one record under it and says exactly whether it is there.",
	}
}

// limits returns what the account may do, with the fallback where its server told nothing.
func limits(a network.Account) network.Limits {
	l := a.Limits
	l.Characters, l.Media, l.AltCharacters = cmp.Or(l.Characters, fallback.Characters), cmp.Or(l.Media, fallback.Media), cmp.Or(l.AltCharacters, fallback.AltCharacters)
	l.ImageBytes, l.VideoBytes = cmp.Or(l.ImageBytes, fallback.ImageBytes), cmp.Or(l.VideoBytes, fallback.VideoBytes)
	return l
}
