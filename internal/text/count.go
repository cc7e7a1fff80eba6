package text

import (
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// Graphemes counts the characters of a text as people see them (grapheme clusters): a family emoji is one.
func Graphemes(s string) int {
	n := 0
	for it := graphemes.FromString(s); it.Next(); {
		n++
	}
	return n
}

// UTF16Units counts the UTF-16 code units of a text, the unit of LinkedIn, Facebook, Telegram and JavaScript. A byte
// that is not UTF-8 counts one.
func UTF16Units(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i, n = i+1, n+1
			continue
		}
		r, size := runeAt(s, i)
		if n++; r > 0xFFFF {
			n++
		}
		i += size
	}
	return n
}

// Bytes counts the UTF-8 bytes of a text.
func Bytes(s string) int { return len(s) }

// MastodonLength counts a post as Mastodon does: graphemes of the content warning and the text together, where every
// http or https link counts urlLength (the server's characters_reserved_per_url, 23 by default) and
// @person@example.social only @person.
func MastodonLength(s, warning string, urlLength int) int {
	var b strings.Builder
	b.WriteString(warning)
	at := 0
	for _, e := range ordered(append(links(s, fediverseLink, false), Mentions(s)...)) {
		b.WriteString(s[at:e.Start])
		at = e.End
		if e.Kind == Link {
			b.WriteString(strings.Repeat("x", max(0, urlLength)))
			continue
		}
		name, _, _ := strings.Cut(e.Value, "@")
		b.WriteString("@" + name)
	}
	b.WriteString(s[at:])
	return Graphemes(b.String())
}

// The longest post on Bluesky: both limits hold.
const (
	BlueskyGraphemes = 300
	BlueskyBytes     = 3000
)

// BlueskyLength counts a post as Bluesky does and says whether it fits. Links count by the text that shows them.
func BlueskyLength(s string) (graphemes, bytes int, fits bool) {
	graphemes, bytes = Graphemes(s), len(s)
	return graphemes, bytes, graphemes <= BlueskyGraphemes && bytes <= BlueskyBytes
}

// ThreadsLength counts a post as Threads does: an emoji counts its UTF-8 bytes, so that a family is 25. Whether the rest
// counts in characters or UTF-16 units is not documented; the larger, UTF-16 units, is taken.
func ThreadsLength(s string) int {
	n, from := 0, 0
	for i := 0; i < len(s); {
		if size := emojiAt(s[i:]); size > 0 {
			n += UTF16Units(s[from:i]) + size
			i += size
			from = i
			continue
		}
		_, size := runeAt(s, i)
		i += size
	}
	return n + UTF16Units(s[from:])
}
