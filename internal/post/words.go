package post

import (
	"time"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/network"
)

// State is the state of a post and, where it applies, of a target (PRODUCT §4.1).
type State string

const (
	Draft           State = "draft"
	InReview        State = "in_review"
	Approved        State = "approved"
	Scheduled       State = "scheduled"
	Held            State = "held" // pause, stop, late, pre-flight: a person or the end of the cause decides
	Publishing      State = "publishing"
	Published       State = "published"
	PartlyPublished State = "partly_published"
	Failed          State = "failed"
	NeedsHuman      State = "needs_human"
	Cancelled       State = "cancelled"
	Removed         State = "removed"
	Archived        State = "archived"
)

// Origin says where a post was made.
type Origin string

// Native is a post made outside Bellwether, in the network's own app or by another program, and read from its network.
const Native Origin = "native"

// Content is what is said: the base of a post, or a channel's variant that differs from it.
type Content struct {
	Parts        []Part `json:"parts"`
	FirstComment string `json:"first_comment,omitempty"`
	Language     string `json:"language,omitempty"` // BCP 47, "" = unknown
}

// Part is one unit of a thread; a post without a thread has one.
type Part struct {
	Text  string        `json:"text"`
	Media []MediaUse    `json:"media,omitempty"`
	Poll  *network.Poll `json:"poll,omitempty"`
	Card  *network.Card `json:"card,omitempty"`
	// Mentions maps mentions as written to accounts chosen from type-ahead, per network key.
	Mentions map[string]map[string]string `json:"mentions,omitempty"`
}

// MediaUse is an asset used in a part.
type MediaUse = asset.Use

// Post is a content item planned for one or more channels.
type Post struct {
	WorkspaceID  string    `db:"workspace_id"`
	ID           string    `db:"id"`
	BrandID      string    `db:"brand_id"`
	CampaignID   string    `db:"campaign_id"`
	Title        string    `db:"title"`
	State        State     `db:"state"`
	Base         Content   `db:"base,json"`
	Tags         []string  `db:"tags,json"`
	AuthorID     string    `db:"author_id"`
	RecurrenceID string    `db:"recurrence_id"`
	Origin       Origin    `db:"origin"`
	Version      int       `db:"version"`
	CreatedAt    time.Time `db:"created_at"`
	UpdatedAt    time.Time `db:"updated_at"`
	TrashedAt    time.Time `db:"trashed_at"`
	ArchivedAt   time.Time `db:"archived_at"`
}

// Variant is a channel's own content and settings. A nil Content follows the base.
type Variant struct {
	WorkspaceID string            `db:"workspace_id"`
	PostID      string            `db:"post_id"`
	ChannelID   string            `db:"channel_id"`
	Content     *Content          `db:"content,json"`
	Settings    map[string]string `db:"settings,json"`
}

// Target is one post × one channel × one planned time.
type Target struct {
	WorkspaceID   string    `db:"workspace_id"`
	ID            string    `db:"id"`
	PostID        string    `db:"post_id"`
	ChannelID     string    `db:"channel_id"`
	State         State     `db:"state"`
	DueAt         time.Time `db:"due_at"` // UTC; zero while unscheduled
	Wall          string    `db:"wall"`   // the wall-clock time a person chose, 2027-03-28T10:00
	Zone          string    `db:"zone"`
	SlotID        string    `db:"slot_id"`
	QueueRank     float64   `db:"queue_rank"`
	HeldReason    string    `db:"held_reason"`
	ResponsibleID string    `db:"responsible_id"`
	DeliveryID    string    `db:"delivery_id"`
	RemoteID      string    `db:"remote_id"`
	URL           string    `db:"url"`
	PublishedAt   time.Time `db:"published_at"`
	Fingerprint   string    `db:"text_fingerprint"`
	Text          string    `db:"text_plain"`
}

// DueTarget is a target whose time has come.
type DueTarget struct {
	WorkspaceID string        `db:"workspace_id"`
	TargetID    string        `db:"id"`
	PostID      string        `db:"post_id"`
	ChannelID   string        `db:"channel_id"`
	DueAt       time.Time     `db:"due_at"`
	LateWindow  time.Duration `db:"late_window"` // the channel's, else the workspace's (C29)
}

// Sending is a target taken for sending, with its final draft.
type Sending struct {
	Target Target
	Post   Post
	Draft  network.Draft // Key is the caller's to fill
}

// Outcome is what the journal reports about a target.
type Outcome struct {
	State      State // Published, PartlyPublished, Failed, NeedsHuman, Held, Removed, or Publishing while it goes on
	DeliveryID string
	RemoteID   string
	URL        string
	At         time.Time // UTC, when the network accepted it
	Reason     string    // plain words for every state that is not Published
}
