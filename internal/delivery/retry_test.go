package delivery_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

func TestR10AThreadGoesOnWhereItBroke(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Keyed)
		st := play(t, database, s, findable{s})
		s.on("part-3", answer{err: &fault.Error{Kind: fault.Rejected, Code: "bad_words", Field: "text", Message: "a word is not allowed", Hint: "Use another word."}})
		p := st.thread("", "one", "two", "three", "four", "five")
		st.run(time.Minute)
		got := st.is(p, post.PartlyPublished, 2)
		if !strings.Contains(got.HeldReason, "part 3") || !strings.Contains(got.HeldReason, "a word is not allowed") {
			t.Errorf("the reason is %q", got.HeldReason)
		}
		if d := st.delivery(p); d.State != delivery.Failed || d.Field != "text" || d.Hint != "Use another word." || d.ReasonCode != "bad_words" {
			t.Errorf("the delivery says %s %q %q %q", d.State, d.Field, d.Hint, d.ReasonCode)
		}
		if _, err := st.j.Retry(context.Background(), st.actor, got.DeliveryID); err != nil {
			t.Fatal(err)
		}
		st.run(time.Minute)
		st.is(p, post.Published, 5)
		if want := (item{"it-3", "three", "it-2"}); s.live[2] != want || s.count("post") != 1 {
			t.Errorf("it went on with %v", s.live)
		}
		if _, err := st.j.Retry(context.Background(), st.actor, got.DeliveryID); !fault.Is(err, fault.Conflict) {
			t.Errorf("it can be sent again twice: %v", err)
		}
	})
}

func TestR13OneNetworkDownHoldsUpNobodyElse(t *testing.T) {
	s := newScript(network.Keyed)
	st := play(t, dbtest.SQLite(t), s, s)
	s.on("post", answer{err: fault.Wrap(fault.Later, nil, "it cannot be reached")})
	other, err := st.channels.SignIn(context.Background(), st.actor, "sandbox", "brand_1", map[string]string{"handle": "well"})
	if err != nil {
		t.Fatal(err)
	}
	p := st.thread("", "hello")
	st.exec(`insert into targets (workspace_id, id, post_id, channel_id, state, due_at, responsible_id) values ('ws_1', 'tgt_other', $1, $2, 'scheduled', $3, 'user_1')`, p.ID, other[0].ID, st.now)
	st.run(0)
	well, err := st.posts.Target(context.Background(), st.actor, "tgt_other")
	if err != nil || well.State != post.Published {
		t.Fatalf("the well one is %s, %v", well.State, err)
	}
	if d := st.delivery(p); d.State != delivery.Retrying || d.Reason != "it cannot be reached" {
		t.Errorf("the other is %s (%s)", d.State, d.Reason)
	}
	st.run(35 * time.Second)
	if got := st.target(t, p.ID); got.State != post.Published || s.count("post") != 2 {
		t.Errorf("it is %s after %d calls", got.State, s.count("post"))
	}
}

func TestR14AnUploadIsUsedAgainWhileItLives(t *testing.T) {
	for _, c := range []struct {
		name    string
		upload  answer
		uploads int
	}{{"it lives", answer{}, 1}, {"it has expired", answer{expires: 20 * time.Second}, 2}} {
		s := newScript(network.Keyed)
		s.upload = true
		st := play(t, dbtest.SQLite(t), s, s)
		s.on("media-1", c.upload)
		s.on("post", answer{err: fault.Wrap(fault.Later, nil, "busy")})
		p := st.thread("", "hello")
		st.run(2 * time.Minute)
		st.is(p, post.Published, 1)
		if s.uploads != c.uploads {
			t.Errorf("%s: %d uploads, want %d", c.name, s.uploads, c.uploads)
		}
	}
}

