package nostr

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/text"
)

const mostRelays = 10

// SignIn reads the key and finds the account's relays. Nobody can refuse a key: that it is right shows in whose name
// the account's profile is.
func (n Nostr) SignIn(ctx context.Context, client *safehttp.Client, fields map[string]string) (network.Grant, []network.Account, error) {
	key, err := wire.ReadKey(fields["secret_key"])
	if err != nil {
		return network.Grant{}, nil, err
	}
	a := network.Account{ID: key.Public(), Extra: map[string]string{}}
	var typed []string
	for _, one := range strings.FieldsFunc(fields["relays"], func(r rune) bool { return strings.ContainsRune(" ,;\n\t\r", r) }) {
		u, err := relayURL(client, one)
		if err != nil {
			return network.Grant{}, nil, err
		}
		if !slices.Contains(typed, u) {
			typed = append(typed, u)
		}
	}
	if len(typed) > mostRelays {
		return network.Grant{}, nil, fault.Invalidf("relays", "there are %d relays, the limit is %d", len(typed), mostRelays)
	}
	if len(typed) > 0 {
		a.Extra["typed"] = strings.Join(typed, " ")
	}
	if server := strings.TrimSpace(fields["media_server"]); server != "" {
		if !strings.Contains(server, "://") {
			server = "https://" + server
		}
		u, err := client.CheckURL(server)
		if err != nil {
			f := *fault.As(err)
			f.Field = "media_server"
			return network.Grant{}, nil, &f
		}
		a.Extra["typed_media"] = u.Scheme + "://" + u.Host + strings.TrimSuffix(u.Path, "/")
	}
	grant := network.Grant{Values: map[string]string{"secret_key": key.Hex()}}
	a, err = n.self(ctx, client, key, a)
	if err != nil {
		f := *fault.As(err)
		f.Field, f.Hint = "relays", cmp.Or(f.Hint, "Name relays that can be reached.")
		return network.Grant{}, nil, &f
	}
	return grant, []network.Account{a}, nil
}

// relayURL brings a relay's address into its one spelling.
func relayURL(client *safehttp.Client, typed string) (string, error) {
	if !strings.Contains(typed, "://") {
		typed = "wss://" + typed
	}
	scheme, rest, _ := strings.Cut(typed, "://")
	web, ok := map[string]string{"wss": "https", "ws": "http"}[strings.ToLower(scheme)]
	if !ok {
		return "", fault.Invalidf("relays", "the address of a relay begins with wss://, not %s://", scheme)
	}
	u, err := client.CheckURL(web + "://" + rest)
	if err != nil {
		f := *fault.As(err)
		f.Kind, f.Field = fault.Invalid, "relays"
		return "", &f
	}
	return "ws" + strings.TrimPrefix(u.Scheme, "http") + "://" + u.Host + strings.TrimSuffix(u.Path, "/"), nil
}

// Check reads the account anew: its name, its relays and what they allow.
func (n Nostr) Check(ctx context.Context, s network.Session) (network.Account, error) {
	p, err := enter(s, all(s.Account))
	if err != nil {
		return network.Account{}, err
	}
	return n.self(ctx, s.HTTP, p.Key, s.Account)
}

