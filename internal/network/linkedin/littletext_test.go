package linkedin

import (
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/network/linkedin/linkedinfake"
)

func TestEveryMarkSurvives(t *testing.T) {
	mentions := map[string]string{"@acme": "urn:li:organization:1337#Acme [UK] & Sons", "@ann": "urn:li:person:a_b-1"}
	for words, want := range map[string]string{
		"plain":                             "plain",
		`\|{}@[]()<>#*_~`:                   `\\\|\{\}\@\[\]\(\)\<\>\#\*\_\~`,
		"Hello #spring_sale, 1#":            `Hello {hashtag|\#|spring\_sale}, 1\#`,
		"to @acme and @nobody":              `to @[Acme \[UK\] & Sons](urn:li:organization:1337) and \@nobody`,
		"by @ann":                           `by @[ann](urn:li:person:a_b-1)`,
		"a @[Dot](urn:li:organization:5) b": `a @[Dot](urn:li:organization:5) b`,
		"a @[Dot](https://example.com) b":   `a \@\[Dot\]\(https://example.com\) b`,
		"https://example.com/a_b(c)?d=e#f":  `https://example.com/a\_b\(c\)?d=e\#f`,
		`{hashtag|\#|no} and ünïcode 👩‍👩‍👧‍👦 #größe`: `\{hashtag\|\\\#\|no\} and ünïcode 👩‍👩‍👧‍👦 {hashtag|\#|größe}`,
	} {
		if got := little(words, mentions); got != want {
			t.Errorf("%s\n got %s\nwant %s", words, got, want)
		}
	}
	if got := plain(little("to @acme, #tag", mentions)); got != "to Acme [UK] & Sons, #tag" {
		t.Errorf("people see %q", got)
	}
}

// FuzzLittleText: whatever is written is what people see, by our own reading and by LinkedIn's.
func FuzzLittleText(f *testing.F) {
	for _, s := range []string{"", `a\b`, "#tag #a_b {x|y} @[", `\{hashtag|\#|x}`, "@[a](urn:li:x)", "\xff#ü_\x00", "{hashtag|\\#|a}", "(((", "#"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if aMention.MatchString(s) || strings.ToValidUTF8(s, "") != s {
			t.Skip("already in the notation, or no text")
		}
		want := strings.ReplaceAll(s, "＃", "#") // the wide sign makes a tag as well
		out := little(s, nil)
		if got := plain(out); got != want {
			t.Errorf("%q becomes %q and is read as %q", s, out, got)
		}
		if got := linkedinfake.Show(out); got != want {
			t.Errorf("%q becomes %q and LinkedIn shows %q", s, out, got)
		}
	})
}
