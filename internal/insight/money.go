package insight

import (
	"context"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// take is what was earned in one currency.
type take struct {
	Tag      int       `db:"tag"`
	Currency string    `db:"currency"`
	N        int64     `db:"n"`
	Amount   int64     `db:"amount"`
	Refund   int64     `db:"refund"`
	At       time.Time `db:"at"`
}

// orderSums are orders by currency.
var orderSums = table{
	held: `select s.tag, d.currency, sum(d.orders) as n, sum(d.amount_minor) as amount, sum(d.refund_minor) as refund, max(d.created_at) as at
		from spans s cross join order_days d where d.workspace_id = $1 and d.grain = s.grain and d.day >= s.first_day and d.day <= s.last_day`,
	heldBy: ` group by s.tag, d.currency`,
	read: `select s.tag, r.currency, count(*) as n, sum(r.amount_minor) as amount, sum(r.refund_minor) as refund, max(r.created_at) as at
		from spans s cross join orders r where r.workspace_id = $1 and r.ordered_at >= s.from_at and r.ordered_at < s.to_at`,
	rest: ` group by s.tag, r.currency`,

	campaign: [2]string{"d.campaign_id", "r.campaign_id"}, channel: [2]string{"d.channel_id", "r.channel_id"}, narrow: [2]workspace.Rows{orderDays, orderRows},
}

// Money returns orders, revenue, refunds and net revenue of the period in one currency; orders in other currencies
// are not mixed in (INV-06) and their number is returned beside.
func (i *Insight) Money(ctx context.Context, actor workspace.Actor, p Period, s Scope, currency string) (numbers map[string]Number, otherCurrencies int64, err error) {
	all, others, err := i.MoneyOf(ctx, actor, []string{currency}, Ask{p, s})
	if err != nil {
		return nil, 0, err
	}
	return all[0], others[0], nil
}

// MoneyOf is Money for many at once, each in its currency.
func (i *Insight) MoneyOf(ctx context.Context, actor workspace.Actor, currencies []string, asks ...Ask) (numbers []map[string]Number, otherCurrencies []int64, err error) {
	r, err := i.rolledUp(ctx, actor.WorkspaceID, metric.OfOrders)
	if err != nil {
		return nil, nil, err
	}
	held, read := r.cut(asks, true)
	rows, err := gather[take](ctx, i, actor, goals(asks), orderSums, held, read)
	if err != nil {
		return nil, nil, err
	}
	sums, otherCurrencies := make([]take, len(asks)), make([]int64, len(asks))
	for _, r := range rows {
		if r.Currency != currencies[r.Tag] {
			otherCurrencies[r.Tag] += r.N
			continue
		}
		t := &sums[r.Tag]
		t.N, t.Amount, t.Refund = t.N+r.N, t.Amount+r.Amount, t.Refund+r.Refund
		if r.At.After(t.At) {
			t.At = r.At
		}
	}
	for tag, t := range sums {
		n := int(t.N)
		one := map[string]Number{"M-ORDERS": count("M-ORDERS", t.N, t.At, n), "M-REV": count("M-REV", t.Amount, t.At, n), "M-REFUND": count("M-REFUND", t.Refund, t.At, n),
			"M-NETREV": count("M-NETREV", t.Amount-t.Refund, t.At, n), "M-AOV": ratio("M-AOV", t.Amount-t.Refund, t.N, t.At, n)}
		for id, number := range one {
			number.Currency = currencies[tag]
			one[id] = number
		}
		numbers = append(numbers, one)
	}
	return numbers, otherCurrencies, nil
}

// worth are conversions in one currency.
type worth struct {
	Tag      int    `db:"tag"`
	Currency string `db:"currency"`
	N        int64  `db:"n"`
	Value    int64  `db:"value"`
}

var conversionSums = table{
	held: `select s.tag, d.currency, sum(d.conversions) as n, sum(d.value_minor) as value
		from spans s cross join conversion_days d where d.workspace_id = $1 and d.grain = s.grain and d.day >= s.first_day and d.day <= s.last_day`,
	heldBy: ` group by s.tag, d.currency`,
	read: `select s.tag, r.currency, count(*) as n, sum(r.value_minor) as value
		from spans s cross join conversions r where r.workspace_id = $1 and r.at >= s.from_at and r.at < s.to_at`,
	rest: ` group by s.tag, r.currency`,

	campaign: [2]string{"d.campaign_id", "r.campaign_id"}, channel: [2]string{"d.channel_id", "r.channel_id"}, narrow: [2]workspace.Rows{orderDays, convertRows},
}

// Conversions returns the conversions of the period and, in one currency, their value.
func (i *Insight) Conversions(ctx context.Context, actor workspace.Actor, p Period, s Scope, currency string) (n, value Number, err error) {
	r, err := i.rolledUp(ctx, actor.WorkspaceID, metric.OfConversions)
	if err != nil {
		return n, value, err
	}
	held, read := r.cut([]Ask{{p, s}}, true)
	rows, err := gather[worth](ctx, i, actor, s.goal, conversionSums, held, read)
	if err != nil {
		return n, value, err
	}
	var all, minor int64
	for _, w := range rows {
		all += w.N
		if w.Currency == currency {
			minor += w.Value
		}
	}
	n, value = count("M-CONVN", all, db.Now(), int(all)), count("M-CVALUE", minor, db.Now(), int(all))
	value.Currency = currency
	return n, value, nil
}

// Source is one line of money or clicks by where they came from.
type Source struct {
	ID      string `db:"id"`
	Name    string `db:"name"`
	Clicks  int64  `db:"clicks"`
	Orders  int64  `db:"orders"`
	Revenue int64  `db:"revenue"` // net, minor units of the asked currency
}

// RevenueBy returns orders and net revenue of the period by "channel_group", "channel", "campaign" or "post", the
// highest first; what has no last touch is its own line.
func (i *Insight) RevenueBy(ctx context.Context, actor workspace.Actor, p Period, dimension, currency string) ([]Source, error) {
	by := map[string]struct{ column, name, join string }{
		"channel_group": {"channel_group", "case when x.id = '' then 'Not attributed' else x.id end", ""},
		"channel":       {"channel_id", "coalesce(c.name, 'Not attributed')", "left join channels c on c.workspace_id = $1 and c.id = x.id"},
		"campaign":      {"campaign_id", "coalesce(k.name, 'No campaign')", "left join campaigns k on k.workspace_id = $1 and k.id = x.id"},
		"post":          {"target_id", "coalesce(t.text_plain, 'Not attributed')", "left join targets t on t.workspace_id = $1 and t.id = x.id"},
	}
	shape, ok := by[dimension]
	if !ok {
		return nil, fault.Invalidf("by", "revenue is shown by channel_group, channel, campaign or post")
	}
	r, err := i.rolledUp(ctx, actor.WorkspaceID, metric.OfOrders)
	if err != nil {
		return nil, err
	}
	if dimension == "post" { // nearly every order is another post's: there is nothing to gain from days
		r = rolled{}
	}
	held, read := r.cut([]Ask{{Period: p}}, true)
	args := []any{actor.WorkspaceID, currency}
	var with, parts []string
	for name, side := range [][]piece{held, read} {
		if len(side) == 0 {
			continue
		}
		with = append(with, spans([]string{"held", "read"}[name], side, &args))
		if name == 0 {
			parts = append(parts, `select d.`+shape.column+` as id, d.orders, d.amount_minor - d.refund_minor as net from held s cross join order_days d
				where d.workspace_id = $1 and d.grain = s.grain and d.day >= s.first_day and d.day <= s.last_day and d.currency = $2`+(Scope{}).within(actor, orderDays, &args))
		} else {
			parts = append(parts, `select r.`+shape.column+` as id, 1 as orders, r.amount_minor - r.refund_minor as net from read s cross join orders r
				where r.workspace_id = $1 and r.ordered_at >= s.from_at and r.ordered_at < s.to_at and r.currency = $2`+(Scope{}).within(actor, orderRows, &args))
		}
	}
	return db.All[Source](ctx, i.db, `with `+strings.Join(with, ", ")+` select x.id, `+shape.name+` as name, 0 as clicks, x.orders, x.revenue
		from (select id, sum(orders) as orders, sum(net) as revenue from (`+strings.Join(parts, " union all ")+`) z group by id order by sum(net) desc, id limit 100) x `+shape.join+`
		order by x.revenue desc, x.id`, args...)
}
