package mastodon_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/mastodon"
	"github.com/bellwether-social/bellwether/internal/network/mastodon/mastodonfake"
)

func TestAnswerIsSeenByNoMorePeople(t *testing.T) {
	for visibility, kind := range map[string]network.MessageKind{"public": network.Mention, "unlisted": network.Mention, "private": network.Mention, "direct": network.Direct} {
		w, f := world(t, mastodonfake.Options{})
		n := mastodon.New()
		id := f.Say("stranger", "@brand a question", "", visibility)
		b, err := n.Fetch(t.Context(), w.Session, "")
		if err != nil || len(b.Messages) != 1 || b.Messages[0].Kind != kind {
			t.Fatalf("%s: %+v, %v", visibility, b.Messages, err)
		}
		for _, words := range []string{"Yes.", "Yes, @stranger."} {
			steps, problems := n.PlanReply(network.Reply{Key: words, To: b.Messages[0], Text: words, At: w.Clock.Now()}, w.Session.Account)
			if len(steps) != 1 {
				t.Fatalf("%+v", problems)
			}
			carryOut(t, w.Session, steps)
			items := f.Items()
			got := items[len(items)-1]
			want := map[string]string{"Yes.": "@stranger Yes.", "Yes, @stranger.": "Yes, @stranger."}[words]
			if got.Visibility != visibility || got.ReplyTo != id || got.Text != want {
				t.Errorf("to a %s message: %+v", visibility, got)
			}
		}
	}
}

func TestDirectAnswerStaysDirectWhateverIsStored(t *testing.T) {
	w, _ := world(t, mastodonfake.Options{})
	to := network.Message{Remote: network.Remote{ID: "7", Data: map[string]string{"visibility": "public"}}, Kind: network.Direct, From: network.Person{Handle: "stranger"}}
	steps, _ := mastodon.New().PlanReply(network.Reply{Key: "k", To: to, Text: "Hush"}, w.Session.Account)
	if len(steps) != 1 || !strings.Contains(string(steps[0].Payload), `"visibility":"direct"`) {
		t.Errorf("%+v", steps)
	}
	if steps, problems := mastodon.New().PlanReply(network.Reply{Key: "k", To: to, Text: "  "}, w.Session.Account); len(steps) > 0 || len(problems) == 0 {
		t.Error("an empty answer is planned")
	}
}

func TestReactionsAndThreadsAreRead(t *testing.T) {
	w, f := world(t, mastodonfake.Options{})
	n := mastodon.New()
	post := mustPublish(t, w.Session, w.Draft("Our post"))
	start, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil {
		t.Fatal(err)
	}
	tick := func() { w.Clock.Advance(time.Second) }
	tick()
	f.Favourite("fan", post.RemoteID)
	f.Boost("fan", post.RemoteID)
	f.Follow("fan")
	first := f.Say("fan", "@brand first", post.RemoteID, "public")
	tick()
	f.Say("other", "@fan @brand below the comment", first, "public")
	tick()
	elsewhere := f.Say("other", "a talk of others", "", "public")
	tick()
	f.Say("fan", "@brand have you seen this?", elsewhere, "public")
	tick()
	f.Say(mastodonfake.Brand, "@fan answered on the phone", first, "public")
	f.Say(mastodonfake.Brand, "Just a post from the phone", "", "public")
	b, err := n.Fetch(t.Context(), w.Session, start.Cursor)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]network.Reaction{}
	for _, r := range b.Reactions {
		kinds[r.Kind] = r
	}
	if len(b.Reactions) != 3 || kinds["like"].On != post.RemoteID || kinds["share"].On != post.RemoteID || kinds["follow"].On != "" || kinds["follow"].From.Handle != "fan@fake.example" {
		t.Errorf("reactions: %+v", b.Reactions)
	}
	want := []struct {
		kind   network.MessageKind
		thread string
		own    bool
	}{{network.Comment, post.RemoteID, false}, {network.Comment, post.RemoteID, false}, {network.Mention, elsewhere, false}, {network.Comment, post.RemoteID, true}}
	if len(b.Messages) != len(want) {
		t.Fatalf("messages: %+v", b.Messages)
	}
	for i, m := range b.Messages {
		if m.Kind != want[i].kind || m.Thread != want[i].thread || m.Own != want[i].own {
			t.Errorf("message %d (%s): %s in %s, own %t", i, m.Text, m.Kind, m.Thread, m.Own)
		}
	}
}

func TestActsReachTheServer(t *testing.T) {
	w, f := world(t, mastodonfake.Options{})
	n := mastodon.New()
	f.Say("rude", "@brand boo", "", "public")
	b, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil || len(b.Messages) != 1 {
		t.Fatal(err)
	}
	on := b.Messages[0].Remote
	do := func(act network.Act, on network.Remote) {
		t.Helper()
		for range 2 {
			if err := n.Act(t.Context(), w.Session, act, on); err != nil {
				t.Errorf("%s: %v", act, err)
			}
		}
	}
	do(network.Like, on)
	do(network.Share, on)
	measured, _ := n.PostMetrics(t.Context(), w.Session, []network.Remote{on})
	if v := measured[0].Values; v["M-LIKE"] != 1 || v["M-SHARE"] != 1 {
		t.Errorf("%v", v)
	}
	do(network.Unlike, on)
	do(network.Mute, network.Remote{ID: on.ID}) // without what Fetch noted about the author
	if !f.Muted("rude") {
		t.Error("not muted")
	}
	do(network.Unmute, on)
	do(network.Block, on)
	if f.Muted("rude") || !f.Blocked("rude") {
		t.Error("muted still, or not blocked")
	}
	if err := n.Act(t.Context(), w.Session, network.Hide, on); err == nil {
		t.Error("hides what it cannot hide")
	}
	people, err := n.SearchPeople(t.Context(), w.Session, "RUD", 5)
	if err != nil || len(people) != 1 || people[0].ID != "rude@fake.example" {
		t.Errorf("%+v, %v", people, err)
	}
}

// Servers give a notification its id before they store it: a smaller id may appear after a greater one was read.
func TestLateNotificationIsNotMissed(t *testing.T) {
	for _, software := range []string{"mastodon", "gotosocial"} {
		for _, between := range []int{1, 5, 38} {
			w, f := world(t, mastodonfake.Options{Software: software})
			n := mastodon.New()
			say := func() string { return f.Say("stranger", "@brand hello", "", "public") }
			want := map[string]int{}
			for range 45 { // history, more than a page of it
				say()
			}
			b, err := n.Fetch(t.Context(), w.Session, "")
			if err != nil {
				t.Fatal(err)
			}
			store := f.Stall()
			want[say()] = 1
			f.Resume()
			for range between {
				want[say()] = 1
			}
			got := map[string]int{}
			fetch := func() {
				for more := true; more; more = b.More {
					if b, err = n.Fetch(t.Context(), w.Session, b.Cursor); err != nil {
						t.Fatal(err)
					}
					for _, m := range b.Messages {
						got[m.ID]++
					}
				}
			}
			fetch()
			if len(got) != between {
				t.Fatalf("%s: before the late one there are %d, want %d", software, len(got), between)
			}
			store()
			fetch()
			fetch()
			if !maps.Equal(got, want) {
				t.Errorf("%s, %d between: got %v, want each of %v once", software, between, got, want)
			}
		}
	}
}
