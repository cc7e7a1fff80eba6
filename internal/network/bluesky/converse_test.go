package bluesky_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/bluesky"
	"github.com/bellwether-social/bellwether/internal/network/bluesky/blueskyfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

// reader reads page after page as the inbox does.
type reader struct {
	t      *testing.T
	w      *networktest.World
	cursor string
}

func (r *reader) read() (messages []network.Message, reactions []network.Reaction) {
	r.t.Helper()
	for range 100 {
		b, err := bluesky.New().Fetch(r.t.Context(), r.w.Session, r.cursor)
		if err != nil {
			r.t.Fatal(err)
		}
		messages, reactions, r.cursor = append(messages, b.Messages...), append(reactions, b.Reactions...), b.Cursor
		if !b.More {
			return messages, reactions
		}
	}
	r.t.Fatal("there is always more")
	return nil, nil
}

func ids(messages []network.Message) (out []string) {
	for _, m := range messages {
		out = append(out, m.ID)
	}
	return out
}

// published publishes one text and returns its address.
func published(t *testing.T, w *networktest.World, d network.Draft) network.Outcomes {
	t.Helper()
	n := bluesky.New()
	steps, problems := n.Plan(d, w.Session.Account)
	if len(steps) == 0 {
		t.Fatalf("refused: %+v", problems)
	}
	done := network.Outcomes{}
	for _, s := range steps {
		if s.Media != nil {
			s.Media.Open = networktest.Picture("").Open
		}
		o, err := n.Do(t.Context(), w.Session, s, done)
		if err != nil {
			t.Fatalf("step %s: %v", s.Name, err)
		}
		done[s.Name] = o
	}
	return done
}

func TestReplyThatNotifiedNobodyIsFoundInItsThread(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	post := published(t, w, w.Draft("What do you think?"))["post"].RemoteID
	f.SayUnheard("early.test", "Long before we looked", post)
	w.Clock.Advance(time.Hour)
	r := &reader{t: t, w: w}
	r.read()
	w.Clock.Advance(time.Minute)
	unheard := f.SayUnheard("bob.test", "Nobody is told of this", post)
	heard := f.Say("carol.test", "This one is notified", post)
	messages, _ := r.read()
	if got := ids(messages); len(got) != 2 || !slices.Contains(got, unheard) || !slices.Contains(got, heard) {
		t.Fatalf("read %v, want %s and %s, each once", got, unheard, heard)
	}
	m := messages[slices.Index(ids(messages), unheard)]
	if m.Kind != network.Comment || m.ReplyTo != post || m.Thread != post || m.From.Handle != "bob.test" || m.Data["cid"] == "" || m.Data["root_cid"] == "" {
		t.Errorf("the reply is not described whole: %+v", m)
	}
	if again, _ := r.read(); len(again) != 0 {
		t.Errorf("read again: %v", ids(again))
	}
	w.Clock.Advance(time.Minute)
	third := f.Say("dora.test", "One more", post) // the thread is read again for it
	if got, _ := r.read(); !slices.Equal(ids(got), []string{third}) {
		t.Errorf("read %v, want %s alone", ids(got), third)
	}
}

func TestReplyFromASlowClockIsNotMissed(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	post := published(t, w, w.Draft("What do you think?"))["post"].RemoteID
	r := &reader{t: t, w: w}
	r.read()
	w.Clock.Advance(time.Hour)
	first := f.Say("bob.test", "In time", post)
	if got, _ := r.read(); !slices.Equal(ids(got), []string{first}) {
		t.Fatalf("read %v", ids(got))
	}
	w.Clock.Advance(time.Minute)
	slow := f.SayAt("carol.test", "My clock is ten minutes slow", "", w.Clock.Now().Add(-10*time.Minute))
	_ = slow // a post that concerns nobody
	late := f.SayAt("carol.test", "My clock is ten minutes slow", post, w.Clock.Now().Add(-10*time.Minute))
	if got, _ := r.read(); !slices.Equal(ids(got), []string{late}) {
		t.Errorf("read %v, want %s", ids(got), late)
	}
}

func TestFloodIsReadWholeAcrossCalls(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	r := &reader{t: t, w: w}
	r.read()
	var want []string
	for i := range 2345 {
		w.Clock.Advance(time.Second)
		want = append(want, f.Say("bob.test", fmt.Sprintf("@%s number %d", blueskyfake.Brand, i), ""))
	}
	b, err := bluesky.New().Fetch(t.Context(), w.Session, r.cursor)
	if err != nil || !b.More || len(b.Messages) != 1000 {
		t.Fatalf("the first call read %d, more: %t, %v", len(b.Messages), b.More, err)
	}
	got := ids(b.Messages)
	r.cursor = b.Cursor
	w.Clock.Advance(time.Second)
	want = append(want, f.Say("carol.test", "@"+blueskyfake.Brand+" in the midst of it", ""))
	rest, _ := r.read()
	got = append(got, ids(rest)...)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("read %d messages, %d different, want %d", len(got), len(slices.Compact(got)), len(want))
	}
	if len(r.cursor) > 60_000 {
		t.Errorf("the place takes %d bytes", len(r.cursor))
	}
}

