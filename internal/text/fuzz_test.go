package text

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// seeds are texts with everything the readers look for, and what has broken readers elsewhere.
var seeds = []string{
	"", " ", "Hello https://example.com/a_(b)?c=d#e @alice @bob@example.social @c.bsky.social #tag $ABC.D 👨‍👩‍👧‍👦",
	"twitter.comこれは日本語です。example.com中国語http://t.co/abcde한국", "http://xn--はじめよう.com RT@me @me/list e\u0301 \u2066\u202A",
	"a.b-c_d.e..f.-g @ # $ ＠x ＃y \xff\xfe\uFFFE", "1️⃣©️🏴󠁧󠁢󠁥󠁮󠁧󠁿🇩🇪🇫 \u200d", "<p>a<br>b &amp; <script>x</script><img alt=y></p>",
}

func fuzz(f *testing.F, check func(t *testing.T, s string)) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(check)
}

func checkEntities(t *testing.T, s string, found []Entity) {
	t.Helper()
	at := 0
	for _, e := range found {
		if e.Start < at || e.End <= e.Start || e.End > len(s) || s[e.Start:e.End] != e.Text || e.Value == "" || e.Kind == "" {
			t.Fatalf("%q holds %+v after byte %d", s, e, at)
		}
		at = e.End
	}
	var b strings.Builder
	for _, e := range Segments(s, found) {
		b.WriteString(e.Text)
	}
	if b.String() != s {
		t.Fatalf("the segments of %q join to %q", s, b.String())
	}
}

func FuzzEntities(f *testing.F) {
	fuzz(f, func(t *testing.T, s string) {
		for _, find := range []func(string) []Entity{XEntities, Links, Mentions, XMentions, Hashtags, Cashtags, BlueskyFacets, bound} {
			checkEntities(t, s, find(s))
		}
		if e, ok := LeadingMention(s); ok && (s[e.Start:e.End] != e.Text || strings.TrimLeft(e.Text, "@＠") != e.Value) {
			t.Fatalf("%q begins with %+v", s, e)
		}
		ValidLink(s)
	})
}

func FuzzCounts(f *testing.F) {
	fuzz(f, func(t *testing.T, s string) {
		x := Tweet(s)
		if x.Weighted < 0 || x.ValidEnd < 0 || x.ValidEnd > len(s) || x.Valid && x.ValidEnd != len(s) || x.Valid != (x.Valid && x.Weighted <= XLimit) {
			t.Fatalf("%q: %+v", s, x)
		}
		if g, u := Graphemes(s), UTF16Units(s); g > u || u > len(s) || (g == 0) != (s == "") {
			t.Fatalf("%q: %d graphemes in %d units", s, g, u)
		}
		if utf8.ValidString(s) && UTF16Units(s) < utf8.RuneCountInString(s) {
			t.Fatalf("%q: fewer units than code points", s)
		}
		if MastodonLength(s, s, 23) < 0 {
			t.Fatalf("%q has a negative length", s)
		}
	})
}

func FuzzCuts(f *testing.F) {
	f.Add(seeds[2], 10, true)
	f.Add(seeds[3], 1, false)
	f.Add(seeds[5], 0, true)
	f.Fuzz(func(t *testing.T, s string, n int, numbered bool) {
		if n < -1 || n > 1000 || len(s) > 4096 {
			return
		}
		short := Truncate(s, n)
		if got := Graphemes(short); got > max(n, 0) && short != s {
			t.Fatalf("Truncate(%q, %d) = %q", s, n, short)
		}
		parts := Split(s, Graphemes, n, numbered)
		if numbered {
			return // the numbers are in the way; TestSplitNumbersALongThread looks at them
		}
		squeeze := func(s string) string { return strings.Join(strings.FieldsFunc(s, unicode.IsSpace), "") }
		if got := strings.Join(parts, ""); squeeze(got) != squeeze(s) {
			t.Fatalf("Split(%q, %d) = %q", s, n, parts)
		}
		if slices.Contains(parts, "") {
			t.Fatalf("Split(%q, %d) has an empty part", s, n)
		}
	})
}

func FuzzCompare(f *testing.F) {
	f.Add(seeds[2], seeds[3])
	f.Add("", "a")
	f.Fuzz(func(t *testing.T, a, b string) {
		if n := Normalise(a); Normalise(n) != n || Fingerprint(n) != Fingerprint(a) {
			t.Fatalf("%q is %q and then %q", a, n, Normalise(n))
		}
		x, y := Similarity(a, b), Similarity(b, a)
		if x < 0 || x > 1 || x != y || Similarity(a, a) != 1 {
			t.Fatalf("%q and %q are %v and %v alike", a, b, x, y)
		}
	})
}

func FuzzFromHTML(f *testing.F) {
	fuzz(f, func(t *testing.T, s string) {
		if got := FromHTML(s); !utf8.ValidString(got) || got != strings.TrimSpace(got) {
			t.Fatalf("FromHTML(%q) = %q", s, got)
		}
	})
}

func BenchmarkTweet(b *testing.B) {
	s := strings.Repeat("Words of a post with a link https://example.com/path?x=1, a @mention and a #tag. ", 4)[:280]
	for b.Loop() {
		Tweet(s)
	}
}

func BenchmarkEntities64KB(b *testing.B) {
	s := strings.Repeat("Words of a post with a link https://example.com/path?x=1, a @mention and a #tag. ", 800)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		XEntities(s)
	}
}
