package journal

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// each runs a test on both engines; database gives every lab a fresh one.
func each(t *testing.T, run func(t *testing.T, database func(*testing.T) string)) {
	t.Run("sqlite", func(t *testing.T) { run(t, func(*testing.T) string { return "" }) })
	t.Run("postgres", func(t *testing.T) { run(t, func(t *testing.T) string { return dbtest.PostgresURL(t) }) })
}

// number reads how long a run is: from the environment, long with CI set, short otherwise.
func number(name string, long, short int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	if os.Getenv("CI") != "" {
		return long
	}
	return short
}

// answers are the ways to lose an answer that a caller notices at once.
var answers = []networkfake.Fault{networkfake.ErrorAfter, networkfake.DropAfter, networkfake.ResetAfter, networkfake.Truncated, networkfake.HTMLAfter, networkfake.EmptySuccess,
	networkfake.DropBefore, networkfake.Invalid}

// TestR1R2R11RandomKills kills the program at random while posts come due all the time and answers are lost.
func TestR1R2R11RandomKills(t *testing.T) {
	kills := number("BELLWETHER_KILLS", 300, 40)
	each(t, func(t *testing.T, database func(*testing.T) string) {
		l := newLab(t, database(t), 6, 1)
		begin := db.Now()
		gap := 40 * time.Millisecond
		l.with(func(d *db.DB) {
			l.plan(d, 2+kills*200/int(gap.Milliseconds())/2, begin.Add(300*time.Millisecond), 2*gap)
		})
		instances := 1
		if l.database != "" {
			instances = 2 // replicas, which die one at a time
		}
		running := make([]*process, instances)
		for i := range running {
			running[i] = l.start()
		}
		for n := range kills {
			i := n % instances
			for _, s := range l.servers {
				if l.chance.Float64() < 0.25 {
					s.Faults.Next("create", answers[l.chance.IntN(len(answers))])
				}
			}
			<-running[i].ready
			<-time.After(time.Duration(l.chance.IntN(250)) * time.Millisecond / time.Duration(instances))
			running[i].kill()
			running[i] = l.start()
		}
		for i, p := range running {
			if i > 0 {
				p.kill()
			}
		}
		for _, s := range l.servers {
			s.Faults.Heal() // more answers were to be lost than calls were made; a network that never works again proves nothing
		}
		t.Logf("%d kills in %s", kills, time.Since(begin).Round(time.Millisecond))
		l.settle(t, running[0])
		l.with(func(d *db.DB) {
			v := l.judge(t, d)
			t.Logf("%d targets: %d published, %d partly, %d refused, %d for a person; %d items live; %s in all", len(l.planned), v.published, v.partly, v.failed, v.human, v.live,
				time.Since(begin).Round(time.Millisecond))
			if v.published < len(l.planned)/2 {
				t.Error("too little was published to prove anything")
			}
		})
	})
}

// settle lets the program end everything. Waiting times are shortened by moving them, while it is down, into the past:
// two hours pass between two rounds.
func (l *lab) settle(t *testing.T, p *process) {
	t.Helper()
	for round := range 8 {
		began := time.Now()
		left, same := -1, 0
		l.with(func(d *db.DB) {
			for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline) && same < 30; <-time.After(50 * time.Millisecond) {
				n := l.open(d)
				if same++; n != left {
					left, same = n, 0
				}
				if n == 0 {
					return
				}
			}
		})
		t.Logf("round %d: %d open after %s", round, left, time.Since(began).Round(time.Millisecond))
		if err := p.stop(); err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
		l.with(func(d *db.DB) { l.later(d, 2*time.Hour) })
		p = l.start()
	}
	l.with(func(d *db.DB) { t.Errorf("the journal does not come to an end\n%s\n%s", l.waiting(d), p.log.String()) })
	p.kill()
}

// later moves what waits into the past.
func (l *lab) later(d *db.DB, by time.Duration) {
	l.exec(d, `update delivery_steps set doubt_at = doubt_at - $1, sent_at = sent_at - $1 where state <> 'accepted' and kind <> 'keyed'`, by)
	l.exec(d, `update deliveries set looked = 4 where state = 'unknown'`) // the looks that would have been made by then
	l.exec(d, `update deliveries set next_at = next_at - $1, lease_until = null, lease_owner = '' where next_at is not null and accepted_at is null`, by)
}

