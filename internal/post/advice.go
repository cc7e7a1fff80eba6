package post

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// advice are the findings that hold on every network: alt text (B07), texts that read badly aloud (B32) and texts that
// were left unfinished (B27).
func advice(spec network.Spec, d network.Draft) []network.Problem {
	var out []network.Problem
	for i, part := range d.Parts {
		add := func(level network.Level, code, field, message, fix string) {
			out = append(out, network.Problem{Level: level, Code: code, Field: field, Part: i, Message: message, Fix: fix})
		}
		for n, m := range part.Media {
			if strings.TrimSpace(m.Alt) == "" && m.Kind != network.Audio && m.Kind != network.Document { // no network takes one for these
				add(network.Warning, "alt_missing", "media", fmt.Sprintf("%s %d has no alt text; people who cannot see it get nothing.", kindWord(m.Kind), n+1), "Describe what it shows in a sentence.")
			}
		}
		own := withoutEntities(part.Text)
		if placeholder := unfinished.FindString(own); placeholder != "" {
			add(network.Error, "unfinished", "text", fmt.Sprintf("The text still holds a placeholder: %s.", placeholder), "Fill it in before scheduling.")
		}
		if shouts(own) {
			add(network.Hint, "all_caps", "text", "The whole text is in capitals; screen readers may spell it out.", "Write it in normal case.")
		}
		if word := doubled(own); word != "" {
			add(network.Hint, "double_word", "text", fmt.Sprintf("“%s %s” stands there twice in a row.", word, word), "Take one out, unless it is meant.")
		}
		if strings.ContainsFunc(own, fancy) {
			add(network.Warning, "fancy_letters", "text", "Some letters are mathematical signs made to look like bold or script; screen readers read them as noise and search does not find them.", "Write them as ordinary letters.")
		}
		if n := emojiRun(own); n > 3 {
			add(network.Hint, "emoji_run", "text", fmt.Sprintf("%d emoji stand in a row; screen readers read each one aloud.", n), "Keep the ones that say something.")
		}
	}
	return out
}

func kindWord(k network.MediaKind) string {
	switch k {
	case network.Video:
		return "Video"
	case network.GIF:
		return "Animation"
	}
	return "Picture"
}

// unfinished are the marks people leave for later.
var unfinished = regexp.MustCompile(`(?i)\{\{[^}]*\}\}|\blorem ipsum\b|\b(?:TODO|TBD|XXX)\b:?|\[(?:link|name|date|url|image|text)[^\]]{0,20}\]`)

// withoutEntities leaves out links, mentions and tags: they are nobody's prose.
func withoutEntities(s string) string {
	var b strings.Builder
	for _, e := range text.Segments(s, text.XEntities(s)) {
		if e.Kind == "" {
			b.WriteString(e.Text)
		}
	}
	return b.String()
}

// shouts reports whether a text of some length has letters with a case and none of them small.
func shouts(s string) bool {
	upper := 0
	for _, r := range s {
		switch {
		case unicode.IsLower(r):
			return false
		case unicode.IsUpper(r):
			upper++
		}
	}
	return upper > 20
}

// doubled returns a word that stands twice in a row on one line, "" when none does.
func doubled(s string) string {
	for line := range strings.Lines(s) {
		before := ""
		for _, word := range strings.Fields(line) {
			if strings.EqualFold(word, before) && len(word) > 1 && strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) < 0 {
				return before
			}
			before = word
		}
	}
	return ""
}

// fancy are the letters of Unicode's mathematical alphabets and enclosed letters.
func fancy(r rune) bool {
	return r >= 0x1D400 && r <= 0x1D7FF || r >= 0x24B6 && r <= 0x24E9 || r >= 0xFF21 && r <= 0xFF5A || r >= 0x1F130 && r <= 0x1F169
}

// emojiRun is the longest row of emoji without a word between.
func emojiRun(s string) int {
	most, run := 0, 0
	for _, r := range s {
		switch {
		case r == 0x200D || r == 0xFE0F || r >= 0x1F3FB && r <= 0x1F3FF: // parts of one emoji
			if r == 0x200D && run > 0 {
				run--
			}
		case r >= 0x1F300 && r <= 0x1FAFF || r >= 0x2600 && r <= 0x27BF:
			run++
		case unicode.IsSpace(r):
		default:
			run = 0
		}
		most = max(most, run)
	}
	return most
}
