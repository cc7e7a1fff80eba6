package delivery

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

var state = rapid.SampledFrom(States)

func TestADoubtIsNeverLeftByAccident(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, to := state.Draw(t, "from"), state.Draw(t, "to")
		path := from.path(to)
		if (from == Unknown || from == NeedsHuman) && path != nil && len(path) > 1 {
			t.Fatalf("%s becomes %s by itself, through %v", from, to, path)
		}
		at := from
		for i, s := range path {
			if !at.CanBecome(s) {
				t.Fatalf("%s cannot become %s on the way from %s to %s", at, s, from, to)
			}
			if i < len(path)-1 && !slices.Contains([]State{Prepared, Retrying, Blocked}, s) {
				t.Fatalf("%s is passed through on the way from %s to %s", s, from, to)
			}
			at = s
		}
		if path != nil && at != to {
			t.Fatalf("the way from %s to %s ends in %s", from, to, at)
		}
	})
}

func TestWhatIsUnknownIsSentAgainOnlyAfterALookOrAPerson(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at, cleared := Unknown, false
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			next := transitions[at]
			if len(next) == 0 {
				return
			}
			at = rapid.SampledFrom(next).Draw(t, "next")
			cleared = cleared || at == Reconciled || at == NeedsHuman
			if at == Unknown {
				cleared = false
			}
			if at == Sending && !cleared {
				t.Fatal("an unknown outcome was sent again")
			}
		}
	})
}

func TestEveryStateHasAnEnd(t *testing.T) {
	for _, from := range States {
		reached, open := map[State]bool{from: true}, []State{from}
		for len(open) > 0 {
			s := open[0]
			open = open[1:]
			for _, to := range transitions[s] {
				if !reached[to] {
					reached[to] = true
					open = append(open, to)
				}
			}
		}
		if !slices.ContainsFunc(States, func(s State) bool { return reached[s] && len(transitions[s]) == 0 }) {
			t.Errorf("%s never ends", from)
		}
	}
	for _, end := range []State{Failed, Cancelled, Removed} {
		if len(transitions[end]) > 0 {
			t.Errorf("%s is an end, and goes on", end)
		}
	}
}

func TestLostAnswersAreTreatedByTheKindOfStep(t *testing.T) {
	for _, c := range []struct {
		kind          network.StepKind
		find, keyLife bool
		want          remedy
	}{
		{network.Repeatable, false, false, resend}, {network.Repeatable, true, true, resend},
		{network.Keyed, true, true, lookUp}, {network.Keyed, true, false, lookUp}, {network.Keyed, false, true, resend}, {network.Keyed, false, false, ask},
		{network.Findable, true, false, lookUp}, {network.Findable, false, false, ask},
		{network.Once, false, false, ask}, {network.Once, true, true, ask},
	} {
		if got := remedyFor(c.kind, c.find, c.keyLife); got != c.want {
			t.Errorf("%s, can find %t, key lives %t: %s, want %s", c.kind, c.find, c.keyLife, got, c.want)
		}
	}
}

func TestNothingWithoutAKeyIsSentAgainOnANotSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]network.StepKind{network.Findable, network.Once, network.Keyed}).Draw(t, "kind")
		lives, may := rapid.Bool().Draw(t, "lives"), rapid.Bool().Draw(t, "may")
		found := rapid.SampledFrom([]network.Finding{network.Found, network.Absent, network.NotSeen}).Draw(t, "found")
		since := time.Duration(rapid.Int64Range(0, int64(30*time.Hour)).Draw(t, "since"))
		v := verdictOn(kind, lives, found, since, may)
		switch {
		case found == network.Found && v != adopt:
			t.Fatalf("what was found is not adopted: %s", v)
		case v == sendAgain && (kind != network.Keyed || !may):
			t.Fatalf("%s is sent again without a key, or against the rule", kind)
		case v == absent && (found != network.Absent || since < arrival):
			t.Fatalf("%s after %s counts as absent", found, since)
		}
	})
}

func TestAnErrorOfOursIsADoubtNotARefusal(t *testing.T) {
	ours := errors.New("nil pointer")
	for _, c := range []struct {
		kind    network.StepKind
		polling bool
		err     error
		want    class
	}{
		{network.Once, false, ours, wasUnknown}, {network.Keyed, false, ours, wasUnknown}, {network.Repeatable, false, ours, wasLater}, {network.Keyed, true, ours, wasLater},
		{network.Keyed, false, fault.Wrap(fault.Unknown, nil, "lost"), wasUnknown}, {network.Repeatable, false, fault.Wrap(fault.Unknown, nil, "lost"), wasLater},
		{network.Once, false, fault.Wrap(fault.Later, nil, "busy"), wasLater}, {network.Once, false, fault.Wrap(fault.Unauthorised, nil, "no"), wasUnauthorised},
		{network.Once, false, fault.Rejectedf("no"), wasRejected}, {network.Once, false, fault.NotFoundf("gone"), wasRejected},
	} {
		if got := classify(c.kind, c.polling, c.err); got != c.want {
			t.Errorf("%s, polling %t, %v: %s, want %s", c.kind, c.polling, c.err, got, c.want)
		}
	}
}

func TestR23ANetworkIsNeverAskedEarlierThanItSaid(t *testing.T) {
	now := time.Date(2027, 3, 28, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		allowed := now.Add(time.Duration(rapid.Int64Range(int64(-time.Hour), int64(48*time.Hour)).Draw(t, "allowed")))
		n, random := rapid.IntRange(1, 12).Draw(t, "n"), rapid.Float64Range(0, 0.999).Draw(t, "random")
		next := notBefore(now, allowed, n, random)
		if next.Before(allowed) && !allowed.After(now.Add(longest)) {
			t.Fatalf("it said %s, asked at %s", allowed, next)
		}
		if next.Sub(now) > longest+3*time.Hour || !next.After(now) {
			t.Fatalf("asked at %s", next.Sub(now))
		}
	})
	if got := notBefore(now, now.AddDate(10, 0, 0), 1, 0); got != now.Add(longest) {
		t.Errorf("ten years are cut to %s", got.Sub(now))
	}
	for n, want := range map[int]time.Duration{1: 30 * time.Second, 2: 2 * time.Minute, 3: 10 * time.Minute, 4: 30 * time.Minute, 5: 2 * time.Hour, 9: 2 * time.Hour} {
		if got := pause(n, 0.5); got != want {
			t.Errorf("the pause before try %d is %s, want %s", n+1, got, want)
		}
		if lo, hi := pause(n, 0), pause(n, 0.9999); lo < want*79/100 || hi > want*121/100 {
			t.Errorf("the pause %s is spread from %s to %s", want, lo, hi)
		}
	}
}
