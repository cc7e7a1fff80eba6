package campaign

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/utm"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// State is where a campaign is in its life.
type State string

const (
	Draft  State = "draft"
	Active State = "active"
	Closed State = "closed"
)

// Campaign is one purpose over all means.
type Campaign struct {
	WorkspaceID string    `db:"workspace_id" json:"-"`
	ID          string    `db:"id" json:"id"`
	BrandID     string    `db:"brand_id" json:"brand_id"`
	Name        string    `db:"name" json:"name"`
	Message     string    `db:"message" json:"message"` // what it says, for everyone who writes for it
	UTM         string    `db:"utm_campaign" json:"utm_campaign"`
	Colour      string    `db:"colour" json:"colour"`
	StartsAt    time.Time `db:"starts_at" json:"starts_at,omitzero"`
	EndsAt      time.Time `db:"ends_at" json:"ends_at,omitzero"` // exclusive
	Zone        string    `db:"zone" json:"zone"`
	OwnerID     string    `db:"owner_id" json:"owner_id"`
	Budget      int64     `db:"budget_minor" json:"budget_minor"` // minor units of Currency
	Currency    string    `db:"currency" json:"currency"`
	State       State     `db:"state" json:"state"`
	CreatedAt   time.Time `db:"created_at" json:"created_at"`
	Version     int       `db:"version" json:"version"`
}

// Campaigns are all campaigns.
type Campaigns struct {
	db     *db.DB
	events *event.Events
}

// New returns the campaigns of this database.
func New(database *db.DB, events *event.Events) *Campaigns {
	return &Campaigns{db: database, events: events}
}

const columns = `workspace_id, id, brand_id, name, message, utm_campaign, colour, starts_at, ends_at, zone, owner_id, budget_minor, currency,
	state, created_at, version`

// Edit is what a person sets.
type Edit struct {
	BrandID, Name, Message, Colour, Zone, OwnerID, Currency string
	StartsAt, EndsAt                                        time.Time
	Budget                                                  int64
	State                                                   State
}

func (e *Edit) check() error {
	e.Name = strings.TrimSpace(e.Name)
	switch {
	case e.Name == "" || len(e.Name) > 200:
		return fault.Invalidf("name", "a campaign needs a name of at most 200 bytes")
	case !e.StartsAt.IsZero() && !e.EndsAt.IsZero() && !e.EndsAt.After(e.StartsAt):
		return fault.Invalidf("ends_at", "the campaign ends before it starts")
	case e.Budget < 0:
		return fault.Invalidf("budget", "a budget cannot be negative")
	case e.State != Draft && e.State != Active && e.State != Closed:
		return fault.Invalidf("state", "a campaign is draft, active or closed")
	}
	return nil
}

// Create makes a campaign and its UTM value, which never changes afterwards.
func (c *Campaigns) Create(ctx context.Context, actor workspace.Actor, e Edit) (Campaign, error) {
	if e.State == "" {
		e.State = Active
	}
	if err := actor.May(workspace.CampaignEdit, workspace.Scope{BrandID: e.BrandID}); err != nil {
		return Campaign{}, err
	}
	if err := e.check(); err != nil {
		return Campaign{}, err
	}
	var made Campaign
	err := c.db.Tx(ctx, func(tx *db.Tx) error {
		if err := workspace.Belong(ctx, tx, actor.WorkspaceID, workspace.ABrand, e.BrandID); err != nil {
			return err
		}
		value := utm.Normal(e.Name)
		if value == "" {
			return fault.Invalidf("name", "the name leaves nothing for links to carry; use letters or digits")
		}
		for n := 2; ; n++ {
			taken, err := db.One[int](ctx, tx, `select count(*) from campaigns where workspace_id = $1 and utm_campaign = $2`, actor.WorkspaceID, value)
			if err != nil {
				return err
			}
			if taken == 0 {
				break
			}
			value = fmt.Sprintf("%s_%d", utm.Normal(e.Name), n)
		}
		made = Campaign{WorkspaceID: actor.WorkspaceID, ID: id.New("camp"), BrandID: e.BrandID, Name: e.Name, Message: e.Message, UTM: value, Colour: e.Colour,
			StartsAt: e.StartsAt, EndsAt: e.EndsAt, Zone: e.Zone, OwnerID: e.OwnerID, Budget: e.Budget, Currency: e.Currency, State: e.State, CreatedAt: db.Now(), Version: 1}
		if made.OwnerID == "" {
			made.OwnerID = actor.UserID
		}
		if _, err := db.Exec(ctx, tx, `insert into campaigns (`+columns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
			made.WorkspaceID, made.ID, made.BrandID, made.Name, made.Message, made.UTM, made.Colour, made.StartsAt, made.EndsAt, made.Zone, made.OwnerID,
			made.Budget, made.Currency, made.State, made.CreatedAt, made.Version); err != nil {
			return err
		}
		return c.tell(ctx, tx, actor, "campaign.created", made.ID, nil, made)
	})
	return made, err
}

