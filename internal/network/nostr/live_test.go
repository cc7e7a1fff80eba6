package nostr_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/lab"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/nostr"
)

// live is an account connected at a real relay, and another person there.
type live struct {
	*networktest.World
	relay    lab.Nostr
	me, them lab.NostrUser
}

func connected(t *testing.T) *live {
	t.Helper()
	relay := lab.Relay(t)
	l := &live{relay: relay, me: relay.As(t, "alice"), them: relay.As(t, "bob")}
	client := networktest.Client(t, nil)
	grant, accounts, err := nostr.New("").SignIn(t.Context(), client, map[string]string{"secret_key": l.me.Nsec, "relays": relay.Address(), "media_server": relay.BaseURL})
	if err != nil || len(accounts) != 1 {
		t.Fatalf("sign in: %+v, %v", accounts, err)
	}
	l.World = &networktest.World{Network: nostr.New(""), Session: network.Session{Account: accounts[0], Grant: grant, HTTP: client}, Clock: networktest.NewClock()}
	return l
}

func draft(mark string, texts ...string) network.Draft {
	d := network.Draft{Key: mark, Language: "en", At: time.Now().UTC().Truncate(time.Second).Add(-10 * time.Second)}
	for _, text := range texts {
		d.Parts = append(d.Parts, network.Part{Text: text})
	}
	return d
}

func TestRealRelayIsConnectedAndChecked(t *testing.T) {
	l := connected(t)
	a := l.Session.Account
	if a.ID != l.me.Pubkey || a.URL != "https://njump.me/"+l.me.Npub || a.Server != l.relay.Address() || a.Extra["media"] != l.relay.BaseURL || len(a.Choices["relays"]) != 1 {
		t.Errorf("the account is %+v", a)
	}
	again, err := nostr.New("").Check(t.Context(), l.Session)
	if err != nil || again.ID != a.ID || again.Extra["relays"] != a.Extra["relays"] {
		t.Errorf("check: %+v, %v", again, err)
	}
	people, err := nostr.New("").SearchPeople(t.Context(), l.Session, l.them.Npub, 5)
	if err != nil || len(people) != 1 || people[0].ID != l.them.Pubkey {
		t.Errorf("people: %+v, %v", people, err)
	}
}

func TestRealRelayKeepsThreadsWithFilesOnce(t *testing.T) {
	l := connected(t)
	mark := lab.Mark()
	d := draft(mark, mark+` one <b>& "two"</b> \ @bob #Launch`, mark+" two", mark+" three")
	d.FirstComment = &network.Part{Text: mark + " comment"}
	d.Parts[0].Mentions = map[string]string{"@bob": l.them.Pubkey}
	d.Parts[0].Media = []network.Media{networktest.Picture("A red square")}
	d.Settings = map[string]string{"content_warning": "Testing"}
	steps := planned(t, l.World, d)
	if found, _, err := nostr.New("").Find(t.Context(), l.Session, steps[1], nil, time.Now()); err != nil || found != network.NotSeen {
		t.Errorf("before it is sent it is %s, %v", found, err)
	}
	done := publish(t, l.World, steps)
	again := publish(t, l.World, steps) // as after lost answers
	seen, there := l.them.Read(done["post"].RemoteID)
	if !there || again["post"].RemoteID != done["post"].RemoteID || seen.Kind != 1 || !seen.Has("p", l.them.Pubkey) || !seen.Has("t", "launch") || !seen.Has("content-warning", "Testing") || !strings.Contains(seen.Content, "nostr:"+l.them.Npub) {
		t.Fatalf("others see %+v", seen)
	}
	address := seen.Content[strings.LastIndex(seen.Content, "http"):]
	file, _ := networktest.Picture("").Open(t.Context())
	var want bytes.Buffer
	_, _ = want.ReadFrom(file)
	if got := l.them.File(address); !bytes.Equal(got, want.Bytes()) {
		t.Errorf("at %s are %d other bytes", address, len(got))
	}
	if n := len(l.them.Find(map[string]any{"authors": []string{l.me.Pubkey}, "#e": []string{done["post"].RemoteID}, "kinds": []int{1}})); n != 3 {
		t.Errorf("%d notes are below the post, want 3", n)
	}
	third, _ := l.them.Read(done["part-3"].RemoteID)
	if !third.Has("e", done["post"].RemoteID, "", "root") || !third.Has("e", done["part-2"].RemoteID, "", "reply") {
		t.Errorf("the third part is %+v", third)
	}
	for i, s := range steps[1:] {
		if finding, o, err := nostr.New("").Find(t.Context(), l.Session, s, nil, time.Now()); err != nil || finding != network.Found || o.RemoteID != done[s.Name].RemoteID {
			t.Errorf("part %d is looked up as %s %+v, %v", i+1, finding, o, err)
		}
	}
	read, err := nostr.New("").Read(t.Context(), l.Session, remote(done["post"]))
	if err != nil || !read.Exists || read.MediaCount != 1 || !strings.HasPrefix(read.Text, mark+` one <b>& "two"</b> \ nostr:npub1`) || strings.Contains(read.Text, "http") {
		t.Errorf("read back: %+v, %v", read, err)
	}
	items, next, err := nostr.New("").Own(t.Context(), l.Session, "", 2)
	if err != nil || len(items) != 2 || next == "" {
		t.Errorf("own items: %+v, %q, %v", items, next, err)
	}
	for _, name := range []string{"post", "part-2", "part-3", "comment", "post"} {
		if err := nostr.New("").Delete(t.Context(), l.Session, remote(done[name])); err != nil {
			t.Errorf("delete %s: %v", name, err)
		}
	}
	if _, there = l.them.Read(done["post"].RemoteID); there {
		t.Error("the deleted post is still there")
	}
	if read, err = nostr.New("").Read(t.Context(), l.Session, remote(done["post"])); err != nil || read.Exists {
		t.Errorf("after deleting: %+v, %v", read, err)
	}
}

