package youtube

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const (
	commentPage = 100
	// overlap is how far before the newest comment every reading begins again: YouTube shows a comment some time after
	// the moment it dates it with.
	overlap = 10 * time.Minute
	flood   = 60 // pages of comments between two readings; what is beyond is not read any more
	watched = 50 // older threads whose answers are looked for; as many as one call can ask about
	kept    = 500
)

// place is where reading goes on.
type place struct {
	Since   time.Time        `json:"since"`   // everything before is read
	Seen    map[string]int64 `json:"seen"`    // what was read since then, and its second
	Threads map[string]talk  `json:"threads"` // those with answers in which something was said last
}

// talk is a thread with answers.
type talk struct {
	Replies int       `json:"replies"`
	Last    time.Time `json:"last"` // when something was said in it last
}

// threads reads one page of comments with some of their answers, the newest first.
func (c caller) threads(ctx context.Context, q url.Values) (list []thread, next string, resp *safehttp.Response, err error) {
	q.Set("part", "snippet,replies")
	q.Set("textFormat", "plainText")
	if !q.Has("id") {
		q.Set("maxResults", "100")
	}
	var answer struct {
		Next  string `json:"nextPageToken"`
		Items []thread
	}
	resp, err = c.get(ctx, "/youtube/v3/commentThreads", q, &answer)
	return answer.Items, answer.Next, resp, err
}

// comments reads comments by their ids, or the answers to one.
func (c caller) comments(ctx context.Context, q url.Values) ([]comment, *safehttp.Response, error) {
	q.Set("part", "snippet")
	q.Set("textFormat", "plainText")
	if !q.Has("id") {
		q.Set("maxResults", "100")
	}
	var answer struct{ Items []comment }
	resp, err := c.get(ctx, "/youtube/v3/comments", q, &answer)
	return answer.Items, resp, err
}

// fetch collects what is new.
type fetch struct {
	caller
	me    network.Account
	place place
	first bool
	found map[string]network.Message
}

// Fetch reads the comments on all of the channel's videos, also those that wait for the channel's decision, and the
// answers in the newest threads. YouTube lists threads by when they began: in an older one an answer is noticed by the
// growing number of its answers, and only where people talked lately.
func (y YouTube) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	f := fetch{caller: y.caller(s), me: s.Account, first: cursor == "", found: map[string]network.Message{}}
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &f.place); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the comments cannot be read")
		}
	}
	read := map[string]bool{}
	for _, state := range []string{"published", "heldForReview"} {
		if err := f.list(ctx, state, read); err != nil {
			return network.Batch{}, err
		}
	}
	if err := f.older(ctx, read); err != nil {
		return network.Batch{}, err
	}
	list := slices.Collect(maps.Values(f.found))
	byTime(list)
	raw, _ := json.Marshal(f.next(list)) // plain data: cannot fail
	return network.Batch{Messages: list, Cursor: string(raw)}, nil
}

