package nostr

import (
	"cmp"
	"encoding/json"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
)

// known is what an account knows of one of its relays.
type known struct {
	URL   string `json:"url"`
	Read  bool   `json:"read,omitempty"`  // others send the account's mentions there
	Write bool   `json:"write,omitempty"` // the account publishes there
	Chars int    `json:"chars,omitempty"` // of an event's content; 0 = it did not say
	Bytes int    `json:"bytes,omitempty"` // of a whole message
}

func relaysOf(a network.Account) (list []known) {
	_ = json.Unmarshal([]byte(cmp.Or(a.Extra["relays"], "[]")), &list) // written by ourselves
	return list
}

func urls(list []known, fits func(known) bool) (out []string) {
	for _, k := range list {
		if fits(k) {
			out = append(out, k.URL)
		}
	}
	return out
}

// writes are where the account publishes, all are all its relays.
func writes(a network.Account) []string {
	return urls(relaysOf(a), func(k known) bool { return k.Write })
}

func all(a network.Account) []string { return urls(relaysOf(a), func(known) bool { return true }) }

// party is the relays of an account, in one call of ours.
type party struct {
	*wire.Pool
	now time.Time
}

// enter makes a party in the name of an account.
func enter(s network.Session, urls []string) (*party, error) {
	key, err := wire.ReadKey(s.Grant.Values["secret_key"])
	if err != nil {
		return nil, fault.Wrap(fault.Unauthorised, err, "the stored key cannot be read")
	}
	if key.Public() != s.Account.ID {
		return nil, fault.Wrap(fault.Unauthorised, nil, "the stored key belongs to another account").WithHint("Reconnect the channel.")
	}
	if len(urls) == 0 {
		return nil, fault.Rejectedf("the account has no relays").WithHint("Reconnect the channel and name some.")
	}
	return &party{wire.Join(s.HTTP, key, urls), s.HTTP.Now().UTC()}, nil
}
