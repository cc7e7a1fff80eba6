package text

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
)

func TestCounts(t *testing.T) {
	for _, c := range []struct {
		s                       string
		graphemes, units, bytes int
	}{
		{"", 0, 0, 0},
		{"abc", 3, 3, 3},
		{"é", 1, 1, 2},
		{"e\u0301", 1, 2, 3},
		{"👨‍👩‍👧‍👦", 1, 11, 25},
		{"🇩🇪🇫🇷", 2, 8, 16},
		{"नमस्ते", 3, 6, 18},
		{"\r\n", 1, 2, 2},
		{"\xff\xfe", 2, 2, 2},
	} {
		if g, u, b := Graphemes(c.s), UTF16Units(c.s), Bytes(c.s); g != c.graphemes || u != c.units || b != c.bytes {
			t.Errorf("%q: %d graphemes, %d units, %d bytes", c.s, g, u, b)
		}
	}
}

func TestThreadsLength(t *testing.T) {
	for s, want := range map[string]int{"": 0, "hello": 5, "é": 1, "日本": 2, "𝒳": 2, "👍": 4, "👍🏽!": 9, "👩‍👩‍👧‍👦": 25, "a👩‍👩‍👧‍👦b👍": 31, "❤️": 6, "©": 1, "1": 1, "🇩🇪 und 🇦🇹": 21} {
		if got := ThreadsLength(s); got != want {
			t.Errorf("%q counts %d, want %d", s, got, want)
		}
	}
}

func TestMastodonLength(t *testing.T) {
	for _, c := range []struct {
		s, warning string
		want       int
	}{
		{"hello", "", 5},
		{"hello", "spoiler", 12},
		{"https://example.com/" + strings.Repeat("a", 200), "", 23},
		{"http://a.co", "", 23},
		{"see https://example.com/日本語 now", "", 31},
		{"see https://de.wikipedia.org/wiki/Straße_(Verkehr), ok", "", 31},
		{"example.com/long/path", "", 21}, // no scheme: not a link
		{"@alice@example.social hi", "", 9},
		{"@alice hi", "", 9},
		{"mail alice@example.social", "", 25},
		{"@alice@example.social @bob@mastodon.example.org", "", 11},
		{"👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦", 2},
		{"text", "https://example.com", 23}, // links in the warning count in full
	} {
		if got := MastodonLength(c.s, c.warning, 23); got != c.want {
			t.Errorf("%q with %q is %d, want %d", c.s, c.warning, got, c.want)
		}
	}
	if got := MastodonLength("a https://example.com", "", 30); got != 32 {
		t.Errorf("a server with links of 30 counts %d", got)
	}
}

func TestBlueskyLimits(t *testing.T) {
	for _, c := range []struct {
		s    string
		fits bool
	}{
		{strings.Repeat("a", 299), true},
		{strings.Repeat("a", 300), true},
		{strings.Repeat("a", 301), false},
		{strings.Repeat("é", 300), true},
		{strings.Repeat("👨‍👩‍👧‍👦", 120), true},  // 120 graphemes, 3000 bytes
		{strings.Repeat("👨‍👩‍👧‍👦", 121), false}, // 121 graphemes, 3025 bytes
	} {
		if g, b, fits := BlueskyLength(c.s); fits != c.fits {
			t.Errorf("%d graphemes in %d bytes fit: %v", g, b, fits)
		}
	}
}

func TestTweetLimit(t *testing.T) {
	for _, c := range []struct {
		s     string
		valid bool
	}{
		{strings.Repeat("a", 279), true}, {strings.Repeat("a", 280), true}, {strings.Repeat("a", 281), false},
		{strings.Repeat("語", 140), true}, {strings.Repeat("語", 140) + "a", false},
		{strings.Repeat("a", 256) + " https://example.com/" + strings.Repeat("p", 300), true},
		{strings.Repeat("a", 257) + " https://example.com/" + strings.Repeat("p", 300), false},
	} {
		if got := Tweet(c.s); got.Valid != c.valid {
			t.Errorf("%d weighted characters are valid: %v", got.Weighted, got.Valid)
		}
	}
	long := strings.Repeat("a", 279) + "語b"
	if got := Tweet(long); long[got.ValidEnd:] != "語b" {
		t.Errorf("too much is %q", long[got.ValidEnd:])
	}
	if got := Tweet("👨‍🚗").Weighted; got != 5 { // joined, but no emoji Unicode knows: two emoji and a joiner
		t.Errorf("an unknown sequence counts %d", got)
	}
}

