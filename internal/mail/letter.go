package mail

import (
	"bytes"
	_ "embed" // for the layout
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Letter is the one form all our mail has. Its fields hold text in the reader's language; the layout is ours alone
// and no text is ever read as a template or as HTML.
type Letter struct {
	Language   string // BCP 47, "en"
	RTL        bool   // the language runs from right to left
	Subject    string
	Preview    string // what mail programs show beside the subject; "" for the first paragraph
	Greeting   string
	Paragraphs []string
	Facts      []Fact
	Quote      string // someone's words, set apart
	Action     Action // zero: none
	Closing    string
	Footer     string // why the reader gets this
}

// Fact is one line of a small table.
type Fact struct{ Label, Value string }

// Action is the one thing the reader can do.
type Action struct{ Label, URL string }

//go:embed letter.html
var layout string

var page = template.Must(template.New("letter").Parse(layout))

// To renders the letter as a message, HTML and text saying the same.
func (l Letter) To(reader Address) (Message, error) {
	if l.Action != (Action{}) {
		u, err := url.Parse(l.Action.URL)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			return Message{}, fmt.Errorf("write the letter %q: its link is not a web address", l.Subject)
		}
	}
	if l.Language == "" {
		l.Language = "en"
	}
	if l.Preview == "" && len(l.Paragraphs) > 0 {
		l.Preview = l.Paragraphs[0]
	}
	var html bytes.Buffer
	if err := page.Execute(&html, l); err != nil {
		return Message{}, fmt.Errorf("write the letter %q: %w", l.Subject, err)
	}
	return Message{To: reader, Subject: l.Subject, Text: l.text(), HTML: html.String()}, nil
}

// QuoteLines splits the quote for the layout.
func (l Letter) QuoteLines() []string { return strings.Split(strings.TrimSpace(l.Quote), "\n") }

func (l Letter) text() string {
	var blocks []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			blocks = append(blocks, s)
		}
	}
	add(wrap(l.Greeting, ""))
	for _, p := range l.Paragraphs {
		add(wrap(p, ""))
	}
	var facts []string
	for _, f := range l.Facts {
		facts = append(facts, wrap(f.Label+": "+f.Value, ""))
	}
	add(strings.Join(facts, "\n"))
	if l.Quote != "" {
		var lines []string
		for _, line := range l.QuoteLines() {
			lines = append(lines, wrap(line, "> "))
		}
		add(strings.Join(lines, "\n"))
	}
	if l.Action != (Action{}) {
		add(wrap(l.Action.Label+":", "") + "\n" + l.Action.URL)
	}
	add(wrap(l.Closing, ""))
	if l.Footer != "" {
		add("-- \n" + wrap(l.Footer, ""))
	}
	return strings.Join(blocks, "\n\n") + "\n"
}

// wrap breaks text into lines of at most 76 characters, each with the given beginning; longer words stay whole.
func wrap(s, begin string) string {
	var out strings.Builder
	width := 0
	for word := range strings.FieldsSeq(s) {
		n := utf8.RuneCountInString(word)
		switch {
		case width == 0:
			out.WriteString(begin)
			width = len(begin)
		case width+1+n > 76:
			out.WriteString("\n" + begin)
			width = len(begin)
		default:
			out.WriteByte(' ')
			width++
		}
		out.WriteString(word)
		width += n
	}
	if out.Len() == 0 {
		return begin
	}
	return out.String()
}
