package pinterestfake

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// Options decide what is played. The zero value is a business account of an app with standard access.
type Options struct {
	Unadvertised bool             // the account has no advertising account
	Processing   int              // how often a video is still processing when it is asked about
	Broken       bool             // videos cannot be processed
	Personal     bool             // the account is no business account
	Trial        bool             // tokens are granted without pins:write, as a person may choose
	Now          func() time.Time // default time.Now
	Address      string           // default a free port of the loopback interface
}

// Fake is the network. All methods are safe for concurrent use.
type Fake struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program

	o       Options
	mu      sync.Mutex
	n       int64
	access  map[string]bool // good access tokens
	refresh map[string]bool // good refresh tokens
	codes   map[string]string
	boards  []*board
	videos  map[string]*video
	pins    []*pin // in the order they were made
	calls   map[string]int
	faulty  []string
	check   func(*http.Request, []byte) []string
}

type board struct {
	ID, Name, Privacy string
	AdsOnly           bool
	Sections          []section
	Gone              bool
}

type section struct{ ID, Name string }

type video struct {
	Sent  bool
	Polls int
}

// Classes are the kinds of calls that faults are set for.
var Classes = []string{"create", "edit", "delete", "upload", "poll", "read", "token"}

// The account that is connected and the app it is connected through; they exist from the start.
const (
	Brand        = "brand"
	BrandID      = "549755885175"
	BrandToken   = "pina_token-of-the-brand"
	BrandRefresh = "pinr_refresh-of-the-brand"
	AppID        = "1234567"
	AppSecret    = "secret-of-the-app"
	Board        = "9001"
	OtherBoard   = "9002"
	Section      = "7001" // of Board
)

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Fake{o: o, access: map[string]bool{BrandToken: true}, refresh: map[string]bool{BrandRefresh: true}, codes: map[string]string{}, videos: map[string]*video{}, calls: map[string]int{},
		boards: []*board{
			{ID: Board, Name: "Spring", Privacy: "PUBLIC", Sections: []section{{Section, "Flowers"}, {"7002", "Trees"}}},
			{ID: OtherBoard, Name: "Summer", Privacy: "PUBLIC"},
			{ID: "9003", Name: "Ad-only Pins", Privacy: "PROTECTED", AdsOnly: true},
		}}
	f.Faults = networkfake.NewProgram(o.Now)
	f.Faults.ResetHeader, f.Faults.ResetIn = "X-RateLimit-Reset", true
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

// id makes ids of growing length, as real ones grow.
func (f *Fake) id() string {
	f.n++
	return strconv.FormatInt(94+f.n, 10)
}

// Revoke makes every token worthless.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.access, f.refresh = map[string]bool{}, map[string]bool{}
}

// Remove takes a pin away as a moderator does.
func (f *Fake) Remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(id)
}

// RemoveBoard deletes a board with its pins.
func (f *Fake) RemoveBoard(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range f.boards {
		b.Gone = b.Gone || b.ID == id
	}
	for _, p := range f.pins {
		if p.Board == id {
			f.drop(p.ID)
		}
	}
}

func (f *Fake) board(id string) *board {
	for _, b := range f.boards {
		if b.ID == id && !b.Gone {
			return b
		}
	}
	return nil
}

// Calls returns how often a class of call was made.
func (f *Fake) Calls(class string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[class]
}

// Pin returns what the fake keeps of a pin.
func (f *Fake) Pin(id string) (Pin, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.pin(id); p != nil {
		return p.Pin, true
	}
	return Pin{}, false
}

// Violations lists requests that the API does not allow.
func (f *Fake) Violations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.faulty...)
}
