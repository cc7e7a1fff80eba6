package nostr

import (
	"cmp"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Nostr is the network. It holds no state.
type Nostr struct {
	relays []string // asked for an account's own list, and used where it has none
	media  string   // suggested for files
}

// New returns the network. at replaces the relays and the media server that are suggested to people without any of
// their own; relays that somebody named are always called as they are.
func New(at string) Nostr {
	if at = strings.TrimSuffix(at, "/"); at != "" {
		return Nostr{relays: []string{"ws" + strings.TrimPrefix(at, "http")}, media: at}
	}
	return Nostr{relays: []string{"wss://relay.damus.io", "wss://nos.lol", "wss://relay.primal.net"}, media: "https://blossom.primal.net"}
}

const (
	// page shows events to people without a Nostr app.
	page = "https://njump.me/"
	// client is what we call ourselves in our events, and how we know them.
	client = "Bellwether"
)

// fallback is what NIP-11 gives as the example of a relay's limits; the media are our own limit.
var fallback = network.Limits{Characters: 8196, Media: 20}

// messageBytes is that document's limit of a whole message.
const messageBytes = 65536

// The kinds of posts.
const (
	note    = "note"
	article = "article"
	picture = "picture"
	video   = "video"
	repost  = "repost"
	comment = "comment"
)

var (
	imageMIME = []string{"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"}
	videoMIME = []string{"video/mp4", "video/webm", "video/quicktime"}
	audioMIME = []string{"audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/flac"}
)

// Spec describes the network.
func (n Nostr) Spec() network.Spec {
	return network.Spec{
		Key: "nostr", Name: "Nostr",
		Summary: "Notes, articles, pictures and videos, signed with your key and kept by relays of your choice.",
		Limits:  fallback,
		Unit:    "characters of the whole note with the addresses of its files, as the account's relays limit it",
		Threads: true, FirstComment: true, MaxVideos: fallback.Media, MixedMedia: true,
		ImageMIME: imageMIME, VideoMIME: videoMIME,
		Settings: settings,
		SignIn: network.SignIn{
			Fields: []network.Field{
				{Key: "secret_key", Label: "Secret key", Placeholder: "nsec1…", Secret: true, Required: true, Hint: "Kept encrypted, never shown again. Whoever has it can write in your name for ever."},
				{Key: "relays", Label: "Relays", Placeholder: "wss://relay.example.com wss://nos.lol", Hint: "Separated by spaces. Empty takes the list that your key published, or well-known ones."},
				{Key: "media_server", Label: "Media server", Placeholder: "https://blossom.example.com", Hint: "A Blossom server for pictures and videos. Empty takes yours, if your key published one, or " + n.media + "."},
			},
			Help: "Nostr knows no accounts, only keys. Use a key of the brand's own, and keep a copy in a safe place.",
		},
		Audience: network.AudienceSpec{None: "Relays pass notes on; there is nobody who could know who reads them."},
		Metrics: []network.MetricName{
			{ID: "M-LIKE", NetworkName: "reactions", Note: "people, as the account's relays have seen them"},
			{ID: "M-COMM", NetworkName: "replies and comments", Note: "as the account's relays have seen them"},
			{ID: "M-SHARE", NetworkName: "reposts and quotes", Note: "as the account's relays have seen them"},
			{ID: "M-FOLL", NetworkName: "followers", Note: "as the relay that knows most of them counts; only where a relay counts"},
		},
		Windows: []network.Window{{Words: "Answers are possible at any time."}},
		History: []network.Depth{{Kind: network.Comment, Words: "the newest page of every relay"}, {Kind: network.Mention, Words: "the newest page of every relay"}},
		Cannot: []network.Cannot{
			{What: "Sign with a remote signer or in the browser", Why: "Posts go out when nobody is there, and a signer that is asleep would hold them up.", Instead: "Use a key of the brand's own; it is kept encrypted."},
			{What: "Change a note, picture or video", Why: "An event is named by the digest of what it says.", Instead: "Ask for its deletion and publish a corrected one; articles can be changed."},
			{What: "Delete for sure", Why: "A deletion is a request, which each relay follows or not; copies stay where others took them.", Instead: "Think of everything as permanent."},
			{What: "Private messages", Why: "They are encrypted from end to end.", Instead: "Read and answer them in your Nostr app."},
			{What: "Mute, hide or block", Why: "These are lists of the account, and writing one from here could erase what an app put there.", Instead: "Do it in your Nostr app."},
			{What: "Views and reach", Why: "Relays do not count readers.", Instead: "Use short links to count visits."},
			{What: "Zaps", Why: "Who was paid can only be proved with the wallet's own provider.", Instead: "Look at the wallet."},
			{What: "Polls", Why: "Few apps show them yet.", Instead: "Ask in words."},
		},
		Proof: "An event's id is the digest of its content. After a lost answer the very same event is sent again, as often as needed: a relay keeps it once.",
	}
}

var settings = []network.Setting{
	{Key: "kind", Label: "Kind", Kind: network.Choice, Default: note, Required: true, Options: []network.Option{
		{Value: note, Label: "Note"}, {Value: article, Label: "Article, in Markdown"}, {Value: picture, Label: "Picture post"}, {Value: video, Label: "Video post"},
		{Value: repost, Label: "Repost"}, {Value: comment, Label: "Comment on something"}}},
	{Key: "target", Label: "What is reposted or commented on", Kind: network.Text, Max: 1000, Hint: "Its nevent, naddr or note address; a comment can also stand below a web page."},
	{Key: "title", Label: "Title", Kind: network.Text, Max: 200, Hint: "Of an article, picture or video post."},
	{Key: "summary", Label: "Summary", Kind: network.Lines, Max: 1000, Hint: "Of an article."},
	{Key: "identifier", Label: "Identifier", Kind: network.Text, Max: 100, Hint: "Of an article: the same one replaces an earlier version. Empty makes a new one."},
	{Key: "content_warning", Label: "Content warning", Kind: network.Text, Max: 200, Hint: "Apps hide the post until a reader opens it."},
	{Key: "expires_days", Label: "Forget after days", Kind: network.Number, Hint: "Asks relays to drop the post after this many days."},
	{Key: "relays", Label: "Relays", Kind: network.Several, Live: true, Hint: "Where it is published; none chosen is all."},
}

// limits returns what the account may do, with the fallback where its relays told nothing.
func limits(a network.Account) network.Limits {
	l := a.Limits
	l.Characters, l.Media = cmp.Or(l.Characters, fallback.Characters), cmp.Or(l.Media, fallback.Media)
	return l
}
