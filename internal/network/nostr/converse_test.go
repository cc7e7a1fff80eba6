package nostr_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/nostr"
	"github.com/bellwether-social/bellwether/internal/network/nostr/nostrfake"
)

func fetch(t *testing.T, w *networktest.World, cursor string) network.Batch {
	t.Helper()
	b, err := nostr.New("").Fetch(t.Context(), w.Session, cursor)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func texts(b network.Batch) (out []string) {
	for _, m := range b.Messages {
		out = append(out, m.Text)
	}
	return out
}

func TestWhatArrivesLateIsStillRead(t *testing.T) {
	w, f := world(t, nostrfake.Options{})
	me := []string{"p", f.Key(nostrfake.Brand)}
	f.Write("ann", 1, "now", me)
	b := fetch(t, w, "")
	f.WriteAt("ben", w.Clock.Now().Add(-50*time.Minute), 1, "written before, arrived after", me)
	b = fetch(t, w, b.Cursor)
	if fmt.Sprint(texts(b)) != "[written before, arrived after]" {
		t.Errorf("fetched %v", texts(b))
	}
	if b = fetch(t, w, b.Cursor); len(b.Messages) != 0 {
		t.Errorf("told twice: %v", texts(b))
	}
}

func TestRelayThatWasAwayIsReadFromWhereItWasLeft(t *testing.T) {
	w, relays := several(t, 2)
	me := []string{"p", relays[0].Key(nostrfake.Brand)}
	relays[0].Write("ann", 1, "before", me)
	b := fetch(t, w, "")
	w.Clock.Advance(24 * time.Hour)
	relays[1].Write("ann", 1, "while it was away", me)
	w.Clock.Advance(24 * time.Hour)
	relays[0].Write("ben", 1, "meanwhile", me)
	relays[1].Faults.Next("read", networkfake.DropBefore, networkfake.DropBefore, networkfake.DropBefore)
	if b = fetch(t, w, b.Cursor); fmt.Sprint(texts(b)) != "[meanwhile]" {
		t.Errorf("from the other: %v", texts(b))
	}
	relays[1].Faults.Heal()
	if b = fetch(t, w, b.Cursor); fmt.Sprint(texts(b)) != "[while it was away]" {
		t.Errorf("when it is back: %v", texts(b))
	}
	relays[0].Faults.Next("read", networkfake.DropBefore)
	relays[1].Faults.Next("read", networkfake.LimitedSilent)
	if _, err := nostr.New("").Fetch(t.Context(), w.Session, b.Cursor); !fault.Is(err, fault.Later) {
		t.Errorf("all away: %v", err)
	}
}

func TestOneEventAtTwoRelaysIsOneMessage(t *testing.T) {
	w, relays := several(t, 2)
	b := fetch(t, w, "")
	e := relays[0].Write("ann", 1, "everywhere", []string{"p", relays[0].Key(nostrfake.Brand)})
	relays[1].Keep(e)
	if b = fetch(t, w, b.Cursor); len(b.Messages) != 1 {
		t.Errorf("fetched %v", texts(b))
	}
}

func TestConversationsAreDescribedWhole(t *testing.T) {
	w, f := world(t, nostrfake.Options{})
	brand := f.Key(nostrfake.Brand)
	f.Write("ann", 0, `{"name":"ann","display_name":"Ann","nip05":"ann@example.com","picture":"http://not.encrypted/x.png"}`)
	post := publish(t, w, planned(t, w, w.Draft("A post")))["post"]
	b := fetch(t, w, "")
	if len(b.Messages) != 0 {
		t.Errorf("our own post is a message: %v", texts(b))
	}
	w.Clock.Advance(time.Second)
	first := f.Say("ann", "First", post.RemoteID)
	w.Clock.Advance(time.Second)
	second := f.Say("ben", "Second", first)
	w.Clock.Advance(time.Second)
	old := f.Write("carol", 1, "As older apps answer", []string{"e", post.RemoteID}, []string{"e", second}, []string{"p", brand})
	f.Write("ann", 7, "🤙", []string{"e", post.RemoteID}, []string{"p", brand})
	f.Write("ben", 7, "-", []string{"e", post.RemoteID}, []string{"p", brand})
	f.Write("ben", 6, "", []string{"e", post.RemoteID}, []string{"p", brand})
	f.Write(nostrfake.Brand, 1, "From my phone", []string{"e", post.RemoteID, "", "root"}, []string{"e", first, "", "reply"})
	b = fetch(t, w, b.Cursor)
	if len(b.Messages) != 4 || len(b.Reactions) != 2 {
		t.Fatalf("fetched %v and %+v", texts(b), b.Reactions)
	}
	by := map[string]network.Message{}
	for _, m := range b.Messages {
		by[m.Text] = m
		if m.Thread != post.RemoteID || m.Kind != network.Comment {
			t.Errorf("%s is a %s in thread %s", m.Text, m.Kind, m.Thread)
		}
	}
	if by["Second"].ReplyTo != first || by["As older apps answer"].ReplyTo != second || by["As older apps answer"].ID != old.ID || !by["From my phone"].Own {
		t.Errorf("the thread is %+v", by)
	}
	if who := by["First"].From; who.Name != "Ann" || who.Handle != "ann@example.com" || who.AvatarURL != "" || who.ID != f.Key("ann") {
		t.Errorf("written by %+v", who)
	}
	list, err := nostr.New("").PostMetrics(t.Context(), w.Session, []network.Remote{remote(post)})
	if err != nil || fmt.Sprint(list[0].Values) != "map[M-COMM:1 M-LIKE:1 M-SHARE:1]" {
		t.Errorf("measured %+v, %v", list, err)
	}
}

func TestAnswersFollowWhatTheyAnswer(t *testing.T) {
	w, f := world(t, nostrfake.Options{})
	d := w.Draft("# Words")
	d.Settings = map[string]string{"kind": "article", "title": "Words"}
	article := publish(t, w, planned(t, w, d))["post"]
	b := fetch(t, w, "")
	w.Clock.Advance(time.Second)
	comment := f.Say("ann", "A comment", article.RemoteID)
	b = fetch(t, w, b.Cursor)
	if len(b.Messages) != 1 || b.Messages[0].Kind != network.Comment || b.Messages[0].Thread != article.RemoteID {
		t.Fatalf("fetched %+v", b.Messages)
	}
	steps, problems := nostr.New("").PlanReply(network.Reply{Key: "r", To: b.Messages[0], Text: "Thanks", At: w.Clock.Now()}, w.Session.Account)
	if len(steps) != 1 {
		t.Fatalf("refused: %+v", problems)
	}
	e, _ := f.Event(publish(t, w, steps)["reply"].RemoteID)
	if e.Kind != 1111 || e.Tag("A") != article.RemoteID || e.Tag("K") != "30023" || e.Tag("e") != comment || e.Tag("k") != "1111" || !e.Has("p", f.Key("ann")) {
		t.Errorf("the answer is %+v", e)
	}
}

func TestActsAreDoneOnce(t *testing.T) {
	w, f := world(t, nostrfake.Options{})
	theirs := f.Write("ann", 1, "Like me", []string{"p", f.Key(nostrfake.Brand)})
	on := network.Remote{ID: theirs.ID}
	for _, c := range []struct {
		act            network.Act
		likes, reposts int
	}{{network.Unlike, 0, 0}, {network.Like, 1, 0}, {network.Like, 1, 0}, {network.Share, 1, 1}, {network.Share, 1, 1}, {network.Unlike, 0, 1}} {
		w.Clock.Advance(time.Second)
		if err := nostr.New("").Act(t.Context(), w.Session, c.act, on); err != nil || len(f.Events(7)) != c.likes || len(f.Events(6)) != c.reposts {
			t.Errorf("%s: %v, %d likes, %d reposts", c.act, err, len(f.Events(7)), len(f.Events(6)))
		}
	}
	if err := nostr.New("").Act(t.Context(), w.Session, network.Mute, on); !fault.Is(err, fault.Rejected) {
		t.Errorf("muting: %v", err)
	}
	if err := nostr.New("").Delete(t.Context(), w.Session, on); !fault.Is(err, fault.Rejected) {
		t.Errorf("deleting somebody else's: %v", err)
	}
}

// TestStrangersNonsenseIsHarmless: tags of any shape, and dates of any year, which must hide nothing that comes later.
func TestStrangersNonsenseIsHarmless(t *testing.T) {
	w, f := world(t, nostrfake.Options{})
	me := []string{"p", f.Key(nostrfake.Brand)}
	b := fetch(t, w, "")
	for i, tags := range [][][]string{{{}}, {{""}}, {{"e"}}, {{"e", "x"}}, {{"imeta"}}, {{"imeta", ""}}, {{"a", "30023:x"}}, {{"q"}}, {{"p"}}, {{"e", strings.Repeat("a", 64), "", "root"}}} {
		f.WriteAt("ann", w.Clock.Now().Add(time.Duration(i)*time.Second), 1, fmt.Sprint("odd ", i), append(tags, me)...)
	}
	f.WriteAt("ann", time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 1, "from the future", me)
	f.Write("ann", 0, "no profile")
	f.Write("ann", 7, "+", me)
	b = fetch(t, w, b.Cursor)
	if len(b.Messages) != 11 || b.Messages[10].At.After(w.Clock.Now()) {
		t.Errorf("fetched %v, the last at %s", texts(b), b.Messages[len(b.Messages)-1].At)
	}
	for range 3 {
		w.Clock.Advance(5 * time.Hour)
		f.Write("ben", 1, "later", me)
		if b = fetch(t, w, b.Cursor); fmt.Sprint(texts(b)) != "[later]" {
			t.Errorf("after somebody wrote from the future: %v", texts(b))
		}
	}
}

// TestAnswersReachThoseWhoReadElsewhere: what names somebody is taken to where they read, and nothing depends on it.
func TestAnswersReachThoseWhoReadElsewhere(t *testing.T) {
	w, f := world(t, nostrfake.Options{})
	elsewhere, away := start(t, nostrfake.Options{Now: w.Clock.Now}), start(t, nostrfake.Options{Now: w.Clock.Now})
	f.Write("ann", 10002, "", []string{"r", away.Relay(), "read"}, []string{"r", elsewhere.Relay()}, []string{"r", "ws://10.0.0.1"})
	away.Faults.Next("create", networkfake.DropBefore)
	d := w.Draft("Hello @ann")
	d.Parts[0].Mentions = map[string]string{"@ann": f.Key("ann")}
	done := publish(t, w, planned(t, w, d))
	if _, there := elsewhere.Event(done["post"].RemoteID); !there || done["post"].Data["accepted"] != "1 of 1 relays" {
		t.Errorf("it did not reach her: %+v", done["post"])
	}
}
