package nostr

import (
	"context"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
)

// PostMetrics counts what the account's relays have about each item. When they stop answering midway, what was read so
// far comes with the error.
func (Nostr) PostMetrics(ctx context.Context, s network.Session, items []network.Remote) ([]network.Measured, error) {
	p, err := enter(s, all(s.Account))
	if err != nil {
		return nil, err
	}
	defer p.Close()
	var out []network.Measured
	for _, it := range items {
		there, whole, err := p.Read(ctx, wire.Named(it.ID))
		switch {
		case err != nil:
			return out, err
		case len(there) == 0 && whole:
			out = append(out, network.Measured{RemoteID: it.ID, Gone: true})
			continue
		case len(there) == 0:
			continue // a relay that may have it does not answer
		}
		v, err := p.reactions(ctx, s.Account.ID, there[0])
		if err != nil {
			return out, err
		}
		out = append(out, network.Measured{RemoteID: it.ID, Values: v})
	}
	return out, nil
}

func (p *party) reactions(ctx context.Context, me string, e wire.Event) (network.Values, error) {
	kinds := []int{wire.KindNote, wire.KindRepost, wire.KindReaction, wire.KindRepostAny, wire.KindComment}
	questions := []wire.Filter{{"kinds": kinds, "#e": []string{e.ID}}, {"kinds": []int{wire.KindNote}, "#q": []string{e.RemoteID()}}}
	if a := e.Address(); a != "" {
		questions = append(questions, wire.Filter{"kinds": kinds, "#a": []string{a}})
	}
	lists := make([][]wire.Event, len(p.Relays))
	errs := p.Each(ctx, func(ctx context.Context, i int, r *wire.Relay) error {
		for _, f := range questions {
			some, err := r.Since(ctx, f, 0, false)
			if err != nil {
				return err
			}
			lists[i] = append(lists[i], some...)
		}
		return nil
	})
	failed := 0
	for _, err := range errs {
		if err != nil {
			failed++
		}
	}
	if failed == len(errs) {
		return nil, wire.Worst(errs)
	}
	v := network.Values{"M-LIKE": 0, "M-COMM": 0, "M-SHARE": 0} // the relays answered: none is none
	liked := map[string]bool{}
	for _, r := range wire.Merge(lists...) {
		_, parent := answers(r)
		switch {
		case r.Kind == wire.KindReaction && about(r) == e.RemoteID() && r.Content != "-" && !liked[r.PubKey]:
			liked[r.PubKey] = true
			v["M-LIKE"]++
		case r.Kind == wire.KindRepost, r.Kind == wire.KindRepostAny, r.Has("q", e.RemoteID()):
			v["M-SHARE"]++
		case (r.Kind == wire.KindNote || r.Kind == wire.KindComment) && parent == e.RemoteID():
			v["M-COMM"]++
		}
	}
	return v, nil
}

// AccountMetrics asks the relays how many follow the account. Where none counts, there is no number.
func (Nostr) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	p, err := enter(s, all(s.Account))
	if err != nil {
		return nil, err
	}
	defer p.Close()
	counts, known := make([]int64, len(p.Relays)), make([]bool, len(p.Relays))
	errs := p.Each(ctx, func(ctx context.Context, i int, r *wire.Relay) (err error) {
		counts[i], known[i], err = r.Count(ctx, wire.Filter{"kinds": []int{wire.KindFollows}, "#p": []string{s.Account.ID}})
		return err
	})
	v, failed := network.Values{}, 0
	for i := range counts {
		if errs[i] != nil {
			failed++
		} else if most, there := v["M-FOLL"]; known[i] && (!there || counts[i] > most) {
			v["M-FOLL"] = counts[i]
		}
	}
	if failed == len(errs) {
		return nil, wire.Worst(errs)
	}
	return v, nil
}
