package linkedin

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/bellwether-social/bellwether/internal/text"
)

// LinkedIn writes posts in a notation of its own, “little text”: an account is @[Name](urn), a tag {hashtag|\#|word},
// and every other use of its marks has a backslash in front. It cuts a text at the first mark without one.

const marks = `\|{}@[]()<>#*_~`

// aMention is an account in its notation, as a writer may also put it into a text.
var aMention = regexp.MustCompile(`@\[((?:[^\[\]\\]|\\.)+)\]\((urn:li:(?:organization|person):[A-Za-z0-9_-]+)\)`)

var (
	aTag  = regexp.MustCompile(`\{hashtag\|\\?#\|((?:[^{}|\\]|\\.)+)\}`)
	aMark = regexp.MustCompile(`\\([\\|{}@\[\]()<>#*_~])`)
)

// little writes a text in LinkedIn's notation. mentions maps what stands in the text to an id as SearchPeople gives it:
// a URN, # and the name LinkedIn wants to see.
func little(s string, mentions map[string]string) string {
	var b strings.Builder
	from := 0
	for _, at := range aMention.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(littleTags(s[from:at[0]], mentions))
		b.WriteString("@[" + s[at[2]:at[3]] + "](" + s[at[4]:at[5]] + ")")
		from = at[1]
	}
	b.WriteString(littleTags(s[from:], mentions))
	return b.String()
}

func littleTags(s string, mentions map[string]string) string {
	var b strings.Builder
	from := 0
	for _, e := range text.Hashtags(s) {
		b.WriteString(littleNames(s[from:e.Start], mentions) + `{hashtag|\#|` + escaped(e.Value) + "}")
		from = e.End
	}
	b.WriteString(littleNames(s[from:], mentions))
	return b.String()
}

func littleNames(s string, mentions map[string]string) string {
	if len(mentions) == 0 {
		return escaped(s)
	}
	var b strings.Builder
	from := 0
	for _, e := range text.Mentions(s) {
		urn, name, _ := strings.Cut(mentions[e.Text], "#")
		if urn == "" {
			continue
		}
		b.WriteString(escaped(s[from:e.Start]) + "@[" + escaped(cmp.Or(name, e.Value)) + "](" + urn + ")")
		from = e.End
	}
	b.WriteString(escaped(s[from:]))
	return b.String()
}

func escaped(s string) string {
	if !strings.ContainsAny(s, marks) {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(marks, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// plain is what people see of a text in LinkedIn's notation.
func plain(s string) string {
	s = aMention.ReplaceAllString(s, "$1")
	s = aTag.ReplaceAllString(s, `\#$1`)
	return aMark.ReplaceAllString(s, "$1")
}
