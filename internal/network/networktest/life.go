package networktest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/text"
)

func threadIsOneChain(t *testing.T, w *World) {
	if !w.Network.Spec().Threads {
		t.Skip("has no threads")
	}
	d := w.Draft("One", "Two", "Three", "Four")
	if w.Network.Spec().FirstComment && !w.NoComment {
		d.FirstComment = &network.Part{Text: "And a comment"}
	}
	w.publish(t, d)
	items := w.live()
	if d.FirstComment != nil {
		last := items[len(items)-1]
		if len(items) != 5 || last.ReplyTo != items[0].ID || last.Text != "And a comment" {
			t.Fatalf("the first comment is not below the post: %+v", items)
		}
		items = items[:4]
	}
	for i, it := range items {
		if it.Text != d.Parts[i].Text || i > 0 && it.ReplyTo != items[i-1].ID || i == 0 && it.ReplyTo != "" {
			t.Errorf("part %d: %+v", i+1, it)
		}
	}
}

// refusalsHaveTheirKind asks for the one kind each refusal has, on the public call.
func refusalsHaveTheirKind(t *testing.T, w *World) {
	for f, want := range map[networkfake.Fault]fault.Kind{
		networkfake.Limited: fault.Later, networkfake.LimitedSilent: fault.Later, networkfake.Unauthorised: fault.Unauthorised,
		networkfake.Forbidden: fault.Rejected, networkfake.Invalid: fault.Rejected, networkfake.TooLarge: fault.Rejected,
		networkfake.ErrorAfter: fault.Unknown, networkfake.ErrorBefore: fault.Unknown, networkfake.HTMLUnavailable: fault.Unknown,
		networkfake.DropAfter: fault.Unknown, networkfake.DropBefore: fault.Unknown, networkfake.ResetAfter: fault.Unknown,
		networkfake.TimeoutBefore: fault.Unknown, networkfake.Truncated: fault.Unknown, networkfake.HTMLAfter: fault.Unknown,
		networkfake.Huge: fault.Unknown, networkfake.Slow: fault.Unknown, networkfake.EmptySuccess: fault.Unknown,
	} {
		if !w.plays(f) {
			continue
		}
		step, earlier := w.ready(t, w.Draft("Refused")) // anew: a step that may be sent again knows what an earlier call achieved
		w.Fake.Next("create", f)
		_, err := w.do(t.Context(), step, earlier)
		if !fault.Is(err, want) {
			t.Errorf("%s: %v is %s, want %s", f, err, fault.KindOf(err), want)
		}
		if err != nil && strings.TrimSpace(fault.As(err).Message) == "" {
			t.Errorf("%s: the error says nothing to its reader", f)
		}
		for name, secret := range w.Session.Grant.Values {
			if err != nil && len(secret) > 5 && (strings.Contains(err.Error(), secret) || strings.Contains(fault.As(err).Message, secret)) {
				t.Errorf("%s: the error shows the secret %s", f, name)
			}
		}
	}
}

func waitIsHonoured(t *testing.T, w *World) {
	w.needs(t, networkfake.Limited)
	step, earlier := w.ready(t, w.Draft("Limited"))
	limits := []networkfake.Fault{networkfake.Limited}
	if w.OwnLimit != "" {
		limits = append(limits, w.OwnLimit)
	}
	for _, f := range limits {
		w.Fake.Next("create", f)
		_, err := w.do(t.Context(), step, earlier)
		if wait := fault.As(err).RetryAt.Sub(w.Clock.Now()); wait < 119*time.Second || wait > 3*time.Minute {
			t.Errorf("%s: the network said two minutes, the error says %s", f, wait)
		}
	}
	if n := len(w.live()); n != 0 {
		t.Errorf("%d items are live after nothing but refusals", n)
	}
}

func badTokenIsUnauthorised(t *testing.T, w *World) {
	item := w.publish(t, w.Draft("Before the token goes bad"))
	step, earlier := w.ready(t, w.Draft("Never to be seen"))
	w.Fake.Revoke()
	ctx, s, remote := t.Context(), w.Session, network.Remote{ID: item.RemoteID, URL: item.URL, Data: item.Data}
	calls := map[string]func() error{"Do": func() error { _, err := w.do(ctx, step, earlier); return err }}
	if n, ok := w.Network.(network.Checker); ok {
		calls["Check"] = func() error { _, err := n.Check(ctx, s); return err }
	}
	if n, ok := w.Network.(network.Converser); ok {
		calls["Fetch"] = func() error { _, err := n.Fetch(ctx, s, ""); return err }
	}
	if n, ok := w.Network.(network.Deleter); ok {
		calls["Delete"] = func() error { return n.Delete(ctx, s, remote) }
	}
	if n, ok := w.Network.(network.Measurer); ok {
		calls["AccountMetrics"] = func() error { _, err := n.AccountMetrics(ctx, s); return err }
	}
	for _, kind := range network.Kinds {
		if acts := network.ActsOf(w.Network, kind); len(acts) > 0 && calls["Act"] == nil {
			calls["Act"] = func() error { return w.Network.(network.Reactor).Act(ctx, s, acts[0], remote) }
		}
	}
	for name, call := range calls {
		if err := call(); !fault.Is(err, fault.Unauthorised) {
			t.Errorf("%s: %v is %s, want unauthorised", name, err, fault.KindOf(err))
		}
	}
}

