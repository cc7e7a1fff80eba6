package insight

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
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

// Series returns a metric day by day: engagement numbers by the day their posts were published, clicks, orders and
// money by their own day, followers as they stood.
func (i *Insight) Series(ctx context.Context, actor workspace.Actor, metricID string, p Period, s Scope, currency string) ([]Point, error) {
	days := p.days()
	loc, err := when.Zone(p.Zone)
	if err != nil {
		return nil, err
	}
	values := map[string]float64{}
	zero := true // a day without rows is a true 0 for what we count ourselves
	switch metricID {
	case "M-CLICK":
		args := []any{actor.WorkspaceID, days[0], days[len(days)-1], s.CampaignID, s.ChannelID}
		err = i.fill(ctx, values, nil, `select day, sum(n) as value from `+s.clicked(actor, &args)+` and kind = 'human' group by day`, args...)
	case "M-FOLL":
		zero = false
		args := []any{actor.WorkspaceID, days[0], days[len(days)-1], s.ChannelID}
		err = i.fill(ctx, values, nil, `select day, sum(value) as value from channel_days d where workspace_id = $1 and metric = 'M-FOLL' and day >= $2 and day <= $3
			and ($4 = '' or channel_id = $4)`+s.within(actor, dayRows, &args)+` group by day`, args...)
	case "M-REV", "M-NETREV", "M-ORDERS":
		what := map[string]string{"M-REV": "amount_minor", "M-NETREV": "amount_minor - refund_minor", "M-ORDERS": "1"}[metricID]
		args := []any{actor.WorkspaceID, p.From, p.To, s.CampaignID, s.ChannelID, currency}
		err = i.fill(ctx, values, loc, `select ordered_at as at, `+what+` as value from orders r where workspace_id = $1 and ordered_at >= $2 and ordered_at < $3
			and ($4 = '' or campaign_id = $4) and ($5 = '' or channel_id = $5) and currency = $6`+s.within(actor, orderRows, &args), args...)
	case "M-POSTS":
		args := []any{actor.WorkspaceID, p.From, p.To, s.CampaignID, s.ChannelID}
		err = i.fill(ctx, values, loc, `select t.published_at as at, 1 as value from targets t join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id
			where t.workspace_id = $1 and t.published_at >= $2 and t.published_at < $3 and ($4 = '' or o.campaign_id = $4) and ($5 = '' or t.channel_id = $5)`+s.within(actor, targetRows, &args),
			args...)
	case "M-MSGIN":
		args := []any{actor.WorkspaceID, p.From, p.To, s.ChannelID}
		err = i.fill(ctx, values, loc, `select at, 1 as value from messages m where workspace_id = $1 and at >= $2 and at < $3 and outbound = false and ($4 = '' or channel_id = $4)`+
			s.within(actor, wordRows, &args), args...)
	default:
		zero = false
		parts := []string{metricID}
		if metricID == "M-ENG" {
			parts = engagementParts
		}
		for _, part := range parts {
			args := []any{actor.WorkspaceID, p.From, p.To, s.CampaignID, s.ChannelID, part}
			if err = i.fill(ctx, values, loc, `select t.published_at as at, v.value from targets t join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id
					join latest_values v on v.workspace_id = t.workspace_id and v.scope = t.id and v.metric = $6
				where t.workspace_id = $1 and t.published_at >= $2 and t.published_at < $3 and ($4 = '' or o.campaign_id = $4) and ($5 = '' or t.channel_id = $5)`+s.within(actor, targetRows, &args),
				args...); err != nil {
				break
			}
		}
	}
	if err != nil {
		return nil, err
	}
	out := make([]Point, len(days))
	today := db.Now().In(loc).Format("2006-01-02")
	for n, day := range days {
		at, err := time.ParseInLocation("2006-01-02", day, loc)
		if err != nil {
			return nil, err
		}
		v, ok := values[day]
		out[n] = Point{Day: day, At: at, Value: v, Has: ok || zero && day <= today}
	}
	return out, nil
}

// fill adds rows into days: rows with a day as they are, rows with an instant by their day in loc.
func (i *Insight) fill(ctx context.Context, days map[string]float64, loc *time.Location, query string, args ...any) error {
	if loc == nil {
		rows, err := db.All[struct {
			Day   string  `db:"day"`
			Value float64 `db:"value"`
		}](ctx, i.db, query, args...)
		for _, r := range rows {
			days[r.Day] += r.Value
		}
		return err
	}
	rows, err := db.All[struct {
		At    time.Time `db:"at"`
		Value float64   `db:"value"`
	}](ctx, i.db, query, args...)
	for _, r := range rows {
		days[r.At.In(loc).Format("2006-01-02")] += r.Value
	}
	return err
}
