package discordfake

import (
	"strconv"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// What exists from the start.
const (
	Token      = "MTAwMDAwMDAwMDAwMDAwMDAx.Fake.TokenOfTheBrandBot_01234567890"
	BotID      = "100000000000000001"
	Guild      = "100000000000000010"
	Text       = "100000000000000011" // #general
	News       = "100000000000000012" // #news, an announcement channel
	Forum      = "100000000000000013" // #ideas, a forum
	Secret     = "100000000000000014" // #secret, where the bot may not write
	Voice      = "100000000000000015"
	Tag        = "100000000000000021" // of the forum
	OtherTag   = "100000000000000022"
	Hook       = "100000000000000031" // of Text
	HookToken  = "hook-token-0123456789-0123456789-0123456789"
	ForumHook  = "100000000000000032" // of Forum, with the same token
	Stranger   = "100000000000000041"
	Brand      = "brand" // what the ledger calls the bot and the webhooks
	nonceLife  = 5 * time.Minute
	memberRole = "100000000000000051"
	allNeeded  = 1<<10 | 1<<11 | 1<<14 | 1<<15 | 1<<16 | 1<<38
	epoch      = 1420070400000
)

// Options decide how the fake is run.
type Options struct {
	Tier      int              // the server's boosts
	Moderator bool             // the bot may delete messages and ban members
	Now       func() time.Time // default time.Now
	Address   string           // default a free port of the loopback interface
}

// Fake is the server. All methods are safe for concurrent use.
type Fake struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program

	o        Options
	mu       sync.Mutex
	seq      int64
	token    string
	hooks    map[string]string // webhook → channel
	channels map[string]*channel
	messages map[string]*message
	banned   map[string]bool
	nonces   map[string]nonce
	denied   map[string]bool // channels where the bot's rights were taken
	spec     *Judge
	faulty   []string
	calls    map[string]int
}

type channel struct {
	ID, Name, Parent, Owner, Last string
	Type                          int
	Count                         int64
	Tags                          []any
}

type message struct {
	id, channel string
	doc         map[string]any
	hook, gone  bool
	reacted     int64
	mine        bool // the bot's own reaction
	spread      bool
	thread      string
}

type nonce struct {
	id string
	at time.Time
}

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Fake{o: o, token: Token, hooks: map[string]string{Hook: Text, ForumHook: Forum}, channels: map[string]*channel{}, messages: map[string]*message{}, banned: map[string]bool{},
		nonces: map[string]nonce{}, denied: map[string]bool{}, calls: map[string]int{}}
	for _, c := range []channel{{ID: Text, Name: "general"}, {ID: News, Name: "news", Type: 5}, {ID: Secret, Name: "secret"}, {ID: Voice, Name: "lounge", Type: 2},
		{ID: Forum, Name: "ideas", Type: 15, Tags: []any{map[string]any{"id": Tag, "name": "Question", "moderated": false}, map[string]any{"id": OtherTag, "name": "Idea", "moderated": false}}}} {
		f.channels[c.ID] = &c
	}
	f.Faults = networkfake.NewProgram(o.Now)
	f.Faults.ResetHeader = resetHeader
	server, err := networkfake.Start(o.Address, f.routes(), &f.Ledger, f.Faults)
	if err != nil {
		return nil, err
	}
	f.Server = server
	return f, nil
}

// HookURL is the address of a webhook as Discord shows it.
func (f *Fake) HookURL(id string) string { return f.URL + "/api/webhooks/" + id + "/" + HookToken }

// id gives an id away as Discord does: milliseconds since 2015 and a number.
func (f *Fake) id() string {
	f.seq++
	return strconv.FormatInt((f.o.Now().UnixMilli()-epoch)<<22|f.seq&(1<<22-1), 10)
}

// Revoke makes the bot's token worthless and deletes the webhooks.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.token, f.hooks = "", map[string]string{}
}

// Deny takes the bot's rights in a channel away; Drop deletes a channel.
func (f *Fake) Deny(channel string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.denied[channel] = true
}

// Drop deletes a channel or a thread.
func (f *Fake) Drop(channel string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.channels, channel)
}

// Remove deletes a message as a moderator does.
func (f *Fake) Remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(id)
}

func (f *Fake) drop(id string) {
	if m := f.messages[id]; m != nil {
		m.gone = true
		f.Change(id, func(it *networkfake.Item) { it.Deleted = true })
	}
}

// Applaud lets readers react.
func (f *Fake) Applaud(id string, n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.messages[id].reacted += n
}

// Sent returns a message as it stands.
func (f *Fake) Sent(id string) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.messages[id] == nil {
		return nil
	}
	return f.show(f.messages[id])
}

// Demote takes away the bot's right to delete messages and to ban members.
func (f *Fake) Demote() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.o.Moderator = false
}

// Liked reports whether the bot reacted; Spread whether a message was published to followers; ThreadOf names the thread
// below a message.
func (f *Fake) Liked(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.messages[id].mine
}

// Spread reports whether a message was published to followers.
func (f *Fake) Spread(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.messages[id].spread
}

// ThreadName is what a thread is called, "" if there is none.
func (f *Fake) ThreadName(id string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c := f.channels[id]; c != nil {
		return c.Name
	}
	return ""
}

// Calls returns how often a class of call was made.
func (f *Fake) Calls(class string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[class]
}

// Violations lists requests that are not allowed.
func (f *Fake) Violations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.faulty...)
}
