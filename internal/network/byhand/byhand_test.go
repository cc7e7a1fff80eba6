package byhand_test

import (
	"testing"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/byhand"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

func TestByHandKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		return &networktest.World{Network: byhand.New(), Clock: networktest.NewClock()}
	})
}

func TestC15AccountIsAnAddress(t *testing.T) {
	for _, c := range []struct{ name, address, id, field string }{
		{"Group", "https://www.facebook.com/groups/7/", "www.facebook.com/groups/7", ""},
		{"Group", " HTTPS://Example.org/?tab=posts#top ", "example.org?tab=posts", ""},
		{"", "https://example.org", "", "name"},
		{"Group", "example.org", "", "address"},
		{"Group", "javascript:alert(1)", "", "address"},
		{"Group", "https://ann:secret@example.org/", "", "address"},
	} {
		_, accounts, err := byhand.New().SignIn(t.Context(), nil, map[string]string{"name": c.name, "address": c.address})
		if c.field != "" {
			if !fault.Is(err, fault.Invalid) || fault.As(err).Field != c.field {
				t.Errorf("%q at %q: %v, want a problem with %s", c.name, c.address, err, c.field)
			}
			continue
		}
		if err != nil || len(accounts) != 1 || accounts[0].ID != c.id {
			t.Errorf("%q: %+v, %v; want %s", c.address, accounts, err, c.id)
		}
	}
}

func TestC15PlanIsOneStepForAPerson(t *testing.T) {
	d := network.Draft{Key: "dlv_1", Parts: []network.Part{{Text: "One"}, {Text: "Two"}}}
	steps, problems := network.PlanOf(byhand.New(), d, network.Account{})
	if len(problems) != 0 || len(steps) != 1 || steps[0].Kind != network.ByHand || !steps[0].Public {
		t.Errorf("planned %+v, %v", steps, problems)
	}
	if steps, problems = network.PlanOf(byhand.New(), network.Draft{Parts: []network.Part{{}}}, network.Account{}); len(steps) > 0 || len(problems) != 1 {
		t.Errorf("nothing is planned as %+v, %v", steps, problems)
	}
	if c := network.CountOf(byhand.New(), d, 0, network.Account{}); c.Used != 3 || c.Limit != 63206 {
		t.Errorf("counted %+v", c)
	}
}
