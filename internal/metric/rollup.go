package metric

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/when"
)

// What is rolled up by day and month, each by the instant that dates it.
const (
	OfPosts       = "posts"       // targets with their newest values, by publication
	OfOrders      = "orders"      // orders, by order date
	OfConversions = "conversions" // conversions, by their time
	OfMessages    = "messages"    // what people wrote, by the time the network gives
)

// Grains are the lengths a roll-up's row can have; a month is named by its first day.
const (
	ByDay   = "day"
	ByMonth = "month"
)

// DayLayout is how a day is written: 2026-11-23.
const DayLayout = "2006-01-02"

// Stale marks, in the transaction that changes something, that the sums of what has these instants are out of date.
// Until RollUp has counted their days anew, readers take those days from the rows, so no sum disagrees with its rows.
func Stale(ctx context.Context, tx db.Queryer, workspaceID, what string, at ...time.Time) error {
	for _, t := range at {
		if t.IsZero() {
			continue
		}
		if _, err := db.Exec(ctx, tx, `insert into stale_days (workspace_id, what, at, id) values ($1, $2, $3, $4)`, workspaceID, what, t, id.New("stale")); err != nil {
			return fmt.Errorf("mark a day of %s: %w", what, err)
		}
	}
	return nil
}

// staleTarget marks the day a target was published; another scope has none.
func staleTarget(ctx context.Context, tx db.Queryer, workspaceID, targetID string) error {
	if _, err := db.Exec(ctx, tx, `insert into stale_days (workspace_id, what, at, id) select workspace_id, 'posts', published_at, $3 from targets
		where workspace_id = $1 and id = $2 and published_at is not null`, workspaceID, targetID, id.New("stale")); err != nil {
		return fmt.Errorf("mark the day of %s: %w", targetID, err)
	}
	return nil
}

// StalePost marks the days a post's targets were published.
func StalePost(ctx context.Context, tx db.Queryer, workspaceID, postID string) error {
	if _, err := db.Exec(ctx, tx, `insert into stale_days (workspace_id, what, at, id) select distinct workspace_id, 'posts', published_at, $3 from targets
		where workspace_id = $1 and post_id = $2 and published_at is not null`, workspaceID, postID, id.New("stale")); err != nil {
		return fmt.Errorf("mark the days of %s: %w", postID, err)
	}
	return nil
}

// atOnce bounds how many days one transaction counts, so that nobody waits long for it.
const atOnce = 40

// RollUp counts the days anew that were marked, of every workspace. A workspace whose zone has changed, or that was
// never rolled up, is counted as a whole. A job calls it, and whoever marks many days at once.
func RollUp(ctx context.Context, database *db.DB) error {
	type place struct {
		ID   string `db:"id"`
		Zone string `db:"zone"`
		Done string `db:"done"`
	}
	due, err := db.All[place](ctx, database, `select w.id, w.zone, coalesce(r.zone, '') as done from workspaces w left join rollups r on r.workspace_id = w.id
		where r.zone is null or r.zone <> w.zone or exists (select 1 from stale_days s where s.workspace_id = w.id)`)
	if err != nil {
		return err
	}
	var failed []error
	for _, w := range due {
		if w.Zone != w.Done {
			failed = append(failed, RollUpAfresh(ctx, database, w.ID))
			continue
		}
		for {
			n, err := recountMarked(ctx, database, w.ID)
			failed = append(failed, err)
			if err != nil || n == 0 {
				break
			}
		}
	}
	return errors.Join(failed...)
}

// RollUpAfresh counts everything of a workspace anew, in the days of its present zone. Meanwhile its sums are read from
// the rows.
func RollUpAfresh(ctx context.Context, database *db.DB, workspaceID string) error {
	zone, err := db.One[string](ctx, database, `select zone from workspaces where id = $1`, workspaceID)
	if err != nil {
		return err
	}
	made := id.New("rollup")
	if err := database.Tx(ctx, func(tx *db.Tx) error {
		if _, err := hold(ctx, tx, workspaceID); err != nil {
			return err
		}
		for _, table := range []string{"post_numbers", "post_days", "order_days", "conversion_days", "message_days"} {
			if _, err := db.Exec(ctx, tx, `delete from `+table+` where workspace_id = $1`, workspaceID); err != nil {
				return err
			}
		}
		_, err := db.Exec(ctx, tx, `update rollups set zone = '', making = $2 where workspace_id = $1`, workspaceID, made)
		return err
	}); err != nil {
		return fmt.Errorf("roll up %s afresh: %w", workspaceID, err)
	}
	for _, k := range kinds {
		if err := k.all(ctx, database, workspaceID, made, zoneOf(zone)); err != nil {
			return fmt.Errorf("roll up the %s of %s afresh: %w", k.what, workspaceID, err)
		}
	}
	_, err = db.Exec(ctx, database, `update rollups set zone = $3 where workspace_id = $1 and making = $2`, workspaceID, made, zone)
	return err
}

