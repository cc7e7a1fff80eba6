package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/secret"
)

// Report is how a story ended.
type Report struct {
	Seed    uint64
	Crashes int
	Posts   int
	Live    int
	Wrong   []string // empty: every promise was kept
	History string
}

var errDisk = errors.New("the disk failed")

// story is one run of the world.
type story struct {
	*house
	processes []*delivery.Journal
	crashes   int
	stopEnds  time.Time
}

// Play tells the story of a seed on an empty migrated database and judges it.
func Play(ctx context.Context, seed uint64, database *db.DB, keys *secret.Keys) (Report, error) {
	w := NewWorld(seed, db.Now())
	h, err := build(ctx, w, database, keys)
	if err != nil {
		return Report{}, err
	}
	s := &story{house: h}
	networks := Networks(w)
	for range 3 + w.rng.IntN(3) {
		n := networks[w.rng.IntN(len(networks))].Spec().Key
		if err := h.connect(ctx, n, fmt.Sprintf("handle%d", len(h.connects)+1)); err != nil {
			return Report{}, err
		}
	}
	for i := range 5 + w.rng.IntN(6) {
		on := h.connects[w.rng.IntN(len(h.connects))]
		if err := h.plan(ctx, i+1, on, w.now.Add(w.within(40*time.Minute))); err != nil {
			return Report{}, fmt.Errorf("plan: %w", err)
		}
	}
	for range 1 + w.rng.IntN(2) {
		s.processes = append(s.processes, s.process())
	}
	begin := w.now
	for w.now.Sub(begin) < 4*time.Hour {
		if err := s.turn(ctx); err != nil {
			return Report{}, err
		}
	}
	w.calm, w.stopped = true, false
	if err := s.settle(ctx); err != nil {
		return Report{}, err
	}
	return s.judge(ctx, seed)
}

// process starts the program anew on the same database.
func (s *story) process() *delivery.Journal {
	w := s.w
	return s.journal.Rigged(delivery.Rig{Clock: w.Now, Random: w.rng.Float64,
		Crash: func(point string) {
			if w.chance(0.02) {
				panic(delivery.Crash{Point: point})
			}
		},
		Commit: func(commit func() error) error {
			if w.chance(0.01) {
				return errDisk
			}
			err := commit()
			if err == nil && w.chance(0.005) {
				return errDisk // it is stored, and the caller does not know
			}
			return err
		}})
}

// turn lets one thing happen: a process works, a person acts, or time passes.
func (s *story) turn(ctx context.Context) error {
	w := s.w
	i := w.rng.IntN(len(s.processes))
	w.other = nil
	if len(s.processes) > 1 {
		w.other = func() { s.step(ctx, 1-i) }
	}
	s.step(ctx, i)
	if w.chance(0.15) {
		if err := s.person(ctx); err != nil {
			return err
		}
	}
	s.events.Drain(ctx)
	next, err := s.next(ctx)
	if err != nil {
		return err
	}
	if w.stopped && !next.Before(s.stopEnds) {
		next = s.stopEnds
	}
	if next.IsZero() || next.Sub(w.now) > 10*time.Minute {
		next = w.now.Add(10 * time.Minute)
	}
	w.advance(next.Add(w.within(300 * time.Millisecond)))
	return s.release(ctx)
}

// step lets a process work until it rests or dies; a dead one is started again at once.
func (s *story) step(ctx context.Context, i int) {
	defer func() {
		if p := recover(); p != nil {
			c, dies := p.(delivery.Crash)
			if !dies {
				panic(p)
			}
			s.w.note("process %d dies at %s", i, c.Point)
			s.crashes++
			s.processes[i] = s.process()
		}
	}()
	if _, err := s.processes[i].Step(ctx); err != nil {
		s.w.note("process %d: %v", i, err)
	}
}

// next is when anything is due by what the database says.
func (s *story) next(ctx context.Context) (time.Time, error) {
	at, err := db.All[time.Time](ctx, s.db, `select min(at) from (
		select case when lease_until > next_at then lease_until + 1000 else next_at end as at from deliveries where next_at is not null
		union all select due_at as at from targets where state = 'scheduled') x`)
	if err != nil || len(at) == 0 || at[0].IsZero() {
		return time.Time{}, err
	}
	if at[0].Before(s.w.now.Add(time.Millisecond)) {
		return s.w.now.Add(time.Millisecond), nil
	}
	return at[0], nil
}

// person does what people do: stop, cancel, reconnect, decide, retry, plan again.
func (s *story) person(ctx context.Context) error {
	w := s.w
	switch w.rng.IntN(6) {
	case 0:
		return s.stop(ctx)
	case 1:
		return s.cancel(ctx, s.planned[w.rng.IntN(len(s.planned))])
	case 2:
		return s.reconnect(ctx)
	default:
		return s.tend(ctx, s.planned[w.rng.IntN(len(s.planned))], time.Hour)
	}
}