func TestMentionsOfAllNetworks(t *testing.T) {
	for _, c := range []struct {
		s    string
		want []string
	}{
		{"@alice and @bob_2", []string{"alice", "bob_2"}},
		{"@alice@example.social, hi", []string{"alice@example.social"}},
		{"(@alice.bsky.social)", []string{"alice.bsky.social"}},
		{"@alice.", []string{"alice"}},
		{"@alice.What now", []string{"alice"}},
		{"@alice@example.social.", []string{"alice@example.social"}},
		{"mail me@example.com", nil},
		{"see https://social.example/@alice", nil},
		{"@ alone, @@twice", nil},
		{"@alice-b @a.b.test", []string{"alice", "a.b.test"}},
	} {
		if got := values(Mentions(c.s)); !slices.Equal(got, c.want) {
			t.Errorf("%q mentions %q, want %q", c.s, got, c.want)
		}
	}
}

func TestBareLinksStandForHTTPS(t *testing.T) {
	s := "See example.com/a?b=c and http://example.org."
	got := Links(s)
	if len(got) != 2 || got[0].Value != "https://example.com/a?b=c" || got[1].Value != "http://example.org" || s[got[0].Start:got[0].End] != got[0].Text {
		t.Errorf("%+v", got)
	}
	if tags := Tags("#One #two #ONE example.com/#three"); !slices.Equal(tags, []string{"one", "two"}) {
		t.Errorf("tags %q", tags)
	}
	if e := BlueskyFacets("x httpbin.org"); len(e) != 1 || e[0].Value != "https://httpbin.org" {
		t.Errorf("facets %+v", e)
	}
}

func TestTruncate(t *testing.T) {
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{
		{"short", 10, "short"},
		{"exactly ten", 11, "exactly ten"},
		{"one two three", 9, "one two…"},
		{"Donaudampfschifffahrt", 6, "Donau…"},
		{"ab", 1, "…"},
		{"ab", 0, ""},
		{"", 3, ""},
		{"👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 2, "👨‍👩‍👧‍👦…"},
		{"read this https://example.com/a/long/path", 20, "read this…"},
		{"日本語のテキスト", 5, "日本語の…"},
	} {
		if got := Truncate(c.s, c.n); got != c.want {
			t.Errorf("Truncate(%q, %d) = %q, want %q", c.s, c.n, got, c.want)
		}
	}
}

func TestSplitPrefersSentencesThenWords(t *testing.T) {
	runes := func(s string) int { return len([]rune(s)) }
	for _, c := range []struct {
		s        string
		max      int
		numbered bool
		want     []string
	}{
		{"Fits.", 10, true, []string{"Fits."}},
		{"  ", 10, false, nil},
		{"First one. Second one. Third.", 22, false, []string{"First one. Second one.", "Third."}},
		{"First one. Second one. Third.", 15, true, []string{"First one. 1/3", "Second one. 2/3", "Third. 3/3"}},
		{"one two three four five", 9, false, []string{"one two", "three", "four five"}},
		{"Donaudampfschiff", 6, false, []string{"Donaud", "ampfsc", "hiff"}},
		{"Look https://example.com/path there", 12, false, []string{"Look", "https://example.com/path", "there"}},
		{"Hi @alice@example.social bye", 10, false, []string{"Hi", "@alice@example.social", "bye"}},
		{"a\n\nb b b b", 4, false, []string{"a", "b b", "b b"}},
	} {
		if got := Split(c.s, runes, c.max, c.numbered); !slices.Equal(got, c.want) {
			t.Errorf("Split(%q, %d) = %q, want %q", c.s, c.max, got, c.want)
		}
	}
}

func TestSplitJapaneseKeepsPunctuationWithItsSentence(t *testing.T) {
	got := Split("今日は晴れ。明日は雨です。", Graphemes, 7, false)
	if want := []string{"今日は晴れ。", "明日は雨です。"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestSplitNumbersALongThread(t *testing.T) {
	s := strings.Repeat("This is a sentence of a longer story. ", 120)
	parts := Split(s, func(s string) int { return Tweet(s).Weighted }, XLimit, true)
	if len(parts) < 10 || !strings.HasSuffix(parts[0], ". 1/"+strings.TrimPrefix(parts[len(parts)-1][strings.LastIndex(parts[len(parts)-1], "/"):], "/")) {
		t.Fatalf("%d parts, first %q", len(parts), parts[0])
	}
	for _, p := range parts {
		if n := Tweet(p).Weighted; n > XLimit {
			t.Errorf("a part counts %d", n)
		}
	}
}

// Whatever is split: nothing but white space is lost, no part is longer than allowed unless a single unit is, and no
// link or mention is cut.
func TestSplitLosesNothing(t *testing.T) {
	word := rapid.SampledFrom([]string{"word", "a", "Longerword", "https://example.com/p", "@alice@example.social", "#tag", "👨‍👩‍👧‍👦", "日本語。", "end.", "Why?",
		"\n\n", "e\u0301", "example.com", "…", "\u202A"})
	squeeze := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, s)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(word, 0, 60).Draw(t, "words"), rapid.SampledFrom([]string{" ", "  "}).Draw(t, "space"))
		limit := rapid.IntRange(1, 60).Draw(t, "max")
		parts := Split(s, Graphemes, limit, false)
		if squeeze(strings.Join(parts, "")) != squeeze(s) {
			t.Fatalf("%q became %q", s, parts)
		}
		for _, p := range parts {
			if Graphemes(p) > limit && !slices.ContainsFunc(bound(p), func(e Entity) bool { return e.Text == p }) && Graphemes(p) > 1 {
				t.Fatalf("%q is longer than %d", p, limit)
			}
		}
		whole := texts(bound(s))
		for _, e := range whole {
			if !slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(p, e) }) {
				t.Fatalf("%q was cut in %q", e, parts)
			}
		}
	})
}

