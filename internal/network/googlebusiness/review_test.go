package googlebusiness_test

import (
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/googlebusiness"
	"github.com/bellwether-social/bellwether/internal/network/googlebusiness/googlebusinessfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

func TestReviewIsReadWithItsStars(t *testing.T) {
	w, f := world(t, googlebusinessfake.Options{})
	n := w.Network.(googlebusiness.Business)
	id := f.Say("Ann", "Nice <b>cake</b> & coffee", "FOUR")
	w.Clock.Advance(time.Minute)
	silent := f.Say("", "", "ONE")
	b, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil || len(b.Messages) != 2 {
		t.Fatalf("%+v, %v", b.Messages, err)
	}
	m := b.Messages[0]
	if m.ID != id || m.Kind != network.Review || m.Thread != id || m.ReplyTo != "" || m.From.Name != "Ann" || m.Text != "★★★★☆ (4 of 5)\n\nNice <b>cake</b> & coffee" || m.Data["stars"] != "4" || m.Own {
		t.Errorf("%+v", m)
	}
	if m := b.Messages[1]; m.ID != silent || m.Text != "★☆☆☆☆ (1 of 5)" || m.From.Handle != "Anonymous" || m.From.ID == b.Messages[0].From.ID {
		t.Errorf("%+v", m)
	}
}

func TestChangedReviewAndAnswerFromElsewhereAreReadOnce(t *testing.T) {
	w, f := world(t, googlebusinessfake.Options{})
	n := w.Network.(googlebusiness.Business)
	old := f.Say("Ann", "Good", "FIVE")
	w.Clock.Advance(24 * time.Hour)
	newer := f.Say("Bob", "Fine", "FOUR")
	b, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil || len(b.Messages) != 2 {
		t.Fatalf("%+v, %v", b.Messages, err)
	}
	fetch := func(want ...string) (last network.Message) {
		t.Helper()
		for range 2 { // told once
			if b, err = n.Fetch(t.Context(), w.Session, b.Cursor); err != nil || len(b.Messages) != len(want) {
				t.Fatalf("%+v, %v; want %v", b.Messages, err, want)
			}
			for i, m := range b.Messages {
				if last = m; m.ID != want[i] {
					t.Errorf("message %d is %s, want %s", i, m.ID, want[i])
				}
			}
			want = nil
		}
		return last
	}
	w.Clock.Advance(time.Hour)
	f.Rewrite(old, "Not so good any more", "TWO")
	if m := fetch(old); !strings.HasSuffix(m.Text, "Not so good any more") || !strings.HasPrefix(m.Text, "★★☆☆☆") {
		t.Errorf("%+v", m)
	}
	w.Clock.Advance(time.Minute)
	f.Answer(newer, "Said in Google's own app")
	if m := fetch(newer + "/reply"); !m.Own || m.ReplyTo != newer || m.Thread != newer || m.Text != "Said in Google's own app" {
		t.Errorf("%+v", m)
	}
}

func TestReviewHasOneAnswer(t *testing.T) {
	w, f := world(t, googlebusinessfake.Options{ReplyState: "PENDING"})
	n := w.Network.(googlebusiness.Business)
	id := f.Say("Ann", "Good", "FIVE")
	b, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil || len(b.Messages) != 1 {
		t.Fatal(err)
	}
	to := b.Messages[0]
	steps, problems := n.PlanReply(network.Reply{Key: "k", To: to, Text: "Thank you!"}, w.Session.Account)
	if len(steps) != 1 || steps[0].Kind != network.Repeatable || len(problems) > 0 {
		t.Fatalf("%+v %+v", steps, problems)
	}
	o, _ := carryOut(t, w, steps)
	item := network.Remote{ID: o.RemoteID}
	read := func() network.Live {
		t.Helper()
		live, err := n.Read(t.Context(), w.Session, item)
		if err != nil {
			t.Fatal(err)
		}
		return live
	}
	if live := read(); !live.Exists || live.Text != "Thank you!" || live.Visibility != "pending" || live.ReplyTo != id {
		t.Errorf("%+v", live)
	}
	carryOut(t, w, steps) // again, as after a lost answer
	if items := networkfake.Of(f.Items(), googlebusinessfake.Place); len(items) != 1 {
		t.Errorf("%+v", items)
	}
	to.Data["answered"] = "yes"
	if _, problems = n.PlanReply(network.Reply{To: to, Text: "More"}, w.Session.Account); len(problems) != 1 || problems[0].Level != network.Warning {
		t.Errorf("nobody says that the answer is replaced: %+v", problems)
	}
	steps, problems = n.PlanEdit(item, network.Draft{Parts: []network.Part{{Text: "Thanks a lot!"}}}, w.Session.Account)
	if len(steps) != 1 || len(problems) > 0 {
		t.Fatalf("%+v", problems)
	}
	if carryOut(t, w, steps); read().Text != "Thanks a lot!" {
		t.Errorf("%+v", read())
	}
	for range 2 {
		if err := n.Delete(t.Context(), w.Session, item); err != nil {
			t.Fatal(err)
		}
	}
	if read().Exists {
		t.Error("deleted, and still there")
	}
	gone := network.Message{Remote: network.Remote{ID: googlebusinessfake.PlaceName + "/reviews/none"}}
	steps, _ = n.PlanReply(network.Reply{Key: "k", To: gone, Text: "x"}, w.Session.Account)
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Rejected) {
		t.Errorf("answering nothing: %v", err)
	}
}