// Save changes a campaign made on top of version; somebody else's newer version answers with a Conflict.
func (c *Campaigns) Save(ctx context.Context, actor workspace.Actor, campaignID string, version int, e Edit) (Campaign, error) {
	if err := e.check(); err != nil {
		return Campaign{}, err
	}
	var saved Campaign
	err := c.db.Tx(ctx, func(tx *db.Tx) error {
		before, err := c.get(ctx, tx, "", []any{actor.WorkspaceID, campaignID})
		if err != nil {
			return err
		}
		for _, brandID := range []string{before.BrandID, e.BrandID} { // as it is and as it becomes
			if err := actor.May(workspace.CampaignEdit, workspace.Scope{BrandID: brandID}); err != nil {
				return workspace.Unseen(err, actor.Sees(workspace.CampaignRead, workspace.Scope{BrandID: before.BrandID}, before.OwnerID == actor.UserID), "campaign")
			}
		}
		if err := workspace.Belong(ctx, tx, actor.WorkspaceID, workspace.ABrand, e.BrandID); err != nil {
			return err
		}
		rows, err := db.All[Campaign](ctx, tx, `update campaigns set brand_id = $4, name = $5, message = $6, colour = $7, starts_at = $8, ends_at = $9, zone = $10,
				owner_id = $11, budget_minor = $12, currency = $13, state = $14, version = version + 1
			where workspace_id = $1 and id = $2 and version = $3 returning `+columns, actor.WorkspaceID, campaignID, version, e.BrandID, e.Name, e.Message, e.Colour,
			e.StartsAt, e.EndsAt, e.Zone, e.OwnerID, e.Budget, e.Currency, e.State)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return fault.Conflictf("somebody changed this campaign while you were writing").WithCode("stale").WithHint("Your input is kept. Compare, then save again.")
		}
		saved = rows[0]
		return c.tell(ctx, tx, actor, "campaign.saved", campaignID, before, saved)
	})
	return saved, err
}

// readable narrows a query of campaigns to what the actor may read. Who reads a channel reads the campaigns of its
// brand: posts are written for them.
func readable(actor workspace.Actor, args *[]any) string {
	return " and " + actor.Readable(workspace.Rows{Brand: "brand_id = ?", Own: "owner_id = ?",
		Channel: "brand_id in (select h.brand_id from channels h where h.workspace_id = campaigns.workspace_id and h.id = ?)"}, args, workspace.CampaignRead)
}

// Get returns one campaign that the actor may read.
func (c *Campaigns) Get(ctx context.Context, actor workspace.Actor, campaignID string) (Campaign, error) {
	args := []any{actor.WorkspaceID, campaignID}
	return c.get(ctx, c.db, readable(actor, &args), args)
}

func (c *Campaigns) get(ctx context.Context, q db.Queryer, within string, args []any) (Campaign, error) {
	found, err := db.One[Campaign](ctx, q, `select `+columns+` from campaigns where workspace_id = $1 and id = $2`+within, args...)
	if fault.Is(err, fault.NotFound) {
		return found, fault.NotFoundf("there is no such campaign in this workspace")
	}
	return found, err
}

// List returns the campaigns that the actor may read, running ones first, then the newest.
func (c *Campaigns) List(ctx context.Context, actor workspace.Actor) ([]Campaign, error) {
	args := []any{actor.WorkspaceID}
	return db.All[Campaign](ctx, c.db, `select `+columns+` from campaigns where workspace_id = $1`+readable(actor, &args)+`
		order by case state when 'active' then 0 when 'draft' then 1 else 2 end, created_at desc limit 500`, args...)
}

func (c *Campaigns) tell(ctx context.Context, tx *db.Tx, actor workspace.Actor, what, campaignID string, before, after any) error {
	if err := workspace.Audit(ctx, tx, actor, what, campaignID, before, after); err != nil {
		return err
	}
	return c.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), what, campaignID, nil)
}
