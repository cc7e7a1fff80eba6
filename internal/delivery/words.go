package delivery

import (
	"encoding/json"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Kind is what a delivery does.
type Kind string

const (
	PostKind    Kind = "post"
	ReplyKind   Kind = "reply"
	EditKind    Kind = "edit"
	DeleteKind  Kind = "delete"
	RepostKind  Kind = "repost"  // of a published target, by its own account
	CommentKind Kind = "comment" // below a published target, or at the end of its thread
	ActKind     Kind = "act"     // something small done to somebody else's item: like, hide, delete, block, report
)

// Delivery is the journalled execution of one outward effect. All instants are UTC.
type Delivery struct {
	WorkspaceID   string          `db:"workspace_id"`
	ID            string          `db:"id"`
	Kind          Kind            `db:"kind"`
	ChannelID     string          `db:"channel_id"`
	TargetID      string          `db:"target_id"`
	MessageID     string          `db:"message_id"`
	PreviousID    string          `db:"previous_id"` // the delivery this one retries
	State         State           `db:"state"`
	Reason        string          `db:"reason"` // why it is in this state, in plain words
	Hint          string          `db:"hint"`   // what to do next
	ReasonCode    string          `db:"reason_code"`
	Field         string          `db:"field"`
	Draft         json.RawMessage `db:"draft,json"`  // payload snapshot
	Fingerprint   string          `db:"fingerprint"` // SHA-256 of the snapshot
	DueAt         time.Time       `db:"due_at"`
	NextAt        time.Time       `db:"next_at"` // when the journal looks again; zero = nothing more happens by itself
	LeaseOwner    string          `db:"lease_owner"`
	LeaseUntil    time.Time       `db:"lease_until"`
	Fence         int64           `db:"fence"`
	Window        time.Duration   `db:"late_window"` // what has not begun this long after DueAt is held
	Attempt       int             `db:"attempt"`     // tries since the last accepted step
	Polls         int             `db:"polls"`       // polls of a pending step
	Refreshed     bool            `db:"refreshed"`   // the one refresh after a refused grant was used
	Looked        int             `db:"looked"`      // look-ups after a lost answer, or read-backs after acceptance
	ResponsibleID string          `db:"responsible_id"`
	CreatedBy     string          `db:"created_by"`
	CreatedAt     time.Time       `db:"created_at"`
	AcceptedAt    time.Time       `db:"accepted_at"`
	SettledAt     time.Time       `db:"settled_at"`
	LateBy        time.Duration   `db:"late_by"` // from DueAt until the public call left
	RemoteID      string          `db:"remote_id"`
	URL           string          `db:"url"`
	CheckedAt     time.Time       `db:"checked_at"` // last read-back
	AlertedAt     time.Time       `db:"alerted_at"` // somebody was told that it takes longer than a day
	ExpiresAt     time.Time       `db:"expires_at"` // what has not begun by then is refused: the network would (E18); zero = never
}

const columns = `workspace_id, id, kind, channel_id, target_id, message_id, previous_id, state, reason, hint, reason_code, field, draft, fingerprint, due_at,
	next_at, lease_owner, lease_until, fence, late_window, attempt, polls, refreshed, looked, responsible_id, created_by, created_at, accepted_at, settled_at,
	late_by, remote_id, url, checked_at, alerted_at, expires_at`

// StepState is where one step stands.
type StepState string

const (
	StepWaiting  StepState = "waiting"
	StepSending  StepState = "sending" // the intent is committed; what became of the call is not known
	StepPending  StepState = "pending" // the network took it and is not finished: polled
	StepAccepted StepState = "accepted"
	StepRejected StepState = "rejected"
	StepUnknown  StepState = "unknown"
)

// StepRow is one step of a delivery as it is stored.
type StepRow struct {
	WorkspaceID string           `db:"workspace_id"`
	DeliveryID  string           `db:"delivery_id"`
	Position    int              `db:"position"`
	Name        string           `db:"name"`
	Part        int              `db:"part"`
	Kind        network.StepKind `db:"kind"`
	Public      bool             `db:"public"`
	Key         string           `db:"key"`
	Step        network.Step     `db:"step,json"`
	State       StepState        `db:"state"`
	SentAt      time.Time        `db:"sent_at"` // when the intent of the last call was committed
	EndedAt     time.Time        `db:"ended_at"`
	DoubtAt     time.Time        `db:"doubt_at"` // a call of this instant was never answered, and may still have an effect
	Refused     bool             `db:"refused"`  // a repetition of that call was refused
	Outcome     *network.Outcome `db:"outcome,json"`
	Reason      string           `db:"reason"`
}

const stepColumns = `workspace_id, delivery_id, position, name, part, kind, public, key, step, state, sent_at, ended_at, doubt_at, refused, outcome, reason`

// doubtful reports whether a call of this step may have, or may still get, an effect that is not known. A repetition that
// was put off or refused says nothing about the call before it.
func (s StepRow) doubtful() bool {
	return s.Kind != network.Repeatable && s.State == StepSending || s.State == StepUnknown || !s.DoubtAt.IsZero()
}

// expected is when a step that the network took can be finished at the earliest: when it was sent, or when the network
// said that it will publish it.
func (s StepRow) expected() time.Time {
	if s.Outcome != nil && s.Outcome.Pending && s.Outcome.Until.After(s.SentAt) {
		return s.Outcome.Until
	}
	return s.SentAt
}

// made is the id of the item the step has made, "" while there is none.
func (s StepRow) made() string {
	if s.Public && s.Outcome != nil {
		return s.Outcome.RemoteID
	}
	return ""
}

// Attempt is one call, look-up or read-back: the evidence.
type Attempt struct {
	ID        string    `db:"id"`
	Step      string    `db:"step"`
	Fence     int64     `db:"fence"`
	StartedAt time.Time `db:"started_at"`
	EndedAt   time.Time `db:"ended_at"` // zero: the answer was lost
	Class     string    `db:"class"`
	Detail    string    `db:"detail"`
}

var (
	// backoff is how long the journal waits after a provable non-creation (C16), before jitter.
	backoff = []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, 2 * time.Hour}
	// lookups is when a lost answer is looked up, counted from the call (§4.2); the first look is at once.
	lookups = []time.Duration{0, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}
	// readbacks is when a published item is read back, counted from acceptance (C17).
	readbacks = []time.Duration{2 * time.Second, 5 * time.Minute, time.Hour}
)

const (
	attempts   = 6                // how often a step is tried before a person is told that it failed
	patience   = 3                // tries after which a step that ends the program is put off
	arrival    = time.Hour        // a request that has not arrived by then never will
	heldGap    = 6 * time.Hour    // between two looks at what the network holds until a time it named
	longest    = 24 * time.Hour   // no doubt, pause or outage is waited out longer than this without a person
	escalation = 15 * time.Minute // until the lead is told what the responsible person has not dealt with (C34)
	recheck    = 10 * time.Second // how often a stopped delivery looks whether it may go on
)