func TestFromHTML(t *testing.T) {
	for _, c := range []struct{ s, want string }{
		{"plain", "plain"},
		{"<p>Hello<br>world</p><p>Second &amp; last</p>", "Hello\nworld\n\nSecond & last"},
		{"<p>One<br /><br />Two</p>", "One\n\nTwo"},
		{`<p>See <a href="https://example.com/a/b" rel="nofollow"><span class="invisible">https://</span><span class="ellipsis">example.com/a</span><span class="invisible">/b</span></a></p>`, "See https://example.com/a/b"},
		{`<p><span class="h-card"><a href="https://m.example/@alice" class="u-url mention">@<span>alice</span></a></span> hi</p>`, "@alice hi"},
		{`<p class="quote-inline">RE: <a href="https://m.example/1">x</a><br></p><p>text</p>`, "text"},
		{"<ul><li>one</li><li>two</li></ul>after", "one\ntwo\n\nafter"},
		{"a <b> b </b> c", "a b c"},
		{"a\n  b", "a b"},
		{"<script>alert(1)</script>ok<style>p{}</style>", "ok"},
		{`I like <img alt=":blob:" src="x"> it`, "I like :blob: it"},
		{"<div>a</div><div>b</div>", "a\nb"},
		{"1 &lt; 2 &#128512;", "1 < 2 😀"},
		{"<p>unclosed <b>tag", "unclosed tag"},
		{"", ""},
	} {
		if got := FromHTML(c.s); got != c.want {
			t.Errorf("FromHTML(%q) = %q, want %q", c.s, got, c.want)
		}
	}
}

func TestWhatWasSentEqualsWhatComesBack(t *testing.T) {
	sent := "Cafe\u0301 time!\n\nSee https://example.com/a/b  \u200b"
	for _, back := range []string{
		"Café time! See https://example.com/a/b",
		FromHTML("<p>Café time!</p><p>See <a href=\"https://example.com/a/b\"><span class=\"invisible\">https://</span><span>example.com/a/b</span></a></p>"),
	} {
		if Normalise(sent) != Normalise(back) || Fingerprint(sent) != Fingerprint(back) {
			t.Errorf("%q differs from %q", Normalise(back), Normalise(sent))
		}
	}
	if Fingerprint("a") == Fingerprint("b") || Fingerprint("a b") == Fingerprint("ab") || len(Fingerprint("")) != 64 {
		t.Error("fingerprints do not tell texts apart")
	}
}

