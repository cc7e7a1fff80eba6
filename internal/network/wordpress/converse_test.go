package wordpress_test

import (
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/wordpress"
	"github.com/bellwether-social/bellwether/internal/network/wordpress/wordpressfake"
)

func fetch(t *testing.T, w *networktest.World, cursor string) network.Batch {
	t.Helper()
	b, err := wordpress.New().Fetch(t.Context(), w.Session, cursor)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestHeldCommentIsReadApprovedAndAnswered(t *testing.T) {
	w, f := world(t, wordpressfake.Options{})
	post := publish(t, w, planned(t, w, w.Draft("A post")))["post"]
	start := fetch(t, w, "")
	held := f.Hold("Visitor", "Is this on?", post.RemoteID)
	b := fetch(t, w, start.Cursor)
	if len(b.Messages) != 1 || b.Messages[0].ID != held || b.Messages[0].Data["status"] != "hold" || b.Messages[0].Thread != post.RemoteID {
		t.Fatalf("fetched %+v", b.Messages)
	}
	steps, problems := wordpress.New().PlanReply(network.Reply{Key: "r", To: b.Messages[0], Text: "Yes."}, w.Session.Account)
	if len(steps) != 1 || len(problems) != 1 || problems[0].Code != "comment_held" {
		t.Fatalf("the answer: %d steps, %+v", len(steps), problems)
	}
	for act, want := range map[network.Act]string{network.Approve: "approved", network.Hide: "hold", network.Unhide: "approved", network.Spam: "spam", network.Trash: "trash"} {
		for range 2 {
			if err := wordpress.New().Act(t.Context(), w.Session, act, b.Messages[0].Remote); err != nil || f.State(held) != want {
				t.Errorf("%s: the comment is %s, %v", act, f.State(held), err)
			}
		}
	}
	if err := wordpress.New().Act(t.Context(), w.Session, network.Like, b.Messages[0].Remote); !fault.Is(err, fault.Rejected) {
		t.Errorf("liking a comment: %v", err)
	}
}

func TestOwnAnswersFromElsewhereAreTold(t *testing.T) {
	w, f := world(t, wordpressfake.Options{})
	post := publish(t, w, planned(t, w, w.Draft("A post")))["post"]
	asked := f.Say("Visitor", "When?", post.RemoteID)
	b := fetch(t, w, "")
	steps, _ := wordpress.New().PlanReply(network.Reply{Key: "r", To: b.Messages[0], Text: "Today & tomorrow"}, w.Session.Account)
	reply := publish(t, w, steps)["reply"]
	elsewhere := f.Answer("And the day after", asked)
	again := f.Say("Visitor", "Thanks", reply.RemoteID)
	b = fetch(t, w, b.Cursor)
	if len(b.Messages) != 2 || b.Messages[0].ID != elsewhere || !b.Messages[0].Own || b.Messages[1].ID != again || b.Messages[1].ReplyTo != reply.RemoteID || b.Messages[1].Own {
		t.Errorf("fetched %+v", b.Messages)
	}
	if b.Messages[1].From.ID == b.Messages[0].From.ID || b.Messages[1].From.Handle != "Visitor" {
		t.Errorf("written by %+v and %+v", b.Messages[0].From, b.Messages[1].From)
	}
}

// TestCommentApprovedLaterIsStillTold: who may not moderate sees a comment only when somebody approves it, after others.
func TestCommentApprovedLaterIsStillTold(t *testing.T) {
	w, f := world(t, wordpressfake.Options{Role: "author"})
	post := publish(t, w, planned(t, w, w.Draft("A post")))["post"]
	b := fetch(t, w, "")
	held := f.Hold("Ann", "I wait", post.RemoteID)
	f.Say("Ben", "I do not", post.RemoteID)
	b = fetch(t, w, b.Cursor)
	if len(b.Messages) != 1 || b.Messages[0].Text != "I do not" {
		t.Fatalf("fetched %+v", b.Messages)
	}
	editor := w.Session
	f.Approve(held)
	b = fetch(t, w, b.Cursor)
	if len(b.Messages) != 1 || b.Messages[0].ID != held {
		t.Errorf("after the approval: %+v", b.Messages)
	}
	if err := wordpress.New().Act(t.Context(), editor, network.Spam, b.Messages[0].Remote); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("an author moderates: %v", err)
	}
}

func TestCommentsAreCounted(t *testing.T) {
	w, f := world(t, wordpressfake.Options{})
	post := publish(t, w, planned(t, w, w.Draft("A post")))["post"]
	first := f.Say("Ann", "One", post.RemoteID)
	w.Clock.Advance(time.Minute)
	f.Say("Ben", "Two", first)
	f.Hold("Spammer", "Three", post.RemoteID)
	list, err := wordpress.New().PostMetrics(t.Context(), w.Session, []network.Remote{remote(post), {ID: first}, {ID: "4711"}})
	if err != nil || len(list) != 3 || list[0].Values["M-COMM"] != 2 || list[1].Values["M-COMM"] != 1 || !list[2].Gone {
		t.Errorf("measured %+v, %v", list, err)
	}
}
