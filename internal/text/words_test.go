package text

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWords(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "Hello, World": "hello world", "@nordlys_coffee #WinterRoast": "nordlys coffee winterroast", "https://a.example/b?c=1": "https a example b c 1", "o'neil": "o neil",
		"CAFÉ cafe\u0301 Straße Łódź Ærø": "cafe cafe strasse lodz aero", "東京都": "東京 京都 都", "猫": "猫", "a猫b": "a 猫 b", "🎉🎉 ☕️": "🎉 🎉 ☕", "🇩🇪🇫🇷": "🇩🇪 🇫🇷", "½ ²": "1 2 2", "ﬁne": "fine", "한국어": "한국 국어 어",
		"がき": "がき き", "\"*()'%_\\": "", "1️⃣": "1",
	} {
		if got := strings.Join(Words(in), " "); got != want {
			t.Errorf("%q has the words %q, want %q", in, got, want)
		}
	}
	if got := Words(strings.Repeat("x", 500)); len(got) != 1 || len(got[0]) != longestWord {
		t.Errorf("a very long word is %d words", len(got))
	}
}

// Words are what an engine is given as finished: nothing of them may be read as anything else.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"Hello", `"a" AND b*`, "東京都 🇩🇪", "\xff\x00", "o'neil:*", "ก็าİ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		words := Words(s)
		for _, w := range words {
			if w == "" || !utf8.ValidString(w) || strings.ContainsAny(w, " \t\n\x00\"'\\*():&|!") {
				t.Errorf("%q has the word %q", s, w)
			}
		}
		if again := Words(strings.ToUpper(strings.ToLower(s))); utf8.ValidString(s) && ascii(s) && !slices.Equal(words, again) {
			t.Errorf("%q has other words in capital letters: %q and %q", s, words, again)
		}
	})
}