// inARow is how often the program dies at a point, always with new posts besides what the last death left, before it is
// let live. What ends the program in the midst of sending again and again is looked at with growing pauses, by design.
func inARow(point string) int {
	switch point {
	case delivery.AfterIntent, delivery.AfterCall, delivery.AfterLook, delivery.OnRefresh:
		return 2
	}
	return 5
}

// TestCrashPoints lets the program die at every named point, on the n-th passing and several times in a row, and asks
// of its next life that everything is settled within ten seconds (R1, R2, G26).
func TestCrashPoints(t *testing.T) {
	times := number("BELLWETHER_CRASHES", 20, 2)
	each(t, func(t *testing.T, database func(*testing.T) string) {
		for i, point := range delivery.CrashPoints {
			t.Run(point, func(t *testing.T) {
				t.Parallel()
				l := newLab(t, database(t), 2, uint64(i))
				var slowest time.Duration
				for n := range times {
					if !l.crash(t, point, 1+n%4) {
						t.Errorf("the program passed the point alive in round %d", n)
					}
					if row := inARow(point); n%row == row-1 || n == times-1 {
						for _, s := range l.servers { // faults that no call has met yet are not this life's
							s.Faults.Heal()
						}
						if point == delivery.AfterLook { // whose answer was lost twice is looked up half a minute later, by design: it passes here
							l.with(func(d *db.DB) {
								l.exec(d, `update deliveries set next_at = $1 where state = 'unknown' and next_at > $1`, db.Now())
							})
						}
						slowest = max(slowest, l.life(t))
					}
				}
				l.with(func(d *db.DB) {
					v := l.judge(t, d)
					t.Logf("%d targets: %d published, %d items live; settled at most %s after the restart", len(l.planned), v.published, v.live, slowest.Round(time.Millisecond))
				})
				if slowest > 10*time.Second {
					t.Errorf("settling took %s", slowest)
				}
			})
		}
	})
}

// crash plays one death; false when the program lives on.
func (l *lab) crash(t *testing.T, point string, passing int) bool {
	t.Helper()
	l.with(func(d *db.DB) { l.plan(d, 4, db.Now(), 0) })
	switch point {
	case delivery.BeforeTake, delivery.AfterTake: // all that is due is taken at once
		passing = 1
	case delivery.BeforeComment: // of four posts in a row one at least has a comment, at two servers
		passing = 1 + passing%2
	case delivery.AfterLook: // there must be something to look up
		for _, s := range l.servers {
			s.Faults.Next("create", networkfake.DropAfter, networkfake.ErrorAfter, networkfake.DropAfter, networkfake.ErrorAfter)
		}
	case delivery.OnRefresh:
		l.servers[0].Faults.Next("create", networkfake.Unauthorised)
		passing = 1 + passing%2
	case delivery.DuringReadBack:
		l.life(t)
		l.with(func(d *db.DB) { l.exec(d, `update deliveries set next_at = $1 where next_at > $1`, db.Now()) })
	}
	p := l.start("BELLWETHER_CRASH="+point+":"+strconv.Itoa(passing), "BELLWETHER_CRASH_ALLOWED=1")
	dead := false
	select {
	case <-p.exited:
		dead = p.died()
	case <-time.After(10 * time.Second):
		p.kill()
	}
	if point == delivery.OnRefresh {
		l.reconnect()
	}
	return dead
}

// life runs the program until everything is settled.
func (l *lab) life(t *testing.T) time.Duration {
	t.Helper()
	begin := time.Now()
	p := l.start()
	defer p.kill()
	l.with(func(d *db.DB) {
		for l.open(d) > 0 {
			if time.Since(begin) > 30*time.Second {
				t.Fatalf("not settled within 30 s of the restart: %s\n%s", l.waiting(d), p.log.String())
			}
			<-time.After(5 * time.Millisecond)
		}
	})
	return time.Since(begin)
}

// reconnect is what a person does after a refused grant: connect again, and send what was held.
func (l *lab) reconnect() {
	l.with(func(d *db.DB) {
		l.exec(d, `update connections set state = 'connected', state_reason = ''`)
		l.exec(d, `update targets set state = 'scheduled' where state = 'held'`)
	})
}
