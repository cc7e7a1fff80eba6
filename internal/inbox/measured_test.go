package inbox_test

import (
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
)

func TestH01NumbersToldAsNewsAreSnapshotsOfTheirPost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.exec(`insert into posts (workspace_id, id, brand_id, state, base, author_id, created_at, updated_at) values ('ws_1', 'post_1', 'brand_1', 'published', '{}', 'user_1', 0, 0)`)
		h.exec(`insert into targets (workspace_id, id, post_id, channel_id, state, remote_id, published_at) values ('ws_1', 'targ_1', 'post_1', $1, 'published', 'r1', 0)`, h.ch.ID)
		h.exec(`insert into measure_plans (workspace_id, target_id, channel_id, remote, published_at, next_at) values ('ws_1', 'targ_1', $1, '{}', 0, 1)`, h.ch.ID)
		told := func(m ...network.Measured) {
			t.Helper()
			ch, err := h.channels.Get(ctx, h.ida, h.ch.ID)
			h.ok(err)
			h.now = h.now.Add(time.Second)
			h.ok(h.inbox.Receive(ctx, ch, network.Batch{Measured: m, Cursor: "n"}))
		}
		told(network.Measured{RemoteID: "r1", Values: network.Values{"M-LIKE": 3, "M-IMPR": 40}}, network.Measured{RemoteID: "somebody else's", Values: network.Values{"M-LIKE": 9}})
		told(network.Measured{RemoteID: "r1", Values: network.Values{"M-LIKE": 3, "M-IMPR": 55}}) // one of them is old news
		n, err := db.One[int](ctx, database, `select count(*) from snapshots where workspace_id = 'ws_1' and scope = 'targ_1'`)
		h.ok(err)
		now, err := db.One[int64](ctx, database, `select sum(value) from latest_values where workspace_id = 'ws_1'`)
		h.ok(err)
		if n != 3 || now != 58 {
			t.Errorf("%d snapshots, newest values %d", n, now)
		}
		told(network.Measured{RemoteID: "r1", Gone: true})
		told(network.Measured{RemoteID: "r1", Gone: true})
		n, err = db.One[int](ctx, database, `select count(*) from events where kind = 'metric.gone' and entity = 'targ_1'`)
		h.ok(err)
		if now, err = db.One[int64](ctx, database, `select sum(value) from latest_values where workspace_id = 'ws_1'`); err != nil || n != 1 || now != 58 {
			t.Errorf("told %d times that it is gone; its numbers are %d (%v)", n, now, err)
		}
	})
}

func TestE10WhatIsPutAwayComesBackByApproving(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		id := h.world.Say(h.ch.RemoteID, network.Comment, "", "Buy my watches")
		h.exec(`update channels set inbox_cursor = ''`)
		h.ok(h.inbox.Poll(ctx, "ws_1", h.ch.ID))
		lines, _, err := h.inbox.List(ctx, h.ida, inbox.Filter{Limit: 1})
		h.ok(err)
		c := lines[0].Conversation
		m := h.messages(c)[0]
		if m.RemoteID != id {
			t.Fatalf("heard %q", m.Text)
		}
		for _, step := range []struct {
			act    network.Act
			away   string
			hidden bool
		}{{network.Hide, "", true}, {network.Spam, "spam", true}, {network.Approve, "", false}, {network.Trash, "trash", false}, {inbox.Opposite(network.Trash), "", false}} {
			h.ok(h.act(h.ida, m, step.act))
			if got := h.messages(c)[0]; got.PutAway != step.away || got.Hidden != step.hidden {
				t.Errorf("after %s it is put away as %q, hidden %t", step.act, got.PutAway, got.Hidden)
			}
		}
		n, err := db.One[int](ctx, database, `select count(*) from audit_entries where workspace_id = 'ws_1' and action in ('inbox.spam', 'inbox.trash', 'inbox.approve')`)
		if err != nil || n != 4 {
			t.Errorf("the log has %d of 4 (%v)", n, err)
		}
	})
}
