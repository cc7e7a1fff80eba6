package x

import (
	"cmp"
	"context"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const (
	mentionPages = 8  // X keeps the newest 800 mentions
	directPage   = 20 // each message that is read costs, but only once a day
	directPages  = 10
	overlap      = 90_000 // milliseconds that are read twice
)

// places are where reading goes on.
type places struct {
	Mentions place `json:"mentions"`
	Direct   place `json:"direct"`
}

// place is where reading goes on in one list. X may show an item after one with a greater id; so the last minute and a
// half are read again, which costs nothing on the same day, and what was seen is left out.
type place struct {
	Newest string   `json:"newest,omitempty"`
	Seen   []string `json:"seen,omitempty"` // ids above the floor
}

// floor is the id below which everything is settled: an id is its time in milliseconds and 22 bits more.
func (p place) floor() string {
	id, err := strconv.ParseUint(p.Newest, 10, 64)
	if err != nil || id>>22 <= overlap {
		return p.Newest
	}
	return strconv.FormatUint((id>>22-overlap)<<22, 10)
}

// take reports whether an id is new.
func (p place) take(id string) bool {
	return newer(id, p.floor()) > 0 && !slices.Contains(p.Seen, id)
}

// after is the place behind these ids too.
func (p place) after(ids []string) place {
	next := place{Newest: p.Newest}
	for _, id := range ids {
		if newer(id, next.Newest) > 0 {
			next.Newest = id
		}
	}
	for _, id := range append(slices.Clone(p.Seen), ids...) {
		if newer(id, next.floor()) > 0 && !slices.Contains(next.Seen, id) {
			next.Seen = append(next.Seen, id)
		}
	}
	return next
}

// beginning is before any id: a place that was read while nothing was there.
const beginning = "1"

// Fetch reads mentions, which answers to the account's posts are too, and direct messages.
func (n X) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	var from, next places
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &from); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the mentions cannot be read")
		}
	}
	x := n.server(s)
	messages, now, err := x.mentions(ctx, from.Mentions)
	if err != nil {
		return network.Batch{}, err
	}
	next.Mentions, next.Direct = now, from.Direct
	if len(s.Grant.Scopes) == 0 || slices.Contains(s.Grant.Scopes, "dm.read") {
		direct, now, err := x.directs(ctx, from.Direct)
		switch {
		case err == nil:
			messages, next.Direct = append(messages, direct...), now
		case !fault.Is(err, fault.Later) || fault.As(err).Code != "http_429":
			return network.Batch{}, err
		} // messages may be read 15 times in 15 minutes: then they come the next time
	}
	slices.SortStableFunc(messages, func(a, b network.Message) int { return a.At.Compare(b.At) })
	raw, _ := json.Marshal(next) // plain data: cannot fail
	return network.Batch{Messages: messages, Cursor: string(raw)}, nil
}

func (s server) mentions(ctx context.Context, from place) (out []network.Message, next place, err error) {
	q := shown()
	q.Set("max_results", strconv.Itoa(page))
	first := from.Newest == ""
	if !first && from.Newest != beginning {
		q.Set("since_id", from.floor())
	}
	var ids []string
	for range mentionPages {
		var list []post
		a, _, err := s.get(ctx, "/2/users/"+escape(s.me.ID)+"/mentions", q, &list)
		if err != nil {
			return nil, from, err
		}
		for _, p := range list {
			if from.take(p.ID) && p.Author != s.me.ID {
				out, ids = append(out, s.mention(p, a)), append(ids, p.ID)
			}
		}
		if first || a.Meta.Next == "" {
			break
		}
		q.Set("pagination_token", a.Meta.Next)
	}
	next = from.after(ids)
	next.Newest = cmp.Or(next.Newest, beginning)
	slices.Reverse(out)
	return out, next, nil
}

func (s server) mention(p post, a answer) network.Message {
	kind := network.Mention
	if p.ReplyToWhom == s.me.ID && p.parent() != "" {
		kind = network.Comment
	}
	from := somebody(p.Author, a.Includes.Users)
	return network.Message{
		Remote: network.Remote{ID: p.ID, URL: link(from.Handle, p.ID), Data: map[string]string{"author": p.Author}},
		Kind:   kind, Thread: cmp.Or(p.Conversation, p.ID), ReplyTo: p.parent(), From: from, Text: p.words(),
		Media: attachments(p.Attachments.Media, a.Includes.Media), At: p.CreatedAt.UTC(),
	}
}

// event is a direct message.
type event struct {
	ID           string    `json:"id"`
	Type         string    `json:"event_type"`
	Text         string    `json:"text"`
	Sender       string    `json:"sender_id"`
	Conversation string    `json:"dm_conversation_id"`
	CreatedAt    time.Time `json:"created_at"`
	Entities     entities  `json:"entities"`
	Attachments  struct {
		Media []string `json:"media_keys"`
	} `json:"attachments"`
}

func (e event) words() string {
	words := e.Text
	for _, u := range e.Entities.URLs {
		if u.URL != "" && u.Expanded != "" {
			words = strings.ReplaceAll(words, u.URL, html.EscapeString(u.Expanded))
		}
	}
	return strings.TrimSpace(html.UnescapeString(words))
}

func messageFields() url.Values {
	return url.Values{
		"event_types":     {"MessageCreate"},
		"dm_event.fields": {"attachments,created_at,dm_conversation_id,entities,event_type,id,text"},
		"expansions":      {"attachments.media_keys,sender_id"},
		"user.fields":     {"name,username,profile_image_url,public_metrics"},
		"media.fields":    {"media_key,type,url,preview_image_url,alt_text"},
	}
}

// directs reads messages, newest first, until one that is settled.
func (s server) directs(ctx context.Context, from place) (out []network.Message, next place, err error) {
	q := messageFields()
	q.Set("max_results", strconv.Itoa(directPage))
	var ids []string
	for range directPages {
		var list []event
		a, _, err := s.get(ctx, "/2/dm_events", q, &list)
		if err != nil {
			return nil, from, err
		}
		settled := false
		for _, e := range list {
			settled = settled || newer(e.ID, from.floor()) <= 0
			if from.take(e.ID) {
				ids = append(ids, e.ID)
				out = append(out, s.direct(e, a))
			}
		}
		if from.Newest == "" || settled || a.Meta.Next == "" {
			break
		}
		q.Set("pagination_token", a.Meta.Next)
	}
	next = from.after(ids)
	next.Newest = cmp.Or(next.Newest, beginning)
	slices.Reverse(out)
	return out, next, nil
}

func (s server) direct(e event, a answer) network.Message {
	return network.Message{
		Remote: network.Remote{ID: e.ID, URL: "https://x.com/messages/" + e.Conversation, Data: map[string]string{"author": other(e, s.me.ID), "conversation": e.Conversation}},
		Kind:   network.Direct, Thread: e.Conversation, From: somebody(e.Sender, a.Includes.Users), Own: e.Sender == s.me.ID, Text: e.words(),
		Media: attachments(e.Attachments.Media, a.Includes.Media), At: e.CreatedAt.UTC(),
	}
}

// other is whom an answer goes to. A conversation of two is named by both their ids.
func other(e event, me string) string {
	if e.Sender != me {
		return e.Sender
	}
	a, b, _ := strings.Cut(e.Conversation, "-")
	if a == me {
		return b
	}
	return a
}
