package insight

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Point is one day of a series; a day without data is a gap, not 0.
type Point struct {
	Day   string // YYYY-MM-DD in the period's zone
	At    time.Time
	Value float64
	Has   bool
}

// daily is what one day, or one row of it, adds to a series.
type daily struct {
	Tag      int       `db:"tag"`
	Day      string    `db:"day"` // or, of a row, its instant
	At       time.Time `db:"at"`
	Currency string    `db:"currency"`
	Value    float64   `db:"value"`
}

// Series returns a metric day by day: engagement numbers by the day their posts were published, clicks, orders and
// money by their own day, followers as they stood.
func (i *Insight) Series(ctx context.Context, actor workspace.Actor, metricID string, p Period, s Scope, currency string) ([]Point, error) {
	all, err := i.SeriesOf(ctx, actor, metricID, []string{currency}, Ask{p, s})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// SeriesOf is Series for many at once, each in its currency.
func (i *Insight) SeriesOf(ctx context.Context, actor workspace.Actor, metricID string, currencies []string, asks ...Ask) ([][]Point, error) {
	rows, err := i.days(ctx, actor, metricID, asks)
	if err != nil {
		return nil, err
	}
	money := slices.Contains([]string{"M-REV", "M-NETREV", "M-ORDERS"}, metricID)
	// A day without rows is a true 0 for what we count ourselves.
	zero := money || slices.Contains([]string{"M-CLICK", "M-POSTS", "M-MSGIN"}, metricID)
	values, zones := make([]map[string]float64, len(asks)), make([]*time.Location, len(asks))
	for tag, a := range asks {
		values[tag] = map[string]float64{}
		if zones[tag], err = when.Zone(a.Zone); err != nil {
			return nil, err
		}
	}
	for _, r := range rows {
		if money && r.Currency != currencies[r.Tag] {
			continue
		}
		if r.Day == "" {
			r.Day = r.At.In(zones[r.Tag]).Format(metric.DayLayout)
		}
		values[r.Tag][r.Day] += r.Value
	}
	out := make([][]Point, len(asks))
	for tag, a := range asks {
		today := db.Now().In(zones[tag]).Format(metric.DayLayout)
		for _, day := range a.days() {
			at, err := time.ParseInLocation(metric.DayLayout, day, zones[tag])
			if err != nil {
				return nil, err
			}
			v, ok := values[tag][day]
			out[tag] = append(out[tag], Point{Day: day, At: at, Value: v, Has: ok || zero && day <= today})
		}
	}
	return out, nil
}

// days reads what makes a series.
func (i *Insight) days(ctx context.Context, actor workspace.Actor, metricID string, asks []Ask) ([]daily, error) {
	switch metricID {
	case "M-CLICK":
		places := seesAllLinks(actor, goals(asks)) && !i.rows
		pieces, err := clickPieces(asks, false)
		if err != nil {
			return nil, err
		}
		t := clicksByLink
		if places {
			t = clickDays
		}
		t.held = strings.Replace(t.held, "d.kind, sum(d.n) as n", "d.day, sum(d.n) as value", 1) + ` and d.kind = 'human'`
		t.heldBy = ` group by s.tag, d.day`
		return gather[daily](ctx, i, actor, goals(asks), t, pieces, nil)
	case "M-FOLL":
		var out []daily
		for tag, a := range asks {
			days := a.days()
			args := []any{actor.WorkspaceID, days[0], days[len(days)-1], a.ChannelID}
			rows, err := db.All[daily](ctx, i.db, `select a.day, sum(a.value) as value from channels d
				cross join channel_days a where d.workspace_id = $1 and a.workspace_id = $1 and a.channel_id = d.id and a.metric = 'M-FOLL' and a.day >= $2 and a.day <= $3
				and ($4 = '' or d.id = $4)`+a.within(actor, followedRows, &args)+` group by a.day`, args...)
			if err != nil {
				return nil, err
			}
			for _, r := range rows {
				r.Tag = tag
				out = append(out, r)
			}
		}
		return out, nil
	case "M-REV", "M-NETREV", "M-ORDERS":
		t, of := orderSums, map[string][2]string{"M-REV": {"sum(d.amount_minor)", "r.amount_minor"}, "M-NETREV": {"sum(d.amount_minor - d.refund_minor)", "r.amount_minor - r.refund_minor"},
			"M-ORDERS": {"sum(d.orders)", "1"}}[metricID]
		t.held = `select s.tag, d.day, d.currency, ` + of[0] + ` as value` + t.held[strings.Index(t.held, "\n"):]
		t.heldBy = ` group by s.tag, d.day, d.currency`
		t.read, t.rest = `select s.tag, r.ordered_at as at, r.currency, `+of[1]+` as value`+t.read[strings.Index(t.read, "\n"):], ""
		return i.byDay(ctx, actor, metric.OfOrders, t, asks)
	case "M-MSGIN":
		t := messageSums
		t.held = `select s.tag, d.day, sum(d.messages) as value` + t.held[strings.Index(t.held, "\n"):]
		t.heldBy = ` group by s.tag, d.day`
		t.read, t.rest = `select s.tag, m.at, 1 as value`+t.read[strings.Index(t.read, "\n"):], ""
		return i.byDay(ctx, actor, metric.OfMessages, t, asks)
	}
	return i.byDay(ctx, actor, metric.OfPosts, postSeries(metricID), asks)
}

func (i *Insight) byDay(ctx context.Context, actor workspace.Actor, what string, t table, asks []Ask) ([]daily, error) {
	r, err := i.rolledUp(ctx, actor.WorkspaceID, what)
	if err != nil {
		return nil, err
	}
	if what == metric.OfMessages && asks[0].ownOnly(actor) {
		r = rolled{}
	}
	held, read := r.cut(asks, false)
	return gather[daily](ctx, i, actor, goals(asks), t, held, read)
}

// postSeries are the posts, or a number of theirs, by the day they were published.
func postSeries(metricID string) table {
	t := postSums
	sum, some, rows, value := "sum(d.posts)", "1 = 1", "", "1"
	if metricID != "M-POSTS" {
		parts := []string{metricID}
		if metricID == "M-ENG" {
			parts = engagementParts
		}
		var columns, counts []string
		for _, d := range metric.Delivered {
			if slices.Contains(parts, d[0]) {
				columns, counts = append(columns, "coalesce(d."+d[1]+", 0)"), append(counts, "d."+d[1]+"_n")
			}
		}
		if len(columns) == 0 { // of the dictionary, but not of posts
			columns, counts = []string{"0"}, []string{"0"}
		}
		sum, some = "sum("+strings.Join(columns, " + ")+")", "sum("+strings.Join(counts, " + ")+") > 0"
		rows, value = ` join latest_values v on v.workspace_id = t.workspace_id and v.scope = t.id and v.metric in ('`+strings.Join(parts, "', '")+`')`, "v.value"
	}
	t.held = `select s.tag, d.day, ` + sum + ` as value from spans s cross join post_days d
		where d.workspace_id = $1 and d.grain = s.grain and d.day >= s.first_day and d.day <= s.last_day`
	t.heldBy = ` group by s.tag, d.day having ` + some
	t.read = `select s.tag, t.published_at as at, ` + value + ` as value from spans s cross join targets t join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id` + rows + `
		where t.workspace_id = $1 and t.published_at >= s.from_at and t.published_at < s.to_at`
	t.rest = ""
	return t
}
