package text

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

//go:embed tlds.txt
var tldList string

// tlds holds the ASCII top-level domains, and the others by their first letter, the longest first.
var tlds = sync.OnceValue(func() (t struct {
	ascii map[string]bool
	other map[rune][]string
}) {
	t.ascii, t.other = map[string]bool{}, map[rune][]string{}
	for name := range strings.FieldsSeq(tldList) {
		if strings.IndexFunc(name, func(r rune) bool { return r >= 0x80 }) < 0 {
			t.ascii[name] = true
			continue
		}
		first, _ := utf8.DecodeRuneInString(name)
		list := append(t.other[first], name)
		for i := len(list) - 1; i > 0 && len(list[i]) > len(list[i-1]); i-- {
			list[i], list[i-1] = list[i-1], list[i]
		}
		t.other[first] = list
	}
	return t
})

// tldAt returns the length of the top-level domain that stands at the start of s; 0 if none does or if the word goes
// on after it in a way that makes it something else (foo.comma, john.doe.gov@example.com, domain.com-that).
func tldAt(s string) int {
	n := 0
	for n < len(s) && asciiAlnum(rune(s[n])) {
		n++
	}
	if n > 0 && n < 64 {
		if n == 2 && strings.EqualFold(s[:n], "xn") && strings.HasPrefix(s[n:], "--") {
			end := n + 2
			for end < len(s) && (asciiAlnum(rune(s[end])) || s[end] == '-') {
				end++
			}
			if end > n+2 {
				return end
			}
		}
		if tlds().ascii[strings.ToLower(s[:n])] && endsTLD(s[n:]) {
			return n
		}
	}
	first, _ := utf8.DecodeRuneInString(s)
	for _, name := range tlds().other[unicode.ToLower(first)] {
		if n := prefixFold(s, name); n > 0 && endsTLD(s[n:]) {
			return n
		}
	}
	return 0
}

func endsTLD(rest string) bool {
	return rest == "" || !asciiAlnum(rune(rest[0])) && rest[0] != '@' && rest[0] != '+' && rest[0] != '-'
}

// prefixFold returns how many bytes at the start of s equal the lower-case name; 0 if it does not start so.
func prefixFold(s, name string) int {
	n := 0
	for _, want := range name {
		r, size := utf8.DecodeRuneInString(s[n:])
		if size == 0 || unicode.ToLower(r) != want {
			return 0
		}
		n += size
	}
	return n
}

// hasTLD reports whether a host name ends in a top-level domain that exists.
func hasTLD(host string) bool {
	dot := strings.LastIndexByte(host, '.')
	return dot > 0 && tldAt(host[dot+1:]) == len(host)-dot-1
}

// domainRun is a stretch of characters of which domains are made, with its labels worked out once, so that every
// start inside it is judged in constant time and a long run of dots and hyphens costs no more than its length.
type domainRun struct {
	start, end int
	labels     []domainLabel
	at         int // the label last looked at: starts are asked for from left to right
}

type domainLabel struct {
	start, end  int
	first, last bool // begins, ends with a domain character rather than a hyphen or underscore
	under       int  // where its last underscore is, -1 for none
	tld         int  // length of the top-level domain at its start
	best        int  // the label whose TLD ends the longest domain beginning with this whole label; -1 for none
}

// read makes run the one that begins at byte start.
func (run *domainRun) read(s string, start int) {
	run.start, run.labels, run.at = start, run.labels[:0], 0
	l, i := domainLabel{start: start, under: -1}, start
	for i < len(s) {
		r, size := runeAt(s, i)
		switch {
		case r == '.':
			l.end = i
			run.labels = append(run.labels, l)
			l = domainLabel{start: i + 1, under: -1}
		case r == '-':
			l.last = false
		case r == '_':
			l.last, l.under = false, i
		case domainChar(r):
			l.first, l.last = l.first || i == l.start, true
		default:
			size = 0
		}
		if size == 0 {
			break // neither part of a label nor between two
		}
		i += size
	}
	l.end, run.end = i, i
	run.labels = append(run.labels, l)
	for j := len(run.labels) - 1; j >= 0; j-- {
		l := &run.labels[j]
		l.best = -1
		if j > 0 {
			l.tld = tldAt(s[l.start:])
		}
		if l.first && l.last {
			l.best = run.follow(j, l.under < 0)
		}
	}
}

// follow returns the label that ends the longest domain in which label j is complete: j is a subdomain or, if it may
// be one, the domain's name itself.
func (run *domainRun) follow(j int, mayBeName bool) int {
	if j+1 == len(run.labels) {
		return -1
	}
	next := run.labels[j+1]
	if next.best < 0 && mayBeName && next.tld > 0 {
		return j + 1
	}
	return next.best
}

// domainAt returns the end of the longest domain that starts at byte i, a domain character of the run; 0 for none.
func (run *domainRun) domainAt(i int) int {
	for run.labels[run.at].end < i {
		run.at++
	}
	l := run.labels[run.at]
	if !l.last || i >= l.end {
		return 0
	}
	k := run.follow(run.at, l.under < i)
	if k < 0 {
		return 0
	}
	return run.labels[k].start + run.labels[k].tld
}

// domainFits reports whether every label of a domain can be a DNS label, and the whole not a broken punycode name.
func domainFits(domain string) bool {
	if strings.HasPrefix(domain, "xn--") && len(asciiDomains(domain, 0, len(domain))) == 0 {
		return false
	}
	for label := range strings.SplitSeq(domain, ".") {
		n := len(label)
		if strings.IndexFunc(label, func(r rune) bool { return r >= 0x80 }) >= 0 {
			if utf8.RuneCountInString(label) > 59 { // xn-- and at least one more character for each
				return false
			}
			encoded, err := idna.Punycode.ToASCII(label)
			if err != nil {
				return false
			}
			n = len(encoded)
		}
		if n < 1 || n > 63 {
			return false
		}
	}
	return true
}

// asciiDomains returns the bounds of the domains written in Latin letters between start and end: in text without
// spaces ("twitter.comテストexample.com") only these are links without http.
func asciiDomains(s string, start, end int) [][2]int {
	var found [][2]int
	for i := start; i < end; {
		from, stop := i, 0 // stop: end of the longest domain from here
		for j := i; j < end; {
			r, size := runeAt(s, j)
			if r == '-' || asciiAlnum(r) || latinAccent(r) {
				j += size
				i = j
				continue
			}
			if r != '.' || j == from || s[j-1] == '.' {
				i = j + size
				break
			}
			j++
			i = j
			if n := tldAt(s[j:end]); n > 0 {
				stop = j + n
			}
		}
		if stop > 0 {
			found = append(found, [2]int{from, stop})
			i = stop
		}
	}
	return found
}
