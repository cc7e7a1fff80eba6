package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// far is a network of the story. Its abilities differ, so that every kind of proof takes part.
type far struct {
	w       *World
	key     string
	kind    network.StepKind
	life    time.Duration // how long a key works; 0 = for ever
	exact   bool          // a look-up proves absence
	shape   shape         // what comes before the public call, and how that goes
	listing time.Duration // how long the list goes back; 0 = all
}

// The shapes a network can have by what it offers.
type (
	readable struct{ *far }     // can be read back
	provable struct{ readable } // can be looked up as well
	renewing struct{ provable } // and renews its grants
)

// Networks are one network of every kind of proof.
func Networks(w *World) []network.Network {
	return []network.Network{
		renewing{provable{readable{&far{w: w, key: "exact", kind: network.Keyed, exact: true}}}},
		provable{readable{&far{w: w, key: "hour", kind: network.Keyed, life: time.Hour}}},
		&far{w: w, key: "blind", kind: network.Keyed},
		provable{readable{&far{w: w, key: "listed", kind: network.Findable}}},
		&far{w: w, key: "once", kind: network.Once},
		renewing{provable{readable{&far{w: w, key: "phases", kind: network.Keyed, exact: true, shape: phases}}}},
		renewing{provable{readable{&far{w: w, key: "held", kind: network.Keyed, life: 24 * time.Hour, exact: true, shape: held}}}},
		provable{readable{&far{w: w, key: "sessions", kind: network.Keyed, exact: true, shape: sessions}}},
		provable{readable{&far{w: w, key: "announce", kind: network.Keyed, exact: true, shape: announce}}},
		provable{readable{&far{w: w, key: "fetched", kind: network.Findable, shape: fetched}}},
		&far{w: w, key: "pictures", kind: network.Once, shape: fetched},
	}
}

func (f *far) Spec() network.Spec {
	return network.Spec{Key: f.key, Name: "Far " + f.key, Threads: true, FirstComment: true, Limits: network.Limits{Characters: 500}, Unit: "characters"}
}

func (f *far) SignIn(_ context.Context, _ *safehttp.Client, fields map[string]string) (network.Grant, []network.Account, error) {
	handle := fields["handle"]
	delete(f.w.revoked, f.key+"/"+handle)
	return network.Grant{Values: map[string]string{"token": "t"}}, []network.Account{{ID: f.key + "/" + handle, Handle: handle, Name: f.key + " " + handle, URL: "https://far.example/" + handle, Server: "https://far.example"}}, nil
}

type payload struct {
	Text, After string
	Do, Box     string `json:",omitempty"` // of the shapes that are not plain: the call, and the step whose box it uses
}

func (f *far) Plan(d network.Draft, _ network.Account) ([]network.Step, []network.Problem) {
	var steps []network.Step
	add := func(name string, part int, kind network.StepKind, public bool, p payload) *network.Step {
		raw, _ := json.Marshal(p)
		s := network.Step{Name: name, Part: part, Kind: kind, Public: public, Payload: raw}
		if kind == network.Keyed {
			s.Key, s.KeyLife = d.Key+"/"+name, f.life
		}
		if p.Do == "fetch" {
			s.Files = []network.Media{{ID: "rend_1", Kind: network.Image, SHA256: "one"}, {ID: "rend_2", Kind: network.Image, SHA256: "two"}}
		}
		steps = append(steps, s)
		return &steps[len(steps)-1]
	}
	last := ""
	for i, p := range d.Parts {
		name := "post"
		if i > 0 {
			name = "part-" + strconv.Itoa(i+1)
		}
		call := payload{Text: p.Text, After: last}
		f.carry(i, add, &call)
		add(name, i, f.kind, true, call)
		last = name
	}
	if d.FirstComment != nil {
		add("comment", len(d.Parts), f.kind, true, payload{Text: d.FirstComment.Text, After: "post"})
	}
	return steps, nil
}

func (f *far) Count(d network.Draft, part int, _ network.Account) network.Count {
	return network.Count{Used: len(d.Parts[part].Text), Limit: 500, Unit: "characters"}
}

// Do carries a step out the way networks do: mostly.
func (f *far) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	w, account := f.w, s.Account.ID
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, err
	}
	before, polled := earlier[step.Name]
	polled = polled && before.Pending
	if step.Kind == network.ByHand {
		w.wrong("%q was sent, and is for a person to publish", step.Name)
	}
	if w.stopped && step.Public && !polled {
		w.wrong("%q left while everything was stopped", p.Text)
	}
	if w.other != nil && w.chance(0.06) { // the process sleeps in the middle of the call, and another takes over
		w.note("the caller of %q sleeps", step.Name)
		other := w.other
		w.other = nil
		w.advance(w.now.Add(10*time.Second + w.within(time.Minute)))
		other()
		w.other = other
	}
	parent := ""
	if p.After != "" {
		if parent = earlier[p.After].RemoteID; parent == "" {
			w.wrong("%q left before the part it answers was known", p.Text)
		}
	}
	if err := f.refusal(account, step, polled); err != nil {
		return network.Outcome{}, err
	}
	w.readable(ctx, step)
	if p.Do != "" {
		if !polled {
			return f.shaped(account, parent, step, p, earlier, nil)
		}
		return f.shaped(account, parent, step, p, earlier, &before)
	}
	if polled {
		if it := w.byKey[step.Key]; it != nil && !w.chance(0.5) {
			return f.outcome(it), nil
		}
		return network.Outcome{Pending: true, Wait: time.Duration(1+w.rng.IntN(30)) * time.Second}, nil
	}
	if !step.Public && step.Kind == network.Repeatable {
		out := network.Outcome{Data: map[string]string{"upload": "u"}}
		if w.chance(0.5) {
			out.ExpiresAt = w.now.Add(w.within(5 * time.Minute))
		}
		return out, f.lost(func() {})
	}
	var it *Item
	if err := f.lost(func() { it = w.create(account, step.Key, p.Text, parent) }); err != nil {
		return network.Outcome{}, err
	}
	if f.shape == phases && w.chance(0.3) {
		return network.Outcome{Pending: true, Wait: time.Duration(1+w.rng.IntN(30)) * time.Second}, nil
	}
	return f.outcome(it), nil
}

