package nostrfake

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
)

// Options decide what relay is played. The zero value is an open relay.
type Options struct {
	Characters int              // of an event's content, default 8196
	Page       int              // events in one answer at most, default 40
	Auth       bool             // nobody reads or writes without signing in (NIP-42)
	NoCount    bool             // COUNT is not known
	NoInfo     bool             // the relay does not describe itself
	Search     bool             // search is known (NIP-50)
	Now        func() time.Time // default time.Now
	Address    string           // default a free port of the loopback interface
}

// Fake is the relay. All methods are safe for concurrent use.
type Fake struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program

	o      Options
	mu     sync.Mutex
	n      int
	events []wire.Event
	gone   map[string]bool // ids of deleted events
	keys   map[string]wire.Key
	files  map[string]int // size by digest
	locked bool
	spec   *Schemas
	calls  map[string]int
	faulty []string
}

// The brand's key; its public one is Brand's.
const (
	Brand    = "brand"
	BrandKey = "67dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffa"
)

// Classes are the kinds of calls that faults are set for.
var Classes = []string{"create", "edit", "delete", "write", "upload", "read"}

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Characters == 0 {
		o.Characters = 8196
	}
	if o.Page == 0 {
		o.Page = 40
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Fake{o: o, gone: map[string]bool{}, keys: map[string]wire.Key{}, files: map[string]int{}, calls: map[string]int{}}
	f.Faults = networkfake.NewProgram(o.Now)
	var err error
	if f.keys[Brand], err = wire.ReadKey(BrandKey); err != nil {
		return nil, err
	}
	server, err := networkfake.Start(o.Address, http.HandlerFunc(f.serve), &f.Ledger, f.Faults)
	if err != nil {
		return nil, err
	}
	f.Server = server
	return f, nil
}

// Relay is the relay's address.
func (f *Fake) Relay() string { return "ws" + strings.TrimPrefix(f.URL, "http") }

// Key is somebody's public key; who is new gets one.
func (f *Fake) Key(name string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.key(name).Public()
}

func (f *Fake) key(name string) wire.Key {
	k, ok := f.keys[name]
	if !ok {
		var err error
		if k, err = wire.ReadKey(fmt.Sprintf("%064x", 4711+len(f.keys))); err != nil {
			panic("nostrfake: " + err.Error())
		}
		f.keys[name] = k
	}
	return k
}

// Write lets somebody publish an event with this content and these tags now, and returns it.
func (f *Fake) Write(name string, kind int, content string, tags ...[]string) wire.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.write(name, kind, f.o.Now().Unix(), content, tags...)
}

// WriteAt is Write with another second than now's.
func (f *Fake) WriteAt(name string, at time.Time, kind int, content string, tags ...[]string) wire.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.write(name, kind, at.Unix(), content, tags...)
}

func (f *Fake) write(name string, kind int, at int64, content string, tags ...[]string) wire.Event {
	f.n++
	if kind == wire.KindNote || kind == wire.KindReaction {
		tags = append(tags, []string{"nonce", fmt.Sprint(f.n), "0"})
	}
	e, err := f.key(name).Sign(wire.Event{Kind: kind, CreatedAt: at, Content: content, Tags: tags})
	if err != nil {
		panic("nostrfake: " + err.Error())
	}
	f.keep(e, name)
	return e
}

// Say lets somebody write to the brand: a mention, or an answer to one of its events, by its id or address.
func (f *Fake) Say(name, text, on string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	me := f.keys[Brand].Public()
	now := f.o.Now().Unix()
	if on == "" {
		return f.write(name, wire.KindNote, now, text, []string{"p", me}).ID
	}
	e := f.find(on)
	switch {
	case e == nil:
		panic("nostrfake: there is no event " + on)
	case e.Kind == wire.KindNote:
		root := e.ID
		for _, t := range e.Tags {
			if len(t) > 3 && t[0] == "e" && t[3] == "root" {
				root = t[1]
			}
		}
		return f.write(name, wire.KindNote, now, text, []string{"e", root, "", "root"}, []string{"e", e.ID, "", "reply"}, []string{"p", me}).ID
	}
	scope := [][]string{{"E", e.ID, "", e.PubKey}, {"K", fmt.Sprint(e.Kind)}, {"P", e.PubKey}, {"e", e.ID, "", e.PubKey}, {"k", fmt.Sprint(e.Kind)}, {"p", me}}
	if a := e.Address(); a != "" {
		scope = append([][]string{{"A", a, "", e.PubKey}, {"a", a, "", e.PubKey}}, scope[1:]...)
	}
	return f.write(name, wire.KindComment, now, text, scope...).ID
}

// find returns an event by id or address.
func (f *Fake) find(id string) *wire.Event {
	for i := range f.events {
		if f.events[i].ID == id || f.events[i].RemoteID() == id {
			return &f.events[i]
		}
	}
	return nil
}

// Event returns an event by its id or address; false when there is none.
func (f *Fake) Event(id string) (wire.Event, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e := f.find(id); e != nil {
		return *e, true
	}
	return wire.Event{}, false
}

// Events returns all events of a kind, in the order they came.
func (f *Fake) Events(kind int) (out []wire.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.events {
		if e.Kind == kind {
			out = append(out, e)
		}
	}
	return out
}

// Remove takes an event away as the relay's operator does.
func (f *Fake) Remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(id)
}

func (f *Fake) drop(id string) {
	f.events = slices.DeleteFunc(f.events, func(e wire.Event) bool {
		if e.ID != id && e.RemoteID() != id {
			return false
		}
		f.gone[e.ID] = true
		f.Change(e.RemoteID(), func(it *networkfake.Item) { it.Deleted = true })
		return true
	})
}

// Revoke shuts the brand out, from the relay and from the media server.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.locked = true
}

// Has reports whether the media server keeps a file.
func (f *Fake) Has(sha256 string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.files[sha256] > 0
}

// Calls returns how often a class of call was made.
func (f *Fake) Calls(class string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[class]
}

// Describe has every event that arrives checked against the published schemas.
func (f *Fake) Describe(s *Schemas) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.spec = s
}

// Violations lists what the specification does not allow.
func (f *Fake) Violations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.faulty)
}

// Keep stores an event that was published elsewhere, as relays that exchange events do.
func (f *Fake) Keep(e wire.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keep(e, e.PubKey)
}
