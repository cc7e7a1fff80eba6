package lab_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/lab"
)

func TestPeopleMeetOnMastodon(t *testing.T) {
	s := lab.GoToSocial(t)
	alice, bob, carol := s.As(t, "alice"), s.As(t, "bob"), s.As(t, "carol")
	mark := lab.Mark()
	post := alice.Post("A launch, " + mark)
	reply := bob.Reply(post.ID, "@alice well done "+mark)
	bob.Favourite(post.ID)
	carol.Favourite(post.ID)
	carol.Boost(post.ID)
	before := alice.Followers(alice.ID)
	bob.Unfollow(alice.ID)
	bob.Follow(alice.ID)
	lab.Eventually(t, "bob follows alice", func() bool { return alice.Followers(alice.ID) >= max(before, 1) })
	lab.Eventually(t, "the counts are right", func() bool {
		got, there := carol.Read(post.ID)
		return there && got.Favourites == 2 && got.Boosts == 1 && got.Replies == 1
	})
	if below := alice.Answers(post.ID); len(below) != 1 || below[0].ID != reply.ID || below[0].Account.Acct != "bob" {
		t.Errorf("below the post are %+v", below)
	}
	if found := bob.Posts(alice.ID, mark); len(found) != 1 || found[0].ID != post.ID {
		t.Errorf("alice has %d posts with the mark, want the one", len(found))
	}
	private := bob.Direct("@alice between us " + mark)
	if _, there := carol.Read(private.ID); there {
		t.Error("carol reads what bob wrote to alice alone")
	}
	alice.Delete(post.ID)
	lab.Eventually(t, "the deleted post is gone", func() bool { _, there := bob.Read(post.ID); return !there })
}

func TestPersonAllowsAnApplicationOnMastodon(t *testing.T) {
	s := lab.GoToSocial(t)
	const back = "http://127.0.0.1:1/back"
	res, err := http.PostForm(s.BaseURL+"/api/v1/apps", url.Values{"client_name": {"test"}, "redirect_uris": {back}, "scopes": {"read"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var app struct {
		ID string `json:"client_id"`
	}
	decode(t, res.Body, &app)
	q := url.Values{"client_id": {app.ID}, "redirect_uri": {back}, "response_type": {"code"}, "scope": {"read"}, "state": {"s"}}
	to := s.As(t, "bob").Approve(s.BaseURL + "/oauth/authorize?" + q.Encode())
	if u, err := url.Parse(to); err != nil || !strings.HasPrefix(to, back) || u.Query().Get("code") == "" || u.Query().Get("state") != "s" {
		t.Errorf("the browser is sent back to %s (%v)", to, err)
	}
}

func TestPeopleMeetOnBluesky(t *testing.T) {
	s := lab.Bluesky(t)
	alice, bob, carol := s.As(t, "alice"), s.As(t, "bob"), s.As(t, "carol")
	mark := lab.Mark()
	post := alice.Post("A launch, " + mark)
	reply := bob.Reply(post, post, "well done "+mark)
	bob.Like(post)
	carol.Like(post)
	carol.Repost(post)
	carol.Quote(post, "look: "+mark)
	lab.Eventually(t, "the counts are right", func() bool {
		got, there := carol.Read(post.URI)
		return there && got.Likes == 2 && got.Reposts == 1 && got.Replies == 1 && got.Quotes == 1
	})
	got, there := alice.Read(reply.URI)
	if !there || got.Author.Handle != "bob.test" || got.Record.Reply == nil || got.Record.Reply.Parent != post {
		t.Errorf("the reply reads %+v", got)
	}
	if found := bob.Posts(alice.DID, mark); len(found) != 1 || found[0].URI != post.URI {
		t.Errorf("alice has %d posts with the mark, want the one", len(found))
	}
	before := alice.Followers(carol.DID)
	follow := bob.Follow(carol.DID)
	lab.Eventually(t, "bob follows carol", func() bool { return alice.Followers(carol.DID) == before+1 })
	bob.Delete(follow)
	alice.Delete(post)
	if _, there := bob.Read(post.URI); there {
		t.Error("a deleted post is still there")
	}
}

func TestPersonDecidesAboutAnApplicationOnBluesky(t *testing.T) {
	s := lab.Bluesky(t)
	const back = "http://127.0.0.1/back"
	id := "http://localhost?" + url.Values{"redirect_uri": {back}, "scope": {"atproto"}}.Encode()
	ask := func() string {
		res, err := http.PostForm(s.BaseURL+"/oauth/par", url.Values{
			"client_id": {id}, "redirect_uri": {back}, "response_type": {"code"}, "scope": {"atproto"}, "state": {"s"},
			"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		var pushed struct {
			URI string `json:"request_uri"`
		}
		decode(t, res.Body, &pushed)
		return s.BaseURL + "/oauth/authorize?" + url.Values{"client_id": {id}, "request_uri": {pushed.URI}}.Encode()
	}
	carol := s.As(t, "carol")
	if to := carol.Approve(ask()); !strings.HasPrefix(to, back) || !strings.Contains(to, "code=") {
		t.Errorf("after yes the browser is sent back to %s", to)
	}
	if to := carol.Refuse(ask()); !strings.HasPrefix(to, back) || !strings.Contains(to, "error=access_denied") {
		t.Errorf("after no the browser is sent back to %s", to)
	}
}

func TestFrozenServerGoesOn(t *testing.T) {
	s := lab.GoToSocial(t)
	thaw := s.Freeze(t)
	impatient := http.Client{Timeout: 300 * time.Millisecond}
	if res, err := impatient.Get(s.BaseURL + "/readyz"); err == nil {
		_ = res.Body.Close()
		t.Errorf("a frozen server answers %d", res.StatusCode)
	}
	thaw()
	if found := s.As(t, "alice").Posts(s.User(t, "alice").ID, lab.Mark()); len(found) != 0 {
		t.Errorf("found %d posts with a new mark", len(found))
	}
}

func decode(t *testing.T, r io.Reader, into any) {
	t.Helper()
	if err := json.NewDecoder(r).Decode(into); err != nil {
		t.Fatal(err)
	}
}
