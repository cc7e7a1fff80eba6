package link

import (
	"net/url"
	"testing"
)

func TestB22EveryAddressWithItsSchemeIsShortened(t *testing.T) {
	base, _ := url.Parse("https://bell.example")
	l := &Links{base: base}
	for s, want := range map[string]string{
		"Buy at https://shop.example.org/x, now":   "Buy at <S>, now",
		"Buy at https://nordlys.example/shop.":     "Buy at <S>.",
		"On the staging machine http://shop:8080/": "On the staging machine <S>",
		"(see https://a.org/b_(c))":                "(see <S>)",
		"no link: shop.example.org":                "no link: shop.example.org",
		"ours already https://bell.example/l/abc":  "ours already https://bell.example/l/abc",
		"ftp://a.org/x and mailto:a@b.org":         "ftp://a.org/x and mailto:a@b.org",
		"ünïcode 👍 https://a.org/ü?x=1&y=2#z end":  "ünïcode 👍 <S> end",
	} {
		if got, err := l.replace(s, func(string) (string, error) { return "<S>", nil }); err != nil || got != want {
			t.Errorf("%q becomes %q, %v; want %q", s, got, err, want)
		}
	}
}