// self reads what the account published about itself: profile, relays and media servers.
func (n Nostr) self(ctx context.Context, client *safehttp.Client, key wire.Key, before network.Account) (network.Account, error) {
	ask := strings.Fields(before.Extra["typed"])
	if len(ask) == 0 {
		ask = all(before)
	}
	if len(ask) == 0 {
		ask = n.relays
	}
	p := wire.Join(client, key, ask)
	defer p.Close()
	found, _, err := p.Read(ctx, wire.Filter{"kinds": []int{wire.KindProfile, wire.KindRelays, wire.KindServers}, "authors": []string{key.Public()}, "limit": 20})
	if err != nil {
		return network.Account{}, err
	}
	a := network.Account{ID: key.Public(), URL: page + wire.Npub(key.Public()), Extra: map[string]string{}}
	for _, name := range []string{"typed", "typed_media"} {
		if v := before.Extra[name]; v != "" {
			a.Extra[name] = v
		}
	}
	a.Extra["media"] = cmp.Or(a.Extra["typed_media"], n.media)
	var list []known
	about := profile{}
	for i, e := range found {
		if slices.ContainsFunc(found[:i], func(newer wire.Event) bool { return newer.Kind == e.Kind }) {
			continue // an older version
		}
		switch e.Kind {
		case wire.KindProfile:
			about = profileOf(e)
		case wire.KindRelays:
			list = listed(client, e)
		case wire.KindServers:
			if u, err := client.CheckURL(e.Tag("server")); err == nil && a.Extra["typed_media"] == "" {
				a.Extra["media"] = u.Scheme + "://" + u.Host + strings.TrimSuffix(u.Path, "/")
			}
		}
	}
	use := strings.Fields(a.Extra["typed"])
	if len(use) == 0 && !slices.ContainsFunc(list, func(k known) bool { return k.Write }) {
		use = n.relays
	}
	if len(use) > 0 {
		list = nil
	}
	for _, u := range use {
		list = append(list, known{URL: u, Read: true, Write: true})
	}
	who := about.person(key.Public())
	a.Handle, a.Name, a.AvatarURL = who.Handle, who.Name, who.AvatarURL
	a.Limits = learn(ctx, client, list)
	raw, _ := json.Marshal(list) // plain data: cannot fail
	a.Extra["relays"] = string(raw)
	for _, u := range urls(list, func(k known) bool { return k.Write }) {
		a.Server = cmp.Or(a.Server, u)
		a.Choices = map[string][]network.Option{"relays": append(a.Choices["relays"], network.Option{Value: u, Label: strings.TrimPrefix(u, "wss://")})}
	}
	return a, nil
}

// listed reads an account's own list of relays (NIP-65); without a mark a relay is for both.
func listed(client *safehttp.Client, e wire.Event) (list []known) {
	for _, t := range e.Tags {
		if len(t) < 2 || t[0] != "r" || len(list) == mostRelays {
			continue
		}
		u, err := relayURL(client, t[1])
		if err != nil || slices.ContainsFunc(list, func(k known) bool { return k.URL == u }) {
			continue
		}
		mark := ""
		if len(t) > 2 {
			mark = t[2]
		}
		list = append(list, known{URL: u, Read: mark != "write", Write: mark != "read"})
	}
	return list
}

// learn asks each relay for its limits (NIP-11), writes them into the list, and returns those of the strictest. What a
// relay does not say is not known; that it cannot be asked is no obstacle.
func learn(ctx context.Context, client *safehttp.Client, list []known) network.Limits {
	p := wire.Join(client, wire.Key{}, urls(list, func(known) bool { return true }))
	p.Each(ctx, func(ctx context.Context, i int, r *wire.Relay) error {
		var about struct {
			Limitation struct {
				Content int `json:"max_content_length"`
				Message int `json:"max_message_length"`
			} `json:"limitation"`
		}
		_, err := client.JSON(ctx, http.MethodGet, "http"+strings.TrimPrefix(r.URL, "ws"), http.Header{"Accept": {"application/nostr+json"}}, nil, &about)
		if err == nil {
			list[i].Chars, list[i].Bytes = max(about.Limitation.Content, 0), max(about.Limitation.Message, 0)
		}
		return err
	})
	l := network.Limits{Media: fallback.Media}
	for _, k := range list {
		if k.Write && k.Chars > 0 && (l.Characters == 0 || k.Chars < l.Characters) {
			l.Characters = k.Chars
		}
	}
	return l
}

// profile is what somebody says of themselves (kind 0).
type profile struct {
	Name    string `json:"name"`
	Display string `json:"display_name"`
	Picture string `json:"picture"`
	Address string `json:"nip05"`
}

func profileOf(e wire.Event) (p profile) {
	_ = json.Unmarshal([]byte(e.Content), &p) // a stranger's text: what cannot be read is not known
	return p
}

// person describes somebody. The address a profile claims is shown as it is claimed, and never used to know them by.
func (p profile) person(key string) network.Person {
	short := wire.Npub(key)
	short = short[:12] + "…" + short[len(short)-6:]
	name := cmp.Or(text.Normalise(p.Display), text.Normalise(p.Name))
	who := network.Person{ID: key, Handle: cmp.Or(strings.TrimPrefix(text.Normalise(p.Address), "_@"), cmp.Or(text.Normalise(p.Name), short)), Name: cmp.Or(name, short), URL: page + wire.Npub(key)}
	if strings.HasPrefix(p.Picture, "https://") {
		who.AvatarURL = p.Picture
	}
	return who
}
