package insight

import (
	"context"
	"errors"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/strategy"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Progress is how far a goal is now.
type Progress struct {
	Goal     strategy.Goal
	Actual   Number
	Expected int64 // by today, on the straight line
	Health   strategy.Health
	Share    float64 // of the way from baseline to target, 0 … 1 and beyond
	Points   []Point // the KPI day by day, cumulated for counts and money
}

// Progress reads a goal's KPI from the rows of its period and scope.
func (i *Insight) Progress(ctx context.Context, actor workspace.Actor, g strategy.Goal) (Progress, error) {
	now := db.Now()
	period, scope := Period{From: g.StartsAt, To: g.EndsAt, Zone: g.Zone}, Scope{CampaignID: g.CampaignID, Channels: g.Channels, goal: true}
	actual, err := i.Value(ctx, actor, g.Metric, period, scope, g.Currency)
	if err != nil {
		return Progress{}, err
	}
	out := Progress{Goal: g, Actual: actual, Expected: g.Expected(now)}
	if span := g.Target - g.Baseline; span != 0 {
		out.Share = float64(actual.Value-g.Baseline) / float64(span)
	}
	if actual.Has {
		out.Health = g.HealthAt(actual.Value, now)
	}
	if out.Points, err = i.Series(ctx, actor, g.Metric, period, scope, g.Currency); err != nil {
		return out, err
	}
	out.Points = running(out.Points, g, now)
	return out, nil
}

// running cumulates what adds up over the days, from the baseline on; followers stand as they are.
func running(points []Point, g strategy.Goal, now time.Time) []Point {
	if g.Metric == "M-FOLL" {
		return points
	}
	total := float64(g.Baseline)
	for n := range points {
		total += points[n].Value
		points[n].Value, points[n].Has = total, !points[n].At.After(now)
	}
	return points
}

// Value returns one metric of the dictionary for a period and scope.
func (i *Insight) Value(ctx context.Context, actor workspace.Actor, metricID string, p Period, s Scope, currency string) (Number, error) {
	switch metricID {
	case "M-REV", "M-NETREV", "M-REFUND", "M-ORDERS", "M-AOV":
		numbers, _, err := i.Money(ctx, actor, p, s, currency)
		return numbers[metricID], err
	case "M-CLICK":
		n, _, err := i.Clicks(ctx, actor, p, s)
		return n, err
	case "M-CONVN", "M-CVALUE":
		n, value, err := i.Conversions(ctx, actor, p, s, currency)
		if metricID == "M-CVALUE" {
			n = value
		}
		return n, err
	case "M-FOLL", "M-FOLLNET", "M-FOLLGR":
		numbers, err := i.Followers(ctx, actor, p, s)
		return numbers[metricID], err
	case "M-MSGIN", "M-NEEDANS", "M-RESPRATE", "M-FRT", "M-BACKLOG":
		care, err := i.Care(ctx, actor, p, s)
		return map[string]Number{"M-MSGIN": care.Inbound, "M-NEEDANS": care.NeedAns, "M-RESPRATE": care.Response, "M-FRT": care.FirstTime, "M-BACKLOG": care.Backlog}[metricID], err
	}
	numbers, err := i.Posts(ctx, actor, p, s)
	if err != nil {
		return Number{}, err
	}
	n, ok := numbers[metricID]
	if !ok {
		return n, fault.Invalidf("metric", "%s is not computed in this version", metricID)
	}
	return n, nil
}

// RefreshHealth recomputes every running goal of every workspace and tells owners of changes; a job calls it.
func (i *Insight) RefreshHealth(ctx context.Context, goals *strategy.Goals) error {
	workspaces, err := db.All[string](ctx, i.db, `select distinct workspace_id from goals where state = 'active'`)
	if err != nil {
		return err
	}
	var failed []error
	for _, workspaceID := range workspaces {
		actor := workspace.System(workspaceID)
		all, err := goals.List(ctx, actor)
		if err != nil {
			return err
		}
		for _, g := range all {
			if g.State != strategy.Active {
				continue
			}
			p, err := i.Progress(ctx, actor, g)
			if err == nil && p.Health != "" {
				err = goals.SetHealth(ctx, g, p.Health)
			}
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
