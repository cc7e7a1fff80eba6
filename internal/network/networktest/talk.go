package networktest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// pagesHaveNoGapAndNoRepeat lets strangers write while pages are being read: everything comes once, in order.
func pagesHaveNoGapAndNoRepeat(t *testing.T, w *World) {
	c, ok := w.Network.(network.Converser)
	if !ok {
		t.Skip("has no conversations")
	}
	_, write := w.stranger(t)
	write("From before we came")
	first, err := c.Fetch(t.Context(), w.Session, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Messages) != 1 {
		t.Errorf("the history has %d messages, want 1", len(first.Messages))
	}
	var want, got []string
	say := func(n int) {
		for range n {
			w.Clock.Advance(time.Second)
			want = append(want, write(fmt.Sprintf("Message %d", len(want))))
		}
	}
	say(95) // more than two pages of any network, and past where ids grow by a digit
	cursor := first.Cursor
	for round := 0; ; round++ {
		b, err := c.Fetch(t.Context(), w.Session, cursor)
		if err != nil {
			t.Fatal(err)
		}
		again, err := c.Fetch(t.Context(), w.Session, cursor) // as after a crash before the page was stored
		if err != nil || !slices.Equal(ids(again), ids(b)) {
			t.Fatalf("the same place read twice: %v, then %v (%v)", ids(b), ids(again), err)
		}
		if !slices.IsSortedFunc(b.Messages, func(a, b network.Message) int { return a.At.Compare(b.At) }) {
			t.Error("a page is not oldest first")
		}
		got, cursor = append(got, ids(b)...), b.Cursor
		if round == 0 {
			say(7)
		}
		if !b.More {
			break
		}
		if round > 50 {
			t.Fatal("there is always more")
		}
	}
	b, err := c.Fetch(t.Context(), w.Session, cursor)
	if got = append(got, ids(b)...); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("read %d of %d messages, or not in order:\n%v\n%v", len(got), len(want), got, want)
	}
}

func ids(b network.Batch) (out []string) {
	for _, m := range b.Messages {
		out = append(out, m.ID)
	}
	return out
}

func conversationIsAnswered(t *testing.T, w *World) {
	c, ok := w.Network.(network.Converser)
	if !ok {
		t.Skip("has no conversations")
	}
	if !w.hears(network.Comment) {
		t.Skip("nobody can comment")
	}
	post := w.publish(t, w.Draft("What do you think?"))
	start, err := c.Fetch(t.Context(), w.Session, "")
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(time.Minute)
	id := w.Fake.Say(network.Comment, "I like it <b>very</b> much & so on", post.RemoteID)
	b, err := c.Fetch(t.Context(), w.Session, start.Cursor)
	if err != nil || len(b.Messages) != 1 {
		t.Fatalf("fetched %+v, %v; want one comment", b.Messages, err)
	}
	m := b.Messages[0]
	if m.ID != id || m.Kind != network.Comment || m.ReplyTo != post.RemoteID || m.Own || m.From.ID == "" || m.From.Handle == "" || m.At.IsZero() || m.Thread == "" {
		t.Errorf("the comment is not described whole: %+v", m)
	}
	if !strings.Contains(m.Text, "<b>very</b> much & so on") {
		t.Errorf("the text is %q: a stranger's characters are text", m.Text)
	}
	reply := network.Reply{Key: "dlv_answer", To: m, Text: "Thank you!", Language: "en", At: w.Clock.Now()}
	steps, problems := c.PlanReply(reply, w.Session.Account)
	if problem(problems, "") != nil {
		t.Fatalf("the answer is refused: %+v", problems)
	}
	if again, _ := c.PlanReply(reply, w.Session.Account); fmt.Sprint(again) != fmt.Sprint(steps) {
		t.Error("planning the answer twice differs")
	}
	if r := w.run(t.Context(), steps); r.state != accepted {
		t.Fatalf("answering ended %s: %v", r.state, r.err)
	}
	items := w.live()
	if last := items[len(items)-1]; len(items) != 2 || last.ReplyTo != id || !strings.Contains(last.Text, "Thank you!") {
		t.Errorf("the answer is not below the comment: %+v", items)
	}
	long := reply
	long.Text = strings.Repeat("a", 200_000)
	if steps, problems := c.PlanReply(long, w.Session.Account); problem(problems, "text_too_long") == nil || len(steps) > 0 {
		t.Error("an answer of any length is planned")
	}
}

func missingNumberIsNotZero(t *testing.T, w *World) {
	n, ok := w.Network.(network.Measurer)
	if !ok {
		t.Skip("measures nothing")
	}
	known := map[string]bool{}
	for _, m := range w.Network.Spec().Metrics {
		known[m.ID] = true
	}
	o := w.publish(t, w.Draft("Count me"))
	gone := w.publish(t, w.Draft("Do not count me"))
	w.Fake.Remove(gone.RemoteID)
	item := func(o network.Outcome) network.Remote {
		return network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
	}
	list, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{item(o), item(gone)})
	if w.ToldOnly && (err != nil || len(list) > 0) {
		t.Errorf("measured %+v, %v; the network answers no such question", list, err)
	}
	if !w.ToldOnly && (err != nil || len(list) != 2) {
		t.Fatalf("measured %+v, %v; want both items", list, err)
	}
	for _, m := range list {
		if m.RemoteID == gone.RemoteID && (!m.Gone || len(m.Values) > 0) {
			t.Errorf("a removed item is measured: %+v", m)
		}
		if m.RemoteID == o.RemoteID && (m.Gone || len(m.Values) == 0) {
			t.Errorf("a live item has no numbers: %+v", m)
		}
		for id := range m.Values {
			if !known[id] {
				t.Errorf("%s is measured, and the spec does not name it", id)
			}
		}
	}
	values, err := n.AccountMetrics(t.Context(), w.Session)
	if err != nil {
		t.Fatal(err)
	}
	for id := range values {
		if !known[id] {
			t.Errorf("%s is measured of the account, and the spec does not name it", id)
		}
	}
}

// ownItemsAreListed reads the account's own items page by page: each once, newest first.
func ownItemsAreListed(t *testing.T, w *World) {
	n, ok := w.Network.(network.Importer)
	if !ok {
		t.Skip("lists nothing")
	}
	var want, got []string
	for i := range 5 {
		w.Clock.Advance(time.Second)
		want = append([]string{w.publish(t, w.Draft(fmt.Sprintf("Item %d", i))).RemoteID}, want...)
	}
	before := ""
	for range 20 {
		items, next, err := n.Own(t.Context(), w.Session, before, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			got = append(got, it.ID)
			if !it.Exists || it.At.IsZero() || it.Text == "" {
				t.Errorf("an own item is not described whole: %+v", it)
			}
		}
		if before = next; next == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
}
