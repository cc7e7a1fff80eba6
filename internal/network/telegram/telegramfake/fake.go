package telegramfake

import (
	"strconv"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// The bot and the chats that exist from the start. The bot is administrator of all of them.
const (
	Token      = "123456789:AAFakeTokenOfTheBrandBot_0123456789"
	BotID      = 123456789
	BotName    = "brand_bot"
	Brand      = "brand"        // what the ledger calls the bot
	Channel    = -1001000000001 // @brand_channel, with the discussion group
	Discussion = -1001000000002 // of Channel
	Quiet      = -1001000000003 // a private channel without a discussion group
	Group      = -1001000000004 // @brand_group
	Upgraded   = -1001000000005 // what Basic becomes
	Basic      = -5000          // a basic group
	Foreign    = -1001000000006 // @foreign_channel, where the bot is nobody
	Stranger   = 501            // a person, and their private chat with the bot
	day        = 24 * time.Hour // how long updates are kept
)

// Options decide how the fake is run.
type Options struct {
	Webhook bool             // another program has set a webhook: updates cannot be asked for
	Slow    int              // how often updates are asked for before the copy of a post is among them
	Now     func() time.Time // default time.Now
	Address string           // default a free port of the loopback interface
}

// Fake is the server. All methods are safe for concurrent use.
type Fake struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program

	o        Options
	mu       sync.Mutex
	chats    map[int64]*chat
	updates  []update
	lastID   int64
	allowed  []string
	token    string
	upgraded bool
	pinned   map[int64]int64
	reacted  map[string]string
	banned   map[string]string
	spec     *Description
	faulty   []string // calls the documentation does not allow
	calls    map[string]int
}

type chat struct {
	ID                    int64
	Type, Title, Username string
	Linked                int64
	Status                string // of the bot
	Members               int64
	n                     int64
	messages              map[int64]*sent
}

// sent is a message that exists.
type sent struct {
	doc   map[string]any
	first int64 // of its album
	bot   bool
	said  string // what of it an edit compares
}

type update struct {
	id int64
	at time.Time
	as string
	in map[string]any
	// hidden counts the times it is still left out.
	hidden int
}

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Fake{o: o, chats: map[int64]*chat{}, token: Token, lastID: 8000, pinned: map[int64]int64{}, reacted: map[string]string{}, banned: map[string]string{}, calls: map[string]int{}}
	for _, c := range []chat{
		{ID: Channel, Type: "channel", Title: "The Brand", Username: "brand_channel", Linked: Discussion, Members: 1200},
		{ID: Discussion, Type: "supergroup", Title: "The Brand's Readers", Members: 300, Linked: Channel},
		{ID: Quiet, Type: "channel", Title: "Quiet Corner", Members: 40},
		{ID: Group, Type: "supergroup", Title: "The Brand's Group", Username: "brand_group", Members: 60},
		{ID: Basic, Type: "group", Title: "Small Group", Members: 5},
		{ID: Upgraded, Type: "supergroup", Title: "Small Group", Members: 5},
		{ID: Foreign, Type: "channel", Title: "Somebody Else", Username: "foreign_channel", Members: 9, Status: "left"},
		{ID: Stranger, Type: "private", Username: "stranger", Members: 2},
	} {
		c.messages, c.n = map[int64]*sent{}, 94 // soon grows from two digits to three
		if c.Status == "" {
			c.Status = "administrator"
		}
		f.chats[c.ID] = &c
	}
	f.Faults = networkfake.NewProgram(o.Now)
	f.Faults.ResetHeader = resetHeader
	server, err := networkfake.Start(o.Address, f, &f.Ledger, f.Faults)
	if err != nil {
		return nil, err
	}
	f.Server = server
	return f, nil
}

// Ref is how a message is named in the ledger.
func Ref(chat, message int64) string {
	return strconv.FormatInt(chat, 10) + ":" + strconv.FormatInt(message, 10)
}

// Revoke makes the token worthless, as /revoke does.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.token = ""
}

// Kick takes the bot out of a chat; Admit makes it an administrator again.
func (f *Fake) Kick(chat int64) { f.place(chat, "kicked") }

// Admit makes the bot an administrator of a chat.
func (f *Fake) Admit(chat int64) { f.place(chat, "administrator") }

func (f *Fake) place(chat int64, status string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.chats[chat].Status = status
}

// Upgrade makes the basic group a supergroup with another number.
func (f *Fake) Upgrade() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.upgraded = true
}

// Remove deletes a message as another administrator does.
func (f *Fake) Remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.chats {
		for n := range c.messages {
			if Ref(c.ID, n) == id {
				delete(c.messages, n)
			}
		}
	}
	f.Change(id, func(it *networkfake.Item) { it.Deleted = true })
}

// Calls returns how often a method was called.
func (f *Fake) Calls(method string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[method]
}

// Violations lists calls that the documentation does not allow.
func (f *Fake) Violations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.faulty...)
}

// Waiting returns how many updates are not confirmed.
func (f *Fake) Waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.updates)
}

// Pinned returns the message pinned in a chat.
func (f *Fake) Pinned(chat int64) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Ref(chat, f.pinned[chat])
}

// Reaction returns the bot's reaction on a message; Sanction what it did to a person.
func (f *Fake) Reaction(id string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reacted[id]
}

// Sanction returns what the bot did to a person in a chat: "muted", "unmuted", "banned".
func (f *Fake) Sanction(chat, person int64) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.banned[Ref(chat, person)]
}

// Sent returns a message as it stands, or nil.
func (f *Fake) Sent(id string) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.chats {
		for n, m := range c.messages {
			if Ref(c.ID, n) == id {
				return m.doc
			}
		}
	}
	return nil
}