func TestRealRelayReplacesArticles(t *testing.T) {
	l := connected(t)
	mark := lab.Mark()
	d := draft(mark, "# "+mark+"\n\nSome *words*")
	d.Settings = map[string]string{"kind": "article", "title": "About " + mark, "summary": "In short"}
	d.FirstComment = &network.Part{Text: "A comment " + mark}
	done := publish(t, l.World, planned(t, l.World, d))
	find := func() []lab.NostrEvent {
		return l.them.Find(map[string]any{"authors": []string{l.me.Pubkey}, "kinds": []int{30023}, "#d": []string{strings.SplitN(done["post"].RemoteID, ":", 3)[2]}})
	}
	if got := find(); len(got) != 1 || !got[0].Has("title", "About "+mark) || got[0].Content != d.Parts[0].Text {
		t.Fatalf("others see %+v", got)
	}
	comment, _ := l.them.Read(done["comment"].RemoteID)
	if comment.Kind != 1111 || !comment.Has("A", done["post"].RemoteID) || !comment.Has("a", done["post"].RemoteID) || !comment.Has("K", "30023") || !comment.Has("P", l.me.Pubkey) {
		t.Errorf("the comment is %+v", comment)
	}
	d.Parts[0].Text = "# " + mark + "\n\nOther words"
	edit, problems := nostr.New("").PlanEdit(remote(done["post"]), d, l.Session.Account)
	if len(edit) != 1 {
		t.Fatalf("the edit is refused: %+v", problems)
	}
	for range 2 {
		changed := publish(t, l.World, edit)["edit"]
		got := find()
		if len(got) != 1 || got[0].Content != d.Parts[0].Text || changed.RemoteID != done["post"].RemoteID || got[0].ID != changed.Data["id"] {
			t.Errorf("after the edit others see %+v", got)
		}
	}
	for range 2 {
		if err := nostr.New("").Delete(t.Context(), l.Session, remote(done["post"])); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	if got := find(); len(got) != 0 {
		t.Errorf("the deleted article is still there: %+v", got)
	}
}

func TestRealRelayBringsConversationsReactionsAndNumbers(t *testing.T) {
	l := connected(t)
	mark := lab.Mark()
	start, err := nostr.New("").Fetch(t.Context(), l.Session, "")
	if err != nil {
		t.Fatal(err)
	}
	post := publish(t, l.World, planned(t, l.World, draft(mark, mark+" what do you think?")))["post"]
	reply := l.them.Reply(post.RemoteID, post.RemoteID, l.me.Pubkey, "Good: "+mark)
	mention := l.them.Write(1, "Hello "+mark, []string{"p", l.me.Pubkey})
	l.them.Write(7, "+", []string{"e", post.RemoteID}, []string{"p", l.me.Pubkey})
	l.them.Write(6, "", []string{"e", post.RemoteID, l.relay.Address()}, []string{"p", l.me.Pubkey})
	b, err := nostr.New("").Fetch(t.Context(), l.Session, start.Cursor)
	if err != nil {
		t.Fatal(err)
	}
	messages := slices.DeleteFunc(b.Messages, func(m network.Message) bool { return !strings.Contains(m.Text, mark) })
	slices.SortFunc(messages, func(a, b network.Message) int { return strings.Compare(a.Text, b.Text) })
	if len(messages) != 2 || messages[0].ID != reply.ID || messages[0].Kind != network.Comment || messages[0].Thread != post.RemoteID || messages[0].From.ID != l.them.Pubkey ||
		messages[1].ID != mention.ID || messages[1].Kind != network.Mention {
		t.Fatalf("fetched %+v", messages)
	}
	kinds := map[string]int{}
	for _, r := range b.Reactions {
		if r.On == post.RemoteID {
			kinds[r.Kind]++
		}
	}
	if fmt.Sprint(kinds) != "map[like:1 share:1]" {
		t.Errorf("reactions: %v", kinds)
	}
	steps, problems := nostr.New("").PlanReply(network.Reply{Key: mark, To: messages[0], Text: "Thank you, " + mark, At: time.Now().UTC()}, l.Session.Account)
	if len(steps) != 1 {
		t.Fatalf("the answer is refused: %+v", problems)
	}
	answer := publish(t, l.World, steps)["reply"]
	seen, there := l.them.Read(answer.RemoteID)
	if !there || !seen.Has("e", post.RemoteID, "", "root") || !seen.Has("e", reply.ID, "", "reply") || !seen.Has("p", l.them.Pubkey) {
		t.Errorf("the answer reaches its author as %+v", seen)
	}
	elsewhere := l.me.Reply(post.RemoteID, reply.ID, l.them.Pubkey, "From my phone "+mark)
	if b, err = nostr.New("").Fetch(t.Context(), l.Session, b.Cursor); err != nil {
		t.Fatal(err)
	}
	own := slices.DeleteFunc(b.Messages, func(m network.Message) bool { return !strings.Contains(m.Text, mark) })
	if len(own) != 1 || own[0].ID != elsewhere.ID || !own[0].Own {
		t.Errorf("own messages: %+v", own)
	}
	measured, err := nostr.New("").PostMetrics(t.Context(), l.Session, []network.Remote{remote(post), {ID: strings.Repeat("0", 64)}})
	if err != nil || len(measured) != 2 || measured[0].Values["M-LIKE"] != 1 || measured[0].Values["M-SHARE"] != 1 || measured[0].Values["M-COMM"] != 1 || !measured[1].Gone {
		t.Errorf("measured %+v, %v", measured, err)
	}
	values, err := nostr.New("").AccountMetrics(t.Context(), l.Session)
	if _, known := values["M-FOLL"]; err != nil || !known {
		t.Errorf("the account's numbers: %v, %v", values, err)
	}
	mine := func(kind int) int {
		return len(l.them.Find(map[string]any{"authors": []string{l.me.Pubkey}, "kinds": []int{kind}, "#e": []string{mention.ID}}))
	}
	for _, c := range []struct {
		act          network.Act
		likes, share int
	}{{network.Like, 1, 0}, {network.Like, 1, 0}, {network.Unlike, 0, 0}, {network.Unlike, 0, 0}, {network.Share, 0, 1}, {network.Share, 0, 1}} {
		if err := nostr.New("").Act(t.Context(), l.Session, c.act, messages[1].Remote); err != nil || mine(7) != c.likes || mine(6) != c.share {
			t.Errorf("%s: %v, %d likes and %d reposts", c.act, err, mine(7), mine(6))
		}
	}
}
