package snapchatfake

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// Options decide what is played. The zero value is an app on Snapchat's list and a brand with two profiles.
type Options struct {
	Unlisted   bool             // the app is not on the list: everything is refused
	NoProfile  bool             // the account has no public profile
	Wrapped    bool             // answers of media and Spotlights come wrapped in lists, as some were seen
	StoryIDs   bool             // a story's answer says its id
	Unlist     bool             // stories never appear in the list
	Processing int              // how often a media is still processing when it is posted
	Review     string           // the state of new Spotlights: SUBMITTED by default
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
	access  map[string]bool
	refresh map[string]bool
	codes   map[string]string
	media   map[string]*Media
	posts   []*Post
	refuse  []string // error codes of the next posts
	calls   map[string]int
	faulty  []string
	check   func(*http.Request, []byte) []string
}

// Media is an upload as the fake keeps it.
type Media struct {
	Type, Name string
	key, iv    []byte
	parts      map[int][]byte
	Plain      []byte // after FINALIZE
	Parts      int
	processing int
	posted     bool
}

// Post is a post as the fake keeps it.
type Post struct {
	ID, Profile, Kind, Media, Text, Title, Locale, State string
	OffProfile                                           bool
	At                                                   time.Time
	Gone                                                 bool
}

// Classes are the kinds of calls that faults are set for.
var Classes = []string{"create", "delete", "upload", "read", "token"}

// The account that is connected and the app it is connected through; they exist from the start.
const (
	Brand        = "brand"
	Profile      = "11111111-aaaa-4aaa-8aaa-000000000001"
	OtherProfile = "11111111-aaaa-4aaa-8aaa-000000000002"
	Organisation = "22222222-bbbb-4bbb-8bbb-000000000001"
	BrandToken   = "snap-token-of-the-brand"
	BrandRefresh = "snap-refresh-of-the-brand"
	AppID        = "33333333-cccc-4ccc-8ccc-000000000001"
	AppSecret    = "secret-of-the-app"
)

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Review == "" {
		o.Review = "SUBMITTED"
	}
	f := &Fake{o: o, access: map[string]bool{BrandToken: true}, refresh: map[string]bool{BrandRefresh: true}, codes: map[string]string{}, media: map[string]*Media{}, calls: map[string]int{}}
	f.Faults = networkfake.NewProgram(o.Now)
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

func (f *Fake) id() string {
	f.n++
	return fmt.Sprintf("44444444-dddd-4ddd-8ddd-%012d", f.n)
}

// Refuse lets the next posts answer 200 with this error code.
func (f *Fake) Refuse(codes ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refuse = append(f.refuse, codes...)
}

// Revoke makes every token worthless.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.access, f.refresh = map[string]bool{}, map[string]bool{}
}

// Remove takes a post away as a moderator does.
func (f *Fake) Remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(id)
}

// Judge ends the review of a Spotlight: LIVE or REJECTED.
func (f *Fake) Judge(id, state string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.post(id); p != nil {
		p.State = state
	}
}

func (f *Fake) post(id string) *Post {
	for _, p := range f.posts {
		if p.ID == id && !p.Gone {
			return p
		}
	}
	return nil
}

func (f *Fake) drop(id string) {
	if p := f.post(id); p != nil {
		p.Gone = true
		f.Change(id, func(it *networkfake.Item) { it.Deleted = true })
	}
}

// Posts returns what was posted, in order, with the file that was decrypted for it.
func (f *Fake) Posts() (posts []Post, files []Media) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.posts {
		posts, files = append(posts, *p), append(files, *f.media[p.Media])
	}
	return posts, files
}

// Calls returns how often a class of call was made.
func (f *Fake) Calls(class string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[class]
}

// Violations lists requests that the API does not allow.
func (f *Fake) Violations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.faulty...)
}
