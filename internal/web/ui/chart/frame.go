package chart

import (
	"context"
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// Head is what every chart says in words.
type Head struct {
	ID      string // unique on the page; made from Title when empty
	Title   string
	Summary string // one sentence: what is to be seen
	Zone    string // IANA zone of the times, shown
	Empty   string // said where there is nothing to draw
	Hide    bool   // title only for assistive technology: where a Card names the chart
	Export  string // URL of the data as CSV; none when empty
}

func (h Head) id() string {
	if h.ID != "" {
		return h.ID
	}
	var b strings.Builder
	for _, r := range strings.ToLower(h.Title) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else {
			b.WriteByte('-')
		}
	}
	return "chart-" + b.String()
}

// grid is the table behind a chart.
type grid struct {
	columns []string
	rows    [][]string
}

// legend is one entry of the key: class chooses colour, dash and marker.
type legend struct {
	label, class string
}

// size is one drawing's room in units of a CSS pixel at its intended width.
type size struct {
	w, h float64
	fit  string // "narrow", "middle" or "wide": the class that shows it; "any" always
}

func (s size) narrow() bool { return s.fit == "narrow" }

// threeSizes are a phone's column, half a screen and a whole one.
func threeSizes(narrow, middle, wide float64) []size {
	return []size{{320, narrow, "narrow"}, {540, middle, "middle"}, {860, wide, "wide"}}
}

// canvas collects the marks of one drawing.
type canvas struct {
	strings.Builder
}

// add writes a formatted mark; the caller escapes words with esc.
func (c *canvas) add(format string, args ...any) { fmt.Fprintf(&c.Builder, format, args...) }

func (c *canvas) text(x, y float64, anchor, class, words string) {
	c.add(`<text x="%s" y="%s" text-anchor="%s" class="%s">%s</text>`, n(x), n(y), anchor, class, esc(words))
}

func esc(s string) string { return html.EscapeString(s) }

// n writes a coordinate with at most one decimal.
func n(v float64) string {
	s := strconv.FormatFloat(v, 'f', 1, 64)
	return strings.TrimSuffix(s, ".0")
}

// figure frames drawings with title, key and table. draw makes one drawing's inside.
func figure(kind string, h Head, keys []legend, sizes []size, empty bool, g grid, draw func(s size, c *canvas)) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b canvas
		id := h.id()
		b.add(`<figure class="chart chart-%s" id="%s" aria-labelledby="%s-t">`, kind, esc(id), esc(id))
		titleClass := "chart-title"
		if h.Hide {
			titleClass += " sr-only"
		}
		b.add(`<figcaption class="%s" id="%s-t">%s</figcaption>`, titleClass, esc(id), esc(h.Title))
		if empty {
			words := h.Empty
			if words == "" {
				words = "No data in this period."
			}
			b.add(`<p class="chart-empty">%s</p></figure>`, esc(words))
			_, err := io.WriteString(w, b.String())
			return err
		}
		writeKeys(&b, keys)
		for i, s := range sizes {
			b.add(`<svg class="chart-%s" viewBox="0 0 %s %s" role="img" aria-labelledby="%s-t%d %s-d%d"><title id="%s-t%d">%s</title><desc id="%s-d%d">%s</desc>`,
				s.fit, n(s.w), n(s.h), esc(id), i, esc(id), i, esc(id), i, esc(h.Title), esc(id), i, esc(description(h, g)))
			draw(s, &b)
			b.WriteString(`</svg>`)
		}
		writeTable(&b, h, g)
		b.WriteString(`</figure>`)
		_, err := io.WriteString(w, b.String())
		return err
	})
}

func description(h Head, g grid) string {
	if h.Summary != "" {
		return h.Summary
	}
	return fmt.Sprintf("%d values; the table below the chart lists them.", len(g.rows))
}

func writeKeys(b *canvas, keys []legend) {
	if len(keys) < 2 {
		return
	}
	b.WriteString(`<ul class="chart-keys" aria-hidden="true">`)
	for _, k := range keys {
		b.add(`<li><svg class="chart-key %s" viewBox="0 0 20 10"><line x1="0" y1="5" x2="20" y2="5" class="key-line"/><rect x="4" y="0" width="12" height="10" rx="2" class="key-box"/></svg>%s</li>`, k.class, esc(k.label))
	}
	b.WriteString(`</ul>`)
}

func writeTable(b *canvas, h Head, g grid) {
	b.WriteString(`<details class="chart-data"><summary>Data table</summary>`)
	b.add(`<div class="chart-scroll" tabindex="0" role="region" aria-label="%s, data"><table class="table"><caption class="sr-only">%s</caption><thead><tr>`, esc(h.Title), esc(h.Title))
	for i, c := range g.columns {
		class := ""
		if i > 0 {
			class = ` class="cell-number"`
		}
		b.add(`<th scope="col"%s>%s</th>`, class, esc(c))
	}
	b.WriteString(`</tr></thead><tbody>`)
	for _, row := range g.rows {
		b.WriteString(`<tr>`)
		for i, cell := range row {
			if i == 0 {
				b.add(`<th scope="row">%s</th>`, esc(cell))
			} else {
				b.add(`<td class="cell-number">%s</td>`, esc(cell))
			}
		}
		b.WriteString(`</tr>`)
	}
	b.WriteString(`</tbody></table></div>`)
	if h.Zone != "" {
		b.add(`<p class="chart-note">Times in %s.</p>`, esc(h.Zone))
	}
	if h.Export != "" {
		b.add(`<p><a class="link" href="%s">Download as CSV</a></p>`, esc(string(templ.URL(h.Export))))
	}
	b.WriteString(`</details>`)
}

// series returns the class of the i-th series; after eight the colours repeat, the labels do not.
func series(i int) string { return "series-" + strconv.Itoa(i%8+1) }

// cell writes a value of the table; an unknown one says so.
func cell(v float64, f Format) string {
	if !known(v) {
		return "not known"
	}
	return f(v)
}
