package strategy

import (
	"context"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// State is where a goal is in its life (PRODUCT §4.6).
type State string

const (
	Draft     State = "draft"
	Active    State = "active"
	Achieved  State = "achieved"
	Missed    State = "missed"
	Cancelled State = "cancelled"
)

// Health is how a running goal stands against its pace.
type Health string

const (
	OnTrack  Health = "on_track"  // at least 95 % of the pace
	AtRisk   Health = "at_risk"   // 80 to 95 %
	OffTrack Health = "off_track" // less than 80 %
)

// Goal is a target value of one KPI in a period, with an owner.
type Goal struct {
	WorkspaceID string    `db:"workspace_id" json:"-"`
	ID          string    `db:"id" json:"id"`
	BrandID     string    `db:"brand_id" json:"brand_id"`
	Name        string    `db:"name" json:"name"`
	Metric      string    `db:"metric" json:"metric"`
	Baseline    int64     `db:"baseline" json:"baseline"` // the metric's unit; money in minor units of Currency
	Target      int64     `db:"target" json:"target"`
	Currency    string    `db:"currency" json:"currency,omitempty"`
	StartsAt    time.Time `db:"starts_at" json:"starts_at"`
	EndsAt      time.Time `db:"ends_at" json:"ends_at"` // exclusive
	Zone        string    `db:"zone" json:"zone"`
	OwnerID     string    `db:"owner_id" json:"owner_id"`
	Weight      int       `db:"weight" json:"weight"`
	Channels    []string  `db:"scope_channels,json" json:"channels"` // empty = all
	CampaignID  string    `db:"campaign_id" json:"campaign_id,omitempty"`
	State       State     `db:"state" json:"state"`
	Health      Health    `db:"health" json:"health"`
	Note        string    `db:"note" json:"note"`
	CreatedAt   time.Time `db:"created_at" json:"created_at"`
	Version     int       `db:"version" json:"version"`
}

// Expected is where the KPI should be at the instant on a straight line from baseline to target.
func (g Goal) Expected(at time.Time) int64 {
	switch {
	case !at.After(g.StartsAt):
		return g.Baseline
	case !at.Before(g.EndsAt):
		return g.Target
	}
	share := float64(at.Sub(g.StartsAt)) / float64(g.EndsAt.Sub(g.StartsAt))
	return g.Baseline + int64(share*float64(g.Target-g.Baseline))
}

// HealthAt grades an actual value against the pace (A01): the share of the expected way that was made.
func (g Goal) HealthAt(actual int64, at time.Time) Health {
	want := g.Expected(at) - g.Baseline
	if want == 0 {
		return OnTrack
	}
	made := float64(actual-g.Baseline) / float64(want)
	switch {
	case made >= 0.95:
		return OnTrack
	case made >= 0.80:
		return AtRisk
	}
	return OffTrack
}

// KPIs are the metrics a goal can have in this version: those the instance can compute from rows it holds.
var KPIs = []string{"M-NETREV", "M-REV", "M-ORDERS", "M-CONVN", "M-CLICK", "M-ENG", "M-LIKE", "M-COMM", "M-SHARE", "M-IMPR", "M-POSTS", "M-FOLL", "M-MSGIN"}

// Goals are all goals.
type Goals struct {
	db     *db.DB
	events *event.Events
}

// New returns the goals of this database.
func New(database *db.DB, events *event.Events) *Goals { return &Goals{db: database, events: events} }

const columns = `workspace_id, id, brand_id, name, metric, baseline, target, currency, starts_at, ends_at, zone, owner_id, weight, scope_channels,
	campaign_id, state, health, note, created_at, version`

// Edit is what a person sets.
type Edit struct {
	BrandID, Name, Metric, Currency, Zone, OwnerID, CampaignID, Note string
	Baseline, Target                                                 int64
	StartsAt, EndsAt                                                 time.Time
	Channels                                                         []string
	Reason                                                           string // why an existing goal is adjusted
}

func (e *Edit) check() error {
	e.Name = strings.TrimSpace(e.Name)
	if e.Channels == nil {
		e.Channels = []string{}
	}
	known := false
	for _, k := range KPIs {
		known = known || k == e.Metric
	}
	d := metric.Define(e.Metric)
	switch {
	case e.Name == "" || len(e.Name) > 200:
		return fault.Invalidf("name", "a goal needs a name of at most 200 bytes")
	case !known:
		return fault.Invalidf("metric", "choose one of the offered KPIs")
	case e.Target == e.Baseline:
		return fault.Invalidf("target", "the target equals the baseline, so there is nothing to reach")
	case e.StartsAt.IsZero() || !e.EndsAt.After(e.StartsAt):
		return fault.Invalidf("ends_at", "a goal needs a period that ends after it starts")
	case d.Type == metric.Money && len(e.Currency) != 3:
		return fault.Invalidf("currency", "%s is money and needs a currency", d.Name)
	}
	return nil
}

// belongs refuses a goal about another workspace's things.
func (e Edit) belongs(ctx context.Context, q db.Queryer, workspaceID string) error {
	if err := workspace.Belong(ctx, q, workspaceID, workspace.ABrand, e.BrandID); err != nil {
		return err
	}
	if err := workspace.Belong(ctx, q, workspaceID, workspace.ACampaign, e.CampaignID); err != nil {
		return err
	}
	return workspace.Belong(ctx, q, workspaceID, workspace.AChannel, e.Channels...)
}

// Set makes a goal. A KPI without any source in the workspace is refused with what is missing (A01).
func (g *Goals) Set(ctx context.Context, actor workspace.Actor, e Edit) (Goal, error) {
	if err := actor.May(workspace.GoalEdit, workspace.Scope{BrandID: e.BrandID}); err != nil {
		return Goal{}, err
	}
	if err := e.check(); err != nil {
		return Goal{}, err
	}
	if err := g.source(ctx, actor, e.Metric); err != nil {
		return Goal{}, err
	}
	made := Goal{WorkspaceID: actor.WorkspaceID, ID: id.New("goal"), BrandID: e.BrandID, Name: e.Name, Metric: e.Metric, Baseline: e.Baseline, Target: e.Target,
		Currency: e.Currency, StartsAt: e.StartsAt, EndsAt: e.EndsAt, Zone: e.Zone, OwnerID: e.OwnerID, Weight: 100, Channels: e.Channels, CampaignID: e.CampaignID,
		State: Active, Note: e.Note, CreatedAt: db.Now(), Version: 1}
	if made.OwnerID == "" {
		made.OwnerID = actor.UserID
	}
	err := g.db.Tx(ctx, func(tx *db.Tx) error {
		if err := e.belongs(ctx, tx, actor.WorkspaceID); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `insert into goals (`+columns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
			made.WorkspaceID, made.ID, made.BrandID, made.Name, made.Metric, made.Baseline, made.Target, made.Currency, made.StartsAt, made.EndsAt, made.Zone,
			made.OwnerID, made.Weight, db.JSON(made.Channels), made.CampaignID, made.State, made.Health, made.Note, made.CreatedAt, made.Version); err != nil {
			return err
		}
		return g.tell(ctx, tx, actor, "goal.set", made.ID, nil, made)
	})
	return made, err
}

