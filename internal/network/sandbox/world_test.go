package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// town is a world with one account and a clock that moves when it is told to.
type town struct {
	t       *testing.T
	now     time.Time
	world   *World
	n       *Sandbox
	session network.Session
}

func found(t *testing.T, seed uint64) *town {
	t.Helper()
	d := &town{t: t, now: time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)}
	d.world = NewWorld(seed, func() time.Time { return d.now })
	d.n = New(d.world)
	d.world.AddAccount("nordlys.coffee", "Nordlys Coffee", 4800)
	grant, accounts, err := d.n.SignIn(t.Context(), nil, map[string]string{"handle": "@Nordlys.Coffee"})
	if err != nil || accounts[0].Name != "Nordlys Coffee" || accounts[0].Followers != 4800 {
		t.Fatalf("connected %+v, %v", accounts, err)
	}
	d.session = network.Session{Account: accounts[0], Grant: grant}
	return d
}

func (d *town) publish(key string, part network.Part) network.Outcome {
	d.t.Helper()
	steps, problems := d.n.Plan(network.Draft{Key: key, At: d.now, Parts: []network.Part{part}}, d.session.Account)
	if len(steps) != 1 {
		d.t.Fatalf("refused: %+v", problems)
	}
	o, err := d.n.Do(d.t.Context(), d.session, steps[0], nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return o
}

// live lets the public go on for a while, every minute.
func (d *town) live(long time.Duration) (visits []Visit) {
	for end := d.now.Add(long); d.now.Before(end); d.now = d.now.Add(time.Minute) {
		visits = append(visits, d.world.Live()...)
	}
	return visits
}

func (d *town) read() (messages []network.Message, reactions []network.Reaction) {
	d.t.Helper()
	cursor := "0"
	for {
		b, err := d.n.Fetch(d.t.Context(), d.session, cursor)
		if err != nil {
			d.t.Fatal(err)
		}
		messages, reactions, cursor = append(messages, b.Messages...), append(reactions, b.Reactions...), b.Cursor
		if !b.More {
			return messages, reactions
		}
	}
}

const spring = "Our spring roast is here: https://nordlys.example/l/abc #SpringRoast"

func TestPublicReadsTalksAndFollowsLinks(t *testing.T) {
	d := found(t, 1)
	o := d.publish("dlv_1", network.Part{Text: spring})
	visits := d.live(24 * time.Hour)
	m, err := d.n.PostMetrics(t.Context(), d.session, []network.Remote{{ID: o.RemoteID}})
	v := m[0].Values
	if err != nil || v["M-IMPR"] < 500 || v["M-REACH"] > v["M-IMPR"] || v["M-LIKE"] == 0 || v["M-LIKE"] > v["M-IMPR"] || v["M-COMM"] == 0 {
		t.Errorf("after a day: %v, %v", v, err)
	}
	bots := 0
	for _, visit := range visits {
		if visit.URL != "https://nordlys.example/l/abc" || !strings.HasPrefix(visit.Address, "203.0.113.") {
			t.Fatalf("followed %+v", visit)
		}
		if strings.Contains(visit.UserAgent, "bot") {
			bots++
		}
	}
	if len(visits) < 5 || bots != 1 || !slices.ContainsFunc(visits, func(v Visit) bool { return v.Buys }) {
		t.Errorf("%d visits, %d of programs", len(visits), bots)
	}
	messages, reactions := d.read()
	if len(messages) < 3 || len(reactions) < 3 {
		t.Fatalf("%d messages and %d reactions", len(messages), len(reactions))
	}
	about, texts := 0, map[string]bool{}
	for _, x := range messages {
		if strings.Contains(x.Text, "SpringRoast") {
			about++
		}
		texts[x.Text] = true
		if strings.Contains(x.Text, "{}") || x.From.Name == "" || x.Kind == network.Comment && x.Thread != o.RemoteID {
			t.Errorf("said %+v", x)
		}
	}
	if about == 0 || len(texts) < len(messages)*2/3 {
		t.Errorf("%d of %d messages are about the post, %d different", about, len(messages), len(texts))
	}
}

func TestSameSeedIsTheSameWorld(t *testing.T) {
	history := func(seed uint64) string {
		d := found(t, seed)
		d.publish("dlv_1", network.Part{Text: spring})
		visits := d.live(3 * time.Hour)
		raw, _ := json.Marshal(d.world.s)
		return string(raw) + fmt.Sprint(visits)
	}
	if history(7) != history(7) {
		t.Error("the same seed gave two worlds")
	}
	if history(7) == history(8) {
		t.Error("two seeds gave the same world")
	}
}

func TestFasterWorldLivesFaster(t *testing.T) {
	shown := func(speed int) int64 {
		d := found(t, 3)
		d.world.Faster(speed)
		o := d.publish("dlv_1", network.Part{Text: spring})
		d.live(10 * time.Minute)
		m, _ := d.n.PostMetrics(t.Context(), d.session, []network.Remote{{ID: o.RemoteID}})
		return m[0].Values["M-IMPR"]
	}
	if slow, fast := shown(1), shown(60); fast < 5*slow {
		t.Errorf("%d at real speed, %d sixty times faster", slow, fast)
	}
}

func TestAnswersAreThankedOnce(t *testing.T) {
	d := found(t, 5)
	thanked := 0
	for i := range 20 {
		d.world.Say(d.session.Account.ID, network.Comment, "", fmt.Sprintf("Question %d?", i))
	}
	questions, _ := d.read()
	for i, m := range questions {
		steps, problems := d.n.PlanReply(network.Reply{Key: fmt.Sprint("dlv_", i), To: m, Text: "Of course."}, d.session.Account)
		if len(steps) != 1 {
			t.Fatal(problems)
		}
		if _, err := d.n.Do(t.Context(), d.session, steps[0], nil); err != nil {
			t.Fatal(err)
		}
	}
	d.live(2 * time.Hour)
	for _, m := range first(d.read()) {
		if i := slices.IndexFunc(questions, func(q network.Message) bool { return q.ID == m.Thread && q.ID != m.ID }); i >= 0 {
			thanked++
			if m.From.ID != questions[i].From.ID {
				t.Errorf("%s thanks for an answer to %s", m.From.Name, questions[i].From.Name)
			}
		}
	}
	if thanked == 0 || thanked > 20 {
		t.Errorf("%d of 20 answers were thanked for", thanked)
	}
}

func first[A, B any](a A, _ B) A { return a }

func TestPollIsVotedOn(t *testing.T) {
	d := found(t, 2)
	d.publish("dlv_1", network.Part{Text: "Which?", Poll: &network.Poll{Options: []string{"This", "That"}, Duration: time.Hour}})
	d.live(2 * time.Hour)
	if it := d.world.s.Items[0]; it.Votes[0] == 0 || len(it.Votes) != 2 {
		t.Errorf("votes: %v", it.Votes)
	}
}

// TestWorldIsKeptInParts: what changed is handed out, a world taken up from all parts is the same, and little is
// written when little changed.
func TestWorldIsKeptInParts(t *testing.T) {
	d := found(t, 4)
	kept := map[string][]byte{}
	keep := func() int {
		t.Helper()
		parts, err := d.world.Changed()
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(kept, parts)
		return len(parts)
	}
	for i := range 1700 {
		d.publish(fmt.Sprint("dlv_", i), network.Part{Text: fmt.Sprint("Post ", i)})
	}
	keep()
	if n := keep(); n != 0 {
		t.Errorf("%d parts changed by nothing", n)
	}
	d.world.quiet = true
	d.publish("dlv_last", network.Part{Text: "The last"})
	if n := keep(); n != 2 {
		t.Errorf("one post changed %d parts", n)
	}
	d.world.quiet = false
	d.live(10 * time.Minute)
	keep()
	other := NewWorld(4, func() time.Time { return d.now })
	if err := other.Load(kept); err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(d.world.s)
	b, _ := json.Marshal(other.s)
	if string(a) != string(b) || len(other.own[d.session.Account.ID]) != 1701 {
		t.Error("the world taken up differs from the one that was kept")
	}
	if err := other.Load(map[string][]byte{"world": []byte("{")}); err == nil {
		t.Error("a broken part is taken up")
	}
}

// TestCrashTakesNoPublishedPost: what was published and not kept is put back from what its author remembers, and no
// other post gets its name.
func TestCrashTakesNoPublishedPost(t *testing.T) {
	d := found(t, 6)
	parts, _ := d.world.Changed()
	o := d.publish("dlv_1", network.Part{Text: "Not kept in time"})
	if err := d.world.Load(parts); err != nil { // as after a crash
		t.Fatal(err)
	}
	other := d.publish("dlv_2", network.Part{Text: "Another"})
	if other.RemoteID == o.RemoteID {
		t.Fatal("two posts have one name")
	}
	live, err := d.n.Read(t.Context(), d.session, network.Remote{ID: o.RemoteID, Data: o.Data})
	if err != nil || !live.Exists || live.Text != "Not kept in time" || !live.At.Equal(d.now) {
		t.Errorf("read back as %+v, %v", live, err)
	}
	if live, _ = d.n.Read(t.Context(), d.session, network.Remote{ID: "sb-made-up", Data: o.Data}); live.Exists {
		t.Error("a post that never was is put back")
	}
	if err := d.n.Delete(t.Context(), d.session, network.Remote{ID: o.RemoteID}); err != nil {
		t.Fatal(err)
	}
	if live, _ = d.n.Read(t.Context(), d.session, network.Remote{ID: o.RemoteID, Data: o.Data}); live.Exists {
		t.Error("a deleted post is put back")
	}
}

func TestPlaceSurvivesALossOfTheEnd(t *testing.T) {
	d := found(t, 6)
	d.world.Say(d.session.Account.ID, network.Mention, "", "one")
	parts, _ := d.world.Changed()
	d.world.Say(d.session.Account.ID, network.Mention, "", "two")
	b, _ := d.n.Fetch(t.Context(), d.session, "")
	if err := d.world.Load(parts); err != nil {
		t.Fatal(err)
	}
	d.world.Say(d.session.Account.ID, network.Mention, "", "three")
	b, err := d.n.Fetch(t.Context(), d.session, b.Cursor)
	if err != nil || !slices.ContainsFunc(b.Messages, func(m network.Message) bool { return m.Text == "three" }) {
		t.Errorf("read %+v, %v", b.Messages, err)
	}
}

func TestMisbehaviourIsOfItsKind(t *testing.T) {
	d := found(t, 1)
	steps, _ := d.n.Plan(network.Draft{Key: "dlv_1", Parts: []network.Part{{Text: "A post"}}}, d.session.Account)
	for f, want := range map[Fault]fault.Kind{Limited: fault.Later, Down: fault.Later, Revoked: fault.Unauthorised, LostAnswer: fault.Unknown, Well: ""} {
		d.world.Misbehave(d.session.Account.ID, f)
		if _, err := d.n.Do(t.Context(), d.session, steps[0], nil); fault.KindOf(err) != want {
			t.Errorf("%s: %v", f, err)
		}
	}
	d.world.Misbehave(d.session.Account.ID, Well)
	if own, _, _ := d.n.Own(t.Context(), d.session, "", 10); len(own) != 1 {
		t.Errorf("%d posts", len(own))
	}
	gone := d.session
	gone.Account.ID = "acct-nobody"
	if _, err := d.n.Check(t.Context(), gone); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("an account that is not there: %v", err)
	}
}

