package tiktokfake

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

// Options decide what is played. The zero value is an audited app and a public account.
type Options struct {
	Unaudited  bool             // posts are for the creator's own eyes only
	Processing int              // how often a post is still processing when it is asked about
	Moderation int              // how often a public post has no id yet after that
	NoComments bool             // the creator has switched comments off
	MaxSeconds int              // longest video, default 600
	Verified   string           // prefix of addresses pictures may come from, default https://bellwether.example/
	HidePhotos bool             // picture posts are not among the listed
	Daily      int              // posts in 24 hours, default 15
	Now        func() time.Time // default time.Now
	Address    string           // default a free port of the loopback interface
}

// Fake is the network. All methods are safe for concurrent use.
type Fake struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program

	o       Options
	mu      sync.Mutex
	n       int64
	tokens  map[string]time.Time // access token → its end
	refresh map[string]bool
	codes   map[string]code
	scopes  string
	posts   []*post
	failing []string // fail reasons of the next posts
	faulty  []string
	calls   map[string]int
	bodies  []Body
}

// Body is the JSON of one announcement.
type Body struct {
	Path string
	JSON map[string]any
}

// Classes are the kinds of calls that faults are set for.
var Classes = []string{"create", "announce", "read", "token", "write"}

// Brand is the account that is connected; its token is BrandToken. ClientKey and ClientSecret are the registered
// application's.
const (
	Brand        = "brand"
	OpenID       = "-000brand-open-id"
	BrandToken   = "act.token-of-the-brand"
	BrandRefresh = "rft.token-of-the-brand"
	ClientKey    = "awclientkey"
	ClientSecret = "secret-of-the-tiktok-app"
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
	if o.Daily == 0 {
		o.Daily = 15
	}
	f := &Fake{o: o, tokens: map[string]time.Time{BrandToken: o.Now().Add(365 * 24 * time.Hour)}, refresh: map[string]bool{BrandRefresh: true}, codes: map[string]code{}, calls: map[string]int{},
		scopes: "user.info.basic,user.info.profile,user.info.stats,video.publish,video.upload,video.list"}
	f.Faults = networkfake.NewProgram(o.Now)
	server, err := networkfake.Start(o.Address, f.routes(), &f.Ledger, f.Faults)
	if err != nil {
		return nil, err
	}
	f.Server = server
	return f, nil
}

// id makes ids as TikTok does: numbers beyond 2^53.
func (f *Fake) id() string {
	f.n++
	return strconv.FormatInt(7350000000000000000+f.n, 10)
}

// Grants sets the scopes that the person allows.
func (f *Fake) Grants(scopes string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.scopes = scopes
}

// Remove takes a post away as a moderator does.
func (f *Fake) Remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.posts {
		if p.ID == id {
			p.gone = true
			f.Change(id, func(it *networkfake.Item) { it.Deleted = true })
		}
	}
}

// Revoke makes every token worthless.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.tokens)
	clear(f.refresh)
}

// Spoil lets the next posts fail while they are processed, one reason each.
func (f *Fake) Spoil(reasons ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failing = append(f.failing, reasons...)
}

// Forbid takes choices from the creator, as the settings of the app can.
func (f *Fake) Forbid(comments bool, maxSeconds int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.o.NoComments, f.o.MaxSeconds = comments, maxSeconds
}

// Drafts counts what arrived in the app's inbox.
func (f *Fake) Drafts() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.posts {
		if p.draft && p.whole() {
			n++
		}
	}
	return n
}

// Uploaded returns the bytes of the newest video.
func (f *Fake) Uploaded() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.posts) == 0 {
		return nil
	}
	return slices.Clone(f.posts[len(f.posts)-1].bytes)
}

// Bodies returns the JSON of every announcement.
func (f *Fake) Bodies() []Body {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.bodies)
}

// News is a call as TikTok makes it when a post is there: its body and the value of TikTok-Signature.
func (f *Fake) News() (body []byte, signature string) {
	now := f.o.Now().Unix()
	body, _ = json.Marshal(map[string]any{"client_key": ClientKey, "event": "post.publish.publicly_available", "create_time": now, "user_openid": OpenID,
		"content": `{"publish_id":"v_pub_file~v2-1.7350","post_id":"7350000000000000001","publish_type":"DIRECT_POST"}`}) // plain data: cannot fail
	mac := hmac.New(sha256.New, []byte(ClientSecret))
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