// Adjust changes a goal; the old target is kept with the reason.
func (g *Goals) Adjust(ctx context.Context, actor workspace.Actor, goalID string, version int, e Edit) (Goal, error) {
	if err := e.check(); err != nil {
		return Goal{}, err
	}
	var saved Goal
	err := g.db.Tx(ctx, func(tx *db.Tx) error {
		before, err := g.get(ctx, tx, "", []any{actor.WorkspaceID, goalID})
		if err != nil {
			return err
		}
		for _, brandID := range []string{before.BrandID, e.BrandID} { // as it is and as it becomes
			if err := mayEdit(actor, before, brandID); err != nil {
				return err
			}
		}
		if err := e.belongs(ctx, tx, actor.WorkspaceID); err != nil {
			return err
		}
		rows, err := db.All[Goal](ctx, tx, `update goals set brand_id = $4, name = $5, metric = $6, baseline = $7, target = $8, currency = $9, starts_at = $10,
				ends_at = $11, zone = $12, owner_id = $13, scope_channels = $14, campaign_id = $15, note = $16, version = version + 1
			where workspace_id = $1 and id = $2 and version = $3 returning `+columns, actor.WorkspaceID, goalID, version, e.BrandID, e.Name, e.Metric, e.Baseline,
			e.Target, e.Currency, e.StartsAt, e.EndsAt, e.Zone, e.OwnerID, db.JSON(e.Channels), e.CampaignID, e.Note)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return fault.Conflictf("somebody changed this goal while you were writing").WithCode("stale").WithHint("Your input is kept. Compare, then save again.")
		}
		saved = rows[0]
		if before.Target != saved.Target {
			if _, err := db.Exec(ctx, tx, `insert into goal_changes (workspace_id, id, goal_id, at, actor, target_before, target_after, reason)
				values ($1, $2, $3, $4, $5, $6, $7, $8)`, actor.WorkspaceID, id.New("gchg"), goalID, db.Now(), actor.ID(), before.Target, saved.Target, e.Reason); err != nil {
				return err
			}
		}
		return g.tell(ctx, tx, actor, "goal.adjusted", goalID, before, saved)
	})
	return saved, err
}

// Close ends a goal as achieved, missed or cancelled.
func (g *Goals) Close(ctx context.Context, actor workspace.Actor, goalID string, as State) error {
	if as != Achieved && as != Missed && as != Cancelled {
		return fault.Invalidf("state", "a goal ends as achieved, missed or cancelled")
	}
	return g.db.Tx(ctx, func(tx *db.Tx) error {
		before, err := g.get(ctx, tx, "", []any{actor.WorkspaceID, goalID})
		if err != nil {
			return err
		}
		if err := mayEdit(actor, before, before.BrandID); err != nil {
			return err
		}
		n, err := db.Exec(ctx, tx, `update goals set state = $3, version = version + 1 where workspace_id = $1 and id = $2 and state in ('draft', 'active')`, actor.WorkspaceID, goalID, as)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.Conflictf("this goal has ended already").WithCode("invalid_transition")
		}
		return g.tell(ctx, tx, actor, "goal."+string(as), goalID, before.State, as)
	})
}

