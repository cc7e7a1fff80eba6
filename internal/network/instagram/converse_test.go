package instagram_test

import (
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/instagram"
	"github.com/bellwether-social/bellwether/internal/network/instagram/instagramfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

// fetch reads everything that is new and must be these kinds.
func fetch(t *testing.T, w *networktest.World, cursor string, want ...network.MessageKind) ([]network.Message, string) {
	t.Helper()
	b, err := w.Network.(instagram.Instagram).Fetch(t.Context(), w.Session, cursor)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Messages) != len(want) {
		t.Fatalf("fetched %+v, want %v", b.Messages, want)
	}
	for i, m := range b.Messages {
		if m.Kind != want[i] {
			t.Errorf("message %d is a %s, want a %s", i, m.Kind, want[i])
		}
	}
	return b.Messages, b.Cursor
}

func answer(t *testing.T, w *networktest.World, r network.Reply) (network.Outcome, []network.Problem, error) {
	t.Helper()
	n := w.Network.(instagram.Instagram)
	r.Key, r.At = "dlv_answer", w.Clock.Now()
	steps, problems := n.PlanReply(r, w.Session.Account)
	if len(steps) == 0 {
		return network.Outcome{}, problems, nil
	}
	if steps[0].Media != nil {
		steps[0].Media.Address = w.Address
	}
	o, err := n.Do(t.Context(), w.Session, steps[0], nil)
	return o, problems, err
}

func post(t *testing.T, w *networktest.World) string {
	t.Helper()
	done, _, err := carryOut(t, w, plan(t, w, w.Draft("What do you think?")))
	if err != nil {
		t.Fatal(err)
	}
	return done["publish"].RemoteID
}

func TestEveryKindOfMessageIsReadAndAnswered(t *testing.T) {
	for _, own := range []bool{false, true} {
		w, f := world(t, instagramfake.Options{Own: own})
		on := post(t, w)
		_, cursor := fetch(t, w, "")
		comment := f.Say(network.Comment, "Nice", on)
		w.Clock.Advance(time.Second)
		f.Say(network.Comment, "Very nice", comment)
		w.Clock.Advance(time.Second)
		f.Say(network.Mention, "I like @brand", "")
		w.Clock.Advance(time.Second)
		f.Say(network.Direct, "Are you open?", "")
		list, cursor := fetch(t, w, cursor, network.Comment, network.Comment, network.Mention, network.Direct)
		if list[1].ReplyTo != comment || list[1].Thread != on || list[0].From.Handle != "ann" {
			t.Errorf("%+v", list)
		}
		for i, want := range []struct{ text, on string }{{"Thanks", comment}, {"@ann Thanks", comment}, {"Thanks", list[2].ID}, {"Thanks", list[3].ID}} {
			w.Clock.Advance(time.Second)
			o, problems, err := answer(t, w, network.Reply{To: list[i], Text: "Thanks"})
			items := f.Items()
			if last := items[len(items)-1]; err != nil || len(problems) > 0 || last.ID != o.RemoteID || last.ReplyTo != want.on || last.Text != want.text || last.Account != instagramfake.Brand {
				t.Errorf("the answer to the %s is %+v (%+v, %v)", list[i].Kind, last, problems, err)
			}
		}
		theirs, _ := fetch(t, w, cursor, network.Comment, network.Comment, network.Direct)
		for _, m := range theirs {
			if !m.Own {
				t.Errorf("an own answer is not: %+v", m)
			}
		}
	}
}

// What the person did not allow is left out; the rest is read.
func TestOnlyWhatWasAllowedIsRead(t *testing.T) {
	for scope, want := range map[string]network.MessageKind{"instagram_manage_messages": network.Direct, "instagram_business_manage_comments": network.Mention} {
		w, f := world(t, instagramfake.Options{})
		f.Say(network.Mention, "I like @brand", "")
		f.Say(network.Direct, "Hello", "")
		w.Session.Grant.Scopes = []string{scope}
		fetch(t, w, "", want)
	}
}

func TestOnlyTaggedIsSaidSo(t *testing.T) {
	w, f := world(t, instagramfake.Options{})
	f.Say(network.Mention, "No name here", "")
	list, _ := fetch(t, w, "", network.Mention)
	if _, problems, _ := answer(t, w, network.Reply{To: list[0], Text: "Thanks"}); len(problems) != 1 || problems[0].Code != "only_tagged" || problems[0].Fix == "" {
		t.Errorf("%+v", problems)
	}
}

// A reply below an old comment of an old post is read as well.
func TestReplyBelowAnOldCommentIsRead(t *testing.T) {
	w, f := world(t, instagramfake.Options{})
	on := post(t, w)
	old := f.Say(network.Comment, "Nice", on)
	for range 8 {
		w.Clock.Advance(time.Minute)
		post(t, w)
	}
	_, cursor := fetch(t, w, "", network.Comment)
	w.Clock.Advance(48 * time.Hour)
	f.Say(network.Comment, "Still nice", old)
	_, cursor = fetch(t, w, cursor, network.Comment)
	fetch(t, w, cursor)
}

