package workspace

import (
	"slices"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// Role is a named set of capabilities (PRODUCT §1.1).
type Role string

const (
	Owner      Role = "owner"
	Admin      Role = "admin"
	Strategist Role = "strategist"
	Marketer   Role = "marketer"
	Manager    Role = "social_media_manager"
	Community  Role = "community_manager"
	Creator    Role = "creator"
	Analyst    Role = "analyst"
	Client     Role = "client"
	Sales      Role = "sales_support"
)

// Roles are all roles in the order of the matrix.
var Roles = []Role{Owner, Admin, Strategist, Marketer, Manager, Community, Creator, Analyst, Client, Sales}

// Name is the role as people say it.
func (r Role) Name() string {
	return map[Role]string{Owner: "Owner", Admin: "Admin", Strategist: "Strategist", Marketer: "Marketer",
		Manager: "Social media manager", Community: "Community manager", Creator: "Creator", Analyst: "Analyst",
		Client: "Client", Sales: "Sales & support"}[r]
}

// RoleGrant is a role, narrowed to one brand or one channel when those are set.
type RoleGrant struct {
	Role      Role   `db:"role" json:"role"` // one of Roles, or the id of a custom role
	BrandID   string `db:"brand_id" json:"brand_id,omitempty"`
	ChannelID string `db:"channel_id" json:"channel_id,omitempty"`

	Custom string               `json:"-"` // name of the custom role; "" for one of Roles
	Rights map[Capability]Level `json:"-"` // what the custom role holds
}

// Name is the role as people say it.
func (g RoleGrant) Name() string {
	if g.Custom != "" {
		return g.Custom
	}
	return g.Role.Name()
}

// level is how far the role's right to c goes, before it is narrowed.
func (g RoleGrant) level(c Capability) Level {
	if g.Custom != "" {
		return g.Rights[c]
	}
	return matrix[c][g.Role]
}

// Actor is who acts, where, with which rights. Every verb and query takes one; the workspace is its workspace.
type Actor struct {
	WorkspaceID string
	UserID      string // "" for the system
	Name        string
	Zone        string // IANA zone the person works in
	Via         string // "web", "api", "system", "rule:<id>"
	KeyID       string // the API key used, if any
	Address     string // remote address, for the audit log
	Grants      []RoleGrant
	Limit       []Capability // an API key's capabilities; nil = no narrower than the grants
}

// System is the actor of background work in one workspace. It holds every capability and is recorded as automation.
func System(workspaceID string) Actor {
	return Actor{WorkspaceID: workspaceID, Name: "Bellwether", Via: "system", Zone: "UTC",
		Grants: []RoleGrant{{Role: Owner}}}
}

// ID is how the actor is written in audit entries and events.
func (a Actor) ID() string {
	switch {
	case a.UserID != "" && a.KeyID != "":
		return a.UserID + "/key:" + a.KeyID
	case a.UserID != "":
		return a.UserID
	}
	return a.Via
}

// Scope narrows a question to a brand or channel; the zero Scope asks about the whole workspace.
type Scope struct{ BrandID, ChannelID string }

// Can reports whether the actor holds the capability for the scope. A grant narrowed to a brand or channel
// answers only for that one.
func (a Actor) Can(c Capability, at Scope) bool { return a.Level(c, at) == Full }

// Level returns the strongest level the actor's roles give for the capability at the scope.
func (a Actor) Level(c Capability, at Scope) Level {
	if a.Limit != nil && !slices.Contains(a.Limit, c) {
		return None
	}
	best := None
	for _, g := range a.Grants {
		if g.BrandID != "" && g.BrandID != at.BrandID || g.ChannelID != "" && g.ChannelID != at.ChannelID {
			continue
		}
		best = max(best, g.level(c))
	}
	return best
}

// CanSomewhere reports whether any grant gives the capability, narrowed or not: for showing a screen at all.
func (a Actor) CanSomewhere(c Capability) bool {
	if a.Limit != nil && !slices.Contains(a.Limit, c) {
		return false
	}
	for _, g := range a.Grants {
		if g.level(c) >= Own {
			return true
		}
	}
	return false
}

// May returns a Forbidden fault unless the actor holds the capability fully or through approval.
func (a Actor) May(c Capability, at Scope) error {
	if level := a.Level(c, at); level == Full || level == Approval {
		return nil
	}
	return fault.Forbiddenf("%s needs the right “%s” here", a.Name, c.Name()).
		WithHint("Ask an owner or admin of this workspace for a role that includes it.")
}

// MayOwn is May, where holding it for one's own work is enough and this is the actor's own.
func (a Actor) MayOwn(c Capability, at Scope, own bool) error {
	if own && a.Level(c, at) >= Own {
		return nil
	}
	return a.May(c, at)
}

// Level is how far a role's right goes.
type Level int

const (
	None     Level = iota
	Own            // own or assigned items only
	Approval       // allowed, but through approval where the workspace has it on
	Full
)
