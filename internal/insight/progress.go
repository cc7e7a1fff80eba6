package insight

import (
	"context"
	"errors"
	"slices"
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

// Progress reads a goal's KPI for its period and scope.
func (i *Insight) Progress(ctx context.Context, actor workspace.Actor, g strategy.Goal) (Progress, error) {
	all, err := i.ProgressOf(ctx, actor, g)
	if err != nil {
		return Progress{}, err
	}
	return all[0], nil
}

// ProgressOf is Progress for many goals at once, in their order: goals of one KPI are read together.
func (i *Insight) ProgressOf(ctx context.Context, actor workspace.Actor, goals ...strategy.Goal) ([]Progress, error) {
	now := db.Now()
	out := make([]Progress, len(goals))
	byMetric := map[string][]int{}
	for n, g := range goals {
		byMetric[g.Metric] = append(byMetric[g.Metric], n)
	}
	for metricID, places := range byMetric {
		var asks []Ask
		var currencies []string
		for _, n := range places {
			g := goals[n]
			asks = append(asks, Ask{Period{From: g.StartsAt, To: g.EndsAt, Zone: g.Zone}, Scope{CampaignID: g.CampaignID, Channels: g.Channels, goal: true}})
			currencies = append(currencies, g.Currency)
		}
		actual, err := i.ValuesOf(ctx, actor, metricID, currencies, asks...)
		if err != nil {
			return nil, err
		}
		series, err := i.SeriesOf(ctx, actor, metricID, currencies, asks...)
		if err != nil {
			return nil, err
		}
		for at, n := range places {
			g := goals[n]
			p := Progress{Goal: g, Actual: actual[at], Expected: g.Expected(now), Points: running(series[at], g, now)}
			if span := g.Target - g.Baseline; span != 0 {
				p.Share = float64(p.Actual.Value-g.Baseline) / float64(span)
			}
			if p.Actual.Has {
				p.Health = g.HealthAt(p.Actual.Value, now)
			}
			out[n] = p
		}
	}
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
	all, err := i.ValuesOf(ctx, actor, metricID, []string{currency}, Ask{p, s})
	if err != nil {
		return Number{}, err
	}
	return all[0], nil
}

// ValuesOf is Value for many at once, each in its currency.
func (i *Insight) ValuesOf(ctx context.Context, actor workspace.Actor, metricID string, currencies []string, asks ...Ask) ([]Number, error) {
	out := make([]Number, len(asks))
	switch metricID {
	case "M-CLICK":
		clicks, _, err := i.ClicksOf(ctx, actor, asks...)
		return clicks, err
	case "M-MSGIN":
		return i.InboundOf(ctx, actor, asks...)
	case "M-REV", "M-NETREV", "M-REFUND", "M-ORDERS", "M-AOV":
		numbers, _, err := i.MoneyOf(ctx, actor, currencies, asks...)
		for n := range numbers {
			out[n] = numbers[n][metricID]
		}
		return out, err
	case "M-CONVN", "M-CVALUE", "M-FOLL", "M-FOLLNET", "M-FOLLGR", "M-NEEDANS", "M-RESPRATE", "M-FRT", "M-BACKLOG":
		for n, a := range asks {
			var err error
			if out[n], err = i.single(ctx, actor, metricID, a, currencies[n]); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	numbers, err := i.PostsOf(ctx, actor, asks...)
	if err != nil {
		return nil, err
	}
	for n := range numbers {
		var ok bool
		if out[n], ok = numbers[n][metricID]; !ok {
			return nil, fault.Invalidf("metric", "%s is not computed in this version", metricID)
		}
	}
	return out, nil
}

// single is the value of a metric that is read one by one.
func (i *Insight) single(ctx context.Context, actor workspace.Actor, metricID string, a Ask, currency string) (Number, error) {
	switch metricID {
	case "M-CONVN", "M-CVALUE":
		n, value, err := i.Conversions(ctx, actor, a.Period, a.Scope, currency)
		if metricID == "M-CVALUE" {
			n = value
		}
		return n, err
	case "M-FOLL", "M-FOLLNET", "M-FOLLGR":
		numbers, err := i.Followers(ctx, actor, a.Period, a.Scope)
		return numbers[metricID], err
	}
	if metricID != "M-BACKLOG" {
		numbers, err := i.Answers(ctx, actor, a.Period, a.Scope)
		return numbers[metricID], err
	}
	care, err := i.Care(ctx, actor, a.Period, a.Scope)
	return care.Backlog, err
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
		running, err := i.ProgressOf(ctx, actor, slices.DeleteFunc(all, func(g strategy.Goal) bool { return g.State != strategy.Active })...)
		failed = append(failed, err)
		for _, p := range running {
			if p.Health != "" {
				failed = append(failed, goals.SetHealth(ctx, p.Goal, p.Health))
			}
		}
	}
	return errors.Join(failed...)
}
