package inbox

import (
	"strings"
	"unicode"
)

// wordsOf are the words of a text in lower case. With stars, a * at the end of a word stays with it.
func wordsOf(s string, stars bool) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '’' && !unicode.IsMark(r) && !(stars && r == '*')
	})
}

// common are words that nearly every sentence of a language holds, and few of the others.
var common = map[string][]string{
	"en": {"the", "and", "is", "are", "you", "this", "that", "with", "for", "have", "not", "it", "of", "to", "my", "your"},
	"de": {"der", "das", "und", "ist", "nicht", "ich", "ein", "eine", "mit", "für", "auf", "wir", "ihr", "sie", "den", "auch"},
	"fr": {"le", "les", "et", "est", "pas", "je", "vous", "une", "avec", "pour", "sur", "nous", "dans", "ce", "des", "du"},
	"es": {"el", "los", "y", "es", "no", "yo", "una", "con", "para", "por", "que", "muy", "en", "las", "del", "su"},
	"it": {"il", "gli", "e", "non", "io", "una", "con", "per", "che", "sono", "della", "di", "molto", "questo", "lo", "mi"},
	"nl": {"het", "een", "niet", "ik", "jij", "met", "voor", "op", "wij", "zijn", "dat", "van", "ook", "de", "maar", "je"},
	"pt": {"o", "os", "não", "eu", "uma", "com", "para", "por", "que", "muito", "em", "do", "da", "você", "é", "um"},
	"no": {"og", "er", "ikke", "jeg", "det", "med", "for", "på", "vi", "som", "en", "til", "har", "du", "av", "å"},
}

// languageOf guesses the language of a text by its common words; "" where none stands out. It is a guess only: what
// depends on it must do no harm when it is "".
func languageOf(s string) string {
	found := map[string]int{}
	for _, word := range wordsOf(s, false) {
		for language, list := range common {
			for _, w := range list {
				if w == word {
					found[language]++
				}
			}
		}
	}
	best, next, language := 0, 0, ""
	for l, n := range found {
		switch {
		case n > best:
			best, next, language = n, best, l
		case n > next:
			next = n
		}
	}
	if best < 2 || best <= next {
		return ""
	}
	return language
}
