package reddit

import (
	"cmp"
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
	inboxPages = 10              // pages of a hundred that are read at once: all that Reddit keeps
	settling   = 5 * time.Minute // how much later than a newer thing an older one may still appear
)

// place is where reading goes on in the inbox. Comments and messages count their names apart, so that only time orders
// them: what is older than Floor is settled, and of what is younger Seen says what was taken.
type place struct {
	Floor float64  `json:"floor"` // seconds of the epoch
	Seen  []string `json:"seen,omitempty"`
}

// Fetch reads the inbox: comments on own posts and comments, mentions, and private messages. It marks nothing as read.
func (r Reddit) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	var from place
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &from); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the inbox cannot be read")
		}
	}
	a := r.as(s)
	var fresh []thing
	next := place{Floor: from.Floor}
	all := map[string]float64{} // of this reading, by name
	after := ""
	for range inboxPages {
		list, _, err := a.own(ctx, "/message/inbox", after, "100")
		if err != nil {
			return network.Batch{}, err
		}
		settled := false
		for _, t := range list.Data.Children {
			if t.Data.Created < from.Floor {
				settled = true
				continue
			}
			if _, twice := all[t.Data.Name]; twice || t.Data.Name == "" {
				continue // moved on to the next page while we read
			}
			all[t.Data.Name] = t.Data.Created
			next.Floor = max(next.Floor, t.Data.Created-settling.Seconds())
			if !slices.Contains(from.Seen, t.Data.Name) {
				fresh = append(fresh, t)
			}
		}
		if after = list.Data.After; after == "" || settled || cursor == "" {
			break
		}
	}
	for name, created := range all {
		if created >= next.Floor {
			next.Seen = append(next.Seen, name)
		}
	}
	slices.Sort(next.Seen)
	raw, _ := json.Marshal(next) // plain data: cannot fail
	b := network.Batch{Cursor: string(raw)}
	slices.Reverse(fresh)
	for _, t := range fresh {
		b.Messages = append(b.Messages, a.message(t))
	}
	slices.SortStableFunc(b.Messages, func(x, y network.Message) int { return x.At.Compare(y.At) })
	return b, nil
}

func (a api) message(t thing) network.Message {
	d := t.Data
	m := network.Message{Remote: network.Remote{ID: d.Name, URL: a.link(d), Data: map[string]string{"community": d.Community, "subject": d.Subject}}, Kind: network.Direct, Thread: d.thread(),
		ReplyTo: d.Parent, From: a.person(d), Own: strings.EqualFold(d.Author, a.me), Text: d.Body, At: d.at(), Removed: d.gone()}
	switch d.Type {
	case "username_mention":
		m.Kind = network.Mention
	case "post_reply", "comment_reply":
		m.Kind = network.Comment
	}
	return m
}

// person is who wrote: somebody, or a community's moderators together.
func (a api) person(d item) network.Person {
	if d.Author == "" && d.Community != "" {
		name := "r/" + d.Community
		return network.Person{ID: name, Handle: name, Name: name, URL: a.site + "/" + name}
	}
	name := cmp.Or(d.Author, "[deleted]")
	return network.Person{ID: cmp.Or(d.AuthorName, name), Handle: name, Name: name, URL: a.site + "/user/" + escape(name)}
}

// Acts lists what can be done to other people's items. Hiding is the moderators' removing.
func (Reddit) Acts(kind network.MessageKind) []network.Act {
	switch kind {
	case network.Comment, network.Mention:
		return []network.Act{network.Like, network.Unlike, network.Hide, network.Unhide, network.Block}
	case network.Direct:
		return []network.Act{network.Block}
	}
	return nil
}

// Act carries one out. Votes are given by a person here, one by one, as Reddit demands.
func (r Reddit) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	form := url.Values{"id": {on.ID}}
	path := map[network.Act]string{network.Like: "/api/vote", network.Unlike: "/api/vote", network.Hide: "/api/remove", network.Unhide: "/api/approve", network.Block: "/api/block"}[act]
	switch act {
	case network.Like:
		form.Set("dir", "1")
	case network.Unlike:
		form.Set("dir", "0")
	case network.Hide:
		form.Set("spam", "false")
	}
	if path == "" {
		return fault.Rejectedf("Reddit has no way to %s an item", act)
	}
	err := r.as(s).repeat(ctx, path, form)
	if fault.Is(err, fault.Rejected) && (act == network.Hide || act == network.Unhide) {
		f := *fault.As(err)
		f.Message, f.Hint = "only moderators of the community can do this", "Report the comment on Reddit, or block its author."
		return &f
	}
	return err
}