func (f *far) outcome(it *Item) network.Outcome {
	return network.Outcome{RemoteID: it.ID, URL: "https://far.example/item/" + it.ID}
}

// refusal is an answer that says nothing was made.
func (f *far) refusal(account string, step network.Step, polled bool) error {
	w := f.w
	if w.revoked[account] || w.chance(0.02) {
		w.revoked[account] = true
		return fault.Wrap(fault.Unauthorised, nil, "the token was refused")
	}
	switch {
	case w.chance(0.06):
		return fault.Wrap(fault.Later, nil, "it cannot be reached")
	case w.chance(0.04):
		return &fault.Error{Kind: fault.Later, Code: "rate_limited", Message: "too many calls", RetryAt: w.now.Add(w.within(10 * time.Minute))}
	case !polled && w.chance(0.03):
		return fault.Rejectedf("%s is not allowed here", step.Name)
	}
	return nil
}

// lost makes what a request asks for, and may lose the request on its way, or the answer.
func (f *far) lost(made func()) error {
	w := f.w
	switch {
	case w.chance(0.1):
		made()
		return fault.Wrap(fault.Unknown, nil, "the connection broke before the answer")
	case w.chance(0.04):
		made()
		panic("the connector could not read the answer")
	case w.chance(0.06):
		return fault.Wrap(fault.Unknown, nil, "the connection broke; nothing arrived")
	case w.chance(0.05):
		w.late = append(w.late, late{w.now.Add(w.within(45 * time.Minute)), made})
		return fault.Wrap(fault.Unknown, nil, "it timed out, and is still under way")
	}
	made()
	return nil
}

// Find looks a submission up, by key or in the account's list.
func (f provable) Find(_ context.Context, s network.Session, step network.Step, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	w := f.w
	if w.revoked[s.Account.ID] {
		return "", network.Outcome{}, fault.Wrap(fault.Unauthorised, nil, "the token was refused")
	}
	if w.chance(0.15) {
		return "", network.Outcome{}, fault.Wrap(fault.Later, nil, "it cannot be reached")
	}
	if w.chance(0.05) {
		return "", network.Outcome{}, fmt.Errorf("the list could not be read")
	}
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return "", network.Outcome{}, err
	}
	if p.Box != "" {
		finding, o := f.boxed(p, earlier)
		return finding, o, nil
	}
	if f.exact {
		if it := w.byKey[step.Key]; it != nil {
			return network.Found, f.outcome(it), nil
		}
		return network.Absent, network.Outcome{}, nil
	}
	for _, it := range w.items {
		if it.Account == s.Account.ID && it.Text == p.Text && !it.At.Before(sent.Add(-2*time.Minute)) && !it.Seen.After(w.now) {
			return network.Found, f.outcome(it), nil
		}
	}
	return network.NotSeen, network.Outcome{}, nil
}

// Read reads an item back.
func (f readable) Read(_ context.Context, s network.Session, item network.Remote) (network.Live, error) {
	if f.w.chance(0.1) {
		return network.Live{}, fault.Wrap(fault.Later, nil, "it cannot be reached")
	}
	for _, it := range f.w.items {
		if it.ID == item.ID {
			return network.Live{Remote: item, Exists: !it.Seen.After(f.w.now), Text: it.Text}, nil
		}
	}
	return network.Live{}, fault.NotFoundf("there is no such item")
}

// Refresh renews a grant, unless the network has had enough of it.
func (f renewing) Refresh(_ context.Context, s network.Session) (network.Grant, error) {
	switch {
	case f.w.chance(0.1):
		return network.Grant{}, fault.Wrap(fault.Later, nil, "it cannot be reached")
	case f.w.chance(0.2):
		return network.Grant{}, fault.Wrap(fault.Unauthorised, nil, "the grant was withdrawn")
	}
	delete(f.w.revoked, s.Account.ID)
	return network.Grant{Values: map[string]string{"token": "t"}}, nil
}

// Own lists what an account has live.
func (f provable) Own(_ context.Context, s network.Session, _ string, limit int) ([]network.Live, string, error) {
	var out []network.Live
	for i := len(f.w.items) - 1; i >= 0 && len(out) < limit; i-- {
		if it := f.w.items[i]; it.Account == s.Account.ID && !it.Seen.After(f.w.now) {
			out = append(out, network.Live{Remote: network.Remote{ID: it.ID, URL: f.outcome(it).URL}, Exists: true, Text: it.Text})
		}
	}
	return out, "", nil
}
