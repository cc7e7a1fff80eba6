package insight

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Watching is how a published video or story was watched (H05): only what its network delivers.
type Watching struct {
	Values   map[string]Number // by metric id
	Curve    []network.Watched // nil where the network tells none
	CurveAt  time.Time
	Perishes time.Time // when it and its numbers vanish by their nature; zero = they stay
	Missed   time.Time // when numbers were lost because they vanished unread; zero = none were (H21)
	Why      string    // of Missed
}

// Watch returns how one target was watched.
func (i *Insight) Watch(ctx context.Context, actor workspace.Actor, targetID string) (Watching, error) {
	w := Watching{Values: map[string]Number{}}
	args := []any{actor.WorkspaceID, targetID}
	open := ` from targets t join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id`
	within := ` where t.workspace_id = $1 and t.id = $2` + (Scope{}).within(actor, targetRows, &args)
	values, err := db.All[struct {
		Metric string    `db:"metric"`
		Value  int64     `db:"value"`
		At     time.Time `db:"at"`
	}](ctx, i.db, `select v.metric, v.value, v.at`+open+` join latest_values v on v.workspace_id = t.workspace_id and v.scope = t.id`+within, args...)
	if err != nil {
		return w, err
	}
	for _, v := range values {
		w.Values[v.Metric] = Number{Definition: metric.Define(v.Metric), Has: true, Value: v.Value, AsOf: v.At, N: 1}
	}
	if over, under := w.Values["M-VDONE"], w.Values["M-VVIEW"]; over.Has && under.Has {
		w.Values["M-VCOMP"] = ratio("M-VCOMP", over.Value, under.Value, over.AsOf, 1)
	}
	if total, views := w.Values["M-VTIME"], w.Values["M-VVIEW"]; !w.Values["M-VAVG"].Has && total.Has && views.Value > 0 {
		w.Values["M-VAVG"] = Number{Definition: metric.Define("M-VAVG"), Has: true, Value: total.Value * 1000 / views.Value, AsOf: total.AsOf, N: 1}
	}
	curves, err := db.All[struct {
		At    time.Time         `db:"at"`
		Curve []network.Watched `db:"curve,json"`
	}](ctx, i.db, `select r.at, r.curve`+open+` join retentions r on r.workspace_id = t.workspace_id and r.target_id = t.id`+within, args...)
	if err != nil {
		return w, err
	}
	if len(curves) > 0 {
		w.Curve, w.CurveAt = curves[0].Curve, curves[0].At
	}
	plans, err := db.All[struct {
		Perishes time.Time `db:"perishes_at"`
		Missed   time.Time `db:"missed_at"`
		Error    string    `db:"error"`
	}](ctx, i.db, `select m.perishes_at, m.missed_at, m.error`+open+` join measure_plans m on m.workspace_id = t.workspace_id and m.target_id = t.id`+within, args...)
	if err != nil || len(plans) == 0 {
		return w, err
	}
	if w.Perishes, w.Missed = plans[0].Perishes, plans[0].Missed; !w.Missed.IsZero() {
		w.Why = plans[0].Error
	}
	return w, nil
}
