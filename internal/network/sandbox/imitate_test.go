package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/bluesky"
	"github.com/bellwether-social/bellwether/internal/network/mastodon"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
)

// TestC33TestModeKeepsTheRulesAndReachesNobody plans by the real network's rules and publishes into the world. There is
// no client in the session: any call out would panic.
func TestC33TestModeKeepsTheRulesAndReachesNobody(t *testing.T) {
	world := sandbox.NewWorld(1, time.Now).Quiet()
	registry := network.NewRegistry(sandbox.New(world), mastodon.New(), bluesky.New()).Imitating(sandbox.New(world).Imitate)
	for key, limit := range map[string]int{"mastodon": 500, "bluesky": 300} {
		n := registry.Test(key)
		grant, accounts, err := n.(network.PasswordConnector).SignIn(t.Context(), nil, map[string]string{"handle": "@roastery"})
		if err != nil || len(accounts) != 1 || accounts[0].Handle != "roastery" || !strings.Contains(accounts[0].ID, key) {
			t.Fatalf("%s: signed in as %+v, %v", key, accounts, err)
		}
		a := accounts[0]
		if registry.Of(key, a).Spec().Test != true || registry.Of(key, network.Account{}).Spec().Test {
			t.Errorf("%s: a test account is not told from a real one", key)
		}
		if _, isOAuth := n.(network.OAuthConnector); isOAuth {
			t.Errorf("%s: a test sends people away", key)
		}
		p := n.(network.Publisher)
		d := network.Draft{Key: "dlv_" + key, Parts: []network.Part{{Text: strings.Repeat("a", limit+1)}}, At: time.Now()}
		if steps, problems := p.Plan(d, a); len(steps) > 0 || len(problems) == 0 || problems[0].Code != "text_too_long" {
			t.Errorf("%s: %d characters are planned: %v", key, limit+1, problems)
		}
		d.Parts[0].Text = strings.Repeat("a", limit)
		steps, problems := p.Plan(d, a)
		if len(steps) != 1 {
			t.Fatalf("%s: %v", key, problems)
		}
		session := network.Session{Account: a, Grant: grant}
		o, err := p.Do(t.Context(), session, steps[0], nil)
		if err != nil || o.RemoteID == "" {
			t.Fatalf("%s: published as %+v, %v", key, o, err)
		}
		if live, err := n.(network.Reader).Read(t.Context(), session, network.Remote{ID: o.RemoteID, Data: o.Data}); err != nil || !live.Exists || live.Text != d.Parts[0].Text {
			t.Errorf("%s: read back %+v, %v", key, live, err)
		}
		edit, problems := n.(network.Editor).PlanEdit(network.Remote{ID: o.RemoteID, Data: o.Data}, network.Draft{Key: d.Key, Parts: []network.Part{{Text: "Corrected"}}}, a)
		if _, can := registry.Get(key).(network.Editor); can != (len(edit) > 0) {
			t.Errorf("%s: edits %t, the real network %t (%v)", key, len(edit) > 0, can, problems)
		}
	}
	if _, _, err := registry.Test("mastodon").(network.PasswordConnector).SignIn(t.Context(), nil, map[string]string{"handle": ""}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an account without a name: %v", err)
	}
	if registry.Test("sandbox") != registry.Get("sandbox") {
		t.Error("the sandbox is imitated")
	}
}

// kinds is a network that hears comments and reviews, and lets programs hide and delete comments only.
type kinds struct{ *sandbox.Sandbox }

func (kinds) Spec() network.Spec {
	return network.Spec{Key: "kinds", Name: "Kinds", Limits: network.Limits{Characters: 500}, History: []network.Depth{{Kind: network.Comment, Words: "all"}, {Kind: network.Review, Words: "all"}}}
}

func (kinds) Acts(kind network.MessageKind) []network.Act {
	if kind == network.Comment {
		return []network.Act{network.Hide, network.Delete}
	}
	return nil
}

func TestE01AnImitationHearsOnlyTheKindsOfItsNetwork(t *testing.T) {
	world := sandbox.NewWorld(1, time.Now).Quiet()
	own := sandbox.New(world)
	n := own.Imitate(kinds{own})
	grant, accounts, err := n.(network.PasswordConnector).SignIn(t.Context(), nil, map[string]string{"handle": "club"})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []network.MessageKind{network.Comment, network.Mention, network.Direct} {
		world.Say(accounts[0].ID, kind, "", "Hello")
	}
	s := network.Session{Account: accounts[0], Grant: grant}
	live, err := n.(network.Converser).Fetch(t.Context(), s, "")
	if err != nil {
		t.Fatal(err)
	}
	past, err := n.(network.Historian).History(t.Context(), s, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []network.Batch{live, past} {
		if len(b.Messages) != 2 || b.Messages[0].Kind != network.Comment || b.Messages[1].Kind != network.Review {
			t.Errorf("heard %+v, want a comment and a review", b.Messages)
		}
	}
	if acts := network.ActsOf(n, network.Comment); len(acts) != 2 {
		t.Errorf("comments: %v", acts)
	}
	if acts := network.ActsOf(n, network.Review); acts != nil {
		t.Errorf("reviews: %v", acts)
	}
}
