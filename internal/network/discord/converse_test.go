package discord_test

import (
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/discord"
	"github.com/bellwether-social/bellwether/internal/network/discord/discordfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

func fetch(t *testing.T, w *networktest.World, cursor string) network.Batch {
	t.Helper()
	b, err := w.Network.(network.Converser).Fetch(t.Context(), w.Session, cursor)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestConversationsAreToldApart(t *testing.T) {
	w, f := bot(t, discordfake.Text)
	d := w.Draft("What do you think?")
	d.Settings = map[string]string{"thread_name": "Talk about it"}
	thread := publish(t, w, d)["post"].RemoteID
	post := publish(t, w, w.Draft("And of this?"))["post"].RemoteID
	comment := f.Say(network.Comment, "Nice", post)
	f.Chat(discordfake.Text, "Talking among ourselves")
	f.Say(network.Comment, "Indeed", comment) // to another stranger, in the open channel
	mention := f.Say(network.Mention, "are you there?", "")
	below := f.Chat(thread, "In the thread")
	answer := f.Say(network.Comment, "To the one above", below)
	want := map[string]network.Message{
		comment: {Kind: network.Comment, ReplyTo: post, Thread: post},
		mention: {Kind: network.Mention, Thread: mention},
		below:   {Kind: network.Comment, ReplyTo: thread, Thread: thread},
		answer:  {Kind: network.Comment, ReplyTo: below, Thread: thread},
	}
	b := fetch(t, w, "")
	if len(b.Messages) != len(want) {
		t.Errorf("%d messages: %+v", len(b.Messages), b.Messages)
	}
	for _, m := range b.Messages {
		x := want[m.ID]
		if m.ID == mention && m.Text != "@brand are you there?" {
			t.Errorf("the mention reads %q", m.Text)
		}
		if m.Kind != x.Kind || m.ReplyTo != x.ReplyTo || m.Thread != x.Thread || m.From.Handle != "mara" || m.From.Name != "Mara Lind" {
			t.Errorf("%+v, want %+v", m, x)
		}
	}
	if again := fetch(t, w, b.Cursor); len(again.Messages) != 0 {
		t.Errorf("read twice: %+v", again.Messages)
	}
	later := f.Chat(thread, "Later in the thread")
	if b = fetch(t, w, b.Cursor); len(b.Messages) != 1 || b.Messages[0].ID != later {
		t.Errorf("%+v", b.Messages)
	}
	// The answer goes where the message is, and tells its author.
	steps, problems := discord.New("").PlanReply(network.Reply{Key: "r", To: b.Messages[0], Text: "Thank you"}, w.Session.Account)
	if len(steps) != 1 || steps[0].Kind != network.Keyed {
		t.Fatalf("%+v %+v", steps, problems)
	}
	o := carryOut(t, w, steps)["reply"]
	if allowed, _ := f.Sent(o.RemoteID)["allowed_mentions"].(map[string]any); o.Data["channel"] != thread || allowed["replied_user"] != true {
		t.Errorf("%+v, %+v", o, f.Sent(o.RemoteID))
	}
}

func TestChannelThatWasEmptyIsReadFromItsBeginning(t *testing.T) {
	w, f := bot(t, discordfake.Text)
	b := fetch(t, w, "")
	id := f.Say(network.Mention, "the first", "")
	if b = fetch(t, w, b.Cursor); len(b.Messages) != 1 || b.Messages[0].ID != id {
		t.Errorf("%+v", b.Messages)
	}
}

func TestManyThreadsAreReadInTurns(t *testing.T) {
	w, f := bot(t, discordfake.Forum)
	w.Settings = map[string]string{"thread_name": "An idea"}
	want := map[string]bool{}
	for range 25 {
		w.Clock.Advance(time.Second)
		post := publish(t, w, w.Draft("What about this?"))["post"].RemoteID
		want[f.Say(network.Comment, "Good", post)] = true
	}
	cursor := ""
	for range 5 {
		b := fetch(t, w, cursor)
		cursor = b.Cursor
		for _, m := range b.Messages {
			if !want[m.ID] {
				t.Errorf("read twice, or never written: %+v", m)
			}
			delete(want, m.ID)
		}
		if !b.More {
			break
		}
	}
	if len(want) != 0 {
		t.Errorf("%d comments were not read", len(want))
	}
}

func TestReactionsAndThreadsAreMeasured(t *testing.T) {
	w, f := bot(t, discordfake.Text)
	d := w.Draft("Count me")
	d.Settings = map[string]string{"thread_name": "Talk about it"}
	plain, threaded := publish(t, w, w.Draft("Nobody cares"))["post"], publish(t, w, d)["post"]
	f.Applaud(threaded.RemoteID, 7)
	f.Chat(threaded.RemoteID, "One")
	f.Chat(threaded.RemoteID, "Two")
	n := discord.New(f.URL)
	list, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{remote(plain), remote(threaded)})
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	if _, counted := list[0].Values["M-COMM"]; counted || list[0].Values["M-LIKE"] != 0 || list[1].Values["M-LIKE"] != 7 || list[1].Values["M-COMM"] != 2 {
		t.Errorf("%+v", list)
	}
	if v, err := n.AccountMetrics(t.Context(), w.Session); err != nil || v["M-FOLL"] != 321 {
		t.Errorf("%v, %v", v, err)
	}
	forum, g := bot(t, discordfake.Forum)
	forum.Settings = map[string]string{"thread_name": "An idea"}
	post := publish(t, forum, forum.Draft("What about this?"))["post"]
	g.Say(network.Comment, "Good", post.RemoteID)
	list, err = discord.New(g.URL).PostMetrics(t.Context(), forum.Session, []network.Remote{remote(post)})
	if err != nil || list[0].Values["M-COMM"] != 1 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestActsReachTheirMessage(t *testing.T) {
	w, f := bot(t, discordfake.Text)
	id := f.Say(network.Mention, "hello", "")
	on := fetch(t, w, "").Messages[0].Remote
	n := discord.New(f.URL)
	for _, c := range []struct {
		act   network.Act
		liked bool
	}{{network.Like, true}, {network.Like, true}, {network.Unlike, false}, {network.Unlike, false}} {
		if err := n.Act(t.Context(), w.Session, c.act, on); err != nil || f.Liked(id) != c.liked {
			t.Errorf("%s: %v, liked %t", c.act, err, f.Liked(id))
		}
	}
	if err := n.Act(t.Context(), w.Session, network.Hide, on); !fault.Is(err, fault.Rejected) {
		t.Errorf("%v", err)
	}
	f.Demote()
	// Without the right to manage messages other people's stay; the channel is not held for that.
	if err := n.Delete(t.Context(), w.Session, on); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("%v", err)
	}
}
