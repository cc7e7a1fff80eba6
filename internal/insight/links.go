package insight

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/track"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// LinkRow is a short link with its clicks of a period and its orders.
type LinkRow struct {
	ID       string `db:"id"`
	Host     string `db:"host"`
	Slug     string `db:"slug"`
	URL      string `db:"url"`
	Campaign string `db:"campaign"`
	Human    int64  `db:"human"`
	Bot      int64  `db:"bot"`
	Preview  int64  `db:"preview"`
	Orders   int64  `db:"orders"`
}

// LinkTable returns the links followed in the period, the most followed first; with a target, every link of it.
func (i *Insight) LinkTable(ctx context.Context, actor workspace.Actor, p Period, campaignID, targetID string, limit int) ([]LinkRow, error) {
	c, err := i.closing(ctx, actor.WorkspaceID)
	if err != nil {
		return nil, err
	}
	args := []any{actor.WorkspaceID, limit}
	with, from, clicks := inPeriod(c, p, &args)
	where := ""
	for _, w := range []struct{ column, value string }{{"l.campaign_id", campaignID}, {"l.target_id", targetID}} {
		if w.value != "" {
			args = append(args, w.value)
			where += ` and ` + w.column + ` = $` + strconv.Itoa(len(args))
		}
	}
	return db.All[LinkRow](ctx, i.db, with+` select f.*, (select count(*) from orders r where r.workspace_id = $1 and r.link_id = f.id) as orders from (
		select l.id, l.host, l.slug, l.url, coalesce(k.name, '') as campaign, `+clicks[track.Human]+` as human, `+clicks[track.Bot]+` as bot, `+clicks[track.Preview]+` as preview
		from links l `+from+`
			left join campaigns k on k.workspace_id = l.workspace_id and k.id = l.campaign_id
		where l.workspace_id = $1`+where+(Scope{}).within(actor, linkRows, &args)+`
		order by `+clicks[track.Human]+` desc, l.id desc limit $2) f order by f.human desc, f.id desc`, args...)
}

// closing is how far the days of a workspace's clicks are closed; the zero value when nothing is.
func (i *Insight) closing(ctx context.Context, workspaceID string) (track.Closing, error) {
	known, err := db.All[track.Closing](ctx, i.db, `select zone, through, ready from click_closings where workspace_id = $1 and ready = true`, workspaceID)
	if err != nil || len(known) == 0 || i.rows {
		return track.Closing{}, err
	}
	return known[0], nil
}

// apart is by how many days a period may differ from the closed days and still be read as their sum and those days.
const apart = 6

// inPeriod is how the clicks of links l in a period are read: from the sums of closed days and the few days by which the
// period differs, or day by day. It names the table w of the sums and d of the days.
func inPeriod(c track.Closing, p Period, args *[]any) (with, from string, clicks map[string]string) {
	days, through := p.days(), c.Through
	best := 0
	var differ map[string]int // day → 1 to add, -1 to take away
	for _, length := range track.Closed {
		if !c.Ready {
			break
		}
		if by := differing(days, through, length); by != nil && (differ == nil || len(by) < len(differ)) {
			best, differ = length, by
		}
	}
	clicks = map[string]string{}
	if differ == nil {
		*args = append(*args, days[0], days[len(days)-1])
		with = `with d as (select link_id, ` + kindSums("n") + ` from click_days where workspace_id = $1 and day >= $` + strconv.Itoa(len(*args)-1) + ` and day <= $` + strconv.Itoa(len(*args)) + ` group by link_id)`
		for _, kind := range track.Shown {
			clicks[kind] = `coalesce(d.` + kind + `, 0)`
		}
		return with, `left join d on d.link_id = l.id`, clicks
	}
	var values []string
	for _, day := range slices.Sorted(maps.Keys(differ)) {
		*args = append(*args, day)
		values = append(values, fmt.Sprintf("($%d, %d)", len(*args), differ[day]))
	}
	if len(values) == 0 {
		values = []string{"('', 0)"}
	}
	with = `with s (day, sign) as (values ` + strings.Join(values, ", ") + `),
		d as (select c.link_id, ` + kindSums("c.n * s.sign") + ` from s cross join click_days c where c.workspace_id = $1 and c.day = s.day group by c.link_id)`
	for _, kind := range track.Shown {
		clicks[kind] = fmt.Sprintf("coalesce(w.%s_%d, 0) + coalesce(d.%s, 0)", kind, best, kind)
	}
	return with, `left join link_clicks w on w.workspace_id = l.workspace_id and w.link_id = l.id left join d on d.link_id = l.id`, clicks
}

