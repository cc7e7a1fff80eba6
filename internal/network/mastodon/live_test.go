package mastodon_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/lab"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/mastodon"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

// live is an account connected at a real server, by a person at a browser, and another person there.
type live struct {
	t        *testing.T
	n        mastodon.Mastodon
	s        network.Session
	me, them lab.MastodonUser
}

func connected(t *testing.T) *live {
	t.Helper()
	server := lab.GoToSocial(t)
	l := &live{t: t, me: server.As(t, "alice"), them: server.As(t, "bob")}
	client := networktest.Client(t, nil)
	verifier := strings.Repeat("verifier", 8)
	sum := sha256.Sum256([]byte(verifier))
	to, err := l.n.Begin(t.Context(), client, network.ConnectRequest{Server: server.BaseURL + "/about", RedirectURL: "http://127.0.0.1:9/callback", State: "the-state",
		Verifier: verifier, Challenge: base64.RawURLEncoding.EncodeToString(sum[:]), AppName: "Bellwether", AppURL: "https://bellwether.example"})
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	back, err := url.Parse(l.me.Approve(to.URL))
	if err != nil || back.Query().Get("state") != "the-state" {
		t.Fatalf("sent back to %s: %v", back, err)
	}
	grant, accounts, err := l.n.Finish(t.Context(), client, to.Keep, back.Query())
	if err != nil || len(accounts) != 1 {
		t.Fatalf("finish: %+v, %v", accounts, err)
	}
	l.s = network.Session{Account: accounts[0], Grant: grant, HTTP: client}
	return l
}

// publish carries a draft out step by step.
func (l *live) publish(d network.Draft) ([]network.Step, network.Outcomes) {
	l.t.Helper()
	steps, problems := l.n.Plan(d, l.s.Account)
	for _, p := range problems {
		if p.Level == network.Error {
			l.t.Fatalf("refused: %+v", p)
		}
	}
	return steps, l.carryOut(steps)
}

func (l *live) carryOut(steps []network.Step) network.Outcomes {
	l.t.Helper()
	done := network.Outcomes{}
	for _, s := range steps {
		if s.Media != nil {
			s.Media.Open = networktest.Picture("").Open
		}
		for range 100 {
			o, err := l.n.Do(l.t.Context(), l.s, s, done)
			if err != nil {
				l.t.Fatalf("step %s: %v", s.Name, err)
			}
			if done[s.Name] = o; !o.Pending {
				break
			}
		}
	}
	return done
}

func remote(o network.Outcome) network.Remote {
	return network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
}

func TestRealServerIsConnectedCheckedAndDisconnected(t *testing.T) {
	l := connected(t)
	a := l.s.Account
	if a.Extra["software"] != "gotosocial" || a.Limits.Characters != 5000 || a.Limits.Media != 6 || a.Limits.PollOptions != 6 || !slices.Contains(a.Limits.MIMETypes, "image/png") {
		t.Errorf("the server's limits are not read: %+v", a)
	}
	if a.Extra["id"] != l.me.ID || !strings.HasPrefix(a.Handle, "alice@") || !strings.HasPrefix(a.ID, l.me.ID+"@") {
		t.Errorf("the account is %+v", a)
	}
	again, err := l.n.Check(t.Context(), l.s)
	if err != nil || again.ID != a.ID {
		t.Errorf("check: %+v, %v", again, err)
	}
	if err := l.n.Revoke(t.Context(), l.s); err != nil {
		t.Errorf("revoke: %v", err)
	}
	if _, err := l.n.Check(t.Context(), l.s); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("after giving the token back: %v", err)
	}
}

