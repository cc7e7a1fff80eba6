package preflight

import (
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Check is one thing that is looked at.
type Check string

const (
	Token    Check = "token"    // the connection works, and still does at the planned time
	Scope    Check = "scope"    // it was given the right to publish
	Quota    Check = "quota"    // neither the network's cap nor the month's limit is reached
	Media    Check = "media"    // every file is there and can be read
	Link     Check = "link"     // what the text links to answers
	Rules    Check = "rules"    // the network's rules, as they are now, take the post
	Blackout Check = "blackout" // nothing stops publishing at that time: stop, pause, blackout, restored copy
	Account  Check = "account"  // the network does not restrict the account
)

// All are the checks in the order people read them.
var All = []Check{Token, Scope, Account, Quota, Blackout, Rules, Media, Link}

// Name is the check as people say it.
func (c Check) Name() string {
	return map[Check]string{Token: "Connection", Scope: "Rights", Quota: "Quota", Media: "Files", Link: "Links", Rules: "Rules", Blackout: "Stops and pauses", Account: "Account"}[c]
}

// Passed is what a check that found nothing says.
func (c Check) Passed() string {
	return map[Check]string{Token: "It works, and still does then", Scope: "It may publish", Quota: "There is enough left", Media: "Every file is there", Link: "Every address answers",
		Rules: "The network takes it as it is", Blackout: "Nothing stops it at that time", Account: "Not restricted"}[c]
}

// Stage is how near the planned time is.
type Stage int

const (
	Unlooked Stage = iota
	Day
	Hour
	Minutes
)

// leads is how long before the planned time each stage's look is, and spreads how much earlier it may be, so that targets
// of one minute are not looked at in one.
var (
	leads   = map[Stage]time.Duration{Day: 24 * time.Hour, Hour: time.Hour, Minutes: 5 * time.Minute}
	spreads = map[Stage]time.Duration{Day: 2 * time.Hour, Hour: 10 * time.Minute, Minutes: 2 * time.Minute}
)

// horizon is how long before its time a target is taken in.
var horizon = leads[Day] + spreads[Day]

// Name is the stage as people say it.
func (s Stage) Name() string {
	return map[Stage]string{Unlooked: "not looked at yet", Day: "a day before", Hour: "an hour before", Minutes: "five minutes before"}[s]
}

// Finding is one thing that stands in a target's way.
type Finding struct {
	TargetID string        `db:"target_id" json:"-"`
	Check    Check         `db:"check_name" json:"check"`
	Ref      string        `db:"ref" json:"about,omitempty"` // which file or address
	Level    network.Level `db:"level" json:"level"`         // Error: it will not go out; Warning: it may not, or not as meant
	Message  string        `db:"message" json:"message"`
	Fix      string        `db:"fix" json:"fix,omitempty"`
	Href     string        `db:"href" json:"href"` // path of the screen where it is mended
	Since    time.Time     `db:"since" json:"since"`

	Subject string `db:"subject" json:"-"` // whose it is: a channel's findings are told once for all its targets
	Told    Stage  `db:"told" json:"-"`
}

// look is a planned target whose look is due.
type look struct {
	WorkspaceID string    `db:"workspace_id"`
	TargetID    string    `db:"target_id"`
	ChannelID   string    `db:"channel_id"`
	DueAt       time.Time `db:"due_at"` // that was checked for
	Stage       Stage     `db:"stage"`
	NextAt      time.Time `db:"next_at"`
	State       string    `db:"state"`      // of the target now
	PlannedAt   time.Time `db:"planned_at"` // of the target now
}
