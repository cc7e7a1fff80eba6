package inbox_test

import (
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
)

func TestE22HistoryIsReadToItsEndAndTellsNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		_, err := h.inbox.KeepHold(ctx, h.ida, inbox.Hold{Kind: inbox.HoldNewcomer, Name: "Newcomers", Enabled: true, Hides: true})
		h.ok(err)
		const past = 230 // more than one run
		for range past {
			h.world.Say(h.ch.RemoteID, network.Comment, "", "Long ago")
		}
		h.world.Say(h.ch.RemoteID, network.Direct, "", "Long ago, in private")
		h.exec(`update channels set created_at = $1`, h.now.Add(time.Hour)) // all of it was before the connection
		events, err := db.One[int](ctx, database, `select count(*) from events`)
		h.ok(err)
		runs := 0
		for ; runs < 10; runs++ {
			due, err := h.inbox.HistoryDue(ctx)
			h.ok(err)
			if len(due) == 0 {
				break
			}
			h.ok(h.inbox.ReadHistory(ctx, due[0].WorkspaceID, due[0].ID))
			h.now = h.now.Add(2 * time.Minute)
		}
		if runs < 2 {
			t.Errorf("%d messages were read in %d run", past, runs)
		}
		after, err := db.One[int](ctx, database, `select count(*) from events`)
		h.ok(err)
		if after != events || len(h.sender.acts) != 0 {
			t.Errorf("reading the history told of %d things and did %d", after-events, len(h.sender.acts))
		}
		waits, err := db.One[int](ctx, database, `select count(*) from conversations where state <> 'resolved' or first_inbound_at is not null or unread = true`)
		h.ok(err)
		if waits != 0 {
			t.Errorf("%d conversations of the history wait for somebody", waits)
		}
		kinds, done, problem, err := h.inbox.Histories(ctx, h.ida, h.ch)
		h.ok(err)
		if done.IsZero() || problem != "" || len(kinds) != 3 || kinds[0].Kind != network.Comment || kinds[0].Messages != past || kinds[2].Messages != 1 || kinds[0].Oldest.IsZero() || kinds[0].Words == "" {
			t.Errorf("told %+v, done %s, %q", kinds, done, problem)
		}
	})
}

func TestE22AHistoryThatCannotBeReadWaits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.world.Misbehave(h.ch.RemoteID, "outage")
		if err := h.inbox.ReadHistory(ctx, "ws_1", h.ch.ID); err == nil {
			t.Fatal("it was read")
		}
		if due, err := h.inbox.HistoryDue(ctx); err != nil || len(due) != 0 {
			t.Errorf("it is asked again at once: %v, %v", due, err)
		}
		if _, _, problem, err := h.inbox.Histories(ctx, h.ida, h.ch); err != nil || problem == "" {
			t.Errorf("nothing is said of it: %q, %v", problem, err)
		}
		h.world.Misbehave(h.ch.RemoteID, "")
		h.now = h.now.Add(16 * time.Minute)
		due, err := h.inbox.HistoryDue(ctx)
		h.ok(err)
		if len(due) != 1 {
			t.Fatalf("due %v", due)
		}
		h.ok(h.inbox.ReadHistory(ctx, "ws_1", h.ch.ID))
		if _, done, problem, err := h.inbox.Histories(ctx, h.ida, h.ch); err != nil || done.IsZero() || problem != "" {
			t.Errorf("done %s, %q, %v", done, problem, err)
		}
	})
}
