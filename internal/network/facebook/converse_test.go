package facebook_test

import (
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/facebook"
	"github.com/bellwether-social/bellwether/internal/network/facebook/facebookfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

// fetch reads everything that is new and must be these kinds.
func fetch(t *testing.T, w *networktest.World, cursor string, want ...network.MessageKind) ([]network.Message, string) {
	t.Helper()
	b, err := w.Network.(facebook.Facebook).Fetch(t.Context(), w.Session, cursor)
	if err != nil {
		t.Fatal(err)
	}
	var got []network.MessageKind
	for _, m := range b.Messages {
		got = append(got, m.Kind)
	}
	if len(got) != len(want) {
		t.Fatalf("fetched %+v, want %v", b.Messages, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("message %d is a %s, want a %s", i, got[i], want[i])
		}
	}
	return b.Messages, b.Cursor
}

func answer(t *testing.T, w *networktest.World, r network.Reply) (network.Outcome, []network.Problem, error) {
	t.Helper()
	n := w.Network.(facebook.Facebook)
	r.Key, r.At = "dlv_answer", w.Clock.Now()
	steps, problems := n.PlanReply(r, w.Session.Account)
	done := network.Outcomes{}
	for _, s := range steps {
		if s.Media != nil {
			s.Media.Open, s.Media.Address = networktest.Picture("").Open, w.Address
		}
		o, err := n.Do(t.Context(), w.Session, s, done)
		if err != nil {
			return network.Outcome{}, problems, err
		}
		done[s.Name] = o
	}
	return done["reply"], problems, nil
}

func TestEveryKindOfMessageIsReadAndAnswered(t *testing.T) {
	w, f := world(t, facebookfake.Options{})
	done, _ := carryOut(t, w, plan(t, w, w.Draft("What do you think?")))
	_, cursor := fetch(t, w, "")
	for _, say := range []func() string{
		func() string { return f.Say(network.Comment, "Nice", done["post"].RemoteID) },
		func() string { return f.Say(network.Mention, "I like @Brand", "") },
		func() string { return f.Visit("Hello Page") },
		func() string { return f.Say(network.Review, "Great shop", "") },
		func() string { return f.Say(network.Direct, "Are you open?", "") },
	} {
		w.Clock.Advance(time.Second)
		say()
	}
	list, cursor := fetch(t, w, cursor, network.Comment, network.Mention, network.Mention, network.Review, network.Direct)
	if list[3].Data["recommendation"] != "positive" || list[4].Thread == "" || list[0].Data["private"] != "true" {
		t.Errorf("%+v", list)
	}
	for _, m := range list {
		w.Clock.Advance(time.Second)
		o, problems, err := answer(t, w, network.Reply{To: m, Text: "Thank you for “" + m.Text + "”"})
		if err != nil || len(problems) > 0 {
			t.Errorf("%s: %+v, %v", m.Kind, problems, err)
			continue
		}
		items := f.Items()
		if last := items[len(items)-1]; last.ID != o.RemoteID || last.ReplyTo != m.ID {
			t.Errorf("the answer to the %s is %+v", m.Kind, last)
		}
	}
	own, _ := fetch(t, w, cursor, network.Comment, network.Direct) // below others' posts nothing is read
	if !own[0].Own || !own[1].Own || own[0].ReplyTo != list[0].ID || own[1].Data["recipient"] != list[4].Data["recipient"] {
		t.Errorf("own answers: %+v", own)
	}
}

// What the person did not allow is left out; the rest is read.
func TestOnlyWhatWasAllowedIsRead(t *testing.T) {
	for scope, want := range map[string]network.MessageKind{"pages_messaging": network.Direct, "pages_read_user_content": network.Review} {
		w, f := world(t, facebookfake.Options{})
		f.Say(network.Review, "Great shop", "")
		f.Say(network.Direct, "Hello", "")
		w.Session.Grant.Scopes = []string{scope}
		fetch(t, w, "", want)
	}
}

func TestCommentIsAnsweredOnceInPrivate(t *testing.T) {
	w, f := world(t, facebookfake.Options{})
	done, _ := carryOut(t, w, plan(t, w, w.Draft("What do you think?")))
	f.Say(network.Comment, "Where is my parcel?", done["post"].RemoteID)
	list, _ := fetch(t, w, "", network.Comment)
	m := list[0]
	m.Kind = network.Direct
	if o, problems, err := answer(t, w, network.Reply{To: m, Text: "Please tell us the number."}); err != nil || len(problems) > 0 || o.RemoteID == "" {
		t.Fatalf("%+v, %+v, %v", o, problems, err)
	}
	if _, _, err := answer(t, w, network.Reply{To: m, Text: "And the name."}); !fault.Is(err, fault.Rejected) {
		t.Errorf("a second one: %v", err)
	}
	if last := f.Items()[1]; last.Visibility != "private" || last.ReplyTo != m.ID {
		t.Errorf("%+v", last)
	}
	w.Clock.Advance(8 * 24 * time.Hour)
	if _, problems, _ := answer(t, w, network.Reply{To: m, Text: "Late"}); len(problems) != 1 || problems[0].Code != "reply_window" || problems[0].Level != network.Error {
		t.Errorf("after a week: %+v", problems)
	}
}

func TestMessagesKeepTheirWindows(t *testing.T) {
	w, f := world(t, facebookfake.Options{})
	f.Say(network.Direct, "Are you open?", "")
	list, _ := fetch(t, w, "", network.Direct)
	for _, c := range []struct {
		after time.Duration
		code  string
		level network.Level
	}{{24 * time.Hour, "", ""}, {24*time.Hour + time.Second, "human_agent", network.Hint}, {7 * 24 * time.Hour, "human_agent", network.Hint}, {7*24*time.Hour + time.Second, "reply_window", network.Error}} {
		w.Clock.Advance(list[0].At.Add(c.after).Sub(w.Clock.Now()))
		_, problems, err := answer(t, w, network.Reply{To: list[0], Text: "Yes, we are."})
		if err != nil || (c.code == "") != (len(problems) == 0) || c.code != "" && (problems[0].Code != c.code || problems[0].Level != c.level) {
			t.Errorf("after %s: %+v, %v", c.after, problems, err)
		}
	}
	if n := len(f.Items()); n != 3 {
		t.Errorf("%d messages were sent, want 3", n)
	}
}

func TestFilesAreSentByAddress(t *testing.T) {
	w, f := world(t, facebookfake.Options{})
	f.Say(network.Direct, "Do you have a picture?", "")
	list, _ := fetch(t, w, "", network.Direct)
	reply := network.Reply{To: list[0], Media: []network.Media{networktest.Picture("Red")}}
	if _, _, err := answer(t, w, reply); err != nil || f.Items()[0].Media != 1 {
		t.Errorf("%+v, %v", f.Items(), err)
	}
	w.Address = ""
	if _, _, err := answer(t, w, reply); !fault.Is(err, fault.Rejected) || !strings.Contains(fault.As(err).Hint, "BELLWETHER_URL") {
		t.Errorf("without an address: %v", err)
	}
	reply.Text = "Here"
	if _, problems, _ := answer(t, w, reply); len(problems) == 0 || problems[0].Code != "media_with_text" {
		t.Errorf("%+v", problems)
	}
}

func TestLostAnswersInConversationsAreFound(t *testing.T) {
	w, f := world(t, facebookfake.Options{})
	done, _ := carryOut(t, w, plan(t, w, w.Draft("What do you think?")))
	f.Say(network.Comment, "Nice", done["post"].RemoteID)
	w.Clock.Advance(time.Second)
	f.Say(network.Direct, "Hello", "")
	list, _ := fetch(t, w, "", network.Comment, network.Direct)
	private := list[0]
	private.Kind = network.Direct
	n := w.Network.(facebook.Facebook)
	for _, m := range append(list, private) {
		w.Clock.Advance(time.Minute)
		steps, _ := n.PlanReply(network.Reply{Key: "k", To: m, Text: "To " + string(m.Kind) + m.Data["comment"], At: w.Clock.Now()}, w.Session.Account)
		sent := w.Clock.Now()
		if finding, _, err := n.Find(t.Context(), w.Session, steps[0], nil, sent); err != nil || finding != network.NotSeen {
			t.Errorf("before it is sent: %s, %v", finding, err)
		}
		f.Faults.Next("create", networkfake.DropAfter)
		if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Unknown) {
			t.Fatalf("%v", err)
		}
		items := f.Items()
		finding, o, err := n.Find(t.Context(), w.Session, steps[0], nil, sent)
		if err != nil || finding != network.Found || o.RemoteID != items[len(items)-1].ID {
			t.Errorf("%s: %s %+v, %v", m.Kind, finding, o, err)
		}
	}
}

