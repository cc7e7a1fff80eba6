package networktest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Fake is the network's servers, played. The methods of networkfake.Program and Ledger fit most of them.
type Fake interface {
	Next(class string, faults ...networkfake.Fault) // "create" is the public call, "upload" a file, "read" any look
	OnHold(do func())
	Release()
	Items() []networkfake.Item
	Revoke()          // no token is good any more
	Remove(id string) // as a moderator does
	// Say lets a stranger write to the account and returns the item's id; on is our item for a comment, else "".
	Say(kind network.MessageKind, text, on string) string
}

// World is one network with one account at one fake.
type World struct {
	Network network.Network
	Session network.Session
	Fake    Fake
	Clock   *Clock
	Account string // what the ledger calls the account
	// OwnLimit is the fault that names the time of a rate limit in the network's own header, if it has one.
	OwnLimit networkfake.Fault
	// Plays lists the faults the fake can play; nil is all of them.
	Plays []networkfake.Fault
	// Settings go into every draft.
	Settings map[string]string
	// Complete adds what every post of the network must have beyond its text: a picture, a setting of its own.
	Complete func(*network.Draft)
	// File makes a file the network takes, with a description; nil is Picture.
	File func(alt string) network.Media
	// Address is where the network may fetch every file; "" is an address that nobody fetches.
	Address string
	// Undeletable says that this way of signing in cannot delete, though the network can.
	Undeletable bool
	// Hears lists the kinds of messages that strangers can write; nil is comments, mentions and direct messages.
	Hears []network.MessageKind
	// Hook returns a call of the network's that it signed itself and that says that the account has news; nil is a
	// network that does not call.
	Hook func() network.Webhook
	// Unchangeable says that what these drafts make cannot be edited, although the network has other things that can:
	// PlanEdit must say so.
	Unchangeable bool
	// FilesInPost says that files travel with the public call, so that there is no upload that could fail by itself.
	FilesInPost bool
	// NoComment says that this account cannot have a first comment, though its network can.
	NoComment bool
	// ToldOnly says that the network tells an item's numbers as news (Batch.Measured) and cannot be asked for them.
	ToldOnly bool
	// Unable lists acts that this account cannot carry out, though its network offers them: the call must be refused.
	Unable []network.Act
	// Past is how many messages a stranger wrote before the channel was connected, for networks that read their history;
	// 0 is 130, more than one page of any network.
	Past int
	// Unread says that the network tells nothing of this account's public, though it does of others: it must say so.
	Unread bool
	// Rules are limits beyond the text's length: a draft that is n over (1), at (0) or under (−1) the limit.
	Rules []Rule

	already int // items that were live before the run that is judged
}

// Rule is one limit and the code of the problem that names it.
type Rule struct {
	Name, Code string
	Draft      func(n int) network.Draft
}

// Harness makes a fresh world for every test; what it starts it ends by t.Cleanup.
type Harness func(t *testing.T) *World

// Clock is a clock that moves when it is told to. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at a fixed instant.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

// Now returns the clock's instant.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Client is an outgoing client that may reach the fakes on this machine and dates answers by the clock.
func Client(t testing.TB, clock *Clock) *safehttp.Client {
	p := safehttp.Policy{Allow: safehttp.MustAllow("127.0.0.1", "localhost")}
	if clock != nil {
		p.Now = clock.Now
	}
	c := safehttp.New(p)
	t.Cleanup(c.CloseIdle)
	return c
}

var drafts struct {
	sync.Mutex
	n int
}

// Draft returns a draft of the given parts with a key of its own.
func (w *World) Draft(texts ...string) network.Draft {
	drafts.Lock()
	drafts.n++
	key := fmt.Sprintf("dlv_%06d", drafts.n)
	drafts.Unlock()
	d := network.Draft{Key: key, Language: "en", Settings: w.Settings, At: w.Clock.Now()}
	for _, text := range texts {
		d.Parts = append(d.Parts, network.Part{Text: text})
	}
	if w.Complete != nil {
		w.Complete(&d)
	}
	return d
}

func (w *World) hears(k network.MessageKind) bool {
	return w.Hears == nil || slices.Contains(w.Hears, k)
}

// stranger returns what lets a stranger write to the account, in the first way the network has.
func (w *World) stranger(t *testing.T) (kind network.MessageKind, say func(text string) string) {
	t.Helper()
	if w.hears(network.Mention) {
		return network.Mention, func(text string) string { return w.Fake.Say(network.Mention, text, "") }
	}
	if w.hears(network.Comment) {
		on := w.publish(t, w.Draft("What do you think?")).RemoteID
		return network.Comment, func(text string) string { return w.Fake.Say(network.Comment, text, on) }
	}
	if len(w.Hears) == 0 {
		t.Skip("nobody can write to the account")
	}
	return w.Hears[0], func(text string) string { return w.Fake.Say(w.Hears[0], text, "") }
}

func (w *World) plays(f networkfake.Fault) bool {
	return f == networkfake.OK || w.Plays == nil || slices.Contains(w.Plays, f)
}

// needs skips a test of faults the fake cannot play.
func (w *World) needs(t *testing.T, faults ...networkfake.Fault) {
	t.Helper()
	for _, f := range faults {
		if !w.plays(f) {
			t.Skipf("the fake does not play %s", f)
		}
	}
}

func (w *World) live() []networkfake.Item { return networkfake.Of(w.Fake.Items(), w.Account) }

func (w *World) publisher(t *testing.T) network.Publisher {
	t.Helper()
	p, ok := w.Network.(network.Publisher)
	if !ok {
		t.Skip("publishes nothing")
	}
	return p
}

// plan returns the steps of a draft that must have none but small problems.
func (w *World) plan(t *testing.T, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := w.publisher(t).Plan(d, w.Session.Account)
	for _, p := range problems {
		if p.Level == network.Error {
			t.Fatalf("a sample draft is refused: %s", p.Message)
		}
	}
	if len(steps) == 0 {
		t.Fatal("a draft without errors has no steps")
	}
	return steps
}

func (w *World) file(alt string) network.Media {
	if w.File == nil {
		return Picture(alt)
	}
	return w.File(alt)
}

// public returns the last step that makes something public.
func public(steps []network.Step) network.Step {
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].Public {
			return steps[i]
		}
	}
	return steps[len(steps)-1]
}

// ready plans a draft and carries out what comes before its last public step, where nothing misbehaves: that step may
// need it (an upload session, a container).
func (w *World) ready(t *testing.T, d network.Draft) (network.Step, network.Outcomes) {
	t.Helper()
	steps := w.plan(t, d)
	last := public(steps)
	before := steps[:slices.IndexFunc(steps, func(s network.Step) bool { return s.Name == last.Name })]
	r := w.run(t.Context(), before)
	if len(before) > 0 && r.state != accepted {
		t.Fatalf("what comes before step %s ended %s: %v", last.Name, r.state, r.err)
	}
	return last, r.outcomes
}

// publish carries a draft out where nothing misbehaves and returns the public step's outcome.
func (w *World) publish(t *testing.T, d network.Draft) network.Outcome {
	t.Helper()
	r := w.run(t.Context(), w.plan(t, d))
	if r.state != accepted {
		t.Fatalf("publishing ended %s: %v", r.state, r.err)
	}
	return r.main()
}

// call runs one network call that is given up as soon as the fake withholds its answer.
func (w *World) call(ctx context.Context, do func(context.Context)) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.Fake.OnHold(cancel)
	defer w.Fake.OnHold(nil)
	do(ctx)
}
