package wire

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Pool is some relays in one call of ours.
type Pool struct {
	Key    Key
	Relays []*Relay
}

// Join makes a pool; Close ends it.
func Join(client *safehttp.Client, key Key, urls []string) *Pool {
	p := &Pool{Key: key}
	for _, u := range urls {
		p.Relays = append(p.Relays, &Relay{URL: u, http: client, key: key})
	}
	return p
}

// Close ends all connections.
func (p *Pool) Close() {
	for _, r := range p.Relays {
		r.Close()
	}
}

// Each does something at all relays side by side and returns their errors in the relays' order.
func (p *Pool) Each(ctx context.Context, do func(context.Context, int, *Relay) error) []error {
	errs := make([]error, len(p.Relays))
	var wait sync.WaitGroup
	for i, r := range p.Relays {
		wait.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, Patience)
			defer cancel()
			errs[i] = do(ctx, i, r)
		})
	}
	wait.Wait()
	return errs
}

// Send publishes an event at all relays. One that takes it is enough; the answer names those that did.
func (p *Pool) Send(ctx context.Context, e Event) (taken []string, err error) {
	errs := p.Each(ctx, func(ctx context.Context, _ int, r *Relay) error { return r.Publish(ctx, e) })
	for i, err := range errs {
		if err == nil {
			taken = append(taken, p.Relays[i].URL)
		}
	}
	if len(taken) > 0 {
		return taken, nil
	}
	return nil, Worst(errs)
}

// Worst makes one error of all relays': in doubt if any is, otherwise not for ever unless all say so.
func Worst(errs []error) error {
	var words []string
	for _, kind := range []fault.Kind{fault.Unknown, fault.Later} {
		for _, err := range errs {
			if fault.Is(err, kind) {
				return err
			}
		}
	}
	for _, err := range errs {
		if m := fault.As(err).Message; !slices.Contains(words, m) {
			words = append(words, m)
		}
	}
	i := slices.IndexFunc(errs, func(err error) bool { return !fault.Is(err, fault.Unauthorised) })
	f := *fault.As(errs[max(i, 0)])
	f.Message = strings.Join(words, "; ")
	return &f
}

// Read asks all relays and returns each event once. It fails only if no relay answered; whole says that all did.
func (p *Pool) Read(ctx context.Context, filters ...Filter) (found []Event, whole bool, err error) {
	answers := make([][]Event, len(p.Relays))
	errs := p.Each(ctx, func(ctx context.Context, i int, r *Relay) error {
		for _, f := range filters {
			some, err := r.Query(ctx, f)
			if err != nil {
				return err
			}
			answers[i] = append(answers[i], some...)
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
		return nil, false, Worst(errs)
	}
	return Merge(answers...), failed == 0, nil
}

// Merge makes one list of several, newest first, each event once and of each address only the newest version.
func Merge(lists ...[]Event) (out []Event) {
	for _, l := range lists {
		out = append(out, l...)
	}
	slices.SortFunc(out, newer)
	seen := map[string]bool{}
	return slices.DeleteFunc(out, func(e Event) bool {
		id := e.RemoteID()
		was := seen[id]
		seen[id] = true
		return was
	})
}

// newer orders events as Nostr does: later ones first, and of the same second the smaller id.
func newer(a, b Event) int {
	if a.CreatedAt != b.CreatedAt {
		return int(b.CreatedAt - a.CreatedAt)
	}
	return strings.Compare(a.ID, b.ID)
}

// Named asks for one event by its id or address.
func Named(target string) Filter {
	if kind, author, d, ok := ParseAddress(target); ok {
		return Filter{"kinds": []int{kind}, "authors": []string{author}, "#d": []string{d}}
	}
	return Filter{"ids": []string{target}}
}
