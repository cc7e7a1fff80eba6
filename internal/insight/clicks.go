package insight

import (
	"context"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// clicked is how often links were followed by one kind of visitor.
type clicked struct {
	Tag  int    `db:"tag"`
	Kind string `db:"kind"`
	N    int64  `db:"n"`
}

const inSpan = ` where d.workspace_id = $1 and d.day >= s.first_day and d.day <= s.last_day and s.grain = `

// Clicks are counted as they come in, by the days of the workspace's zone: by place and month, by place and day, and by
// link and day. The last serves whoever sees only some links.
var (
	clickMonths  = clickSums(`click_months d`, metric.ByMonth)
	clickDays    = clickSums(`click_places d`, metric.ByDay)
	clicksByLink = table{held: `select s.tag, d.kind, sum(d.n) as n from spans s cross join click_days d join links l on l.workspace_id = d.workspace_id and l.id = d.link_id` + inSpan + `'day'`,
		heldBy: ` group by s.tag, d.kind`, campaign: [2]string{"l.campaign_id"}, channel: [2]string{"l.channel_id"}, narrow: [2]workspace.Rows{linkRows}}
)

func clickSums(from, grain string) table {
	return table{held: `select s.tag, d.kind, sum(d.n) as n from spans s cross join ` + from + inSpan + `'` + grain + `'`,
		heldBy: ` group by s.tag, d.kind`, campaign: [2]string{"d.campaign_id"}, channel: [2]string{"d.channel_id"}, narrow: [2]workspace.Rows{placeRows}}
}

// seesAllLinks reports whether nothing is narrowed, so that the counts by place will do.
func seesAllLinks(actor workspace.Actor, goal bool) bool {
	return Scope{goal: goal}.within(actor, linkRows, &[]any{}) == open
}

// clickPieces divides periods into days and, where wanted, months, as people name them: a day that a period begins or
// ends in counts as a whole.
func clickPieces(asks []Ask, months bool) ([]piece, error) {
	var out []piece
	for tag, a := range asks {
		zone, err := when.Zone(a.Zone)
		if err != nil {
			return nil, err
		}
		a.From = midnight(a.From.In(zone), 0)
		if end := midnight(a.To.In(zone), 0); end.Before(a.To) {
			a.To = midnight(end, 1)
		}
		a.Zone = zone.String()
		of, _ := rolled{zone: zone}.cut([]Ask{a}, months)
		for _, p := range of {
			p.tag = tag
			out = append(out, p)
		}
	}
	return out, nil
}

// Clicks returns human follows of own short links in the period, from the daily roll-up, with bots and previews
// beside them.
func (i *Insight) Clicks(ctx context.Context, actor workspace.Actor, p Period, s Scope) (clicks Number, byKind map[string]int64, err error) {
	all, kinds, err := i.ClicksOf(ctx, actor, Ask{p, s})
	if err != nil {
		return clicks, nil, err
	}
	return all[0], kinds[0], nil
}

// ClicksOf is Clicks for many at once.
func (i *Insight) ClicksOf(ctx context.Context, actor workspace.Actor, asks ...Ask) (clicks []Number, byKind []map[string]int64, err error) {
	places := seesAllLinks(actor, goals(asks)) && !i.rows
	pieces, err := clickPieces(asks, places)
	if err != nil {
		return nil, nil, err
	}
	byKind = make([]map[string]int64, len(asks))
	for tag := range asks {
		byKind[tag] = map[string]int64{}
	}
	tables := []table{clicksByLink}
	if places {
		tables = []table{clickMonths, clickDays}
	}
	for n, t := range tables {
		var of []piece
		for _, p := range pieces {
			if !places || (p.grain == metric.ByMonth) == (n == 0) {
				of = append(of, p)
			}
		}
		rows, err := gather[clicked](ctx, i, actor, goals(asks), t, of, nil)
		if err != nil {
			return nil, nil, err
		}
		for _, r := range rows {
			byKind[r.Tag][r.Kind] += r.N
		}
	}
	now := db.Now()
	for tag := range asks {
		n := byKind[tag]["human"]
		clicks = append(clicks, count("M-CLICK", n, now, int(n)))
	}
	return clicks, byKind, nil
}
