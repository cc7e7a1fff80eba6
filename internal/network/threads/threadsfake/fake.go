package threadsfake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// Options decide what is played. The zero value is a present-day Threads.
type Options struct {
	Small      bool             // the profile has fewer than 100 followers
	Processing int              // how often a picture or video is still processing when it is asked about
	Geo        bool             // the brand may choose countries
	Quota      int              // posts in 24 hours, default 250
	Now        func() time.Time // default time.Now
	Address    string           // default a free port of the loopback interface
}

// Fake is the network. All methods are safe for concurrent use.
type Fake struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program

	o          Options
	mu         sync.Mutex
	n          int64
	tokens     map[string]grant
	codes      map[string]code
	containers map[string]*container
	posts      []*post
	failing    []string // how the next containers end
	unseen     int      // publications that do not find their container yet
	unlisted   int      // answers of lists that do not show the newest post yet
	reposts    []string
	faulty     []string
	requests   []Request
	calls      map[string]int
}

// Request is one call as it arrived, for comparing it with a description.
type Request struct {
	Method, Path string
	Params       []string // names, sorted, without the token
}

type grant struct {
	username string
	short    bool
	made     time.Time // zero: long ago
}

// Classes are the kinds of calls that faults are set for.
var Classes = []string{"create", "upload", "read", "write", "delete", "token"}

// Brand is the profile that is connected; it exists from the start. Its token is BrandToken. ClientID, ClientSecret and
// VerifyToken are the registered application's.
const (
	Brand        = "brand"
	BrandID      = "26000000000000001"
	BrandToken   = "THAA-token-of-the-brand"
	ClientID     = "990000000000001"
	ClientSecret = "secret-of-the-threads-app"
	VerifyToken  = "a-word-of-our-own"
)

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Quota == 0 {
		o.Quota = 250
	}
	f := &Fake{o: o, tokens: map[string]grant{BrandToken: {username: Brand}}, codes: map[string]code{}, containers: map[string]*container{}, calls: map[string]int{}}
	f.Faults = networkfake.NewProgram(o.Now)
	server, err := networkfake.Start(o.Address, f.routes(), &f.Ledger, f.Faults)
	if err != nil {
		return nil, err
	}
	f.Server = server
	return f, nil
}

func (f *Fake) id() string {
	f.n++
	return fmt.Sprintf("1784%013d", f.n)
}

// Say lets somebody write a post, or a reply to another one, and returns its id.
func (f *Fake) Say(username, text, replyTo string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.write(username, &container{text: text, kind: "TEXT", replyTo: replyTo}).ID
}

// Remove takes a post away as a moderator does.
func (f *Fake) Remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(id)
}

func (f *Fake) drop(id string) {
	if p := f.post(id); p != nil {
		p.gone = true
		f.Change(id, func(it *networkfake.Item) { it.Deleted = true })
	}
}

// Revoke makes every token worthless.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.tokens)
}

// Spoil lets the next containers end in an error, one reason each.
func (f *Fake) Spoil(reasons ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failing = append(f.failing, reasons...)
}

// HideContainers lets the next n publications not find their container, as happens within seconds of making it.
func (f *Fake) HideContainers(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unseen = n
}

// HideNewest lets the next n answers of lists leave the newest post out, as happens within seconds of making it.
func (f *Fake) HideNewest(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unlisted = n
}

// Hidden reports whether a reply is hidden.
func (f *Fake) Hidden(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.post(id)
	return p != nil && p.hidden
}

// Reposts lists what the brand reposted.
func (f *Fake) Reposts() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.reposts)
}

// Made returns the parameters a post was made with.
func (f *Fake) Made(id string) map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.posts {
		if p.ID == id {
			return p.params
		}
	}
	return nil
}

// News is a call as Threads makes it when somebody replied: its body and the value of X-Hub-Signature-256.
func (f *Fake) News() (body []byte, signature string) {
	doc := map[string]any{"app_id": ClientID, "topic": "moderate", "target_id": BrandID, "time": f.o.Now().Unix(), "subscription_id": "234567", "has_uid_field": false,
		"values": map[string]any{"field": "replies", "value": map[string]any{"id": "8901234", "username": "stranger", "text": "Reply", "media_type": "TEXT_POST",
			"permalink": "https://www.threads.net/@stranger/post/Pp", "replied_to": map[string]any{"id": "567890"},
			"root_post": map[string]any{"id": "123456", "owner_id": BrandID, "username": Brand}, "shortcode": "Pp", "timestamp": stamp(f.o.Now())}}}
	body, _ = json.Marshal(doc) // plain data: cannot fail
	mac := hmac.New(sha256.New, []byte(ClientSecret))
	mac.Write(body)
	return body, "sha256=" + hex.EncodeToString(mac.Sum(nil))
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

// Requests lists what was called.
func (f *Fake) Requests() []Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

// stamp writes a time as the API does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") + "+0000" }

func (f *Fake) complain(format string, args ...any) {
	f.faulty = append(f.faulty, strings.TrimSpace(fmt.Sprintf(format, args...)))
}
