package threads_test

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/threads"
	"github.com/bellwether-social/bellwether/internal/network/threads/threadsfake"
)

func TestRepliesAreReadWhereverTheyStand(t *testing.T) {
	w, f := world(t, threadsfake.Options{})
	n := w.Network.(network.Converser)
	d := w.Draft("Our post", "Its second part")
	post := publish(t, w, d)
	start, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil || len(start.Messages) != 0 {
		t.Fatalf("our own thread is no conversation: %+v, %v", start.Messages, err)
	}
	tick := func() { w.Clock.Advance(time.Second) }
	tick()
	below := f.Say("ann", "Below your post, @brand", post["post"].RemoteID)
	tick()
	deeper := f.Say("bob", "Below her", below)
	tick()
	ours := f.Say(threadsfake.Brand, "Answered in the app", deeper)
	tick()
	elsewhere := f.Say("carl", "Look, @brand", "")
	b, err := n.Fetch(t.Context(), w.Session, start.Cursor)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range b.Messages {
		got = append(got, m.ID)
	}
	if !slices.Equal(got, []string{below, deeper, ours, elsewhere}) {
		t.Fatalf("read %v, want %v", got, []string{below, deeper, ours, elsewhere})
	}
	if m := b.Messages[0]; m.Kind != network.Comment || m.Thread != post["post"].RemoteID || m.From.Handle != "ann" {
		t.Errorf("%+v", m)
	}
	if m := b.Messages[2]; !m.Own || m.ReplyTo != deeper {
		t.Errorf("our answer is %+v", m)
	}
	if m := b.Messages[3]; m.Kind != network.Mention || m.Own || m.Thread != elsewhere {
		t.Errorf("%+v", m)
	}
	// An answer to our answer below somebody else's post.
	tick()
	away := f.Say(threadsfake.Brand, "Glad to hear it", elsewhere)
	tick()
	back := f.Say("carl", "You are welcome", away)
	b, err = n.Fetch(t.Context(), w.Session, b.Cursor)
	if err != nil || len(b.Messages) != 1 || b.Messages[0].ID != back || b.Messages[0].Thread != elsewhere {
		t.Errorf("%+v, %v", b.Messages, err)
	}
	// What is dated a little before what was read is not lost.
	w.Clock.Advance(-30 * time.Second)
	late := f.Say("dora", "@brand I took my time", "")
	w.Clock.Advance(time.Minute)
	b, err = n.Fetch(t.Context(), w.Session, b.Cursor)
	if err != nil || len(b.Messages) != 1 || b.Messages[0].ID != late {
		t.Errorf("%+v, %v", b.Messages, err)
	}
}

func TestRepliesAreHiddenAndPostsReposted(t *testing.T) {
	w, f := world(t, threadsfake.Options{})
	n := w.Network.(network.Reactor)
	post := publish(t, w, w.Draft("Our post"))["post"]
	reply := f.Say("troll", "Rude", post.RemoteID)
	for _, act := range []network.Act{network.Hide, network.Hide, network.Unhide} {
		if err := n.Act(t.Context(), w.Session, act, network.Remote{ID: reply}); err != nil || f.Hidden(reply) != (act == network.Hide) {
			t.Errorf("%s: hidden is %t, %v", act, f.Hidden(reply), err)
		}
	}
	other := f.Say("friend", "Nice", "")
	if err := n.Act(t.Context(), w.Session, network.Share, network.Remote{ID: other}); err != nil || !slices.Equal(f.Reposts(), []string{other}) {
		t.Errorf("reposted %v, %v", f.Reposts(), err)
	}
	if err := n.Act(t.Context(), w.Session, network.Like, network.Remote{ID: other}); !fault.Is(err, fault.Rejected) {
		t.Errorf("liking: %v", err)
	}
}

func TestNumbersAreNamedAsInTheDictionary(t *testing.T) {
	w, _ := world(t, threadsfake.Options{})
	post := publish(t, w, w.Draft("Count me"))["post"]
	n := w.Network.(network.Measurer)
	list, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{{ID: post.RemoteID}})
	// The fake counts 10 views, 9 likes, 8 replies, 7 reposts, 6 quotes, 5 shares.
	if v := list[0].Values; err != nil || v["M-IMPR"] != 10 || v["M-LIKE"] != 9 || v["M-COMM"] != 8 || v["M-SHARE"] != 18 {
		t.Errorf("%+v, %v", list, err)
	}
	if v, err := n.AccountMetrics(t.Context(), w.Session); err != nil || v["M-FOLL"] != 4711 || len(v) != 1 {
		t.Errorf("%v, %v", v, err)
	}
	bare, s := answering(t, 200, nil, `{"data":[{"name":"views","values":[]},{"name":"likes","values":[{"value":0}]}]}`)
	list, err = bare.(network.Measurer).PostMetrics(t.Context(), s, []network.Remote{{ID: "1"}})
	if err != nil || len(list[0].Values) != 1 || list[0].Values["M-LIKE"] != 0 {
		t.Errorf("missing numbers: %+v, %v", list, err)
	}
}

func TestHandshakeNeedsTheToken(t *testing.T) {
	n := threads.New("")
	call := network.Webhook{Method: http.MethodGet, Query: url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {"1158201444"}, "hub.verify_token": {threadsfake.VerifyToken}}}
	heard, err := n.Hear(registered, call)
	if err != nil || !bytes.Equal(heard.Answer, []byte("1158201444")) || len(heard.Accounts) > 0 {
		t.Errorf("%+v, %v", heard, err)
	}
	call.Query.Set("hub.verify_token", "guess")
	for _, app := range []map[string]string{registered, {}} {
		if heard, err := n.Hear(app, call); !fault.Is(err, fault.Unauthorised) || len(heard.Answer) > 0 {
			t.Errorf("%+v, %v", heard, err)
		}
		call.Query.Set("hub.verify_token", "")
	}
}
