package bluesky_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/lab"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/bluesky"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

// live is an account connected at a real server, and another person there.
type live struct {
	t      *testing.T
	n      bluesky.Bluesky
	s      network.Session
	server lab.AT
	them   lab.ATUser
}

func connected(t *testing.T) *live {
	t.Helper()
	server := lab.Bluesky(t)
	l := &live{t: t, server: server, them: server.As(t, "bob")}
	alice := server.User(t, "alice")
	l.s.HTTP = networktest.Client(t, nil)
	grant, accounts, err := l.n.SignIn(t.Context(), l.s.HTTP, map[string]string{"handle": alice.Handle, "password": alice.AppPassword, "server": server.BaseURL, "plc": server.PLCURL})
	if err != nil || len(accounts) != 1 {
		t.Fatalf("sign in: %+v, %v", accounts, err)
	}
	l.s.Account, l.s.Grant = accounts[0], grant
	return l
}

func (l *live) draft(texts ...string) network.Draft {
	d := network.Draft{Key: "dlv_" + lab.Mark(), Language: "en", At: time.Now().UTC()}
	for _, t := range texts {
		d.Parts = append(d.Parts, network.Part{Text: t})
	}
	return d
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
		o, err := l.n.Do(l.t.Context(), l.s, s, done)
		if err != nil {
			l.t.Fatalf("step %s: %v", s.Name, err)
		}
		done[s.Name] = o
	}
	return done
}

func remote(o network.Outcome) network.Remote {
	return network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
}

func reference(o network.Outcome) lab.Ref { return lab.Ref{URI: o.RemoteID, CID: o.Data["cid"]} }

func TestRealServerSignsInAndRenews(t *testing.T) {
	l := connected(t)
	a := l.s.Account
	if a.ID == "" || a.Handle != "alice.test" || a.Name != "Alice" || a.Server != l.server.BaseURL || a.Limits.ImageBytes == 0 || a.Extra["messages"] != "no" {
		t.Errorf("the account is %+v", a)
	}
	if left := time.Until(l.s.Grant.ExpiresAt); left < time.Minute || left > 24*time.Hour {
		t.Errorf("the session lasts for %s", left)
	}
	fresh, err := l.n.Refresh(t.Context(), l.s)
	if err != nil || fresh.Values["access"] == "" || fresh.Values["refresh"] == l.s.Grant.Values["refresh"] {
		t.Fatalf("renewing: %v", err)
	}
	l.s.Grant = fresh
	if a, err = l.n.Check(t.Context(), l.s); err != nil || a.Handle != "alice.test" {
		t.Errorf("checking with the new token: %+v, %v", a, err)
	}
	l.s.Grant.Values["access"] = "broken"
	if _, err = l.n.Check(t.Context(), l.s); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("a broken token is %v", err)
	}
	alice := l.server.User(t, "alice")
	for field, fields := range map[string]map[string]string{
		"password": {"handle": alice.Handle, "password": "wrong", "server": l.server.BaseURL, "plc": l.server.PLCURL},
		"handle":   {"handle": "nobody.test", "password": alice.AppPassword, "server": l.server.BaseURL, "plc": l.server.PLCURL},
	} {
		if _, _, err := l.n.SignIn(t.Context(), l.s.HTTP, fields); !fault.Is(err, fault.Invalid) || fault.As(err).Field != field {
			t.Errorf("a wrong %s is %v", field, err)
		}
	}
}

