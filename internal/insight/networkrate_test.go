package insight_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func TestE15FacebookCountsWhatOpensAfterSilence(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		owner := workspace.Actor{WorkspaceID: "ws", UserID: "user_1", Zone: "UTC", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}
		if rates, err := h.insight.NetworkRates(t.Context(), owner, noon); err != nil || len(rates) != 0 {
			t.Fatalf("without a Page: %+v, %v", rates, err)
		}
		h.exec(`update channels set network = 'facebook', name = 'Café' where id = 'chan_a'`)
		talk := func(id, kind string, first time.Time) {
			h.exec(`insert into conversations (workspace_id, id, brand_id, channel_id, kind, thread, contact_id, state, first_inbound_at, last_message_at) values ('ws', $1, 'brand_a', 'chan_a', $2, $1, '', 'open', $3, $4)`,
				id, kind, first, noon)
		}
		n := 0
		say := func(in string, at time.Time, outbound bool, seconds any) {
			n++
			h.exec(`insert into messages (workspace_id, id, conversation_id, channel_id, remote_id, outbound, text, at, received_at, reply_seconds) values ('ws', $1, $2, 'chan_a', $1, $3, 'Hi', $4, $4, $5)`,
				fmt.Sprintf("said_%d", n), in, outbound, at, seconds)
		}
		day := 24 * time.Hour
		talk("dm_1", "direct", noon.Add(-20*day))
		say("dm_1", noon.Add(-20*day), false, 600) // opens
		say("dm_1", noon.Add(-20*day+5*time.Minute), false, 300)
		say("dm_1", noon.Add(-20*day+10*time.Minute), true, nil)
		say("dm_1", noon.Add(-19*day), false, 9000)            // 23:50 after the answer: no silence
		say("dm_1", noon.Add(-18*day+time.Second), false, nil) // a day later: opens, unanswered
		say("dm_1", noon.Add(-40*day), false, 1)               // before the clock began
		talk("dm_2", "direct", noon.Add(-3*day))               //
		say("dm_2", noon.Add(-3*day), false, 60)               // opens, in the week
		talk("comment", "comment", noon.Add(-2*day))           //
		say("comment", noon.Add(-2*day), false, 10)            // no message
		rates, err := h.insight.NetworkRates(t.Context(), owner, noon)
		if err != nil || len(rates) != 1 {
			t.Fatalf("%+v, %v", rates, err)
		}
		r := rates[0]
		if r.Name != "Café" || r.Rate.Counted != 3 || r.Rate.Answered != 2 || r.Rate.Average != 330 || r.LastFew {
			t.Errorf("30 days: %+v", r)
		}
		if r.Week.Counted != 1 || r.Week.Answered != 1 || r.Week.Average != 60 || !r.Badge {
			t.Errorf("7 days: %+v, badge %t", r.Week, r.Badge)
		}
		talk("dm_many", "direct", noon.Add(-60*day))
		for i := range 20 { // the slowest tenth does not count
			say("dm_many", noon.Add(-time.Duration(60-2*i)*day), false, 60*(i+1))
		}
		late, err := h.insight.NetworkRates(t.Context(), owner, noon.Add(60*day))
		if err != nil || !late[0].LastFew || late[0].Rate.Counted != 10 || late[0].Badge {
			t.Errorf("long after: %+v, %v", late, err)
		}
		stranger := owner
		stranger.Grants = []workspace.RoleGrant{{Role: workspace.Analyst, BrandID: "brand_c"}}
		if rates, err := h.insight.NetworkRates(t.Context(), stranger, noon); err != nil || len(rates) != 0 {
			t.Errorf("of another brand: %+v, %v", rates, err)
		}
	})
}
