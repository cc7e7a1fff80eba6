package text

import (
	"fmt"
	"sort"
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/clipperhouse/uax29/v2/sentences"
)

// ellipsis marks a text that goes on.
const ellipsis = "…"

// Truncate shortens a text to at most n graphemes, the last of them an ellipsis where something was cut off. It cuts
// between words and around links, mentions and tags where that leaves at least half of the room used, and never
// inside a grapheme.
func Truncate(s string, n int) string {
	if n <= 0 {
		return ""
	}
	var ends []int // where the graphemes that leave room for the ellipsis end
	it := graphemes.FromString(s)
	for len(ends) < n && it.Next() {
		ends = append(ends, it.End())
	}
	if !it.Next() {
		return s
	}
	ends = ends[:n-1]
	if len(ends) == 0 {
		return ellipsis
	}
	cut := ends[len(ends)-1]
	if n := len(ends) / 2; n > 0 {
		if b := borderBefore(s, cut, bound(s)); b > ends[n-1] {
			cut = b
		}
	}
	return strings.TrimRightFunc(s[:cut], unicode.IsSpace) + ellipsis
}

// borderBefore returns the last place at or before cut that is between two words and inside no entity; 0 for none.
func borderBefore(s string, cut int, bound []Entity) int {
	for i := cut; i > 0; {
		r, _ := runeAt(s, i)
		p, start := before(s, i)
		if e, inside := within(bound, i); inside {
			i = e.Start
			continue
		}
		if unicode.IsSpace(r) || unicode.IsSpace(p) || ideographic(p) && !unicode.IsPunct(r) {
			return i
		}
		i = start
	}
	return 0
}

// ideographic reports the scripts that put no space between words: a line may be broken behind each character.
func ideographic(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// bound returns what must not be broken: links, mentions of any network, and tags.
func bound(s string) []Entity {
	return ordered(append(append(XEntities(s), Mentions(s)...), blueskyLinks(s)...))
}

// within returns the entity that byte i is inside of, neither at its start nor behind its end.
func within(entities []Entity, i int) (Entity, bool) {
	k := sort.Search(len(entities), func(k int) bool { return entities[k].End > i })
	if k < len(entities) && entities[k].Start < i {
		return entities[k], true
	}
	return Entity{}, false
}

// Split cuts a text into the parts of a thread, each at most max as count measures it (Tweet, Graphemes, …). It cuts
// between sentences, where a single sentence is too long between words, and only where a single word is too long
// inside it; never inside a grapheme, link, mention or tag: one of these that is longer than max by itself stays
// whole, for the rule check to name. numbered adds " 1/3" to each part and counts it. Space around a cut is dropped;
// everything else stays as it was written.
func Split(s string, count func(string) int, max int, numbered bool) []string {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil
	}
	if count(s) <= max {
		return []string{s}
	}
	c := cutter{s: s, count: count, max: max}
	c.findBorders()
	if !numbered {
		return c.parts("")
	}
	for digits := 1; ; digits++ {
		nines := strings.Repeat("9", digits)
		parts := c.parts(" " + nines + "/" + nines)
		if len(fmt.Sprint(len(parts))) > digits {
			continue // the numbers need more room
		}
		for i := range parts {
			parts[i] += fmt.Sprintf(" %d/%d", i+1, len(parts))
		}
		return parts
	}
}

// cutter holds the places at which a text may be cut, each list in order and without those inside an entity. A
// sentence border is also a word border, a word border also a grapheme border.
type cutter struct {
	s                           string
	count                       func(string) int
	max                         int
	sentences, words, graphemes []int
}

func (c *cutter) findBorders() {
	bound := bound(c.s)
	keep := func(list []int, i int) []int {
		if _, inside := within(bound, i); inside {
			return list
		}
		return append(list, i)
	}
	for it := graphemes.FromString(c.s); it.Next(); {
		end := it.End()
		c.graphemes = keep(c.graphemes, end)
		r, _ := runeAt(c.s, end)
		p, _ := before(c.s, end)
		if end == len(c.s) || unicode.IsSpace(p) && !unicode.IsSpace(r) || ideographic(p) && !unicode.IsPunct(r) && !unicode.IsMark(r) {
			c.words = keep(c.words, end)
		}
	}
	for it := sentences.FromString(c.s); it.Next(); {
		c.sentences = keep(c.sentences, it.End())
	}
}

func (c *cutter) parts(number string) []string {
	var parts []string
	for at := 0; at < len(c.s); {
		end := c.cut(at, number)
		if part := strings.TrimSpace(c.s[at:end]); part != "" {
			parts = append(parts, part)
		}
		at = end
	}
	return parts
}

// cut returns where the part that begins at byte at ends: the last border of the best kind up to which the text fits.
func (c *cutter) cut(at int, number string) int {
	furthest := c.furthest(at, number)
	for _, borders := range [][]int{c.sentences, c.words} {
		k := sort.SearchInts(borders, furthest+1) - 1
		if k >= 0 && borders[k] > at && c.fits(at, borders[k], number) {
			return borders[k]
		}
	}
	return furthest
}

func (c *cutter) fits(at, end int, number string) bool {
	return c.count(strings.TrimSpace(c.s[at:end])+number) <= c.max
}

// furthest returns the last grapheme border behind at up to which the text fits, the next one where not even a single
// unit does. It tries max graphemes, then doubles or halves, so that a part costs little more than its own length.
func (c *cutter) furthest(at int, number string) int {
	first := sort.SearchInts(c.graphemes, at+1)
	low, high := first, first+max(c.max, 1) // low is taken, high is to be tried
	for high < len(c.graphemes) && c.fits(at, c.graphemes[high], number) {
		low, high = high, high+2*(high-first)
	}
	high = min(high, len(c.graphemes))
	for low+1 < high {
		if mid := (low + high) / 2; c.fits(at, c.graphemes[mid], number) {
			low = mid
		} else {
			high = mid
		}
	}
	return c.graphemes[low]
}
