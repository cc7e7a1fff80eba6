package x_test

import (
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/x"
	"github.com/bellwether-social/bellwether/internal/network/x/xfake"
)

func TestDirectMessageIsReadAnsweredAndFound(t *testing.T) {
	w, f := world(t, xfake.Options{})
	n := w.Network.(x.X)
	start, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil {
		t.Fatal(err)
	}
	f.Say("ann", network.Direct, "Are you open?", "")
	b, err := n.Fetch(t.Context(), w.Session, start.Cursor)
	if err != nil || len(b.Messages) != 1 {
		t.Fatalf("%+v, %v", b.Messages, err)
	}
	m := b.Messages[0]
	if m.Kind != network.Direct || m.From.Handle != "ann" || m.Own || m.Thread == "" {
		t.Errorf("%+v", m)
	}
	reply := network.Reply{Key: "k", To: m, Text: strings.Repeat("Yes. ", 100), At: w.Clock.Now()}
	steps, problems := n.PlanReply(reply, w.Session.Account)
	if len(steps) != 1 || steps[0].Kind != network.Findable {
		t.Fatalf("%+v", problems)
	}
	sent := w.Clock.Now()
	if finding, _, err := n.Find(t.Context(), w.Session, steps[0], nil, sent); err != nil || finding != network.NotSeen {
		t.Errorf("before it is sent: %s, %v", finding, err)
	}
	f.Faults.Next("create", networkfake.DropAfter)
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Unknown) {
		t.Fatalf("a lost answer: %v", err)
	}
	finding, o, err := n.Find(t.Context(), w.Session, steps[0], nil, sent)
	if items := f.Items(); err != nil || finding != network.Found || len(items) != 1 || items[0].ID != o.RemoteID || items[0].Visibility != "direct" {
		t.Errorf("%s %+v, %v; %+v", finding, o, err, items)
	}
	b, err = n.Fetch(t.Context(), w.Session, b.Cursor)
	if err != nil || len(b.Messages) != 1 || !b.Messages[0].Own || b.Messages[0].Data["author"] != f.Person("ann") {
		t.Errorf("our own answer: %+v, %v", b.Messages, err)
	}
	item := network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
	if live, err := n.Read(t.Context(), w.Session, item); err != nil || !live.Exists || live.Text != strings.TrimSpace(reply.Text) {
		t.Errorf("read back %+v, %v", live, err)
	}
	for range 2 {
		if err := n.Delete(t.Context(), w.Session, item); err != nil {
			t.Error(err)
		}
	}
	if live, err := n.Read(t.Context(), w.Session, item); err != nil || live.Exists {
		t.Errorf("after deleting: %+v, %v", live, err)
	}
	reply.Text = "@ann bought $ABC and $DEF" // what a post must not say, a message may
	if steps, problems := n.PlanReply(reply, w.Session.Account); len(steps) != 1 || len(problems) != 0 {
		t.Errorf("%+v", problems)
	}
	reply.Text = strings.Repeat("a", 10_001)
	if steps, problems := n.PlanReply(reply, w.Session.Account); len(steps) > 0 || problems[len(problems)-1].Code != "text_too_long" {
		t.Errorf("%+v", problems)
	}
}

func TestDirectMessagesComeWholeAndOnce(t *testing.T) {
	w, f := world(t, xfake.Options{})
	n := w.Network.(x.X)
	b, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for round := range 3 {
		for range 45 {
			w.Clock.Advance(time.Second)
			f.Say("ann", network.Direct, "Hello", "")
		}
		f.Faults.Next("direct", networkfake.LimitedSilent) // then they come the next time
		for range 2 {
			if b, err = n.Fetch(t.Context(), w.Session, b.Cursor); err != nil {
				t.Fatal(err)
			}
			for _, m := range b.Messages {
				if seen[m.ID] {
					t.Errorf("%s comes twice", m.ID)
				}
				seen[m.ID] = true
			}
		}
		if len(seen) != 45*(round+1) {
			t.Errorf("after round %d there are %d", round, len(seen))
		}
	}
	f.Faults.Next("direct", networkfake.ErrorBefore)
	if _, err := n.Fetch(t.Context(), w.Session, b.Cursor); !fault.Is(err, fault.Later) {
		t.Errorf("a failed look: %v", err)
	}
	w.Session.Grant.Scopes = []string{"tweet.read"}
	calls := f.Calls("direct")
	if _, err := n.Fetch(t.Context(), w.Session, b.Cursor); err != nil || f.Calls("direct") != calls {
		t.Errorf("messages are read without the right to: %v", err)
	}
}

