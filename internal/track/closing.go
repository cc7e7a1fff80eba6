package track

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/when"
)

// Closed are the lengths, in days, over which the clicks of the days that are over are summed for each link: those of
// the periods screens offer, without today.
var Closed = []int{6, 27, 89, 364}

// Shown are the kinds of clicks that lists tell apart.
var Shown = []string{Human, Bot, Preview}

// dayLayout is how a day is written: 2026-11-23.
const dayLayout = "2006-01-02"

// Closing is how far the days of a workspace's clicks are closed.
type Closing struct {
	Zone    string `db:"zone"`    // the zone the days are cut in; "" = the workspace's, nothing being closed yet
	Through string `db:"through"` // the last closed day
	Ready   bool   `db:"ready"`
}

// settled is how long after its end a day is closed: by then what was taken in during it is stored.
const settled = time.Hour

// CloseDays sums the clicks of days that are over, link by link, in every workspace; a job calls it. After the workspace
// has got another zone, all its clicks are counted anew in the days of that zone.
func (t *Track) CloseDays(ctx context.Context) error { return t.closeDays(ctx, db.Now()) }

func (t *Track) closeDays(ctx context.Context, now time.Time) error {
	all, err := db.All[struct {
		ID      string `db:"id"`
		Now     string `db:"now_zone"`
		Zone    string `db:"zone"`
		Through string `db:"through"`
		Ready   bool   `db:"ready"`
	}](ctx, t.db, `select w.id, w.zone as now_zone, coalesce(c.zone, '') as zone, coalesce(c.through, '') as through, coalesce(c.ready, false) as ready
		from workspaces w left join click_closings c on c.workspace_id = w.id`)
	if err != nil {
		return err
	}
	var failed []error
	for _, w := range all {
		zone, err := when.Zone(w.Now)
		if err != nil {
			zone = time.UTC
		}
		through := now.Add(-settled).In(zone).AddDate(0, 0, -1).Format(dayLayout)
		switch {
		case w.Zone != "" && w.Zone != w.Now:
			if err = t.recount(ctx, w.ID, zone); err == nil {
				err = t.closeAll(ctx, w.ID, w.Now, through)
			}
		case !w.Ready || addDays(w.Through, 14) < through:
			err = t.closeAll(ctx, w.ID, w.Now, through)
		case w.Through < through:
			err = t.closeUpTo(ctx, w.ID, through)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("close the days of %s: %w", w.ID, err))
		}
	}
	return errors.Join(failed...)
}

// hold keeps closed days from changing until the transaction ends.
func hold(ctx context.Context, tx *db.Tx, workspaceID string) (Closing, error) {
	if _, err := db.Exec(ctx, tx, `insert into click_closings (workspace_id) values ($1) on conflict (workspace_id) do nothing`, workspaceID); err != nil {
		return Closing{}, err
	}
	return db.One[Closing](ctx, tx, `select zone, through, ready from click_closings where workspace_id = $1 for update`, workspaceID)
}

// closeUpTo closes the next days one by one: each is added to every sum, and the day that falls out of a sum is taken away.
func (t *Track) closeUpTo(ctx context.Context, workspaceID, through string) error {
	return t.db.Tx(ctx, func(tx *db.Tx) error {
		c, err := hold(ctx, tx, workspaceID)
		if err != nil || !c.Ready {
			return err
		}
		for day := addDays(c.Through, 1); day <= through; day = addDays(day, 1) {
			args := []any{workspaceID, day}
			for _, n := range Closed {
				args = append(args, addDays(day, -n))
			}
			if _, err := db.Exec(ctx, tx, `insert into link_clicks (workspace_id, link_id`+eachSum(", C")+`) select workspace_id, link_id`+
				eachSum(", sum(case when kind <> 'K' then 0 when day = $2 then n D else 0 end)")+`
				from click_days where workspace_id = $1 and day in ($2, $3, $4, $5, $6) group by workspace_id, link_id
				on conflict (workspace_id, link_id) do update set `+eachSum(", C = link_clicks.C + excluded.C")[2:], args...); err != nil {
				return err
			}
		}
		_, err = db.Exec(ctx, tx, `update click_closings set through = $2 where workspace_id = $1`, workspaceID, through)
		return err
	})
}

// linksAtOnce is how many links one transaction sums, so that nobody waits long for it.
const linksAtOnce = 200