func lifeOfAnItem(t *testing.T, w *World) {
	words := "A post with a link https://example.com/spring and two\n\nparagraphs"
	d := w.Draft(words)
	o := w.publish(t, d)
	item := network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
	if !strings.HasPrefix(o.URL, "http") {
		t.Errorf("the published item has no address: %q", o.URL)
	}
	read := func(want string) {
		t.Helper()
		n, ok := w.Network.(network.Reader)
		if !ok {
			return
		}
		live, err := n.Read(t.Context(), w.Session, item)
		if err != nil || live.Exists != (want != "") {
			t.Fatalf("read back: %+v, %v; want %q", live, err, want)
		}
		if live.Exists && text.Normalise(live.Text) != text.Normalise(want) {
			t.Errorf("read back %q, published %q", live.Text, want)
		}
		if live.Exists && live.At.Location() != time.UTC {
			t.Errorf("the time is not UTC: %s", live.At)
		}
	}
	read(words)
	if n, ok := w.Network.(network.Editor); ok {
		d.Parts[0].Text = "The same post, corrected"
		steps, problems := n.PlanEdit(item, d, w.Session.Account)
		if w.Unchangeable {
			if p := problem(problems, ""); p == nil || p.Message == "" || p.Fix == "" || len(steps) > 0 {
				t.Errorf("what cannot be edited is edited: %+v", problems)
			}
		} else if problem(problems, "") != nil {
			t.Fatalf("the edit is refused: %+v", problems)
		}
		for range 2 { // an edit may be repeated
			if r := w.run(t.Context(), steps); len(steps) > 0 && r.state != accepted {
				t.Fatalf("editing ended %s: %v", r.state, r.err)
			}
		}
		if !w.Unchangeable {
			read("The same post, corrected")
		}
	}
	if n, ok := w.Network.(network.Deleter); ok && w.Undeletable {
		if err := n.Delete(t.Context(), w.Session, item); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
			t.Errorf("deleting what cannot be deleted: %v, want a refusal that says what to do", err)
		}
	} else if ok {
		for range 2 {
			if err := n.Delete(t.Context(), w.Session, item); err != nil {
				t.Fatalf("delete: %v", err)
			}
		}
		read("")
		if items := w.live(); len(items) != 0 {
			t.Errorf("still live after deleting: %+v", items)
		}
	}
}

func removedItemIsGone(t *testing.T, w *World) {
	n, ok := w.Network.(network.Reader)
	if !ok {
		t.Skip("reads nothing back")
	}
	o := w.publish(t, w.Draft("Soon to be moderated"))
	w.Fake.Remove(o.RemoteID)
	live, err := n.Read(t.Context(), w.Session, network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data})
	if err != nil || live.Exists {
		t.Errorf("a removed item reads as %+v, %v", live, err)
	}
}

// samePostTwiceIsTwoPosts: a look-up must not take last week's post of the same words for today's.
func samePostTwiceIsTwoPosts(t *testing.T, w *World) {
	w.needs(t, networkfake.DropBefore)
	first := w.publish(t, w.Draft("Open from nine to five"))
	w.Clock.Advance(time.Hour)
	w.Fake.Next("create", networkfake.DropBefore)
	r := w.run(t.Context(), w.plan(t, w.Draft("Open from nine to five")))
	if r.state == accepted && (r.main().RemoteID == first.RemoteID || len(w.live()) != 2) {
		t.Errorf("the second post was taken for the first: %s", r.main().RemoteID)
	}
}

// firstMessage lets a stranger write, in the first way the network has, and returns what Fetch makes of it.
func firstMessage(t *testing.T, w *World, words string) network.Message {
	t.Helper()
	c := w.Network.(network.Converser)
	_, write := w.stranger(t)
	start, err := c.Fetch(t.Context(), w.Session, "")
	if err != nil {
		t.Fatal(err)
	}
	id := write(words)
	b, err := c.Fetch(t.Context(), w.Session, start.Cursor)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Messages) != 1 || b.Messages[0].ID != id {
		t.Fatalf("fetched %+v, want the one message %s", b.Messages, id)
	}
	return b.Messages[0]
}

// failedReadIsLater: looking again harms nobody, so a look that got no answer is never in doubt.
func failedReadIsLater(t *testing.T, w *World) {
	o := w.publish(t, w.Draft("Read me"))
	item := network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
	for _, f := range []networkfake.Fault{networkfake.ErrorBefore, networkfake.DropBefore, networkfake.TimeoutBefore, networkfake.HTMLUnavailable, networkfake.HTMLAfter,
		networkfake.Truncated, networkfake.Huge, networkfake.LimitedSilent} {
		if !w.plays(f) {
			continue
		}
		calls := map[string]func(context.Context) error{}
		if n, ok := w.Network.(network.Reader); ok {
			calls["Read"] = func(ctx context.Context) error { _, err := n.Read(ctx, w.Session, item); return err }
		}
		if n, ok := w.Network.(network.Converser); ok {
			calls["Fetch"] = func(ctx context.Context) error { _, err := n.Fetch(ctx, w.Session, ""); return err }
		}
		if n, ok := w.Network.(network.Checker); ok {
			calls["Check"] = func(ctx context.Context) error { _, err := n.Check(ctx, w.Session); return err }
		}
		if n, ok := w.Network.(network.Measurer); ok {
			calls["AccountMetrics"] = func(ctx context.Context) error { _, err := n.AccountMetrics(ctx, w.Session); return err }
		}
		for name, call := range calls {
			w.Fake.Next("read", f)
			w.call(t.Context(), func(ctx context.Context) {
				if err := call(ctx); !fault.Is(err, fault.Later) {
					t.Errorf("%s after %s: %v is %s, want later", name, f, err, fault.KindOf(err))
				}
			})
		}
	}
}
