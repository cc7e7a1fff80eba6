package reddit

import (
	"cmp"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Reddit is the network. It holds no state but where it is reached.
type Reddit struct{ at string }

// New returns the network. at replaces the network's own hosts; "" means these.
func New(at string) Reddit { return Reddit{at: strings.TrimSuffix(at, "/")} }

// api is the host of calls with a token.
func (r Reddit) api() string { return cmp.Or(r.at, "https://oauth.reddit.com") }

// website is the host of the pages people see, of sign-in and of tokens.
func (r Reddit) website() string { return cmp.Or(r.at, "https://www.reddit.com") }

// Limits of Reddit itself; a community may ask for less. Lengths are in characters.
const (
	titleMax, bodyMax, commentMax, flairMax, captionMax = 300, 40000, 10000, 64, 180
	galleryMin, galleryMax                              = 2, 20
	pollMin, pollMax, pollOptionMax                     = 2, 6, 120
	pollDays                                            = 7
	videoMaxSeconds                                     = 15 * 60
)

var fallback = network.Limits{Characters: bodyMax, Media: galleryMax, ImageBytes: 20 << 20, VideoBytes: 1 << 30, AltCharacters: captionMax,
	PollOptions: pollMax, PollOptionChars: pollOptionMax, PollMinSeconds: 86400, PollMaxSeconds: pollDays * 86400}

// The kinds of a post.
const (
	self, link, picture, video, gallery, poll, crosspost = "text", "link", "image", "video", "gallery", "poll", "crosspost"
)

// Spec describes the network.
func (Reddit) Spec() network.Spec {
	return network.Spec{
		Key: "reddit", Name: "Reddit",
		Summary: "Posts, comments and messages of a Reddit account, one community at a time.",
		Limits:  fallback,
		Unit:    "characters of the text as it is written, Markdown included",
		Polls:   true, FirstComment: true,
		// A picture beside a video is the video's poster.
		MaxVideos: 1, MixedMedia: true,
		ImageMIME: []string{"image/jpeg", "image/png", "image/gif"},
		VideoMIME: []string{"video/mp4", "video/quicktime"},
		Settings: []network.Setting{
			{Key: "community", Label: "Community", Kind: network.Choice, Live: true, Required: true, Hint: "One of the communities you have joined, or your own profile. Read its rules first: many allow no advertising."},
			{Key: "kind", Label: "Kind of post", Kind: network.Choice, Hint: "Left open, it follows from what the post has.",
				Options: []network.Option{{Value: "", Label: "As the content says"}, {Value: self, Label: "Text"}, {Value: link, Label: "Link"}, {Value: picture, Label: "Picture"}, {Value: video, Label: "Video"},
					{Value: gallery, Label: "Gallery"}, {Value: poll, Label: "Poll"}, {Value: crosspost, Label: "Crosspost"}}},
			{Key: "title", Label: "Title", Kind: network.Text, Max: titleMax, Hint: "It can never be changed. Empty takes the first line of the text."},
			{Key: "url", Label: "Link", Kind: network.Text, Max: 2048, Hint: "The address of a link post."},
			{Key: "crosspost", Label: "Post to crosspost", Kind: network.Text, Max: 2048, Hint: "The address of the post on Reddit."},
			{Key: "flair", Label: "Flair", Kind: network.Choice, Live: true, Of: "community", Hint: "The flairs of the communities that were joined first are offered; some communities ask for one."},
			{Key: "flair_text", Label: "Text of the flair", Kind: network.Text, Max: flairMax, Hint: "Only for flairs whose text may be changed."},
			{Key: "nsfw", Label: "Not safe for work", Kind: network.Toggle},
			{Key: "spoiler", Label: "Spoiler", Kind: network.Toggle},
			{Key: "send_replies", Label: "Comments come to the inbox", Kind: network.Toggle, Default: "true", Hint: "Without it, comments on the post do not appear here."},
			{Key: "rules_read", Label: "I have read the community's rules", Kind: network.Toggle},
		},
		SignIn: network.SignIn{Help: "You sign in at Reddit and allow Bellwether to post and to read your inbox. Reddit lets only approved apps in: an administrator registers one first."},
		App: &network.AppSpec{
			Portal: "https://www.reddit.com/prefs/apps",
			Steps: []string{
				"Ask Reddit for access to its Data API under the Responsible Builder Policy; commercial use needs a contract. New apps work only after it agreed.",
				"Create an app of the type web app, with {callback} as its redirect address.",
				"Copy the id below the app's name and the secret into the fields below.",
				"Enter the name of the Reddit account the app belongs to: Reddit wants every call to say it.",
			},
			Fields: []network.Field{{Key: "client_id", Label: "App id", Required: true}, {Key: "client_secret", Label: "Secret", Required: true, Secret: true},
				{Key: "username", Label: "Account of the developer", Placeholder: "without u/", Required: true}},
			Scopes: scopes,
			Before: "Apps from before November 2025 keep working; a new one does nothing until Reddit has approved it.",
			After:  "After approval everything works, within 100 calls a minute for all channels together.",
		},
		Audience: network.AudienceSpec{None: "Accounts are anonymous, and the API tells nothing of readers."},
		Metrics: []network.MetricName{
			{ID: "M-LIKE", NetworkName: "score", Note: "up votes less down votes, blurred a little by Reddit"},
			{ID: "M-COMM", NetworkName: "comments"},
			{ID: "M-SHARE", NetworkName: "crossposts"},
			{ID: "M-IMPR", NetworkName: "views", Note: "where Reddit tells them, which is seldom"},
			{ID: "M-FOLL", NetworkName: "followers of the profile"},
		},
		Windows: []network.Window{{Words: "Answers are possible until a thread is locked or archived, which many communities do after six months."}},
		History: []network.Depth{{Kind: network.Comment, Words: "the newest 1,000 items of the inbox"}, {Kind: network.Mention, Words: "the newest 1,000 items of the inbox"}, {Kind: network.Direct, Words: "the newest 1,000 items of the inbox"}},
		Cannot: []network.Cannot{
			{What: "Change a title or a file", Why: "Reddit changes nothing but the text of text posts and comments.", Instead: "Delete the post and make another, or explain in a comment."},
			{What: "A text below a link, picture, video or gallery", Why: "The API keeps a text with text posts and polls only.", Instead: "Put it into the title or the first comment."},
			{What: "Chat", Why: "Reddit's API has no chat; old private messages are moving there.", Instead: "Open chat on Reddit. What still arrives as a message is shown here."},
			{What: "Comments on posts that send no replies", Why: "They do not come to the inbox.", Instead: "Leave “Comments come to the inbox” on."},
			{What: "Reach and demographics", Why: "Reddit shows them on its website only.", Instead: "Use short links to count visits."},
			{What: "Describe pictures for people who cannot see them", Why: "The API takes captions for galleries only.", Instead: "Describe the picture in a comment. In galleries the description becomes the caption."},
			{What: "Post to several communities at once", Why: "The same text in many places is spam on Reddit.", Instead: "Write for one community, then crosspost."},
		},
		Proof: "A post whose answer was lost is looked up among the account's newest posts, by community, title, content and time; links are sent so that the community may refuse a second one. What is not found is decided by a person.",
	}
}

// scopes is what is asked for: nothing that is not used.
var scopes = []network.Scope{
	{Name: "identity", Why: "the account's name"},
	{Name: "read", Why: "reading posts back, and their numbers"},
	{Name: "history", Why: "finding a post or comment whose answer was lost"},
	{Name: "mysubreddits", Why: "the list of communities to choose from"},
	{Name: "flair", Why: "the list of flairs to choose from"},
	{Name: "submit", Why: "posts, comments and answers, and what communities ask for", Publish: true, Review: true},
	{Name: "edit", Why: "changing and deleting own posts and comments"},
	{Name: "privatemessages", Why: "the inbox, and blocking its authors"},
	{Name: "vote", Why: "up votes given by a person here"},
	{Name: "modposts", Why: "removing and approving comments where the account moderates"},
}

// Sample is an account with communities as a test would have it.
func (Reddit) Sample(a network.Account) network.Account {
	a.Choices = map[string][]network.Option{"community": {{Value: "coffee", Label: "r/coffee"}, {Value: "smallbusiness", Label: "r/smallbusiness"}},
		"flair": {{Value: "coffee/news", Label: "News", Of: "coffee"}, {Value: "coffee/offer", Label: "Offer", Of: "coffee"}}}
	return a
}
