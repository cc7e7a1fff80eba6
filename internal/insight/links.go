package insight

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
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
	days := p.days()
	args := []any{actor.WorkspaceID, days[0], days[len(days)-1], campaignID, targetID, limit}
	return db.All[LinkRow](ctx, i.db, `select f.*, (select count(*) from orders r where r.workspace_id = $1 and r.link_id = f.id) as orders from (
		select l.id, l.host, l.slug, l.url, coalesce(k.name, '') as campaign, coalesce(d.human, 0) as human, coalesce(d.bot, 0) as bot, coalesce(d.preview, 0) as preview
		from links l left join (select link_id, sum(case when kind = 'human' then n else 0 end) as human, sum(case when kind = 'bot' then n else 0 end) as bot,
				sum(case when kind = 'preview' then n else 0 end) as preview from click_days where workspace_id = $1 and day >= $2 and day <= $3 group by link_id) d on d.link_id = l.id
			left join campaigns k on k.workspace_id = l.workspace_id and k.id = l.campaign_id
		where l.workspace_id = $1 and ($4 = '' or l.campaign_id = $4) and ($5 = '' or l.target_id = $5)`+(Scope{}).within(actor, linkRows, &args)+`
		order by coalesce(d.human, 0) desc, l.id desc limit $6) f order by f.human desc, f.id desc`, args...)
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
