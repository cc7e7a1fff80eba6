package journal

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network"
)

// fate is what the journal says of a promise.
type fate struct {
	ID     string `db:"id"` // the target's
	State  string `db:"state"`
	Why    string `db:"held_reason"`
	Remote string `db:"remote_id"`

	doubts []doubt
}

// doubt is a step whose answer never came, and how often it was called.
type doubt struct {
	Target  string           `db:"target_id"`
	Name    string           `db:"name"`
	Kind    network.StepKind `db:"kind"`
	Refused bool             `db:"refused"`
	Calls   int              `db:"calls"`
	Looks   int              `db:"looks"`
}

// tally counts what became of the posts of one channel.
type tally struct{ published, partly, failed, human, live int }

func (n tally) sum() int { return n.published + n.partly + n.failed + n.human }

// judge compares the journal with the ledgers of all networks.
func (w *wide) judge(t *testing.T, d *db.DB) map[*seat]*tally {
	t.Helper()
	fates := w.fates(t, d)
	told := map[string]bool{}
	known, err := db.All[string](context.Background(), d, `select kind || ' ' || entity from events where kind like 'target.%'`)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range known {
		told[k] = true
	}
	for _, f := range w.fakes {
		for _, wrong := range f.Violations() {
			t.Errorf("%s does not allow: %s", f.Key, wrong)
		}
	}
	tallies := map[*seat]*tally{}
	for _, s := range w.seats {
		tallies[s] = &tally{}
	}
	for _, p := range w.promises {
		n, is := tallies[p.on], fates[p.target]
		live := 0
		for i, text := range p.texts {
			ids := p.on.live(text)
			if len(ids) > 1 {
				t.Errorf("DOUBLE: %q is live %d times on %s (%s)", text, len(ids), p.on, p.target)
			}
			if len(ids) > 0 {
				live++
				if i == 0 && is.Remote != "" && is.Remote != ids[0] {
					t.Errorf("WRONG: %q is live on %s as %s, the journal says %s", text, p.on, ids[0], is.Remote)
				}
			}
		}
		n.live += live
		if !told["target."+is.State+" "+p.target] {
			t.Errorf("SILENT: nobody was told that %s on %s is %s", p.target, p.on, is.State)
		}
		switch {
		case is.State == "published" && live == len(p.texts):
			n.published++
		case is.State == "partly_published" && live > 0 && live < len(p.texts):
			n.partly++
		case is.State == "failed" && live == 0, is.State == "held" && live == 0 && strings.Contains(is.Why, "past the late window"):
			n.failed++ // or tried so often that the next time would be too late without asking
		case is.State == "needs_human" && p.excuse(is) == "":
			n.human++
		default:
			t.Errorf("LOST: %s on %s is %s (%s) with %d of %d parts live; %s", p.target, p.on, is.State, is.Why, live, len(p.texts), p.excuse(is))
		}
	}
	return tallies
}

// excuse says why a person should not have been asked; "" where the proof of the step in doubt allows no more.
func (p promise) excuse(is *fate) string {
	if len(is.doubts) == 0 {
		return "no step of it is in doubt"
	}
	for _, d := range is.doubts {
		switch {
		case d.Calls == 0:
			return fmt.Sprintf("step %s is in doubt without a call as evidence", d.Name)
		case d.Kind == network.Once && d.Calls > 1:
			return fmt.Sprintf("step %s may be called once, and was called %d times", d.Name, d.Calls)
		case d.Kind == network.Once:
			continue
		case d.Looks == 0:
			return fmt.Sprintf("step %s is %s, and nobody looked for it", d.Name, d.Kind)
		case d.Kind == network.Keyed && !d.Refused:
			return fmt.Sprintf("step %s has a key, and its repetition was not refused", d.Name)
		case p.stands(d):
			return fmt.Sprintf("step %s is %s and live, and was looked for %d times in vain", d.Name, d.Kind, d.Looks)
		}
	}
	return ""
}

// stands reports whether what a step in doubt was to make is live.
func (p promise) stands(d doubt) bool {
	i := 0
	switch {
	case d.Name == "comment":
		i = len(p.texts) - 1
	case strings.HasPrefix(d.Name, "part-"):
		if _, err := fmt.Sscanf(d.Name, "part-%d", &i); err != nil {
			return false
		}
		i--
	}
	return len(p.on.live(p.texts[i])) > 0
}

func (w *wide) fates(t *testing.T, d *db.DB) map[string]*fate {
	t.Helper()
	rows, err := db.All[fate](context.Background(), d, `select id, state, held_reason, remote_id from targets`)
	if err != nil {
		t.Fatal(err)
	}
	fates := map[string]*fate{}
	for _, r := range rows {
		fates[r.ID] = &r
	}
	// A call that was put off or refused did nothing, and may be made again.
	doubts, err := db.All[doubt](context.Background(), d, `select d.target_id, s.name, s.kind, s.refused,
			(select count(*) from attempts a where a.delivery_id = d.id and a.step = s.name and a.class in ('', 'unknown', 'accepted', 'pending')) as calls,
			(select count(*) from attempts a where a.delivery_id = d.id and a.step = 'look up ' || s.name) as looks
		from delivery_steps s join deliveries d on d.workspace_id = s.workspace_id and d.id = s.delivery_id where s.state = 'unknown' order by s.position`)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range doubts {
		if f := fates[one.Target]; f != nil {
			f.doubts = append(f.doubts, one)
		}
	}
	return fates
}