// TestR14AnUploadInDoubtIsNotMadeAnew: a call in doubt may still arrive, and publishes the upload that it named; a new
// one would be published beside it.
func TestR14AnUploadInDoubtIsNotMadeAnew(t *testing.T) {
	s := newScript(network.Keyed)
	s.upload = true
	st := play(t, dbtest.SQLite(t), s, s)
	s.on("media-1", answer{expires: 20 * time.Second})
	s.on("post", answer{err: fault.Wrap(fault.Unknown, nil, "it timed out, and is still under way")}, answer{err: fault.Wrap(fault.Later, nil, "busy")})
	p := st.thread("", "hello")
	st.run(5 * time.Minute)
	st.is(p, post.Published, 1)
	if s.uploads != 1 || s.count("post") != 3 {
		t.Errorf("%d uploads, %d calls", s.uploads, s.count("post"))
	}
}

func TestR16SlowProcessingIsPolledAcrossARestart(t *testing.T) {
	s := newScript(network.Keyed)
	st := play(t, dbtest.SQLite(t), s, s)
	for range 9 {
		s.on("post", answer{made: true, pending: 2 * time.Second})
	}
	p := st.thread("", "hello")
	st.run(2 * time.Minute)
	if d := st.delivery(p); d.State != delivery.Processing {
		t.Fatalf("the delivery is %s", d.State)
	}
	st.j = st.process(nil)
	st.run(40 * time.Minute)
	st.is(p, post.Published, 1)
	if n := s.count("post"); n != 10 {
		t.Errorf("%d calls", n)
	}
}

// What a network holds until a time it named is not stuck before: it is looked at a few times a day, a look that fails
// asks nobody, and only what is not there a day after its time needs a person.
func TestHeldPostIsAwaitedUntilItsTime(t *testing.T) {
	s := newScript(network.Keyed)
	st := play(t, dbtest.SQLite(t), s, s)
	at := db.Now().Add(10 * 24 * time.Hour)
	for range 20 {
		s.on("post", answer{made: true, pending: time.Minute, until: at})
	}
	s.on("post", answer{err: fault.Wrap(fault.Later, nil, "it cannot be reached")})
	for range 1000 {
		s.on("post", answer{made: true, pending: time.Minute, until: at})
	}
	p := st.thread("", "hello")
	st.run(10*24*time.Hour - time.Hour)
	if d := st.delivery(p); d.State != delivery.Processing || !d.AlertedAt.IsZero() {
		t.Fatalf("before its time the delivery is %s, alerted %s", d.State, d.AlertedAt)
	}
	if n := s.count("post"); n < 38 || n > 45 {
		t.Errorf("%d calls in ten days", n)
	}
	st.run(26 * time.Hour)
	if d := st.delivery(p); d.State != delivery.NeedsHuman {
		t.Errorf("a day after its time the delivery is %s", d.State)
	}
}

func TestSixTriesAndThenItSaysSo(t *testing.T) {
	s := newScript(network.Once)
	st := play(t, dbtest.SQLite(t), s, s)
	st.exec(`update workspaces set late_window = $1`, 24*time.Hour)
	for range 10 {
		s.on("post", answer{err: fault.Wrap(fault.Later, nil, "it cannot be reached")})
	}
	p := st.thread("", "hello")
	st.run(24 * time.Hour)
	got := st.is(p, post.Failed, 0)
	if n := s.count("post"); n != 6 || !strings.Contains(got.HeldReason, "tried 6 times") {
		t.Errorf("%d tries: %s", n, got.HeldReason)
	}
}

func TestC29WhatCannotBeginInItsWindowIsHeld(t *testing.T) {
	s := newScript(network.Once)
	st := play(t, dbtest.SQLite(t), s, s)
	for range 10 {
		s.on("post", answer{err: fault.Wrap(fault.Later, nil, "it cannot be reached")})
	}
	p := st.thread("", "hello")
	st.run(5 * time.Hour)
	got := st.is(p, post.Held, 0)
	if !strings.Contains(got.HeldReason, "late window") || !strings.Contains(got.HeldReason, "it cannot be reached") {
		t.Errorf("the reason is %q", got.HeldReason)
	}
}

