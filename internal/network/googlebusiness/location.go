package googlebusiness

import (
	"cmp"
	"context"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const (
	readMask  = "name,title,storeCode,languageCode,storefrontAddress,metadata"
	mostPages = 50 // of accounts and of each account's locations
)

// location is a place of business.
type location struct {
	Name      string `json:"name"` // "locations/2"
	Title     string `json:"title"`
	StoreCode string `json:"storeCode"`
	Language  string `json:"languageCode"`
	Address   struct {
		Locality string   `json:"locality"`
		Lines    []string `json:"addressLines"`
	} `json:"storefrontAddress"`
	Metadata struct {
		MapsURI string `json:"mapsUri"`
		MayPost *bool  `json:"canOperateLocalPost"`
	} `json:"metadata"`
}

// account describes a location as a channel. The legacy API names it below the account it was found in, the others by
// itself.
func (l location) account(in string) network.Account {
	id := strings.TrimPrefix(l.Name, "locations/")
	a := network.Account{ID: id, Name: l.Title, URL: cmp.Or(l.Metadata.MapsURI, "https://business.google.com/"), Limits: Business{}.Spec().Limits,
		Handle: cmp.Or(l.StoreCode, strings.TrimSpace(strings.Join(append(l.Address.Lines, l.Address.Locality), ", ")), id),
		Extra:  map[string]string{inAccount: in, "language": l.Language}}
	if l.Metadata.MayPost != nil && !*l.Metadata.MayPost {
		a.Extra[mayPost] = "no"
	}
	return a
}

// place is a location's name in the legacy API.
func place(a network.Account) string { return a.Extra[inAccount] + "/locations/" + a.ID }

// everyLocation lists the locations of all accounts a person belongs to, each once.
func (c caller) everyLocation(ctx context.Context) (out []network.Account, err error) {
	seen := map[string]bool{}
	q := values("pageSize", "20")
	for range mostPages {
		var list struct {
			Accounts []struct {
				Name string `json:"name"`
			} `json:"accounts"`
			Next string `json:"nextPageToken"`
		}
		if _, err := c.get(ctx, c.b.base(accounts), "/v1/accounts", q, &list); err != nil {
			return nil, err
		}
		for _, in := range list.Accounts {
			some, err := c.locations(ctx, in.Name)
			if err != nil {
				return nil, err
			}
			for _, l := range some {
				if !seen[l.Name] {
					seen[l.Name] = true
					out = append(out, l.account(in.Name))
				}
			}
		}
		if list.Next == "" {
			break
		}
		q.Set("pageToken", list.Next)
	}
	return out, nil
}

func (c caller) locations(ctx context.Context, in string) (out []location, err error) {
	q := values("pageSize", "100", "readMask", readMask)
	for range mostPages {
		var list struct {
			Locations []location `json:"locations"`
			Next      string     `json:"nextPageToken"`
		}
		if _, err := c.get(ctx, c.b.base(information), "/v1/"+in+"/locations", q, &list); err != nil {
			return nil, err
		}
		if out = append(out, list.Locations...); list.Next == "" {
			break
		}
		q.Set("pageToken", list.Next)
	}
	return out, nil
}

// Check reads the location anew.
func (b Business) Check(ctx context.Context, s network.Session) (network.Account, error) {
	var l location
	_, err := b.caller(s).get(ctx, b.base(information), "/v1/locations/"+s.Account.ID, values("readMask", readMask), &l)
	switch {
	case err != nil:
		return network.Account{}, refused(err, "The location was removed, or this account no longer manages it.")
	case l.Name == "":
		return network.Account{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "Google did not say which location this is"}
	}
	return l.account(s.Account.Extra[inAccount]), nil
}
