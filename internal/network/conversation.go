package network

import "time"

// MessageKind is the kind of an inbound item.
type MessageKind string

const (
	Comment MessageKind = "comment" // a reply below one of our items
	Mention MessageKind = "mention"
	Direct  MessageKind = "direct"
	Review  MessageKind = "review"
)

// Person is an account of somebody else, as the network describes it. Every field is a stranger's text.
type Person struct {
	ID        string `json:"id"`
	Handle    string `json:"handle"`
	Name      string `json:"name"`
	URL       string `json:"url"`
	AvatarURL string `json:"avatar_url,omitempty"`
	Followers int64  `json:"followers,omitempty"`
}

// Message is one item somebody sent us (or we sent outside Bellwether: Own).
type Message struct {
	Remote
	Kind    MessageKind
	Thread  string // the network's id of the conversation: root item or chat
	ReplyTo string // remote id of the item answered, "" if none
	From    Person
	Own     bool
	Text    string // plain text
	Media   []Attachment
	At      time.Time // UTC, by the network
	Removed bool      // the network says it is gone
}

// Attachment is a stranger's file, shown only through our own proxy.
type Attachment struct {
	URL  string `json:"url"`
	MIME string `json:"mime,omitempty"`
	Alt  string `json:"alt,omitempty"`
}

// Reaction counts on our items arrive with metrics; this is one person's act worth showing.
type Reaction struct {
	Remote
	Kind string // "like", "share", "follow"
	From Person
	On   string // remote id of our item, "" for a follow
	At   time.Time
}

// Batch is one page of what is new.
type Batch struct {
	Messages  []Message
	Reactions []Reaction
	// Measured are an item's numbers where the network tells them as news and cannot be asked for them later.
	Measured []Measured
	Cursor   string // store with the messages, in the same transaction
	More     bool   // call again now
}

// Reply answers a message.
type Reply struct {
	Key      string // the delivery's id
	To       Message
	Text     string
	Media    []Media
	Language string
	At       time.Time
}

// Act is a small repeatable act on an item.
type Act string

const (
	Like   Act = "like"
	Unlike Act = "unlike"
	Share  Act = "share"
	Hide   Act = "hide"
	Unhide Act = "unhide"
	Mute   Act = "mute" // the author, for this account
	Unmute Act = "unmute"
	Block  Act = "block" // the author, from this account or from the place where they write
	// Unblock lets a blocked author write again.
	Unblock Act = "unblock"
	// Delete takes what somebody else wrote off the network, for good.
	Delete Act = "delete"
	// Report tells the network's own moderators of the message and its author. Its reason is in Remote.Data["reason"].
	Report Act = "report"

	Approve Act = "approve" // let everybody see what waits for a moderator
	Spam    Act = "spam"    // put away as spam, and let the network learn from it
	Trash   Act = "trash"   // put away; the network keeps it for a while
)

// Kind says what may be done when an act's answer is lost. Acts are repeatable, except that a second report is a second
// matter on a moderator's desk.
func (a Act) Kind() StepKind {
	if a == Report {
		return Once
	}
	return Repeatable
}

// Window is how long the network lets an answer go out, counted from what the person said last.
type Window struct {
	Kind MessageKind // "" = every kind
	// Private says that this is the window of the one private answer to a message of Kind.
	Private bool
	For     time.Duration // 0 = at any time
	// Longer is how long an answer marked as one by a person may still go out, 0 = not beyond For.
	Longer time.Duration
	Words  string
}

// Depth says how far back the conversations of a kind are read when a channel is connected.
type Depth struct {
	Kind  MessageKind
	Words string // "everything the network still has", "the newest 100"
}

// Values are numbers by metric id of the dictionary (M-LIKE, M-FOLL, …). Missing is missing, never 0.
type Values map[string]int64

// Measured is one item's numbers.
type Measured struct {
	RemoteID string
	Gone     bool // the item no longer exists; its last numbers are kept
	Values   Values
	// Watched is a video's retention curve in the order of its length, nil where the network tells none (M-VRET).
	Watched []Watched
}

// Watched is one point of a retention curve.
type Watched struct {
	At    int64 `json:"at"`    // parts of ten thousand of the video's length
	Share int64 `json:"share"` // parts of ten thousand of the views that were still there; above 10,000 where parts are watched again
}

// Perishing is a network some of whose items vanish, and with them their numbers (H21).
type Perishing interface {
	// Perishes returns how long after its publication the network tells an item's numbers and shows it; 0 = for good.
	Perishes(item Remote) time.Duration
}
