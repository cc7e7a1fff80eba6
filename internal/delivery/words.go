package delivery

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// State is the state of a delivery (PRODUCT §4.2).
type State string

const (
	Waiting    State = "waiting"
	Prepared   State = "prepared"
	Sending    State = "sending"
	Retrying   State = "failed_retryable" // provably not created; tried again later
	Unknown    State = "unknown"          // the answer to a public call was lost
	Reconciled State = "reconciled"
	NeedsHuman State = "needs_human"
	Accepted   State = "accepted"
	Processing State = "processing"
	NotVisible State = "not_visible"
	Verified   State = "verified"
	Removed    State = "removed"
	Failed     State = "failed_permanent"
	Blocked    State = "blocked" // pause, stop, or the part before it
	Cancelled  State = "cancelled"
)

// transitions is §4.2; a delivery never moves any other way.
var transitions = map[State][]State{
	Waiting:    {Prepared, Blocked, Cancelled, Failed},
	Blocked:    {Waiting, Prepared, Cancelled, NeedsHuman},
	Prepared:   {Sending, Retrying, Failed, Blocked, Cancelled, Accepted, Processing, Unknown},
	Sending:    {Accepted, Failed, Retrying, Unknown, Processing, Prepared, Blocked, Cancelled},
	Retrying:   {Prepared, Failed, NeedsHuman, Blocked, Cancelled},
	Unknown:    {Reconciled, NeedsHuman},
	Reconciled: {Accepted, Prepared, Processing},
	NeedsHuman: {Accepted, Prepared, Failed, Cancelled},
	Accepted:   {Verified, Processing, NotVisible, Removed},
	Processing: {Prepared, Verified, Failed, NotVisible, Accepted, Unknown, Blocked, Retrying},
	NotVisible: {Verified, Removed, NeedsHuman},
	Verified:   {Removed},
}

// CanBecome reports whether the transition exists; staying is always possible.
func (s State) CanBecome(to State) bool { return s == to || slices.Contains(transitions[s], to) }

// Done reports whether the journal does nothing more by itself.
func (s State) Done() bool {
	return slices.Contains([]State{NeedsHuman, Verified, Removed, Failed, Cancelled}, s)
}

// Kind is what a delivery does.
type Kind string

const (
	PostKind   Kind = "post"
	ReplyKind  Kind = "reply"
	EditKind   Kind = "edit"
	DeleteKind Kind = "delete"
)

// Delivery is the journalled execution of one outward effect.
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
	NextAt        time.Time       `db:"next_at"` // when the journal looks again; zero = settled
	LeaseOwner    string          `db:"lease_owner"`
	LeaseUntil    time.Time       `db:"lease_until"`
	Fence         int64           `db:"fence"`
	Attempt       int             `db:"attempt"`
	Refreshed     bool            `db:"refreshed"`
	Looked        int             `db:"looked"` // look-ups after an unknown outcome, or read-backs after acceptance
	ResponsibleID string          `db:"responsible_id"`
	CreatedBy     string          `db:"created_by"`
	CreatedAt     time.Time       `db:"created_at"`
	AcceptedAt    time.Time       `db:"accepted_at"`
	SettledAt     time.Time       `db:"settled_at"`
	LateBy        time.Duration   `db:"late_by"` // after DueAt, when it was accepted
	RemoteID      string          `db:"remote_id"`
	URL           string          `db:"url"`
	CheckedAt     time.Time       `db:"checked_at"`
}

const columns = `workspace_id, id, kind, channel_id, target_id, message_id, previous_id, state, reason, hint, reason_code, field, draft, fingerprint, due_at,
	next_at, lease_owner, lease_until, fence, attempt, refreshed, looked, responsible_id, created_by, created_at, accepted_at, settled_at, late_by, remote_id, url,
	checked_at`

// StepState is where one step stands.
type StepState string

const (
	StepWaiting  StepState = "waiting"
	StepSending  StepState = "sending" // the intent is committed; what became of the call is not known
	StepPending  StepState = "pending" // accepted, not finished: polled
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
	SentAt      time.Time        `db:"sent_at"`
	EndedAt     time.Time        `db:"ended_at"`
	Outcome     *network.Outcome `db:"outcome,json"`
	Reason      string           `db:"reason"`
}

const stepColumns = `workspace_id, delivery_id, position, name, part, kind, public, key, step, state, sent_at, ended_at, outcome, reason`

// Attempt is one call, or look-up, of a step: the evidence.
type Attempt struct {
	ID        string    `db:"id"`
	Step      string    `db:"step"`
	Fence     int64     `db:"fence"`
	StartedAt time.Time `db:"started_at"`
	EndedAt   time.Time `db:"ended_at"` // zero: the answer was lost
	Class     string    `db:"class"`
	Detail    string    `db:"detail"`
}

// backoff is how long the journal waits after a provable non-creation (C16), before jitter.
var backoff = []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, 2 * time.Hour}

// attempts is how often a step is tried before a person is told that it failed.
const attempts = 6

// lookups is when a lost answer is looked up, counted from the call (§4.2); the first look is at once.
var lookups = []time.Duration{0, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}

// readbacks is when a published item is read back, counted from acceptance (C17).
var readbacks = []time.Duration{2 * time.Second, 5 * time.Minute, time.Hour}