func TestKindsOfMessagesAndReactions(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	post := published(t, w, w.Draft("What do you think?"))["post"].RemoteID
	f.Like("old.test", post)
	r := &reader{t: t, w: w}
	if _, reactions := r.read(); len(reactions) != 0 {
		t.Errorf("history has reactions: %+v", reactions)
	}
	w.Clock.Advance(time.Minute)
	quote := f.Quote("bob.test", "Look at this", post)
	mention := f.Say("bob.test", "@"+blueskyfake.Brand+" hello", "")
	reply := f.Say("bob.test", "Nice", post)
	deeper := f.Say("carol.test", "Indeed", reply)
	f.Like("bob.test", post)
	f.Repost("carol.test", post)
	f.Follow("dora.test")
	messages, reactions := r.read()
	want := map[string]network.MessageKind{quote: network.Mention, mention: network.Mention, reply: network.Comment, deeper: network.Comment}
	if len(messages) != len(want) {
		t.Fatalf("read %+v", messages)
	}
	for _, m := range messages {
		if m.Kind != want[m.ID] || m.URL == "" {
			t.Errorf("%s is %s, want %s", m.Text, m.Kind, want[m.ID])
		}
		if m.ID == deeper && (m.Thread != post || m.ReplyTo != reply) {
			t.Errorf("the answer to an answer is %+v", m)
		}
	}
	var kinds []string
	for _, x := range reactions {
		kinds = append(kinds, x.Kind+" "+x.From.Handle)
		if (x.Kind == "follow") != (x.On == "") {
			t.Errorf("%+v", x)
		}
	}
	if slices.Sort(kinds); !slices.Equal(kinds, []string{"follow dora.test", "like bob.test", "share carol.test"}) {
		t.Errorf("reactions: %v", kinds)
	}
	if m, rs := r.read(); len(m)+len(rs) != 0 {
		t.Errorf("read again: %v %v", m, rs)
	}
}

func TestAnswerGivenInAnotherAppIsSeenAndOursIsNot(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	n := bluesky.New()
	r := &reader{t: t, w: w}
	r.read()
	w.Clock.Advance(time.Minute)
	f.Say("bob.test", "@"+blueskyfake.Brand+" do you ship?", "")
	messages, _ := r.read()
	steps, problems := n.PlanReply(network.Reply{Key: "dlv_1", To: messages[0], Text: "Yes.", At: w.Clock.Now()}, w.Session.Account)
	if len(steps) != 1 {
		t.Fatalf("refused: %+v", problems)
	}
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(time.Minute)
	elsewhere := f.Say(blueskyfake.Brand, "And it is free.", messages[0].ID)
	got, _ := r.read()
	if !slices.Equal(ids(got), []string{elsewhere}) || !got[0].Own || got[0].Thread != messages[0].ID {
		t.Errorf("read %+v, want the one answer from elsewhere", got)
	}
}

func TestOddRecordsOfStrangersHideNothing(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	post := published(t, w, w.Draft("What do you think?"))["post"].RemoteID
	r := &reader{t: t, w: w}
	r.read()
	w.Clock.Advance(time.Minute)
	odd := f.SayRaw("bob.test", map[string]any{"$type": "app.bsky.feed.post", "text": "odd", "createdAt": 7, "embed": "nonsense", "via": []any{1},
		"reply": map[string]any{"root": map[string]any{"uri": post, "cid": "x"}, "parent": map[string]any{"uri": post, "cid": "x"}}})
	fine := f.Say("carol.test", "fine", post)
	got, _ := r.read()
	if slices.Sort(ids(got)); len(got) != 2 || !slices.Contains(ids(got), odd) || !slices.Contains(ids(got), fine) {
		t.Errorf("read %+v", got)
	}
}