func (s *story) stop(ctx context.Context) error {
	if s.w.stopped {
		return nil
	}
	s.w.stopped, s.stopEnds = true, s.w.now.Add(s.w.within(20*time.Minute))
	s.w.note("everything is stopped until %s", s.stopEnds.Format("15:04:05"))
	_, err := db.Exec(ctx, s.db, `update workspaces set paused_until = $2, paused_reason = 'drill' where id = $1`, s.actor.WorkspaceID, s.stopEnds)
	return err
}

func (s *story) release(ctx context.Context) error {
	if !s.w.stopped || s.w.now.Before(s.stopEnds) {
		return nil
	}
	s.w.stopped = false
	_, err := db.Exec(ctx, s.db, `update workspaces set paused_until = null where id = $1`, s.actor.WorkspaceID)
	return err
}

func (s *story) cancel(ctx context.Context, p *planned) error {
	err := s.posts.CancelTarget(ctx, s.actor, p.target)
	if err == nil {
		s.w.note("%s is cancelled", p.texts[0])
		p.cancelled = true
		for _, text := range p.texts {
			if n := len(s.w.copies(text)); n > 0 {
				// It had failed with a part of it live, which the person has seen.
				s.w.note("%q stays live", text)
			}
		}
		return nil
	}
	if fault.Is(err, fault.Conflict) {
		return nil
	}
	return err
}

func (s *story) reconnect(ctx context.Context) error {
	for _, c := range s.connects {
		ch, err := s.channels.Get(ctx, s.actor, c.id)
		if err != nil {
			return err
		}
		if ch.State.Works() {
			continue
		}
		s.w.note("%s/%s is reconnected", c.network, c.handle)
		if _, err := s.channels.SignIn(ctx, s.actor, c.network, "brand_1", map[string]string{"handle": c.handle}); err != nil {
			return err
		}
	}
	return nil
}

// tend looks after a post that needs somebody. A doubt is decided by looking at the network, not before an hour has
// passed; what was held or has failed is mostly sent again.
func (s *story) tend(ctx context.Context, p *planned, patience time.Duration) error {
	t, err := s.target(ctx, p)
	if err != nil {
		return err
	}
	switch t.State {
	case post.Held:
		s.w.note("%s is planned again", p.texts[0])
		return s.replan(ctx, p, s.w.now)
	case post.Failed, post.PartlyPublished:
		if s.w.rng.Float64() < 0.3 {
			return nil
		}
		_, err := s.journal.At(s.w.Now).Retry(ctx, s.actor, t.DeliveryID)
		s.w.note("%s is sent again: %v", p.texts[0], err)
		return unless(err, fault.Conflict, fault.Rejected)
	case post.NeedsHuman:
		d, err := s.journal.Get(ctx, s.actor, t.DeliveryID)
		if err != nil || s.w.now.Sub(d.SettledAt) < patience {
			return err
		}
		if p.byHand {
			return s.publish(ctx, p, d)
		}
		return s.decide(ctx, p, d)
	case post.Publishing:
		d, err := s.journal.Get(ctx, s.actor, t.DeliveryID)
		if err != nil || d.State != delivery.Handover {
			return err
		}
		return s.publish(ctx, p, d)
	}
	return nil
}

// publish does by hand what was handed over, and says so: at once, or the next time somebody looks.
func (s *story) publish(ctx context.Context, p *planned, d delivery.Delivery) error {
	live := s.w.copies(p.texts[0])
	switch {
	case len(live) > 0:
	case s.w.rng.Float64() < 0.2:
		s.w.note("a person leaves %q", p.texts[0])
		return s.journal.At(s.w.Now).Resolve(ctx, s.actor, d.ID, delivery.GiveUp, "")
	default:
		s.w.note("a person publishes %q", p.texts[0])
		live = append(live, s.w.create(p.network+"/by hand", "", p.texts[0], ""))
		if s.w.chance(0.5) {
			return nil
		}
	}
	s.w.note("a person says that %q is live", p.texts[0])
	return s.journal.At(s.w.Now).Resolve(ctx, s.actor, d.ID, delivery.IsLive, "https://far.example/item/"+live[0].ID)
}

// decide answers a doubt truthfully.
func (s *story) decide(ctx context.Context, p *planned, d delivery.Delivery) error {
	steps, err := s.journal.Steps(ctx, s.actor, d.ID)
	if err != nil {
		return err
	}
	for _, step := range steps {
		if step.State != delivery.StepUnknown {
			continue
		}
		answer, address := delivery.IsNotLive, ""
		for _, text := range p.texts {
			if !strings.Contains(string(step.Step.Payload), `"`+text+`"`) {
				continue
			}
			if live := s.w.copies(text); len(live) > 0 {
				answer, address = delivery.IsLive, "https://far.example/item/"+live[0].ID
			}
		}
		s.w.note("a person says of %s of %q: %s", step.Name, p.texts[0], answer)
		return s.journal.At(s.w.Now).Resolve(ctx, s.actor, d.ID, answer, address)
	}
	return fmt.Errorf("delivery %s needs a person, and nothing of it is in doubt", d.ID)
}

