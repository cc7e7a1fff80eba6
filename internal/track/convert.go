package track

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rule marks an event as valuable (I03).
type Rule struct {
	WorkspaceID string    `db:"workspace_id" json:"-"`
	ID          string    `db:"id" json:"id"`
	EventName   string    `db:"event_name" json:"event_name"`
	Name        string    `db:"name" json:"name"`
	Counting    string    `db:"counting" json:"counting"`       // every, or visit: once per visit
	ValueMinor  *int64    `db:"value_minor" json:"value_minor"` // nil = the event's own value
	Currency    string    `db:"currency" json:"currency"`
	Lookback    int       `db:"lookback_days" json:"lookback_days"`
	Since       time.Time `db:"since" json:"since"`
	EndedAt     time.Time `db:"ended_at" json:"ended_at,omitzero"`
}

const ruleColumns = `workspace_id, id, event_name, name, counting, value_minor, currency, lookback_days, since, ended_at`

// Mark makes an event a conversion from now on.
func (t *Track) Mark(ctx context.Context, actor workspace.Actor, r Rule) (Rule, error) {
	if err := actor.May(workspace.LinkEdit, workspace.Scope{}); err != nil {
		return r, err
	}
	if r.Counting == "" {
		r.Counting = "every"
	}
	if r.Lookback == 0 {
		r.Lookback = 90
	}
	switch {
	case r.EventName == "" || len(r.EventName) > 80:
		return r, fault.Invalidf("event_name", "name the event that is valuable")
	case r.Counting != "every" && r.Counting != "visit":
		return r, fault.Invalidf("counting", "a conversion counts every time or once per visit")
	case r.Lookback < 1 || r.Lookback > 365:
		return r, fault.Invalidf("lookback_days", "the lookback is 1 to 365 days")
	case r.ValueMinor != nil && len(r.Currency) != 3:
		return r, fault.Invalidf("currency", "a value needs a currency such as EUR")
	}
	if r.Name == "" {
		r.Name = r.EventName
	}
	r.WorkspaceID, r.ID, r.Since = actor.WorkspaceID, id.New("conv_rule"), db.Now()
	err := t.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `insert into conversion_rules (`+ruleColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, r.WorkspaceID, r.ID, r.EventName,
			r.Name, r.Counting, r.ValueMinor, r.Currency, r.Lookback, r.Since, r.EndedAt); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "conversion.marked", r.ID, nil, r)
	})
	return r, err
}

// Rules returns the running conversion rules.
func (t *Track) Rules(ctx context.Context, actor workspace.Actor) ([]Rule, error) {
	return db.All[Rule](ctx, t.db, `select `+ruleColumns+` from conversion_rules where workspace_id = $1 and ended_at is null order by name, id`, actor.WorkspaceID)
}

// Unmark ends a rule; what it counted stays.
func (t *Track) Unmark(ctx context.Context, actor workspace.Actor, ruleID string) error {
	if err := actor.May(workspace.LinkEdit, workspace.Scope{}); err != nil {
		return err
	}
	return t.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `update conversion_rules set ended_at = $3 where workspace_id = $1 and id = $2 and ended_at is null`, actor.WorkspaceID, ruleID, db.Now()); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "conversion.unmarked", ruleID, nil, nil)
	})
}

// convert counts an event as a conversion by the rules running when it happened, with its last touch.
func (t *Track) convert(ctx context.Context, tx *db.Tx, e Event) error {
	rules, err := db.All[Rule](ctx, tx, `select `+ruleColumns+` from conversion_rules where workspace_id = $1 and event_name = $2 and since <= $3
		and (ended_at is null or ended_at > $3)`, e.WorkspaceID, e.Name, e.At)
	if err != nil {
		return err
	}
	for _, r := range rules {
		if r.Counting == "visit" {
			n, err := db.One[int](ctx, tx, `select count(*) from conversions where workspace_id = $1 and rule_id = $2 and visit = $3`, e.WorkspaceID, r.ID, e.Visit)
			if err != nil {
				return err
			}
			if n > 0 {
				continue
			}
		}
		value, currency := int64(0), e.Currency
		if e.ValueMinor != nil {
			value = *e.ValueMinor
		}
		if r.ValueMinor != nil {
			value, currency = *r.ValueMinor, r.Currency
		}
		touch, err := t.LastTouch(ctx, tx, e.WorkspaceID, []string{e.Visitor}, e.At.AddDate(0, 0, -r.Lookback), e.At)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		group := touch.Group
		if group == "" {
			group = e.Group
		}
		conversion := id.New("conversion")
		n, err := db.Exec(ctx, tx, `insert into conversions (workspace_id, id, rule_id, event_id, visitor, visit, at, value_minor, currency, link_id, target_id, campaign_id,
				channel_id, channel_group) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
			on conflict (workspace_id, rule_id, event_id) do nothing`, e.WorkspaceID, conversion, r.ID, e.ID, e.Visitor, e.Visit, e.At, value, currency, touch.LinkID,
			touch.TargetID, touch.CampaignID, touch.ChannelID, group)
		if err != nil {
			return fmt.Errorf("store a conversion: %w", err)
		}
		if n == 1 {
			if err := metric.Stale(ctx, tx, e.WorkspaceID, metric.OfConversions, e.At); err != nil {
				return err
			}
			if err := t.events.Record(ctx, tx, e.WorkspaceID, "system", "track.converted", conversion, map[string]any{"rule": r.ID, "target": touch.TargetID, "value_minor": value}); err != nil {
				return err
			}
		}
	}
	return nil
}
