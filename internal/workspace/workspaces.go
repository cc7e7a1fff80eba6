package workspace

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/when"
)

// Workspaces are all workspaces of this installation with their brands, members and keys.
type Workspaces struct {
	db     *db.DB
	events *event.Events
	clock  func() time.Time
}

// New returns the workspaces of this database.
func New(database *db.DB, events *event.Events) *Workspaces {
	return &Workspaces{db: database, events: events, clock: db.Now}
}

// At returns the same workspaces as seen at another time, for tests of what ends.
func (w *Workspaces) At(clock func() time.Time) *Workspaces {
	other := *w
	other.clock = func() time.Time { return clock().UTC().Truncate(time.Microsecond) }
	return &other
}

// Workspace is one team's separate world.
type Workspace struct {
	ID           string        `db:"id"`
	Name         string        `db:"name"`
	Zone         string        `db:"zone"`
	Currency     string        `db:"currency"`   // ISO 4217
	WeekStart    int           `db:"week_start"` // time.Weekday: 0 = Sunday, 1 = Monday
	TestMode     bool          `db:"test_mode"`  // never contacts real networks (C33)
	PausedUntil  time.Time     `db:"paused_until"`
	PausedReason string        `db:"paused_reason"`
	LateWindow   time.Duration `db:"late_window"`   // how late a delivery may still go out without asking (C29)
	SecondFactor bool          `db:"second_factor"` // members must have one
	Created      time.Time     `db:"created_at"`
}

const workspaceColumns = `id, name, zone, currency, week_start, test_mode, paused_until, paused_reason, late_window, second_factor, created_at`

// NewWorkspace says what a workspace begins with.
type NewWorkspace struct {
	Name      string
	Zone      string
	Currency  string // EUR when empty
	WeekStart int
	Brand     string // its first brand; the workspace's name when empty
	TestMode  bool
}

func (n NewWorkspace) check() error {
	if err := checkName("workspace", "the workspace's name", n.Name); err != nil {
		return err
	}
	if n.Brand != "" {
		if err := checkName("brand", "the brand's name", n.Brand); err != nil {
			return err
		}
	}
	return checkPlace(n.Zone, n.Currency, n.WeekStart)
}

func checkName(field, what, name string) error {
	n := len([]rune(strings.TrimSpace(name)))
	if n == 0 {
		return fault.Invalidf(field, "%s is missing", what)
	}
	if n > 100 {
		return fault.Invalidf(field, "%s has %d characters, the limit is 100", what, n)
	}
	return nil
}

func checkPlace(zone, currency string, weekStart int) error {
	if _, err := when.Zone(zone); err != nil {
		return err
	}
	if _, ok := Currencies[currency]; !ok {
		return fault.Invalidf("currency", "%q is not a currency", currency).WithHint("Use its three letters, for example EUR.")
	}
	if weekStart < 0 || weekStart > 6 {
		return fault.Invalidf("week_start", "a week begins on a day from Sunday (0) to Saturday (6)")
	}
	return nil
}

// Create makes a workspace that belongs to the user.
func (w *Workspaces) Create(ctx context.Context, owner account.User, address string, n NewWorkspace) (Workspace, error) {
	var made Workspace
	err := w.db.Tx(ctx, func(tx *db.Tx) (err error) {
		made, err = w.create(ctx, tx, owner, address, n)
		return err
	})
	return made, err
}

func (w *Workspaces) create(ctx context.Context, tx *db.Tx, owner account.User, address string, n NewWorkspace) (Workspace, error) {
	if n.Currency == "" {
		n.Currency = "EUR"
	}
	if err := n.check(); err != nil {
		return Workspace{}, err
	}
	now, workspaceID := w.clock(), id.New("ws")
	if _, err := db.Exec(ctx, tx, `insert into workspaces (id, name, zone, currency, week_start, test_mode, created_at)
		values ($1, $2, $3, $4, $5, $6, $7)`, workspaceID, strings.TrimSpace(n.Name), n.Zone, n.Currency, n.WeekStart, n.TestMode, now); err != nil {
		return Workspace{}, err
	}
	if _, err := db.Exec(ctx, tx, `insert into members (workspace_id, user_id, created_at) values ($1, $2, $3)`, workspaceID, owner.ID, now); err != nil {
		return Workspace{}, err
	}
	if err := grant(ctx, tx, workspaceID, owner.ID, []RoleGrant{{Role: Owner}}); err != nil {
		return Workspace{}, err
	}
	brand := n.Brand
	if strings.TrimSpace(brand) == "" {
		brand = n.Name
	}
	actor := Actor{WorkspaceID: workspaceID, UserID: owner.ID, Name: owner.Name, Zone: owner.Zone, Via: "web", Address: address,
		Grants: []RoleGrant{{Role: Owner}}}
	if _, err := w.addBrand(ctx, tx, actor, Brand{Name: brand, Zone: n.Zone, Currency: n.Currency}); err != nil {
		return Workspace{}, err
	}
	made, err := get(ctx, tx, workspaceID)
	if err != nil {
		return Workspace{}, err
	}
	if err := Audit(ctx, tx, actor, "workspace.created", workspaceID, nil, made); err != nil {
		return Workspace{}, err
	}
	return made, w.events.Record(ctx, tx, workspaceID, actor.ID(), "workspace.created", workspaceID, map[string]string{"name": made.Name})
}

