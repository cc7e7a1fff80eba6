package text

import (
	"math/bits"
	"strings"
	"unicode"
)

// longText is the number of runes from which Similarity compares words instead of characters.
const longText = 2000

// Similarity says how alike two texts are, from 0 to 1: one minus the share of characters that must be changed,
// inserted or left out to turn one into the other (normalised Levenshtein distance). That is what people mean by
// "85 % the same", also for a post of ten words, where a single new word ruins most of the shingles a Jaccard index
// counts. Case, punctuation, white space and the addresses of links do not count: a new short link makes no new text.
// Texts of 2,000 characters and more are compared word by word, which says the same of them and stays fast.
// Two texts without a word are 1 if equal and 0 if not.
func Similarity(a, b string) float64 {
	x, y := plainWords(a), plainWords(b)
	if len(x) == 0 && len(y) == 0 {
		if Normalise(a) == Normalise(b) {
			return 1
		}
		return 0
	}
	if len(x) >= longText || len(y) >= longText {
		known := map[string]rune{}
		return alike(wordsOf(x, known), wordsOf(y, known))
	}
	return alike(x, y)
}

// plainWords returns the letters, digits and symbols of a text in lower case, words one space apart, links one mark.
func plainWords(s string) []rune {
	var out []rune
	gap := false
	add := func(r rune) {
		if gap && len(out) > 0 {
			out = append(out, ' ')
		}
		out, gap = append(out, r), false
	}
	for _, e := range Segments(s, Links(s)) {
		if e.Kind == Link {
			gap = true
			add(0x1F517)
			gap = true
			continue
		}
		for _, r := range strings.ToLower(Normalise(e.Text)) {
			if unicode.IsSpace(r) || unicode.IsPunct(r) {
				gap = true
				continue
			}
			add(r)
		}
		gap = true
	}
	return out
}

// wordsOf writes a text with one symbol for each word; known holds the symbols given so far.
func wordsOf(s []rune, known map[string]rune) []rune {
	var list []rune
	for w := range strings.FieldsSeq(string(s)) {
		if _, ok := known[w]; !ok {
			known[w] = rune(len(known))
		}
		list = append(list, known[w])
	}
	return list
}

func alike(a, b []rune) float64 {
	longest := max(len(a), len(b))
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return 1 - float64(distance(a, b))/float64(longest)
}

// distance is the Levenshtein distance of two texts by Myers' bit vectors: 64 rows of the table at once, each block
// handing what changes at its lower edge to the block below.
func distance(a, b []rune) int {
	if len(a) == 0 || len(b) == 0 {
		return len(a) + len(b)
	}
	blocks := (len(a) + 63) / 64
	where := map[rune][]uint64{} // in which rows of each block a rune stands
	for i, r := range a {
		if where[r] == nil {
			where[r] = make([]uint64, blocks)
		}
		where[r][i/64] |= 1 << (i % 64)
	}
	plus, minus := make([]uint64, blocks), make([]uint64, blocks) // rows one greater, one less than the row above
	for i := range plus {
		plus[i] = ^uint64(0)
	}
	nowhere := make([]uint64, blocks)
	score, last := len(a), uint64(1)<<((len(a)-1)%64)
	for _, r := range b {
		match := where[r]
		if match == nil {
			match = nowhere
		}
		up, down := uint64(1), uint64(0) // what the block above hands down: +1 at the top edge, as row 0 counts b
		for k := range blocks {
			pv, mv, eq := plus[k], minus[k], match[k]
			xv := eq | mv
			eq |= down
			xh := (eq&pv + pv) ^ pv | eq
			ph, mh := mv|^(xh|pv), pv&xh
			edge := uint64(1) << 63
			if k == blocks-1 {
				edge = last
				score += bits.OnesCount64(ph&edge) - bits.OnesCount64(mh&edge)
			}
			nextUp, nextDown := ph>>63, mh>>63
			ph, mh = ph<<1|up, mh<<1|down
			plus[k], minus[k] = mh|^(xv|ph), ph&xv
			up, down = nextUp, nextDown
		}
	}
	return score
}
