package channel

import (
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// State is the health of the connection behind a channel (PRODUCT §4.6).
type State string

const (
	Connected      State = "connected"
	Expiring       State = "expiring"        // a person must act before the grant ends
	NeedsReconnect State = "needs_reconnect" // the network no longer accepts the grant
	Limited        State = "limited"         // works partly: app not reviewed, role lost
	Revoked        State = "revoked"
	Disabled       State = "disabled"
)

// Works reports whether calls may be made.
func (s State) Works() bool { return s == Connected || s == Expiring || s == Limited }

// Channel is one page, profile or account on one network.
type Channel struct {
	WorkspaceID   string          `db:"workspace_id"`
	ID            string          `db:"id"`
	BrandID       string          `db:"brand_id"`
	ConnectionID  string          `db:"connection_id"`
	Network       string          `db:"network"`
	RemoteID      string          `db:"remote_id"`
	Handle        string          `db:"handle"`
	Name          string          `db:"name"`
	URL           string          `db:"url"`
	AvatarURL     string          `db:"avatar_url"`
	Account       network.Account `db:"account,json"`
	Zone          string          `db:"zone"` // IANA; slots and the calendar of this channel use it
	Defaults      Defaults        `db:"defaults,json"`
	ResponsibleID string          `db:"responsible_id"` // who is told when something needs a person (C34)
	LateWindow    *time.Duration  `db:"late_window"`    // nil = the workspace's (C29)
	MinGap        time.Duration   `db:"min_gap"`
	MonthCap      *int64          `db:"month_cap"`    // millionths of the network's currency that posts may cost in a month; nil = no cap (C10)
	PausedUntil   time.Time       `db:"paused_until"` // UTC; zero = running
	PausedReason  string          `db:"paused_reason"`
	InboxCursor   string          `db:"inbox_cursor"`
	InboxAt       time.Time       `db:"inbox_at"`
	InboxError    string          `db:"inbox_error"`
	NewsAt        time.Time       `db:"news_at"`      // when the network last said that it calls us with news; zero = it does not
	NewsProblem   string          `db:"news_problem"` // why it does not, where it should
	CreatedAt     time.Time       `db:"created_at"`
	Disconnected  time.Time       `db:"disconnected_at"` // zero while connected

	State       State     `db:"state"`
	StateReason string    `db:"state_reason"`
	ExpiresAt   time.Time `db:"expires_at"`
	CheckedAt   time.Time `db:"checked_at"`
}

// Paused reports whether the channel's queue is held at the instant.
func (c Channel) Paused(at time.Time) bool { return c.PausedUntil.After(at) }

// Defaults are what a new variant on this channel starts with.
type Defaults struct {
	Settings     map[string]string `json:"settings,omitempty"`
	Signature    string            `json:"signature,omitempty"`
	Hashtags     string            `json:"hashtags,omitempty"`
	FirstComment string            `json:"first_comment,omitempty"`
	UTM          map[string]string `json:"utm,omitempty"`
	Language     string            `json:"language,omitempty"`
}

// Test reports whether the channel only looks like one of its network and reaches nobody (C33).
func (c Channel) Test() bool { return c.Account.Extra[network.TestAccount] != "" }
