package inbox

import (
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// State is the state of a conversation (PRODUCT §4.4).
type State string

const (
	StateNew  State = "new"
	Open      State = "open"
	Pending   State = "pending" // we answered and wait
	Snoozed   State = "snoozed"
	Resolved  State = "resolved"
	Dismissed State = "dismissed" // needs no answer
)

// States are all of them, in the order screens show.
var States = []State{StateNew, Open, Pending, Snoozed, Resolved, Dismissed}

// transitions is §4.4: from each state, the states a person or the system may choose.
var transitions = map[State][]State{
	StateNew:  {Open, Dismissed, Resolved, Snoozed, Pending},
	Open:      {Pending, Snoozed, Resolved, Dismissed},
	Pending:   {Open, Resolved, Snoozed},
	Snoozed:   {Open, Resolved},
	Resolved:  {Open},
	Dismissed: {Open},
}

// CanBecome reports whether the transition exists.
func (s State) CanBecome(to State) bool { return slices.Contains(transitions[s], to) }

// Conversation is a thread of messages with one contact on one channel.
type Conversation struct {
	WorkspaceID    string              `db:"workspace_id"`
	ID             string              `db:"id"`
	BrandID        string              `db:"brand_id"`
	ChannelID      string              `db:"channel_id"`
	Kind           network.MessageKind `db:"kind"`
	Thread         string              `db:"thread"`
	ContactID      string              `db:"contact_id"`
	TargetID       string              `db:"target_id"` // our post it is about
	CampaignID     string              `db:"campaign_id"`
	PreviousID     string              `db:"previous_id"` // the resolved conversation it continues
	State          State               `db:"state"`
	AssigneeID     string              `db:"assignee_id"`
	SnoozedUntil   time.Time           `db:"snoozed_until"`
	FirstInboundAt time.Time           `db:"first_inbound_at"` // starts the clocks; zero = history only, which starts none
	FirstReplyAt   time.Time           `db:"first_reply_at"`
	LastMessageAt  time.Time           `db:"last_message_at"`
	LastInboundAt  time.Time           `db:"last_inbound_at"`
	ResolvedAt     time.Time           `db:"resolved_at"`
	Preview        string              `db:"preview"`
	Tags           []string            `db:"tags,json"`
	Unread         bool                `db:"unread"`
	Version        int                 `db:"version"`
	AnswerBy       time.Time           `db:"answer_by"`  // the next instant from which the network takes less; zero = at any time
	AnswerEnd      time.Time           `db:"answer_end"` // from when on it takes no answer
}

const conversationColumns = `workspace_id, id, brand_id, channel_id, kind, thread, contact_id, target_id, campaign_id, previous_id, state, assignee_id,
	snoozed_until, first_inbound_at, first_reply_at, last_message_at, last_inbound_at, resolved_at, preview, tags, unread, version, answer_by, answer_end`

// Message is one inbound or outbound item.
type Message struct {
	WorkspaceID    string               `db:"workspace_id"`
	ID             string               `db:"id"`
	ConversationID string               `db:"conversation_id"` // "" = the network said it is gone before it ever came
	ChannelID      string               `db:"channel_id"`
	RemoteID       string               `db:"remote_id"`
	Remote         network.Remote       `db:"remote,json"`
	ReplyTo        string               `db:"reply_to"`
	Outbound       bool                 `db:"outbound"`
	Automatic      bool                 `db:"automatic"` // by a machine of ours: it ends no waiting and counts in no response metric
	AuthorID       string               `db:"author_id"` // outbound: our member; "" = written outside Bellwether
	IdentityID     string               `db:"identity_id"`
	Text           string               `db:"text"`
	Media          []network.Attachment `db:"media,json"`
	At             time.Time            `db:"at"`
	ReceivedAt     time.Time            `db:"received_at"`
	DeliveryID     string               `db:"delivery_id"`
	State          string               `db:"state"` // outbound: queued, sending, sent, failed, unknown
	Liked          bool                 `db:"liked"`
	Hidden         bool                 `db:"hidden"`
	PutAway        string               `db:"put_away"` // spam or trash, as a moderator chose; "" = neither
	RemovedAt      time.Time            `db:"removed_at"`
	Flag           string               `db:"flag"`          // what a hold found, until a person has looked; "" = nothing
	PrivateID      string               `db:"private_id"`    // our private answer to it, "" if none
	ReplySeconds   int64                `db:"reply_seconds"` // inbound: until the next reply of a person, 0 while there is none
}

const messageColumns = `workspace_id, id, conversation_id, channel_id, remote_id, remote, reply_to, outbound, automatic, author_id, identity_id, text,
	media, at, received_at, delivery_id, state, liked, hidden, put_away, removed_at, flag, private_id, reply_seconds`

// Note is an internal remark; it is never sent.
type Note struct {
	ID             string    `db:"id"`
	ConversationID string    `db:"conversation_id"`
	AuthorID       string    `db:"author_id"`
	AuthorName     string    `db:"author_name"`
	Text           string    `db:"text"`
	At             time.Time `db:"at"`
}

// reopenWindow is how long a resolved conversation is taken up again by a new inbound message; later starts a new
// one that names the old.
const reopenWindow = 72 * time.Hour
