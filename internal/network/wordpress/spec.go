package wordpress

import (
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// WordPress is the network. It holds no state.
type WordPress struct{}

// New returns the network. It has no hosts of its own: every site is its own server.
func New() WordPress { return WordPress{} }

const (
	// mostMedia is our own limit: cheap hosts give up on a post with more.
	mostMedia = 100
	// commentBytes is the longest comment: the size of the database's column, less what WordPress itself reserves.
	commentBytes = 65525
)

// The states a post can be given.
const (
	publish = "publish"
	private = "private"
	pending = "pending"
	draft   = "draft"
)

// posts is the name that ordinary posts have in the API's addresses; other types have others.
const posts = "posts"

var imageMIME = []string{"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"}

var videoMIME = []string{"video/mp4", "video/quicktime", "video/webm", "video/ogg"}

// otherMIME are what WordPress takes beyond pictures and videos.
var otherMIME = []string{"audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/flac", "application/pdf", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation", "application/vnd.oasis.opendocument.text"}

// Spec describes the network.
func (WordPress) Spec() network.Spec {
	return network.Spec{
		Key: "wordpress", Name: "WordPress",
		Summary:      "Posts and pages on a WordPress site of your own, and its comments.",
		Limits:       network.Limits{Media: mostMedia},
		Unit:         "no limit for posts; a comment has at most 65,525 bytes",
		FirstComment: true, MaxVideos: mostMedia, MixedMedia: true,
		ImageMIME: imageMIME, VideoMIME: videoMIME,
		Settings: settings,
		SignIn: network.SignIn{
			Fields: []network.Field{
				{Key: "site", Label: "Site", Placeholder: "https://blog.example.com", Required: true, Hint: "The address people see your site at."},
				{Key: "username", Label: "User name", Required: true, Hint: "Your name for signing in at the site, not your e-mail address's display name."},
				{Key: "password", Label: "Application password", Required: true, Secret: true, Placeholder: "abcd efgh ijkl mnop qrst uvwx",
					Hint: "Make one at the site: Users, Profile, Application Passwords. Your own password is refused."},
			},
			Help: "Bellwether writes in the name of this user and may do what the user's role allows. Take the password back at the site at any time.",
		},
		Audience: network.AudienceSpec{None: "The site tells comments only; who reads is known to its own statistics. Visits are counted here where the measuring script is installed."},
		Metrics:  []network.MetricName{{ID: "M-COMM", NetworkName: "comments", Note: "approved ones"}},
		Windows:  []network.Window{{Words: "Comments can be answered as long as the post's comments are open."}},
		History:  []network.Depth{{Kind: network.Comment, Words: "all comments"}},
		Cannot: []network.Cannot{
			{What: "Views and visitors", Why: "WordPress itself counts none; plugins do, each in its own way.", Instead: "Use short links, or Bellwether's own web analytics on the site."},
			{What: "Words of your own as the whole address of a post", Why: "WordPress would publish a post that is sent twice under two addresses; ours ends with a code by which a post is found again.", Instead: "Change the address at the site afterwards."},
			{What: "Disconnect at the site", Why: "An application password may not delete itself on every site.", Instead: "Delete the password at the site: Users, Profile, Application Passwords."},
			{What: "Fields of SEO plugins", Why: "Each plugin keeps its own, and most are not open to programs.", Instead: "Set them at the site; title, excerpt and featured image are what they start from."},
			{What: "Sites that are only at WordPress.com", Why: "Without a business plan they offer no application passwords.", Instead: "Connect a site of your own, or one with such a plan."},
		},
		Proof: "A post is first written as a draft under an address that no other post has, then published by its number; both calls can be repeated and looked up. A lost comment is looked up among the account's own below the same post.",
	}
}

var settings = []network.Setting{
	{Key: "type", Label: "Type", Kind: network.Choice, Live: true, Default: posts, Required: true, Options: []network.Option{{Value: posts, Label: "Post"}, {Value: "pages", Label: "Page"}}},
	{Key: "title", Label: "Title", Kind: network.Text, Max: 300},
	{Key: "status", Label: "State", Kind: network.Choice, Default: publish, Required: true, Options: []network.Option{
		{Value: publish, Label: "Published"}, {Value: private, Label: "Published, for the site's editors only"}, {Value: pending, Label: "Waiting for review at the site"}, {Value: draft, Label: "Draft at the site"}}},
	{Key: "slug", Label: "Words of the address", Kind: network.Text, Max: 120, Hint: "Usually the title. A short code follows them, by which the post is found again if the site's answer is lost."},
	{Key: "categories", Label: "Categories", Kind: network.Several, Live: true},
	{Key: "tags", Label: "Tags", Kind: network.Several, Live: true},
	{Key: "new_tags", Label: "New tags", Kind: network.Text, Max: 500, Hint: "Separated by commas; made at the site if they are not there yet."},
	{Key: "excerpt", Label: "Excerpt", Kind: network.Lines, Max: 2000, Hint: "Shown in lists and by search engines; empty takes the beginning of the text."},
	{Key: "featured", Label: "Featured image", Kind: network.Choice, Default: "first", Options: []network.Option{
		{Value: "first", Label: "The first picture, not in the text"}, {Value: "both", Label: "The first picture, also in the text"}, {Value: "none", Label: "None; all pictures in the text"}}},
	{Key: "format", Label: "Format", Kind: network.Choice, Live: true, Hint: "How the site's theme presents the post."},
	{Key: "sticky", Label: "Keep on top of the front page", Kind: network.Toggle},
	{Key: "comments", Label: "Comments", Kind: network.Choice, Options: []network.Option{{Value: "", Label: "As the site decides"}, {Value: "open", Label: "Open"}, {Value: "closed", Label: "Closed"}}},
	{Key: "author", Label: "Author", Kind: network.Choice, Live: true, Hint: "Empty is the connected user."},
	{Key: "date", Label: "Date shown", Kind: network.Moment, Hint: "An earlier date than that of publication; empty is that one."},
	{Key: "markup", Label: "The text is", Kind: network.Choice, Default: "text", Options: []network.Option{{Value: "text", Label: "Plain text; paragraphs and links are recognised"}, {Value: "html", Label: "HTML"}}},
}

// Sample is an editor's account of a site as a test would have it.
func (WordPress) Sample(a network.Account) network.Account {
	a.Extra["can"] = strings.Join(rights, ",")
	a.Choices["categories"] = []network.Option{{Value: "1", Label: "News"}, {Value: "2", Label: "Recipes"}}
	a.Choices["tags"] = []network.Option{{Value: "3", Label: "winter"}, {Value: "4", Label: "espresso"}}
	a.Choices["format"] = []network.Option{{Value: "standard", Label: "Standard"}, {Value: "image", Label: "Image"}}
	a.Choices["author"] = []network.Option{{Value: "1", Label: a.Name}}
	return a
}