func TestDirectMessagesAreReadAndAnsweredOnce(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	n := bluesky.New()
	old := f.Write("bob.test", "From before")
	r := &reader{t: t, w: w}
	if got, _ := r.read(); !slices.Equal(ids(got), []string{old}) {
		t.Fatalf("the history is %v", ids(got))
	}
	w.Clock.Advance(time.Minute)
	asked := f.Write("bob.test", "Can I change <my> order?")
	got, _ := r.read()
	if !slices.Equal(ids(got), []string{asked}) {
		t.Fatalf("read %v, want %s", ids(got), asked)
	}
	m := got[0]
	if m.Kind != network.Direct || m.From.Handle != "bob.test" || m.Thread == "" || m.Own || m.Text != "Can I change <my> order?" {
		t.Errorf("the message is %+v", m)
	}
	for _, fault := range []networkfake.Fault{networkfake.ErrorAfter, networkfake.DropBefore, networkfake.OK} {
		reply := network.Reply{Key: "dlv_" + string(fault), To: m, Text: "Of course, " + string(fault), At: w.Clock.Now()}
		steps, problems := n.PlanReply(reply, w.Session.Account)
		if len(steps) != 1 || steps[0].Kind != network.Findable {
			t.Fatalf("planned %+v, %+v", steps, problems)
		}
		f.Faults.Next("create", fault)
		_, err := n.Do(t.Context(), w.Session, steps[0], nil)
		found, o, findErr := n.Find(t.Context(), w.Session, steps[0], nil, w.Clock.Now())
		if findErr != nil || (found == network.Found) != (fault != networkfake.DropBefore) || (err == nil) != (fault == networkfake.OK) {
			t.Errorf("%s: %v, then %s %+v, %v", fault, err, found, o, findErr)
		}
	}
	long := network.Reply{Key: "k", To: m, Text: strings.Repeat("a", 1001)}
	withMedia := network.Reply{Key: "k", To: m, Text: "a", Media: []network.Media{networktest.Picture("")}}
	for code, reply := range map[string]network.Reply{"text_too_long": long, "media_unsupported": withMedia, "empty": {Key: "k", To: m}} {
		steps, problems := n.PlanReply(reply, w.Session.Account)
		if len(steps) != 0 || !slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Code == code }) {
			t.Errorf("%s: %+v", code, problems)
		}
	}
}

func TestMessagesWaitWhileTheirServiceIsDown(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	r := &reader{t: t, w: w}
	r.read()
	w.Clock.Advance(time.Minute)
	direct := f.Write("bob.test", "Hello?")
	mention := f.Say("bob.test", "@"+blueskyfake.Brand+" hello", "")
	f.Faults.Next("chat", networkfake.HTMLUnavailable)
	if got, _ := r.read(); !slices.Equal(ids(got), []string{mention}) {
		t.Errorf("while the service is down: %v", ids(got))
	}
	if got, _ := r.read(); !slices.Equal(ids(got), []string{direct}) {
		t.Errorf("when it is back: %v", ids(got))
	}
}

func TestActsAreCarriedOutOnce(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	n := bluesky.New()
	post := published(t, w, w.Draft("What do you think?"))["post"].RemoteID
	reply := f.Say("rude.test", "Bah", post)
	act := func(a network.Act) {
		t.Helper()
		for range 2 {
			if err := n.Act(t.Context(), w.Session, a, network.Remote{ID: reply}); err != nil {
				t.Errorf("%s: %v", a, err)
			}
		}
	}
	count := func(collection string, want int) {
		t.Helper()
		if got := f.Records(collection); got != want {
			t.Errorf("%d records in %s, want %d", got, collection, want)
		}
	}
	act(network.Like)
	count("app.bsky.feed.like", 1)
	act(network.Unlike)
	count("app.bsky.feed.like", 0)
	act(network.Share)
	count("app.bsky.feed.repost", 1)
	act(network.Mute)
	if !f.Muted("rude.test") {
		t.Error("not muted")
	}
	act(network.Unmute)
	if f.Muted("rude.test") {
		t.Error("still muted")
	}
	act(network.Block)
	count("app.bsky.graph.block", 1)
	act(network.Hide)
	key := post[strings.LastIndex(post, "/")+1:]
	hidden, _ := f.Record("app.bsky.feed.threadgate", key)["hiddenReplies"].([]any)
	if len(hidden) != 1 || hidden[0] != reply {
		t.Errorf("hidden: %v", hidden)
	}
	act(network.Unhide)
	if hidden, _ = f.Record("app.bsky.feed.threadgate", key)["hiddenReplies"].([]any); len(hidden) != 0 {
		t.Errorf("still hidden: %v", hidden)
	}
	if err := n.Act(t.Context(), w.Session, network.Hide, network.Remote{ID: f.Say("bob.test", "Mine", "")}); !fault.Is(err, fault.Rejected) {
		t.Errorf("hiding somebody's own post: %v", err)
	}
}

func TestHidingKeepsWhoMayReply(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	d := w.Draft("Only followers")
	d.Settings = map[string]string{"replies": "follower"}
	post := published(t, w, d)["post"].RemoteID
	reply := f.Say("rude.test", "Bah", post)
	if err := bluesky.New().Act(t.Context(), w.Session, network.Hide, network.Remote{ID: reply}); err != nil {
		t.Fatal(err)
	}
	gate := f.Record("app.bsky.feed.threadgate", post[strings.LastIndex(post, "/")+1:])
	allow, _ := gate["allow"].([]any)
	hidden, _ := gate["hiddenReplies"].([]any)
	if len(allow) != 1 || len(hidden) != 1 {
		t.Errorf("the gate is %v", gate)
	}
}
