package track_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/track"
)

// TestManyClicksAreEachStoredAndCountedOnce takes more clicks in than one statement carries, some of them twice.
func TestManyClicksAreEachStoredAndCountedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx := context.Background()
		exec := func(query string, args ...any) {
			t.Helper()
			if _, err := db.Exec(ctx, database, query, args...); err != nil {
				t.Fatal(err)
			}
		}
		exec(`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Lab', 'Europe/Berlin', 0)`)
		exec(`insert into links (workspace_id, id, brand_id, slug, url, target_id, channel_id, campaign_id, created_by, created_at)
			values ('ws_1', 'link_1', 'brand_1', 'one', 'https://shop.example/?utm_source=sandbox&utm_medium=social&utm_campaign=winter', 'targ_1', 'chan_1', 'camp_1', 'user_1', 0)`)
		intake, err := track.New(database, event.New(database), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer intake.Close()
		at := time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC) // already the 24th in Berlin
		click := func(n int, kind string) {
			t.Helper()
			if err := intake.Click(track.Click{WorkspaceID: "ws_1", ID: fmt.Sprintf("click_%d", n), LinkID: "link_1", At: at, Kind: kind, Visitor: fmt.Sprintf("v_%d", n)}); err != nil {
				t.Fatal(err)
			}
		}
		for n := range 150 {
			click(n, track.Human)
			if n%3 == 0 {
				click(n, track.Human) // handed over twice in one batch
			}
			click(1000+n, track.Bot)
		}
		if err := intake.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		for n := range 200 { // the first 150 again in a later batch
			click(n, track.Human)
		}
		if err := intake.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		days, err := db.All[struct {
			Day  string `db:"day"`
			Kind string `db:"kind"`
			N    int    `db:"n"`
		}](ctx, database, `select day, kind, n from click_days order by kind`)
		if err != nil {
			t.Fatal(err)
		}
		if len(days) != 2 || days[0].N != 150 || days[0].Kind != track.Bot || days[1].N != 200 || days[1].Kind != track.Human || days[1].Day != "2026-11-24" {
			t.Errorf("the roll-up says %+v", days)
		}
		places, err := db.All[string](ctx, database, `select day || ' ' || channel_id || ' ' || campaign_id || ' ' || kind || ' ' || n from click_places order by kind`)
		if err != nil || len(places) != 2 || places[0] != "2026-11-24 chan_1 camp_1 bot 150" || places[1] != "2026-11-24 chan_1 camp_1 human 200" {
			t.Errorf("the roll-up by place says %v (%v)", places, err)
		}
		stored, err := db.One[int](ctx, database, `select count(*) from clicks`)
		if err != nil || stored != 350 {
			t.Errorf("%d clicks are stored, want 350 (%v)", stored, err)
		}
		points, err := db.One[int](ctx, database, `select count(*) from touchpoints where kind = 'click' and link_id = 'link_1' and target_id = 'targ_1' and channel_id = 'chan_1'
			and campaign_id = 'camp_1' and source = 'sandbox' and campaign = 'winter' and channel_group = 'Organic Social'`)
		if err != nil || points != 200 {
			t.Errorf("%d people's clicks are touchpoints of their link, want 200 (%v)", points, err)
		}
	})
}
