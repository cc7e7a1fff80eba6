package youtube_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/youtube"
	"github.com/bellwether-social/bellwether/internal/network/youtube/youtubefake"
)

func published(t *testing.T, w *networktest.World) network.Outcome {
	t.Helper()
	m := clip("a video", 0)
	done, _ := carryOut(t, w, plan(t, w, draft(w, "Talk about it", nil, m)), m)
	return done["video"]
}

func TestAnswersInOldThreadsAreNoticed(t *testing.T) {
	w, f := world(t, youtubefake.Options{})
	n, video := w.Network.(youtube.YouTube), published(t, w).RemoteID
	say := func(who, text, on string) string {
		w.Clock.Advance(time.Minute)
		return f.Say(who, text, on)
	}
	old := say("ann", "The first", video)
	say("bob", "The first answer", old)
	b, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil || len(b.Messages) != 2 {
		t.Fatalf("%+v, %v", b.Messages, err)
	}
	for i := range 130 { // more than a page
		say("bob", fmt.Sprintf("Comment %d", i), video)
	}
	if b, err = n.Fetch(t.Context(), w.Session, b.Cursor); err != nil || len(b.Messages) != 130 {
		t.Fatalf("%d messages, %v", len(b.Messages), err)
	}
	w.Clock.Advance(time.Hour)
	var want []string
	for i := range 7 { // more than the list of threads shows of them
		want = append(want, say("cid", fmt.Sprintf("Answer %d", i), old))
	}
	want = append(want, say(youtubefake.Brand, "Said on the phone", old))
	for range 2 {
		b, err = n.Fetch(t.Context(), w.Session, b.Cursor)
		var got []string
		for _, m := range b.Messages {
			got = append(got, m.ID)
			if m.ReplyTo != old || m.Thread != video || m.Data["parent"] != old || m.Own != (m.From.ID == youtubefake.Brand) || m.At.Location() != time.UTC {
				t.Errorf("%+v", m)
			}
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, want %v (%v)", got, want, err)
		}
		want = nil
	}
}

// More at once than is remembered one by one is told once all the same.
func TestFloodIsToldOnce(t *testing.T) {
	w, f := world(t, youtubefake.Options{})
	n, video := w.Network.(youtube.YouTube), published(t, w).RemoteID
	b, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 700 {
		w.Clock.Advance(500 * time.Millisecond)
		f.Say("bob", fmt.Sprintf("Comment %d", i), video)
	}
	for _, want := range []int{700, 0, 300, 0} {
		for i := range want % 700 {
			w.Clock.Advance(500 * time.Millisecond)
			f.Say("bob", fmt.Sprintf("Later comment %d", i), video)
		}
		if b, err = n.Fetch(t.Context(), w.Session, b.Cursor); err != nil || len(b.Messages) != want {
			t.Fatalf("%d messages, %v; want %d", len(b.Messages), err, want)
		}
	}
	w.Clock.Advance(time.Second)
	f.Say("bob", "One more", video)
	if b, err = n.Fetch(t.Context(), w.Session, b.Cursor); err != nil || len(b.Messages) != 1 || len(b.Cursor) > 32<<10 {
		t.Errorf("%d messages, a place of %d bytes, %v", len(b.Messages), len(b.Cursor), err)
	}
}

func TestAnswerToAnAnswerStandsBelowTheComment(t *testing.T) {
	w, f := world(t, youtubefake.Options{})
	n, video := w.Network.(youtube.YouTube), published(t, w).RemoteID
	above := f.Say("ann", "A question", video)
	f.Say("bob", "Me too", above)
	b, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil || len(b.Messages) != 2 {
		t.Fatalf("%+v, %v", b.Messages, err)
	}
	steps, problems := n.PlanReply(network.Reply{Key: "k", To: b.Messages[1], Text: "Both of you: yes"}, w.Session.Account)
	done, _ := carryOut(t, w, steps)
	items := networkfake.Of(f.Items(), youtubefake.Brand)
	if last := items[len(items)-1]; last.ReplyTo != above || done["reply"].RemoteID != last.ID {
		t.Errorf("%+v %+v", last, problems)
	}
	live, err := n.Read(t.Context(), w.Session, network.Remote{ID: done["reply"].RemoteID, Data: done["reply"].Data})
	if err != nil || !live.Exists || live.Text != "Both of you: yes" || live.ReplyTo != above {
		t.Errorf("%+v, %v", live, err)
	}
	for range 2 {
		if err := n.Delete(t.Context(), w.Session, live.Remote); err != nil {
			t.Fatal(err)
		}
	}
	if live, err = n.Read(t.Context(), w.Session, live.Remote); err != nil || live.Exists {
		t.Errorf("deleted, and reads as %+v, %v", live, err)
	}
	if steps, problems := n.PlanReply(network.Reply{Key: "k", To: b.Messages[0], Text: " ", Media: []network.Media{networktest.Picture("")}}, w.Session.Account); len(steps) > 0 || len(problems) != 2 {
		t.Errorf("%+v", problems)
	}
}

