package inbox_test

import (
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
)

func TestE18AnAnswerIsRefusedWhenTheWindowHasClosed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.receive(h.direct("mara", "First"))
		said := h.now
		c := h.of("mara")
		if at, closed := c.Closes(h.now); closed || !at.Equal(said.Add(24*time.Hour)) {
			t.Fatalf("it closes at %s, closed %t", at, closed)
		}
		h.reply(h.ida, c, "Within a day")
		if got := h.sender.orders[0].Until; !got.Equal(said.Add(24 * time.Hour)) {
			t.Errorf("the journal may send until %s", got)
		}
		h.now = said.Add(24 * time.Hour)
		h.ok(h.inbox.Wake(ctx)) // the deadline rolls on to the end
		if at, closed := h.get(c).Closes(h.now); closed || !at.Equal(said.Add(7*24*time.Hour)) {
			t.Errorf("after a day it closes at %s, closed %t", at, closed)
		}
		h.reply(h.ida, c, "Within a week")
		if got := h.sender.orders[1].Until; !got.Equal(said.Add(7 * 24 * time.Hour)) {
			t.Errorf("after a day the journal may send until %s", got)
		}
		h.now = said.Add(7 * 24 * time.Hour)
		_, err := h.inbox.Reply(ctx, h.ida, inbox.Answer{ConversationID: c.ID, Text: "Too late"})
		h.refused(err, fault.Conflict, "reply_window")
		h.receive(h.direct("mara", "Again"))
		if at, closed := h.get(c).Closes(h.now); closed || !at.Equal(h.now.Add(24*time.Hour)) {
			t.Errorf("writing again opens it until %s, closed %t", at, closed)
		}
		h.reply(h.ida, c, "Thank you")
	})
}

func TestE18CommentsHaveNoWindow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "A comment")
		h.now = h.now.Add(10_000 * time.Hour)
		if at, closed := c.Closes(h.now); closed || !at.IsZero() {
			t.Errorf("it closes at %s, closed %t", at, closed)
		}
		h.reply(h.ida, c, "Late, and still possible")
	})
}

func TestE18WhatClosesSoonComesFirstOnceOnAllPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.receive(h.direct("soon", "1"), h.direct("sooner", "0"))
		h.exec(`update conversations set answer_by = $1 where preview = '0'`, h.now.Add(23*time.Hour+30*time.Minute))
		h.now = h.now.Add(19 * time.Hour)
		for _, who := range []string{"a", "b", "c"} {
			h.open(who, who)
		}
		h.receive(h.direct("fresh", "2"))
		h.receive(h.direct("answered", "3"))
		h.exec(`update conversations set state = 'pending', answer_by = $1 where preview = '3'`, h.now.Add(time.Hour))
		var got []string
		f := inbox.Filter{ToAnswer: true, Limit: 3}
		for page := 0; ; page++ {
			rows, more, err := h.inbox.List(ctx, h.ida, f)
			h.ok(err)
			if len(rows) > f.Limit {
				t.Fatalf("a page has %d rows of %d", len(rows), f.Limit)
			}
			for _, r := range rows {
				got = append(got, r.Handle)
			}
			if !more || page > 5 {
				break
			}
			last := rows[len(rows)-1]
			f.BeforeAt, f.BeforeID = last.LastMessageAt, last.ID
		}
		want := "[sooner soon fresh c b a]"
		if s := sprint(got); s != want {
			t.Errorf("the order is %s, want %s", s, want)
		}
		tally, err := h.inbox.Tally(ctx, h.ida, f)
		h.ok(err)
		if n := tally[inbox.StateNew] + tally[inbox.Open]; n != len(got) { // E03: counts equal lists
			t.Errorf("counted %d, listed %d", n, len(got))
		}
	})
}
