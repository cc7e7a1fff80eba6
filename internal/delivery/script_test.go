package delivery_test

import (
	"context"
	"encoding/json"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// script is a network that does what a test says, call by call, and keeps a ledger.
type script struct {
	kind   network.StepKind
	upload bool // every part sends a file first

	mu      sync.Mutex
	answers map[string][]answer // by step name; empty = well
	calls   []string            // step names, in order
	live    []item
	keys    map[string]int // key → index in live
	hide    bool           // the list does not show what is live
	grant   int            // refreshes so far
	renew   error          // what a refresh answers
	hold    chan struct{}  // calls wait for it
	uploads int
}

type item struct{ id, text, parent string }

// answer is what becomes of one call.
type answer struct {
	made    bool // the item is made
	err     error
	pending time.Duration
	until   time.Time // with pending: held until then
	expires time.Duration
	then    func()
}

var lost = answer{made: true, err: fault.Wrap(fault.Unknown, nil, "the connection broke")}

func newScript(kind network.StepKind) *script {
	return &script{kind: kind, answers: map[string][]answer{}, keys: map[string]int{}}
}

// on says what the next calls of a step answer.
func (s *script) on(step string, answers ...answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[step] = append(s.answers[step], answers...)
}

func (s *script) Spec() network.Spec {
	return network.Spec{Key: "script", Name: "Script", Threads: true, FirstComment: true, Limits: network.Limits{Characters: 500}}
}

func (s *script) SignIn(_ context.Context, _ *safehttp.Client, f map[string]string) (network.Grant, []network.Account, error) {
	return network.Grant{Values: map[string]string{"t": "1"}}, []network.Account{{ID: f["handle"], Handle: f["handle"], Name: f["handle"], URL: "https://script.example/" + f["handle"]}}, nil
}

type line struct{ Text, After string }

func (s *script) Plan(d network.Draft, _ network.Account) ([]network.Step, []network.Problem) {
	var steps []network.Step
	add := func(name string, part int, kind network.StepKind, l line) {
		raw, _ := json.Marshal(l)
		step := network.Step{Name: name, Part: part, Kind: kind, Public: kind == s.kind, Payload: raw}
		if kind == network.Keyed {
			step.Key = d.Key + "/" + name
		}
		steps = append(steps, step)
	}
	last := ""
	for i, p := range d.Parts {
		name := "post"
		if i > 0 {
			name = "part-" + strconv.Itoa(i+1)
		}
		if s.upload {
			add("media-"+strconv.Itoa(i+1), i, network.Repeatable, line{})
		}
		add(name, i, s.kind, line{p.Text, last})
		last = name
	}
	if d.FirstComment != nil {
		add("comment", len(d.Parts), s.kind, line{d.FirstComment.Text, "post"})
	}
	return steps, nil
}

func (s *script) Count(d network.Draft, part int, _ network.Account) network.Count {
	return network.Count{Used: len(d.Parts[part].Text), Limit: 500}
}

func (s *script) Do(ctx context.Context, _ network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	s.mu.Lock()
	hold := s.hold
	s.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return network.Outcome{}, fault.Wrap(fault.Unknown, ctx.Err(), "the call was cut off")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, step.Name)
	a := answer{made: true}
	if next := s.answers[step.Name]; len(next) > 0 {
		a, s.answers[step.Name] = next[0], next[1:]
	}
	if a.then != nil {
		a.then()
	}
	if step.Kind == network.Repeatable && !step.Public {
		s.uploads++
		out := network.Outcome{Data: map[string]string{"file": strconv.Itoa(s.uploads)}}
		if a.expires > 0 {
			out.ExpiresAt = db.Now().Add(a.expires)
		}
		return out, a.err
	}
	var l line
	if err := json.Unmarshal(step.Payload, &l); err != nil {
		return network.Outcome{}, err
	}
	n, again := s.keys[step.Key]
	if a.made && (step.Key == "" || !again) {
		n = len(s.live)
		s.live = append(s.live, item{"it-" + strconv.Itoa(n+1), l.Text, earlier[l.After].RemoteID})
		if step.Key != "" {
			s.keys[step.Key] = n
		}
	}
	switch {
	case a.err != nil:
		return network.Outcome{}, a.err
	case a.pending > 0:
		return network.Outcome{Pending: true, Wait: a.pending, Until: a.until}, nil
	}
	return s.outcome(n), nil
}

func (s *script) outcome(n int) network.Outcome {
	return network.Outcome{RemoteID: s.live[n].id, URL: "https://script.example/" + s.live[n].id}
}

func (s *script) Refresh(context.Context, network.Session) (network.Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grant++
	return network.Grant{Values: map[string]string{"t": strconv.Itoa(s.grant + 1)}}, s.renew
}

// Converse, for answers.
func (*script) Fetch(context.Context, network.Session, string) (network.Batch, error) {
	return network.Batch{}, nil
}

func (s *script) PlanReply(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	return s.Plan(network.Draft{Key: r.Key, Parts: []network.Part{{Text: r.Text}}}, a)
}

func (s *script) Delete(_ context.Context, _ network.Session, r network.Remote) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, "delete "+r.ID)
	for i := range s.live {
		if s.live[i].id == r.ID {
			s.live[i].text = ""
		}
	}
	return nil
}

