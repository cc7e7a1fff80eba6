package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

// TestR24AStormOfLimitsWidensTheGapsOfItsAccountsAlone: twenty accounts are limited again and again without a word
// about until when; an account of another network is served at once.
func TestR24AStormOfLimitsWidensTheGapsOfItsAccountsAlone(t *testing.T) {
	s := newScript(network.Keyed)
	st := play(t, dbtest.SQLite(t), s, s)
	ctx := context.Background()
	other, err := st.channels.SignIn(ctx, st.actor, "sandbox", "brand_1", map[string]string{"handle": "well"})
	if err != nil {
		t.Fatal(err)
	}
	first := st.thread("", "hello")
	st.exec(`insert into targets (workspace_id, id, post_id, channel_id, state, due_at, responsible_id) values ('ws_1', 'tgt_well', $1, $2, 'scheduled', $3, 'user_1')`, first.ID, other[0].ID, st.now)
	for n := range 19 {
		made, err := st.channels.SignIn(ctx, st.actor, "script", "brand_1", map[string]string{"handle": fmt.Sprint("club", n)})
		if err != nil {
			t.Fatal(err)
		}
		st.exec(`insert into targets (workspace_id, id, post_id, channel_id, state, due_at, responsible_id) values ('ws_1', $1, $2, $3, 'scheduled', $4, 'user_1')`, fmt.Sprint("tgt_", n), first.ID, made[0].ID, st.now)
	}
	for range 20 * 3 {
		s.on("post", answer{err: fault.Wrap(fault.Later, nil, "too many requests")})
	}
	st.run(time.Second)
	if well, err := st.posts.Target(ctx, st.actor, "tgt_well"); err != nil || well.State != post.Published {
		t.Errorf("the well one is %s, %v", well.State, err)
	}
	for _, step := range []struct {
		wait time.Duration
		want int
	}{{0, 20}, {20 * time.Second, 20}, {15 * time.Second, 40}, {90 * time.Second, 40}, {40 * time.Second, 60}, {8 * time.Minute, 60}, {3 * time.Minute, 80}} {
		if st.run(step.wait); s.count("post") != step.want {
			t.Fatalf("after another %s there are %d calls, want %d", step.wait, s.count("post"), step.want)
		}
	}
	done, err := db.One[int](ctx, st.db, `select count(*) from targets where state = 'published'`)
	if err != nil || done != 21 || len(s.texts()) != 20 {
		t.Errorf("%d are published, %d live, %v", done, len(s.texts()), err)
	}
}

// TestR26AUsedUpQuotaHoldsEverythingUntilItsReset: the network says that the day's quota is used up and when it begins
// anew. The account's posts wait, in order, without another call; then they go out.
func TestR26AUsedUpQuotaHoldsEverythingUntilItsReset(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Keyed)
		st := play(t, database, s, s)
		st.exec(`update workspaces set late_window = $1`, int64(48*time.Hour/time.Microsecond))
		reset := st.now.Add(11 * time.Hour)
		s.on("post", answer{err: &fault.Error{Kind: fault.Later, Message: "the quota of this day is used up", RetryAt: reset}})
		var posts []post.Post
		for n := range 5 {
			posts = append(posts, st.thread("", fmt.Sprintf("post %d", n)))
		}
		st.run(reset.Add(-time.Minute).Sub(st.now))
		if s.count("post") != 1 || len(s.texts()) != 0 {
			t.Fatalf("before the reset: %v", s.calls)
		}
		if d := st.delivery(posts[0]); d.Reason == "" || d.NextAt.Before(reset) {
			t.Errorf("the first waits until %s, because %q", d.NextAt, d.Reason)
		}
		st.run(10 * time.Minute)
		if got := fmt.Sprint(s.texts()); got != "[post 0 post 1 post 2 post 3 post 4]" || s.count("post") != 6 {
			t.Errorf("after the reset: %s after %d calls", got, s.count("post"))
		}
	})
}

// TestR22WhatIsUnderWayEndsAndNothingFollows: the account is disconnected while a post is being sent.
func TestR22WhatIsUnderWayEndsAndNothingFollows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Keyed)
		st := play(t, database, s, s)
		under, waiting := st.thread("", "under way"), st.thread("", "waiting")
		s.on("post", answer{made: true, then: func() {
			if err := st.channels.Disconnect(context.Background(), st.actor, st.channel.ID); err != nil {
				t.Error(err)
			}
		}})
		st.run(time.Minute)
		if st.target(t, under.ID).State != post.Published || st.target(t, waiting.ID).State == post.Published || s.count("post") != 1 {
			t.Errorf("under way: %s, waiting: %s, calls %v", st.target(t, under.ID).State, st.target(t, waiting.ID).State, s.calls)
		}
		if got := st.target(t, waiting.ID); got.State != post.Held || got.HeldReason == "" {
			t.Errorf("the next is %s (%s)", got.State, got.HeldReason)
		}
		left, err := db.One[int](context.Background(), database, `select count(*) from connections where id = (select connection_id from channels where id = $1) and grant_sealed <> ''`, st.channel.ID)
		if err != nil || left != 0 {
			t.Errorf("the grant is still there: %d, %v", left, err)
		}
	})
}