func TestRealServerTakesEverythingAPostCanHave(t *testing.T) {
	l := connected(t)
	quoted := l.them.Post("Quote me " + lab.Mark())
	l.server.CatchUp(t)
	thumb := networktest.Picture("")
	d := l.draft("Hello @bob.test, see https://example.com/spring?a=1 #spring "+lab.Mark(), "The second part "+lab.Mark(), "The third part "+lab.Mark())
	d.Settings = map[string]string{"replies": "mention,follower,following", "quotes_off": "on", "labels": "sexual", "languages": "en,pt-BR", "tags": "launch,#sale", "quote": "https://bsky.app/profile/bob.test/post/" + quoted.Key()}
	d.Parts[0].Media = []network.Media{networktest.Picture("A red gradient")}
	d.Parts[0].Mentions = map[string]string{"@bob.test": l.them.DID}
	d.Parts[1].Card = &network.Card{URL: "https://example.com/spring", Title: "Spring", Description: "It is here", Thumb: &thumb}
	d.FirstComment = &network.Part{Text: "A comment " + lab.Mark()}
	_, done := l.publish(d)
	l.server.CatchUp(t)
	first, ok := l.them.Read(done["post"].RemoteID)
	if !ok || first.Record.Text != d.Parts[0].Text || len(first.Record.Facets) != 3 || !slices.Equal(first.Record.Langs, []string{"en", "pt-BR"}) || first.Record.Embed["$type"] != "app.bsky.embed.recordWithMedia" {
		t.Errorf("the first part is shown as %+v", first)
	}
	for _, f := range first.Record.Facets {
		shown := first.Record.Text[f.Index.ByteStart:f.Index.ByteEnd]
		if !slices.Contains([]string{"@bob.test", "https://example.com/spring?a=1", "#spring"}, shown) {
			t.Errorf("a facet marks %q", shown)
		}
	}
	for step, want := range map[string]string{"part-2": "post", "part-3": "part-2", "comment": "post"} {
		p, ok := l.them.Read(done[step].RemoteID)
		if !ok || p.Record.Reply == nil || p.Record.Reply.Root.URI != done["post"].RemoteID || p.Record.Reply.Parent.URI != done[want].RemoteID {
			t.Errorf("%s is shown as %+v", step, p)
		}
	}
	second, _ := l.them.Read(done["part-2"].RemoteID)
	if second.Record.Embed["$type"] != "app.bsky.embed.external" {
		t.Errorf("the card is shown as %+v", second.Record.Embed)
	}
	item, err := l.n.Read(t.Context(), l.s, remote(done["post"]))
	if err != nil || !item.Exists || item.MediaCount != 1 || item.Visibility != "public" || item.Text != d.Parts[0].Text || item.Data["gates"] != "yes" {
		t.Errorf("read back as %+v, %v", item, err)
	}
	for collection, want := range map[string]string{"app.bsky.feed.threadgate": "allow", "app.bsky.feed.postgate": "embeddingRules"} {
		var gate struct {
			Value map[string]any `json:"value"`
		}
		_, key, _ := strings.Cut(done["post"].RemoteID, "/app.bsky.feed.post/")
		address := l.server.BaseURL + "/xrpc/com.atproto.repo.getRecord?repo=" + l.s.Account.ID + "&collection=" + collection + "&rkey=" + key
		_, err := l.s.HTTP.JSON(t.Context(), http.MethodGet, address, nil, nil, &gate)
		if rules, _ := gate.Value[want].([]any); err != nil || len(rules) == 0 || gate.Value["post"] != done["post"].RemoteID {
			t.Errorf("%s is %+v, %v", collection, gate.Value, err)
		}
	}
	for range 2 {
		if err := l.n.Delete(t.Context(), l.s, remote(done["post"])); err != nil {
			t.Fatalf("delete: %v", err)
		}
	}
	if item, err = l.n.Read(t.Context(), l.s, remote(done["post"])); err != nil || item.Exists {
		t.Errorf("deleted, and read back as %+v, %v", item, err)
	}
}

func TestRealServerKeepsOneRecordUnderAKey(t *testing.T) {
	l := connected(t)
	for name, settings := range map[string]map[string]string{"alone": nil, "with a gate": {"replies": "nobody"}} {
		d := l.draft("Once only " + lab.Mark())
		d.Settings = settings
		steps, _ := l.n.Plan(d, l.s.Account)
		step := steps[len(steps)-1]
		if found, _, err := l.n.Find(t.Context(), l.s, step, nil, time.Now()); err != nil || found != network.Absent {
			t.Errorf("%s, before: %s, %v", name, found, err)
		}
		first := l.carryOut(steps)["post"]
		again, err := l.n.Do(t.Context(), l.s, step, nil)
		if settings == nil && (err != nil || again.RemoteID != first.RemoteID || again.Data["cid"] != first.Data["cid"]) {
			t.Errorf("%s, sent again: %+v, %v", name, again, err)
		}
		if settings != nil && !fault.Is(err, fault.Unknown) { // the real server stumbles over a used key: look it up
			t.Errorf("%s, sent again: %+v, %v", name, again, err)
		}
		found, o, err := l.n.Find(t.Context(), l.s, step, nil, time.Now())
		if err != nil || found != network.Found || o.RemoteID != first.RemoteID || o.Data["cid"] != first.Data["cid"] {
			t.Errorf("%s, looked up: %s %+v, %v", name, found, o, err)
		}
		if n := len(l.them.Posts(l.s.Account.ID, d.Parts[0].Text)); n != 1 {
			t.Errorf("%s: %d records with one key", name, n)
		}
	}
	d := l.draft("The words changed meanwhile " + lab.Mark())
	_, done := l.publish(d)
	d.Parts[0].Text += " again"
	steps, _ := l.n.Plan(d, l.s.Account)
	if o, err := l.n.Do(t.Context(), l.s, steps[0], nil); err != nil || o.Data["cid"] != done["post"].Data["cid"] {
		t.Errorf("other words under a used key: %+v, %v; the first post must stay as it is", o, err)
	}
}

