package threads

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const (
	watchedPosts   = 50 // newest own posts whose replies are read
	watchedReplies = 25 // newest own answers elsewhere whose replies are read
	most           = 100
	// overlap is how long something may stay out of a list that is dated before what the list showed already.
	overlap = 15 * time.Minute
)

// place is where reading goes on: everything dated before Since is settled, and so is what was Seen near it.
type place struct {
	Since time.Time `json:"since,omitzero"`
	Seen  []string  `json:"seen,omitempty"`
}

// Fetch reads the replies below own posts and answers, and mentions. The API has no list of all replies, so each watched
// post that has some is asked for its own.
func (t Threads) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	var from place
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &from); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the replies cannot be read")
		}
	}
	f := fetch{graph: t.graph(s), me: s.Account, from: from, first: cursor == "", found: map[string]network.Message{}}
	if err := f.read(ctx); err != nil {
		return network.Batch{}, err
	}
	fresh := make([]network.Message, 0, len(f.found))
	for _, m := range f.found {
		fresh = append(fresh, m)
	}
	slices.SortFunc(fresh, func(a, b network.Message) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	b := network.Batch{Messages: fresh[:min(len(fresh), most)], More: len(fresh) > most}
	raw, _ := json.Marshal(from.after(b.Messages, f.near)) // plain data: cannot fail
	b.Cursor = string(raw)
	return b, nil
}

// after is the place behind the messages taken. near dates what was seen before and is still near.
func (p place) after(taken []network.Message, near map[string]time.Time) place {
	next := place{Since: p.Since}
	at := map[string]time.Time{}
	for id, t := range near {
		at[id] = t
	}
	for _, m := range taken {
		at[m.ID] = m.At
		if m.At.After(next.Since) {
			next.Since = m.At
		}
	}
	for id, t := range at {
		if !t.Before(next.Since.Add(-overlap)) {
			next.Seen = append(next.Seen, id)
		}
	}
	slices.Sort(next.Seen)
	return next
}

// fetch collects one page.
type fetch struct {
	graph
	me    network.Account
	from  place
	first bool
	found map[string]network.Message
	near  map[string]time.Time
	own   map[string]bool // the account's own posts and answers
}

func (f *fetch) read(ctx context.Context) error {
	f.near, f.own = map[string]time.Time{}, map[string]bool{}
	posts, err := f.list(ctx, path("me")+"/threads", "", watchedPosts)
	if err != nil {
		return err
	}
	answers, err := f.list(ctx, path("me")+"/replies", "", watchedReplies)
	if err != nil {
		return err
	}
	for _, m := range slices.Concat(posts.Data, answers.Data) {
		f.own[m.ID] = true
	}
	for _, m := range posts.Data {
		if m.HasReplies {
			if err := f.pages(ctx, path(m.ID)+"/conversation", network.Comment); err != nil {
				return err
			}
		}
	}
	for _, m := range answers.Data {
		if m.HasReplies && (m.Root == nil || !f.own[m.Root.ID]) {
			if err := f.pages(ctx, path(m.ID)+"/replies", network.Comment); err != nil {
				return err
			}
		}
	}
	return f.pages(ctx, path("me")+"/mentions", network.Mention)
}

// pages reads a list from its newest item back to what is settled; the first time the newest page is history enough.
func (f *fetch) pages(ctx context.Context, path string, kind network.MessageKind) error {
	for after := ""; ; {
		p, err := f.list(ctx, path, after, most)
		if fault.Is(err, fault.NotFound) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		for _, m := range p.Data {
			if !f.from.Since.IsZero() && m.at().Before(f.from.Since.Add(-overlap)) {
				return nil
			}
			f.take(m, kind)
		}
		if after = p.Paging.Cursors.After; f.first || after == "" || len(p.Data) == 0 {
			return nil
		}
	}
}

func (f *fetch) take(m media, kind network.MessageKind) {
	mine := m.Mine || m.Username == f.me.Handle
	if _, ok := f.found[m.ID]; ok || m.ID == "" || mine && f.own[m.parent()] {
		return // our own answer to ourselves is the next part of a thread
	}
	if slices.Contains(f.from.Seen, m.ID) {
		f.near[m.ID] = m.at()
		return
	}
	msg := network.Message{
		Remote: network.Remote{ID: m.ID, URL: m.Permalink}, Kind: kind, Thread: m.ID, ReplyTo: m.parent(),
		From: network.Person{ID: m.Username, Handle: m.Username, Name: m.Username, URL: profile(m.Username)},
		Own:  mine, Text: m.Text, At: m.at(),
	}
	if m.Root != nil {
		msg.Thread = m.Root.ID
	}
	if m.MediaURL != "" {
		msg.Media = []network.Attachment{{URL: m.MediaURL, MIME: map[string]string{"IMAGE": "image/*", "VIDEO": "video/*", "AUDIO": "audio/*"}[m.Type], Alt: m.Alt}}
	}
	f.found[m.ID] = msg
}
