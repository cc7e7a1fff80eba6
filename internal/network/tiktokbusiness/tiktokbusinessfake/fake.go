package tiktokbusinessfake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// Options decide what is played. The zero value is an account that may do everything.
type Options struct {
	Small      bool             // the account has fewer than 100 followers
	Processing int              // how often a post is still being fetched when it is asked about
	Moderation int              // how often a public post has no id yet after that
	NoComments bool             // the account has switched comments off
	MaxSeconds int              // longest video, default 600
	Verified   string           // prefix of addresses media may come from, default https://bellwether.example/
	Redirect   string           // the redirect URL that was entered with the app, default Redirect
	Now        func() time.Time // default time.Now
	Address    string           // default a free port of the loopback interface
}

// Fake is the network. All methods are safe for concurrent use.
type Fake struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program

	o        Options
	mu       sync.Mutex
	n        int64
	tokens   map[string]time.Time // access token → its end
	refresh  map[string]bool
	codes    map[string]bool
	posts    []*post
	comments []*comment
	failing  []string // reasons why the next posts fail
	faulty   []string
	calls    map[string]int
	bodies   []Body
}

// Body is the JSON of one post that was handed over.
type Body struct {
	Path string
	JSON map[string]any
}

type post struct {
	ID, shareID, text, privacy string
	photo, draft, gone         bool
	polls, moderation          int
	failure                    string
	at                         time.Time
}

type comment struct {
	ID, video, parent, username, text string
	liked, hidden, gone               bool
	at                                time.Time
}

// Classes are the kinds of calls that faults are set for.
var Classes = []string{"create", "read", "write", "token"}

// Brand is the account that is connected; its token is BrandToken. AppID and Secret are the registered application's,
// Redirect the redirect URL that is entered with it unless Options say otherwise.
const (
	Brand        = "brand"
	OpenID       = "-000brand-business-id"
	BrandToken   = "act.token-of-the-business"
	BrandRefresh = "rft.token-of-the-business"
	AppID        = "7400000000000000001"
	Secret       = "secret-of-the-business-app"
	Redirect     = "https://bellwether.example/channels/callback/tiktok-business/"
)

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxSeconds == 0 {
		o.MaxSeconds = 600
	}
	if o.Verified == "" {
		o.Verified = "https://bellwether.example/"
	}
	if o.Redirect == "" {
		o.Redirect = Redirect
	}
	f := &Fake{o: o, tokens: map[string]time.Time{BrandToken: o.Now().Add(365 * 24 * time.Hour)}, refresh: map[string]bool{BrandRefresh: true}, codes: map[string]bool{}, calls: map[string]int{}}
	f.Faults = networkfake.NewProgram(o.Now)
	server, err := networkfake.Start(o.Address, f.routes(), &f.Ledger, f.Faults)
	if err != nil {
		return nil, err
	}
	f.Server = server
	return f, nil
}

// AuthorizeURL is the authorisation page as the portal shows it.
func (f *Fake) AuthorizeURL() string {
	return f.URL + "/v2/auth/authorize?client_key=sbaw&scope=user.info.basic%2Ccomment.list&response_type=code"
}

// id makes ids as TikTok does: numbers beyond 2^53.
func (f *Fake) id() string {
	f.n++
	return strconv.FormatInt(7360000000000000000+f.n, 10)
}

// Say lets somebody comment on a post, or answer a comment, and returns the comment's id.
func (f *Fake) Say(username, text, on string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.say(username, text, on)
	if c == nil {
		panic("tiktokbusinessfake: there is no " + on)
	}
	return c.ID
}

func (f *Fake) say(username, text, on string) *comment {
	c := &comment{ID: f.id(), username: username, text: text, at: f.o.Now().UTC().Truncate(time.Second)}
	if up := f.comment(on); up != nil {
		c.video, c.parent = up.video, or(up.parent, up.ID)
	} else if p := f.post(on); p != nil {
		c.video = p.ID
	} else {
		return nil
	}
	f.comments = append(f.comments, c)
	f.Add(networkfake.Item{ID: c.ID, Account: username, Text: text, ReplyTo: on, At: c.at})
	return c
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (f *Fake) comment(id string) *comment {
	for _, c := range f.comments {
		if c.ID == id && !c.gone {
			return c
		}
	}
	return nil
}

// post finds a post that has its id and is there.
func (f *Fake) post(id string) *post {
	for _, p := range f.posts {
		if p.ID == id && p.listed() {
			return p
		}
	}
	return nil
}

func (p *post) listed() bool {
	return !p.draft && !p.gone && p.failure == "" && p.privacy == "PUBLIC_TO_EVERYONE"
}

// Remove takes a post or comment away as a moderator does.
func (f *Fake) Remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.post(id); p != nil {
		p.gone = true
	}
	if c := f.comment(id); c != nil {
		c.gone = true
	}
	f.Change(id, func(it *networkfake.Item) { it.Deleted = true })
}

// Revoke makes every token worthless.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.tokens)
	clear(f.refresh)
}

// Spoil lets the next posts fail while they are fetched, one reason each.
func (f *Fake) Spoil(reasons ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failing = append(f.failing, reasons...)
}

// Drafts counts what arrived in the app's inbox.
func (f *Fake) Drafts() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.posts {
		if p.draft {
			n++
		}
	}
	return n
}

// Liked and Hidden report what was done to a comment.
func (f *Fake) Liked(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.comment(id)
	return c != nil && c.liked
}

// Hidden reports whether a comment is hidden.
func (f *Fake) Hidden(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.comment(id)
	return c != nil && c.hidden
}

// Bodies returns the JSON of every post that was handed over.
func (f *Fake) Bodies() []Body {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.bodies)
}

// News is a call as TikTok makes it when somebody commented: its body and the value of Tiktok-Signature.
func (f *Fake) News() (body []byte, signature string) {
	now := f.o.Now().Unix()
	body, _ = json.Marshal(map[string]any{"client_key": AppID, "event": "comment.update", "create_time": now, "user_openid": OpenID,
		"content": `{"comment_id":7360000000000000002,"video_id":7360000000000000001,"comment_type":"comment","comment_action":"insert","text":"Nice"}`}) // plain data: cannot fail
	mac := hmac.New(sha256.New, []byte(Secret))
	fmt.Fprintf(mac, "%d.%s", now, body)
	return body, fmt.Sprintf("t=%d,s=%s", now, hex.EncodeToString(mac.Sum(nil)))
}

// Calls returns how often a class of call was made.
func (f *Fake) Calls(class string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[class]
}

// Violations lists requests that the documentation does not allow.
func (f *Fake) Violations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.faulty)
}

func (f *Fake) complain(format string, args ...any) {
	f.faulty = append(f.faulty, fmt.Sprintf(format, args...))
}
