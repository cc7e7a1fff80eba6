package inbox_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func TestAnAnswerIsADeliveryWithItsClock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "Is it open?")
		h.now = h.now.Add(2 * time.Minute)
		m, err := h.inbox.Reply(ctx, h.ida, inbox.Answer{ConversationID: c.ID, Text: " Yes,\r\nuntil six. ", Resolve: true})
		h.ok(err)
		if len(h.sender.orders) != 1 || m.State != "queued" || m.DeliveryID != "dlv_1" {
			t.Fatalf("sent %+v by %+v", m, h.sender.orders)
		}
		o := h.sender.orders[0]
		if o.MessageID != m.ID || o.ResponsibleID != "user_1" || o.Reply.Text != "Yes,\nuntil six." || o.Reply.To.ID != "m001" || o.Reply.To.From.ID != "mara" || o.Reply.To.Thread != "thread-mara" {
			t.Errorf("the order is %+v", o)
		}
		c = h.stands(c, inbox.Resolved)
		if c.Unread || c.FirstReplyAt != h.now || c.Preview != "Yes, until six." || h.messages(c)[0].ReplySeconds != 120 {
			t.Errorf("left as %+v", c)
		}
	})
}

func TestTheSameFormTwiceAnswersOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "Is it open?")
		var wg sync.WaitGroup
		var mu sync.Mutex
		seen := map[string]bool{}
		for range 5 {
			wg.Go(func() {
				m, err := h.inbox.Reply(ctx, h.ida, inbox.Answer{ConversationID: c.ID, Text: "Yes.", Key: "form_1"})
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				seen[m.ID] = true
			})
		}
		wg.Wait()
		if len(seen) != 1 || len(h.sender.orders) != 1 || len(h.messages(c)) != 2 {
			t.Errorf("%d answers, %d orders", len(seen), len(h.sender.orders))
		}
	})
}

func TestTwoPeopleCannotAnswerTheSameUnawares(t *testing.T) { // E11
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "Is it open?")
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for n, who := range []workspace.Actor{h.ida, h.ben} {
			wg.Go(func() { _, errs[n] = h.inbox.Reply(ctx, who, inbox.Answer{ConversationID: c.ID, Text: "Yes, it is."}) })
		}
		wg.Wait()
		late, lost := h.ben, errs[1]
		if errs[0] != nil {
			late, lost = h.ida, errs[0]
		}
		h.refused(lost, fault.Conflict, "collision")
		if len(h.sender.orders) != 1 {
			t.Fatalf("%d answers went out", len(h.sender.orders))
		}
		_, err := h.inbox.Reply(ctx, late, inbox.Answer{ConversationID: c.ID, Text: "Yes, it is.", Confirm: true})
		h.ok(err)
		h.now = h.now.Add(2 * time.Minute)
		h.reply(h.ben, c, "And tomorrow.")
		h.reply(h.ben, c, "And on Friday.")
		_, err = h.inbox.Reply(ctx, h.ben, inbox.Answer{ConversationID: c.ID, Text: "And on Friday."})
		h.refused(err, fault.Conflict, "collision")
	})
}

func TestARefusedAnswerLeavesNothing(t *testing.T) { // PRODUCT §11
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "Is it open?")
		try := func(a inbox.Answer, kind fault.Kind, code string) {
			t.Helper()
			a.ConversationID = c.ID
			_, err := h.inbox.Reply(ctx, h.ida, a)
			h.refused(err, kind, code)
		}
		try(inbox.Answer{Text: " \n "}, fault.Invalid, "")
		try(inbox.Answer{Text: strings.Repeat("a", 6000)}, fault.Invalid, "text_too_long")
		try(inbox.Answer{Text: "Dear {{contact.first_name}}"}, fault.Conflict, "variable_missing")
		try(inbox.Answer{Text: "Hi", ToMessageID: "msg_elsewhere"}, fault.Conflict, "message_gone")
		h.sender.err = fault.Rejectedf("the journal takes none")
		try(inbox.Answer{Text: "Hi", Key: "form_2"}, fault.Rejected, "")
		h.sender.err = nil
		gone := h.from("mara", "Is it open?")
		gone.ID, gone.Removed = "m001", true
		h.receive(gone)
		try(inbox.Answer{Text: "Hi"}, fault.Conflict, "message_gone")
		if len(h.messages(c)) != 1 || len(h.sender.orders) != 0 {
			t.Error("something was stored")
		}
		h.stands(c, inbox.StateNew)
		h.receive(h.from("mara", "Sorry, meant today"))
		_, err := h.inbox.Reply(ctx, h.ida, inbox.Answer{ConversationID: c.ID, Text: "Dear {{contact.first_name}}", AsIs: true, Key: "form_2"})
		h.ok(err)
	})
}

