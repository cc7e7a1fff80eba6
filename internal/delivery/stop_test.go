package delivery_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func TestD12TheStopReachesWhatIsClaimedAndNotSent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Keyed)
		s.upload = true
		st := play(t, database, s, s)
		s.on("media-1", answer{then: func() { // while a file is being sent
			s.mu.Unlock()
			defer s.mu.Lock()
			st.exec(`update workspaces set paused_until = $1, paused_reason = 'a crisis'`, st.now.Add(time.Hour))
		}})
		p := st.thread("", "hello")
		st.run(time.Minute)
		if got := st.is(p, post.Held, 0); got.HeldReason != "publishing is stopped in this workspace: a crisis" || s.count("post") != 0 {
			t.Errorf("held because %q, calls %v", got.HeldReason, s.calls)
		}
	})
}

func TestAStopInTheMiddleOfAThreadIsWaitedOut(t *testing.T) {
	s := newScript(network.Keyed)
	st := play(t, dbtest.SQLite(t), s, s)
	s.on("post", answer{made: true, then: func() {
		s.mu.Unlock()
		defer s.mu.Lock()
		st.exec(`update channels set paused_until = $1`, st.now.Add(10*time.Minute))
	}})
	p := st.thread("", "one", "two")
	st.run(5 * time.Minute)
	if d := st.delivery(p); d.State != delivery.Blocked || len(s.texts()) != 1 {
		t.Fatalf("the delivery is %s with %v live", d.State, s.texts())
	}
	st.run(6 * time.Minute)
	st.is(p, post.Published, 2)
}

func TestR9CancelAndSendRace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Once)
		st := play(t, database, s, s)
		cancelled := 0
		for i := range 20 {
			p := st.thread("", "post "+string(rune('a'+i)))
			before := len(s.texts())
			var both sync.WaitGroup
			var refused error
			both.Go(func() { refused = st.posts.Cancel(context.Background(), st.actor, p.ID) })
			both.Go(func() {
				if _, err := st.j.Step(context.Background()); err != nil {
					t.Error(err)
				}
			})
			both.Wait()
			st.run(2 * time.Second)
			live := len(s.texts()) - before
			switch {
			case refused == nil && live > 0:
				t.Fatal("it went out after “cancelled” was shown")
			case refused == nil:
				cancelled++
			case !fault.Is(refused, fault.Conflict):
				t.Fatal(refused)
			case live != 1:
				t.Fatalf("cancelling was refused, and %d went out", live)
			}
		}
		t.Logf("%d of 20 were cancelled in time", cancelled)
	})
}

func TestR6TwoProcessesOnOneDatabaseSendEachOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Once)
		st := play(t, database, s, s)
		for i := range 60 {
			st.thread("", "post "+string(rune('a'+i%26))+string(rune('a'+i/26)))
		}
		st.exec(`update targets set due_at = $1`, db.Now())
		ctx, stop := context.WithCancel(context.Background())
		var both sync.WaitGroup
		for range 2 {
			j := st.journal.Rigged(delivery.Rig{})
			both.Go(func() {
				if err := j.Run(ctx, context.Background(), false); err != nil {
					t.Error(err)
				}
			})
		}
		waitFor(t, func() bool { return len(s.texts()) >= 60 })
		waitFor(t, func() bool {
			n, err := db.One[int](context.Background(), database, `select count(*) from targets where state = 'published'`)
			return err == nil && n == 60
		})
		stop()
		both.Wait()
		if n := len(s.live); n != 60 {
			t.Errorf("%d copies of 60 posts", n)
		}
	})
}

func TestR46AStopWaitsForCallsUnderWay(t *testing.T) {
	s := newScript(network.Once)
	st := play(t, dbtest.SQLite(t), s, s)
	s.hold = make(chan struct{})
	p := st.thread("", "hello")
	st.exec(`update targets set due_at = $1`, db.Now())
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- st.journal.Run(ctx, context.Background(), true) }()
	waitFor(t, func() bool {
		return st.target(t, p.ID).State == post.Publishing && st.delivery(p).State == delivery.Sending
	})
	stop()
	select {
	case <-done:
		t.Fatal("it did not wait for the call")
	case <-time.After(30 * time.Millisecond):
	}
	close(s.hold)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	st.is(p, post.Published, 1)
}

func TestR46WhatIsCutOffIsMarkedAndNotSentAgain(t *testing.T) {
	s := newScript(network.Once)
	st := play(t, dbtest.SQLite(t), s, s)
	s.hold = make(chan struct{})
	p := st.thread("", "hello")
	st.exec(`update targets set due_at = $1`, db.Now())
	ctx, stop := context.WithCancel(context.Background())
	calls, cut := context.WithCancelCause(context.Background())
	done := make(chan error)
	go func() { done <- st.journal.Run(ctx, calls, true) }()
	waitFor(t, func() bool {
		return st.target(t, p.ID).State == post.Publishing && st.delivery(p).State == delivery.Sending
	})
	stop()
	cut(errors.New("twenty seconds are over"))
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	st.is(p, post.NeedsHuman, 0)
}

