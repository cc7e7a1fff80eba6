package insight_test

import (
	"context"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// TestLinksAndClicksAreReadFromTheirRollUps reads two links of two campaigns, one of them never followed.
func TestLinksAndClicksAreReadFromTheirRollUps(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx := context.Background()
		for _, q := range []string{
			`insert into campaigns (workspace_id, id, brand_id, name, utm_campaign, zone, owner_id, currency, state, created_at) values ('ws_1', 'camp_1', 'b', 'Winter', 'winter', 'UTC', 'u', 'EUR', 'active', 0)`,
			`insert into links (workspace_id, id, brand_id, slug, url, campaign_id, channel_id, created_by, created_at) values ('ws_1', 'link_1', 'b', 'one', 'https://one.example', 'camp_1', 'chan_1', 'u', 0), ('ws_1', 'link_2', 'b', 'two', 'https://two.example', '', 'chan_2', 'u', 0)`,
			`insert into click_days (workspace_id, link_id, day, kind, n) values ('ws_1', 'link_1', '2026-11-20', 'human', 7), ('ws_1', 'link_1', '2026-11-21', 'bot', 3), ('ws_1', 'link_1', '2026-10-01', 'human', 50)`,
			`insert into click_places (workspace_id, day, channel_id, campaign_id, kind, n) values ('ws_1', '2026-11-20', 'chan_1', 'camp_1', 'human', 7), ('ws_1', '2026-11-21', 'chan_1', 'camp_1', 'bot', 3), ('ws_1', '2026-10-01', 'chan_1', 'camp_1', 'human', 50),
				('ws_2', '2026-11-20', 'chan_1', 'camp_1', 'human', 900)`,
			`insert into orders (workspace_id, id, order_id, ordered_at, amount_minor, currency, source, created_at, link_id) values ('ws_1', 'order_1', '1', 0, 100, 'EUR', 'api', 0, 'link_1'), ('ws_1', 'order_2', '2', 0, 100, 'EUR', 'api', 0, 'link_1')`,
		} {
			if _, err := db.Exec(ctx, database, q); err != nil {
				t.Fatal(err)
			}
		}
		reader, actor := insight.New(database), workspace.Actor{WorkspaceID: "ws_1", UserID: "u", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}
		period := insight.Period{From: time.Date(2026, 11, 15, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), Zone: "UTC"}
		rows, err := reader.LinkTable(ctx, actor, period, "", "", 10)
		if err != nil || len(rows) != 2 || rows[0].ID != "link_1" || rows[0].Human != 7 || rows[0].Bot != 3 || rows[0].Orders != 2 || rows[0].Campaign != "Winter" || rows[1].Human != 0 || rows[1].Orders != 0 {
			t.Errorf("the links are %+v (%v)", rows, err)
		}
		for _, c := range []struct {
			scope insight.Scope
			want  int64
		}{{insight.Scope{}, 7}, {insight.Scope{CampaignID: "camp_1"}, 7}, {insight.Scope{ChannelID: "chan_2"}, 0}, {insight.Scope{Channels: []string{"chan_1"}}, 7}} {
			if clicks, _, err := reader.Clicks(ctx, actor, period, c.scope); err != nil || clicks.Value != c.want {
				t.Errorf("%+v has %d clicks, want %d (%v)", c.scope, clicks.Value, c.want, err)
			}
		}
		points, err := reader.Series(ctx, actor, "M-CLICK", period, insight.Scope{CampaignID: "camp_1"}, "EUR")
		if err != nil || len(points) != 10 || points[5].Value != 7 || points[6].Value != 0 {
			t.Errorf("day by day: %+v (%v)", points, err)
		}
	})
}