func unless(err error, kinds ...fault.Kind) error {
	if slices.Contains(kinds, fault.KindOf(err)) {
		return nil
	}
	return err
}

// settle lets the calm come: people look after everything, and the journal works until nothing is left to do.
func (s *story) settle(ctx context.Context) error {
	if _, err := db.Exec(ctx, s.db, `update workspaces set paused_until = null where id = $1`, s.actor.WorkspaceID); err != nil {
		return err
	}
	for round := range 3000 {
		if round%100 == 99 { // what is live in part asks for its channel until somebody reconnects it
			if err := s.reconnect(ctx); err != nil {
				return err
			}
		}
		s.w.other = nil
		s.step(ctx, round%len(s.processes))
		s.events.Drain(ctx)
		next, err := s.next(ctx)
		if err != nil {
			return err
		}
		if !next.IsZero() {
			s.w.advance(next)
			continue
		}
		if err := s.reconnect(ctx); err != nil {
			return err
		}
		s.w.advance(s.w.now.Add(2 * time.Hour))
		open := false
		for _, p := range s.planned {
			t, err := s.target(ctx, p)
			if err != nil {
				return err
			}
			if t.State == post.Held || t.State == post.NeedsHuman {
				open = true
				if err := s.tend(ctx, p, 0); err != nil {
					return err
				}
			}
		}
		if !open {
			return nil
		}
	}
	restless, err := db.All[string](ctx, s.db, `select id || ' ' || state || ' ' || reason || ' looks at ' || next_at from deliveries where next_at is not null
		union all select id || ' ' || state || ' due ' || due_at from targets where state = 'scheduled'`)
	if err != nil {
		return err
	}
	s.w.wrong("the journal never comes to rest: %s", strings.Join(restless, "; "))
	return nil
}

// judge compares what the journal says with what the networks' ledgers say.
func (s *story) judge(ctx context.Context, seed uint64) (Report, error) {
	w := s.w
	r := Report{Seed: seed, Crashes: s.crashes, Posts: len(s.planned)}
	for _, p := range s.planned {
		t, err := s.target(ctx, p)
		if err != nil {
			return r, err
		}
		all := 0
		for i, text := range p.texts {
			live := w.copies(text)
			r.Live += len(live)
			if len(live) > 1 {
				w.wrong("%q is live %d times", text, len(live))
			}
			if len(live) > 0 {
				all++
				if i == 0 && t.RemoteID != live[0].ID && t.URL != "https://far.example/item/"+live[0].ID {
					w.wrong("%q is live as %s, the journal says %q (%s)", text, live[0].ID, t.RemoteID, t.State)
				}
			}
		}
		switch t.State {
		case post.Published:
			if all != len(p.texts) {
				w.wrong("%q counts as published, and %d of %d parts are live", p.texts[0], all, len(p.texts))
			}
		case post.PartlyPublished:
			if all == 0 || all == len(p.texts) {
				w.wrong("%q counts as partly published, and %d of %d parts are live", p.texts[0], all, len(p.texts))
			}
		case post.Failed:
			if all > 0 {
				w.wrong("%q counts as failed, and %d parts are live", p.texts[0], all)
			}
			if t.HeldReason == "" {
				w.wrong("%q failed without a reason", p.texts[0])
			}
		case post.Cancelled:
			if all > 0 {
				w.wrong("%q went out after it was cancelled", p.texts[0])
			}
		default:
			w.wrong("%q ends %s (%s)", p.texts[0], t.State, t.HeldReason)
		}
		if err := s.told(ctx, p, t); err != nil {
			return r, err
		}
	}
	r.Wrong, r.History = w.broken, strings.Join(w.history, "\n")
	return r, nil
}

// told asks whether the end of a post, and of each of its deliveries, was made known.
func (s *story) told(ctx context.Context, p *planned, t post.Target) error {
	known, err := db.All[string](ctx, s.db, `select kind || ' ' || entity from events where workspace_id = $1`, s.actor.WorkspaceID)
	if err != nil {
		return err
	}
	has := map[string]bool{}
	for _, k := range known {
		has[k] = true
	}
	if t.State != post.Cancelled && !has["target."+string(t.State)+" "+t.ID] {
		s.w.wrong("nobody was told that %q is %s", p.texts[0], t.State)
	}
	ends, _, err := s.journal.List(ctx, s.actor, delivery.Filter{TargetID: t.ID, Limit: 200})
	if err != nil {
		return err
	}
	for _, d := range ends {
		if !d.State.Settled() || d.LeaseOwner != "" || !d.NextAt.IsZero() {
			s.w.wrong("delivery %s of %q is stuck in %s", d.ID, p.texts[0], d.State)
		}
		if !has["delivery."+string(d.State)+" "+d.ID] {
			s.w.wrong("nobody was told that delivery %s is %s", d.ID, d.State)
		}
	}
	return nil
}
