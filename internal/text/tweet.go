package text

import (
	"golang.org/x/text/unicode/norm"
)

// TweetLength is the length of a post on X.
type TweetLength struct {
	Weighted   int  // weighted characters: 280 fit a post of an ordinary account
	Valid      bool // neither empty, nor longer than 280, nor with a forbidden character
	Permillage int  // part of the 280, in thousandths
	ValidEnd   int  // up to which byte of the text it fits, for marking what is too much
}

// XLimit is the longest post of an ordinary account on X, in weighted characters.
const XLimit = 280

// Tweet counts a post as X does (twitter-text, configuration 3): most alphabets count 1, other scripts and emoji 2,
// every link 23, on the composed form (NFC).
func Tweet(s string) TweetLength { return xWeights.measure(s) }

// weights is one configuration of X's counting.
type weights struct {
	max, scale, normal, link int
	ranges                   []weightRange
	emoji                    bool // a sequence of emoji counts as one
}

type weightRange struct {
	first, last rune
	weight      int
}

var xWeights = weights{max: XLimit, scale: 100, normal: 200, link: 23, emoji: true,
	ranges: []weightRange{{0, 4351, 100}, {8192, 8205, 100}, {8208, 8223, 100}, {8242, 8247, 100}}}

func (w weights) of(r rune) int {
	for _, x := range w.ranges {
		if x.first <= r && r <= x.last {
			return x.weight
		}
	}
	return w.normal
}

func (w weights) measure(s string) TweetLength {
	composed, source := compose(s)
	found := Links(composed)
	total, valid, end := 0, true, 0
	for i := 0; i < len(composed); {
		r, size := runeAt(composed, i)
		if len(found) > 0 && found[0].Start == i {
			size, total = found[0].End-i, total+w.link*w.scale
			found = found[1:]
		} else if n := emojiAt(composed[i:]); w.emoji && n > 0 {
			size, total = n, total+w.normal
		} else {
			total += w.of(r)
			valid = valid && !isForbidden(r)
		}
		i += size
		if valid && total <= w.max*w.scale {
			end = i
		}
	}
	length := total / w.scale
	return TweetLength{Weighted: length, Valid: valid && length > 0 && length <= w.max,
		Permillage: length * 1000 / w.max, ValidEnd: source(end)}
}

// compose returns the NFC form of a text and a function that leads from a byte of it back to the last place of the
// original at which everything before is the same text.
func compose(s string) (string, func(int) int) {
	if norm.NFC.IsNormalString(s) {
		return s, func(i int) int { return i }
	}
	var out []byte
	var places [][2]int // byte of the composed form → byte of the original
	var it norm.Iter
	for it.InitString(norm.NFC, s); !it.Done(); {
		places = append(places, [2]int{len(out), it.Pos()})
		out = append(out, it.Next()...)
	}
	places = append(places, [2]int{len(out), len(s)})
	return string(out), func(i int) int {
		low, high := 0, len(places)
		for low < high {
			if mid := (low + high) / 2; places[mid][0] <= i {
				low = mid + 1
			} else {
				high = mid
			}
		}
		return places[low-1][1]
	}
}