// rollup is how far a workspace is counted.
type rollup struct {
	Zone   string `db:"zone"`   // "" while everything is counted afresh
	Making string `db:"making"` // who counts, or counted, everything: a later one takes over
}

// hold keeps others from counting the workspace until the transaction ends: each would miss what the other counts.
func hold(ctx context.Context, tx *db.Tx, workspaceID string) (rollup, error) {
	if _, err := db.Exec(ctx, tx, `insert into rollups (workspace_id) values ($1) on conflict (workspace_id) do nothing`, workspaceID); err != nil {
		return rollup{}, err
	}
	return db.One[rollup](ctx, tx, `select zone, making from rollups where workspace_id = $1 for update`, workspaceID)
}

// zoneOf is a workspace's zone, which was checked when it was chosen.
func zoneOf(name string) *time.Location {
	loc, err := when.Zone(name)
	if err != nil {
		return time.UTC
	}
	return loc
}

// all counts every month that has something to count, the oldest first.
func (k kind) all(ctx context.Context, database *db.DB, workspaceID, made string, loc *time.Location) error {
	ends, err := db.All[struct {
		First time.Time `db:"first_at"`
		Last  time.Time `db:"last_at"`
	}](ctx, database, `select min(`+k.dated+`) as first_at, max(`+k.dated+`) as last_at from `+k.rows+` where workspace_id = $1 having count(`+k.dated+`) > 0`, workspaceID)
	if err != nil || len(ends) == 0 {
		return err
	}
	for m := monthOf(ends[0].First, loc); !m.After(ends[0].Last); m = m.AddDate(0, 1, 0) {
		var days []time.Time
		for d := m; d.Month() == m.Month(); d = nextDay(d) {
			days = append(days, d)
		}
		if err := database.Tx(ctx, func(tx *db.Tx) error {
			r, err := hold(ctx, tx, workspaceID)
			if err != nil || r.Making != made { // somebody else has begun, and counts it all
				return err
			}
			return k.count(ctx, tx, workspaceID, days...)
		}); err != nil {
			return err
		}
	}
	return nil
}

// recountMarked counts some marked days anew and takes their marks away; it returns how many days it counted.
func recountMarked(ctx context.Context, database *db.DB, workspaceID string) (int, error) {
	done := 0
	err := database.Tx(ctx, func(tx *db.Tx) error {
		r, err := hold(ctx, tx, workspaceID)
		if err != nil || r.Zone == "" { // being counted as a whole
			return err
		}
		loc := zoneOf(r.Zone)
		marks, err := db.All[struct {
			What string    `db:"what"`
			At   time.Time `db:"at"`
			ID   string    `db:"id"`
		}](ctx, tx, `select what, at, id from stale_days where workspace_id = $1 order by what, at limit 2000`, workspaceID)
		if err != nil {
			return err
		}
		days := map[string][]time.Time{}
		for _, m := range marks {
			day, known := dayOf(m.At, loc), days[m.What]
			if len(known) == 0 || !known[len(known)-1].Equal(day) {
				if done == atOnce {
					break
				}
				days[m.What], done = append(known, day), done+1
			}
			if _, err := db.Exec(ctx, tx, `delete from stale_days where workspace_id = $1 and what = $2 and at = $3 and id = $4`, workspaceID, m.What, m.At, m.ID); err != nil {
				return err
			}
		}
		for _, k := range kinds {
			if err := k.count(ctx, tx, workspaceID, days[k.what]...); err != nil {
				return fmt.Errorf("roll up the %s of %s: %w", k.what, workspaceID, err)
			}
		}
		return nil
	})
	return done, err
}