func TestRealServerCarriesAConversation(t *testing.T) {
	l := connected(t)
	_, done := l.publish(l.draft("What do you think? " + lab.Mark()))
	l.server.CatchUp(t)
	start, err := l.n.Fetch(t.Context(), l.s, "")
	if err != nil {
		t.Fatal(err)
	}
	root := reference(done["post"])
	words := "I <b>like</b> it " + lab.Mark()
	reply := l.them.Reply(root, root, words)
	l.them.Like(root)
	l.them.Repost(root)
	l.server.CatchUp(t)
	b, err := l.n.Fetch(t.Context(), l.s, start.Cursor)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(b.Messages, func(m network.Message) bool { return m.ID == reply.URI })
	if at < 0 {
		t.Fatalf("bob's reply is not among %+v", b.Messages)
	}
	m := b.Messages[at]
	if m.Kind != network.Comment || m.Text != words || m.From.Handle != "bob.test" || m.From.Name != "Bob" || m.ReplyTo != root.URI || m.Thread != root.URI || m.Own {
		t.Errorf("the reply is %+v", m)
	}
	var kinds []string
	for _, r := range b.Reactions {
		if r.On == root.URI || strings.HasPrefix(r.ID, "at://"+l.them.DID) {
			kinds = append(kinds, r.Kind)
		}
	}
	if !slices.Contains(kinds, "like") || !slices.Contains(kinds, "share") {
		t.Errorf("reactions: %v", kinds)
	}
	steps, problems := l.n.PlanReply(network.Reply{Key: "dlv_" + lab.Mark(), To: m, Text: "Thank you @bob.test " + lab.Mark(), Language: "en", At: time.Now().UTC()}, l.s.Account)
	if len(steps) != 1 {
		t.Fatalf("the answer is not planned: %+v", problems)
	}
	answer := l.carryOut(steps)["reply"]
	l.server.CatchUp(t)
	if shown, ok := l.them.Read(answer.RemoteID); !ok || shown.Record.Reply == nil || shown.Record.Reply.Parent.URI != reply.URI || shown.Record.Reply.Root.URI != root.URI || len(shown.Record.Facets) != 1 {
		t.Errorf("the answer is shown as %+v", shown)
	}
	for _, act := range []network.Act{network.Like, network.Like, network.Share, network.Hide, network.Hide, network.Unhide, network.Mute, network.Unmute, network.Unlike, network.Unlike} {
		if err := l.n.Act(t.Context(), l.s, act, m.Remote); err != nil {
			t.Errorf("%s: %v", act, err)
		}
		l.server.CatchUp(t)
		if act == network.Like {
			if shown, _ := l.them.Read(reply.URI); shown.Likes != 1 {
				t.Errorf("liked, and bob sees %d likes", shown.Likes)
			}
		}
	}
	if shown, _ := l.them.Read(reply.URI); shown.Likes != 0 || shown.Reposts != 1 {
		t.Errorf("after all acts bob sees %d likes and %d reposts", shown.Likes, shown.Reposts)
	}
	again, err := l.n.Fetch(t.Context(), l.s, b.Cursor)
	if err != nil || slices.ContainsFunc(again.Messages, func(x network.Message) bool { return x.ID == reply.URI || x.ID == answer.RemoteID }) {
		t.Errorf("read again: %+v, %v", again.Messages, err)
	}
}

func TestRealServerCountsAndLists(t *testing.T) {
	l := connected(t)
	_, done := l.publish(l.draft("Count me " + lab.Mark()))
	_, gone := l.publish(l.draft("Do not count me " + lab.Mark()))
	root := reference(done["post"])
	l.them.Like(root)
	l.them.Quote(root, "Quoting "+lab.Mark())
	if err := l.n.Delete(t.Context(), l.s, remote(gone["post"])); err != nil {
		t.Fatal(err)
	}
	l.server.CatchUp(t)
	list, err := l.n.PostMetrics(t.Context(), l.s, []network.Remote{remote(done["post"]), remote(gone["post"])})
	if err != nil || len(list) != 2 {
		t.Fatalf("measured %+v, %v", list, err)
	}
	if v := list[0].Values; v["M-LIKE"] != 1 || v["M-SHARE"] != 1 || v["M-COMM"] != 0 || !list[1].Gone {
		t.Errorf("measured %+v", list)
	}
	v, err := l.n.AccountMetrics(t.Context(), l.s)
	if _, there := v["M-FOLL"]; err != nil || !there {
		t.Errorf("the account measures %v, %v", v, err)
	}
	people, err := l.n.SearchPeople(t.Context(), l.s, "@bob", 5)
	if err != nil || !slices.ContainsFunc(people, func(p network.Person) bool { return p.ID == l.them.DID }) {
		t.Errorf("searching finds %+v, %v", people, err)
	}
	own, next, err := l.n.Own(t.Context(), l.s, "", 1)
	if err != nil || len(own) != 1 || next == "" {
		t.Fatalf("own posts: %+v, %q, %v", own, next, err)
	}
	if older, _, err := l.n.Own(t.Context(), l.s, next, 1); err != nil || len(older) != 1 || older[0].ID >= own[0].ID {
		t.Errorf("the page after: %+v, %v", older, err)
	}
}
