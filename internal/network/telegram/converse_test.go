package telegram_test

import (
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/telegram"
	"github.com/bellwether-social/bellwether/internal/network/telegram/telegramfake"
)

// fetch reads everything that is new.
func fetch(t *testing.T, w *networktest.World, cursor string) network.Batch {
	t.Helper()
	b, err := w.Network.(network.Converser).Fetch(t.Context(), w.Session, cursor)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestConversationsAreToldApart(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{})
	post := publish(t, w, w.Draft("What do you think?"))["post"]
	first := f.Say(network.Comment, "Nice", post.RemoteID)
	answer := f.Answer("Very", first, 0)
	ours := f.Answer("Thanks from all of us", first, telegramfake.Channel)
	mention := f.Say(network.Mention, "are you there?", "")
	f.Chat(telegramfake.Discussion, "Talking among ourselves")
	f.Chat(telegramfake.Group, "@"+telegramfake.BotName+" in a group of another channel")
	f.Say(network.Direct, "/start", "")
	direct := f.Say(network.Direct, "Do you ship?", "")
	b := fetch(t, w, "")
	want := map[string]network.Message{
		first:   {Kind: network.Comment, ReplyTo: post.RemoteID, Thread: "-1001000000002:95"},
		answer:  {Kind: network.Comment, ReplyTo: first, Thread: "-1001000000002:95"},
		ours:    {Kind: network.Comment, ReplyTo: first, Thread: "-1001000000002:95", Own: true},
		mention: {Kind: network.Mention, Thread: mention},
		direct:  {Kind: network.Direct, Thread: "501"},
	}
	if len(b.Messages) != len(want) {
		t.Errorf("%d messages: %+v", len(b.Messages), b.Messages)
	}
	for _, m := range b.Messages {
		x := want[m.ID]
		if m.Kind != x.Kind || m.ReplyTo != x.ReplyTo || m.Thread != x.Thread || m.Own != x.Own || m.From.Handle == "" {
			t.Errorf("%+v, want %+v", m, x)
		}
	}
	w.Session.Account.Extra["direct"] = ""
	for _, m := range fetch(t, w, "").Messages {
		if m.Kind == network.Direct {
			t.Error("a private message comes to a second channel of the bot")
		}
	}
}

func TestCorrectedCommentComesAgain(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{})
	post := publish(t, w, w.Draft("What do you think?"))["post"]
	id := f.Say(network.Comment, "Niec", post.RemoteID)
	b := fetch(t, w, "")
	w.Clock.Advance(time.Minute)
	f.Correct(telegramfake.Discussion, id, "Nice")
	b2 := fetch(t, w, b.Cursor)
	if len(b2.Messages) != 1 || b2.Messages[0].ID != id || b2.Messages[0].Text != "Nice" || !b2.Messages[0].At.Equal(b.Messages[0].At) {
		t.Errorf("%+v", b2.Messages)
	}
}

func TestReactionsAreTold(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{})
	post := publish(t, w, w.Draft("Do you like it?"))["post"]
	comment := f.Say(network.Comment, "Yes", post.RemoteID)
	b := fetch(t, w, "") // from now on reactions are told
	f.Applaud(telegramfake.Channel, 95, 4, 3)
	f.Applaud(telegramfake.Discussion, 96, 1, 0)
	b = fetch(t, w, b.Cursor)
	if len(b.Measured) != 1 || b.Measured[0].RemoteID != post.RemoteID || b.Measured[0].Values["M-LIKE"] != 7 {
		t.Errorf("%+v", b.Measured)
	}
	if len(b.Reactions) != 1 || b.Reactions[0].On != comment || b.Reactions[0].Kind != "like" || b.Reactions[0].From.Handle != "stranger" {
		t.Errorf("%+v", b.Reactions)
	}
}

