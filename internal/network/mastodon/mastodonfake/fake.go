package mastodonfake

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// Options decide what server is played. The zero value is a present-day Mastodon.
type Options struct {
	Software   string           // "mastodon" (default), "gotosocial", "pleroma", "pixelfed"
	Version    string           // default by software
	IgnoreKey  bool             // Idempotency-Key is not honoured; always so for anything but Mastodon
	Characters int              // default 500, GoToSocial 5000
	AsyncMedia int              // how often a file is still processing when it is asked about
	Old        bool             // Mastodon 3.5: no /api/v2/instance, no OAuth description, no PKCE, no batches
	NoNodeInfo bool             // the server does not say what program it is
	Now        func() time.Time // default time.Now
	Address    string           // default a free port of the loopback interface
}

// Fake is the server. All methods are safe for concurrent use.
type Fake struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program

	o        Options
	mu       sync.Mutex
	n        int64
	people   map[string]*person // by id
	tokens   map[string]string  // token → account id
	codes    map[string]code
	apps     map[string]app
	files    map[string]*upload
	statuses []*status
	keys     map[string]sent
	notes    []note
	slow     *[]note         // notifications that have an id and are not stored yet
	pairs    map[string]bool // "mute 1 2", "block 1 2"
	spec     *Description
	faulty   []string // requests the description does not allow
	calls    map[string]int
}

type person struct {
	ID, Username, Name string
	Followers          int64
}

type sent struct {
	status string
	at     time.Time
}

// Classes are the kinds of calls that faults are set for.
var Classes = []string{"create", "edit", "delete", "upload", "poll", "read", "write", "token"}

// Brand is the account that is connected; it exists from the start. Its token is BrandToken.
const (
	Brand      = "brand"
	BrandToken = "token-of-the-brand"
)

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Software == "" {
		o.Software = "mastodon"
	}
	if o.Version == "" {
		o.Version = map[string]string{"mastodon": "4.5.1", "gotosocial": "0.19.2+git", "pleroma": "2.7.2 (compatible; Pleroma 2.9.1)", "pixelfed": "3.5.3 (compatible; Pixelfed 0.12.5)"}[o.Software]
	}
	if o.Characters == 0 {
		o.Characters = 500
		if o.Software != "mastodon" {
			o.Characters = 5000
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.IgnoreKey = o.IgnoreKey || o.Software != "mastodon"
	f := &Fake{o: o, people: map[string]*person{}, tokens: map[string]string{}, codes: map[string]code{}, apps: map[string]app{}, files: map[string]*upload{},
		keys: map[string]sent{}, pairs: map[string]bool{}, calls: map[string]int{}}
	f.Faults = networkfake.NewProgram(o.Now)
	f.Faults.ResetHeader = "X-RateLimit-Reset"
	f.tokens[BrandToken] = f.Person(Brand)
	server, err := networkfake.Start(o.Address, f.routes(), &f.Ledger, f.Faults)
	if err != nil {
		return nil, err
	}
	f.Server = server
	return f, nil
}

// Person makes an account, or finds it, and returns its id.
func (f *Fake) Person(username string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.person(username).ID
}

func (f *Fake) person(username string) *person {
	if p := f.named(username); p != nil {
		return p
	}
	p := &person{ID: f.id(), Username: username, Name: strings.ToUpper(username[:1]) + username[1:], Followers: 7}
	f.people[p.ID] = p
	return p
}

func (f *Fake) named(username string) *person {
	for _, p := range f.people {
		if strings.EqualFold(p.Username, username) {
			return p
		}
	}
	return nil
}

// id makes ids as the played server does: growing numbers, or text of one length.
func (f *Fake) id() string {
	f.n++
	if f.o.Software == "gotosocial" {
		return fmt.Sprintf("01FAKE%020d", f.n)
	}
	return strconv.FormatInt(94+f.n, 10) // soon grows from two digits to three, as real ids grow
}

// Say lets somebody write a status, with the given visibility, in answer to another one or to none ("").
func (f *Fake) Say(username, text, replyTo, visibility string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	st, refusal := f.write(f.person(username), draft{Text: text, ReplyTo: replyTo, Visibility: visibility}, "")
	if refusal != nil {
		panic("mastodonfake: " + refusal.reason)
	}
	return st.ID
}

// Stall holds notifications back from now on until store is called, as a busy server does: each has its id already, and
// after Resume others with greater ids are told before them.
func (f *Fake) Stall() (store func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	held := &[]note{}
	f.slow = held
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.notes = append(f.notes, *held...)
		*held = nil
	}
}

// Resume ends the stall for what comes next; what is held back stays so.
func (f *Fake) Resume() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slow = nil
}

// Favourite, Boost and Follow let somebody react to the brand.
func (f *Fake) Favourite(username, statusID string) { f.react("favourite", username, statusID) }

// Boost lets somebody boost a status.
func (f *Fake) Boost(username, statusID string) { f.react("reblog", username, statusID) }

// Follow lets somebody follow the brand.
func (f *Fake) Follow(username string) { f.react("follow", username, "") }

func (f *Fake) react(kind, username, statusID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	who := f.person(username)
	st := f.status(statusID)
	to := f.named(Brand).ID
	switch {
	case st != nil && kind == "favourite":
		st.Favourites[who.ID], to = true, st.Account
	case st != nil && kind == "reblog":
		st.Boosts[who.ID], to = true, st.Account
	case kind == "follow":
		f.people[to].Followers++
	}
	f.note(to, kind, who.ID, statusID)
}

// Remove takes a status away as a moderator does.
func (f *Fake) Remove(statusID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(statusID)
}

// Revoke makes every token worthless.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tokens = map[string]string{}
}

// Calls returns how often a class of call was made: "create", "upload", "poll", "read", "write", "token".
func (f *Fake) Calls(class string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[class]
}

// Violations lists requests that the API's description does not allow.
func (f *Fake) Violations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.faulty...)
}

// Muted and Blocked report whether the brand muted or blocked somebody.
func (f *Fake) Muted(username string) bool { return f.pair("mute", username) }

// Blocked reports whether the brand blocked somebody.
func (f *Fake) Blocked(username string) bool { return f.pair("block", username) }

// Reported reports whether the brand told the moderators of somebody.
func (f *Fake) Reported(username string) bool { return f.pair("report", username) }

func (f *Fake) pair(what, username string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pairs[what+" "+f.named(Brand).ID+" "+f.person(username).ID]
}