func TestMutedPersonIsNotHeard(t *testing.T) {
	d := found(t, 1)
	id := d.world.Say(d.session.Account.ID, network.Mention, "", "Bah")
	for range 2 {
		if err := d.n.Act(t.Context(), d.session, network.Mute, network.Remote{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	author := d.world.byID[id].Author
	d.live(48 * time.Hour)
	for _, m := range first(d.read()) {
		if m.From.ID == author && m.ID != id {
			t.Errorf("still heard: %s", m.Text)
		}
	}
}

func TestTopicOfAText(t *testing.T) {
	for words, want := range map[string]string{spring: "SpringRoast", "Our beans travel by ship": "beans", "The bar has a new bench. Sit.": "bench", "Our new roast is here": "roast", "Good morning": "", "our": "", "Unsere Röstung ist da": "Röstung"} {
		if got := topic(words); got != want {
			t.Errorf("%q is about %q, want %q", words, got, want)
		}
	}
}

func TestLinksOfAPrivateMachineAreFollowed(t *testing.T) {
	for words, want := range map[string]string{"See http://localhost:8080/l/abc.": "http://localhost:8080/l/abc", "See (http://127.0.0.1:8080/l/x)": "http://127.0.0.1:8080/l/x", "See example.com/a": "https://example.com/a", "None": ""} {
		if got := linkIn(words); got != want {
			t.Errorf("%q links to %q, want %q", words, got, want)
		}
	}
}

func TestHandles(t *testing.T) {
	d := found(t, 1)
	for handle, ok := range map[string]bool{"demo": true, "élan.café": true, "...": true, "": false, "a b": false, "a/b": false, "<b>": false, strings.Repeat("a", 41): false} {
		_, accounts, err := d.n.SignIn(t.Context(), nil, map[string]string{"handle": handle})
		if (err == nil) != ok || ok && accounts[0].Name == "" || !ok && fault.As(err).Field != "handle" {
			t.Errorf("%q: %+v, %v", handle, accounts, err)
		}
	}
}

// BenchmarkPublish publishes on a hundred channels.
func BenchmarkPublish(b *testing.B) {
	w := NewWorld(1, time.Now).Quiet()
	n := New(w)
	var sessions []network.Session
	for i := range 100 {
		_, accounts, err := n.SignIn(b.Context(), nil, map[string]string{"handle": fmt.Sprint("channel-", i)})
		if err != nil {
			b.Fatal(err)
		}
		sessions = append(sessions, network.Session{Account: accounts[0]})
	}
	for i := 0; b.Loop(); i++ {
		s := sessions[i%100]
		steps, _ := n.Plan(network.Draft{Key: fmt.Sprint("dlv_", i), Parts: []network.Part{{Text: spring}}}, s.Account)
		if _, err := n.Do(b.Context(), s, steps[0], nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLive lets the public go on in a world of ten thousand posts.
func BenchmarkLive(b *testing.B) {
	now := time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)
	w := NewWorld(1, func() time.Time { return now })
	a := w.AddAccount("busy", "Busy", 5000)
	for i := range 10_000 {
		w.Past(a.ID, fmt.Sprint("past-", i), spring, now.Add(-time.Duration(i)*time.Minute/4), nil)
	}
	for b.Loop() {
		now = now.Add(15 * time.Second)
		w.Live()
		if _, err := w.Changed(); err != nil {
			b.Fatal(err)
		}
	}
}
