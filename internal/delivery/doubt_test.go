package delivery_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

func TestR3R4ALostAnswerIsFoundAndNeverShownAsFailed(t *testing.T) {
	for _, kind := range []network.StepKind{network.Keyed, network.Findable} {
		s := newScript(kind)
		st := play(t, dbtest.SQLite(t), s, findable{s})
		s.on("post", lost)
		p := st.thread("", "hello")
		st.run(0)
		if d := st.delivery(p); d.State != delivery.Unknown {
			t.Errorf("%s: the delivery is %s", kind, d.State)
		}
		st.run(5 * time.Second)
		st.is(p, post.Published, 1)
		if s.count("post") != 1 {
			t.Errorf("%s: sent %d times", kind, s.count("post"))
		}
	}
}

func TestR5WhatArrivesLateIsMatchedNotSentAgain(t *testing.T) {
	s := newScript(network.Findable)
	st := play(t, dbtest.SQLite(t), s, findable{s})
	s.on("post", lost)
	s.hide = true // it timed out, and arrives in two minutes
	p := st.thread("", "hello")
	st.run(100 * time.Second)
	st.is(p, post.Publishing, 1)
	s.hide = false
	st.run(time.Minute)
	st.is(p, post.Published, 1)
	if s.count("post") != 1 || s.count("find post") != 3 {
		t.Errorf("calls: %v", s.calls)
	}
}

func TestWhatIsNeverSeenIsAskedAboutAndNeverRepeated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Findable)
		st := play(t, database, s, findable{s})
		s.on("post", answer{err: fault.Wrap(fault.Unknown, nil, "the connection broke")})
		p := st.thread("", "hello")
		st.run(30 * time.Hour)
		st.is(p, post.NeedsHuman, 0)
		if s.count("post") != 1 || s.count("find post") != 5 {
			t.Errorf("calls: %v", s.calls)
		}
		escalated, err := db.One[int](context.Background(), database, `select count(*) from events where kind = 'delivery.escalated'`)
		if err != nil || escalated != 1 {
			t.Errorf("the lead was told %d times, %v", escalated, err)
		}
		if err := st.j.Resolve(context.Background(), st.actor, st.delivery(p).ID, delivery.IsNotLive, ""); err != nil {
			t.Fatal(err)
		}
		st.is(p, post.Publishing, 0)
		st.run(time.Second)
		st.is(p, post.Published, 1)
		if err := st.j.Resolve(context.Background(), st.actor, st.delivery(p).ID, delivery.IsNotLive, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("it can be decided twice: %v", err)
		}
	})
}

func TestAPersonSaysItIsLive(t *testing.T) {
	s := newScript(network.Once)
	st := play(t, dbtest.SQLite(t), s, s)
	s.on("post", lost)
	p := st.thread("", "hello")
	st.run(0)
	if err := st.j.Resolve(context.Background(), st.actor, st.delivery(p).ID, delivery.IsLive, "https://script.example/it-1"); err != nil {
		t.Fatal(err)
	}
	st.run(time.Second)
	if got := st.is(p, post.Published, 1); got.URL != "https://script.example/it-1" || s.count("post") != 1 {
		t.Errorf("published at %q after %d calls", got.URL, s.count("post"))
	}
}

func TestAPersonLeavesIt(t *testing.T) {
	s := newScript(network.Once)
	st := play(t, dbtest.SQLite(t), s, s)
	s.on("post", lost)
	p := st.thread("", "hello")
	st.run(0)
	d := st.delivery(p)
	if err := st.j.Resolve(context.Background(), st.actor, d.ID, delivery.GiveUp, ""); err != nil {
		t.Fatal(err)
	}
	st.is(p, post.Failed, 1)
	again, err := st.j.Retry(context.Background(), st.actor, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	st.run(time.Minute)
	if st.is(p, post.NeedsHuman, 1); s.count("post") != 1 {
		t.Errorf("a doubt was sent again without a decision: %v", s.calls)
	}
	if again.PreviousID != d.ID || again.ID == d.ID {
		t.Errorf("the retry %s follows %q", again.ID, again.PreviousID)
	}
}

func TestTheRestOfAThreadIsNotHungOnNothing(t *testing.T) {
	s := newScript(network.Once)
	st := play(t, dbtest.SQLite(t), s, s)
	s.on("post", lost)
	p := st.thread("", "one", "two")
	st.run(0)
	if err := st.j.Resolve(context.Background(), st.actor, st.delivery(p).ID, delivery.IsLive, "https://script.example/elsewhere"); err != nil {
		t.Fatal(err)
	}
	st.run(time.Minute)
	st.is(p, post.PartlyPublished, 1)
	if _, err := st.j.Retry(context.Background(), st.actor, st.delivery(p).ID); !fault.Is(err, fault.Rejected) {
		t.Errorf("it is sent again: %v", err)
	}
}

func TestR12NothingFollowsAParentInDoubt(t *testing.T) {
	s := newScript(network.Findable)
	st := play(t, dbtest.SQLite(t), s, findable{s})
	s.on("post", answer{err: fault.Wrap(fault.Unknown, nil, "the connection broke")})
	p := st.thread("a comment", "one", "two")
	st.run(30 * time.Hour)
	st.is(p, post.NeedsHuman, 0)
	if s.count("comment")+s.count("part-2") != 0 {
		t.Errorf("calls: %v", s.calls)
	}
}

func TestARefusedRepetitionSaysNothingAboutTheFirst(t *testing.T) {
	s := newScript(network.Keyed)
	st := play(t, dbtest.SQLite(t), s, findable{s})
	s.hide = true // the first is made and not listed yet
	s.on("post", lost, answer{err: fault.Rejectedf("not allowed")})
	p := st.thread("", "hello")
	st.run(10 * time.Second)
	st.is(p, post.Publishing, 1)
	s.hide = false
	st.run(2 * time.Hour)
	st.is(p, post.Published, 1)
}

func TestAConnectorThatPanicsHarmsNobodyElse(t *testing.T) {
	s := newScript(network.Findable)
	st := play(t, dbtest.SQLite(t), s, findable{s})
	s.on("post", answer{made: true, then: func() { panic("a nil pointer, for example") }})
	p, other := st.thread("", "hello"), st.thread("", "and another")
	st.run(0)
	st.run(3 * time.Hour)
	st.is(p, post.NeedsHuman, 1)
	if got := st.target(t, other.ID); got.State != post.Published {
		t.Errorf("the other is %s", got.State)
	}
}

func TestR36AnAnswerInDoubtIsUnconfirmed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Findable)
		st := play(t, database, s, findable{s})
		heard := &replies{}
		st.j.Tell(heard, nil)
		s.on("post", lost)
		if err := database.Tx(context.Background(), func(tx *db.Tx) error {
			_, err := st.j.Reply(context.Background(), tx, delivery.ReplyOrder{WorkspaceID: "ws_1", ChannelID: st.channel.ID, MessageID: "msg_1", Reply: network.Reply{Text: "Thank you"}, ResponsibleID: "user_1", By: "user_1"})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		st.run(5 * time.Second)
		if len(s.texts()) != 1 || len(heard.states) != 2 || heard.states[0] != "unknown" || heard.states[1] != "sent" || heard.remote.ID != "it-1" {
			t.Errorf("live %v, heard %v of %v", s.texts(), heard.states, heard.remote)
		}
	})
}