func TestCommentIsAnsweredOnceInPrivate(t *testing.T) {
	for _, own := range []bool{false, true} {
		w, f := world(t, instagramfake.Options{Own: own})
		f.Say(network.Comment, "Where is my parcel?", post(t, w))
		list, _ := fetch(t, w, "", network.Comment)
		m := list[0]
		m.Kind = network.Direct
		if o, problems, err := answer(t, w, network.Reply{To: m, Text: "Please tell us the number."}); err != nil || len(problems) > 0 || o.RemoteID == "" {
			t.Fatalf("%+v, %+v, %v", o, problems, err)
		}
		if _, _, err := answer(t, w, network.Reply{To: m, Text: "And the name."}); !fault.Is(err, fault.Rejected) {
			t.Errorf("a second one: %v", err)
		}
		w.Clock.Advance(7*24*time.Hour + time.Second)
		if _, problems, _ := answer(t, w, network.Reply{To: m, Text: "Late"}); len(problems) != 1 || problems[0].Code != "reply_window" {
			t.Errorf("after a week: %+v", problems)
		}
	}
}

func TestLostAnswersInConversationsAreFound(t *testing.T) {
	w, f := world(t, instagramfake.Options{})
	on := post(t, w)
	f.Say(network.Comment, "Nice", on)
	w.Clock.Advance(time.Second)
	f.Say(network.Direct, "Hello", "")
	list, _ := fetch(t, w, "", network.Comment, network.Direct)
	private := list[0]
	private.Kind = network.Direct
	n := w.Network.(instagram.Instagram)
	d := w.Draft("With a comment")
	d.FirstComment = &network.Part{Text: "First"}
	steps := plan(t, w, d)
	done, _, err := carryOut(t, w, steps[:2])
	if err != nil {
		t.Fatal(err)
	}
	lost := []network.Step{steps[2]}
	for _, m := range append(list, private) {
		reply, _ := n.PlanReply(network.Reply{Key: "k", To: m, Text: "To " + string(m.Kind) + m.Data["comment"], At: w.Clock.Now()}, w.Session.Account)
		lost = append(lost, reply...)
	}
	for _, step := range lost {
		w.Clock.Advance(time.Minute)
		sent := w.Clock.Now()
		if finding, _, err := n.Find(t.Context(), w.Session, step, done, sent); err != nil || finding != network.NotSeen {
			t.Errorf("before it is sent: %s, %v", finding, err)
		}
		f.Faults.Next("create", networkfake.DropAfter)
		if _, err := n.Do(t.Context(), w.Session, step, done); !fault.Is(err, fault.Unknown) {
			t.Fatalf("%v", err)
		}
		items := f.Items()
		finding, o, err := n.Find(t.Context(), w.Session, step, done, sent)
		if err != nil || finding != network.Found || o.RemoteID != items[len(items)-1].ID {
			t.Errorf("%s: %s %+v, %v", step.Payload, finding, o, err)
		}
	}
}

func TestCommentsAreHiddenLikedAndDeleted(t *testing.T) {
	for _, own := range []bool{false, true} {
		w, f := world(t, instagramfake.Options{Own: own})
		f.Say(network.Comment, "Spam", post(t, w))
		list, cursor := fetch(t, w, "", network.Comment)
		on, n := list[0].Remote, w.Network.(instagram.Instagram)
		for _, act := range n.Acts(network.Comment) {
			for range 2 {
				err := n.Act(t.Context(), w.Session, act, on)
				if likes := act == network.Like || act == network.Unlike; own && likes {
					if !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
						t.Errorf("own sign-in, %s: %v", act, err)
					}
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", act, err)
				}
			}
			if (act == network.Hide || act == network.Unhide) && f.Hidden(on.ID) != (act == network.Hide) || act == network.Like && !own && !f.Liked(on.ID) {
				t.Errorf("%s had no effect", act)
			}
		}
		if err := n.Act(t.Context(), w.Session, network.Block, on); !fault.Is(err, fault.Rejected) {
			t.Errorf("an act Instagram has not: %v", err)
		}
		if own {
			continue // its description has no call to delete a comment, and Meta's reference has: see the connector
		}
		if err := n.Delete(t.Context(), w.Session, on); err != nil {
			t.Error(err)
		}
		fetch(t, w, cursor)
	}
}

func TestNumbersOfTheLastDayAreRead(t *testing.T) {
	w, _ := world(t, instagramfake.Options{})
	v, err := w.Network.(instagram.Instagram).AccountMetrics(t.Context(), w.Session)
	if err != nil || v["M-FOLL"] != 120 || v["M-FOLLNET"] != 3 || v["M-IMPR"] != 400 || v["M-REACH"] != 300 {
		t.Errorf("%v, %v", v, err)
	}
}
