package networktest

import (
	"bytes"
	"testing"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// renewedGrantWorks renews the grant and goes on with the new one; a grant that was taken back cannot be renewed.
func renewedGrantWorks(t *testing.T, w *World) {
	r, ok := w.Network.(network.Refresher)
	if !ok {
		t.Skip("grants are not renewed")
	}
	fresh, err := r.Refresh(t.Context(), w.Session)
	if err != nil {
		t.Fatal(err)
	}
	if !fresh.ExpiresAt.IsZero() && !fresh.ExpiresAt.After(w.Clock.Now()) {
		t.Errorf("the renewed grant ended at %s", fresh.ExpiresAt)
	}
	w.Session.Grant = fresh
	if c, ok := w.Network.(network.Checker); ok {
		account, err := c.Check(t.Context(), w.Session)
		if err != nil || account.ID != w.Session.Account.ID {
			t.Errorf("the renewed grant opens %q, not %q: %v", account.ID, w.Session.Account.ID, err)
		}
	}
	w.publish(t, w.Draft("With the new grant"))
	if fresh, err = r.Refresh(t.Context(), w.Session); err != nil {
		t.Fatalf("a grant that was renewed once cannot be renewed again: %v", err)
	}
	w.Session.Grant = fresh
	w.Fake.Revoke()
	if _, err := r.Refresh(t.Context(), w.Session); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("renewing a grant that was taken back: %v, want unauthorised", err)
	}
}

// callsAreProved changes every part of a genuine call that its proof must cover.
func callsAreProved(t *testing.T, w *World) {
	n, ok := w.Network.(network.WebhookReader)
	if !ok {
		t.Skip("the network does not call")
	}
	if w.Hook == nil {
		t.Fatal("the fake makes no calls")
	}
	heard, err := n.Hear(w.Session.App, w.Hook())
	if err != nil || len(heard.Accounts) != 1 || heard.Accounts[0] != w.Session.Account.ID {
		t.Fatalf("heard %+v, %v; want news of %s", heard, err, w.Session.Account.ID)
	}
	for name, spoil := range map[string]func(*network.Webhook){
		"changed body":         func(h *network.Webhook) { h.Body = bytes.Replace(h.Body, []byte("{"), []byte("{ "), 1) },
		"no proof":             func(h *network.Webhook) { clear(h.Header) },
		"proof of another app": nil,
	} {
		call, app := w.Hook(), w.Session.App
		if spoil == nil {
			app = map[string]string{}
			for k, v := range w.Session.App {
				app[k] = v + "x"
			}
		} else {
			spoil(&call)
		}
		if heard, err := n.Hear(app, call); !fault.Is(err, fault.Unauthorised) || len(heard.Accounts) > 0 {
			t.Errorf("%s: heard %+v, %v; want unauthorised", name, heard, err)
		}
	}
}

func priceIsSaid(t *testing.T, w *World) {
	n, ok := w.Network.(network.Pricer)
	if !ok {
		t.Skip("charges nothing")
	}
	p := n.Price(w.Draft("What does it cost?"), w.Session.Account)
	if p.Micros < 0 || p.Micros > 0 && (len(p.Currency) != 3 || p.Why == "") {
		t.Errorf("the price is not said whole: %+v", p)
	}
}
