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

// TestACampaignsNumbersAreItsOwn reads posts and messages of one campaign beside another's.
func TestACampaignsNumbersAreItsOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx := context.Background()
		at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
		exec := func(query string, args ...any) {
			t.Helper()
			if _, err := db.Exec(ctx, database, query, args...); err != nil {
				t.Fatal(err)
			}
		}
		exec(`insert into channels (workspace_id, id, brand_id, connection_id, network, remote_id, handle, name, url, account, zone, created_at) values ('ws_1', 'chan_1', 'b', 'conn', 'sandbox', 'r', 'h', 'Channel', '', '{}', 'UTC', 0)`)
		for _, k := range []string{"1", "2"} {
			exec(`insert into posts (workspace_id, id, brand_id, campaign_id, state, base, author_id, created_at, updated_at) values ('ws_1', $1, 'b', $2, 'published', '{}', 'u', 0, 0)`, "post_"+k, "camp_"+k)
			exec(`insert into targets (workspace_id, id, post_id, channel_id, state, published_at) values ('ws_1', $1, $2, 'chan_1', 'published', $3)`, "targ_"+k, "post_"+k, at)
			exec(`insert into latest_values (workspace_id, scope, metric, value, at) values ('ws_1', $1, 'M-IMPR', $2, 0)`, "targ_"+k, len(k)*100)
			exec(`insert into conversations (workspace_id, id, brand_id, channel_id, kind, thread, contact_id, campaign_id, state, last_message_at) values ('ws_1', $1, 'b', 'chan_1', 'comment', $1, 'c', $2, 'new', $3)`, "conv_"+k, "camp_"+k, at)
			exec(`insert into messages (workspace_id, id, conversation_id, channel_id, remote_id, outbound, text, at, received_at) values ('ws_1', $1, $2, 'chan_1', $1, false, 'hello', $3, $3)`, "msg_"+k, "conv_"+k, at)
		}
		reader, actor := insight.New(database), workspace.Actor{WorkspaceID: "ws_1", UserID: "u", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}
		period := insight.Period{From: at.AddDate(0, 0, -5), To: at.AddDate(0, 0, 5), Zone: "UTC"}
		for _, c := range []struct {
			campaign string
			want     int64
		}{{"", 2}, {"camp_1", 1}, {"camp_3", 0}} {
			scope := insight.Scope{CampaignID: c.campaign}
			numbers, err := reader.Posts(ctx, actor, period, scope)
			if err != nil || numbers["M-POSTS"].Value != c.want || numbers["M-IMPR"].Value != 100*c.want {
				t.Errorf("campaign %q has %+v (%v)", c.campaign, numbers["M-IMPR"], err)
			}
			care, err := reader.Care(ctx, actor, period, scope)
			if err != nil || care.Inbound.Value != c.want {
				t.Errorf("campaign %q was written to %d times, want %d (%v)", c.campaign, care.Inbound.Value, c.want, err)
			}
		}
	})
}