type replies struct {
	states []string
	remote network.Remote
}

func (r *replies) Acted(_ context.Context, _ *db.Tx, _, _, _, state, _ string) error {
	r.states = append(r.states, state)
	return nil
}

func (r *replies) Delivered(_ context.Context, _ *db.Tx, _, _, state string, remote network.Remote) error {
	r.states, r.remote = append(r.states, state), remote
	return nil
}

// TestR3TwoDeliveriesNeverTakeOneItemForTheirs publishes the same words twice within seconds on a network that finds by
// words. What one delivery made, or was found to have made, is no proof of the other.
func TestR3TwoDeliveriesNeverTakeOneItemForTheirs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Findable)
		st := play(t, database, s, findable{s})
		s.on("post", answer{err: fault.Wrap(fault.Unknown, nil, "the connection broke")}) // never arrived
		first := st.thread("", "hello")
		st.run(0)
		second := st.thread("", "hello")
		st.run(time.Second)
		st.is(second, post.Published, 1)
		st.run(30 * time.Hour)
		st.is(first, post.NeedsHuman, 1)
		attempts, err := st.j.Attempts(context.Background(), st.actor, st.delivery(first).ID)
		if err != nil || len(attempts) < 2 || attempts[1].Class != "not_seen" || !strings.Contains(attempts[1].Detail, "another delivery") {
			t.Errorf("the evidence is %+v, %v", attempts, err)
		}
		if err := st.j.Resolve(context.Background(), st.actor, st.delivery(first).ID, delivery.IsNotLive, ""); err != nil {
			t.Fatal(err)
		}
		st.run(time.Minute)
		if a, b := st.is(first, post.Published, 2), st.is(second, post.Published, 2); a.RemoteID == b.RemoteID {
			t.Errorf("both are %s", a.RemoteID)
		}
	})
}

func TestR3OfTwoDoubtsAboutOneItemOneIsAskedAbout(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Findable)
		st := play(t, database, s, findable{s})
		s.on("post", lost, answer{err: fault.Wrap(fault.Unknown, nil, "the connection broke")})
		one := st.thread("", "hello")
		two := st.thread("", "hello")
		st.run(30 * time.Hour)
		states := []post.State{st.target(t, one.ID).State, st.target(t, two.ID).State}
		slices.Sort(states)
		if !slices.Equal(states, []post.State{post.NeedsHuman, post.Published}) || len(s.texts()) != 1 || s.count("post") != 2 {
			t.Errorf("the targets are %v with %v live after %v", states, s.texts(), s.calls)
		}
	})
}

// TestR10TheSamePartOfARetryIsItsOwn: a retry takes over what the delivery before it made, which is no other's.
func TestR10TheSamePartOfARetryIsItsOwn(t *testing.T) {
	s := newScript(network.Findable)
	st := play(t, dbtest.SQLite(t), s, findable{s})
	s.on("part-2", answer{err: fault.Rejectedf("part 2 is not liked")}, lost)
	p := st.thread("", "one", "two")
	st.run(time.Second)
	st.is(p, post.PartlyPublished, 1)
	if _, err := st.j.Retry(context.Background(), st.actor, st.delivery(p).ID); err != nil {
		t.Fatal(err)
	}
	st.run(time.Minute)
	st.is(p, post.Published, 2)
	if s.count("post") != 1 || s.count("part-2") != 2 {
		t.Errorf("calls: %v", s.calls)
	}
}