func TestCommentsAreLikedHiddenAndDeleted(t *testing.T) {
	w, f := world(t, facebookfake.Options{})
	done, _ := carryOut(t, w, plan(t, w, w.Draft("What do you think?")))
	on := network.Remote{ID: f.Say(network.Comment, "Spam", done["post"].RemoteID), Data: map[string]string{"author": "77"}}
	n := w.Network.(facebook.Facebook)
	for _, act := range n.Acts(network.Comment) {
		for range 2 {
			if err := n.Act(t.Context(), w.Session, act, on); err != nil {
				t.Errorf("%s: %v", act, err)
			}
		}
		switch act {
		case network.Like, network.Unlike:
			if f.Liked(on.ID) != (act == network.Like) {
				t.Errorf("%s had no effect", act)
			}
		case network.Hide, network.Unhide:
			if f.Hidden(on.ID) != (act == network.Hide) {
				t.Errorf("%s had no effect", act)
			}
		}
	}
	if err := n.Act(t.Context(), w.Session, network.Mute, on); !fault.Is(err, fault.Rejected) {
		t.Errorf("an act Facebook has not: %v", err)
	}
	if err := n.Delete(t.Context(), w.Session, on); err != nil {
		t.Error(err)
	}
	fetch(t, w, "")
}

func TestNumbersOfTheLastDayAreRead(t *testing.T) {
	w, _ := world(t, facebookfake.Options{})
	v, err := w.Network.(facebook.Facebook).AccountMetrics(t.Context(), w.Session)
	if err != nil || v["M-FOLL"] != 120 || v["M-FOLLNET"] != 3 || v["M-IMPR"] != 400 || v["M-REACH"] != 300 || v["M-PVIS"] != 12 {
		t.Errorf("%v, %v", v, err)
	}
	if _, there := v["M-VVIEW"]; there {
		t.Error("a number that Meta does not tell is there")
	}
	done, _ := carryOut(t, w, plan(t, w, w.Draft("Count me")))
	list, err := w.Network.(facebook.Facebook).PostMetrics(t.Context(), w.Session, []network.Remote{{ID: done["post"].RemoteID}})
	if err != nil || list[0].Values["M-LIKE"] != 4 || list[0].Values["M-LCLICK"] != 4 || list[0].Values["M-COMM"] != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}