func TestR25ALimitedAccountIsServedInOrder(t *testing.T) {
	s := newScript(network.Once)
	st := play(t, dbtest.SQLite(t), s, s)
	limit := answer{err: nil}
	for n := 1; n <= 60; n++ { // ten calls, then a minute's rest, again and again
		a := answer{made: true}
		if n%11 == 0 {
			a = limit
			a.then = nil
			a.err = &fault.Error{Kind: fault.Later, Code: "rate_limited", Message: "too many calls"}
		}
		s.on("post", a)
	}
	var want []string
	for i := range 50 {
		text := "number " + string(rune('A'+i/10)) + string(rune('0'+i%10))
		want = append(want, text)
		st.thread("", text)
	}
	st.exec(`update targets set due_at = $1`, st.now)
	st.run(2 * time.Hour)
	if got := s.texts(); !slices.Equal(got, want) {
		t.Errorf("%d went out: %v", len(got), got)
	}
	if n := s.count("post"); n > 50+6 {
		t.Errorf("%d calls for 50 posts: the limit was asked again and again", n)
	}
}

// TestR13OneUnfinishedFileKeepsNobodyWaiting: a network that is still busy with a post's file says nothing of the others.
func TestR13OneUnfinishedFileKeepsNobodyWaiting(t *testing.T) {
	s := newScript(network.Once)
	st := play(t, dbtest.SQLite(t), s, s)
	s.on("post", answer{err: &fault.Error{Kind: fault.Later, Code: "media_processing", Field: "media", Message: "the file is being processed", RetryAt: st.now.Add(10 * time.Minute)}})
	slow := st.thread("", "with a large file")
	quick := st.thread("", "with a small one")
	st.run(time.Minute)
	st.is(slow, post.Publishing, 1)
	st.is(quick, post.Published, 1)
	st.run(15 * time.Minute)
	st.is(slow, post.Published, 2)
}

func TestR20OneRefreshOneRetryThenHeld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Keyed)
		st := play(t, database, s, findable{s})
		no := answer{err: fault.Wrap(fault.Unauthorised, nil, "the token is no longer good")}
		s.on("post", no)
		p := st.thread("", "hello")
		st.run(10 * time.Second)
		st.is(p, post.Published, 1)
		if s.grant != 1 || s.count("post") != 2 {
			t.Errorf("%d refreshes, %d calls", s.grant, s.count("post"))
		}
		s.on("post", no, no, no, no)
		fresh, old := st.thread("", "soon"), st.thread("", "long ago")
		st.run(10 * time.Second)
		st.is(fresh, post.Held, 1)
		if s.grant > 3 || s.count("post") > 6 {
			t.Errorf("%d refreshes, %d calls", s.grant, s.count("post"))
		}
		s.mu.Lock()
		s.answers = map[string][]answer{}
		s.mu.Unlock()
		ch, err := st.channels.Get(context.Background(), st.actor, st.channel.ID)
		if err != nil || ch.State != channel.NeedsReconnect {
			t.Fatalf("the channel is %s, %v", ch.State, err)
		}
		if got := st.target(t, old.ID); got.State != post.Held {
			t.Fatalf("the other post is %s", got.State)
		}
		// After reconnecting what is within its window goes out; what is older asks.
		st.exec(`update targets set due_at = $1 where post_id = $2`, st.now.Add(-24*time.Hour), old.ID)
		st.exec(`update connections set state = 'connected'`)
		if err := st.j.Reconnected(context.Background(), event.Event{WorkspaceID: "ws_1", Entity: st.channel.ID}); err != nil {
			t.Fatal(err)
		}
		st.run(10 * time.Second)
		st.is(fresh, post.Published, 2)
		if got := st.target(t, old.ID); got.State != post.Held {
			t.Errorf("the old post is %s", got.State)
		}
	})
}

func TestR21ADisconnectedChannelSendsNothing(t *testing.T) {
	s := newScript(network.Keyed)
	st := play(t, dbtest.SQLite(t), s, s)
	for i := range 100 {
		st.thread("", "post "+string(rune('a'+i%26))+strings.Repeat("!", i))
	}
	if err := st.channels.Disconnect(context.Background(), st.actor, st.channel.ID); err != nil {
		t.Fatal(err)
	}
	st.run(time.Minute)
	held, err := db.One[int](context.Background(), st.db, `select count(*) from targets where state = 'held' and held_reason like '%needs to be reconnected%'`)
	if err != nil || held != 100 || len(s.calls) != 0 {
		t.Errorf("%d held, calls %v, %v", held, s.calls, err)
	}
}