func TestRejectedAnswerIsNotVisible(t *testing.T) {
	w, f := world(t, googlebusinessfake.Options{ReplyState: "REJECTED"})
	n := w.Network.(googlebusiness.Business)
	id := f.Say("Ann", "Good", "FIVE")
	f.Answer(id, "Bad words")
	if live, err := n.Read(t.Context(), w.Session, network.Remote{ID: id + "/reply"}); err != nil || live.Exists {
		t.Errorf("%+v, %v", live, err)
	}
}

func TestAnswersAreCountedInBytes(t *testing.T) {
	n := googlebusiness.New("")
	to := network.Message{Remote: network.Remote{ID: "accounts/1/locations/2/reviews/3"}}
	for over := -1; over <= 1; over++ {
		steps, problems := n.PlanReply(network.Reply{To: to, Text: strings.Repeat("é", 2047) + strings.Repeat("a", 2+over)}, network.Account{})
		if (len(steps) == 0) != (over > 0) || over > 0 && problems[0].Code != "text_too_long" {
			t.Errorf("%+d: %d steps, %+v", over, len(steps), problems)
		}
	}
	if steps, problems := n.PlanReply(network.Reply{To: to, Text: " ", Media: []network.Media{networktest.Picture("")}}, network.Account{}); len(steps) > 0 || len(problems) != 2 {
		t.Errorf("%+v", problems)
	}
}

func TestNewestDayWithNumbersCounts(t *testing.T) {
	w, f := world(t, googlebusinessfake.Options{})
	n := w.Network.(googlebusiness.Business)
	if v, err := n.AccountMetrics(t.Context(), w.Session); err != nil || len(v) != 0 {
		t.Errorf("no numbers yet: %v, %v", v, err)
	}
	f.Show("BUSINESS_IMPRESSIONS_DESKTOP_MAPS", "2026-02-25", "100")
	f.Show("BUSINESS_IMPRESSIONS_DESKTOP_MAPS", "2026-02-26", "7")
	f.Show("BUSINESS_IMPRESSIONS_MOBILE_SEARCH", "2026-02-26", "5")
	f.Show("CALL_CLICKS", "2026-02-28", "3") // not an impression
	if v, err := n.AccountMetrics(t.Context(), w.Session); err != nil || len(v) != 1 || v["M-IMPR"] != 12 {
		t.Errorf("%v, %v", v, err)
	}
}
