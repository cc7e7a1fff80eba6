package inbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
)

func sprint(v any) string { return fmt.Sprint(v) }

func TestE08ACommentIsAnsweredInPrivateOnceAndGoesOnAsAConversation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "My parcel never came")
		m := h.messages(c)[0]
		sent, err := h.inbox.ReplyPrivately(ctx, h.ida, m.ID, "What is your order number?")
		h.ok(err)
		o := h.sender.orders[0]
		if !o.Private || o.Reply.To.ID != m.RemoteID || !o.Until.Equal(m.At.Add(7*24*time.Hour)) {
			t.Errorf("ordered %+v", o)
		}
		h.stands(c, inbox.Pending)
		again, err := h.inbox.ReplyPrivately(ctx, h.ida, m.ID, "What is your order number?") // the form, sent twice
		h.ok(err)
		if again.ID != sent.ID || len(h.sender.orders) != 1 {
			t.Errorf("sent twice: %s and %s", sent.ID, again.ID)
		}
		_, err = h.inbox.ReplyPrivately(ctx, h.ida, m.ID, "And your address?")
		h.refused(err, fault.Conflict, "not_private")
		h.now = h.now.Add(time.Minute)
		h.delivered(sent, "sent", "mid-1")
		direct, err := h.inbox.Get(ctx, h.ida, sent.ConversationID)
		h.ok(err)
		if direct.Kind != network.Direct || direct.ContactID != c.ContactID || direct.State != inbox.Pending || direct.Unread {
			t.Errorf("the direct conversation is %+v", direct)
		}
		if now := h.get(c); now.FirstReplyAt.IsZero() {
			t.Error("the private answer does not count as an answer to the comment")
		}
		// The network's own list shows our message in its own thread; the answer comes there.
		own := h.direct("club", "What is your order number?")
		own.ID, own.Own, own.Thread = "mid-1", true, "t-77"
		answer := h.direct("mara", "It is 4711")
		answer.Thread = "t-77"
		h.receive(own, answer)
		now := h.stands(direct, inbox.Open)
		if now.Thread != "t-77" || len(h.messages(direct)) != 2 {
			t.Errorf("thread %q with %d messages", now.Thread, len(h.messages(direct)))
		}
		h.reply(h.ida, direct, "Thank you")
		where, err := h.inbox.PrivateAnswers(ctx, h.ida, c.ID)
		h.ok(err)
		if where[m.ID] != direct.ID {
			t.Errorf("the comment leads to %v", where)
		}
	})
}

func TestE08ThePersonCanAnswerBeforeOurOwnMessageIsReadBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "Where is it?")
		sent, err := h.inbox.ReplyPrivately(ctx, h.ida, h.messages(c)[0].ID, "Your number?")
		h.ok(err)
		own := h.direct("club", "Your number?")
		own.ID, own.Own, own.Thread = "mid-9", true, "t-1"
		h.receive(own) // before the journal knows its id
		answer := h.direct("mara", "4711")
		answer.Thread = "t-1"
		h.receive(answer)
		h.delivered(sent, "sent", "mid-9")
		direct, err := h.inbox.Get(ctx, h.ida, sent.ConversationID)
		h.ok(err)
		if got := len(h.messages(direct)); got != 2 || direct.Thread != "t-1" {
			t.Errorf("%d messages in thread %q, want 2 in t-1", got, direct.Thread)
		}
		other := h.open("ben", "And mine?")
		_, err = h.inbox.ReplyPrivately(ctx, h.ida, h.messages(other)[0].ID, "Yours?")
		h.ok(err)
		reply := h.direct("ben", "Mine!")
		reply.Thread = "t-2"
		h.receive(reply) // our own is never listed
		lines, _, err := h.inbox.List(ctx, h.ida, inbox.Filter{ContactID: other.ContactID})
		h.ok(err)
		if len(lines) != 2 {
			t.Errorf("there are %d conversations with ben, want the comment's and the direct one", len(lines))
		}
	})
}

func TestE08APrivateAnswerIsRefusedWithTheReason(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		m := h.from("mara", "Old")
		h.receive(m)
		c := h.of("mara")
		stored := h.messages(c)[0]
		_, err := h.inbox.ReplyPrivately(ctx, h.ida, stored.ID, "Hello {{contact.name}}")
		h.refused(err, fault.Invalid, "")
		_, err = h.inbox.ReplyPrivately(ctx, h.ida, stored.ID, "  ")
		h.refused(err, fault.Invalid, "")
		sent, err := h.inbox.ReplyPrivately(ctx, h.ida, stored.ID, "Hello")
		h.ok(err)
		h.delivered(sent, "failed", "") // it was not sent: it can be sent once more, and the comment waits again
		h.stands(c, inbox.Open)
		if p := h.inbox.PrivateFor(h.ch, c, h.messages(c)[0]); p.Why != "" || p.Sent {
			t.Errorf("after a failure: %+v", p)
		}
		h.now = m.At.Add(7 * 24 * time.Hour)
		if p := h.inbox.PrivateFor(h.ch, c, h.messages(c)[0]); !p.Offered || p.Why == "" {
			t.Errorf("after a week: %+v", p)
		}
		_, err = h.inbox.ReplyPrivately(ctx, h.ida, stored.ID, "Hello again")
		h.refused(err, fault.Conflict, "not_private")
		shut := h.from("ben", "No messages please")
		shut.Data = map[string]string{"closed": "yes"}
		h.receive(shut)
		_, err = h.inbox.ReplyPrivately(ctx, h.ida, h.messages(h.of("ben"))[0].ID, "Hello")
		h.refused(err, fault.Conflict, "not_private")
		h.receive(h.direct("di", "A direct message"))
		_, err = h.inbox.ReplyPrivately(ctx, h.ida, h.messages(h.of("di"))[0].ID, "Hello")
		h.refused(err, fault.Conflict, "not_private")
		_, err = h.inbox.ReplyPrivately(ctx, h.ida, "msg_none", "Hello")
		h.refused(err, fault.NotFound, "")
	})
}
