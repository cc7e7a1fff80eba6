package journal

import (
	"slices"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake/every"
)

// TestR1R2R11EveryNetworkSurvivesKills kills the program at random while posts come due on a channel of every network,
// with the files and settings that each of them wants, and answers are lost: to the public call, to uploads and to reads.
func TestR1R2R11EveryNetworkSurvivesKills(t *testing.T) {
	kills, seed := number("BELLWETHER_WIDE_KILLS", 60, 12), uint64(number("BELLWETHER_WIDE_SEED", 1, 1))
	each(t, func(t *testing.T, database func(*testing.T) string) {
		w := newWide(t, database(t), seed)
		begin, life := db.Now(), 250*time.Millisecond
		w.with(func(d *db.DB) { w.plan(d, 2+kills/6, db.Now().Add(time.Second), time.Duration(kills)*life) })
		t.Logf("%d posts planned on %d channels in %s", len(w.promises), len(w.seats), time.Since(begin).Round(time.Millisecond))
		for i, f := range w.fakes {
			f.Faults.Chance("create", seed+uint64(i), 0.3, answers...)
			f.Faults.Chance("upload", seed+uint64(i), 0.1, answers...)
			f.Faults.Chance("read", seed+uint64(i), 0.1, networkfake.ErrorBefore, networkfake.DropBefore, networkfake.Truncated)
		}
		instances := 1
		if w.database != "" {
			instances = 2
		}
		running := make([]*process, instances)
		for i := range running {
			running[i] = w.start()
		}
		begin = db.Now()
		for n := range kills {
			i := n % instances
			<-running[i].ready
			<-time.After(time.Duration(w.chance.Int64N(int64(life))))
			running[i].kill()
			running[i] = w.start()
		}
		for i, p := range running {
			if i > 0 {
				p.kill()
			}
		}
		for _, f := range w.fakes {
			f.Faults.Heal()
		}
		t.Logf("%d kills in %s", kills, time.Since(begin).Round(time.Millisecond))
		w.settle(t, running[0])
		w.with(func(d *db.DB) {
			tallies := w.judge(t, d)
			for _, s := range w.seats {
				n := tallies[s]
				t.Logf("%-32s %3d posts: %3d published, %d partly, %d refused, %d for a person; %d items live", s, n.sum(), n.published, n.partly, n.failed, n.human, n.live)
				if n.published+n.human < n.sum()/2 || n.published == 0 && !slices.ContainsFunc(s.Posts, func(p every.Post) bool { return p.Kind == network.Once }) {
					t.Errorf("on %s too little was published to prove anything", s)
				}
			}
			t.Logf("%d posts, %s in all", len(w.promises), time.Since(begin).Round(time.Millisecond))
		})
	})
}
