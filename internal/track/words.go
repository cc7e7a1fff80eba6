package track

import (
	"encoding/json"
	"time"
)

// Kind is who made a click or event; see package agent. A Repeat is the same visitor on the same link within ten
// seconds and does not count (M-CLICK).
const (
	Human   = "human"
	Bot     = "bot"
	Preview = "preview"
	Repeat  = "repeat"
)

// Click is one follow of a short link.
type Click struct {
	WorkspaceID string    `db:"workspace_id" json:"w"`
	ID          string    `db:"id" json:"id"`
	LinkID      string    `db:"link_id" json:"l"`
	At          time.Time `db:"at" json:"at"` // UTC
	Kind        string    `db:"kind" json:"k"`
	Visitor     string    `db:"visitor" json:"v"` // day-salted, or the first-party id with consent
	Referrer    string    `db:"referrer" json:"r,omitempty"`
	Family      string    `db:"agent_family" json:"f,omitempty"`
	Device      string    `db:"device" json:"d,omitempty"`
	Country     string    `db:"country" json:"c,omitempty"`
}

// Event is one recorded action on the owner's pages or in their systems.
type Event struct {
	WorkspaceID string          `db:"workspace_id" json:"w"`
	ID          string          `db:"id" json:"id"` // the sender's own, so that a repeat is recognised
	SiteID      string          `db:"site_id" json:"s"`
	Name        string          `db:"name" json:"n"`
	At          time.Time       `db:"at" json:"at"`
	ReceivedAt  time.Time       `db:"received_at" json:"ra"`
	Visitor     string          `db:"visitor" json:"v"`
	Visit       string          `db:"visit" json:"-"`
	ContactID   string          `db:"contact_id" json:"ct,omitempty"`
	URL         string          `db:"url" json:"u,omitempty"`
	Referrer    string          `db:"referrer" json:"r,omitempty"`
	Source      string          `db:"source" json:"-"`
	Medium      string          `db:"medium" json:"-"`
	Campaign    string          `db:"campaign" json:"-"`
	Content     string          `db:"content" json:"-"`
	Group       string          `db:"channel_group" json:"-"`
	LinkID      string          `db:"link_id" json:"-"`
	ValueMinor  *int64          `db:"value_minor" json:"vm,omitempty"` // minor units of Currency
	Currency    string          `db:"currency" json:"cu,omitempty"`
	Kind        string          `db:"kind" json:"k"`
	Via         string          `db:"via" json:"via"` // browser or server
	Props       json.RawMessage `db:"props,json" json:"p,omitempty"`
}

// Site is one web property whose events are taken in.
type Site struct {
	WorkspaceID string    `db:"workspace_id" json:"-"`
	ID          string    `db:"id" json:"id"`
	Name        string    `db:"name" json:"name"`
	Origins     []string  `db:"origins,json" json:"origins"` // allowed to send from a browser, https://shop.example
	Key         string    `db:"key" json:"key"`              // public: it only lets events in
	Mode        string    `db:"mode" json:"mode"`            // cookieless, or statistics (first-party id with consent)
	CreatedAt   time.Time `db:"created_at" json:"created_at"`
}

// Touchpoint is one attributable contact of a visitor with us.
type Touchpoint struct {
	WorkspaceID string    `db:"workspace_id"`
	ID          string    `db:"id"`
	Visitor     string    `db:"visitor"`
	At          time.Time `db:"at"`
	Kind        string    `db:"kind"` // click, visit
	Group       string    `db:"channel_group"`
	Source      string    `db:"source"`
	Medium      string    `db:"medium"`
	Campaign    string    `db:"campaign"`
	CampaignID  string    `db:"campaign_id"`
	LinkID      string    `db:"link_id"`
	TargetID    string    `db:"target_id"`
	ChannelID   string    `db:"channel_id"`
}

// ClickParameter carries a click's id to the page it led to, so that the visit is joined to the click exactly.
const ClickParameter = "bwc"

// visitGap ends a visit (PRODUCT §7.2).
const visitGap = 30 * time.Minute