func TestAFailedAnswerWasNotGiven(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "Is it open?")
		m, err := h.inbox.Reply(ctx, h.ida, inbox.Answer{ConversationID: c.ID, Text: "Yes.", Resolve: true})
		h.ok(err)
		h.delivered(m, "failed", "")
		now := h.stands(c, inbox.Open)
		if !now.Unread || !now.FirstReplyAt.IsZero() || h.messages(c)[0].ReplySeconds != 0 {
			t.Errorf("it counts as answered: %+v", now)
		}
		h.reply(h.ben, c, "Yes.") // no collision with what never went out
		h.delivered(m, "sent", "r1")
		if now := h.stands(c, inbox.Pending); now.FirstReplyAt.IsZero() {
			t.Error("the answer sent again does not count")
		}
		h.delivered(m, "unknown", "")
		if last := h.messages(c); last[1].State != "unknown" || last[1].RemoteID != "r1" {
			t.Errorf("stored %+v", last[1])
		}
	})
}

func TestWritingIsSeenByColleaguesAndCanBeTakenOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "Is it open?")
		writing := func(who workspace.Actor, over bool, want string) {
			t.Helper()
			other, err := h.inbox.Writing(ctx, who, c.ID, over)
			h.ok(err)
			if other != want {
				t.Errorf("%s hears of %q, want %q", who.Name, other, want)
			}
		}
		sees := func(who workspace.Actor, want string) {
			t.Helper()
			other, err := h.inbox.Writer(ctx, who, c.ID)
			h.ok(err)
			if other != want {
				t.Errorf("%s sees %q, want %q", who.Name, other, want)
			}
		}
		writing(h.ida, false, "")
		writing(h.ida, false, "")
		sees(h.ida, "")
		sees(h.ben, "Ida Holm")
		writing(h.ben, false, "Ida Holm")
		writing(h.ben, true, "")
		sees(h.ida, "Ben Ode")
		h.now = h.now.Add(time.Minute)
		sees(h.ida, "")
		writing(h.ida, false, "")
		h.reply(h.ida, c, "Yes.")
		sees(h.ben, "")
		said, err := db.One[int](ctx, h.db, `select count(*) from events where kind = 'inbox.writing'`)
		h.ok(err)
		if said != 3 {
			t.Errorf("colleagues were told %d times, want 3", said)
		}
	})
}

func TestActsAreCarriedOutWhereTheNetworkOffersThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "Is it open?")
		m := h.messages(c)[0]
		h.refused(h.inbox.Act(ctx, h.ida, m.ID, inbox.Deed{Act: "applaud"}), fault.Rejected, "")
		h.refused(h.inbox.Act(ctx, h.ida, "msg_none", inbox.Deed{Act: network.Like}), fault.NotFound, "")
		community := h.ida
		community.Grants = []workspace.RoleGrant{{Role: workspace.Sales}}
		h.refused(h.inbox.Act(ctx, community, m.ID, inbox.Deed{Act: network.Hide}), fault.NotFound, "")
		if acts := h.inbox.Acts(h.ch, network.Comment); len(acts) == 0 {
			t.Error("the sandbox offers nothing")
		}
		if acts := h.inbox.Acts(channel.Channel{Network: "fax"}, network.Comment); acts != nil {
			t.Errorf("an unknown network offers %v", acts)
		}
	})
}
