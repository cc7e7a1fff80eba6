package text

import "unicode"

// The classes of characters X's rules for links and tags are written in.

func asciiLetter(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }

func asciiDigit(r rune) bool { return '0' <= r && r <= '9' }

func asciiAlnum(r rune) bool { return asciiLetter(r) || asciiDigit(r) }

func asciiWord(r rune) bool { return asciiAlnum(r) || r == '_' }

func isSpace(r rune) bool {
	return '\t' <= r && r <= '\r' || r == ' ' || r == 0x85 || r == 0xA0 || r == 0x1680 || r == 0x180E ||
		0x2000 <= r && r <= 0x200A || r == 0x2028 || r == 0x2029 || r == 0x202F || r == 0x205F || r == 0x3000
}

// isForbidden reports the characters no post on X may hold.
func isForbidden(r rune) bool { return r == 0xFFFE || r == 0xFEFF || r == 0xFFFF }

func isDirectional(r rune) bool {
	return 0x202A <= r && r <= 0x202E || r == 0x061C || r == 0x200E || r == 0x200F || 0x2066 <= r && r <= 0x2069
}

func isPunct(r rune) bool {
	if r >= 0x80 || r < '!' {
		return false
	}
	return !asciiAlnum(r) && r != '"' && r != '`' && r != 0x7F
}

// latinAccent reports Latin letters beyond ASCII and combining accents.
func latinAccent(r rune) bool {
	switch {
	case r < 0xC0:
		return false
	case r <= 0x24F:
		return r != 0xD7 && r != 0xF7
	case r <= 0x2BB:
		switch r {
		case 0x253, 0x254, 0x256, 0x257, 0x259, 0x25B, 0x263, 0x268, 0x26F, 0x272, 0x289, 0x28B, 0x2BB:
			return true
		}
		return false
	}
	return 0x300 <= r && r <= 0x36F || 0x1E00 <= r && r <= 0x1EFF
}

func cyrillic(r rune) bool { return 0x400 <= r && r <= 0x4FF }

// domainChar reports what a label of a domain may begin and end with: anything that is neither punctuation, space,
// forbidden nor a direction mark. Hyphens and underscores may stand inside.
func domainChar(r rune) bool {
	if r < 0x80 {
		return asciiAlnum(r) || r == '"' || r == '`' || r < ' ' && !isSpace(r) || r == 0x7F
	}
	return !isSpace(r) && !isForbidden(r) && !isDirectional(r)
}

// tagLetter and tagChar are what a hashtag needs one of, and what it may consist of.
func tagLetter(r rune) bool {
	if r < 0x80 {
		return asciiLetter(r)
	}
	return unicode.Is(unicode.L, r) || unicode.Is(unicode.M, r)
}

func tagChar(r rune) bool {
	if r < 0x80 {
		return asciiWord(r)
	}
	switch r {
	case 0x200C, 0x200D, 0xA67E, 0x05BE, 0x05F3, 0x05F4, 0xFF5E, 0x301C, 0x309B, 0x309C, 0x30A0, 0x30FB, 0x3003,
		0x0F0B, 0x0F0C, 0xB7:
		return true
	}
	return tagLetter(r) || unicode.Is(unicode.Nd, r)
}
