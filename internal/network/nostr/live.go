package nostr

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
)

// Read reads an event back from all the account's relays.
func (Nostr) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	p, err := enter(s, all(s.Account))
	if err != nil {
		return network.Live{}, err
	}
	defer p.Close()
	found, _, err := p.Read(ctx, wire.Named(item.ID))
	if err != nil {
		return network.Live{}, err
	}
	if len(found) == 0 {
		return network.Live{Remote: item}, nil
	}
	l := liveOf(found[0])
	for k, v := range item.Data {
		if l.Data[k] == "" {
			l.Data[k] = v
		}
	}
	return l, nil
}

func liveOf(e wire.Event) network.Live {
	words, media := plain(e)
	_, parent := answers(e)
	return network.Live{Remote: network.Remote{ID: e.RemoteID(), URL: page + wire.Refer(e, ""), Data: map[string]string{"id": e.ID, "kind": strconv.Itoa(e.Kind), "created_at": strconv.FormatInt(e.CreatedAt, 10)}},
		Exists: true, Text: words, MediaCount: media, Visibility: "public", At: e.At(), ReplyTo: parent}
}

// answers returns the ids of the root and the parent of what an event says, "" for an event of its own.
func answers(e wire.Event) (root, parent string) {
	if e.Kind == wire.KindComment {
		return cmp.Or(e.Tag("A"), e.Tag("E")), cmp.Or(cmp.Or(e.Tag("a"), e.Tag("e")), e.Tag("i"))
	}
	var unmarked []string
	for _, t := range e.Tags {
		if len(t) < 2 || t[0] != "e" {
			continue
		}
		mark := ""
		if len(t) > 3 {
			mark = t[3]
		}
		switch mark {
		case "root":
			root = t[1]
		case "reply":
			parent = t[1]
		case "":
			unmarked = append(unmarked, t[1]) // as older apps write them: the first is the root, the last the parent
		}
	}
	if len(unmarked) > 0 && root == "" && parent == "" {
		root, parent = unmarked[0], unmarked[len(unmarked)-1]
	}
	return cmp.Or(root, parent), cmp.Or(parent, root)
}

// Delete asks all relays to drop an event (NIP-09). What no relay has any more needs no asking.
func (n Nostr) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	p, err := enter(s, all(s.Account))
	if err != nil {
		return err
	}
	defer p.Close()
	found, whole, err := p.Read(ctx, wire.Named(item.ID))
	if err != nil {
		return err
	}
	if len(found) == 0 && whole {
		return nil
	}
	e := wire.Event{Kind: wire.KindDelete, CreatedAt: s.HTTP.Now().Unix(), Tags: [][]string{{"client", client}}}
	if k, author, _, ok := wire.ParseAddress(item.ID); ok {
		if author != s.Account.ID {
			return fault.Rejectedf("only its author can ask for an event's deletion")
		}
		e.Tags = append(e.Tags, []string{"a", item.ID}, []string{"k", strconv.Itoa(k)})
	} else {
		e.Tags = append(e.Tags, []string{"e", item.ID}, []string{"k", cmp.Or(item.Data["kind"], strconv.Itoa(wire.KindNote))})
	}
	for _, there := range found {
		if there.PubKey != s.Account.ID {
			return fault.Rejectedf("only its author can ask for an event's deletion")
		}
		e.CreatedAt = max(e.CreatedAt, there.CreatedAt) // a version from after the request would stay
		if there.Address() != "" {
			e.Tags = append(e.Tags, []string{"e", there.ID})
		}
	}
	if e, err = p.Key.Sign(e); err != nil {
		return err
	}
	_, err = p.Send(ctx, e)
	return wire.Again(err)
}

// Own lists the account's own posts, newest first, made anywhere. before is the second of the last one listed, and
// which of that second were listed.
func (Nostr) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	p, err := enter(s, all(s.Account))
	if err != nil {
		return nil, "", err
	}
	defer p.Close()
	limit = max(1, min(limit, 100))
	f := wire.Filter{"authors": []string{s.Account.ID}, "kinds": []int{wire.KindNote, wire.KindPicture, wire.KindVideo, wire.KindShort, wire.KindArticle}, "limit": limit}
	second, listed, _ := strings.Cut(before, ":")
	done := strings.Split(listed, ",")
	if until, err := strconv.ParseInt(second, 10, 64); err == nil {
		f["until"], f["limit"] = until, limit+len(done)
	}
	found, _, err := p.Read(ctx, f)
	if err != nil {
		return nil, "", err
	}
	found = slices.DeleteFunc(found, func(e wire.Event) bool { return slices.Contains(done, e.ID[:16]) })
	found = found[:min(len(found), limit)]
	if len(found) == 0 {
		return nil, "", nil
	}
	last := found[len(found)-1].CreatedAt
	if second != strconv.FormatInt(last, 10) {
		done = nil
	}
	var items []network.Live
	for _, e := range found {
		items = append(items, liveOf(e))
		if e.CreatedAt == last {
			done = append(done, e.ID[:16])
		}
	}
	return items, strconv.FormatInt(last, 10) + ":" + strings.Join(done, ","), nil
}