func TestRealServerPublishesFindsEditsAndDeletes(t *testing.T) {
	l := connected(t)
	mark := lab.Mark()
	sent := time.Now()
	d := network.Draft{Key: mark, Language: "en", Settings: map[string]string{"visibility": "unlisted", "content_warning": "Testing " + mark, "sensitive": "true"},
		Parts: []network.Part{{Text: "Hello @bob, see https://example.com/a/long/path?mark=" + mark + "&more=1\n\nTwo *paragraphs* <b>& so on</b>", Media: []network.Media{networktest.Picture("A red square")}}}}
	d.Parts[0].Media[0].FocusX = 0.5
	steps, done := l.publish(d)
	post := done["post"]
	seen, there := l.them.Read(post.RemoteID)
	if !there || seen.Visibility != "unlisted" || seen.Spoiler != "Testing "+mark || !seen.Sensitive || seen.Language != "en" || len(seen.Media) != 1 || seen.Media[0].Description != "A red square" {
		t.Fatalf("others see %+v", seen)
	}
	finding, found, err := l.n.Find(t.Context(), l.s, steps[len(steps)-1], network.Outcomes{"media-1": done["media-1"]}, sent)
	if err != nil || finding != network.Found || found.RemoteID != post.RemoteID || found.Data["media_sha256"] != post.Data["media_sha256"] {
		t.Errorf("looked up: %s %+v, %v", finding, found, err)
	}
	other := d
	other.Parts = []network.Part{{Text: "Not this one " + mark, Media: d.Parts[0].Media}}
	steps, _ = l.n.Plan(other, l.s.Account)
	if finding, found, err = l.n.Find(t.Context(), l.s, steps[len(steps)-1], nil, sent); err != nil || finding != network.NotSeen {
		t.Errorf("a post that was never sent is %s: %+v, %v", finding, found, err)
	}
	read, err := l.n.Read(t.Context(), l.s, remote(post))
	if err != nil || !read.Exists || read.MediaCount != 1 || !strings.Contains(read.Text, "https://example.com/a/long/path?mark="+mark+"&more=1") || !strings.Contains(read.Text, "*paragraphs* <b>& so on</b>") {
		t.Errorf("read back: %+v, %v", read, err)
	}
	// The picture stays where it is; only the words and its description change.
	d.Parts[0].Text, d.Parts[0].Media[0].Alt = "Corrected "+mark, "A square in red"
	edit, problems := l.n.PlanEdit(remote(post), d, l.s.Account)
	if len(edit) != 1 {
		t.Fatalf("the edit has %d steps: %+v", len(edit), problems)
	}
	l.carryOut(edit)
	if seen, _ = l.them.Read(post.RemoteID); !strings.Contains(seen.Content, "Corrected "+mark) || len(seen.Media) != 1 || seen.Media[0].Description != "A square in red" || seen.EditedAt == "" {
		t.Errorf("after the edit others see %+v", seen)
	}
	for range 2 {
		if err := l.n.Delete(t.Context(), l.s, remote(post)); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	l.until("the deleted post is gone for us and for others", func() bool {
		read, err = l.n.Read(t.Context(), l.s, remote(post))
		_, there = l.them.Read(post.RemoteID)
		return err == nil && !read.Exists && !there
	})
}

func TestRealServerPublishesThreadPollAndFirstComment(t *testing.T) {
	l := connected(t)
	mark := lab.Mark()
	d := network.Draft{Key: mark, Parts: []network.Part{{Text: mark + " one"}, {Text: mark + " two"}, {Text: mark + " three"}}, FirstComment: &network.Part{Text: mark + " comment"}}
	steps, done := l.publish(d)
	if n := len(l.them.Posts(l.me.ID, mark)); n != 4 {
		t.Errorf("%d posts are live, want 4", n)
	}
	below := l.them.Answers(done["post"].RemoteID)
	parents := map[string]string{}
	for _, s := range below {
		parents[s.ID] = s.ReplyTo
	}
	if parents[done["part-2"].RemoteID] != done["post"].RemoteID || parents[done["part-3"].RemoteID] != done["part-2"].RemoteID || parents[done["comment"].RemoteID] != done["post"].RemoteID {
		t.Errorf("the thread is %v of %+v", parents, done)
	}
	earlier := network.Outcomes{"post": done["post"]}
	if finding, found, err := l.n.Find(t.Context(), l.s, steps[1], earlier, time.Now()); err != nil || finding != network.Found || found.RemoteID != done["part-2"].RemoteID {
		t.Errorf("the second part is %s: %+v, %v", finding, found, err)
	}
	poll := network.Draft{Key: mark + "p", Parts: []network.Part{{Text: mark + " which?", Poll: &network.Poll{Options: []string{"This", "That", "Both"}, Duration: time.Hour, Multiple: true}}}}
	steps, done = l.publish(poll)
	if finding, found, err := l.n.Find(t.Context(), l.s, steps[0], nil, time.Now()); err != nil || finding != network.Found || found.RemoteID != done["post"].RemoteID {
		t.Errorf("the poll is %s: %+v, %v", finding, found, err)
	}
	items, next, err := l.n.Own(t.Context(), l.s, "", 2)
	if err != nil || len(items) != 2 || items[0].At.IsZero() || next == "" {
		t.Errorf("own items: %+v, %q, %v", items, next, err)
	}
}

// until asks again while a server that works in the background may still be at it.
func (l *live) until(what string, ready func() bool) {
	l.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ready(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			l.t.Fatalf("never: %s", what)
		}
	}
}

