package insight

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Ask is a period and a scope that numbers are wanted of. Many are answered by the same few queries.
type Ask struct {
	Period
	Scope
}

// piece is a part of what is asked: whole days or months that are rolled up, or instants whose rows are read.
type piece struct {
	tag               int // the ask's place
	grain             string
	first, last       string // days; of months the first of each
	from, to          time.Time
	campaign, channel string
}

// rolled is what a workspace's roll-up of one thing holds.
type rolled struct {
	zone  *time.Location // nil: nothing is rolled up
	stale map[string]bool
}

// rolledUp asks how far a thing is rolled up. The rows of stale days are read until they are counted anew.
func (i *Insight) rolledUp(ctx context.Context, workspaceID, what string) (rolled, error) {
	rows, err := db.All[struct {
		Zone string    `db:"zone"`
		At   time.Time `db:"at"`
	}](ctx, i.db, `select r.zone, s.at from rollups r left join stale_days s on s.workspace_id = r.workspace_id and s.what = $2
		where r.workspace_id = $1 and r.zone <> ''`, workspaceID, what)
	if err != nil || len(rows) == 0 || i.rows {
		return rolled{}, err
	}
	r := rolled{stale: map[string]bool{}}
	if r.zone, err = when.Zone(rows[0].Zone); err != nil {
		return rolled{}, err
	}
	for _, row := range rows {
		if !row.At.IsZero() {
			day := row.At.In(r.zone).Format(metric.DayLayout)
			r.stale[day], r.stale[day[:7]] = true, true
		}
	}
	return r, nil
}

// cut divides periods into what is rolled up and what is not. With months, a whole month is taken as one; without, every
// day is by itself, and only days of the period's own zone will do.
func (r rolled) cut(asks []Ask, months bool) (held, read []piece) {
	for tag, a := range asks {
		var of []piece
		if r.zone == nil || !months && r.zone.String() != a.Zone {
			of = []piece{{from: a.From, to: a.To}}
		} else {
			of = r.pieces(a.Period, months)
		}
		channels := a.Channels
		switch {
		case len(channels) == 0:
			channels = []string{a.ChannelID}
		case a.ChannelID != "":
			channels = slices.DeleteFunc(slices.Clone(channels), func(c string) bool { return c != a.ChannelID })
		}
		for _, p := range of {
			for _, channelID := range channels {
				p.tag, p.campaign, p.channel = tag, a.CampaignID, channelID
				if p.grain == "" {
					read = append(read, p)
				} else {
					held = append(held, p)
				}
			}
		}
	}
	return held, read
}

func (r rolled) pieces(p Period, months bool) []piece {
	var out []piece
	from := midnight(p.From.In(r.zone), 0)
	if from.Before(p.From) {
		from = midnight(from, 1)
	}
	end := midnight(p.To.In(r.zone), 0)
	if !from.Before(end) {
		return []piece{{from: p.From, to: p.To}}
	}
	if from.After(p.From) {
		out = append(out, piece{from: p.From, to: from})
	}
	for d := from; d.Before(end); {
		grain, next := metric.ByDay, midnight(d, 1)
		if month := time.Date(d.Year(), d.Month()+1, 1, 0, 0, 0, 0, r.zone); months && d.Day() == 1 && !month.After(end) && !r.stale[d.Format("2006-01")] {
			grain, next = metric.ByMonth, month
		}
		day := d.Format(metric.DayLayout)
		if r.stale[day] && grain == metric.ByDay {
			grain = ""
		}
		if n := len(out) - 1; n >= 0 && out[n].grain == grain && (grain != "" || out[n].to.Equal(d)) {
			out[n].last, out[n].to = day, next
		} else {
			out = append(out, piece{grain: grain, first: day, last: day, from: d, to: next})
		}
		d = next
	}
	if end.Before(p.To) {
		out = append(out, piece{from: end, to: p.To})
	}
	return out
}

// midnight is the beginning of a day n days later.
func midnight(day time.Time, n int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day()+n, 0, 0, 0, 0, day.Location())
}

// spans are pieces as a table of that name, for the with of a query.
func spans(name string, pieces []piece, args *[]any) string {
	var b strings.Builder
	into := func(v any) int {
		*args = append(*args, v)
		return len(*args)
	}
	if pieces[0].grain == "" {
		b.WriteString(name + " (tag, from_at, to_at, campaign, channel) as (values ")
	} else {
		b.WriteString(name + " (tag, grain, first_day, last_day, campaign, channel) as (values ")
	}
	for n, p := range pieces {
		if n > 0 {
			b.WriteString(", ")
		}
		if p.grain == "" {
			fmt.Fprintf(&b, "(%d, cast($%d as bigint), cast($%d as bigint), $%d, $%d)", p.tag, into(p.from), into(p.to), into(p.campaign), into(p.channel))
		} else {
			fmt.Fprintf(&b, "(%d, '%s', $%d, $%d, $%d, $%d)", p.tag, p.grain, into(p.first), into(p.last), into(p.campaign), into(p.channel))
		}
	}
	b.WriteString(") ")
	return b.String()
}

// ofCampaign is the condition that a column is the scope's campaign, where there is one.
func (s Scope) ofCampaign(column string, args *[]any) string {
	if s.CampaignID == "" {
		return ""
	}
	*args = append(*args, s.CampaignID)
	return ` and ` + column + ` = $` + strconv.Itoa(len(*args))
}

// atOnce bounds the pieces of one query.
const atOnce = 100

// table says how one thing is read: rolled up, and from its rows. Both queries begin with spans s and select s.tag.
type table struct {
	held, read   string // … from spans s cross join …, with a condition on the workspace $1 and the span's time
	campaign     [2]string
	channel      [2]string
	narrow       [2]workspace.Rows
	heldBy, rest string // what ends each: group by …
}

// gather answers pieces from a table as rows of T.
func gather[T any](ctx context.Context, i *Insight, actor workspace.Actor, goal bool, t table, held, read []piece) ([]T, error) {
	var out []T
	for side, all := range [][]piece{held, read} {
		query, end := t.held, t.heldBy
		if side == 1 {
			query, end = t.read, t.rest
		}
		bound, free := []piece{}, []piece{}
		for _, p := range all {
			if p.campaign == "" {
				free = append(free, p)
			} else {
				bound = append(bound, p)
			}
		}
		for b, pieces := range [][]piece{free, bound} {
			for some := range slices.Chunk(pieces, atOnce) {
				args := []any{actor.WorkspaceID}
				q := "with " + spans("spans", some, &args) + query + ` and (s.channel = '' or ` + t.channel[side] + ` = s.channel)`
				if b == 1 {
					q += ` and ` + t.campaign[side] + ` = s.campaign`
				}
				q += Scope{goal: goal}.within(actor, t.narrow[side], &args) + end
				rows, err := db.All[T](ctx, i.db, q, args...)
				if err != nil {
					return nil, err
				}
				out = append(out, rows...)
			}
		}
	}
	return out, nil
}
