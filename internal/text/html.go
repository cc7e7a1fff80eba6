package text

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// FromHTML returns the text of a piece of HTML as a person reads it: <br> and list items begin a new line, paragraphs
// stand an empty line apart, markup, scripts and styles are gone, character references are resolved. Pictures that
// stand for a character (custom emoji) are their alternative text. The result is text, not safe HTML.
func FromHTML(s string) string {
	var w lineWriter
	skip := 0 // depth inside elements that are not read
	for z := html.NewTokenizer(strings.NewReader(s)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(strings.ToValidUTF8(w.String(), "\uFFFD"))
		case html.TextToken:
			if skip == 0 {
				w.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			switch {
			case unread(t) && t.Type == html.StartTagToken || skip > 0 && t.Type == html.StartTagToken && !void(t.DataAtom):
				skip++
			case skip > 0:
			case t.DataAtom == atom.Br:
				w.br()
			case t.DataAtom == atom.Img:
				w.text(attribute(t, "alt"))
			default:
				w.lines(gap(t.DataAtom))
			}
		case html.EndTagToken:
			t := z.Token()
			if skip > 0 {
				skip--
				continue
			}
			w.lines(gap(t.DataAtom))
		}
	}
}

// unread reports elements whose text is not part of what a person reads, and the notice Mastodon puts before a quote
// for servers that know no quotes.
func unread(t html.Token) bool {
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Head:
		return true
	}
	for class := range strings.FieldsSeq(attribute(t, "class")) {
		if class == "quote-inline" {
			return true
		}
	}
	return false
}

func void(a atom.Atom) bool {
	switch a {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}

// gap returns how many line breaks stand before and after an element: two for blocks of prose, one for lines.
func gap(a atom.Atom) int {
	switch a {
	case atom.P, atom.Blockquote, atom.Ul, atom.Ol, atom.Pre, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Table:
		return 2
	case atom.Li, atom.Div, atom.Tr, atom.Hr, atom.Article, atom.Section:
		return 1
	}
	return 0
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// lineWriter writes text as a browser lays it out: white space is one space, none at the ends of a line.
type lineWriter struct {
	b     strings.Builder
	owed  int  // line breaks to write before the next text
	space bool // a space to write before it
}

func (w *lineWriter) String() string { return w.b.String() }

func (w *lineWriter) text(s string) {
	for _, r := range s {
		if strings.ContainsRune(" \t\r\n\f", r) { // other white space, such as a no-break space, is kept
			w.space = true
			continue
		}
		if w.b.Len() > 0 && w.owed > 0 {
			w.b.WriteString(strings.Repeat("\n", w.owed))
		} else if w.b.Len() > 0 && w.space {
			w.b.WriteByte(' ')
		}
		w.owed, w.space = 0, false
		w.b.WriteRune(r)
	}
}

func (w *lineWriter) br() { w.owed, w.space = w.owed+1, false }

func (w *lineWriter) lines(n int) {
	if n > 0 {
		w.owed, w.space = max(w.owed, n), false
	}
}
