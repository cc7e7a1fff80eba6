package mastodon

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

// Fetch reads notifications, filtered private mentions included, and the answers the account gave elsewhere.
func (Mastodon) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	var from places
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &from); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the notifications cannot be read")
		}
	}
	f := fetch{server: at(s), me: s.Account, roots: map[string]root{}}
	next, err := f.notifications(ctx, from.Notifications, cursor == "")
	if err != nil {
		return network.Batch{}, err
	}
	own, err := f.answers(ctx, from.Own, cursor == "")
	if err != nil {
		return network.Batch{}, err
	}
	raw, _ := json.Marshal(places{Notifications: next, Own: own}) // plain data: cannot fail
	f.batch.Cursor = string(raw)
	slices.SortStableFunc(f.batch.Messages, func(a, b network.Message) int { return a.At.Compare(b.At) })
	return f.batch, nil
}

// fetch collects one page.
type fetch struct {
	server
	me    network.Account
	batch network.Batch
	roots map[string]root // of statuses seen in this page
}

// root is where a thread begins and whether it is ours.
type root struct {
	id  string
	own bool
}

func (f *fetch) notifications(ctx context.Context, from place, first bool) (place, error) {
	fresh, next, more, err := onward(from, first, func(n notification) string { return n.ID }, func(above string) (list []notification, err error) {
		q := url.Values{"limit": {strconv.Itoa(page)}, "include_filtered": {"true"}}
		if above != "" {
			q.Set("min_id", above)
		}
		_, err = f.get(ctx, "/api/v1/notifications", q, &list)
		return list, err
	})
	if err != nil {
		return from, err
	}
	for _, n := range fresh {
		if err := f.take(ctx, n); err != nil {
			return from, err
		}
	}
	f.batch.More = f.batch.More || more
	return next, nil
}

func (f *fetch) take(ctx context.Context, n notification) error {
	switch kind := map[string]string{"favourite": "like", "reblog": "share", "follow": "follow"}[n.Type]; {
	case kind != "":
		r := network.Reaction{Remote: network.Remote{ID: n.ID, URL: n.Account.URL}, Kind: kind, From: n.Account.person(domain(f.me)), At: n.CreatedAt.UTC()}
		if n.Status != nil {
			r.On = n.Status.ID
		}
		f.batch.Reactions = append(f.batch.Reactions, r)
	case n.Status != nil && (n.Type == "mention" || n.Type == "quote"):
		m, err := f.message(ctx, *n.Status)
		if err != nil {
			return err
		}
		f.batch.Messages = append(f.batch.Messages, m)
	}
	return nil // polls that ended, follow requests, news of the server: not conversations
}

func (f *fetch) message(ctx context.Context, st status) (network.Message, error) {
	top, err := f.root(ctx, st)
	if err != nil {
		return network.Message{}, err
	}
	kind := network.Mention
	switch {
	case st.Visibility == direct:
		kind = network.Direct
	case top.own || st.ReplyToWhom == rawID(f.me):
		kind = network.Comment
	}
	return network.Message{
		Remote: network.Remote{ID: st.ID, URL: st.link(), Data: map[string]string{"visibility": st.Visibility, "warning": st.Spoiler, "acct": st.Account.Acct, "author": st.Account.ID}},
		Kind:   kind, Thread: top.id, ReplyTo: st.ReplyTo, From: st.Account.person(domain(f.me)), Own: st.Account.ID == rawID(f.me),
		Text: st.words(), Media: attachments(st.Media), At: st.CreatedAt.UTC(),
	}, nil
}

// root finds where a status's thread begins. The API names only the parent, so an answer needs one more call.
func (f *fetch) root(ctx context.Context, st status) (top root, err error) {
	defer func() { f.roots[st.ID] = top }()
	if st.ReplyTo == "" {
		return root{st.ID, st.Account.ID == rawID(f.me)}, nil
	}
	if known, ok := f.roots[st.ReplyTo]; ok {
		return known, nil
	}
	top = root{st.ReplyTo, st.ReplyToWhom == rawID(f.me)}
	var around struct {
		Ancestors []status `json:"ancestors"`
	}
	_, err = f.get(ctx, "/api/v1/statuses/"+escape(st.ID)+"/context", nil, &around)
	if fault.Is(err, fault.NotFound) {
		return top, nil // deleted since: its parent is the best we know
	}
	if err == nil && len(around.Ancestors) > 0 {
		first := around.Ancestors[0]
		top = root{first.ID, first.Account.ID == rawID(f.me)}
	}
	return top, err
}

// answers reads what the account itself said in conversations, except through this application: that is known.
func (f *fetch) answers(ctx context.Context, from place, first bool) (place, error) {
	fresh, next, more, err := onward(from, first, func(st status) string { return st.ID }, func(above string) ([]status, error) {
		list, _, err := f.own(ctx, f.me, "", above, page)
		return list, err
	})
	if err != nil {
		return from, err
	}
	for _, st := range fresh {
		ours := st.Application != nil && st.Application.Name != "" && st.Application.Name == f.me.Extra["app"]
		talk := st.Visibility == direct || st.ReplyTo != "" && st.ReplyToWhom != rawID(f.me)
		if ours || !talk {
			continue
		}
		m, err := f.message(ctx, st)
		if err != nil {
			return from, err
		}
		m.Own = true
		f.batch.Messages = append(f.batch.Messages, m)
	}
	f.batch.More = f.batch.More || more
	return next, nil
}

// SearchPeople finds accounts the server knows.
func (Mastodon) SearchPeople(ctx context.Context, s network.Session, query string, limit int) ([]network.Person, error) {
	var list []account
	q := url.Values{"q": {query}, "limit": {strconv.Itoa(max(1, min(limit, page)))}, "resolve": {"false"}}
	if _, err := at(s).get(ctx, "/api/v1/accounts/search", q, &list); err != nil {
		return nil, err
	}
	people := make([]network.Person, 0, len(list))
	for _, a := range list {
		people = append(people, a.person(domain(s.Account)))
	}
	slices.SortStableFunc(people, func(a, b network.Person) int { return cmp.Compare(b.Followers, a.Followers) })
	return people, nil
}