// kind is how one thing is rolled up: from rows, dated by a column, to table.
type kind struct {
	what, rows, dated, table string
	before                   []string // what precedes a day's sums; $1 workspace, $2 and $3 the day's instants
	day                      string   // a day's sums; $4 is the day
	month                    string   // a month's sums; $2 and $3 its first and last day
}

// count makes the sums of some days anew, each by its first instant, and those of their months.
func (k kind) count(ctx context.Context, tx *db.Tx, workspaceID string, days ...time.Time) error {
	months := map[time.Time]bool{}
	for _, d := range days {
		months[monthOf(d, d.Location())] = true
		from, to, name := d.UTC(), nextDay(d).UTC(), d.Format(DayLayout)
		for _, q := range k.before {
			if _, err := db.Exec(ctx, tx, q, workspaceID, from, to); err != nil {
				return err
			}
		}
		if err := k.clear(ctx, tx, workspaceID, ByDay, name); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, k.day, workspaceID, from, to, name); err != nil {
			return err
		}
	}
	for m := range months {
		first, last := m.Format(DayLayout), m.AddDate(0, 1, -1).Format(DayLayout)
		if err := k.clear(ctx, tx, workspaceID, ByMonth, first); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, k.month, workspaceID, first, last); err != nil {
			return err
		}
	}
	return nil
}

func (k kind) clear(ctx context.Context, tx *db.Tx, workspaceID, grain, day string) error {
	_, err := db.Exec(ctx, tx, `delete from `+k.table+` where workspace_id = $1 and grain = $2 and day = $3`, workspaceID, grain, day)
	return err
}

func dayOf(at time.Time, loc *time.Location) time.Time {
	l := at.In(loc)
	return time.Date(l.Year(), l.Month(), l.Day(), 0, 0, 0, 0, loc)
}

func monthOf(at time.Time, loc *time.Location) time.Time {
	l := at.In(loc)
	return time.Date(l.Year(), l.Month(), 1, 0, 0, 0, 0, loc)
}

func nextDay(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, day.Location())
}

// Delivered are the numbers of posts that are rolled up: the metric and its column.
var Delivered = [][2]string{{"M-IMPR", "impressions"}, {"M-REACH", "reach"}, {"M-LIKE", "likes"}, {"M-COMM", "comments"}, {"M-SHARE", "shares"}, {"M-SAVE", "saves"}}

// each repeats a text for every delivered number; M stands for its metric and C for its column.
func each(text string) string {
	var out strings.Builder
	for _, d := range Delivered {
		out.WriteString(strings.NewReplacer("M", d[0], "C", d[1]).Replace(text))
	}
	return out.String()
}

// A published target with its newest values, as post_numbers keeps it and as its rows say it now: select NumberColumns
// from NumberRows where … group by NumberKey.
var (
	NumberColumns = `t.workspace_id, t.id as target_id, t.published_at, o.brand_id, t.channel_id, o.campaign_id, o.author_id` + each(`, max(case when v.metric = 'M' then v.value end) as C, max(case when v.metric = 'M' then v.at end) as C_at`)
	NumberRows    = `targets t join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id
			left join latest_values v on v.workspace_id = t.workspace_id and v.scope = t.id`
)

const NumberKey = `t.workspace_id, t.id, t.published_at, o.brand_id, t.channel_id, o.campaign_id, o.author_id`

const postColumns = `workspace_id, target_id, published_at, brand_id, channel_id, campaign_id, author_id`

