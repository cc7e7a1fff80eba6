package networktest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// audit compares a run with the ledger.
func audit(t *testing.T, w *World, r result, faults ...networkfake.Fault) {
	t.Helper()
	w.Fake.Release() // whatever was late has arrived by now
	items := w.live()[w.already:]
	for _, it := range networkfake.Doubles(items) {
		t.Errorf("%v: twice in the ledger: %q", faults, it.Text)
	}
	byID := map[string]bool{}
	for _, it := range items {
		byID[it.ID] = true
	}
	known := 0
	for _, s := range r.steps {
		if o, ok := r.outcomes[s.Name]; ok && s.Public && (!o.Pending || o.RemoteID != "") {
			known++
			if !byID[o.RemoteID] {
				t.Errorf("%v: step %s says it is live as %s, the ledger has no such item", faults, s.Name, o.RemoteID)
			}
		}
	}
	switch {
	case r.state == rejected && len(items) != known:
		t.Errorf("%v: said to have failed, but %d items are live and %d known", faults, len(items), known)
	case r.state == accepted && len(items) != known:
		t.Errorf("%v: %d items are live, %d known", faults, len(items), known)
	case len(items) > known+1:
		t.Errorf("%v: %d items are live, %d known and at most one in doubt", faults, len(items), known)
	}
}

// expect says how a delivery must end whose one public call met a fault.
func expect(s network.Step, prober bool, f networkfake.Fault) []end {
	switch {
	case !f.Doubtful() && f.Creates(), f == networkfake.Limited, f == networkfake.LimitedReset, f == networkfake.LimitedSilent:
		return []end{accepted}
	case f == networkfake.Unauthorised:
		return []end{unauthorised}
	case !f.Doubtful():
		return []end{rejected}
	case s.Kind == network.Keyed, s.Kind == network.Findable && prober && f.Creates():
		return []end{accepted}
	case s.Kind == network.Findable && prober: // nothing was made: proved absent and sent again, or a person is asked
		return []end{accepted, needsHuman}
	}
	return []end{needsHuman}
}

func lostAnswers(t *testing.T, h Harness) {
	for _, f := range networkfake.Faults {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			w := h(t)
			w.needs(t, f)
			steps := w.plan(t, w.Draft("One post, whatever happens, with a link https://example.com/a/rather/long/path?that=is&cut=off and ünïcode"))
			_, prober := w.Network.(network.Prober)
			want := expect(public(steps), prober, f)
			w.Fake.Next("create", f)
			r := w.run(t.Context(), steps)
			if !one(want, r.state) {
				t.Errorf("ended %s (%v), want %v", r.state, r.err, want)
			}
			audit(t, w, r, f)
		})
	}
	t.Run("twice in a row", func(t *testing.T) {
		t.Parallel()
		for _, second := range []networkfake.Fault{networkfake.ErrorBefore, networkfake.DropAfter, networkfake.Late} {
			w := h(t)
			w.needs(t, networkfake.Late, second, networkfake.ErrorBefore)
			w.Fake.Next("create", networkfake.Late, second)
			w.Fake.Next("read", networkfake.ErrorBefore)
			audit(t, w, w.run(t.Context(), w.plan(t, w.Draft("Two misfortunes"))), networkfake.Late, second)
		}
	})
}

func one(list []end, e end) bool {
	for _, v := range list {
		if v == e {
			return true
		}
	}
	return false
}

// lostAnswersInAThread has the second of three parts fail: each part once, each below the one before, and nothing after
// a part that is in doubt (R10–R12).
func lostAnswersInAThread(t *testing.T, h Harness) {
	for _, f := range networkfake.Faults {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			w := h(t)
			w.needs(t, f)
			if !w.Network.Spec().Threads {
				t.Skip("has no threads")
			}
			w.Fake.Next("create", networkfake.OK, f)
			r := w.run(t.Context(), w.plan(t, w.Draft("Part one", "Part two", "Part three")))
			audit(t, w, r, f)
			chain(t, w)
			if n := len(w.live()); r.state != accepted && n > 2 {
				t.Errorf("the thread went on after a part that is not known to be live: %d items", n)
			}
		})
	}
}

// chain checks that every item answers the one before.
func chain(t *testing.T, w *World) {
	t.Helper()
	last := ""
	for i, it := range w.live() {
		if i > 0 && it.ReplyTo != last {
			t.Errorf("part %d answers %q, not %q", i+1, it.ReplyTo, last)
		}
		last = it.ID
	}
}

