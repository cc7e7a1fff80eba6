package inbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
)

func TestOneItemSeenOftenExistsOnceWhateverItsOrder(t *testing.T) { // R32
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		said := h.from("mara", "Is it open?")
		edited, gone := said, said
		edited.Text, gone.Removed = "Is it open today?", true
		for n, order := range [][]network.Message{{said, said, said}, {said, edited}, {edited, edited}, {said, edited, gone}, {gone, said}, {gone, edited, gone}} {
			var batch []network.Message
			who := fmt.Sprintf("person-%d", n)
			for _, m := range order {
				m.ID, m.Thread, m.From = "item-"+who, "thread-"+who, network.Person{ID: who, Handle: who, Name: who}
				batch = append(batch, m)
			}
			for _, m := range batch {
				h.receive(m)
			}
			h.receive(batch...)
			all := h.messages(h.of(who))
			last := order[len(order)-1]
			removed := slices.ContainsFunc(order, func(m network.Message) bool { return m.Removed })
			if len(all) != 1 || all[0].RemovedAt.IsZero() == removed || !removed && all[0].Text != last.Text {
				t.Errorf("order %d: stored %+v", n, all)
			}
			if n := h.of(who).Preview; !removed && n != last.Text {
				t.Errorf("the list shows %q", n)
			}
		}
	})
}

func TestAMessageGoneBeforeItCameWaitsForNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		m := h.from("mara", "Oops")
		gone := m
		gone.Removed = true
		h.receive(gone)
		h.receive(m)
		c := h.stands(h.of("mara"), inbox.Resolved)
		if c.Unread || !c.FirstInboundAt.IsZero() {
			t.Errorf("it waits: %+v", c)
		}
	})
}

func TestHistoryIsResolvedAndStartsNoClock(t *testing.T) { // E22
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		ch := h.ch // as it was before its first page
		old := func(text string, ago time.Duration) network.Message {
			m := h.from("mara", text)
			m.At = ch.CreatedAt.Add(-ago)
			return m
		}
		h.ok(h.inbox.Receive(ctx, ch, network.Batch{Messages: []network.Message{old("First", 2*time.Hour), old("Second", time.Hour)}}))
		c := h.stands(h.of("mara"), inbox.Resolved)
		if c.Unread || !c.FirstInboundAt.IsZero() || c.Preview != "Second" || len(h.messages(c)) != 2 {
			t.Errorf("history is stored as %+v", c)
		}
		h.receive(h.from("mara", "And now?"))
		c = h.stands(h.of("mara"), inbox.Open)
		if c.FirstInboundAt != h.now {
			t.Errorf("the clock starts at %s, want %s", c.FirstInboundAt, h.now)
		}
		h.now = h.now.Add(90 * time.Second)
		h.reply(h.ida, c, "Yes.")
		var waits []int64
		for _, m := range h.messages(c) {
			if !m.Outbound {
				waits = append(waits, m.ReplySeconds)
			}
		}
		if !slices.Equal(waits, []int64{0, 0, 90}) {
			t.Errorf("waited %v", waits)
		}
	})
}

func TestWritingAgainOpensWhatWasDoneAndLaterStartsAnew(t *testing.T) { // PRODUCT §4.4
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "Hello?")
		h.stands(c, inbox.StateNew)
		h.reply(h.ida, c, "Hi!")
		h.stands(c, inbox.Pending)
		h.open("mara", "Thanks. One more thing")
		h.stands(c, inbox.Open)
		h.ok(h.inbox.Snooze(ctx, h.ida, c.ID, h.now.Add(time.Hour)))
		h.open("mara", "Never mind")
		if now := h.stands(c, inbox.Open); !now.SnoozedUntil.IsZero() || !now.Unread {
			t.Errorf("woken as %+v", now)
		}
		h.ok(h.inbox.Dismiss(ctx, h.ida, c.ID))
		h.open("mara", "Still there?")
		h.stands(c, inbox.Open)
		h.ok(h.inbox.Resolve(ctx, h.ida, c.ID))
		h.now = h.now.Add(71 * time.Hour)
		if again := h.open("mara", "Back"); again.ID != c.ID {
			t.Error("71 hours later it is another conversation")
		}
		h.stands(c, inbox.Open)
		h.ok(h.inbox.Assign(ctx, h.ida, c.ID, "user_2"))
		h.ok(h.inbox.Resolve(ctx, h.ida, c.ID))
		h.now = h.now.Add(73 * time.Hour)
		later := h.open("mara", "A new question")
		if later.ID == c.ID || later.PreviousID != c.ID || later.AssigneeID != "user_2" || later.State != inbox.StateNew {
			t.Errorf("73 hours later: %+v", later)
		}
		h.stands(c, inbox.Resolved)
	})
}

func TestAnswersGivenElsewhereEndTheWaiting(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "Open on Sunday?")
		own := h.from("club", "From ten to four.")
		own.Own, own.Thread, own.ReplyTo, own.At = true, "thread-mara", "m001", h.now.Add(time.Minute)
		h.receive(own)
		h.receive(own)
		c = h.stands(c, inbox.Pending)
		all := h.messages(c)
		if len(all) != 2 || !all[1].Outbound || all[1].AuthorID != "" || all[0].ReplySeconds != 61 || c.FirstReplyAt != own.At {
			t.Errorf("stored %+v of %+v", all, c)
		}
	})
}

func TestOurOwnAnswerReadBackIsNotASecondOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "Open on Sunday?")
		answer := h.reply(h.ida, c, "From ten to four.")
		own := h.from("club", "From ten to four.")
		own.Own, own.Thread = true, "thread-mara"
		h.receive(own)
		h.delivered(answer, "sent", own.ID)
		other := h.reply(h.ida, c, "Come by!")
		echo := h.from("club", "Come by! (as the network words it)")
		echo.Own, echo.Thread = true, "thread-mara"
		h.receive(echo)
		h.delivered(other, "sent", echo.ID)
		h.receive(own, echo)
		all := h.messages(c)
		if len(all) != 3 || all[1].RemoteID != own.ID || all[2].RemoteID != echo.ID || all[2].State != "sent" || all[2].AuthorID != "user_1" {
			t.Errorf("stored %+v", all)
		}
	})
}

func TestStrangersTextIsKeptAsTextADatabaseTakes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		m := h.from("mara", "a\x00b\xff<script>alert(1)</script>"+strings.Repeat("x", 200_000))
		m.From.Name = "Ann\u202E\u200Bgro.elpmaxe\x00"
		h.receive(m)
		c := h.of("mara")
		got := h.messages(c)[0].Text
		if !strings.HasPrefix(got, "ab\uFFFD<script>alert(1)</script>xxx") || len(got) > 101_000 {
			t.Errorf("stored %d bytes beginning %q", len(got), got[:40])
		}
		person, err := h.contacts.Get(ctx, h.ida, c.ContactID)
		h.ok(err)
		if person.Name != "Anngro.elpmaxe" {
			t.Errorf("the name is %q", person.Name)
		}
	})
}
