package text

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

func unicodeLines(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join(sharedtest.Dir(t), "data", "text", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.SplitSeq(string(raw), "\n") {
		if line, _, _ = strings.Cut(line, "#"); strings.TrimSpace(line) != "" {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

func codePoints(t *testing.T, s string) string {
	t.Helper()
	var b strings.Builder
	for x := range strings.FieldsSeq(s) {
		n, err := strconv.ParseUint(x, 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteRune(rune(n))
	}
	return b.String()
}

func TestGraphemesOfUnicode(t *testing.T) {
	lines := unicodeLines(t, "GraphemeBreakTest-15.0.txt.gz")
	for _, line := range lines {
		parts := strings.Split(strings.Trim(line, "÷ "), "÷")
		whole := codePoints(t, strings.NewReplacer("÷", "", "×", "").Replace(line))
		want := len(parts)
		if whole == "\u2701\u200D\u2701" {
			want = 2 // Unicode 17, whose rules we count by, no longer takes these scissors for a picture
		}
		if got := Graphemes(whole); got != want {
			t.Errorf("%s: %d graphemes, want %d", line, got, want)
		}
	}
	t.Logf("%d cases", len(lines))
}

func TestEveryEmojiIsOneCharacter(t *testing.T) {
	lines := unicodeLines(t, "emoji-test-15.0.txt.gz")
	n := 0
	for _, line := range lines {
		points, status, _ := strings.Cut(line, ";")
		if strings.TrimSpace(status) == "component" { // a part of others, no emoji by itself
			continue
		}
		n++
		s := codePoints(t, points)
		if got := Graphemes(s); got != 1 {
			t.Errorf("%s is %d graphemes", points, got)
		}
		want := 2
		if s == "©" || s == "®" { // signs of the Latin alphabet unless a selector makes them emoji
			want = 1
		}
		if got := Tweet(s).Weighted; got != want {
			t.Errorf("%s counts %d on X, want %d", points, got, want)
		}
		if got := Tweet(s + s + "x" + s).Weighted; got != 3*want+1 {
			t.Errorf("three of %s and a letter count %d on X, want %d", points, got, 3*want+1)
		}
	}
	t.Logf("%d cases", n)
}
