package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const (
	kept    = 200 // threads whose place is remembered
	visited = 20  // threads read in one go
)

// places is where reading goes on in each channel and thread: after which message.
type places map[string]string

// Fetch reads what was written since in the channel and in the threads the bot opened. Of the channel,
// answers to the bot and mentions of it count; in its threads everything does.
func (n Discord) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	from := places{}
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &from); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the channel cannot be read")
		}
	}
	f := fetch{client: clientOf(n.at, s), me: s.Account, next: from}
	if !isForum(s.Account) {
		if err := f.read(ctx, channelOf(s.Account), "", cursor == ""); err != nil {
			return network.Batch{}, err
		}
	}
	if err := f.threads(ctx); err != nil {
		return network.Batch{}, err
	}
	raw, _ := json.Marshal(f.next.pruned(channelOf(s.Account))) // plain data: cannot fail
	f.batch.Cursor = string(raw)
	slices.SortStableFunc(f.batch.Messages, func(a, b network.Message) int { return a.At.Compare(b.At) })
	return f.batch, nil
}

// pruned forgets the threads that were quiet for longest.
func (p places) pruned(channel string) places {
	threads := make([]string, 0, len(p))
	for id := range p {
		if id != channel {
			threads = append(threads, id)
		}
	}
	slices.SortFunc(threads, func(a, b string) int { return newer(p[b], p[a]) })
	for _, id := range threads[min(kept, len(threads)):] {
		delete(p, id)
	}
	return p
}

// fetch collects one page.
type fetch struct {
	client
	me    network.Account
	batch network.Batch
	next  places
}

func (f *fetch) threads(ctx context.Context) error {
	list, err := f.client.threads(ctx, f.me)
	if err != nil {
		return err
	}
	read := 0
	for _, t := range list {
		if t.Owner != f.me.Extra["bot"] || newer(t.Last, cmp.Or(f.next[t.ID], t.ID)) <= 0 {
			continue
		}
		if read++; read > visited {
			f.batch.More = true
			break
		}
		if err := f.read(ctx, t.ID, t.ID, false); err != nil {
			return err
		}
	}
	return nil
}

// read takes the next page of a channel, or of a thread, whose id is also that of the message it began with.
func (f *fetch) read(ctx context.Context, in, thread string, first bool) error {
	query := url.Values{"limit": {strconv.Itoa(page)}}
	if after := cmp.Or(f.next[in], thread); after != "" {
		query.Set("after", after)
	} else if !first {
		query.Set("after", "0") // a channel that was empty before
	}
	list, err := f.history(ctx, in, query)
	if thread != "" && f.absent(err) {
		return nil // deleted between two calls
	}
	if err != nil {
		return err
	}
	slices.Reverse(list)
	for _, m := range list {
		f.next[in] = m.ID
		f.take(m, thread)
	}
	f.batch.More = f.batch.More || len(list) == page && !first
	return nil
}

func (f *fetch) take(m message, thread string) {
	if !m.said() || m.Author.Bot || m.Webhook != "" || m.ID == thread {
		return
	}
	me := f.me.Extra["bot"]
	out := network.Message{Remote: network.Remote{ID: m.ID, URL: link(f.me, m.Channel, m.ID), Data: map[string]string{"channel": m.Channel, "author": m.Author.ID}},
		Thread: cmp.Or(thread, m.ID), ReplyTo: m.replyTo(), From: m.Author.person(), Text: m.readable(), Media: m.attachments(), At: m.Timestamp.UTC()}
	switch {
	case m.Referenced != nil && m.Referenced.Author.ID == me:
		out.Kind = network.Comment
		out.Thread = cmp.Or(thread, out.ReplyTo)
	case thread != "":
		out.Kind = network.Comment
		out.ReplyTo = cmp.Or(out.ReplyTo, thread)
	case slices.ContainsFunc(m.Mentions, func(u user) bool { return u.ID == me }):
		out.Kind = network.Mention
	default:
		return // people talking among themselves
	}
	if out.Text == "" && len(out.Media) == 0 {
		out.Text = "[the bot may not read this message: switch on Message Content Intent in the developer portal]"
	}
	f.batch.Messages = append(f.batch.Messages, out)
}

// Own lists the account's own messages, newest first; in a forum its posts.
func (n Discord) Own(ctx context.Context, s network.Session, before string, limit int) (items []network.Live, next string, err error) {
	c, limit := clientOf(n.at, s), max(1, min(limit, page))
	if isForum(s.Account) {
		return c.ownPosts(ctx, s.Account, before, limit)
	}
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	if before != "" {
		query.Set("before", before)
	}
	list, err := c.history(ctx, channelOf(s.Account), query)
	if err != nil {
		return nil, "", err
	}
	for _, m := range list {
		if m.ours(s.Account) && m.said() {
			items = append(items, m.live(s.Account))
		}
	}
	if len(list) == limit {
		next = list[len(list)-1].ID
	}
	return items, next, nil
}

func (c client) ownPosts(ctx context.Context, a network.Account, before string, limit int) (items []network.Live, next string, err error) {
	list, err := c.threads(ctx, a)
	if err != nil {
		return nil, "", err
	}
	for _, t := range list {
		if t.Owner != a.Extra["bot"] || before != "" && newer(t.ID, before) >= 0 {
			continue
		}
		if len(items) == limit {
			return items, items[limit-1].ID, nil
		}
		var m message
		err := c.get(ctx, "/channels/"+t.ID+"/messages/"+t.ID, nil, &m)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		l := m.live(a)
		l.Data["kind"], l.Data["thread"] = "forum", t.ID
		items = append(items, l)
	}
	return items, "", nil
}