func TestLostCommentIsFoundBelowItsVideo(t *testing.T) {
	w, f := world(t, youtubefake.Options{})
	n, m := w.Network.(youtube.YouTube), clip("a video", 0)
	d := draft(w, "With a comment", nil, m)
	d.FirstComment = &network.Part{Text: "Tell us"}
	steps := plan(t, w, d)
	done, _ := carryOut(t, w, steps[:2], m)
	f.Say(youtubefake.Brand, "Tell us", done["video"].RemoteID) // the same words, long before
	f.Say("stranger", "Tell us", done["video"].RemoteID)
	w.Clock.Advance(time.Hour)
	find := func() (network.Finding, network.Outcome) {
		t.Helper()
		finding, o, err := n.Find(t.Context(), w.Session, steps[2], done, w.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return finding, o
	}
	if finding, o := find(); finding != network.NotSeen {
		t.Errorf("not sent yet, and found: %+v", o)
	}
	f.Faults.Next("create", networkfake.DropAfter)
	if _, err := n.Do(t.Context(), w.Session, steps[2], done); !fault.Is(err, fault.Unknown) {
		t.Errorf("%v is %s", err, fault.KindOf(err))
	}
	items := f.Items()
	if finding, o := find(); finding != network.Found || o.RemoteID != items[len(items)-1].ID {
		t.Errorf("%s %+v", finding, o)
	}
	if _, err := n.Do(t.Context(), w.Session, steps[2], network.Outcomes{}); !fault.Is(err, fault.Rejected) {
		t.Errorf("a comment on nothing: %v", err)
	}
}

func TestCommentsAreHeldPublishedAndRejected(t *testing.T) {
	w, f := world(t, youtubefake.Options{})
	n, video := w.Network.(youtube.YouTube), published(t, w).RemoteID
	rude := f.Say("rude", "Boo", video)
	f.Hold(rude)
	b, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil || len(b.Messages) != 1 || b.Messages[0].Data["moderation"] != "heldForReview" {
		t.Fatalf("what waits for a decision is not shown: %+v, %v", b.Messages, err)
	}
	on := b.Messages[0].Remote
	for act, want := range map[network.Act]string{network.Unhide: "published", network.Approve: "published", network.Trash: "rejected", network.Hide: "heldForReview"} {
		for range 2 {
			if err := n.Act(t.Context(), w.Session, act, on); err != nil {
				t.Errorf("%s: %v", act, err)
			}
		}
		if state, banned := f.State(rude); state != want || banned {
			t.Errorf("after %s: %s, banned %t", act, state, banned)
		}
	}
	if b, err = n.Fetch(t.Context(), w.Session, b.Cursor); err != nil || len(b.Messages) != 0 {
		t.Errorf("told twice: %+v, %v", b.Messages, err)
	}
	if err := n.Act(t.Context(), w.Session, network.Block, on); err != nil {
		t.Error(err)
	}
	if state, banned := f.State(rude); state != "rejected" || !banned {
		t.Errorf("after blocking: %s, banned %t", state, banned)
	}
	if err := n.Act(t.Context(), w.Session, network.Like, on); !fault.Is(err, fault.Rejected) {
		t.Errorf("likes what cannot be liked: %v", err)
	}
	f.Remove(rude)
	if err := n.Act(t.Context(), w.Session, network.Hide, on); !fault.Is(err, fault.Rejected) {
		t.Errorf("hides what is gone: %v", err)
	}
}

func TestNumbersThatAreNotToldAreMissing(t *testing.T) {
	w, f := world(t, youtubefake.Options{Hidden: true})
	n, video := w.Network.(youtube.YouTube), published(t, w)
	item := network.Remote{ID: video.RemoteID}
	measure := func() network.Values {
		t.Helper()
		list, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{item})
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		return list[0].Values
	}
	f.Count(video.RemoteID, "1200", "", "7", 0)
	if got := measure(); fmt.Sprint(got) != "map[M-COMM:7 M-IMPR:1200 M-VVIEW:1200]" {
		t.Errorf("%v", got)
	}
	f.Count(video.RemoteID, "1200", "30", "", 4)
	if got := measure(); fmt.Sprint(got) != "map[M-FOLLGAIN:3 M-IMPR:1200 M-LIKE:30 M-SHARE:4 M-VAVG:34500 M-VSHARE:5725 M-VTIME:720 M-VVIEW:1200]" {
		t.Errorf("%v", got)
	}
	list, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{item})
	if err != nil || fmt.Sprint(list[0].Watched) != "[{100 11200} {5000 4300} {10000 2000}]" {
		t.Errorf("H05: the retention is %v, %v", list, err)
	}
	f.Faults.Next("read", networkfake.OK, networkfake.Forbidden) // Analytics is not enabled in the project
	if got := measure(); fmt.Sprint(got) != "map[M-IMPR:1200 M-LIKE:30 M-VVIEW:1200]" {
		t.Errorf("%v", got)
	}
	f.Faults.Next("read", networkfake.OK, networkfake.ErrorBefore)
	if list, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{item}); !fault.Is(err, fault.Later) || len(list) != 1 || list[0].Values["M-LIKE"] != 30 {
		t.Errorf("%+v, %v", list, err)
	}
	if v, err := n.AccountMetrics(t.Context(), w.Session); err != nil || len(v) != 0 {
		t.Errorf("hidden subscribers: %v, %v", v, err)
	}
}
