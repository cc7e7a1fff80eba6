package source_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/sharedtest"
	"github.com/bellwether-social/bellwether/internal/track/source"
)

func TestChannelGroupsFollowThePublishedRules(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(sharedtest.Dir(t), "data", "links", "golden_channels.json"))
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct{ Source, Medium, Campaign, Channel string } `json:"cases"`
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) < 50 {
		t.Fatalf("only %d cases", len(golden.Cases))
	}
	for _, c := range golden.Cases {
		if got := source.Group(c.Source, c.Medium, c.Campaign); !strings.EqualFold(got, c.Channel) {
			t.Errorf("%q / %q / %q is %s, want %s", c.Source, c.Medium, c.Campaign, got, c.Channel)
		}
	}
}

func TestAVisitSaysWhereItCameFrom(t *testing.T) {
	for _, c := range []struct{ page, referrer, source, group string }{
		{"https://shop.example/a?utm_source=Mastodon&utm_medium=social", "", "mastodon", "Organic Social"},
		{"https://shop.example/a", "https://www.google.com/", "google", "Organic Search"},
		{"https://shop.example/a", "https://www.shop.example/b", "", "Direct"},
		{"https://shop.example/a", "", "", "Direct"},
		{"https://shop.example/a", "https://blog.example/x", "blog.example", "Referral"},
		{"::not a url::", "javascript:alert(1)", "", "Direct"},
	} {
		got := source.Of(c.page, c.referrer, strings.ToLower)
		if got.Source != c.source || got.Group != c.group {
			t.Errorf("%s from %q: %+v", c.page, c.referrer, got)
		}
	}
}
