package xfake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// Options decide what X is played. The zero value is an ordinary account at an application with credits.
type Options struct {
	Subscription string // of the brand: "None" (default), "Premium", …
	AsyncMedia   int    // how often a video is still processing when it is asked about
	FailMedia    bool   // processing ends in failure
	NoEdits      bool   // the account may not edit
	// RefuseDoubles refuses a text of the last hour, as X does. Without it our own doubles would show in the ledger.
	RefuseDoubles bool
	Now           func() time.Time
	Address       string // default a free port of the loopback interface
	// Check looks at every request against a description of the API and says what it does not allow.
	Check func(r *http.Request, body []byte) []string
}

// The registered application, and the account that is connected.
const (
	ClientID       = "client-of-bellwether"
	ClientSecret   = "secret of bellwether+%"
	ConsumerSecret = "consumer-secret"
	Redirect       = "https://bellwether.example/channels/callback/x"
	Brand          = "brand"
	BrandToken     = "token-of-the-brand"
	AppToken       = "bearer-of-the-app"
	BrandRefresh   = "refresh-of-the-brand"
)

// Fake is the server. All methods are safe for concurrent use.
type Fake struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program

	o        Options
	mu       sync.Mutex
	n        uint64
	people   []*person
	tokens   map[string]string // access token → person's id
	refresh  map[string]string // refresh token → person's id
	codes    map[string]code
	files    map[string]*upload
	posts    []*post
	messages []*message
	pairs    map[string]bool // "mute 1 2", "hide 3"
	hooks    []*webhook
	deny     bool
	faulty   []string
	calls    map[string]int
}

type person struct {
	ID, Username string
	Followers    int64
}

// post is one version of a post.
type post struct {
	ID, Root, Author, Text, ReplyTo string
	Media                           []string
	Poll                            bool
	At                              time.Time
	Sent                            map[string]any
	Gone                            bool
	Likes, Clicks                   int64
}

type message struct {
	ID, From, To, Text string
	Media              []string
	At                 time.Time
}

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Subscription == "" {
		o.Subscription = "None"
	}
	f := &Fake{o: o, tokens: map[string]string{}, refresh: map[string]string{}, codes: map[string]code{}, files: map[string]*upload{}, pairs: map[string]bool{}, calls: map[string]int{}}
	f.Faults = networkfake.NewProgram(o.Now)
	f.Faults.ResetHeader = resetHeader
	brand := f.person(Brand)
	f.tokens[BrandToken], f.refresh[BrandRefresh] = brand.ID, brand.ID
	server, err := networkfake.Start(o.Address, f.routes(), &f.Ledger, f.Faults)
	if err != nil {
		return nil, err
	}
	f.Server = server
	return f, nil
}

// id makes ids as X does: the milliseconds since November 2010 and 22 bits more.
func (f *Fake) id() string {
	f.n++
	return strconv.FormatUint(uint64(f.o.Now().UnixMilli()-1288834974657)<<22|f.n, 10)
}

func (f *Fake) person(username string) *person {
	for _, p := range f.people {
		if strings.EqualFold(p.Username, username) {
			return p
		}
	}
	p := &person{ID: f.id(), Username: username, Followers: 7}
	f.people = append(f.people, p)
	return p
}

func (f *Fake) named(id string) *person {
	for _, p := range f.people {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// Person makes an account, or finds it, and returns its id.
func (f *Fake) Person(username string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.person(username).ID
}

// Say lets somebody write: a mention, an answer to a post, or a direct message to the brand.
func (f *Fake) Say(username string, kind network.MessageKind, text, on string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	who := f.person(username)
	if kind == network.Direct {
		m := &message{ID: f.id(), From: who.ID, To: f.person(Brand).ID, Text: text, At: f.now()}
		f.messages = append(f.messages, m)
		return m.ID
	}
	return f.write(who, draft{Text: "@" + Brand + " " + text, ReplyTo: on}, nil).ID
}

// Write lets an account publish by other means.
func (f *Fake) Write(username, text, on string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.write(f.person(username), draft{Text: text, ReplyTo: on}, nil).ID
}

// Remove takes a post away as a moderator does.
func (f *Fake) Remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(id)
}

func (f *Fake) drop(id string) {
	p := f.post(id)
	if p == nil {
		return
	}
	for _, v := range f.posts {
		v.Gone = v.Gone || v.Root == p.Root
	}
	f.Change(p.Root, func(it *networkfake.Item) { it.Deleted = true })
}

// Revoke makes every token worthless.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.tokens)
	clear(f.refresh)
}

// Deny makes the person refuse access from now on.
func (f *Fake) Deny() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deny = true
}

// Measure gives a post likes and link clicks.
func (f *Fake) Measure(id string, likes, clicks int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.post(id).Likes, f.post(id).Clicks = likes, clicks
}

// Sent returns the request that made a post.
func (f *Fake) Sent(id string) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.post(id).Sent
}

// Alt returns the description of an uploaded file, and its category.
func (f *Fake) Alt(media string) (alt, category string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.files[media].Alt, f.files[media].Category
}

// Is reports whether a pair holds: "hide <post>", "mute <person>", "repost <post>".
func (f *Fake) Is(pair string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pairs[pair]
}

// Calls returns how often a class of call was made: "create", "upload", "poll", "read", "write", "token".
func (f *Fake) Calls(class string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[class]
}

// Violations lists requests that X's documentation does not allow.
func (f *Fake) Violations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.faulty)
}

// Hook is a call of X's own that says that the brand was mentioned.
func (f *Fake) Hook() network.Webhook {
	body, _ := json.Marshal(map[string]any{"data": map[string]any{"event_uuid": "2080761390344937796", "event_type": "post.mention.create",
		"filter": map[string]string{"user_id": f.Person(Brand)}, "tag": "mentions", "payload": map[string]any{}}})
	mac := hmac.New(sha256.New, []byte(ConsumerSecret))
	mac.Write(body)
	return network.Webhook{Method: http.MethodPost, Query: url.Values{}, Body: body, Address: "https://bellwether.example/hooks/x", At: f.o.Now(),
		Header: http.Header{"X-Twitter-Webhooks-Signature": {"sha256=" + base64.StdEncoding.EncodeToString(mac.Sum(nil))}}}
}

func (f *Fake) now() time.Time { return f.o.Now().UTC().Truncate(time.Second) }
