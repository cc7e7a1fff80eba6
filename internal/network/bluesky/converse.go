package bluesky

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const (
	pages = 10 // of notifications in one call

	// overlap is how far before the newest notification every reading begins again. The index sorts by the time an
	// author claims, as long as that is not in the future: a slow clock puts a reply below newer ones.
	overlap = 15 * time.Minute
)

// place is where reading goes on.
type place struct {
	Since   time.Time        `json:"since"`           // everything before is read
	Seen    map[string]int64 `json:"seen"`            // what was read since then: fingerprint and second
	Gap     *gap             `json:"gap,omitempty"`   // what a flood left unread
	Reacted time.Time        `json:"reacted"`         // the newest like, repost or follow
	Counts  map[string]int64 `json:"counts"`          // replies below own posts, by record key
	Chat    string           `json:"chat,omitempty"`  // the place in the log of conversations
	Begun   bool             `json:"begun,omitempty"` // the first page was read
}

// gap is a stretch of notifications from the server's cursor back to an instant.
type gap struct {
	Cursor string    `json:"cursor"`
	To     time.Time `json:"to"`
}

type notification struct {
	URI       string    `json:"uri"`
	CID       string    `json:"cid"`
	Author    profile   `json:"author"`
	Reason    string    `json:"reason"`
	Subject   string    `json:"reasonSubject"`
	Record    content   `json:"record"`
	IndexedAt time.Time `json:"indexedAt"`
}

// fetch collects one page.
type fetch struct {
	server
	me    network.Account
	place place
	now   time.Time // by our clock, when the server last answered
	found []notification
	batch network.Batch
}

// Fetch reads notifications, replies that made none, the account's own answers given elsewhere, and direct messages.
func (Bluesky) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	f := fetch{server: at(s), me: s.Account}
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &f.place); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the notifications cannot be read")
		}
	}
	if f.place.Seen == nil {
		f.place.Seen = map[string]int64{}
	}
	for _, read := range []func(context.Context) error{f.notifications, f.reactions, f.threads, f.files, f.messages} {
		if err := read(ctx); err != nil {
			return network.Batch{}, err
		}
	}
	f.place.Begun = true
	raw, err := json.Marshal(f.place)
	if err != nil {
		return network.Batch{}, fault.Wrap(fault.Internal, err, "write the place in the notifications")
	}
	f.batch.Cursor = string(raw)
	slices.SortStableFunc(f.batch.Messages, func(a, b network.Message) int { return a.At.Compare(b.At) })
	return f.batch, nil
}

func (f *fetch) list(ctx context.Context, cursor string, reasons ...string) (found []notification, next string, err error) {
	q := url.Values{"limit": {"100"}, "reasons": reasons}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	var answer struct {
		Cursor        string         `json:"cursor"`
		Notifications []notification `json:"notifications"`
	}
	resp, err := f.query(ctx, "app.bsky.notification.listNotifications", q, &answer)
	if resp != nil {
		f.now = resp.At.UTC()
	}
	return answer.Notifications, answer.Cursor, err
}

// notifications reads backward from the newest to where reading stopped. After a flood it stops halfway and the rest
// is read by the next calls, so nothing is left out.
func (f *fetch) notifications(ctx context.Context) error {
	from, to := "", f.place.Since
	if f.place.Gap != nil {
		from, to = f.place.Gap.Cursor, f.place.Gap.To
	}
	flood := f.place.Gap != nil
	f.place.Gap = nil
	newest := f.place.Since.Add(overlap)
	for n := range pages {
		list, next, err := f.list(ctx, from, "reply", "mention", "quote")
		if err != nil {
			return err
		}
		reached := next == "" || len(list) == 0 || !f.place.Begun && n == 0
		for _, it := range list {
			if it.IndexedAt.Before(to) {
				reached = true
				break
			}
			if it.IndexedAt.After(newest) {
				newest = it.IndexedAt
			}
			if slices.Contains([]string{"reply", "mention", "quote"}, it.Reason) {
				f.take(it)
			}
		}
		if from = next; reached {
			break
		}
		if n == pages-1 {
			f.place.Gap, f.batch.More = &gap{Cursor: from, To: to}, true
		}
	}
	if !f.place.Begun && f.now.After(newest) {
		newest = f.now // what is older belongs to the time before the account was connected
	}
	if flood && f.place.Gap == nil {
		f.batch.More = true // what came while the gap was filled
	}
	f.forget(newest.Add(-overlap))
	return nil
}

// take keeps what was not read before.
func (f *fetch) take(n notification) bool {
	mark := fingerprint(n.URI)
	if _, known := f.place.Seen[mark]; known || n.Author.DID == f.me.ID && n.Reason != "own" {
		return false
	}
	f.place.Seen[mark] = n.IndexedAt.Unix()
	f.found = append(f.found, n)
	return true
}

// forget drops what lies before an instant; while a gap is open everything is kept.
func (f *fetch) forget(since time.Time) {
	if since.After(f.place.Since) {
		f.place.Since = since
	}
	if f.place.Gap != nil {
		return
	}
	for mark, second := range f.place.Seen {
		if second < f.place.Since.Unix() {
			delete(f.place.Seen, mark)
		}
	}
}

