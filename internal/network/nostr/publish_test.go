package nostr_test

import (
	"testing"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/nostr"
)

// publish carries steps out where nothing misbehaves.
func publish(t *testing.T, w *networktest.World, steps []network.Step) network.Outcomes {
	t.Helper()
	if len(steps) == 0 {
		t.Fatal("there is nothing to carry out")
	}
	done := network.Outcomes{}
	for _, s := range steps {
		if s.Media != nil {
			s.Media.Open = networktest.Picture("").Open
		}
		o, err := w.Network.(network.Publisher).Do(t.Context(), w.Session, s, done)
		if err != nil {
			t.Fatalf("step %s: %v", s.Name, err)
		}
		done[s.Name] = o
	}
	return done
}

func planned(t *testing.T, w *networktest.World, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := nostr.New("").Plan(d, w.Session.Account)
	for _, p := range problems {
		if p.Level == network.Error {
			t.Fatalf("refused: %+v", p)
		}
	}
	return steps
}

func remote(o network.Outcome) network.Remote {
	return network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
}
