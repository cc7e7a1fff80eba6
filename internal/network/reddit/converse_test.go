package reddit_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/reddit"
	"github.com/bellwether-social/bellwether/internal/network/reddit/redditfake"
)

func TestInboxIsReadByKind(t *testing.T) {
	w, f := world(t, redditfake.Options{})
	n := w.Network.(reddit.Reddit)
	done, _ := carryOut(t, w, w.Draft("A post"))
	post := done["post"].RemoteID
	start, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil || len(start.Messages) != 0 {
		t.Fatalf("%+v, %v", start, err)
	}
	comment := f.Say("ann", "comment", "Nice & <b>", post)
	w.Clock.Advance(time.Second)
	reply := f.Say("bob", "comment", "I agree", comment)
	w.Clock.Advance(time.Second)
	mention := f.Say("cem", "mention", "u/brand, look", "")
	w.Clock.Advance(time.Second)
	message := f.Say("dora", "direct", "A question", "")
	b, err := n.Fetch(t.Context(), w.Session, start.Cursor)
	if err != nil || len(b.Messages) != 4 {
		t.Fatalf("%+v, %v", b.Messages, err)
	}
	for i, want := range []struct {
		id, from, on, thread string
		kind                 network.MessageKind
	}{{comment, "ann", post, post, network.Comment}, {reply, "bob", comment, post, network.Comment}, {mention, "cem", "t3_other", "t3_other", network.Mention}, {message, "dora", "", message, network.Direct}} {
		m := b.Messages[i]
		if m.ID != want.id || m.From.Handle != want.from || m.From.ID != "t2_"+want.from || m.ReplyTo != want.on || m.Thread != want.thread || m.Kind != want.kind || m.Own || m.At.IsZero() {
			t.Errorf("%d: %+v", i, m)
		}
	}
	// Each is answered where it stands, and a lost answer is found there.
	for _, m := range []network.Message{b.Messages[0], b.Messages[3]} {
		steps, problems := n.PlanReply(network.Reply{Key: "k", To: m, Text: "Thanks!"}, w.Session.Account)
		if len(steps) != 1 {
			t.Fatalf("%+v", problems)
		}
		sent := w.Clock.Now()
		f.Faults.Next("create", networkfake.DropAfter)
		if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Unknown) {
			t.Fatalf("%v is %s", err, fault.KindOf(err))
		}
		finding, o, err := n.Find(t.Context(), w.Session, steps[0], nil, sent)
		items := f.Items()
		if last := items[len(items)-1]; err != nil || finding != network.Found || o.RemoteID != last.ID || last.ReplyTo != m.ID {
			t.Errorf("%s %+v %v", finding, o, err)
		}
	}
	// Nothing of it comes twice.
	if again, err := n.Fetch(t.Context(), w.Session, b.Cursor); err != nil || len(again.Messages) != 0 {
		t.Errorf("again: %+v, %v", again.Messages, err)
	}
}

func TestHundredsOfMessagesAreReadAtOnce(t *testing.T) {
	w, f := world(t, redditfake.Options{})
	n := w.Network.(reddit.Reddit)
	start, _ := n.Fetch(t.Context(), w.Session, "")
	var want []string
	for i := range 250 {
		want = append(want, f.Say("ann", "mention", fmt.Sprintf("Message %d", i), ""))
		w.Clock.Advance(7 * time.Second)
	}
	b, err := n.Fetch(t.Context(), w.Session, start.Cursor)
	var got []string
	for _, m := range b.Messages {
		got = append(got, m.ID)
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%d of %d, %v", len(got), len(want), err)
	}
	if len(b.Cursor) > 1500 {
		t.Errorf("the cursor has %d characters", len(b.Cursor))
	}
}

func TestThreadsThatAreClosedSaySo(t *testing.T) {
	w, f := world(t, redditfake.Options{})
	n := w.Network.(reddit.Reddit)
	steps, _ := n.PlanReply(network.Reply{Key: "k", To: network.Message{Remote: network.Remote{ID: "t1_x"}}, Text: "Hello"}, w.Session.Account)
	for _, code := range []string{"THREAD_LOCKED", "TOO_OLD", "DELETED_COMMENT", "USER_BLOCKED"} {
		f.Refuse(code, "no", "parent")
		if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
			t.Errorf("%s: %v", code, err)
		}
	}
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Rejected) {
		t.Errorf("answering what is gone: %v", err)
	}
}

func TestActsAreVotesAndModeration(t *testing.T) {
	w, f := world(t, redditfake.Options{})
	n := w.Network.(reddit.Reddit)
	done, _ := carryOut(t, w, w.Draft("A post"))
	id := f.Say("ann", "comment", "Nice", done["post"].RemoteID)
	on := network.Remote{ID: id}
	for _, act := range n.Acts(network.Comment) {
		for range 2 { // each may be repeated
			if err := n.Act(t.Context(), w.Session, act, on); err != nil {
				t.Errorf("%s: %v", act, err)
			}
		}
	}
	want := []string{"vote " + id + " 1", "vote " + id + " 0", "remove " + id, "approve " + id, "block " + id}
	if got := slices.Compact(f.Acts()); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if err := n.Act(t.Context(), w.Session, network.Share, on); !fault.Is(err, fault.Rejected) {
		t.Errorf("sharing: %v", err)
	}
	d := w.Draft("Enough words")
	d.Settings = settings("community", redditfake.Strict, "title", "[News] a title", "flair", redditfake.Strict+"/strict-flair")
	done, _ = carryOut(t, w, d)
	if err := n.Act(t.Context(), w.Session, network.Hide, network.Remote{ID: done["post"].RemoteID}); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("removing where somebody else moderates: %v", err)
	}
}

func TestNumbersAreReadAHundredAtATime(t *testing.T) {
	w, f := world(t, redditfake.Options{})
	n := w.Network.(reddit.Reddit)
	done, _ := carryOut(t, w, w.Draft("A post"))
	f.Say("ann", "comment", "Nice", done["post"].RemoteID)
	items := []network.Remote{{ID: done["post"].RemoteID}}
	for i := range 150 {
		items = append(items, network.Remote{ID: fmt.Sprintf("t3_gone%d", i)})
	}
	before := f.Calls("read")
	list, err := n.PostMetrics(t.Context(), w.Session, items)
	if err != nil || len(list) != 151 || f.Calls("read")-before != 2 {
		t.Fatalf("%d items in %d calls, %v", len(list), f.Calls("read")-before, err)
	}
	if !maps.Equal(list[0].Values, network.Values{"M-LIKE": 1, "M-COMM": 1, "M-SHARE": 2}) || !list[1].Gone || !list[150].Gone {
		t.Errorf("%+v", list[0])
	}
	f.Faults.Next("read", networkfake.OK, networkfake.ErrorBefore)
	if list, err = n.PostMetrics(t.Context(), w.Session, items); err == nil || len(list) != 100 {
		t.Errorf("%d items and %v: what was read is lost", len(list), err)
	}
}

func TestRemovedPostSaysWhoRemovedIt(t *testing.T) {
	w, f := world(t, redditfake.Options{})
	done, _ := carryOut(t, w, w.Draft("A post"))
	f.Remove(done["post"].RemoteID)
	live, err := w.Network.(reddit.Reddit).Read(t.Context(), w.Session, network.Remote{ID: done["post"].RemoteID})
	if err != nil || live.Exists || live.Visibility != "moderator" {
		t.Errorf("%+v, %v", live, err)
	}
}
