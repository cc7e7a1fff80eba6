package text

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// BlueskyFacets returns what Bluesky makes into facets, in order: links (the value is the address), mentions (the
// handle, still to be resolved to a DID), hashtags (the tag without #) and cashtags ($ABC, as a tag).
func BlueskyFacets(s string) []Entity {
	return ordered(append(append(append(blueskyMentions(s), blueskyLinks(s)...), blueskyTags(s)...), blueskyCashtags(s)...))
}

// jsSpace is what \s means in the rules Bluesky publishes.
func jsSpace(r rune) bool { return unicode.IsSpace(r) && r != 0x85 || r == 0xFEFF }

// opens reports whether a link, mention or cashtag may begin at byte i: at the start, behind a space or a parenthesis.
func opens(s string, i int) bool {
	r, _ := before(s, i)
	return i == 0 || jsSpace(r) || r == '('
}

// word returns the end of the characters from byte i on that are not a space.
func word(s string, i int) int {
	if n := strings.IndexFunc(s[i:], jsSpace); n >= 0 {
		return i + n
	}
	return len(s)
}

func blueskyMentions(s string) []Entity {
	var found []Entity
	for i := range len(s) {
		if s[i] != '@' || !opens(s, i) {
			continue
		}
		end := i + 1
		for j := end; j < len(s) && (asciiAlnum(rune(s[j])) || s[j] == '.' || s[j] == '-'); j++ {
			if asciiAlnum(rune(s[j])) && (j+1 == len(s) || !asciiWord(rune(s[j+1]))) { // the end of a word
				end = j + 1
			}
		}
		if name := s[i+1 : end]; hasTLD(name) || strings.HasSuffix(name, ".test") {
			found = append(found, entity(Mention, s, i, end, name))
		}
	}
	return found
}

func blueskyLinks(s string) []Entity {
	var found []Entity
	for i := 0; i < len(s); {
		r, size := runeAt(s, i)
		if !asciiLetter(r) || !opens(s, i) {
			i += size
			continue
		}
		stop := word(s, i)
		end, value := 0, ""
		if n := scheme(s[i:]); n > 0 && i+n < stop {
			end = trimLink(s, i, stop)
			value = s[i:end]
		} else if host := bareHost(s[i:stop]); host != "" && hasTLD(host) {
			end = trimLink(s, i, stop)
			value = "https://" + s[i:end]
		}
		if end > 0 {
			found = append(found, entity(Link, s, i, end, value))
		}
		i = stop
	}
	return found
}

// bareHost returns the letters and digits with dots between them at the start of a word; "" without a dot.
func bareHost(s string) string {
	end := 0
	for i := range len(s) {
		if asciiAlnum(rune(s[i])) {
			end = i + 1
		} else if s[i] != '.' || end != i {
			break
		}
	}
	if !strings.Contains(s[:end], ".") {
		return ""
	}
	return s[:end]
}

// trimLink takes the punctuation of the sentence off the end of a link.
func trimLink(s string, start, end int) int {
	for end > start && strings.IndexByte(".,;:!?", s[end-1]) >= 0 {
		end--
	}
	if s[end-1] == ')' && strings.IndexByte(s[start:end], '(') < 0 {
		end--
	}
	return end
}

// The longest tag on Bluesky: 64 UTF-16 units as its own apps detect it, 640 bytes as its servers store it.
const (
	blueskyTagUnits = 64
	blueskyTagBytes = 640
)

func blueskyTags(s string) []Entity {
	var found []Entity
	for i := 0; i < len(s); {
		r, size := runeAt(s, i)
		at := i
		i += size
		if r != '#' && r != '＃' {
			continue
		}
		if p, _ := before(s, at); at > 0 && !jsSpace(p) || strings.HasPrefix(s[i:], "\uFE0F") {
			continue
		}
		end, letter := i, false
		for end < len(s) {
			r, size := runeAt(s, end)
			if jsSpace(r) || strings.ContainsRune("\u00AD\u2060\u200A\u200B\u200C\u200D\u20E2", r) {
				break
			}
			letter = letter || !asciiDigit(r) && !unicode.IsPunct(r)
			end += size
		}
		tag := strings.TrimRightFunc(s[i:end], unicode.IsPunct)
		if letter && tag != "" && len(tag) <= blueskyTagBytes && len(utf16.Encode([]rune(tag))) <= blueskyTagUnits {
			found = append(found, entity(Hashtag, s, at, i+len(tag), tag))
		}
		i = end
	}
	return found
}

func blueskyCashtags(s string) []Entity {
	var found []Entity
	for i := range len(s) {
		if s[i] != '$' || !opens(s, i) || i+1 == len(s) || !asciiLetter(rune(s[i+1])) {
			continue
		}
		end := i + 2
		for end < len(s) && end-i <= 5 && asciiAlnum(rune(s[end])) {
			end++
		}
		if r, size := utf8.DecodeRuneInString(s[end:]); size == 0 || jsSpace(r) || strings.ContainsRune(".,;:!?)\"'’", r) {
			found = append(found, entity(Cashtag, s, i, end, strings.ToUpper(s[i:end])))
		}
	}
	return found
}
