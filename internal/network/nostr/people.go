package nostr

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
)

// SearchPeople finds somebody by key, by address (ann@example.com, NIP-05) or, at relays that search, by name (NIP-50).
func (Nostr) SearchPeople(ctx context.Context, s network.Session, query string, limit int) ([]network.Person, error) {
	p, err := enter(s, all(s.Account))
	if err != nil {
		return nil, err
	}
	defer p.Close()
	query = strings.TrimPrefix(strings.TrimSpace(query), "@")
	f := wire.Filter{"kinds": []int{wire.KindProfile}, "limit": max(1, min(limit, 40))}
	sure := ""
	if r, err := wire.ReadReference(query); err == nil && r.Author != "" {
		sure = r.Author
	} else if name, host, ok := strings.Cut(query, "@"); ok {
		if sure, err = lookUp(ctx, s, name, host); err != nil || sure == "" {
			return nil, err
		}
	}
	if sure != "" {
		f["authors"] = []string{sure}
	} else {
		f["search"] = query
	}
	var people []network.Person
	found, _, err := p.Read(ctx, f)
	if fault.Is(err, fault.Rejected) { // no relay of the account searches
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range found {
		// A relay that does not know the word sends anybody.
		who := profileOf(e)
		fits := sure != "" || strings.Contains(strings.ToLower(who.Name+" "+who.Display+" "+who.Address), strings.ToLower(query))
		if fits && !slices.ContainsFunc(people, func(p network.Person) bool { return p.ID == e.PubKey }) && len(people) < limit {
			people = append(people, who.person(e.PubKey))
		}
	}
	if sure != "" && len(people) == 0 {
		people = append(people, profile{}.person(sure))
	}
	return people, nil
}

// lookUp asks a domain whose key an address is; "" if it knows none.
func lookUp(ctx context.Context, s network.Session, name, host string) (string, error) {
	var known struct {
		Names map[string]string `json:"names"`
	}
	u, err := s.HTTP.CheckURL("https://" + host)
	if err != nil {
		return "", nil // not an address yet: somebody is still typing
	}
	u.Path, u.RawQuery = "/.well-known/nostr.json", url.Values{"name": {name}}.Encode()
	_, err = s.HTTP.WithTimeout(wire.Patience).JSON(ctx, http.MethodGet, u.String(), nil, nil, &known)
	if err != nil {
		return "", nil // no such domain, or it knows nobody: nothing to offer
	}
	if key := known.Names[name]; wire.IsKey(key) {
		return key, nil
	}
	return "", nil
}
