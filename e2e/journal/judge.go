package journal

import (
	"context"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network/mastodon/mastodonfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// verdict is what became of everything that was planned.
type verdict struct{ published, partly, failed, human, live int }

// judge compares the journal with the ledgers.
func (l *lab) judge(t *testing.T, database *db.DB) verdict {
	t.Helper()
	type row struct {
		ID    string `db:"id"`
		State string `db:"state"`
		Why   string `db:"held_reason"`
	}
	rows, err := db.All[row](context.Background(), database, `select id, state, held_reason from targets`)
	if err != nil {
		t.Fatal(err)
	}
	known, err := db.All[string](context.Background(), database, `select kind || ' ' || entity from events`)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, k := range known {
		told[k] = true
	}
	states := map[string]row{}
	for _, r := range rows {
		states[r.ID] = r
	}
	copies := map[*server]map[string]int{}
	for _, s := range l.servers {
		copies[s] = map[string]int{}
		for _, it := range networkfake.Of(s.Items(), mastodonfake.Brand) {
			copies[s][it.Text]++
		}
		for _, wrong := range s.Violations() {
			t.Errorf("%s: %s", s.URL, wrong)
		}
	}
	var v verdict
	for _, p := range l.planned {
		live := 0
		for _, text := range p.texts {
			n := copies[p.on][text]
			if n > 1 {
				t.Errorf("DOUBLE: %q is live %d times (%s)", text, n, p.target)
			}
			live += min(n, 1)
		}
		v.live += live
		s := states[p.target]
		if !told["target."+s.State+" "+p.target] {
			t.Errorf("SILENT: nobody was told that %s is %s", p.target, s.State)
		}
		switch {
		case s.State == "published" && live == len(p.texts):
			v.published++
		case s.State == "partly_published" && live > 0 && live < len(p.texts):
			v.partly++
		case s.State == "failed" && live == 0:
			v.failed++
		case s.State == "needs_human" && (!p.on.keyed || strings.Contains(s.Why, "its repetition was refused")):
			v.human++
		default:
			t.Errorf("LOST: %s is %s (%s) with %d of %d parts live", p.target, s.State, s.Why, live, len(p.texts))
		}
	}
	return v
}