// closeAll sums every link's clicks through a day.
func (t *Track) closeAll(ctx context.Context, workspaceID, zone, through string) error {
	if err := t.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := hold(ctx, tx, workspaceID); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `delete from link_clicks where workspace_id = $1`, workspaceID); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, `update click_closings set zone = $2, through = $3, ready = false where workspace_id = $1`, workspaceID, zone, through)
		return err
	}); err != nil {
		return err
	}
	args := []any{workspaceID, "", "", through}
	for _, n := range Closed {
		args = append(args, addDays(through, 1-n))
	}
	query := `insert into link_clicks (workspace_id, link_id` + eachSum(", C") + `) select workspace_id, link_id` + eachSum(", sum(case when kind = 'K' E then n else 0 end)") + `
		from click_days where workspace_id = $1 and link_id >= $2 and link_id <= $3 and day <= $4 group by workspace_id, link_id
		on conflict (workspace_id, link_id) do update set ` + eachSum(", C = excluded.C")[2:]
	return t.eachLinks(ctx, workspaceID, func(tx *db.Tx, links []string) error {
		c, err := hold(ctx, tx, workspaceID)
		if err != nil || c.Through != through { // somebody else has begun
			return err
		}
		args[1], args[2] = links[0], links[len(links)-1]
		_, err = db.Exec(ctx, tx, query, args...)
		return err
	}, func() error {
		_, err := db.Exec(ctx, t.db, `update click_closings set ready = true where workspace_id = $1 and through = $2`, workspaceID, through)
		return err
	})
}

// eachLinks walks a workspace's links, some to a transaction, and then ends.
func (t *Track) eachLinks(ctx context.Context, workspaceID string, do func(*db.Tx, []string) error, end func() error) error {
	for after := ""; ; {
		links, err := db.All[string](ctx, t.db, `select id from links where workspace_id = $1 and id > $2 order by id limit $3`, workspaceID, after, linksAtOnce)
		if err != nil {
			return err
		}
		if len(links) == 0 {
			return end()
		}
		if err := t.db.Tx(ctx, func(tx *db.Tx) error { return do(tx, links) }); err != nil {
			return err
		}
		after = links[len(links)-1]
	}
}

// eachSum repeats a text for every column of link_clicks: C is the column, K its kind, D what happens to the day that
// falls out of it in closeUpTo, and E the condition of closeAll.
func eachSum(text string) string {
	var b strings.Builder
	for _, kind := range Shown {
		for n, days := range Closed {
			b.WriteString(strings.NewReplacer("C", fmt.Sprintf("%s_%d", kind, days), "K", kind, "D", fmt.Sprintf("when day = $%d then -n", n+3), "E", fmt.Sprintf("and day >= $%d", n+5)).Replace(text))
		}
		b.WriteString(strings.NewReplacer("C", kind+"_all", "K", kind, "D", "", "E", "").Replace(text))
	}
	return b.String()
}

// late adds clicks of days that are closed already to the sums of their links.
func (t *Track) late(ctx context.Context, tx *db.Tx, days map[[5]string]int) error {
	closed := map[string]Closing{}
	held := map[string]bool{}
	for k, n := range days {
		workspaceID, linkID, day, kind := k[0], k[1], k[2], k[3]
		c, ok := closed[workspaceID]
		if !ok {
			known, err := db.All[Closing](ctx, tx, `select zone, through, ready from click_closings where workspace_id = $1`, workspaceID)
			if err != nil {
				return err
			}
			if len(known) > 0 {
				c = known[0]
			}
			closed[workspaceID] = c
		}
		if day > c.Through || !slices.Contains(Shown, kind) {
			continue
		}
		if !held[workspaceID] {
			var err error
			if c, err = hold(ctx, tx, workspaceID); err != nil {
				return err
			}
			closed[workspaceID], held[workspaceID] = c, true
		}
		add := map[string]int{"all": n}
		for _, length := range Closed {
			if day > addDays(c.Through, -length) {
				add[fmt.Sprint(length)] = n
			}
		}
		columns, values, sets := "", "", ""
		args := []any{workspaceID, linkID}
		for length, n := range add {
			args = append(args, n)
			column := kind + "_" + length
			columns, values = columns+", "+column, values+fmt.Sprintf(", $%d", len(args))
			sets += fmt.Sprintf(", %s = link_clicks.%s + excluded.%s", column, column, column)
		}
		if _, err := db.Exec(ctx, tx, `insert into link_clicks (workspace_id, link_id`+columns+`) values ($1, $2`+values+`) on conflict (workspace_id, link_id) do update set `+sets[2:], args...); err != nil {
			return fmt.Errorf("add a late click: %w", err)
		}
	}
	return nil
}

func addDays(day string, n int) string {
	at, err := time.Parse(dayLayout, day)
	if err != nil {
		return "" // no day is closed yet
	}
	return at.AddDate(0, 0, n).Format(dayLayout)
}
