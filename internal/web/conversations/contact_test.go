package conversations_test

import (
	"regexp"
	"testing"

	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func TestAContactIsOnePersonOverNetworks(t *testing.T) { // E17
	h := build(t)
	h.says("mara", "Is it open?")
	h.says("mara2", "And the bar?")
	one, two := "/contacts/"+h.of("mara").ContactID, h.of("mara2").ContactID
	h.Get(one).Says(t, 200, "mara", "Is it open?", "Orders", "!And the bar?")
	h.Post(one, "name", "", "note", "x").Says(t, 422, "A contact needs a name", "x")
	h.Post(one, "name", "Mara Lindqvist", "vip", "on", "tags", "press, club", "note", "Likes <b>decaf</b>").Says(t, 303)
	h.Get(one).Says(t, 200, "Mara Lindqvist", "VIP", "press, club", "Likes &lt;b&gt;decaf")
	h.Get(one+"?find=mara2").Says(t, 200, "Merge into this contact")
	h.Post(one+"/merge", "other", two).Says(t, 303)
	if h.of("mara2").ContactID != two {
		t.Fatal("they were merged without being sure")
	}
	h.Post(one+"/merge", "other", two, "sure", "on").Says(t, 303)
	h.Get(one).Says(t, 200, "And the bar?", "Take the merge back", "Split off")
	if a := h.Get("/contacts/" + two); a.Status != 303 || a.Location != one {
		t.Errorf("the merged contact leads %d to %q", a.Status, a.Location)
	}
	merge := regexp.MustCompile(`name="merge" value="([^"]+)"`).FindStringSubmatch(h.Get(one).Body)[1]
	h.Post(one+"/unmerge", "merge", merge).Says(t, 303)
	h.Get(one).Says(t, 200, "!And the bar?")
	h.Get("/contacts/"+two).Says(t, 200, "And the bar?")
	h.Post(one+"/merge", "other", two, "sure", "on")
	identities, err := h.contacts.Identities(ctx, h.Actor, h.of("mara").ContactID)
	h.OK(err)
	h.Post(one+"/split", "identity", identities[1].ID, "sure", "on").Says(t, 303)
	h.Get(one).Says(t, 200, "!And the bar?")
}

func TestOrdersAreForThoseWhoMayReadThem(t *testing.T) {
	h := build(t)
	o, _, err := h.orders.Record(ctx, h.Actor, customer.Arrival{Order: customer.Order{Shop: "shop", Number: "A-1001", OrderedAt: h.Now, Amount: 4990, Currency: "EUR", Source: "api"}, Email: "mara@example.org"})
	h.OK(err)
	page := "/contacts/" + o.ContactID
	h.Get(page).Says(t, 200, "A-1001", "49.90 EUR", "mara@example.org")
	h.as("user_2", "Ben Ode", workspace.Community)
	h.Get(page).Says(t, 200, "!A-1001", "!Orders</h2>")
	h.as("user_3", "An", workspace.Analyst)
	h.Get(page).Says(t, 200, "A-1001", "!Split off", "!Merge")
	h.Post(page, "name", "x").Says(t, 403)
	h.as("user_5", "Cre", workspace.Creator)
	h.Get(page).Says(t, 403, "!mara@example.org")
}
