package inbox_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// E03: a number is the number of rows, up to where counting stops, whatever was done before and whoever reads it.
func TestE03EveryNumberIsThatOfItsRowsAfterAnyActs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		var all []inbox.Conversation
		for n := range 8 {
			all = append(all, h.open(fmt.Sprintf("who%d", n), "hello"))
		}
		readers := []workspace.Actor{h.ida, {WorkspaceID: "ws_1", UserID: "user_2", Grants: []workspace.RoleGrant{{Role: workspace.Sales}}},
			{WorkspaceID: "ws_1", UserID: "user_2", Grants: []workspace.RoleGrant{{Role: workspace.Community, ChannelID: h.ch.ID}}},
			{WorkspaceID: "ws_1", UserID: "user_2", Grants: []workspace.RoleGrant{{Role: workspace.Community, BrandID: "brand_none"}, {Role: workspace.Sales}}}}
		rapid.Check(t, func(t *rapid.T) {
			for range rapid.IntRange(1, 5).Draw(t, "acts") {
				one := all[rapid.IntRange(0, len(all)-1).Draw(t, "conversation")].ID
				switch rapid.IntRange(0, 3).Draw(t, "act") { // what the state refuses changes nothing
				case 0:
					_ = h.inbox.Resolve(ctx, h.ida, one)
				case 1:
					_ = h.inbox.Snooze(ctx, h.ida, one, h.now.Add(time.Hour))
				case 2:
					_ = h.inbox.Assign(ctx, h.ida, one, rapid.SampledFrom([]string{"", "user_2"}).Draw(t, "assignee"))
				case 3:
					_ = h.inbox.Tag(ctx, h.ida, one, rapid.SampledFrom([][]string{{}, {"a"}, {"a", "b"}}).Draw(t, "tags"))
				}
			}
			for who, reader := range readers {
				for _, f := range []inbox.Filter{{}, {AssigneeID: "none"}, {AssigneeID: "user_2"}, {Tag: "a"}, {ChannelID: h.ch.ID}, {Kind: "comment"}, {Search: "hel"}} {
					counts, err := h.inbox.Tally(ctx, reader, f)
					h.ok(err)
					waiting := 0
					for _, s := range inbox.States {
						f.State = s
						lines, _, err := h.inbox.List(ctx, reader, f)
						h.ok(err)
						if len(lines) != counts[s] {
							t.Fatalf("reader %d, %+v: %d rows, counted %d", who, f, len(lines), counts[s])
						}
						if f == (inbox.Filter{State: s}) && (s == inbox.StateNew || s == inbox.Open) {
							waiting += len(lines)
						}
					}
					if n, err := h.inbox.Waiting(ctx, reader); f == (inbox.Filter{State: inbox.Dismissed}) && (err != nil || n != waiting) {
						t.Fatalf("reader %d: %d wait, counted %d: %v", who, waiting, n, err)
					}
				}
			}
		})
	})
}

func TestCountingStopsAtMany(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("a", "hello")
		h.exec(`insert into conversations (workspace_id, id, brand_id, channel_id, kind, thread, contact_id, state, last_message_at)
			with recursive n(i) as (select 1 union all select i + 1 from n where i < 150)
			select v.workspace_id, v.id || '_' || i, v.brand_id, v.channel_id, v.kind, v.thread, v.contact_id, 'resolved', v.last_message_at + i from conversations v, n where v.id = '` + c.ID + `'`)
		counts, err := h.inbox.Tally(ctx, h.ida, inbox.Filter{})
		h.ok(err)
		if counts[inbox.Resolved] != inbox.Many || counts[inbox.StateNew] != 1 {
			t.Errorf("counted %v", counts)
		}
		counts, err = h.inbox.Tally(ctx, h.ida, inbox.Filter{ContactID: c.ContactID})
		h.ok(err)
		if counts[inbox.Resolved] != inbox.Many {
			t.Errorf("of one contact %v", counts)
		}
	})
}
