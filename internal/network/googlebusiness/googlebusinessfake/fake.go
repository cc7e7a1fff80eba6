package googlebusinessfake

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake/described"
)

// Options decide what is played. The zero value is a business at which all goes well.
type Options struct {
	Polls       int    // how often a post is still being looked at when it is asked about
	Reject      bool   // every post is rejected in the end
	ReplyState  string // what becomes of answers; default APPROVED
	NoLocations bool
	NoPosts     bool // the location may not publish posts
	Unapproved  bool // Google has not approved the project: its quota is zero
	NoRefresh   bool
	Narrow      bool             // the person did not tick the box
	Now         func() time.Time // default time.Now
	Address     string           // default a free port of the loopback interface
}

// Place is the location that is connected first. BrandToken and BrandRefresh are good from the start, for the
// application ClientID with ClientSecret.
const (
	Account      = "accounts/11"
	Place        = "22"
	PlaceName    = Account + "/locations/" + Place
	BrandToken   = "access-of-the-brand"
	BrandRefresh = "refresh-of-the-brand"
	ClientID     = "client.apps.googleusercontent.com"
	ClientSecret = "secret-of-the-client"
)

// Fake is Google. All methods are safe for concurrent use.
type Fake struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program

	o        Options
	mu       sync.Mutex
	n        int
	access   map[string]bool // good access tokens
	refresh  map[string]bool
	codes    map[string]code
	things   []*thing // posts and photos
	reviews  []*review
	shown    map[string]map[string]string // metric → day → value
	refusals map[string][]refusal         // planned, by class
	specs    []*described.Document
	faulty   []string
	calls    map[string]int
}

type code struct{ redirect, challenge string }

// thing is a post or a photo.
type thing struct {
	name  string
	doc   map[string]any
	at    time.Time
	polls int
	gone  bool
}

type review struct {
	name, author, text, stars string
	at, changed               time.Time
	reply                     map[string]any
	gone                      bool
}

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ReplyState == "" {
		o.ReplyState = "APPROVED"
	}
	f := &Fake{o: o, access: map[string]bool{BrandToken: true}, refresh: map[string]bool{BrandRefresh: true}, codes: map[string]code{},
		refusals: map[string][]refusal{}, calls: map[string]int{}, shown: map[string]map[string]string{}}
	f.Faults = networkfake.NewProgram(o.Now)
	server, err := networkfake.Start(o.Address, f.routes(), &f.Ledger, f.Faults)
	if err != nil {
		return nil, err
	}
	f.Server = server
	return f, nil
}

// Describe makes requests to the APIs that have one be judged by their published descriptions.
func (f *Fake) Describe(docs ...*described.Document) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.specs = docs
}

// Violations lists requests that are not allowed.
func (f *Fake) Violations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.faulty)
}

// Calls returns how often a class of call was made: "create", "read", "edit", "delete", "token".
func (f *Fake) Calls(class string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[class]
}

// Refuse makes the next call of a class be refused: with a status of google.rpc.Code, and a field and a reason where the
// refusal has them.
func (f *Fake) Refuse(class string, status int, code, field, reason string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refusals[class] = append(f.refusals[class], refusal{status: status, code: code, message: "Request contains an invalid argument.", field: field, reason: reason})
}

// Revoke makes every token worthless.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.access)
	clear(f.refresh)
}

// Remove takes a post, a photo or an answer away.
func (f *Fake) Remove(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(name)
}

func (f *Fake) drop(name string) bool {
	found := false
	for _, it := range f.things {
		if it.name == name && !it.gone {
			it.gone, found = true, true
		}
	}
	if r := f.review(strings.TrimSuffix(name, "/reply")); r != nil && r.reply != nil && strings.HasSuffix(name, "/reply") {
		r.reply, found = nil, true
	}
	if found {
		f.Change(name, func(it *networkfake.Item) { it.Deleted = true })
	}
	return found
}

// Say lets a stranger review the location.
func (f *Fake) Say(author, text, stars string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := &review{name: f.id(PlaceName + "/reviews/review%06d"), author: author, text: text, stars: stars, at: f.now(), changed: f.now()}
	f.reviews = append(f.reviews, r)
	f.Add(networkfake.Item{ID: r.name, Account: author, Text: text, At: r.at})
	return r.name
}

// Rewrite lets a stranger change a review.
func (f *Fake) Rewrite(name, text, stars string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.review(name)
	r.text, r.stars, r.changed = text, stars, f.now()
}

// Answer lets the business answer a review in Google's own app.
func (f *Fake) Answer(name, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.review(name).reply = f.replied(text)
}

// Show sets a number of a day ("2026-03-01"); "" is a day without one.
func (f *Fake) Show(metric, day, value string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shown[metric] == nil {
		f.shown[metric] = map[string]string{}
	}
	f.shown[metric][day] = value
}

// Sent returns a post or a photo as it was sent; nil is none.
func (f *Fake) Sent(name string) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	if it := f.thing(name); it != nil {
		return it.doc
	}
	return nil
}

func (f *Fake) thing(name string) *thing {
	for _, it := range f.things {
		if it.name == name && !it.gone {
			return it
		}
	}
	return nil
}

func (f *Fake) review(name string) *review {
	for _, r := range f.reviews {
		if r.name == name && !r.gone {
			return r
		}
	}
	return nil
}

func (f *Fake) id(form string) string {
	f.n++
	return fmt.Sprintf(form, f.n)
}

func (f *Fake) now() time.Time { return f.o.Now().UTC().Truncate(time.Millisecond) }
