package networktest

import (
	"slices"
	"testing"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// audienceIsHonest reads the public (A04): only what the spec names, each breakdown once, shares that make sense, hours
// of a week, and a word about whatever is not told.
func audienceIsHonest(t *testing.T, w *World) {
	n, ok := w.Network.(network.AudienceReader)
	if !ok {
		t.Skip("tells nothing of the public")
	}
	spec := w.Network.Spec().Audience
	a, err := n.Audience(t.Context(), w.Session)
	if w.Unread {
		if !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
			t.Errorf("an account without a public to tell of is answered with %+v, %v", a, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	type key struct {
		of network.Population
		by network.Dimension
	}
	said := map[key]bool{}
	say := func(of network.Population, by network.Dimension) {
		if said[key{of, by}] {
			t.Errorf("%s by %s is told twice", of, by)
		}
		said[key{of, by}] = true
	}
	for _, b := range a.Breakdowns {
		say(b.Of, b.By)
		if !slices.ContainsFunc(spec.Tells, func(t network.AudienceTold) bool { return t.Of == b.Of && t.By == b.By }) {
			t.Errorf("%s by %s is told, and the spec does not name it", b.Of, b.By)
		}
		values, total := map[string]bool{}, int64(0)
		for _, g := range b.Groups {
			if values[g.Value] || g.Value == "" || g.N <= 0 {
				t.Errorf("%s by %s has the group %+v twice, or nameless or empty", b.Of, b.By, g)
			}
			values[g.Value] = true
			total += g.N
		}
		if len(b.Groups) == 0 {
			t.Errorf("%s by %s has no groups: it should be withheld", b.Of, b.By)
		}
		disjoint := b.By != network.ByInterest && b.By != network.BySearch // the others put each person into one group
		if disjoint && (b.Parts && total > 10_010 || !b.Parts && b.Base > 0 && total > b.Base) {
			t.Errorf("%s by %s adds up to %d of %d", b.Of, b.By, total, b.Base)
		}
	}
	for _, h := range a.Hours {
		if spec.Hours == "" || h.Hour < 0 || h.Hour > 23 || h.Day < 0 || h.Day > 6 || h.N < 0 {
			t.Errorf("%+v is no hour of a week, or the spec tells none", h)
		}
	}
	for _, h := range a.Withheld {
		if h.Why == "" {
			t.Errorf("%s by %s is withheld without a reason", h.Of, h.By)
		}
		if h.By != "" {
			say(h.Of, h.By)
		}
	}
	for _, told := range spec.Tells {
		if told.Of != network.Joined && !said[key{told.Of, told.By}] { // an account nobody joined lately has nothing to tell
			t.Errorf("%s by %s is neither told nor withheld", told.Of, told.By)
		}
	}
	if len(a.Breakdowns) == 0 {
		t.Error("the fake's account has a public, and nothing is told of it")
	}
}