// Get returns the actor's workspace.
func (w *Workspaces) Get(ctx context.Context, actor Actor) (Workspace, error) {
	return get(ctx, w.db, actor.WorkspaceID)
}

func get(ctx context.Context, q db.Queryer, workspaceID string) (Workspace, error) {
	return db.One[Workspace](ctx, q, `select `+workspaceColumns+` from workspaces where id = $1`, workspaceID)
}

// All lists the ids of every workspace, for background work that visits each one.
func (w *Workspaces) All(ctx context.Context) ([]string, error) {
	return db.All[string](ctx, w.db, `select id from workspaces order by id`)
}

// Mine lists the workspaces a user is a member of, by name.
func (w *Workspaces) Mine(ctx context.Context, userID string) ([]Workspace, error) {
	return db.All[Workspace](ctx, w.db, `select w.`+strings.ReplaceAll(workspaceColumns, ", ", ", w.")+` from workspaces w
		join members m on m.workspace_id = w.id where m.user_id = $1 and m.removed_at is null order by w.name, w.id`, userID)
}

// Settings are what an admin changes about a workspace.
type Settings struct {
	Name         string
	Zone         string
	Currency     string
	WeekStart    int
	LateWindow   time.Duration
	SecondFactor bool
}

// Settle changes the workspace's settings.
func (w *Workspaces) Settle(ctx context.Context, actor Actor, s Settings) error {
	if err := actor.May(WorkspaceManage, Scope{}); err != nil {
		return err
	}
	if err := checkName("name", "the workspace's name", s.Name); err != nil {
		return err
	}
	if err := checkPlace(s.Zone, s.Currency, s.WeekStart); err != nil {
		return err
	}
	if s.LateWindow < 0 || s.LateWindow > 7*24*time.Hour {
		return fault.Invalidf("late_window", "the late window must be between 0 and 168 hours")
	}
	return w.db.Tx(ctx, func(tx *db.Tx) error {
		before, err := get(ctx, tx, actor.WorkspaceID)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update workspaces set name = $2, zone = $3, currency = $4, week_start = $5, late_window = $6,
			second_factor = $7 where id = $1`, actor.WorkspaceID, strings.TrimSpace(s.Name), s.Zone, s.Currency, s.WeekStart,
			s.LateWindow, s.SecondFactor); err != nil {
			return fmt.Errorf("save the workspace's settings: %w", err)
		}
		after, err := get(ctx, tx, actor.WorkspaceID)
		if err != nil || after == before {
			return err
		}
		return w.record(ctx, tx, actor, "workspace.settled", actor.WorkspaceID, before, after)
	})
}

// record writes audit entry and event of one change.
func (w *Workspaces) record(ctx context.Context, tx *db.Tx, actor Actor, kind, entity string, before, after any) error {
	if err := Audit(ctx, tx, actor, kind, entity, before, after); err != nil {
		return err
	}
	return w.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), kind, entity, after)
}

// ActorOf returns a member as actor in a workspace; NotFound when the user is no member there.
func (w *Workspaces) ActorOf(ctx context.Context, u account.User, workspaceID, via, address string) (Actor, error) {
	grants, err := w.grants(ctx, w.db, workspaceID, u.ID)
	if err != nil {
		return Actor{}, err
	}
	if len(grants) == 0 {
		return Actor{}, fault.NotFoundf("there is no such workspace, or you are no member of it")
	}
	return Actor{WorkspaceID: workspaceID, UserID: u.ID, Name: u.Name, Zone: u.Zone, Via: via, Address: address, Grants: grants}, nil
}

// AsksSecondFactor reports whether the actor's workspace lets in only members who have a second factor (D10).
func (w *Workspaces) AsksSecondFactor(ctx context.Context, actor Actor) (bool, error) {
	return db.One[bool](ctx, w.db, `select second_factor from workspaces where id = $1`, actor.WorkspaceID)
}

func (w *Workspaces) grants(ctx context.Context, q db.Queryer, workspaceID, userID string) ([]RoleGrant, error) {
	rows, err := db.All[struct {
		RoleGrant
		Rights map[Capability]Level `db:"capabilities,json"`
		Custom string               `db:"custom"`
	}](ctx, q, `select r.role, r.brand_id, r.channel_id, c.capabilities, coalesce(c.name, '') as custom from members m
		join member_roles r on r.workspace_id = m.workspace_id and r.user_id = m.user_id
		left join custom_roles c on c.workspace_id = r.workspace_id and c.id = r.role
		where m.workspace_id = $1 and m.user_id = $2 and m.removed_at is null order by r.role, r.brand_id, r.channel_id`, workspaceID, userID)
	if err != nil {
		return nil, fmt.Errorf("read the roles of %s: %w", userID, err)
	}
	var grants []RoleGrant
	for _, r := range rows {
		if r.Custom != "" {
			r.RoleGrant.Custom, r.RoleGrant.Rights = r.Custom, r.Rights
		} else if !slices.Contains(Roles, r.Role) {
			continue // a custom role that was deleted gives nothing
		}
		grants = append(grants, r.RoleGrant)
	}
	return grants, nil
}

// CreateIn is Create in a transaction that makes the owner too: the first set-up.
func (w *Workspaces) CreateIn(ctx context.Context, tx *db.Tx, owner account.User, address string, n NewWorkspace) (Workspace, error) {
	return w.create(ctx, tx, owner, address, n)
}
