package insight

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Glance is what a list shows of a published target's numbers; nil where the network delivers none.
type Glance struct {
	TargetID    string `db:"id"`
	Impressions *int64 `db:"impressions"`
	Engagements *int64 `db:"engagements"`
}

// Glances returns the numbers of the targets planned in [from, to) that are published, by target.
func (i *Insight) Glances(ctx context.Context, actor workspace.Actor, from, to time.Time) (map[string]Glance, error) {
	args := []any{actor.WorkspaceID, from, to}
	rows, err := db.All[Glance](ctx, i.db, `select t.id, max(case when v.metric = 'M-IMPR' then v.value end) as impressions,
			sum(case when v.metric in ('M-LIKE', 'M-COMM', 'M-SHARE', 'M-SAVE') then v.value end) as engagements
		from targets t join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id
			join latest_values v on v.workspace_id = t.workspace_id and v.scope = t.id
		where t.workspace_id = $1 and t.due_at >= $2 and t.due_at < $3 and t.published_at is not null`+(Scope{}).within(actor, targetRows, &args)+`
		group by t.id`, args...)
	if err != nil {
		return nil, err
	}
	out := map[string]Glance{}
	for _, g := range rows {
		out[g.TargetID] = g
	}
	return out, nil
}