func kindSums(n string) string {
	var sums []string
	for _, kind := range track.Shown {
		sums = append(sums, `sum(case when kind = '`+kind+`' then `+n+` else 0 end) as `+kind)
	}
	return strings.Join(sums, ", ")
}

// differing are the days that a period has and a sum of closed days has not, and the other way round; nil when they are
// too many.
func differing(days []string, through string, length int) map[string]int {
	last, err := time.Parse(metric.DayLayout, through)
	if err != nil {
		return nil
	}
	from, out := last.AddDate(0, 0, 1-length), map[string]int{}
	if first, end := from.Format(metric.DayLayout), through; days[0] > end || days[len(days)-1] < first || len(days) > length+apart {
		return nil
	}
	for _, day := range days {
		out[day] = 1
	}
	for n := range length {
		day := from.AddDate(0, 0, n).Format(metric.DayLayout)
		if out[day] == 1 {
			delete(out, day)
		} else {
			out[day] = -1
		}
	}
	if len(out) > apart {
		return nil
	}
	return out
}

// followed is how often people followed the links of a target, in all: through the last closed day, and since.
func followed(c track.Closing, workspaceID, targetID string) string {
	sums, through := "0", ""
	if c.Ready {
		sums, through = "coalesce(w.human_all, 0)", c.Through
	}
	return `(select sum(` + sums + ` + coalesce((select sum(d.n) from click_days d where d.workspace_id = l.workspace_id and d.link_id = l.id and d.kind = 'human' and d.day > '` + through + `'), 0))
				from links l left join link_clicks w on w.workspace_id = l.workspace_id and w.link_id = l.id where l.workspace_id = ` + workspaceID + ` and l.target_id = ` + targetID + `)`
}

// ClickRow is one click: the row behind the count.
type ClickRow struct {
	ID       string    `db:"id"`
	At       time.Time `db:"at"`
	Kind     string    `db:"kind"`
	Family   string    `db:"agent_family"`
	Device   string    `db:"device"`
	Referrer string    `db:"referrer"`
}

// ClickRows returns a link's newest clicks and its counts of all time by kind.
func (i *Insight) ClickRows(ctx context.Context, actor workspace.Actor, linkID string, limit int) ([]ClickRow, map[string]int64, error) {
	args := []any{actor.WorkspaceID, linkID}
	if n, err := db.One[int](ctx, i.db, `select count(*) from links l where l.workspace_id = $1 and l.id = $2`+(Scope{}).within(actor, linkRows, &args), args...); err != nil || n == 0 {
		return nil, map[string]int64{}, err
	}
	rows, err := db.All[ClickRow](ctx, i.db, `select id, at, kind, agent_family, device, referrer from clicks where workspace_id = $1 and link_id = $2 order by at desc limit $3`, actor.WorkspaceID, linkID, limit)
	if err != nil {
		return nil, nil, err
	}
	counts, err := db.All[struct {
		Kind string `db:"kind"`
		N    int64  `db:"n"`
	}](ctx, i.db, `select kind, sum(n) as n from click_days where workspace_id = $1 and link_id = $2 group by kind`, actor.WorkspaceID, linkID)
	out := map[string]int64{}
	for _, c := range counts {
		out[c.Kind] = c.N
	}
	return rows, out, err
}
