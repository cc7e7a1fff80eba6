package track

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
)

// recount counts all clicks of a workspace anew from their rows, in the days of another zone: first by link, some links
// to a transaction, then by place. While it runs, some links are counted in the days of the one zone, some of the other.
func (t *Track) recount(ctx context.Context, workspaceID string, zone *time.Location) error {
	return t.eachLinks(ctx, workspaceID, func(tx *db.Tx, links []string) error {
		for _, linkID := range links {
			if err := recountLink(ctx, tx, workspaceID, linkID, zone); err != nil {
				return fmt.Errorf("count the clicks of %s anew: %w", linkID, err)
			}
		}
		return nil
	}, func() error {
		return t.db.Tx(ctx, func(tx *db.Tx) error {
			for _, q := range []string{`delete from click_places where workspace_id = $1`, `delete from click_months where workspace_id = $1`, Places, Months} {
				if _, err := db.Exec(ctx, tx, q, workspaceID); err != nil {
					return fmt.Errorf("count clicks by place anew: %w", err)
				}
			}
			return nil
		})
	})
}

// Places and Months make the clicks of the workspace $1 by place from those by link.
const (
	Places = `insert into click_places (workspace_id, day, channel_id, campaign_id, kind, n)
		select d.workspace_id, d.day, l.channel_id, l.campaign_id, d.kind, sum(d.n) from click_days d join links l on l.workspace_id = d.workspace_id and l.id = d.link_id
		where d.workspace_id = $1 group by d.workspace_id, d.day, l.channel_id, l.campaign_id, d.kind`
	Months = `insert into click_months (workspace_id, day, channel_id, campaign_id, kind, n)
		select workspace_id, substr(day, 1, 7) || '-01', channel_id, campaign_id, kind, sum(n) from click_places where workspace_id = $1
		group by workspace_id, substr(day, 1, 7), channel_id, campaign_id, kind`
)

// quarter is what every zone's days are made of, in microseconds.
const quarter = int64(15 * time.Minute / time.Microsecond)

func recountLink(ctx context.Context, tx *db.Tx, workspaceID, linkID string, zone *time.Location) error {
	rows, err := db.All[struct {
		Quarter int64  `db:"quarter"`
		Kind    string `db:"kind"`
		N       int    `db:"n"`
	}](ctx, tx, `select at / cast($3 as bigint) as quarter, kind, count(*) as n from clicks where workspace_id = $1 and link_id = $2 group by at / cast($3 as bigint), kind`, workspaceID, linkID, quarter)
	if err != nil {
		return err
	}
	days := map[[5]string]int{}
	for _, r := range rows {
		days[[5]string{workspaceID, linkID, time.UnixMicro(r.Quarter * quarter).In(zone).Format(dayLayout), r.Kind}] += r.N
	}
	if _, err := db.Exec(ctx, tx, `delete from click_days where workspace_id = $1 and link_id = $2`, workspaceID, linkID); err != nil {
		return err
	}
	return count(ctx, tx, "click_days", []string{"workspace_id", "link_id", "day", "kind"}, days)
}
