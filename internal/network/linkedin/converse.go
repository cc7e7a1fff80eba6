package linkedin

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const (
	atOnce  = 20               // comments read whole in one go
	most    = 40               // pages of notifications
	overlap = 10 * time.Minute // that is read twice, for what LinkedIn tells late
)

// place is where reading goes on among the notifications.
type place struct {
	Newest int64    `json:"newest"` // milliseconds
	Seen   []string `json:"seen,omitempty"`
}

// note is one notification of an organisation.
type note struct {
	ID           json.Number `json:"notificationId"`
	Organization string      `json:"organizationalEntity"`
	Action       string      `json:"action"`
	Source       string      `json:"sourcePost"`
	Decorated    struct {
		Entity string `json:"entity"`
	} `json:"decoratedSourcePost"`
	Activity string `json:"generatedActivity"`
	Content  struct {
		Comment *said `json:"comment"`
		Share   *said `json:"share"`
	} `json:"decoratedGeneratedActivity"`
	At int64 `json:"lastModifiedAt"` // milliseconds
}

type said struct {
	Entity string `json:"entity"`
	Owner  string `json:"owner"`
	Text   string `json:"text"`
}

// Fetch reads an organisation's notifications: comments, mentions and reactions. A member's are not to be had.
func (n LinkedIn) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	if !isOrganization(s.Account) {
		return network.Batch{Cursor: cursor}, nil
	}
	var from place
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &from); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the notifications cannot be read")
		}
	}
	x := n.server(s)
	fresh, err := x.notes(ctx, from, cursor == "")
	if err != nil {
		return network.Batch{}, err
	}
	b := network.Batch{More: len(fresh) > atOnce}
	next := place{Newest: from.Newest, Seen: from.Seen}
	for _, it := range fresh[:min(len(fresh), atOnce)] {
		if err := x.take(ctx, it, &b); err != nil {
			return network.Batch{}, err
		}
		next.Newest, next.Seen = max(next.Newest, it.At), append(slices.Clip(next.Seen), mark(it))
	}
	next.Seen = slices.DeleteFunc(next.Seen, func(m string) bool { return settled(m, next.Newest) })
	slices.SortStableFunc(b.Messages, func(a, b network.Message) int { return a.At.Compare(b.At) })
	raw, _ := json.Marshal(next) // plain data: cannot fail
	b.Cursor = string(raw)
	return b, nil
}

// mark names a notification with its time, so that it can be forgotten when it is settled.
func mark(n note) string { return strconv.FormatInt(n.At, 10) + " " + n.ID.String() }

func settled(mark string, newest int64) bool {
	when, _, _ := strings.Cut(mark, " ")
	ms, _ := strconv.ParseInt(when, 10, 64)
	return ms < newest-overlap.Milliseconds()
}

// notes lists what is new, oldest first; for the first time the latest page.
func (s server) notes(ctx context.Context, from place, first bool) (fresh []note, err error) {
	q := "/rest/organizationalEntityNotifications?q=criteria&organizationalEntity=" + escape(s.me.ID) +
		"&actions=List(COMMENT,ADMIN_COMMENT,COMMENT_EDIT,COMMENT_DELETE,SHARE_MENTION,LIKE,SHARE)"
	if !first {
		q += "&timeRange=(start:" + strconv.FormatInt(max(0, from.Newest-overlap.Milliseconds()), 10) + ")"
	}
	for i := range most {
		var list struct {
			Elements []note `json:"elements"`
		}
		if _, err := s.get(ctx, q+paged(i*page), "FINDER", &list); err != nil {
			return nil, err
		}
		for _, n := range list.Elements {
			if !slices.Contains(from.Seen, mark(n)) && !settled(mark(n), from.Newest) {
				fresh = append(fresh, n)
			}
		}
		if len(list.Elements) < page || first {
			break
		}
	}
	slices.SortStableFunc(fresh, func(a, b note) int { return cmp.Compare(a.At, b.At) })
	if first && len(fresh) > atOnce {
		fresh = fresh[len(fresh)-atOnce:]
	}
	return fresh, nil
}

// take makes a notification into what happened.
func (s server) take(ctx context.Context, n note, b *network.Batch) error {
	source := cmp.Or(n.Decorated.Entity, n.Source)
	switch n.Action {
	case "COMMENT", "ADMIN_COMMENT", "COMMENT_EDIT":
		m, err := s.message(ctx, n, source)
		if err == nil {
			b.Messages = append(b.Messages, m)
		}
		return err
	case "COMMENT_DELETE":
		urn := comment(n.Activity)
		b.Messages = append(b.Messages, network.Message{Remote: network.Remote{ID: urn, Data: map[string]string{"post": source}}, Kind: network.Comment, Thread: source, At: at(n.At), Removed: true})
	case "SHARE_MENTION":
		if c := n.Content.Share; c != nil {
			urn := cmp.Or(c.Entity, n.Activity)
			b.Messages = append(b.Messages, network.Message{Remote: network.Remote{ID: urn, URL: outcome(urn).URL}, Kind: network.Mention, Thread: urn, From: somebody(c.Owner), Text: plain(c.Text), At: at(n.At)})
		}
	case "LIKE", "SHARE":
		r := network.Reaction{Remote: network.Remote{ID: n.Activity, URL: outcome(source).URL}, Kind: strings.ToLower(n.Action), On: source, At: at(n.At)}
		if c := n.Content.Share; c != nil {
			r.From = somebody(c.Owner)
		} else if _, rest, ok := strings.Cut(n.Activity, "("); ok { // urn:li:reaction:(urn:li:person:1,urn:li:activity:2)
			who, _, _ := strings.Cut(rest, ",")
			r.From = somebody(who)
		}
		b.Reactions = append(b.Reactions, r)
	}
	return nil
}

// message reads a comment whole: the notification does not say what it answers. One that is gone by now is told by its
// notification.
func (s server) message(ctx context.Context, n note, source string) (network.Message, error) {
	urn := comment(n.Activity)
	m := network.Message{Remote: network.Remote{ID: urn, URL: commentURL(source, urn), Data: map[string]string{"post": source}}, Kind: network.Comment, Thread: source, ReplyTo: source, At: at(n.At)}
	if c := n.Content.Comment; c != nil {
		m.From, m.Text = somebody(c.Owner), c.Text
	}
	object, id, ok := split(urn)
	if !ok {
		return m, nil
	}
	var c reply
	_, err := s.get(ctx, path(object, id, ""), "", &c)
	switch {
	case fault.Is(err, fault.NotFound):
		m.Removed = true
		return m, nil
	case err != nil:
		return m, err
	}
	m.From, m.Text, m.Own = somebody(cmp.Or(c.Actor, m.From.ID)), cmp.Or(c.Message.Text, m.Text), c.Actor == s.me.ID
	if c.Created.Time != 0 && n.Action != "COMMENT_EDIT" {
		m.At = at(c.Created.Time)
	}
	if c.Parent != "" {
		m.ReplyTo, m.Data["top"] = comment(c.Parent), comment(c.Parent)
	}
	return m, nil
}

// somebody is a person or organisation, of whom LinkedIn tells applications only the URN.
func somebody(urn string) network.Person {
	id := urn[strings.LastIndex(urn, ":")+1:]
	p := network.Person{ID: urn, Handle: id, Name: "LinkedIn member"}
	if strings.HasPrefix(urn, "urn:li:organization:") {
		p.Name, p.URL = "Organisation "+id, "https://www.linkedin.com/company/"+id
	}
	return p
}
