package redditfake

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// Options decide what is played. The zero value is an approved app and an account in good standing.
type Options struct {
	Processing time.Duration    // how long after its call a post with a file appears
	Narrow     bool             // tokens are granted without submit
	Now        func() time.Time // default time.Now
	Address    string           // default a free port of the loopback interface
}

// Fake is the network. All methods are safe for concurrent use.
type Fake struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program

	o           Options
	mu          sync.Mutex
	n           int64
	access      map[string]bool
	refresh     map[string]bool
	codes       map[string]string
	communities []*Community
	uploads     map[string]*upload // by key
	things      []*thing           // in the order they were made
	refusals    [][3]string        // errors of the next submits
	left        string             // calls that are left, as answers say
	acts        []string
	calls       map[string]int
	faulty      []string
	check       func(*http.Request, []byte) []string
}

// Community is a community the brand has joined.
type Community struct {
	Name         string
	Takes        string // any, link, self
	NoImages     bool
	Moderator    bool
	Requirements map[string]any
	Flairs       []string // ids
	Links        map[string]bool
}

type upload struct {
	Asset, MIME string
	Sent        bool
}

// thing is a post, a comment or a message.
type thing struct {
	Post
	Kind    string // t1, t3, t4
	Author  string
	Body    string
	Parent  string
	Post3   string // the post a comment stands below
	Type    string // in the brand's inbox; "" is not there
	Removed string
	Gone    bool
	At      time.Time
	Shown   time.Time
	Votes   int64
}

// Post is what the fake keeps of a post.
type Post struct {
	Name, Community, Kind, Title, Text, URL, Poster, Crosspost, Flair, FlairText string
	NSFW, Spoiler, Replies                                                       bool
	Items                                                                        []map[string]any
	Options                                                                      []any
	Days                                                                         float64
}

// Classes are the kinds of calls that faults are set for.
var Classes = []string{"create", "edit", "delete", "upload", "read", "write", "token"}

// The account that is connected and the app it is connected through; they exist from the start.
const (
	Brand        = "brand"
	BrandToken   = "eyJ-token-of-the-brand"
	BrandRefresh = "1234-refresh-of-the-brand"
	AppID        = "app-id"
	AppSecret    = "secret-of-the-app"
	Developer    = "developer"
	Agent        = "web:social.bellwether:1 (by /u/developer)"
	Home         = "Gardening" // a community without rules
	Strict       = "Strict"    // one with all rules there are
	Flair        = "f1a1r000-0000-0000-0000-000000000001"
)

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Fake{o: o, access: map[string]bool{BrandToken: true}, refresh: map[string]bool{BrandRefresh: true}, codes: map[string]string{}, uploads: map[string]*upload{}, left: "99.0", calls: map[string]int{},
		communities: []*Community{
			{Name: "Links", Takes: "link", Links: map[string]bool{}},
			{Name: Home, Takes: "any", Moderator: true, Flairs: []string{Flair}, Links: map[string]bool{}},
			{Name: Strict, Takes: "any", NoImages: true, Links: map[string]bool{}, Requirements: map[string]any{
				"title_text_min_length": 10, "title_text_max_length": 20, "title_required_strings": []string{"[News]", "[Help]"}, "title_blacklisted_strings": []string{"buy"},
				"body_restriction_policy": "required", "body_text_min_length": 5, "body_text_max_length": 50, "body_required_strings": nil, "body_blacklisted_strings": []string{"free money"},
				"domain_whitelist": []string{"example.com"}, "domain_blacklist": []string{"bad.example.com"}, "is_flair_required": true, "gallery_min_items": 3, "gallery_max_items": 4,
				"gallery_captions_requirement": "required", "link_repost_age": nil}, Flairs: []string{"strict-flair"}},
		}}
	f.Faults = networkfake.NewProgram(o.Now)
	f.Faults.ResetHeader, f.Faults.ResetIn = "X-Ratelimit-Reset", true
	server, err := networkfake.Start(o.Address, f.routes(), &f.Ledger, f.Faults)
	if err != nil {
		return nil, err
	}
	f.Server = server
	return f, nil
}

// Describe checks every request from now on; what check says is wrong is a violation.
func (f *Fake) Describe(check func(*http.Request, []byte) []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.check = check
}

// id makes ids in base 36 that grow by a digit, as real ones do.
func (f *Fake) id() string {
	f.n++
	return strconv.FormatInt(36*36-20+f.n, 36)
}

// Refuse lets the next submits answer 200 with this error.
func (f *Fake) Refuse(code, message, field string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refusals = append(f.refusals, [3]string{code, message, field})
}

// Leave sets how many calls are left, as the header of answers says.
func (f *Fake) Leave(calls string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = calls
}

// Require changes one rule of a community.
func (f *Fake) Require(community, rule string, value any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.community(community)
	if c.Requirements == nil {
		c.Requirements = map[string]any{}
	}
	c.Requirements[rule] = value
}

// Revoke makes every token worthless.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.access, f.refresh = map[string]bool{}, map[string]bool{}
}

// Remove takes a thing away as a moderator does.
func (f *Fake) Remove(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t := f.thing(name); t != nil {
		t.Removed = "moderator"
		f.Change(name, func(it *networkfake.Item) { it.Deleted = true })
	}
}

// Say lets somebody comment (on a post or comment), mention the brand elsewhere, or write it a message.
func (f *Fake) Say(author, kind, text, on string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := &thing{Kind: "t1", Author: author, Body: text, At: f.o.Now().UTC(), Post: Post{Community: Home}}
	switch kind {
	case "comment":
		parent := f.thing(on)
		t.Parent, t.Type, t.Post3 = on, "post_reply", on
		if parent.Kind == "t1" {
			t.Type, t.Post3 = "comment_reply", parent.Post3
		}
	case "mention":
		t.Parent, t.Post3, t.Type = "t3_other", "t3_other", "username_mention"
	default:
		t.Kind, t.Type, t.Community = "t4", "unknown", ""
	}
	t.Name = t.Kind + "_" + f.id()
	f.things = append(f.things, t)
	return t.Name
}

// Acts returns the votes, removals and blocks, in order: "vote t1_x 1".
func (f *Fake) Acts() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.acts...)
}

// Calls returns how often a class of call was made.
func (f *Fake) Calls(class string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[class]
}

// Find returns what the fake keeps of a post.
func (f *Fake) Find(name string) (Post, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t := f.thing(name); t != nil {
		return t.Post, true
	}
	return Post{}, false
}

// Violations lists requests that Reddit does not allow.
func (f *Fake) Violations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.faulty...)
}

func (f *Fake) thing(name string) *thing {
	for _, t := range f.things {
		if t.Name == name && !t.Gone {
			return t
		}
	}
	return nil
}
