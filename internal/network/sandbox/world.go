package sandbox

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Item is one post, reply or message in the world.
type Item struct {
	ID       string              `json:"id"`
	Key      string              `json:"key"`
	Account  string              `json:"account"` // whose account it is, or whose it is about
	Author   string              `json:"author"`  // account id, or a person of the public
	Kind     network.MessageKind `json:"kind"`    // "" for a post of an account
	Text     string              `json:"text"`
	ReplyTo  string              `json:"reply_to,omitempty"`
	Root     string              `json:"root,omitempty"`
	Media    int                 `json:"media,omitempty"`
	At       time.Time           `json:"at"`
	Removed  bool                `json:"removed,omitempty"`
	Likes    int64               `json:"likes"`
	Shares   int64               `json:"shares"`
	Comments int64               `json:"comments"`
	Saves    int64               `json:"saves"`
	Shown    int64               `json:"shown"`
	Reach    int64               `json:"reach"`
	Appeal   float64             `json:"appeal"` // how well the public takes it, 0.3 … 2.5
	Liked    bool                `json:"liked,omitempty"`
	Hidden   bool                `json:"hidden,omitempty"`
}

// Account is one account of the world that can be connected.
type Account struct {
	ID        string `json:"id"`
	Handle    string `json:"handle"`
	Name      string `json:"name"`
	Followers int64  `json:"followers"`
}

// Visit is one follow of a link by somebody of the public.
type Visit struct {
	URL       string
	UserAgent string
	Address   string // of the documentation ranges: nobody real
	Buys      bool   // this visitor buys after reading
	At        time.Time
	Item      string
}

// Fault makes the network misbehave, to show and test what happens then.
type Fault string

const (
	Well       Fault = ""
	Limited    Fault = "rate_limit"
	Down       Fault = "outage"
	LostAnswer Fault = "lost_answer" // the post is made and its answer is lost
	Revoked    Fault = "revoked"
)

// state is what is kept of a world.
type state struct {
	Accounts map[string]*Account `json:"accounts"`
	Items    []*Item             `json:"items"`
	Seq      int                 `json:"seq"`
	Lived    time.Time           `json:"lived"`
	Muted    map[string]bool     `json:"muted"`
}

// World is the simulated public and the accounts it sees.
type World struct {
	mu     sync.Mutex
	s      state
	byID   map[string]*Item
	byKey  map[string]*Item
	own    map[string][]*Item // an account's own items, oldest first
	heard  map[string][]*Item // what people said to an account, in order of arrival
	clock  func() time.Time
	speed  float64 // how many times faster than real time the public lives
	rng    *rand.Rand
	faults map[string]Fault
	quiet  bool // no public: nothing happens by itself
	dirty  bool
}

// NewWorld makes an empty world that lives by clock. The same seed and calls give the same world.
func NewWorld(seed uint64, clock func() time.Time) *World {
	w := &World{clock: clock, speed: 1, rng: rand.New(rand.NewPCG(seed, 20270328)), faults: map[string]Fault{}}
	w.reset(state{Accounts: map[string]*Account{}, Muted: map[string]bool{}})
	return w
}

// Quiet makes a world without a public: for benchmarks and tests of publishing alone.
func (w *World) Quiet() *World { w.quiet = true; return w }

// Faster lets the public live n times faster than real time: what takes it five hours takes five hours ÷ n.
func (w *World) Faster(n int) *World { w.speed = float64(max(n, 1)); return w }

func (w *World) reset(s state) {
	if s.Accounts == nil {
		s.Accounts = map[string]*Account{}
	}
	if s.Muted == nil {
		s.Muted = map[string]bool{}
	}
	w.s, w.byID, w.byKey, w.own, w.heard = s, map[string]*Item{}, map[string]*Item{}, map[string][]*Item{}, map[string][]*Item{}
	for _, it := range s.Items {
		w.index(it)
	}
}

func (w *World) index(it *Item) {
	w.byID[it.ID] = it
	if it.Key != "" {
		w.byKey[it.Key] = it
	}
	if it.Author == it.Account {
		w.own[it.Account] = append(w.own[it.Account], it)
	} else {
		w.heard[it.Account] = append(w.heard[it.Account], it)
	}
}

// Save returns the world as bytes, nil when nothing changed since the last Save.
func (w *World) Save() ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.dirty {
		return nil, nil
	}
	w.dirty = false
	return json.Marshal(w.s)
}

// Load takes a saved world.
func (w *World) Load(raw []byte) error {
	var s state
	if err := json.Unmarshal(raw, &s); err != nil {
		return fmt.Errorf("read the sandbox world: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reset(s)
	return nil
}

// AddAccount makes an account that can be connected; the same handle again changes nothing.
func (w *World) AddAccount(handle, name string, followers int64) Account {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := "acct-" + handle
	if w.s.Accounts[id] == nil {
		w.s.Accounts[id] = &Account{ID: id, Handle: handle, Name: name, Followers: followers}
		w.dirty = true
	}
	return *w.s.Accounts[id]
}

// Accounts lists the world's accounts by handle.
func (w *World) Accounts() []Account {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Account
	for _, a := range w.s.Accounts {
		out = append(out, *a)
	}
	slices.SortFunc(out, func(a, b Account) int { return cmpString(a.Handle, b.Handle) })
	return out
}

func cmpString(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Misbehave sets what happens to the next calls of an account, until Well.
func (w *World) Misbehave(accountID string, f Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults[accountID] = f
}

// faulty answers a call of a misbehaving account.
func (w *World) faulty(accountID string) error {
	switch w.faults[accountID] {
	case Limited:
		return &fault.Error{Kind: fault.Later, Code: "rate_limited", Message: "the sandbox allows no more calls right now", RetryAt: w.clock().Add(2 * time.Minute)}
	case Down:
		return &fault.Error{Kind: fault.Later, Code: "outage", Message: "the sandbox is not reachable"}
	case Revoked:
		return fault.Wrap(fault.Unauthorised, nil, "the sandbox no longer accepts this connection")
	}
	return nil
}

// publish makes an own item once per key.
func (w *World) publish(accountID, key, text, replyTo string, media int, kind network.MessageKind, at time.Time) (*Item, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.faulty(accountID); err != nil {
		return nil, err
	}
	if w.s.Accounts[accountID] == nil {
		return nil, fault.Wrap(fault.Unauthorised, nil, "the sandbox has no such account")
	}
	it := w.byKey[key]
	if it == nil {
		it = &Item{Key: key, Account: accountID, Author: accountID, Kind: kind, Text: text, ReplyTo: replyTo, Media: media, At: at, Appeal: appeal(key)}
		w.add(it)
		if parent := w.byID[replyTo]; parent != nil {
			it.Root = root(parent)
			parent.Comments++
		}
	}
	if w.faults[accountID] == LostAnswer {
		w.faults[accountID] = Well
		return nil, fault.Wrap(fault.Unknown, nil, "the sandbox broke the connection before it answered")
	}
	return it, nil
}

func root(it *Item) string {
	if it.Root != "" {
		return it.Root
	}
	return it.ID
}

func (w *World) add(it *Item) {
	w.s.Seq++
	it.ID = fmt.Sprintf("sb-%06d", w.s.Seq)
	w.s.Items = append(w.s.Items, it)
	w.index(it)
	w.dirty = true
}

// appeal is how well the public takes an item, from its key alone: stable, skewed, between 0.3 and 2.5.
func appeal(key string) float64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	r := rand.New(rand.NewPCG(h.Sum64(), 7))
	return min(2.5, 0.3+r.ExpFloat64()*0.6)
}
