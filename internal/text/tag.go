package text

import (
	"slices"
	"strings"
)

// Hashtags returns the hashtags of a text as X and most networks read them: letters and digits of any script, at
// least one letter, not inside a word or a link.
func Hashtags(s string) []Entity {
	tags := xHashtags(s)
	if len(tags) == 0 {
		return nil
	}
	return only(ordered(append(tags, Links(s)...)), Hashtag)
}

func xHashtags(s string) []Entity {
	var found []Entity
	for i := 0; i < len(s); {
		r, size := runeAt(s, i)
		at := i
		i += size
		if r != '#' && r != '＃' {
			continue
		}
		if p, _ := before(s, at); at > 0 && (p == '&' || tagChar(p) && p != 0xFE0E && p != 0xFE0F) {
			continue
		}
		if r, _ := runeAt(s, i); r == 0xFE0F || r == 0x20E3 {
			continue // the keycap emoji
		}
		name, letter := i, false
		for i < len(s) {
			r, size := runeAt(s, i)
			if !tagChar(r) {
				break
			}
			letter = letter || tagLetter(r)
			i += size
		}
		if next, _ := runeAt(s, i); !letter || next == '#' || next == '＃' || strings.HasPrefix(s[i:], "://") {
			continue
		}
		found = append(found, entity(Hashtag, s, at, i, s[name:i]))
	}
	return found
}

// Cashtags returns the stock symbols of a text as X reads them: $ABC, or $ABC.D. X takes one per post.
func Cashtags(s string) []Entity {
	tags := xCashtags(s)
	if len(tags) == 0 {
		return nil
	}
	return only(ordered(append(tags, Links(s)...)), Cashtag)
}

func xCashtags(s string) []Entity {
	var found []Entity
	for i := range len(s) {
		if s[i] != '$' {
			continue
		}
		if r, _ := before(s, i); i > 0 && !isSpace(r) {
			continue
		}
		if end := symbol(s, i+1); end > 0 {
			found = append(found, entity(Cashtag, s, i, end, s[i+1:end]))
		}
	}
	return found
}

// symbol returns the end of a stock symbol that begins at byte i: one to six letters and, behind a dot or underscore,
// one or two more. 0 if it does not stand alone.
func symbol(s string, i int) int {
	alone := func(end int) bool {
		r, size := runeAt(s, end)
		return size == 0 || isSpace(r) || isPunct(r)
	}
	letters := func(from, most int) int {
		n := 0
		for n < most && from+n < len(s) && asciiLetter(rune(s[from+n])) {
			n++
		}
		return n
	}
	end := i + letters(i, 6)
	if end == i {
		return 0
	}
	if end < len(s) && (s[end] == '.' || s[end] == '_') {
		if n := letters(end+1, 2); n > 0 && alone(end+1+n) {
			return end + 1 + n
		}
	}
	if alone(end) {
		return end
	}
	return 0
}

// Tags lists the different hashtags of a text in lower case, in order of appearance.
func Tags(s string) []string {
	var list []string
	for _, e := range Hashtags(s) {
		if tag := strings.ToLower(e.Value); !slices.Contains(list, tag) {
			list = append(list, tag)
		}
	}
	return list
}