func byTime(list []network.Message) {
	slices.SortFunc(list, func(a, b network.Message) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
}

// list reads threads backward from the newest to where reading stopped.
func (f *fetch) list(ctx context.Context, state string, read map[string]bool) error {
	token := ""
	for range flood {
		q := values("allThreadsRelatedToChannelId", f.me.ID, "order", "time", "moderationStatus", state)
		if token != "" {
			q.Set("pageToken", token)
		}
		list, next, _, err := f.threads(ctx, q)
		if err != nil {
			return err
		}
		reached := f.first || next == ""
		for _, t := range list {
			read[t.ID] = true
			reached = reached || t.Snippet.Top.Snippet.PublishedAt.Before(f.place.Since)
			if err := f.take(ctx, t); err != nil {
				return err
			}
		}
		if token = next; reached {
			return nil
		}
	}
	return nil
}

// older asks about watched threads that were not among the newest.
func (f *fetch) older(ctx context.Context, read map[string]bool) error {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(f.place.Threads)) {
		if !read[id] {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	list, _, _, err := f.threads(ctx, values("id", strings.Join(ids, ",")))
	if err != nil {
		return ignore(err, fault.NotFound)
	}
	for _, t := range list {
		if err := f.take(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// take notes a thread's comment and answers, unless they are read already. The list shows only some of the answers.
func (f *fetch) take(ctx context.Context, t thread) error {
	f.add(t.Snippet.Top, t)
	replies, last := t.Replies.Comments, t.Snippet.Top.Snippet.PublishedAt
	before, known := f.place.Threads[t.ID]
	if t.Snippet.Replies > len(replies) && (!known || t.Snippet.Replies > before.Replies) {
		all, _, err := f.comments(ctx, values("parentId", t.ID))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		replies = append(replies, all...)
	}
	for _, r := range replies {
		if f.add(r, t); r.Snippet.PublishedAt.After(last) {
			last = r.Snippet.PublishedAt
		}
	}
	if t.Snippet.Replies > 0 {
		if f.place.Threads == nil {
			f.place.Threads = map[string]talk{}
		}
		f.place.Threads[t.ID] = talk{Replies: t.Snippet.Replies, Last: last}
	}
	return nil
}

func (f *fetch) add(c comment, t thread) {
	s := c.Snippet
	if _, seen := f.place.Seen[c.ID]; seen || c.ID == "" || s.PublishedAt.Before(f.place.Since) {
		return
	}
	video := cmp.Or(t.Snippet.VideoID, s.VideoID)
	m := network.Message{Kind: network.Comment, Thread: video, ReplyTo: video, Own: s.Author.ID == f.me.ID, Text: c.words(), At: s.PublishedAt.UTC(),
		From: network.Person{ID: s.Author.ID, Handle: strings.TrimPrefix(s.Name, "@"), Name: s.Name, URL: s.URL, AvatarURL: s.Avatar}}
	m.Remote = spokenRemote(c.ID, video)
	if m.Data["parent"] = t.ID; s.ParentID != "" {
		m.ReplyTo = s.ParentID
	}
	if s.Moderation != "" && s.Moderation != "published" {
		m.Data["moderation"] = s.Moderation
	}
	f.found[c.ID] = m
}

func spokenRemote(id, video string) network.Remote {
	o := spoken(id, video)
	return network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
}

// next is where reading goes on: a little before the newest comment, with what was read since then.
func (f *fetch) next(list []network.Message) place {
	p := place{Since: f.place.Since, Threads: map[string]talk{}}
	ids := slices.SortedFunc(maps.Keys(f.place.Threads), func(a, b string) int {
		return cmp.Or(f.place.Threads[b].Last.Compare(f.place.Threads[a].Last), cmp.Compare(a, b))
	})
	for _, id := range ids[:min(len(ids), watched)] {
		p.Threads[id] = f.place.Threads[id]
	}
	if len(list) > 0 {
		if since := list[len(list)-1].At.Add(-overlap); since.After(p.Since) {
			p.Since = since
		}
	}
	p.Seen = maps.Clone(f.place.Seen)
	if p.Seen == nil {
		p.Seen = map[string]int64{}
	}
	for _, m := range list {
		p.Seen[m.ID] = m.At.Unix()
	}
	if seconds := slices.Sorted(maps.Values(p.Seen)); len(seconds) > kept { // in a flood fewer minutes are remembered
		if since := time.Unix(seconds[len(seconds)-kept], 0).UTC(); since.After(p.Since) {
			p.Since = since
		}
	}
	maps.DeleteFunc(p.Seen, func(_ string, second int64) bool { return second < p.Since.Unix() })
	return p
}

// moderations name the state each act brings a comment into.
var moderations = map[network.Act]string{network.Hide: "heldForReview", network.Unhide: "published", network.Approve: "published", network.Trash: "rejected", network.Block: "rejected"}

// Acts lists what can be done to comments: hold back, publish, reject, and reject with everything its author will write.
func (YouTube) Acts(kind network.MessageKind) []network.Act {
	if kind != network.Comment {
		return nil
	}
	return []network.Act{network.Hide, network.Unhide, network.Approve, network.Trash, network.Block}
}

// Act carries one out.
func (y YouTube) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	state := moderations[act]
	if state == "" {
		return fault.Rejectedf("YouTube has no way to %s a comment", act)
	}
	q := values("id", on.ID, "moderationStatus", state)
	if act == network.Block {
		q.Set("banAuthor", "true")
	}
	_, err := y.caller(s).repeat(ctx, http.MethodPost, "/youtube/v3/comments/setModerationStatus", q, nil, nil)
	return refused(err, "The comment is gone.")
}