func TestR29ClockSteps(t *testing.T) {
	s := newScript(network.Once)
	st := play(t, dbtest.SQLite(t), s, s)
	first := st.thread("", "before the step")
	st.run(time.Second)
	st.is(first, post.Published, 1)
	later := st.thread("", "due in half an hour")
	st.exec(`update targets set due_at = $1 where post_id = $2`, st.now.Add(30*time.Minute), later.ID)
	st.now = st.now.Add(-time.Hour) // back: nothing is sent again, nothing early
	st.run(time.Minute)
	st.is(first, post.Published, 1)
	st.now = st.now.Add(3 * time.Hour) // ahead: what is due meanwhile is sent, and marked late
	st.run(time.Second)
	st.is(later, post.Published, 2)
	if late := st.delivery(later).LateBy; late < 29*time.Minute {
		t.Errorf("late by %s", late)
	}
}

func TestR17RemovedByTheNetworkIsNoticed(t *testing.T) {
	s := newScript(network.Keyed)
	st := play(t, dbtest.SQLite(t), s, findable{s})
	p := st.thread("", "hello")
	st.run(5 * time.Second)
	st.is(p, post.Published, 1)
	if d := st.delivery(p); d.State != delivery.Verified || d.CheckedAt.IsZero() {
		t.Fatalf("the delivery is %s", d.State)
	}
	s.hide = true
	st.run(6 * time.Minute)
	st.is(p, post.Removed, 1)
}

func TestC17WhatIsNotShownAtFirstIsWaitedFor(t *testing.T) {
	s := newScript(network.Keyed)
	st := play(t, dbtest.SQLite(t), s, findable{s})
	s.hide = true
	p := st.thread("", "hello")
	st.run(5 * time.Second)
	if d := st.delivery(p); d.State != delivery.NotVisible {
		t.Fatalf("the delivery is %s", d.State)
	}
	s.hide = false
	st.run(6 * time.Minute)
	if d := st.delivery(p); d.State != delivery.Verified {
		t.Fatalf("the delivery is %s", d.State)
	}
}

func TestC21DeletingTakesEveryPartDown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Keyed)
		st := play(t, database, s, findable{s})
		p := st.thread("a comment", "one", "two")
		st.run(time.Second)
		st.is(p, post.Published, 3)
		d, err := st.j.Delete(context.Background(), st.actor, st.target(t, p.ID).ID)
		if err != nil {
			t.Fatal(err)
		}
		st.run(time.Second)
		st.is(p, post.Removed, 0)
		if last := s.calls[len(s.calls)-3:]; last[0] != "delete it-3" || last[2] != "delete it-1" {
			t.Errorf("calls %v", last)
		}
		if got, err := st.journal.Get(context.Background(), st.actor, d.ID); err != nil || got.State != delivery.Accepted || !got.NextAt.IsZero() {
			t.Errorf("the deletion is %s, %v", got.State, err)
		}
	})
}

func TestNothingOfAnotherWorkspaceCanBeDecided(t *testing.T) {
	s := newScript(network.Once)
	st := play(t, dbtest.SQLite(t), s, s)
	s.on("post", lost)
	p := st.thread("", "hello")
	st.run(0)
	stranger := st.actor
	stranger.WorkspaceID = "ws_2"
	d := st.delivery(p)
	if err := st.j.Resolve(context.Background(), stranger, d.ID, delivery.IsLive, ""); !fault.Is(err, fault.NotFound) {
		t.Errorf("resolve: %v", err)
	}
	if _, err := st.j.Retry(context.Background(), stranger, d.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("retry: %v", err)
	}
	viewer := st.actor
	viewer.Grants = []workspace.RoleGrant{{Role: workspace.Analyst}}
	if err := st.j.Resolve(context.Background(), viewer, d.ID, delivery.IsLive, ""); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by who may only read: %v", err)
	}
	viewer.Grants = nil
	if err := st.j.Resolve(context.Background(), viewer, d.ID, delivery.IsLive, ""); !fault.Is(err, fault.NotFound) {
		t.Errorf("without a role: %v", err)
	}
	if steps, err := st.j.Steps(context.Background(), stranger, d.ID); !fault.Is(err, fault.NotFound) || len(steps) != 0 {
		t.Errorf("steps: %v, %v", steps, err)
	}
}

// waitFor asks until something is so.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(); <-time.After(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never came to be")
		}
	}
}