func TestAnswerWhereNobodyAskedIsRefusedInPlainWords(t *testing.T) {
	w, f := world(t, xfake.Options{})
	n := w.Network.(x.X)
	to := network.Message{Remote: network.Remote{ID: f.Write("ann", "A talk of others", "")}, Kind: network.Mention}
	steps, _ := n.PlanReply(network.Reply{Key: "k", To: to, Text: "May I?", At: w.Clock.Now()}, w.Session.Account)
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Rejected) || fault.As(err).Code != "reply_not_allowed" {
		t.Errorf("%v", err)
	}
}

func TestActsReachX(t *testing.T) {
	w, f := world(t, xfake.Options{})
	n := w.Network.(x.X)
	done, _ := carryOut(t, w, plan(t, w, w.Draft("Our post")), nil)
	id := f.Say("rude", network.Comment, "Boo", done["post"].RemoteID)
	b, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil || len(b.Messages) != 1 || b.Messages[0].Thread != done["post"].RemoteID {
		t.Fatalf("%+v, %v", b.Messages, err)
	}
	on := b.Messages[0].Remote
	for _, c := range []struct {
		act  network.Act
		pair string
		want bool
	}{{network.Hide, "hide " + id, true}, {network.Unhide, "hide " + id, false}, {network.Share, "repost " + id, true}, {network.Mute, "mute " + f.Person("rude"), true}, {network.Unmute, "mute " + f.Person("rude"), false}} {
		if err := n.Act(t.Context(), w.Session, c.act, on); err != nil || f.Is(c.pair) != c.want {
			t.Errorf("%s: %v", c.act, err)
		}
	}
	if err := n.Act(t.Context(), w.Session, network.Mute, network.Remote{ID: id}); err != nil || !f.Is("mute "+f.Person("rude")) {
		t.Errorf("without what Fetch noted: %v", err)
	}
	if err := n.Act(t.Context(), w.Session, network.Like, on); !fault.Is(err, fault.Rejected) {
		t.Errorf("likes what it cannot like: %v", err)
	}
}

func TestNumbersHaveTheirNames(t *testing.T) {
	w, f := world(t, xfake.Options{})
	n := w.Network.(x.X)
	publish := func(words string) network.Remote {
		done, _ := carryOut(t, w, plan(t, w, w.Draft(words)), nil)
		return network.Remote{ID: done["post"].RemoteID}
	}
	old := publish("Long ago")
	w.Clock.Advance(31 * 24 * time.Hour)
	fresh, gone := publish("Today"), publish("Gone")
	f.Remove(gone.ID)
	f.Measure(fresh.ID, 11, 12)
	list, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{old, fresh, gone})
	if err != nil || len(list) != 3 {
		t.Fatalf("%+v, %v", list, err)
	}
	by := map[string]network.Measured{}
	for _, m := range list {
		by[m.RemoteID] = m
	}
	v := by[fresh.ID].Values
	for id, want := range map[string]int64{"M-IMPR": 5, "M-LIKE": 11, "M-COMM": 1, "M-SHARE": 5, "M-SAVE": 4, "M-LCLICK": 12, "M-PVIS": 0} {
		if got, ok := v[id]; !ok || got != want {
			t.Errorf("%s is %d, want %d", id, got, want)
		}
	}
	if _, ok := by[old.ID].Values["M-LCLICK"]; ok || by[old.ID].Values["M-IMPR"] != 5 || !by[gone.ID].Gone {
		t.Errorf("%+v", by)
	}
	f.Faults.Next("read", networkfake.ErrorBefore)
	if list, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{fresh}); !fault.Is(err, fault.Later) || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}
