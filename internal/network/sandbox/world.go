package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Item is one post, reply, message or reaction in the world.
type Item struct {
	ID       string              `json:"id"`
	Key      string              `json:"key,omitempty"`
	Account  string              `json:"account"`        // whose account it is, or whose it is about
	Author   string              `json:"author"`         // account id, or a person of the public
	Kind     network.MessageKind `json:"kind,omitempty"` // "" for a post of an account; for reactions "like", "share", "follow"
	Text     string              `json:"text,omitempty"`
	ReplyTo  string              `json:"reply_to,omitempty"`
	Root     string              `json:"root,omitempty"`
	Media    int                 `json:"media,omitempty"`
	Seen     string              `json:"seen_by,omitempty"` // "" = everyone
	Poll     []string            `json:"poll,omitempty"`
	Votes    []int64             `json:"votes,omitempty"`
	At       time.Time           `json:"at"`
	Removed  bool                `json:"removed,omitempty"`
	Likes    int64               `json:"likes,omitempty"`
	Shares   int64               `json:"shares,omitempty"`
	Comments int64               `json:"comments,omitempty"`
	Saves    int64               `json:"saves,omitempty"`
	Shown    int64               `json:"shown,omitempty"`
	Reach    int64               `json:"reach,omitempty"`
	Appeal   float64             `json:"appeal,omitempty"` // how well the public takes it, 0.3 … 2.5
	Liked    bool                `json:"liked,omitempty"`
	Hidden   bool                `json:"hidden,omitempty"`
	Film     bool                `json:"film,omitempty"`    // has a video
	Story    bool                `json:"story,omitempty"`   // is shown for a day
	Thanked  bool                `json:"thanked,omitempty"` // an answer its reader reacted to, or never will

	n int // place in the world
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
	LostAnswer Fault = "lost_answer" // the next post is made and its answer is lost
	Revoked    Fault = "revoked"
)

// state is what is kept of a world beside its items.
type state struct {
	Accounts map[string]*Account `json:"accounts"`
	Items    []*Item             `json:"items,omitempty"`
	Seq      int                 `json:"seq"`
	Lived    time.Time           `json:"lived"`
	Muted    map[string]bool     `json:"muted"`
}

// World is the simulated public and the accounts it sees. It is safe for concurrent use.
type World struct {
	mu      sync.Mutex
	s       state
	byID    map[string]*Item
	byKey   map[string]*Item
	own     map[string][]*Item // an account's own items, oldest first
	heard   map[string][]*Item // what people said and did to an account, in order of arrival
	clock   func() time.Time
	speed   float64 // how many times faster than real time the public lives
	rng     *rand.Rand
	faults  map[string]Fault
	quiet   bool // no public: nothing happens by itself
	dirty   bool
	changed map[int]bool // parts of the items that changed
	said    map[string]bool
}

// NewWorld makes an empty world that lives by clock. The same seed and calls give the same world.
func NewWorld(seed uint64, clock func() time.Time) *World {
	w := &World{clock: clock, speed: 1, rng: rand.New(rand.NewPCG(seed, 20270328)), faults: map[string]Fault{}}
	w.reset(state{})
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
	w.changed, w.said = map[int]bool{}, map[string]bool{}
	for n, it := range s.Items {
		it.n = n
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

// perPart is how many items one part holds.
const perPart = 500

// Changed returns the parts of the world that changed since the last call, by name: keep each under its name.
func (w *World) Changed() (map[string][]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	parts := map[string][]byte{}
	write := func(name string, v any) error {
		raw, err := json.Marshal(v)
		parts[name] = raw
		return err
	}
	for n := range w.changed {
		items := w.s.Items[n*perPart : min((n+1)*perPart, len(w.s.Items))]
		if err := write(fmt.Sprintf("items-%06d", n), items); err != nil {
			return nil, fmt.Errorf("write part %d of the sandbox world: %w", n, err)
		}
	}
	if w.dirty {
		without := w.s
		without.Items = nil
		if err := write("world", without); err != nil {
			return nil, fmt.Errorf("write the sandbox world: %w", err)
		}
	}
	w.dirty, w.changed = false, map[int]bool{}
	return parts, nil
}

// Load takes up a world from the parts that Changed handed out.
func (w *World) Load(parts map[string][]byte) error {
	var s state
	if raw := parts["world"]; raw != nil {
		if err := json.Unmarshal(raw, &s); err != nil {
			return fmt.Errorf("read the sandbox world: %w", err)
		}
	}
	var names []string
	for name := range parts {
		if strings.HasPrefix(name, "items-") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		var items []*Item
		if err := json.Unmarshal(parts[name], &items); err != nil {
			return fmt.Errorf("read the part %s of the sandbox world: %w", name, err)
		}
		s.Items = append(s.Items, items...)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reset(s)
	return nil
}

// touch marks an item as changed.
func (w *World) touch(it *Item) { w.changed[it.n/perPart], w.dirty = true, true }

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
	slices.SortFunc(out, func(a, b Account) int { return cmp.Compare(a.Handle, b.Handle) })
	return out
}

// Past puts a post into the world as if it had been published then, with what the public did to it since.
func (w *World) Past(accountID, id, words string, at time.Time, done network.Values) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.s.Accounts[accountID] == nil || w.byID[id] != nil {
		return
	}
	w.add(&Item{ID: id, Account: accountID, Author: accountID, Text: words, At: at, Appeal: appeal(id), Likes: done["M-LIKE"], Shares: done["M-SHARE"],
		Comments: done["M-COMM"], Saves: done["M-SAVE"], Shown: done["M-IMPR"], Reach: done["M-REACH"], Film: done["M-VVIEW"] > 0})
}

// Ledger lists what an account has published and not removed, oldest first, however its network misbehaves: the truth
// that tests compare with.
func (w *World) Ledger(accountID string) (out []Item) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, it := range w.own[accountID] {
		if !it.Removed {
			out = append(out, *it)
		}
	}
	return out
}

