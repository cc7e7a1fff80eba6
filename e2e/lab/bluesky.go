package lab

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// AT is a server that speaks Bluesky's protocol: a PDS with an AppView behind it.
type AT struct{ *Server }

// Bluesky returns the lab's Bluesky.
func Bluesky(t testing.TB) AT {
	t.Helper()
	return AT{running(t, "bluesky", "src/bluesky/.installed", "/xrpc/_health")}
}

// A Ref names one version of one record.
type Ref struct {
	URI string `json:"uri"`
	CID string `json:"cid"`
}

// Key is the record's key, the last part of its address.
func (r Ref) Key() string { return r.URI[strings.LastIndex(r.URI, "/")+1:] }

// A PostView is a post as the AppView shows it.
type PostView struct {
	Ref
	Author struct {
		DID    string `json:"did"`
		Handle string `json:"handle"`
	} `json:"author"`
	Record  PostRecord `json:"record"`
	Likes   int        `json:"likeCount"`
	Reposts int        `json:"repostCount"`
	Replies int        `json:"replyCount"`
	Quotes  int        `json:"quoteCount"`
}

// A PostRecord is a post as its author's server keeps it.
type PostRecord struct {
	Ref       `json:"-"`
	Text      string   `json:"text"`
	CreatedAt string   `json:"createdAt"`
	Langs     []string `json:"langs"`
	Reply     *struct {
		Root   Ref `json:"root"`
		Parent Ref `json:"parent"`
	} `json:"reply"`
	Facets []struct {
		Index struct {
			ByteStart int `json:"byteStart"`
			ByteEnd   int `json:"byteEnd"`
		} `json:"index"`
		Features []map[string]any `json:"features"`
	} `json:"facets"`
	Embed map[string]any `json:"embed"`
}

// An ATUser is a person on Bluesky.
type ATUser struct {
	User
	at AT
	p  person
}

// As returns the person of that name (alice, bob or carol), signed in anew with the app password.
func (a AT) As(t testing.TB, name string) ATUser {
	t.Helper()
	u := a.User(t, name)
	p := person{t: t, base: a.BaseURL}
	var session struct {
		AccessJwt string `json:"accessJwt"`
	}
	p.call(http.MethodPost, "/xrpc/com.atproto.server.createSession", map[string]string{"identifier": u.Handle, "password": u.AppPassword}, &session)
	p.token = session.AccessJwt
	return ATUser{User: u, at: a, p: p}
}

// CatchUp waits until the AppView has seen everything that the PDS holds. Reply, Like and Repost do it first by
// themselves: the AppView takes each account's events in parallel, and an answer seen before its post notifies nobody.
func (a AT) CatchUp(t testing.TB) {
	t.Helper()
	person{t: t, base: a.ControlURL}.call(http.MethodPost, "/catch-up", nil, nil)
}

// Post writes a post.
func (u ATUser) Post(text string) Ref {
	u.p.t.Helper()
	return u.create("app.bsky.feed.post", map[string]any{"text": text})
}

// Reply answers a post; root is the first post of its thread, the parent itself when that has none.
func (u ATUser) Reply(root, parent Ref, text string) Ref {
	u.p.t.Helper()
	u.at.CatchUp(u.p.t)
	return u.create("app.bsky.feed.post", map[string]any{"text": text, "reply": map[string]Ref{"root": root, "parent": parent}})
}

// Quote writes a post that shows another.
func (u ATUser) Quote(subject Ref, text string) Ref {
	u.p.t.Helper()
	u.at.CatchUp(u.p.t)
	return u.create("app.bsky.feed.post", map[string]any{"text": text, "embed": map[string]any{"$type": "app.bsky.embed.record", "record": subject}})
}

// Like likes a post.
func (u ATUser) Like(subject Ref) Ref {
	u.p.t.Helper()
	u.at.CatchUp(u.p.t)
	return u.create("app.bsky.feed.like", map[string]any{"subject": subject})
}

// Repost shows somebody's post to one's own followers.
func (u ATUser) Repost(subject Ref) Ref {
	u.p.t.Helper()
	u.at.CatchUp(u.p.t)
	return u.create("app.bsky.feed.repost", map[string]any{"subject": subject})
}

// Follow follows an account; following twice makes two records, so delete the first.
func (u ATUser) Follow(did string) Ref {
	u.p.t.Helper()
	return u.create("app.bsky.graph.follow", map[string]any{"subject": did})
}

func (u ATUser) create(collection string, record map[string]any) (made Ref) {
	u.p.t.Helper()
	record["$type"], record["createdAt"] = collection, time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	u.p.call(http.MethodPost, "/xrpc/com.atproto.repo.createRecord", map[string]any{"repo": u.DID, "collection": collection, "record": record}, &made)
	return made
}

// Delete removes one of one's own records.
func (u ATUser) Delete(r Ref) {
	u.p.t.Helper()
	parts := strings.Split(strings.TrimPrefix(r.URI, "at://"), "/")
	if len(parts) != 3 {
		u.p.t.Fatalf("delete %q: not the address of a record", r.URI)
	}
	u.p.call(http.MethodPost, "/xrpc/com.atproto.repo.deleteRecord", map[string]string{"repo": parts[0], "collection": parts[1], "rkey": parts[2]}, nil)
}

// Read returns a post as everybody sees it; false when there is none.
func (u ATUser) Read(uri string) (PostView, bool) {
	u.p.t.Helper()
	u.at.CatchUp(u.p.t)
	var answer struct {
		Posts []PostView `json:"posts"`
	}
	u.p.call(http.MethodGet, "/xrpc/app.bsky.feed.getPosts?"+url.Values{"uris": {uri}}.Encode(), nil, &answer)
	if len(answer.Posts) == 0 {
		return PostView{}, false
	}
	return answer.Posts[0], true
}

// Posts returns all posts in an account's repository that hold the words, newest first: the way to count what was
// really published. It asks the account's own server, so nothing needs to catch up.
func (u ATUser) Posts(did, words string) []PostRecord {
	u.p.t.Helper()
	var found []PostRecord
	for cursor := ""; ; {
		var page struct {
			Cursor  string `json:"cursor"`
			Records []struct {
				Ref
				Value PostRecord `json:"value"`
			} `json:"records"`
		}
		q := url.Values{"repo": {did}, "collection": {"app.bsky.feed.post"}, "limit": {"100"}}
		if cursor != "" {
			q.Set("cursor", cursor)
		}
		u.p.call(http.MethodGet, "/xrpc/com.atproto.repo.listRecords?"+q.Encode(), nil, &page)
		for _, r := range page.Records {
			if strings.Contains(r.Value.Text, words) {
				r.Value.Ref = r.Ref
				found = append(found, r.Value)
			}
		}
		if page.Cursor == "" || len(page.Records) == 0 {
			return found
		}
		cursor = page.Cursor
	}
}

// Followers is how many people follow an account.
func (u ATUser) Followers(did string) int {
	u.p.t.Helper()
	u.at.CatchUp(u.p.t)
	var a struct {
		Followers int `json:"followersCount"`
	}
	u.p.call(http.MethodGet, "/xrpc/app.bsky.actor.getProfile?actor="+url.QueryEscape(did), nil, &a)
	return a.Followers
}