func TestSeveralChannelsOfOneBotEachReadTheirOwn(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{})
	second := *w
	_, accounts, err := telegram.New(f.URL).SignIn(t.Context(), w.Session.HTTP, map[string]string{"token": telegramfake.Token, "chats": "@brand_group"})
	if err != nil {
		t.Fatal(err)
	}
	second.Session.Account = accounts[0]
	second.Session.Account.Extra["direct"] = ""
	here, there := fetch(t, w, ""), fetch(t, &second, "")
	for range 3 {
		w.Clock.Advance(10 * time.Minute)
		f.Say(network.Mention, "to the channel", "")
		f.Chat(telegramfake.Group, "@"+telegramfake.BotName+" to the group")
		if here = fetch(t, w, here.Cursor); len(here.Messages) != 1 {
			t.Errorf("the channel read %+v", here.Messages)
		}
		if there = fetch(t, &second, there.Cursor); len(there.Messages) != 1 || !strings.Contains(there.Messages[0].Text, "to the group") {
			t.Errorf("the group read %+v", there.Messages)
		}
	}
	w.Clock.Advance(3 * time.Hour)
	here = fetch(t, w, here.Cursor)
	fetch(t, w, here.Cursor)
	if f.Waiting() != 0 {
		t.Errorf("%d updates are never confirmed", f.Waiting())
	}
}

func TestNumbersOfUpdatesMayStartAnew(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{})
	f.Say(network.Mention, "before", "")
	b := fetch(t, w, "")
	w.Clock.Advance(3 * time.Hour)
	b = fetch(t, w, b.Cursor)
	w.Clock.Advance(8 * 24 * time.Hour)
	f.Reset()
	id := f.Say(network.Mention, "a week later", "")
	for _, want := range []int{1, 0} {
		if b = fetch(t, w, b.Cursor); len(b.Messages) != want || want == 1 && b.Messages[0].ID != id {
			t.Errorf("%+v, want %d", b.Messages, want)
		}
	}
}

func TestUpdateOfAnUnknownKindIsPassedOver(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{})
	b := fetch(t, w, "")
	f.Pass(w.Clock.Now())
	id := f.Say(network.Mention, "after it", "")
	if b = fetch(t, w, b.Cursor); len(b.Messages) != 1 || b.Messages[0].ID != id {
		t.Errorf("%+v", b.Messages)
	}
}

func TestBotThatAnotherProgramReadsIsSaidPlainly(t *testing.T) {
	w, _ := world(t, telegramfake.Channel, telegramfake.Options{Webhook: true})
	_, err := w.Network.(network.Converser).Fetch(t.Context(), w.Session, "")
	if !fault.Is(err, fault.Rejected) || !strings.Contains(fault.As(err).Message, "another program") {
		t.Errorf("%v", err)
	}
	publish(t, w, w.Draft("Publishing goes on"))
}

func TestActsReachTheirMessage(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{})
	post := publish(t, w, w.Draft("What do you think?"))["post"]
	f.Say(network.Comment, "Buy cheap watches", post.RemoteID)
	f.Say(network.Direct, "Hello", "")
	b := fetch(t, w, "")
	comment, direct := b.Messages[0], b.Messages[1]
	act := w.Network.(network.Reactor)
	for _, c := range []struct {
		act             network.Act
		reaction, doing string
	}{{network.Like, "👍", ""}, {network.Unlike, "", ""}, {network.Mute, "", "muted"}, {network.Unmute, "", "unmuted"}, {network.Block, "", "banned"}} {
		for range 2 {
			if err := act.Act(t.Context(), w.Session, c.act, comment.Remote); err != nil {
				t.Errorf("%s: %v", c.act, err)
			}
		}
		if f.Reaction(comment.ID) != c.reaction || f.Sanction(telegramfake.Discussion, telegramfake.Stranger) != c.doing {
			t.Errorf("%s: reaction %q, sanction %q", c.act, f.Reaction(comment.ID), f.Sanction(telegramfake.Discussion, telegramfake.Stranger))
		}
	}
	for _, a := range []network.Act{network.Mute, network.Hide} {
		if err := act.Act(t.Context(), w.Session, a, direct.Remote); !fault.Is(err, fault.Rejected) {
			t.Errorf("%s a private message: %v", a, err)
		}
	}
}
