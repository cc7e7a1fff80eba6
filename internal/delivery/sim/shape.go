package sim

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// shape is how a network's plan is laid out beyond one call for each part.
type shape string

const (
	plain    shape = ""
	phases   shape = "phases"   // upload, container, publish: every one of them by a key
	held     shape = "held"     // a quota is asked for; a container is made, gets ready and expires; it is published once
	sessions shape = "sessions" // a session is opened, and what is sent into it piece by piece is public with the last one
	announce shape = "announce" // announced once, which nobody sees; uploaded under that name
	fetched  shape = "fetched"  // files travel in the public call, and it becomes public after the answer
)

// pieces is how many calls a session takes at least.
const pieces = 3

// box is what a network keeps of something that is not public yet.
type box struct {
	id    string
	ready time.Time // until then it is being worked on
	dead  time.Time // from then on it is gone; zero = never
	got   int       // pieces
	fails bool      // it will be found to be unusable
	item  *Item
}

// carry lays out what a part needs before its public call, and the call's own way.
func (f *far) carry(part int, add func(name string, part int, kind network.StepKind, public bool, p payload) *network.Step, p *payload) {
	n := "-" + strconv.Itoa(part+1)
	switch f.shape {
	case phases:
		add("upload"+n, part, network.Repeatable, false, payload{})
		add("container"+n, part, network.Keyed, false, payload{Text: "container of " + p.Text})
	case held:
		add("quota"+n, part, network.Repeatable, false, payload{Do: "quota"})
		file(add("container"+n, part, network.Repeatable, false, payload{Do: "make"}))
		p.Do, p.Box = "publish", "container"+n
	case sessions:
		add("session"+n, part, network.Repeatable, false, payload{Do: "open"})
		p.Do, p.Box = "send", "session"+n
	case announce:
		add("announce"+n, part, network.Once, false, payload{Do: "open"})
		p.Do, p.Box = "send", "announce"+n
	case fetched:
		p.Do = "fetch"
	}
}

// file lets a step carry a file; the journal makes it readable.
func file(s *network.Step) {
	s.Media = &network.Media{ID: "rend_1", Kind: network.Image, SHA256: "bytes of " + s.Name}
}

// Open gives a file's bytes: its own name.
func Open(_ context.Context, _ string, m network.Media) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(m.SHA256)), nil
}

// Address is where a network fetches a file.
func Address(_ string, m network.Media) string { return "https://bell.example/files/" + m.SHA256 }

// readable complains about files of a step that a network could neither be sent nor fetch.
func (w *World) readable(ctx context.Context, s network.Step) {
	files := s.Files
	if s.Media != nil {
		files = append(files, *s.Media)
	}
	for _, m := range files {
		raw := []byte(nil)
		if m.Open != nil {
			if r, err := m.Open(ctx); err == nil {
				raw, _ = io.ReadAll(r)
			}
		}
		if string(raw) != m.SHA256 || m.Address != Address("", m) {
			w.wrong("step %s cannot read its file: %q at %q", s.Name, raw, m.Address)
		}
	}
}

