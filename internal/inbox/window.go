package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// soon is how long before the network takes less a conversation goes to the head of the list.
const soon = 6 * time.Hour

// Closes returns the instant from which the network takes less than now, or nothing, of an answer (zero = never), and
// whether it takes nothing any more (E18).
func (c Conversation) Closes(now time.Time) (at time.Time, closed bool) {
	switch {
	case c.AnswerEnd.IsZero():
		return time.Time{}, false
	case now.Before(c.AnswerBy):
		return c.AnswerBy, false
	}
	return c.AnswerEnd, !now.Before(c.AnswerEnd)
}

// Soon reports whether the conversation's window closes soon.
func (c Conversation) Soon(now time.Time) bool {
	at, closed := c.Closes(now)
	return !closed && !at.IsZero() && at.Sub(now) <= soon
}

// window is until when a conversation in which somebody said something at an instant can be answered.
func (i *Inbox) window(ch channel.Channel, kind network.MessageKind, said time.Time) (by, end time.Time) {
	n := i.channels.Network(ch)
	if n == nil {
		return by, end
	}
	w := n.Spec().WindowOf(kind, false)
	if w.For == 0 {
		return by, end
	}
	by = said.Add(w.For)
	if end = by; w.Longer > 0 {
		end = said.Add(w.Longer)
	}
	return by, end
}

// shut says that the network takes no answer any more.
func shut(s network.Spec, c Conversation) error {
	w := s.WindowOf(c.Kind, false)
	return fault.Conflictf("%s takes an answer for %s after the person's last message; that was over on %s", s.Name, Span(max(w.For, w.Longer)), c.AnswerEnd.UTC().Format("2 January 2006 15:04 UTC")).
		WithCode("reply_window").WithHint("The person has to write again. Your text is kept.")
}

// Span says a window's length in hours or days.
func Span(d time.Duration) string {
	if d > 48*time.Hour && d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	}
	return fmt.Sprintf("%d hours", int(d.Hours()))
}

// spokeAt is the instant a window is counted from: in a private conversation whatever its person said last, whichever
// message is answered.
func spokeAt(c Conversation, to Message) time.Time {
	if c.Kind == network.Direct && c.LastInboundAt.After(to.At) {
		return c.LastInboundAt
	}
	return to.At
}

// roll moves on the deadlines that have passed where the network still takes an answer marked as one by a person.
func (i *Inbox) roll(ctx context.Context) error {
	_, err := db.Exec(ctx, i.db, `update conversations set answer_by = answer_end where answer_by < answer_end and answer_by <= $1`, i.clock())
	return err
}

// near are the conversations that wait for an answer and whose window closes soon.
type near struct {
	first []Line // to be shown first, the one that closes first before the others; only on the first page
	now   time.Time
	until time.Time // they close by then, zero = there are none
	lastV string    // the last of them that closes at until
}

// closing finds what a list shows first. It leaves room for one row more, from which the next page goes on.
func (i *Inbox) closing(ctx context.Context, actor workspace.Actor, f Filter) (near, error) {
	n := near{now: i.clock()}
	if !f.ToAnswer && f.State != StateNew && f.State != Open || f.Limit < 2 {
		return n, nil
	}
	w := i.narrow(actor, f)
	w.and("v.state in ('new', 'open')")
	if f.State != "" {
		w.and("v.state = ?", f.State)
	}
	w.and("v.answer_by > ? and v.answer_by <= ?", n.now, n.now.Add(soon))
	w.WriteString(w.fill(` order by v.answer_by, v.id limit ?`, f.Limit-1))
	rows, err := db.All[Line](ctx, i.db, `select `+lineColumns+` from conversations v`+lineTables+w.String(), w.args...)
	if err != nil || len(rows) == 0 {
		return n, err
	}
	last := rows[len(rows)-1]
	if n.until, n.lastV = last.AnswerBy, last.ID; f.BeforeAt.IsZero() {
		n.first = rows
	}
	return n, nil
}

// leaveOut keeps what is shown first from being shown again.
func (n near) leaveOut(w *where) {
	if !n.until.IsZero() {
		w.and("(v.answer_by is null or v.answer_by <= ? or v.answer_by > ? or v.answer_by = ? and v.id > ?)", n.now, n.until, n.until, n.lastV)
	}
}