func TestRealServerBringsConversationsReactionsAndNumbers(t *testing.T) {
	l := connected(t)
	mark := lab.Mark()
	start, err := l.n.Fetch(t.Context(), l.s, "")
	if err != nil {
		t.Fatal(err)
	}
	_, done := l.publish(network.Draft{Key: mark, Parts: []network.Part{{Text: mark + " what do you think?"}}})
	post := done["post"]
	comment := l.them.Reply(post.RemoteID, "@alice "+mark+" good <i>indeed</i>")
	letter := l.them.Direct("@alice " + mark + " in private")
	l.them.Favourite(post.RemoteID)
	l.them.Boost(post.RemoteID)

	var messages []network.Message
	reactions := map[string]network.Reaction{}
	cursor := start.Cursor
	l.until("two messages and two reactions", func() bool {
		b, err := l.n.Fetch(t.Context(), l.s, cursor)
		if err != nil {
			t.Fatal(err)
		}
		cursor = b.Cursor
		for _, m := range b.Messages {
			if strings.Contains(m.Text, mark) {
				messages = append(messages, m)
			}
		}
		for _, r := range b.Reactions {
			if r.On == post.RemoteID {
				reactions[r.Kind] = r
			}
		}
		return len(messages) >= 2 && len(reactions) == 2
	})
	// The server may tell of the later one first; each page is in order, and so is what they were written at.
	slices.SortFunc(messages, func(a, b network.Message) int { return a.At.Compare(b.At) })
	if len(messages) != 2 || messages[0].ID != comment.ID || messages[0].Kind != network.Comment || messages[0].Thread != post.RemoteID || !strings.Contains(messages[0].Text, "good <i>indeed</i>") ||
		!strings.HasPrefix(messages[0].From.Handle, "bob@") {
		t.Errorf("the comment came as %+v", messages)
	}
	if messages[1].ID != letter.ID || messages[1].Kind != network.Direct {
		t.Errorf("the private message came as %+v", messages[1])
	}
	if reactions["like"].From.ID != messages[0].From.ID {
		t.Errorf("reactions: %+v", reactions)
	}

	for i, m := range messages {
		steps, problems := l.n.PlanReply(network.Reply{Key: mark + string(rune('a'+i)), To: m, Text: "Thank you, " + mark, Language: "en"}, l.s.Account)
		if len(steps) != 1 {
			t.Fatalf("the answer is refused: %+v", problems)
		}
		sent := time.Now()
		reply := l.carryOut(steps)["reply"]
		seen, there := l.them.Read(reply.RemoteID)
		if !there || seen.ReplyTo != m.ID || seen.Visibility != map[bool]string{true: "direct", false: "public"}[m.Kind == network.Direct] {
			t.Errorf("the answer to %s reaches its author as %+v", m.Kind, seen)
		}
		if finding, found, err := l.n.Find(t.Context(), l.s, steps[0], nil, sent); err != nil || finding != network.Found || found.RemoteID != reply.RemoteID {
			t.Errorf("the answer to %s is looked up as %s: %+v, %v", m.Kind, finding, found, err)
		}
	}
	// What went out through us is known; an answer given in another app is told.
	elsewhere := l.me.Reply(comment.ID, "@bob "+mark+" from my phone")
	own := []network.Message{}
	l.until("the answer from elsewhere", func() bool {
		b, err := l.n.Fetch(t.Context(), l.s, cursor)
		if err != nil {
			t.Fatal(err)
		}
		cursor = b.Cursor
		for _, m := range b.Messages { // other tests live on this server too
			if strings.Contains(m.Text, mark) {
				own = append(own, m)
			}
		}
		return len(own) > 0
	})
	if len(own) != 1 || own[0].ID != elsewhere.ID || !own[0].Own || own[0].Thread != post.RemoteID {
		t.Errorf("own messages: %+v", own)
	}

	measured, err := l.n.PostMetrics(t.Context(), l.s, []network.Remote{remote(post), {ID: "01AAAAAAAAAAAAAAAAAAAAAAAA"}})
	if err != nil || len(measured) != 2 || measured[0].Values["M-LIKE"] != 1 || measured[0].Values["M-SHARE"] != 1 || measured[0].Values["M-COMM"] < 1 || !measured[1].Gone {
		t.Errorf("measured %+v, %v", measured, err)
	}
	values, err := l.n.AccountMetrics(t.Context(), l.s)
	if _, known := values["M-FOLL"]; err != nil || !known {
		t.Errorf("the account's numbers: %v, %v", values, err)
	}
	people, err := l.n.SearchPeople(t.Context(), l.s, "bob", 5)
	if err != nil || !slices.ContainsFunc(people, func(p network.Person) bool { return p.ID == messages[0].From.ID }) {
		t.Errorf("people: %+v, %v", people, err)
	}
	for _, act := range []network.Act{network.Like, network.Like, network.Unlike, network.Share, network.Mute, network.Unmute} {
		if err := l.n.Act(t.Context(), l.s, act, messages[0].Remote); err != nil {
			t.Errorf("%s: %v", act, err)
		}
	}
}
