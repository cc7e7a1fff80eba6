package networktest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// heardComment lets a stranger comment on a new post and reads the comment.
func (w *World) heardComment(t *testing.T, words string) network.Message {
	t.Helper()
	c, ok := w.Network.(network.Converser)
	if !ok || !w.hears(network.Comment) {
		t.Skip("nobody can comment")
	}
	post := w.publish(t, w.Draft("What do you think?"))
	start, err := c.Fetch(t.Context(), w.Session, "")
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(time.Minute)
	id := w.Fake.Say(network.Comment, words, post.RemoteID)
	b, err := c.Fetch(t.Context(), w.Session, start.Cursor)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(b.Messages, func(m network.Message) bool { return m.ID == id })
	if at < 0 {
		t.Fatalf("the comment is not among %v", ids(b))
	}
	return b.Messages[at]
}

// on is a message as the inbox hands it to an act.
func on(m network.Message) network.Remote {
	r := m.Remote
	r.Data = map[string]string{"author": m.From.ID, "reason": "It is an insult."}
	maps.Copy(r.Data, m.Data)
	return r
}

// commentIsModerated carries out every act that is offered for a comment, twice where it may be repeated, and none that
// is not.
func commentIsModerated(t *testing.T, w *World) {
	n, ok := w.Network.(network.Reactor)
	if !ok {
		t.Skip("has no acts")
	}
	offered := n.Acts(network.Comment)
	if len(offered) == 0 {
		t.Skip("offers nothing for comments")
	}
	slices.SortStableFunc(offered, func(a, b network.Act) int { return weight(a) - weight(b) })
	m := w.heardComment(t, "Something one would moderate")
	for _, act := range offered {
		times := 2
		if act.Kind() != network.Repeatable {
			times = 1
		}
		for range times {
			if err := n.Act(t.Context(), w.Session, act, on(m)); err != nil && !slices.Contains(w.Unable, act) {
				t.Errorf("%s: %v", act, err)
			} else if err == nil && slices.Contains(w.Unable, act) {
				t.Errorf("%s works, and this world says that it cannot", act)
			}
		}
	}
	for _, act := range []network.Act{network.Like, network.Share, network.Hide, network.Mute, network.Block, network.Delete, network.Report, network.Spam, network.Trash} {
		known := slices.ContainsFunc(network.Kinds, func(k network.MessageKind) bool { return slices.Contains(n.Acts(k), act) })
		if !known {
			if err := n.Act(t.Context(), w.Session, act, on(m)); !fault.Is(err, fault.Rejected) {
				t.Errorf("%s is offered for nothing, and asking for it ends with %v", act, err)
			}
		}
	}
}

// weight puts what takes a message away behind what needs it.
func weight(a network.Act) int {
	switch a {
	case network.Delete:
		return 3
	case network.Trash, network.Block, network.Spam:
		return 2
	case network.Approve, network.Unblock:
		return 1
	}
	return 0
}

// commentIsAnsweredInPrivate sends the one private answer, with and without its answer being lost, and is refused it
// when its window has closed.
func commentIsAnsweredInPrivate(t *testing.T, w *World) {
	n, ok := w.Network.(network.PrivateReplier)
	if !ok {
		t.Skip("answers nobody in private")
	}
	m := w.heardComment(t, "How do I get my money back?")
	window := w.Network.Spec().WindowOf(network.Comment, true)
	reply := network.Reply{Key: "dlv_private", To: m, Text: "We have written to you.", Language: "en", At: m.At.Add(window.For)}
	steps, problems := n.PlanPrivate(reply, w.Session.Account)
	if problem(problems, "") != nil || len(steps) == 0 {
		t.Fatalf("at the end of its window the private answer is refused: %+v", problems)
	}
	if again, _ := n.PlanPrivate(reply, w.Session.Account); fmt.Sprint(again) != fmt.Sprint(steps) {
		t.Error("planning the private answer twice differs")
	}
	late := reply
	late.At = late.At.Add(time.Second)
	if steps, problems := n.PlanPrivate(late, w.Session.Account); problem(problems, "reply_window") == nil || len(steps) > 0 {
		t.Errorf("a second after its window the private answer is planned: %+v", problems)
	}
	direct := reply
	direct.To.Kind = network.Mention
	if _, problems := n.PlanPrivate(direct, w.Session.Account); problem(problems, "not_private") == nil {
		t.Errorf("a private answer to what takes none: %+v", problems)
	}
	before := len(w.live())
	if w.plays(networkfake.DropAfter) {
		w.Fake.Next("create", networkfake.DropAfter)
	}
	r := w.run(t.Context(), steps)
	if r.state != accepted {
		t.Fatalf("the private answer ended %s: %v", r.state, r.err)
	}
	if n := len(w.live()) - before; n != 1 {
		t.Errorf("%d private answers are there, not one", n)
	}
}

// historyIsReadToItsEnd reads what was said before, page by page: everything once, and the last page says that it is.
func historyIsReadToItsEnd(t *testing.T, w *World) {
	n, ok := w.Network.(network.Historian)
	if !ok {
		t.Skip("has no more history than its newest page")
	}
	_, say := w.stranger(t)
	var want, got []string
	for i := range cmp.Or(w.Past, 130) {
		w.Clock.Advance(time.Second)
		want = append(want, say(fmt.Sprintf("Long ago %d", i)))
	}
	place := ""
	for page := 0; ; page++ {
		b, err := n.History(t.Context(), w.Session, place)
		if err != nil {
			t.Fatal(err)
		}
		again, err := n.History(t.Context(), w.Session, place)
		if err != nil || !slices.Equal(ids(again), ids(b)) {
			t.Fatalf("the same page of the history read twice: %v, then %v (%v)", ids(b), ids(again), err)
		}
		for _, id := range ids(b) {
			if !slices.Contains(got, id) { // somebody writing meanwhile may push a message onto the next page
				got = append(got, id)
			}
		}
		if !b.More {
			break
		}
		if page > 50 || b.Cursor == place {
			t.Fatal("the history has no end")
		}
		place = b.Cursor
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the history has %d of %d messages", len(got), len(want))
	}
}