// shaped carries out a step of these shapes.
func (f *far) shaped(account, parent string, s network.Step, p payload, earlier network.Outcomes, before *network.Outcome) (network.Outcome, error) {
	w := f.w
	switch p.Do {
	case "quota":
		if w.chance(0.1) {
			return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "publishing_limit", Message: "that was all for today", RetryAt: w.now.Add(w.within(90 * time.Minute))}
		}
		return network.Outcome{}, f.lost(func() {})
	case "open":
		var b *box
		if err := f.lost(func() { b = w.box(s.Name, 0) }); err != nil {
			return network.Outcome{}, err
		}
		return network.Outcome{RemoteID: b.id, ExpiresAt: b.dead}, nil
	case "make":
		if before == nil || w.boxes[before.RemoteID].gone(w.now) || w.boxes[before.RemoteID].fails {
			var b *box
			if err := f.lost(func() { b = w.box(s.Name, 20*time.Second) }); err != nil {
				return network.Outcome{}, err
			}
			return network.Outcome{RemoteID: b.id, ExpiresAt: b.dead, Pending: true, Wait: 5 * time.Second}, nil
		}
		b := w.boxes[before.RemoteID]
		return network.Outcome{RemoteID: b.id, ExpiresAt: b.dead, Pending: b.ready.After(w.now), Wait: 5 * time.Second}, nil
	case "fetch":
		return f.fetch(account, parent, s, p, before)
	}
	b := w.boxes[earlier[p.Box].RemoteID]
	if b == nil {
		w.wrong("%q left before %s was there", p.Text, p.Box)
		return network.Outcome{}, fault.Rejectedf("there is no such box")
	}
	if b.item != nil { // connectors look before they publish
		return f.outcome(b.item), nil
	}
	if b.gone(w.now) {
		return network.Outcome{}, fault.Rejectedf("it has expired")
	}
	made := func() { b.item = w.create(account, b.id, p.Text, parent) }
	if p.Do == "publish" {
		if b.ready.After(w.now) {
			w.wrong("%q was to be published before it was ready", p.Text)
		}
		if err := f.lost(made); err != nil {
			return network.Outcome{}, err
		}
		return f.outcome(b.item), nil
	}
	for b.got < pieces {
		last := b.got == pieces-1
		if err := f.lost(func() {
			if b.got++; last {
				made()
			}
		}); err != nil {
			return network.Outcome{}, err
		}
		if !last && w.chance(0.1) { // it kept less than was sent, and is asked anew
			return network.Outcome{Pending: true, Wait: time.Millisecond, Data: map[string]string{"box": b.id}}, nil
		}
	}
	if b.item == nil {
		return network.Outcome{Pending: true, Wait: time.Second}, nil
	}
	return f.outcome(b.item), nil
}

// fetch takes a call that has become public, or failed, some minutes later.
func (f *far) fetch(account, parent string, s network.Step, p payload, before *network.Outcome) (network.Outcome, error) {
	w := f.w
	if before != nil {
		switch b := w.boxes[before.RemoteID]; {
		case b == nil:
			w.wrong("%q is asked for by a name that it never had", p.Text)
		case b.item != nil:
			return f.outcome(b.item), nil
		case b.fails && !b.ready.After(w.now):
			return network.Outcome{}, fault.Rejectedf("the file could not be used")
		}
		return network.Outcome{RemoteID: before.RemoteID, Pending: true, Wait: 10 * time.Second}, nil
	}
	var b *box
	err := f.lost(func() {
		b = w.box(s.Name, 10*time.Minute)
		this := b
		if !b.fails {
			w.late = append(w.late, late{b.ready, func() { this.item = w.create(account, this.id, p.Text, parent) }})
		}
	})
	if err != nil {
		return network.Outcome{}, err
	}
	return network.Outcome{RemoteID: b.id, Pending: true, Wait: 10 * time.Second}, nil
}

// box makes a box that is ready within some time.
func (w *World) box(step string, within time.Duration) *box {
	b := &box{id: "box-" + strconv.Itoa(len(w.boxes)+1), ready: w.now.Add(w.within(within)), fails: w.chance(0.05)}
	if w.chance(0.4) {
		b.dead = w.now.Add(time.Minute + w.within(time.Hour))
	}
	w.boxes[b.id] = b
	w.note("%s is %s", b.id, step)
	return b
}

func (b *box) gone(now time.Time) bool {
	return b == nil || b.item == nil && !b.dead.IsZero() && !now.Before(b.dead)
}

// boxed finds what a box became.
func (f *far) boxed(p payload, earlier network.Outcomes) (network.Finding, network.Outcome) {
	if b := f.w.boxes[earlier[p.Box].RemoteID]; b != nil && b.item != nil {
		return network.Found, f.outcome(b.item)
	}
	return network.Absent, network.Outcome{}
}