// reactions reads the newest likes, reposts and follows. They are a glimpse of who cares; the numbers are counted by
// PostMetrics, so a flood may be cut short.
func (f *fetch) reactions(ctx context.Context) error {
	kinds := map[string]string{"like": "like", "repost": "share", "follow": "follow"}
	list, _, err := f.list(ctx, "", "like", "repost", "follow")
	if err != nil {
		return err
	}
	newest := f.place.Reacted
	for _, n := range slices.Backward(list) {
		kind := kinds[n.Reason]
		if kind == "" || !n.IndexedAt.After(f.place.Reacted) {
			continue
		}
		if newest.Before(n.IndexedAt) {
			newest = n.IndexedAt
		}
		if f.place.Begun {
			f.batch.Reactions = append(f.batch.Reactions, network.Reaction{Remote: network.Remote{ID: n.URI, URL: website + "/profile/" + n.Author.DID}, Kind: kind, From: n.Author.person(), On: n.Subject, At: n.IndexedAt.UTC()})
		}
	}
	f.place.Reacted = newest
	return nil
}

// threads looks at the account's recent posts. A reply that was indexed before its parent makes no notification, ever:
// where the number of replies grew, they are read. Own answers to others, given in another app, are taken along.
func (f *fetch) threads(ctx context.Context) error {
	var own struct {
		Feed []struct {
			Post   view      `json:"post"`
			Reason *struct{} `json:"reason"`
			Reply  *struct {
				Parent struct {
					Author profile `json:"author"`
				} `json:"parent"`
			} `json:"reply"`
		} `json:"feed"`
	}
	_, err := f.query(ctx, "app.bsky.feed.getAuthorFeed", values("actor", f.me.ID, "limit", "50", "filter", "posts_with_replies"), &own)
	if fault.Is(err, fault.Rejected) || fault.Is(err, fault.NotFound) {
		return nil // an account the index does not know yet has no thread to read
	}
	if err != nil {
		return err
	}
	counts := map[string]int64{}
	for _, item := range own.Feed {
		p := item.Post
		if item.Reason != nil || p.Author.DID != f.me.ID { // a repost
			continue
		}
		if f.place.Begun && p.Record.Via != application && item.Reply != nil && item.Reply.Parent.Author.DID != f.me.ID && !p.IndexedAt.Before(f.place.Since) {
			f.take(p.notification("own"))
		}
		_, _, key := recordAt(p.URI)
		if p.Replies == nil {
			continue
		}
		counts[key] = *p.Replies
		if f.place.Begun && counts[key] > f.place.Counts[key] {
			if err := f.replies(ctx, p.URI); err != nil {
				return err
			}
		}
	}
	f.place.Counts = counts
	return nil
}

func (f *fetch) replies(ctx context.Context, uri string) error {
	var answer struct {
		Thread struct {
			Replies []struct {
				Post view `json:"post"`
			} `json:"replies"`
		} `json:"thread"`
	}
	_, err := f.query(ctx, "app.bsky.feed.getPostThread", values("uri", uri, "depth", "1", "parentHeight", "0"), &answer)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Rejected) {
		return nil // gone meanwhile
	}
	for _, r := range answer.Thread.Replies {
		if r.Post.URI != "" && !r.Post.IndexedAt.Before(f.place.Since) {
			f.take(r.Post.notification("reply"))
		}
	}
	return err
}

func (v view) notification(reason string) notification {
	return notification{URI: v.URI, CID: v.CID, Author: v.Author, Reason: reason, Record: v.Record, IndexedAt: v.IndexedAt}
}

// files makes messages of what was found, and asks the index for the pictures of those that have some.
func (f *fetch) files(ctx context.Context) error {
	var with []string
	for _, n := range f.found {
		if n.Record.Embed.media() > 0 {
			with = append(with, n.URI)
		}
	}
	shown, err := f.views(ctx, with...)
	if err != nil {
		return err
	}
	files := map[string][]network.Attachment{}
	for _, v := range shown {
		files[v.URI] = v.Embed.attachments()
	}
	for _, n := range f.found {
		m := n.message(f.me.ID)
		m.Media = files[n.URI]
		f.batch.Messages = append(f.batch.Messages, m)
	}
	return nil
}

func (n notification) message(me string) network.Message {
	m := network.Message{Remote: network.Remote{ID: n.URI, URL: link(n.URI), Data: map[string]string{"cid": n.CID, "author": n.Author.DID}},
		Kind: network.Mention, Thread: n.URI, From: n.Author.person(), Own: n.Author.DID == me, Text: n.Record.Text, At: n.IndexedAt.UTC()}
	if r := n.Record.Reply; r != nil {
		m.Thread, m.ReplyTo = r.Root.URI, r.Parent.URI
		m.Data["root_uri"], m.Data["root_cid"] = r.Root.URI, r.Root.CID
		if n.Reason == "reply" || strings.HasPrefix(r.Root.URI, "at://"+me+"/") {
			m.Kind = network.Comment
		}
	}
	return m
}
