package text

import "strings"

// Links returns the web addresses in a text as X reads them, in order: with http:// or https://, or bare (example.com)
// where the top-level domain exists. The value of a bare one begins with https://.
func Links(s string) []Entity { return links(s, xLink, true) }

// linkStyle says which characters a network lets into the path and the query of a link, and which may end them.
type linkStyle struct{ path, pathEnd, query, queryEnd func(r rune) bool }

var xLink = linkStyle{
	path: func(r rune) bool {
		return asciiAlnum(r) || r < 0x80 && strings.ContainsRune("!*';:=+,.$/%#[]-_~@|&", r) || r == 0x2013 || cyrillic(r) || latinAccent(r)
	},
	pathEnd: func(r rune) bool {
		return asciiAlnum(r) || r < 0x80 && strings.ContainsRune("+-=_#/", r) || cyrillic(r) || latinAccent(r)
	},
	query: func(r rune) bool {
		return asciiAlnum(r) || r < 0x80 && strings.ContainsRune("!?*'@();:&=+$/%#[]-_.,~|", r)
	},
	queryEnd: func(r rune) bool { return asciiAlnum(r) || r < 0x80 && strings.ContainsRune("-_&=#/", r) },
}

// fediverseLink lets any script into the path, as Mastodon does.
var fediverseLink = linkStyle{
	path:     func(r rune) bool { return !isSpace(r) && !strings.ContainsRune("<>()?", r) },
	pathEnd:  func(r rune) bool { return !isSpace(r) && !strings.ContainsRune("()?!*\"'「」<>;:=,.$%[]~&|@", r) },
	query:    func(r rune) bool { return xLink.query(r) || r == '^' || r >= 0xA0 && !isSpace(r) },
	queryEnd: func(r rune) bool { return xLink.queryEnd(r) || r >= 0xA0 && !isSpace(r) },
}

// longestLink is the length in UTF-16 units beyond which X no longer takes an address for a link.
const longestLink = 4096

func links(s string, style linkStyle, bare bool) []Entity {
	if !strings.Contains(s, ".") {
		return nil
	}
	var found []Entity
	var run domainRun
	for i, last := 0, 0; i < len(s); { // last: end of the match before, whose characters cannot come before another
		r, size := runeAt(s, i)
		if !domainChar(r) || !linkMayFollow(s, i, last) {
			i += size
			continue
		}
		if n := scheme(s[i:]); n > 0 {
			if end := findDomain(s, i+n, &run); end > 0 {
				stop, _ := style.rest(s, end)
				if e, ok := withScheme(s, i, i+n, end, stop); ok {
					found = append(found, e)
					stop = e.End
				}
				i, last = stop, stop
				continue
			}
		}
		end := findDomain(s, i, &run)
		if end == 0 {
			i += size
			continue
		}
		stop, path := style.rest(s, end)
		if bare {
			found = append(found, withoutScheme(s, i, end, stop, path)...)
		}
		i, last = stop, stop
	}
	return found
}

// linkMayFollow reports whether a link may begin at byte i, judged by the character before it.
func linkMayFollow(s string, i, last int) bool {
	if i == 0 {
		return true
	}
	r, start := before(s, i)
	return start >= last && !asciiAlnum(r) && !strings.ContainsRune("@＠$#＃", r) && !isForbidden(r)
}

func scheme(s string) int {
	for _, name := range []string{"http://", "https://"} {
		if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
			return len(name)
		}
	}
	return 0
}

// findDomain returns the end of the domain that begins at byte i; 0 for none.
func findDomain(s string, i int, run *domainRun) int {
	if r, size := runeAt(s, i); size == 0 || !domainChar(r) {
		return 0
	}
	if i < run.start || i >= run.end {
		run.read(s, i)
	}
	return run.domainAt(i)
}

// rest returns the end of the port, path and query that follow a domain, and whether there is a path.
func (style linkStyle) rest(s string, i int) (end int, path bool) {
	if i+1 < len(s) && s[i] == ':' && asciiDigit(rune(s[i+1])) {
		for i++; i < len(s) && asciiDigit(rune(s[i])); i++ {
		}
	}
	if i < len(s) && s[i] == '/' {
		i, path = style.endOfPath(s, i+1), true
	}
	if i < len(s) && s[i] == '?' {
		end := i
		for j := i + 1; j < len(s); {
			r, size := runeAt(s, j)
			if !style.query(r) {
				break
			}
			if j += size; style.queryEnd(r) {
				end = j
			}
		}
		i = end
	}
	return i, path
}

// endOfPath returns where a path that begins at byte i ends: with the last character that may end one. Parentheses
// belong to it when they are balanced, up to two deep.
func (style linkStyle) endOfPath(s string, i int) int {
	end := i
	for i < len(s) {
		r, size := runeAt(s, i)
		if r == '(' {
			if i = style.parens(s, i, 2); i == 0 {
				break
			}
			end = i
			continue
		}
		if !style.path(r) {
			break
		}
		if i += size; style.pathEnd(r) {
			end = i
		}
	}
	return end
}

// parens returns the end of balanced, not empty parentheses that begin at byte i; 0 for none. Inside the outer pair
// one inner pair may stand.
func (style linkStyle) parens(s string, i, depth int) int {
	start := i + 1
	for i = start; i < len(s); {
		r, size := runeAt(s, i)
		switch {
		case r == ')' && i > start:
			return i + 1
		case r == '(' && depth > 1:
			if i = style.parens(s, i, 1); i == 0 {
				return 0
			}
			depth = 1
		case style.path(r):
			i += size
		default:
			return 0
		}
	}
	return 0
}

// withScheme makes the link s[start:stop] whose domain is s[domain:end].
func withScheme(s string, start, domain, end, stop int) (Entity, bool) {
	if !domainFits(s[domain:end]) || UTF16Units(s[start:stop])+domain-start > longestLink {
		return Entity{}, false
	}
	if strings.EqualFold(s[domain:end], "t.co") && end < stop && s[end] == '/' {
		slug := end + 1 // X's own links are a bare slug with, at most, a query
		for slug < stop && asciiAlnum(rune(s[slug])) {
			slug++
		}
		if slug-end-1 > 40 {
			return Entity{}, false
		}
		if slug > end+1 && (slug == stop || s[slug] != '?') {
			stop = slug
		}
	}
	return entity(Link, s, start, stop, s[start:stop]), true
}

// withoutScheme makes the bare links inside s[start:end]; the last takes the path that follows, up to stop.
func withoutScheme(s string, start, end, stop int, path bool) []Entity {
	if r, _ := before(s, start); start > 0 && strings.ContainsRune("-_./", r) {
		return nil
	}
	if !domainFits(s[start:end]) || UTF16Units(s[start:stop])+len("https://") > longestLink {
		return nil
	}
	domains := asciiDomains(s, start, end)
	var found []Entity
	for i, d := range domains {
		if path && i == len(domains)-1 {
			d[1] = stop
		}
		found = append(found, entity(Link, s, d[0], d[1], "https://"+s[d[0]:d[1]]))
	}
	return found
}
