package insight

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Followers returns followers at the period's end, their net change and growth, from the daily roll-up. Channels
// without a value on or before the start count from their first day.
func (i *Insight) Followers(ctx context.Context, actor workspace.Actor, p Period, s Scope) (map[string]Number, error) {
	days := p.days()
	args := []any{actor.WorkspaceID, days[0], days[len(days)-1], s.ChannelID}
	rows, err := db.All[struct {
		Start int64     `db:"start_value"`
		End   int64     `db:"end_value"`
		At    time.Time `db:"at"`
		Any   string    `db:"any_row"`
	}](ctx, i.db, `select `+had("value", "a.day >= $2 order by a.day")+` as start_value, `+had("value", "a.day <= $3 order by a.day desc")+` as end_value,
			`+had("at", "a.day <= $3 order by a.day desc")+` as at, `+had("metric", "a.day <= $3")+` as any_row
		from channels d where d.workspace_id = $1 and ($4 = '' or d.id = $4)`+s.within(actor, followedRows, &args), args...)
	if err != nil {
		return nil, err
	}
	var start, end int64
	var at time.Time
	n := 0
	for _, r := range rows {
		if r.Any == "" {
			continue
		}
		start, end, n = start+r.Start, end+r.End, n+1
		if r.At.After(at) {
			at = r.At
		}
	}
	out := map[string]Number{"M-FOLL": count("M-FOLL", end, at, n), "M-FOLLNET": count("M-FOLLNET", end-start, at, n), "M-FOLLGR": ratio("M-FOLLGR", end-start, start, at, n)}
	if n == 0 {
		for id, number := range out {
			number.Has = false
			out[id] = number
		}
	}
	return out, nil
}

// had is a column of one of a channel's days d, the first that the condition leaves.
func had(column, which string) string {
	return `(select a.` + column + ` from channel_days a where a.workspace_id = d.workspace_id and a.channel_id = d.id and a.metric = 'M-FOLL' and ` + which + ` limit 1)`
}