// Misbehave sets what happens to the next calls of an account, until Well.
func (w *World) Misbehave(accountID string, f Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults[accountID] = f
}

// faulty answers a call of a misbehaving account, and of one that is not there.
func (w *World) faulty(accountID string) error {
	switch w.faults[accountID] {
	case Limited:
		return &fault.Error{Kind: fault.Later, Code: "rate_limited", Message: "the sandbox allows no more calls right now", RetryAt: w.clock().Add(2 * time.Minute)}
	case Down:
		return &fault.Error{Kind: fault.Later, Code: "outage", Message: "the sandbox is not reachable"}
	case Revoked:
		return fault.Wrap(fault.Unauthorised, nil, "the sandbox no longer accepts this connection").WithHint("Reconnect the channel.")
	}
	if w.s.Accounts[accountID] == nil {
		return fault.Wrap(fault.Unauthorised, nil, "the sandbox has no such account").WithHint("Reconnect the channel.")
	}
	return nil
}

// publish makes an own item once per key.
func (w *World) publish(it Item) (*Item, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.faulty(it.Account); err != nil {
		return nil, err
	}
	made := w.byKey[it.Key]
	if made == nil {
		if parent := w.byID[it.ReplyTo]; it.ReplyTo != "" && parent != nil && parent.Removed {
			return nil, fault.Rejectedf("what this answers is gone")
		}
		made = w.make(it)
	}
	if w.faults[it.Account] == LostAnswer {
		w.faults[it.Account] = Well
		return nil, fault.Wrap(fault.Unknown, nil, "the sandbox broke the connection before it answered")
	}
	return made, nil
}

// make adds an own item, below what it answers.
func (w *World) make(it Item) *Item {
	made := &it
	made.Author, made.Appeal = it.Account, appeal(it.Key)
	if made.Media > 0 || len(made.Poll) > 0 {
		made.Appeal *= 1.25
	}
	made.Votes = slices.Repeat([]int64{0}, len(made.Poll))
	w.add(made)
	if parent := w.byID[it.ReplyTo]; parent != nil {
		made.Root = root(parent)
		parent.Comments++
		w.touch(parent)
	}
	return made
}

func root(it *Item) string { return cmp.Or(it.Root, it.ID) }

func (w *World) add(it *Item) {
	w.s.Seq++
	if it.ID == "" {
		it.ID = "sb-" + short(cmp.Or(it.Key, fmt.Sprint(w.s.Seq, it.Account, it.Author, it.At.UnixNano(), it.Text)))
	}
	it.n = len(w.s.Items)
	w.s.Items = append(w.s.Items, it)
	w.index(it)
	w.touch(it)
}

// short is a name for something, the same for the same thing: after a crash no other post gets the name of a lost one.
func short(of string) string {
	sum := sha256.Sum256([]byte(of))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}

// item finds an item, and puts one back that a crash took from the world and its author still remembers.
func (w *World) item(accountID string, r network.Remote) *Item {
	it := w.byID[r.ID]
	if it == nil && r.Data["key"] != "" && r.ID == "sb-"+short(r.Data["key"]) && w.s.Accounts[accountID] != nil {
		at, _ := time.Parse(time.RFC3339Nano, r.Data["at"])
		it = w.make(Item{Key: r.Data["key"], Account: accountID, Text: r.Data["text"], ReplyTo: r.Data["reply_to"], At: at})
	}
	return it
}

// appeal is how well the public takes an item, from its key alone: stable, skewed, between 0.3 and 2.5.
func appeal(key string) float64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	r := rand.New(rand.NewPCG(h.Sum64(), 7))
	return min(2.5, 0.3+r.ExpFloat64()*0.6)
}
