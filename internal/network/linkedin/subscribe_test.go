package linkedin_test

import (
	"testing"

	"github.com/bellwether-social/bellwether/internal/network/linkedin"
	"github.com/bellwether-social/bellwether/internal/network/linkedin/linkedinfake"
)

func TestAnOrganisationIsSubscribedAndLetGo(t *testing.T) {
	w, f := world(t, linkedinfake.Options{}, linkedinfake.Company)
	n, s := w.Network.(linkedin.LinkedIn), w.Session
	const address = "https://bell.example/hooks/linkedin/secret"
	if on, err := n.Subscribe(t.Context(), s, address); on || err != nil {
		t.Errorf("without the app's number: %v, %v", on, err)
	}
	s.App = map[string]string{"application_id": "12345", "client_id": linkedinfake.ClientID}
	for range 2 {
		if on, err := n.Subscribe(t.Context(), s, address); !on || err != nil {
			t.Fatalf("%v, %v", on, err)
		}
	}
	if got := f.Subscriptions(); len(got) != 1 {
		t.Errorf("subscribed is %v", got)
	}
	for range 2 {
		if err := n.Unsubscribe(t.Context(), s, address); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.Subscriptions(); len(got) != 0 {
		t.Errorf("let go, there is %v", got)
	}
}
