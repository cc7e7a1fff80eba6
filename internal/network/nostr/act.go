package nostr

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
)

// Acts lists what can be done to other people's events.
func (Nostr) Acts(kind network.MessageKind) []network.Act {
	if kind != network.Comment && kind != network.Mention {
		return nil
	}
	return []network.Act{network.Like, network.Unlike, network.Share}
}

// Act carries one out. Each looks first whether it was done, because a second event would count again.
func (Nostr) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	if !slices.Contains(Nostr{}.Acts(network.Comment), act) {
		return fault.Rejectedf("Nostr has no way to %s an event", act)
	}
	p, err := enter(s, all(s.Account))
	if err != nil {
		return err
	}
	defer p.Close()
	there, _, err := p.Read(ctx, wire.Named(on.ID))
	if err != nil {
		return err
	}
	if len(there) == 0 {
		return fault.Rejectedf("none of the account's relays has this event any more")
	}
	about := there[0]
	kinds := []int{wire.KindReaction}
	if act == network.Share {
		kinds = []int{wire.KindRepost, wire.KindRepostAny}
	}
	done, _, err := p.Read(ctx, wire.Filter{"kinds": kinds, "authors": []string{s.Account.ID}, "#e": []string{about.ID}})
	if err != nil {
		return err
	}
	e := wire.Event{CreatedAt: s.HTTP.Now().Unix(), Tags: [][]string{{"e", about.ID, p.Relays[0].URL, about.PubKey}, {"p", about.PubKey}, {"k", strconv.Itoa(about.Kind)}}}
	if a := about.Address(); a != "" {
		e.Tags = append(e.Tags, []string{"a", a})
	}
	switch {
	case act == network.Unlike && len(done) == 0, act != network.Unlike && len(done) > 0:
		return nil
	case act == network.Like:
		e.Kind, e.Content = wire.KindReaction, "+"
	case act == network.Share:
		raw, _ := json.Marshal(about) // plain data: cannot fail
		e.Kind, e.Content = wire.KindRepostAny, string(raw)
		if about.Kind == wire.KindNote {
			e.Kind = wire.KindRepost
		}
	default:
		e.Kind, e.Tags = wire.KindDelete, [][]string{{"k", strconv.Itoa(wire.KindReaction)}}
		for _, d := range done {
			e.Tags = append(e.Tags, []string{"e", d.ID})
		}
	}
	if e, err = p.Key.Sign(e); err != nil {
		return err
	}
	_, err = p.Send(ctx, e)
	return wire.Again(err)
}