// SetHealth stores a goal's computed health and tells its owner when it changed.
func (g *Goals) SetHealth(ctx context.Context, goal Goal, health Health) error {
	return g.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `update goals set health = $3 where workspace_id = $1 and id = $2 and health <> $3`, goal.WorkspaceID, goal.ID, health)
		if err != nil || n == 0 {
			return err
		}
		return g.events.Record(ctx, tx, goal.WorkspaceID, "system", "goal.health_changed", goal.ID,
			map[string]string{"name": goal.Name, "from": string(goal.Health), "to": string(health), "owner": goal.OwnerID})
	})
}

func mayEdit(actor workspace.Actor, goal Goal, brandID string) error {
	sees := actor.Sees(workspace.GoalRead, workspace.Scope{BrandID: goal.BrandID}, goal.OwnerID == actor.UserID)
	return workspace.Unseen(actor.May(workspace.GoalEdit, workspace.Scope{BrandID: brandID}), sees, "goal")
}

// readable narrows a query of goals to what the actor may read. Who reads a channel reads the goals set for it.
func readable(actor workspace.Actor, args *[]any) string {
	return " and " + actor.Readable(workspace.Rows{Brand: "brand_id = ?", Own: "owner_id = ?", Channel: `scope_channels like '%"' || ? || '"%'`}, args, workspace.GoalRead)
}

// Get returns one goal that the actor may read.
func (g *Goals) Get(ctx context.Context, actor workspace.Actor, goalID string) (Goal, error) {
	if !actor.CanSomewhere(workspace.GoalRead) {
		return Goal{}, actor.May(workspace.GoalRead, workspace.Scope{})
	}
	args := []any{actor.WorkspaceID, goalID}
	return g.get(ctx, g.db, readable(actor, &args), args)
}

func (g *Goals) get(ctx context.Context, q db.Queryer, within string, args []any) (Goal, error) {
	found, err := db.One[Goal](ctx, q, `select `+columns+` from goals where workspace_id = $1 and id = $2`+within, args...)
	if fault.Is(err, fault.NotFound) {
		return found, fault.NotFoundf("there is no such goal in this workspace")
	}
	return found, err
}

// List returns the goals that the actor may read, running ones first, by their end.
func (g *Goals) List(ctx context.Context, actor workspace.Actor) ([]Goal, error) {
	if !actor.CanSomewhere(workspace.GoalRead) {
		return nil, actor.May(workspace.GoalRead, workspace.Scope{})
	}
	args := []any{actor.WorkspaceID}
	return db.All[Goal](ctx, g.db, `select `+columns+` from goals where workspace_id = $1`+readable(actor, &args)+`
		order by case state when 'active' then 0 else 1 end, ends_at, id limit 500`, args...)
}

// Change is one adjustment of a goal's target.
type Change struct {
	At     time.Time `db:"at"`
	Actor  string    `db:"actor"`
	Before int64     `db:"target_before"`
	After  int64     `db:"target_after"`
	Reason string    `db:"reason"`
}

// Changes returns the adjustments of a goal, the newest first.
func (g *Goals) Changes(ctx context.Context, actor workspace.Actor, goalID string) ([]Change, error) {
	if _, err := g.Get(ctx, actor, goalID); err != nil {
		return nil, err
	}
	return db.All[Change](ctx, g.db, `select at, actor, target_before, target_after, reason from goal_changes where workspace_id = $1 and goal_id = $2
		order by at desc`, actor.WorkspaceID, goalID)
}

// source refuses a KPI nothing in the workspace can deliver.
func (g *Goals) source(ctx context.Context, actor workspace.Actor, metricID string) error {
	missing := ""
	var n int
	var err error
	switch metricID {
	case "M-CLICK", "M-POSTS", "M-MSGIN", "M-ENG", "M-LIKE", "M-COMM", "M-SHARE", "M-IMPR", "M-FOLL":
		n, err = db.One[int](ctx, g.db, `select count(*) from channels where workspace_id = $1 and disconnected_at is null`, actor.WorkspaceID)
		missing = "connect at least one channel"
	case "M-CONVN":
		n, err = db.One[int](ctx, g.db, `select count(*) from conversion_rules where workspace_id = $1`, actor.WorkspaceID)
		missing = "mark at least one event as a conversion"
	default: // orders can come by API, CSV or shop at any time
		n = 1
	}
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.Invalidf("metric", "%s has no source in this workspace yet", metric.Define(metricID).Name).WithHint("To have one, " + missing + ".")
	}
	return nil
}

func (g *Goals) tell(ctx context.Context, tx *db.Tx, actor workspace.Actor, what, goalID string, before, after any) error {
	if err := workspace.Audit(ctx, tx, actor, what, goalID, before, after); err != nil {
		return err
	}
	return g.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), what, goalID, nil)
}
