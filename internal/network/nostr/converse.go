package nostr

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
)

const (
	few = 20 // ids or authors in one question
	// overlap is how far back reading starts again: events arrive late, and their authors choose their seconds.
	overlap  = 3600
	mostSeen = 2000
)

// places are where reading goes on: at each relay a second, and what was taken from after the earliest of them.
type places struct {
	Floors map[string]int64 `json:"floors"`
	Seen   map[string]int64 `json:"seen"` // by the beginning of an event's id: its second
}

func short(e wire.Event) string { return e.ID[:16] }

// Fetch reads from all the account's relays what names the account and what it said itself in other apps.
func (Nostr) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	from := places{Floors: map[string]int64{}, Seen: map[string]int64{}}
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &from); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the relays cannot be read")
		}
	}
	p, err := enter(s, all(s.Account))
	if err != nil {
		return network.Batch{}, err
	}
	defer p.Close()
	next, fresh, err := p.onward(ctx, s.Account.ID, from, cursor == "")
	if err != nil {
		return network.Batch{}, err
	}
	b, err := p.explain(ctx, s.Account.ID, fresh)
	raw, _ := json.Marshal(next) // plain data: cannot fail
	b.Cursor = string(raw)
	return b, err
}

// onward reads each relay from where it was left, and returns what was not taken yet, oldest first.
func (p *party) onward(ctx context.Context, me string, from places, begin bool) (places, []wire.Event, error) {
	filters := []wire.Filter{
		{"#p": []string{me}, "kinds": []int{wire.KindNote, wire.KindRepost, wire.KindReaction, wire.KindRepostAny, wire.KindComment}},
		{"authors": []string{me}, "kinds": []int{wire.KindNote, wire.KindComment}},
	}
	latest := int64(0) // where a relay that is new starts: with the others
	for _, at := range from.Floors {
		latest = max(latest, at)
	}
	lists := make([][]wire.Event, len(p.Relays))
	cut := make([]int64, len(p.Relays)) // where the history we took begins, if there is more of it
	errs := p.Each(ctx, func(ctx context.Context, i int, r *wire.Relay) error {
		floor, known := from.Floors[r.URL]
		if !known {
			floor = latest
		}
		for _, f := range filters {
			some, err := r.Since(ctx, f, floor, begin)
			if err != nil {
				return err
			}
			lists[i] = append(lists[i], some...)
			if begin && len(some) >= few {
				cut[i] = max(cut[i], slices.MinFunc(some, func(a, b wire.Event) int { return cmp.Compare(a.CreatedAt, b.CreatedAt) }).CreatedAt)
			}
		}
		return nil
	})
	if !slices.Contains(errs, nil) {
		return from, nil, wire.Worst(errs)
	}
	next := places{Floors: map[string]int64{}, Seen: maps.Clone(from.Seen)}
	var fresh []wire.Event
	for i, list := range lists {
		at, known := from.Floors[p.Relays[i].URL]
		if errs[i] != nil {
			if known {
				next.Floors[p.Relays[i].URL] = at // it goes on here when it is back
			}
			continue
		}
		for _, e := range list {
			at = max(at, min(e.CreatedAt, p.now.Unix())-overlap) // nobody's far future hides what comes until then
			if _, taken := next.Seen[short(e)]; !taken {
				next.Seen[short(e)] = e.CreatedAt
				fresh = append(fresh, e)
			}
		}
		next.Floors[p.Relays[i].URL] = max(at, cut[i])
	}
	next.settle()
	slices.SortFunc(fresh, func(a, b wire.Event) int {
		return cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return next, fresh, nil
}

// settle forgets what cannot come again, and keeps the rest within bounds.
func (p *places) settle() {
	if over := len(p.Seen) - mostSeen; over > 0 {
		seconds := slices.Sorted(maps.Values(p.Seen))
		for u, at := range p.Floors {
			p.Floors[u] = max(at, seconds[over])
		}
	}
	lowest := int64(-1)
	for _, at := range p.Floors {
		if lowest < 0 || at < lowest {
			lowest = at
		}
	}
	maps.DeleteFunc(p.Seen, func(_ string, at int64) bool { return at < lowest })
}

// explain makes messages and reactions of events. What they answer and who wrote them are asked for once.
func (p *party) explain(ctx context.Context, me string, list []wire.Event) (network.Batch, error) {
	var b network.Batch
	known, err := p.answered(ctx, list)
	if err != nil {
		return b, err
	}
	who, err := p.profiles(ctx, list)
	if err != nil {
		return b, err
	}
	for _, e := range list {
		root, parent := answers(e)
		ours := e.PubKey == me
		from := who[e.PubKey].person(e.PubKey)
		at := e.At()
		if at.After(p.now) {
			at = p.now // said to be from the future, so as to stay on top
		}
		switch e.Kind {
		case wire.KindReaction, wire.KindRepost, wire.KindRepostAny:
			if on := about(e); !ours && e.Content != "-" && on != "" {
				b.Reactions = append(b.Reactions, network.Reaction{Remote: network.Remote{ID: e.ID, URL: from.URL}, Kind: map[bool]string{true: "like", false: "share"}[e.Kind == wire.KindReaction], From: from, On: on, At: at})
			}
			continue
		}
		if ours && (parent == "" || e.Has("client", client)) {
			continue // a post, or said through us and known
		}
		words, _ := plain(e)
		m := network.Message{Remote: network.Remote{ID: e.ID, URL: page + wire.Refer(e, ""), Data: facts(e, root, known)}, Kind: network.Mention, Thread: cmp.Or(root, e.ID), ReplyTo: parent, From: from, Own: ours,
			Text: words, Media: attachments(e), At: at}
		if authorOf(parent, known) == me || authorOf(root, known) == me {
			m.Kind = network.Comment
		}
		b.Messages = append(b.Messages, m)
	}
	return b, nil
}

// about is the event of ours that a reaction is about: the last one it names.
func about(e wire.Event) (id string) {
	for _, t := range e.Tags {
		if len(t) > 1 && t[0] == "e" {
			id = t[1]
		}
	}
	return cmp.Or(e.Tag("a"), id)
}

// facts are what an answer to the event needs to know.
func facts(e wire.Event, root string, known map[string]wire.Event) map[string]string {
	d := map[string]string{"id": e.ID, "kind": strconv.Itoa(e.Kind), "author": e.PubKey, "root": root}
	if a := authorOf(root, known); a != "" {
		d["root_author"] = a
	}
	if e.Kind == wire.KindComment {
		raw, _ := json.Marshal(scopeIn(e)) // plain data: cannot fail
		d["scope"] = string(raw)
	}
	return d
}

func authorOf(id string, known map[string]wire.Event) string {
	if _, author, _, ok := wire.ParseAddress(id); ok {
		return author
	}
	return known[id].PubKey
}

// answered asks for the events that others answer.
func (p *party) answered(ctx context.Context, list []wire.Event) (map[string]wire.Event, error) {
	known, want := map[string]wire.Event{}, map[string]bool{}
	for _, e := range list {
		known[e.ID] = e
	}
	for _, e := range list {
		root, parent := answers(e)
		for _, id := range []string{root, parent} {
			if _, there := known[id]; wire.IsKey(id) && !there {
				want[id] = true
			}
		}
	}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(want)), few) {
		found, _, err := p.Read(ctx, wire.Filter{"ids": some})
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			known[e.ID] = e
		}
	}
	return known, nil
}

// profiles asks who the authors are.
func (p *party) profiles(ctx context.Context, list []wire.Event) (map[string]profile, error) {
	want := map[string]bool{}
	for _, e := range list {
		want[e.PubKey] = true
	}
	who := map[string]profile{}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(want)), few) {
		found, _, err := p.Read(ctx, wire.Filter{"kinds": []int{wire.KindProfile}, "authors": some})
		if err != nil {
			return nil, err
		}
		for _, e := range slices.Backward(found) {
			who[e.PubKey] = profileOf(e) // the newest last
		}
	}
	return who, nil
}

func attachments(e wire.Event) (out []network.Attachment) {
	for _, t := range e.Tags {
		if len(t) < 2 || t[0] != "imeta" {
			continue
		}
		var a network.Attachment
		for _, f := range t[1:] {
			for name, to := range map[string]*string{"url ": &a.URL, "m ": &a.MIME, "alt ": &a.Alt} {
				if len(f) > len(name) && f[:len(name)] == name {
					*to = f[len(name):]
				}
			}
		}
		if a.URL != "" {
			out = append(out, a)
		}
	}
	return out
}