// findable adds what a network with a list of its own posts offers.
type findable struct{ *script }

func (f findable) Find(_ context.Context, _ network.Session, step network.Step, _ network.Outcomes, _ time.Time) (network.Finding, network.Outcome, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "find "+step.Name)
	var l line
	_ = json.Unmarshal(step.Payload, &l)
	for n, it := range f.live {
		if it.text == l.Text && !f.hide {
			return network.Found, f.outcome(n), nil
		}
	}
	return network.NotSeen, network.Outcome{}, nil
}

func (f findable) Read(_ context.Context, _ network.Session, r network.Remote) (network.Live, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, it := range f.live {
		if it.id == r.ID && it.text != "" && !f.hide {
			return network.Live{Remote: r, Exists: true, Text: it.text}, nil
		}
	}
	return network.Live{Remote: r}, nil
}

func (s *script) count(step string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if c == step {
			n++
		}
	}
	return n
}

func (s *script) texts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, it := range s.live {
		if it.text != "" {
			out = append(out, it.text)
		}
	}
	return out
}

// stage is a house with one channel on a scripted network and a clock in the test's hands.
type stage struct {
	*house
	s   *script
	now time.Time
	j   *delivery.Journal
	t   *testing.T
}

func play(t *testing.T, database *db.DB, s *script, n network.Network) *stage {
	t.Helper()
	st := &stage{house: build(t, database, n), s: s, now: db.Now(), t: t}
	chans, err := st.channels.SignIn(context.Background(), st.actor, "script", "brand_1", map[string]string{"handle": "club"})
	if err != nil {
		t.Fatal(err)
	}
	st.channel = chans[0]
	st.j = st.process(nil)
	return st
}

// process is the program started anew.
func (st *stage) process(crash func(string)) *delivery.Journal {
	return st.journal.Rigged(delivery.Rig{Clock: func() time.Time { return st.now }, Random: func() float64 { return 0.5 }, Crash: crash})
}

// dies lets a process die at the n-th passing of a point, and starts the next; leases run out meanwhile.
func (st *stage) dies(point string, passing int) {
	st.t.Helper()
	st.j = st.process(func(at string) {
		if at == point {
			if passing--; passing == 0 {
				panic(delivery.Crash{Point: at})
			}
		}
	})
	func() {
		defer func() {
			if p := recover(); p == nil {
				st.t.Fatalf("the process passed %s alive", point)
			}
		}()
		st.run(0)
	}()
	st.j = st.process(nil)
}

// run lets the journal work for a time.
func (st *stage) run(d time.Duration) {
	st.t.Helper()
	end := st.now.Add(d)
	for range 200 {
		if _, err := st.j.Step(context.Background()); err != nil {
			st.t.Fatal(err)
		}
		next, err := db.All[time.Time](context.Background(), st.db, `select case when lease_until > next_at then lease_until + 1000 else next_at end from deliveries where next_at is not null order by 1 limit 1`)
		if err != nil {
			st.t.Fatal(err)
		}
		if len(next) == 0 || next[0].After(end) {
			break
		}
		if next[0].After(st.now) {
			st.now = next[0]
		}
	}
	st.now = end
}

func (st *stage) thread(comment string, parts ...string) post.Post {
	st.t.Helper()
	e := post.Edit{BrandID: "brand_1", Channels: []string{st.channel.ID}}
	for _, p := range parts {
		e.Base.Parts = append(e.Base.Parts, post.Part{Text: p})
	}
	e.Base.FirstComment = comment
	made, err := st.posts.Create(context.Background(), st.actor, e)
	if err != nil {
		st.t.Fatal(err)
	}
	if err := st.posts.Schedule(context.Background(), st.actor, made.ID, post.Plan{Now: true, Confirm: true}); err != nil {
		st.t.Fatal(err)
	}
	if now := db.Now(); now.After(st.now) {
		st.now = now
	}
	st.exec(`update targets set due_at = $1 where post_id = $2`, st.now, made.ID)
	return made
}

// is asks for the state of a post's target, how many items are live, and that the end was made known.
func (st *stage) is(p post.Post, want post.State, live int) post.Target {
	st.t.Helper()
	got := st.target(st.t, p.ID)
	if got.State != want || len(st.s.texts()) != live {
		st.t.Fatalf("the target is %s (%s) with %v live, want %s with %d; calls %v", got.State, got.HeldReason, st.s.texts(), want, live, st.s.calls)
	}
	told, err := db.One[int](context.Background(), st.db, `select count(*) from events where kind = $1 and entity = $2`, "target."+string(want), got.ID)
	if err != nil || told == 0 {
		st.t.Fatalf("nobody was told that the target is %s (%v)", want, err)
	}
	return got
}

func (st *stage) delivery(p post.Post) delivery.Delivery {
	st.t.Helper()
	d, err := st.journal.Get(context.Background(), st.actor, st.target(st.t, p.ID).DeliveryID)
	if err != nil {
		st.t.Fatal(err)
	}
	return d
}

func (st *stage) exec(query string, args ...any) {
	st.t.Helper()
	if _, err := db.Exec(context.Background(), st.db, query, args...); err != nil {
		st.t.Fatal(err)
	}
}
