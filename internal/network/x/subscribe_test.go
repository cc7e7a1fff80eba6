package x_test

import (
	"slices"
	"testing"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network/x"
	"github.com/bellwether-social/bellwether/internal/network/x/xfake"
)

func TestAnAccountIsSubscribedOnceAndLetGo(t *testing.T) {
	w, f := world(t, xfake.Options{})
	n, s := w.Network.(x.X), w.Session
	const address = "https://bell.example/hooks/x/secret"
	if on, err := n.Subscribe(t.Context(), s, address); on || err != nil {
		t.Errorf("without a bearer token: %v, %v", on, err)
	}
	s.App = map[string]string{"bearer_token": xfake.AppToken, "consumer_secret": xfake.ConsumerSecret}
	for _, distrust := range []bool{false, true, false} { // again at every check, also after X stopped trusting the address
		if on, err := n.Subscribe(t.Context(), s, address); !on || err != nil {
			t.Fatalf("%v, %v", on, err)
		}
		if got := f.Subscribed(address, distrust); !slices.Equal(got, []string{s.Account.ID}) {
			t.Errorf("subscribed are %v", got)
		}
	}
	for range 2 {
		if err := n.Unsubscribe(t.Context(), s, address); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.Subscribed(address, false); len(got) != 0 {
		t.Errorf("let go, subscribed are %v", got)
	}
	if _, err := n.Subscribe(t.Context(), s, "https://bell.example:8443/hooks/x/secret"); !fault.Is(err, fault.Rejected) {
		t.Errorf("an address with a port: %v", err)
	}
	s.App["bearer_token"] = "stale"
	if _, err := n.Subscribe(t.Context(), s, address); !fault.Is(err, fault.Rejected) {
		t.Errorf("with a stale token: %v, which would end the account's sign-in", err)
	}
}
