package text

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Normalise brings a text into the form in which what was sent equals what a network gives back: composed (NFC), every
// run of white space and line breaks one space, none at the ends, invisible marks that networks drop left out.
func Normalise(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD")) {
		switch {
		case invisible(r):
		case unicode.IsSpace(r):
			space = b.Len() > 0
		default:
			if space {
				b.WriteByte(' ')
				space = false
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// invisible reports marks without width or meaning of their own. The joiners that shape emoji and scripts stay.
func invisible(r rune) bool {
	return r == 0x200B || r == 0x2060 || r == 0xFEFF || r == 0xAD || isDirectional(r)
}

// Fingerprint identifies a text by its normalised form: hexadecimal SHA-256.
func Fingerprint(s string) string {
	sum := sha256.Sum256([]byte(Normalise(s)))
	return hex.EncodeToString(sum[:])
}
