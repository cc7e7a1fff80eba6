package text

import "strings"

// Mentions returns the accounts named in a text in any of the three ways networks write them: @person,
// @person@example.social and @person.example.com. The value is what stands behind the first @.
func Mentions(s string) []Entity {
	var found []Entity
	for i := 0; i < len(s); i++ {
		if s[i] != '@' {
			continue
		}
		if r, _ := before(s, i); i > 0 && (asciiWord(r) || r == '/' || r == '=' || r == '@' || tagChar(r)) {
			continue
		}
		end := handle(s, i+1)
		if end == i+1 {
			continue
		}
		if end < len(s) && s[end] == '@' {
			if host := handle(s, end+1); strings.Contains(s[end+1:host], ".") {
				end = host
			} else {
				continue // a@b is neither
			}
		} else if name := s[i+1 : end]; strings.ContainsAny(name, ".-") && !hasTLD(name) && !strings.HasSuffix(name, ".test") {
			end = i + 1 + strings.IndexAny(name, ".-")
		}
		found = append(found, entity(Mention, s, i, end, s[i+1:end]))
		i = end - 1
	}
	return found
}

// handle returns the end of an account name or host that begins at byte i: letters, digits and underscores, with
// dots and hyphens inside. It returns i where none begins.
func handle(s string, i int) int {
	end := i
	for j := i; j < len(s); j++ {
		c := rune(s[j])
		if asciiWord(c) {
			end = j + 1
		} else if c != '.' && c != '-' || j == i {
			break
		}
	}
	return end
}

// XMentions returns the accounts named in a text as X reads it: @person, up to 20 letters, digits and underscores.
func XMentions(s string) []Entity { return only(xMentionsAndLists(s), Mention) }

// LeadingMention returns the account a text on X begins with, which makes it a reply that only common followers see.
func LeadingMention(s string) (Entity, bool) {
	lead := strings.TrimLeftFunc(s, func(r rune) bool { return isSpace(r) || isDirectional(r) })
	for _, e := range xMentionsAndLists(s) {
		if e.Start == len(s)-len(lead) {
			_, sign := runeAt(s, e.Start)
			name, _, _ := strings.Cut(e.Value, "/")
			return entity(Mention, s, e.Start, e.Start+sign+len(name), name), true
		}
		break
	}
	return Entity{}, false
}

// The longest names of accounts and lists on X.
const (
	xName = 20
	xList = 25
)

func xMentionsAndLists(s string) []Entity {
	var found []Entity
	for i := 0; i < len(s); {
		r, size := runeAt(s, i)
		at := i
		i += size
		if r != '@' && r != '＠' || !mentionMayFollow(s, at) {
			continue
		}
		name := i
		for i < len(s) && i-name < xName && asciiWord(rune(s[i])) {
			i++
		}
		if i == name {
			continue
		}
		kind := Mention
		if i+1 < len(s) && s[i] == '/' && asciiLetter(rune(s[i+1])) {
			kind = List
			slug := i + 1
			for i = slug; i < len(s) && i-slug < xList && (asciiWord(rune(s[i])) || s[i] == '-'); i++ {
			}
		}
		if next, _ := runeAt(s, i); next == '@' || next == '＠' || latinAccent(next) || strings.HasPrefix(s[i:], "://") {
			continue
		}
		found = append(found, entity(kind, s, at, i, s[name:i]))
	}
	return found
}

// mentionMayFollow reports whether a mention may begin at byte i: not inside a word or an e-mail address, but
// directly behind "RT".
func mentionMayFollow(s string, i int) bool {
	if i == 0 {
		return true
	}
	r, start := before(s, i)
	if !asciiWord(r) && !strings.ContainsRune("!#$%&*@＠", r) {
		return true
	}
	if start == 0 || !strings.EqualFold(s[start-1:i], "rt") {
		return false
	}
	r, _ = before(s, start-1)
	return start == 1 || !asciiWord(r) && !strings.ContainsRune("+~.-", r)
}