// lostUploads has the upload fail: it is repeated, and the post goes out once, with its file.
func lostUploads(t *testing.T, h Harness) {
	for _, f := range networkfake.Faults {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			w := h(t)
			w.needs(t, f)
			if w.Network.Spec().Limits.Media == 0 {
				t.Skip("takes no media")
			}
			d := w.Draft("A picture")
			d.Parts[0].Media = []network.Media{w.file("A red square")}
			steps := w.plan(t, d)
			if w.FilesInPost {
				filesInPost(t, w, steps, f)
				return
			}
			if !slices.ContainsFunc(steps, func(s network.Step) bool { return !s.Public && (s.Media != nil || len(s.Files) > 0) }) {
				t.Skip("files travel in the public call itself")
			}
			w.Fake.Next("upload", f)
			r := w.run(t.Context(), steps)
			audit(t, w, r, f)
			refusal := f == networkfake.Forbidden || f == networkfake.Invalid || f == networkfake.TooLarge || f == networkfake.Unauthorised
			if items := w.live(); refusal && len(items) != 0 || !refusal && (len(items) != 1 || items[0].Media != 1) {
				t.Errorf("ended %s (%v) with %+v", r.state, r.err, items)
			}
			if f == networkfake.TooLarge && fault.As(r.err).Field != "media" {
				t.Errorf("the refusal does not name the media: %+v", fault.As(r.err))
			}
		})
	}
}

// filesInPost loses the answer to a public call that carries files: what is accepted has them.
func filesInPost(t *testing.T, w *World, steps []network.Step, f networkfake.Fault) {
	t.Helper()
	_, prober := w.Network.(network.Prober)
	want := expect(public(steps), prober, f)
	w.Fake.Next("create", f)
	r := w.run(t.Context(), steps)
	audit(t, w, r, f)
	if !one(want, r.state) {
		t.Errorf("ended %s (%v), want %v", r.state, r.err, want)
	}
	if items := w.live(); r.state == accepted && (len(items) != 1 || items[0].Media != 1) {
		t.Errorf("ended %s with %+v", r.state, items)
	}
	if f == networkfake.TooLarge && fault.As(r.err).Field != "media" {
		t.Errorf("the refusal does not name the media: %+v", fault.As(r.err))
	}
}

func lostAnswerToAReply(t *testing.T, h Harness) {
	for _, f := range []networkfake.Fault{networkfake.OK, networkfake.ErrorAfter, networkfake.DropAfter, networkfake.Late, networkfake.DropBefore, networkfake.Limited} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			w := h(t)
			w.needs(t, f)
			c, ok := w.Network.(network.Converser)
			if !ok {
				t.Skip("has no conversations")
			}
			m := firstMessage(t, w, "Do you ship to Norway?")
			w.already = len(w.live())
			steps, problems := c.PlanReply(network.Reply{Key: "dlv_reply", To: m, Text: "Yes, we do.", Language: "en", At: w.Clock.Now()}, w.Session.Account)
			if problem(problems, "") != nil || len(steps) == 0 {
				t.Fatalf("the answer is refused: %+v", problems)
			}
			w.Fake.Next("create", f)
			r := w.run(t.Context(), steps)
			audit(t, w, r, f)
			if items := w.live()[w.already:]; r.state == accepted && (len(items) != 1 || items[0].ReplyTo != m.ID) {
				t.Errorf("the answer is not below the message: %+v", items)
			}
		})
	}
}

// misfortunes lets chance choose what goes wrong, call after call; the seed names the run.
func misfortunes(t *testing.T, h Harness) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			w := h(t)
			possible := w.Plays
			if possible == nil {
				possible = networkfake.Faults
			}
			if len(possible) == 0 {
				t.Skip("the fake plays no faults")
			}
			rng := rand.New(rand.NewPCG(seed, 20260302))
			pick := func(n int, well float64) (faults []networkfake.Fault) {
				for range n {
					f := networkfake.OK
					if rng.Float64() > well {
						f = possible[rng.IntN(len(possible))]
					}
					faults = append(faults, f)
				}
				return faults
			}
			creates, reads := pick(6, 0.3), pick(6, 0.7)
			w.Fake.Next("create", creates...)
			w.Fake.Next("read", reads...)
			d := w.Draft("The first of three", "The second of three", "The third of three")
			if !w.Network.Spec().Threads {
				d.Parts = d.Parts[:1]
			}
			r := w.run(t.Context(), w.plan(t, d))
			audit(t, w, r, append(creates, reads...)...)
			chain(t, w)
		})
	}
}