func TestSimilarityAsPeopleJudgeIt(t *testing.T) {
	base := "Our summer sale starts today: 20 % off all shoes until Sunday. https://exmpl.co/a1b2"
	for _, c := range []struct {
		other   string
		similar bool
	}{
		{base, true},
		{"OUR SUMMER SALE STARTS TODAY – 20% off all shoes until Sunday! https://exmpl.co/zzzz", true},
		{"Our summer sale starts today: 30 % off all shoes until Monday. https://exmpl.co/a1b2", true},
		{"Our summer sale starts today: 20 % off all shoes until Sunday. Hurry!", true},
		{"Meet the team: Anna has been repairing shoes for thirty years.", false},
		{"Our winter collection arrives tomorrow: come and see all boots in store.", false},
		{"", false},
	} {
		if got := Similarity(base, c.other); got >= 0.85 != c.similar || got < 0 || got > 1 {
			t.Errorf("%q is %.2f", c.other, got)
		}
	}
	if Similarity("", "") != 1 || Similarity("🎉", "🎉") != 1 || Similarity("!!!", "!!!") != 1 || Similarity("!", "?") != 0 {
		t.Error("texts without words")
	}
	if got := Similarity("kitten", "sitting"); got < 0.571 || got > 0.572 {
		t.Errorf("kitten and sitting are %.3f", got)
	}
	long := strings.Repeat("many words make a long article about shoes and their repair ", 60)
	if got := Similarity(long, long+"and one more thing"); got < 0.95 || got == 1 {
		t.Errorf("a long text with an addition is %.3f", got)
	}
}

// plainDistance is Levenshtein's table as the textbook has it.
func plainDistance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func TestDistanceIsLevenshteins(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	random := func() []rune {
		s := make([]rune, rnd.IntN(300))
		for i := range s {
			s[i] = rune('a' + rnd.IntN(4))
		}
		return s
	}
	for range 300 {
		a, b := random(), random()
		if got, want := distance(a, b), plainDistance(a, b); got != want {
			t.Fatalf("distance of %q and %q is %d, want %d", string(a), string(b), got, want)
		}
	}
}

// No text of 64 KB, however it is made, keeps a reader busy: each takes a few milliseconds, where a reader that went
// back over its text again and again would take many seconds.
func TestTimeGrowsWithLengthOnly(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	for _, unit := range []string{"a", "a.", "-", "a-", "a_", ".", "@", "@a", "#", "#a", "#1", "(", "a.co/(", "a.co/", "http://", "http://a.co/((", "é", "日本", "。a.co", "👍", "👨‍", "\u0301",
		"e\u0301", "\n", " ", "$A", "a.co?!", "@a@", "@a.", "xn--a.", "1️⃣", "🇩🇪", "A. ", "\xff", "<p>", "<a href=", "&amp;", "text ", "www.example.com/x "} {
		s := strings.Repeat(unit, 64<<10/len(unit))
		for name, read := range map[string]func(){
			"XEntities":      func() { XEntities(s) },
			"BlueskyFacets":  func() { BlueskyFacets(s) },
			"Mentions":       func() { Mentions(s) },
			"Hashtags":       func() { Hashtags(s) },
			"Tweet":          func() { Tweet(s) },
			"MastodonLength": func() { MastodonLength(s, "", 23) },
			"ThreadsLength":  func() { ThreadsLength(s) },
			"Truncate":       func() { Truncate(s, 60000) },
			"FromHTML":       func() { FromHTML(s) },
			"Fingerprint":    func() { Fingerprint(s) },
			"ValidLink":      func() { ValidLink("https://" + s) },
			"Split":          func() { Split(s, Graphemes, 300, true) },
			"Similarity":     func() { Similarity(s, s[1:]+"x") },
		} {
			start := time.Now()
			read()
			if took := time.Since(start); took > time.Second {
				t.Errorf("%s of 64 KB of %q took %v", name, unit, took)
			} else if took > 20*time.Millisecond {
				t.Logf("%s of 64 KB of %q took %v", name, unit, took)
			}
		}
	}
}