var kinds = []kind{
	{what: OfPosts, rows: "targets", dated: "published_at", table: "post_days",
		before: []string{`delete from post_numbers where workspace_id = $1 and published_at >= $2 and published_at < $3`,
			// A target that was published at another time than is known here.
			`delete from post_numbers where workspace_id = $1 and target_id in (select id from targets where workspace_id = $1 and published_at >= $2 and published_at < $3)`,
			`insert into post_numbers (` + postColumns + each(`, C, C_at`) + `) select ` + NumberColumns + ` from ` + NumberRows + `
				where t.workspace_id = $1 and t.published_at >= $2 and t.published_at < $3 group by ` + NumberKey},
		day: `insert into post_days (workspace_id, grain, day, brand_id, channel_id, campaign_id, author_id, posts, published_at` + each(`, C, C_n, C_at`) + `)
			select workspace_id, 'day', $4, brand_id, channel_id, campaign_id, author_id, count(*), max(published_at)` + each(`, sum(C), count(C), max(C_at)`) + `
			from post_numbers where workspace_id = $1 and published_at >= $2 and published_at < $3 group by workspace_id, brand_id, channel_id, campaign_id, author_id`,
		month: `insert into post_days (workspace_id, grain, day, brand_id, channel_id, campaign_id, author_id, posts, published_at` + each(`, C, C_n, C_at`) + `)
			select workspace_id, 'month', cast($2 as text), brand_id, channel_id, campaign_id, author_id, sum(posts), max(published_at)` + each(`, sum(C), sum(C_n), max(C_at)`) + `
			from post_days where workspace_id = $1 and grain = 'day' and day >= $2 and day <= $3 group by workspace_id, brand_id, channel_id, campaign_id, author_id`},
	{what: OfOrders, rows: "orders", dated: "ordered_at", table: "order_days",
		day: `insert into order_days (workspace_id, grain, day, currency, channel_id, campaign_id, channel_group, author_id, orders, amount_minor, refund_minor, created_at)
			select r.workspace_id, 'day', $4, r.currency, r.channel_id, r.campaign_id, r.channel_group, coalesce(o.author_id, ''), count(*), sum(r.amount_minor), sum(r.refund_minor), max(r.created_at)
			from orders r left join posts o on o.workspace_id = r.workspace_id and o.id = r.post_id
			where r.workspace_id = $1 and r.ordered_at >= $2 and r.ordered_at < $3 group by r.workspace_id, r.currency, r.channel_id, r.campaign_id, r.channel_group, coalesce(o.author_id, '')`,
		month: `insert into order_days (workspace_id, grain, day, currency, channel_id, campaign_id, channel_group, author_id, orders, amount_minor, refund_minor, created_at)
			select workspace_id, 'month', cast($2 as text), currency, channel_id, campaign_id, channel_group, author_id, sum(orders), sum(amount_minor), sum(refund_minor), max(created_at)
			from order_days where workspace_id = $1 and grain = 'day' and day >= $2 and day <= $3 group by workspace_id, currency, channel_id, campaign_id, channel_group, author_id`},
	{what: OfConversions, rows: "conversions", dated: "at", table: "conversion_days",
		day: `insert into conversion_days (workspace_id, grain, day, currency, channel_id, campaign_id, author_id, conversions, value_minor)
			select r.workspace_id, 'day', $4, r.currency, r.channel_id, r.campaign_id, coalesce(o.author_id, ''), count(*), sum(r.value_minor)
			from conversions r left join targets t on t.workspace_id = r.workspace_id and t.id = r.target_id left join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id
			where r.workspace_id = $1 and r.at >= $2 and r.at < $3 group by r.workspace_id, r.currency, r.channel_id, r.campaign_id, coalesce(o.author_id, '')`,
		month: `insert into conversion_days (workspace_id, grain, day, currency, channel_id, campaign_id, author_id, conversions, value_minor)
			select workspace_id, 'month', cast($2 as text), currency, channel_id, campaign_id, author_id, sum(conversions), sum(value_minor)
			from conversion_days where workspace_id = $1 and grain = 'day' and day >= $2 and day <= $3 group by workspace_id, currency, channel_id, campaign_id, author_id`},
	{what: OfMessages, rows: "messages", dated: "at", table: "message_days",
		day: `insert into message_days (workspace_id, grain, day, channel_id, campaign_id, messages)
			select m.workspace_id, 'day', $4, m.channel_id, coalesce(v.campaign_id, ''), count(*)
			from messages m left join conversations v on v.workspace_id = m.workspace_id and v.id = m.conversation_id
			where m.workspace_id = $1 and m.at >= $2 and m.at < $3 and m.outbound = false group by m.workspace_id, m.channel_id, coalesce(v.campaign_id, '')`,
		month: `insert into message_days (workspace_id, grain, day, channel_id, campaign_id, messages)
			select workspace_id, 'month', cast($2 as text), channel_id, campaign_id, sum(messages)
			from message_days where workspace_id = $1 and grain = 'day' and day >= $2 and day <= $3 group by workspace_id, channel_id, campaign_id`},
}
