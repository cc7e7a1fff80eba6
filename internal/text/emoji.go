package text

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed emoji.txt
var emojiList string

// emoji holds every emoji and sequence that Unicode recommends for interchange, without variation selectors, and the
// runes they begin with.
var emoji = sync.OnceValue(func() (e struct {
	sequences map[string]bool
	first     map[rune]bool
	longest   int // in bytes
}) {
	e.sequences, e.first = map[string]bool{}, map[rune]bool{}
	for s := range strings.FieldsSeq(emojiList) {
		r, _ := utf8.DecodeRuneInString(s)
		e.sequences[s], e.first[r] = true, true
		e.longest = max(e.longest, len(s))
	}
	return e
})

const selector = '\uFE0F' // asks for the colourful form of the character before it

// emojiAt returns the length in bytes of the longest emoji at the start of s, with its variation selectors; 0 for
// none. A character of the Latin-1 range (©, ®, digits) is an emoji only with a selector or a keycap behind it.
func emojiAt(s string) int {
	first, n := utf8.DecodeRuneInString(s)
	if first < 0x80 && (n >= len(s) || s[n] < 0x80) || !emoji().first[first] {
		return 0
	}
	found := 0
	key := make([]byte, 0, 64)
	for i := 0; i < len(s) && len(key) <= emoji().longest; {
		r, size := utf8.DecodeRuneInString(s[i:])
		if i > 0 && r != selector && !joins(r) && !strings.HasSuffix(string(key), "\u200D") && !(regional(r) && regional(first)) {
			break
		}
		if i += size; r != selector {
			key = append(key, s[i-size:i]...)
		} else {
			if found == i-size { // a selector behind a whole emoji belongs to it
				found = i
			}
			continue
		}
		if emoji().sequences[string(key)] {
			found = i
		}
	}
	if first <= 0xFF && utf8.RuneCountInString(s[:found]) < 2 {
		return 0
	}
	return found
}

// joins reports the characters that bind a sequence of emoji: the joiner, skin tones, the keycap and flag tags.
func joins(r rune) bool {
	return r == '\u200D' || 0x1F3FB <= r && r <= 0x1F3FF || r == 0x20E3 || 0xE0020 <= r && r <= 0xE007F
}

func regional(r rune) bool { return 0x1F1E6 <= r && r <= 0x1F1FF }
