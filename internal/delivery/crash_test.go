package delivery_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

func TestR1ADeathAfterAcceptance(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Keyed)
		st := play(t, database, s, findable{s})
		p := st.thread("", "hello")
		st.dies(delivery.AfterCall, 1)
		st.run(10 * time.Second)
		if got := st.is(p, post.Published, 1); got.RemoteID != "it-1" || s.count("post") != 1 {
			t.Errorf("published as %s after %d calls", got.RemoteID, s.count("post"))
		}
	})
}

func TestR1ADeathAfterAcceptanceIsFoundByLooking(t *testing.T) {
	s := newScript(network.Findable)
	st := play(t, dbtest.SQLite(t), s, findable{s})
	p := st.thread("", "hello")
	st.dies(delivery.AfterCall, 1)
	st.run(10 * time.Second)
	st.is(p, post.Published, 1)
	if s.count("post") != 1 || s.count("find post") != 1 {
		t.Errorf("calls: %v", s.calls)
	}
}

func TestR1ADeathAfterAcceptanceAsksWhereNothingCanBeRead(t *testing.T) {
	s := newScript(network.Once)
	st := play(t, dbtest.SQLite(t), s, s)
	p := st.thread("", "hello")
	st.dies(delivery.AfterCall, 1)
	st.run(48 * time.Hour)
	st.is(p, post.NeedsHuman, 1)
	if s.count("post") != 1 {
		t.Errorf("it was sent %d times", s.count("post"))
	}
	if d := st.delivery(p); d.State != delivery.NeedsHuman || d.Reason == "" || d.Hint == "" || d.ResponsibleID == "" {
		t.Errorf("the delivery is %s: %q, %q", d.State, d.Reason, d.Hint)
	}
}

func TestR2ADeathBeforeTheRequestLeaves(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Keyed)
		st := play(t, database, s, s)
		for i, point := range []string{delivery.BeforeTake, delivery.AfterTake, delivery.BeforeIntent, delivery.AfterIntent} {
			p := st.thread("", "hello "+point)
			st.dies(point, 1)
			st.run(10 * time.Second)
			st.is(p, post.Published, i+1)
			if late := st.delivery(p).LateBy; late > 10*time.Second {
				t.Errorf("%s: late by %s", point, late)
			}
		}
	})
}

func TestR11ADeathBetweenParts(t *testing.T) {
	for _, point := range []string{delivery.AfterCall, delivery.AfterOutcome, delivery.BetweenParts, delivery.BeforeComment} {
		for _, kind := range []network.StepKind{network.Keyed, network.Findable} {
			s := newScript(kind)
			st := play(t, dbtest.SQLite(t), s, findable{s})
			p := st.thread("and a comment", "one", "two", "three")
			passing := 2
			if point == delivery.BeforeComment {
				passing = 1
			}
			st.dies(point, passing)
			st.run(10 * time.Second)
			st.is(p, post.Published, 4)
			want := []item{{"it-1", "one", ""}, {"it-2", "two", "it-1"}, {"it-3", "three", "it-2"}, {"it-4", "and a comment", "it-1"}}
			if !slices.Equal(s.live, want) {
				t.Errorf("%s, %s: %v", point, kind, s.live)
			}
		}
	}
}

func TestAWorkerThatLostItsLeaseWritesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Keyed)
		st := play(t, database, s, findable{s})
		p := st.thread("", "hello")
		other := st.process(nil)
		s.on("post", answer{made: true, then: func() { // it takes so long that another process takes over and publishes
			s.mu.Unlock()
			defer s.mu.Lock()
			st.now = st.now.Add(time.Minute)
			if _, err := other.Step(context.Background()); err != nil {
				t.Error(err)
			}
			st.now = st.now.Add(2 * time.Second)
			if _, err := other.Step(context.Background()); err != nil {
				t.Error(err)
			}
			if got := st.target(t, p.ID); got.State != post.Published {
				t.Errorf("the other process left it %s", got.State)
			}
		}})
		st.run(0)
		st.is(p, post.Published, 1)
		d := st.delivery(p)
		accepted, err := db.One[int](context.Background(), database, `select count(*) from attempts where delivery_id = $1 and class = 'accepted'`, d.ID)
		if err != nil || accepted > 1 || d.Fence < 2 {
			t.Errorf("%d calls count as accepted, fence %d, %v", accepted, d.Fence, err)
		}
	})
}

func TestACommitThatFailsIsNotForgotten(t *testing.T) {
	s := newScript(network.Keyed)
	st := play(t, dbtest.SQLite(t), s, findable{s})
	p := st.thread("", "hello")
	broken := true
	st.j = st.journal.Rigged(delivery.Rig{Clock: func() time.Time { return st.now }, Commit: func(commit func() error) error {
		if broken && s.count("post") > 0 { // the disk is full from the moment the network has answered
			return context.DeadlineExceeded
		}
		return commit()
	}})
	st.run(0)
	broken = false
	st.run(10 * time.Second)
	st.is(p, post.Published, 1)
	if s.count("post") != 1 {
		t.Errorf("it was sent %d times", s.count("post"))
	}
}
