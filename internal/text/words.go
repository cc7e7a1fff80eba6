package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// longestWord is how many characters of a word count; nobody searches for the rest.
const longestWord = 40

// Words are what a search finds in a text: its words in small letters and without accents, in their order. What writes
// without spaces (Chinese, Japanese, Korean, Thai and their neighbours) is cut into overlapping pairs of characters, with
// the last one also alone, so that any part of it is found by the pairs it begins with. An emoji, or another picture or
// currency sign, is a word. Everything else stands between words, and is never anything but a gap.
func Words(s string) []string {
	var out []string
	var word, run []rune
	end := func() {
		if len(word) > 0 {
			out, word = append(out, string(word[:min(len(word), longestWord)])), word[:0]
		}
		for n := range run {
			out = append(out, string(run[n:min(n+2, len(run))]))
		}
		run = run[:0]
	}
	var last rune
	for _, r := range plain(s) {
		switch {
		case unicode.In(r, unspaced...):
			if len(word) > 0 {
				end()
			}
			run = append(run, r)
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsNumber(r):
			if len(run) > 0 {
				end()
			}
			word = append(word, r)
		case unicode.Is(unicode.M, r) && (len(word) > 0 || len(run) > 0): // a vowel sign belongs to its letter
			if len(run) > 0 {
				run = append(run, r)
			} else if r != 0xFE0F && r != 0x20E3 {
				word = append(word, r)
			}
		case unicode.In(r, unicode.So, unicode.Sc):
			end()
			if flag(r) && flag(last) && len(out) > 0 && out[len(out)-1] == string(last) { // two letters make a flag
				out[len(out)-1] += string(r)
				r = 0
			} else {
				out = append(out, string(r))
			}
		default:
			end()
		}
		last = r
	}
	end()
	return out
}

// unspaced are the scripts that write without spaces between words, and Korean, whose words carry their endings.
var unspaced = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}

// marked are the scripts whose marks are accents: left out, the word is still the same word to whoever looks for it.
var marked = []*unicode.RangeTable{unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew}

// Unfinished reports whether a word is the one character with which a run without spaces ends: in a search, what follows
// it is not known.
func Unfinished(word string) bool {
	runes := []rune(word)
	return len(runes) == 1 && unicode.In(runes[0], unspaced...)
}

func flag(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

var undecomposed = strings.NewReplacer("ø", "o", "ł", "l", "đ", "d", "ħ", "h", "ı", "i", "æ", "ae", "œ", "oe", "þ", "th", "ð", "d")

// plain is a text as it is compared: compatible forms as one, small letters, no accents.
func plain(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	s = cases.Fold().String(norm.NFKD.String(strings.ToValidUTF8(s, " ")))
	var b strings.Builder
	var base rune
	for _, r := range s {
		if unicode.Is(unicode.Mn, r) && unicode.In(base, marked...) {
			continue
		}
		if !unicode.Is(unicode.M, r) {
			base = r
		}
		b.WriteRune(r)
	}
	return undecomposed.Replace(norm.NFC.String(b.String()))
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
