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
	}](ctx, i.db, `select d.start_value, b.value as end_value, b.at from (
			select d.workspace_id, d.id,
				(select a.value from channel_days a where a.workspace_id = d.workspace_id and a.channel_id = d.id and a.metric = 'M-FOLL' and a.day >= $2 order by a.day limit 1) as start_value,
				(select l.day from channel_days l where l.workspace_id = d.workspace_id and l.channel_id = d.id and l.metric = 'M-FOLL' and l.day <= $3 order by l.day desc limit 1) as last_day
			from channels d where d.workspace_id = $1 and ($4 = '' or d.id = $4)`+s.within(actor, followedRows, &args)+`) d
		join channel_days b on b.workspace_id = d.workspace_id and b.channel_id = d.id and b.metric = 'M-FOLL' and b.day = d.last_day`, args...)
	if err != nil {
		return nil, err
	}
	var start, end int64
	var at time.Time
	n := 0
	for _, r := range rows {
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
