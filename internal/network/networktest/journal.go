package networktest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// end is how a run ended.
type end string

const (
	accepted     end = "accepted"
	rejected     end = "rejected"
	unauthorised end = "unauthorised"
	needsHuman   end = "needs_human"
	gaveUp       end = "gave_up"
)

// result is what a run came to.
type result struct {
	state    end
	err      error // the last
	steps    []network.Step
	outcomes network.Outcomes
	sends    map[string]int // calls by step
}

// main is the outcome the delivery is known by: the first public step's.
func (r result) main() network.Outcome {
	for _, s := range r.steps {
		if s.Public {
			return r.outcomes[s.Name]
		}
	}
	return network.Outcome{}
}

// lookups are the journal's looks after a lost answer, counted from the call.
var lookups = []time.Duration{0, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}

const (
	mostTries = 6
	mostPolls = 50
)

// run carries steps out in order, exactly as the journal may. Between looks the clock moves, and what is late arrives
// after the third look.
func (w *World) run(ctx context.Context, steps []network.Step) result {
	r := result{state: accepted, steps: steps, outcomes: network.Outcomes{}, sends: map[string]int{}}
	for _, s := range steps {
		if r.state, r.err = w.step(ctx, s, &r); r.state != accepted {
			return r
		}
	}
	return r
}

func (w *World) step(ctx context.Context, s network.Step, r *result) (end, error) {
	var last error
	polls, doubted := 0, false
	for tries := 0; tries < mostTries; {
		sent := w.Clock.Now()
		r.sends[s.Name]++
		o, err := w.do(ctx, s, r.outcomes)
		last = err
		kind := fault.KindOf(err)
		if s.Kind == network.Repeatable && (kind == fault.Unknown || kind == fault.Internal) {
			kind = fault.Later
		}
		switch {
		case err == nil && !o.Pending:
			r.outcomes[s.Name] = o
			return accepted, nil
		case err == nil:
			r.outcomes[s.Name] = o
			if polls++; polls > mostPolls {
				return gaveUp, fmt.Errorf("step %s is pending for ever", s.Name)
			}
			w.Clock.Advance(o.Wait)
		case kind == fault.Later:
			tries++
			w.Clock.Advance(max(fault.As(err).RetryAt.Sub(w.Clock.Now()), 30*time.Second))
		case kind == fault.Unauthorised:
			return unauthorised, err
		case kind == fault.Unknown || kind == fault.Internal:
			state, again := w.recover(ctx, s, r, sent)
			if !again {
				return state, err
			}
			tries, doubted = tries+1, true
		case doubted: // only the repetition was refused: what the first call did is not known
			return needsHuman, err
		default:
			return rejected, err
		}
	}
	return gaveUp, last
}

// do carries a step out. Like the journal it fills in how files are opened and where they are fetched.
func (w *World) do(ctx context.Context, s network.Step, earlier network.Outcomes) (o network.Outcome, err error) {
	if s.Media != nil {
		m := w.filled(*s.Media)
		s.Media = &m
	}
	s.Files = slices.Clone(s.Files)
	for i, m := range s.Files {
		s.Files[i] = w.filled(m)
	}
	w.call(ctx, func(ctx context.Context) { o, err = w.Network.(network.Publisher).Do(ctx, w.Session, s, earlier) })
	return o, err
}

func (w *World) filled(m network.Media) network.Media {
	if m.Open == nil {
		m.Open = w.file("").Open
	}
	if m.Address = w.Address; m.Address == "" {
		m.Address = "https://bellwether.example/files/" + m.SHA256
	}
	return m
}

// recover decides after a lost answer by the step's kind alone; again says that the step may be sent once more.
func (w *World) recover(ctx context.Context, s network.Step, r *result, sent time.Time) (state end, again bool) {
	lives := func() bool {
		return s.Kind == network.Keyed && (s.KeyLife == 0 || w.Clock.Now().Sub(sent) < s.KeyLife)
	}
	prober, ok := w.Network.(network.Prober)
	switch {
	case s.Kind == network.Repeatable, !ok && lives():
		return "", true
	case !ok || s.Kind == network.Once:
		return needsHuman, false
	}
	for i, after := range lookups {
		if wait := sent.Add(after).Sub(w.Clock.Now()); wait > 0 {
			w.Clock.Advance(wait)
		}
		if i == 3 {
			w.Fake.Release()
		}
		var finding network.Finding
		var o network.Outcome
		var err error
		w.call(ctx, func(ctx context.Context) { finding, o, err = prober.Find(ctx, w.Session, s, r.outcomes, sent) })
		switch {
		case err != nil:
			r.err = err
		case finding == network.Found:
			r.outcomes[s.Name] = o
			return accepted, false
		case finding == network.Absent, lives():
			return "", true
		}
	}
	return needsHuman, false
}
