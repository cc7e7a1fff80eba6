package utm_test

import (
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/utm"
)

func TestB20TwoSpellingsOfOneValueAreOne(t *testing.T) {
	for _, c := range [][2]string{{"Spring Sale", "spring_sale"}, {" spring  sale ", "spring_sale"}, {"SPRING_SALE", "spring_sale"}, {"Cafe\u0301", "café"}, {"a\x00b", "ab"}, {"", ""}} {
		if got := utm.Normal(c[0]); got != c[1] {
			t.Errorf("%q is %q, want %q", c[0], got, c[1])
		}
	}
}

func TestDestinationsKeepTheWritersOwnValues(t *testing.T) {
	v := utm.Values{Source: "Mastodon", Medium: "social", Campaign: "Launch"}
	got, err := v.Tagged("https://shop.example/a?x=1&utm_source=Newsletter#top")
	if err != nil || got != "https://shop.example/a?utm_campaign=launch&utm_medium=social&utm_source=newsletter&x=1#top" {
		t.Fatalf("%s, %v", got, err)
	}
}

func TestS23OnlyWebAddressesBecomeLinks(t *testing.T) {
	for _, bad := range []string{"javascript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "https:evil.example", "ftp://x.example", "https://u:p@x.example",
		"https://x.example/\r\nSet-Cookie: a=b", "https://x.example/a b", "", "https://", "https://" + strings.Repeat("a", 3000)} {
		if _, err := (utm.Values{}).Tagged(bad); err == nil {
			t.Errorf("%.60q was accepted", bad)
		}
	}
}

func FuzzTagged(f *testing.F) {
	f.Add("https://shop.example/?a=b", "Mastodon")
	f.Fuzz(func(t *testing.T, destination, source string) {
		got, err := utm.Values{Source: source}.Tagged(destination)
		if err == nil && !strings.HasPrefix(got, "http") {
			t.Fatalf("%q became %q", destination, got)
		}
		if utm.Normal(utm.Normal(source)) != utm.Normal(source) {
			t.Fatalf("%q has no one spelling", source)
		}
	})
}
