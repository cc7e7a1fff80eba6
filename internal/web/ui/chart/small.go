package chart

import (
	"context"
	"io"
	"math"

	"github.com/a-h/templ"
)

// SparkData describes a word-sized line. Label says it in words, as no table stands behind it.
type SparkData struct {
	Label  string // "Reach of the last 14 days, rising"
	Values []float64
	Series int // colour, 1 to 8; 1 when 0
}

// Spark draws a word-sized line with its last value marked. With fewer than two known values
// it draws nothing.
func Spark(d SparkData) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		low, high, any := extent([]Series{{Values: d.Values}}, true)
		if !any || len(d.Values) < 2 {
			return nil
		}
		if low == high {
			low, high = low-1, high+1
		}
		const width, height = 96.0, 32.0
		var c canvas
		path, lift, last := "", true, -1
		at := func(i int) (float64, float64) {
			return 2 + (width-8)*float64(i)/float64(len(d.Values)-1), height - 4 - (height-8)*(d.Values[i]-low)/(high-low)
		}
		for i, v := range d.Values {
			if !known(v) {
				lift = true
				continue
			}
			x, y := at(i)
			step := "L"
			if lift {
				step = "M"
			}
			path += step + n(x) + " " + n(y)
			lift, last = false, i
		}
		x, y := at(last)
		c.add(`<span class="chart"><svg class="spark %s" viewBox="0 0 96 32" role="img" aria-label="%s"><path class="line spark-line" d="%s"/><circle class="point" cx="%s" cy="%s" r="3.5"/></svg></span>`,
			series(max(d.Series, 1)-1), esc(d.Label), path, n(x), n(y))
		_, err := io.WriteString(w, c.String())
		return err
	})
}

// Slice is one part of a whole.
type Slice struct {
	Label string
	Value float64 // not negative; Missing() where not known
}

// ShareData describes parts of a whole.
type ShareData struct {
	Head
	Slices []Slice
	Of     string // names the parts in the table: "Network"
	Unit   string
	Centre string // words in the middle of a Donut; the total when empty
	Format Format
}

func (d ShareData) total() (sum float64, any bool) {
	for _, s := range d.Slices {
		if known(s.Value) && s.Value > 0 {
			sum += s.Value
			any = true
		}
	}
	return sum, any
}

func (d ShareData) keys() []legend {
	var keys []legend
	total, _ := d.total()
	for i, s := range d.Slices {
		words := s.Label
		if known(s.Value) && total > 0 {
			words += " " + Percent(s.Value/total)
		} else {
			words += " (not known)"
		}
		keys = append(keys, legend{words, series(i) + " key-bar"})
	}
	return keys
}

func (d ShareData) table() grid {
	f := orNumber(d.Format)
	total, _ := d.total()
	head := d.Of
	if head == "" {
		head = "Part"
	}
	value := "Value"
	if d.Unit != "" {
		value = "Value (" + d.Unit + ")"
	}
	g := grid{columns: []string{head, value, "Share"}}
	for _, s := range d.Slices {
		share := "not known"
		if known(s.Value) && total > 0 {
			share = Percent(s.Value / total)
		}
		g.rows = append(g.rows, []string{s.Label, cell(s.Value, f), share})
	}
	return g
}

// ShareBar draws the parts of a whole as one lying bar: the exact reading of two or more shares.
func ShareBar(d ShareData) templ.Component {
	total, any := d.total()
	return figure("share", d.Head, d.keys(), threeSizes(34, 34, 34), !any, d.table(), func(s size, c *canvas) {
		x := 0.0
		for i, part := range d.Slices {
			if !known(part.Value) || part.Value <= 0 {
				continue
			}
			width := s.w * part.Value / total
			c.add(`<rect class="%s bar" x="%s" y="2" width="%s" height="30" rx="3"><title>%s</title></rect>`,
				series(i), n(x), n(max(width-2, 1)), esc(part.Label+": "+orNumber(d.Format)(part.Value)+", "+Percent(part.Value/total)))
			if words := Percent(part.Value / total); width > 54 {
				c.text(x+width/2-1, 21, "middle", "on-fill", words)
			}
			x += width
		}
	})
}

// Donut draws the parts of a whole as a ring with the total in its middle; for up to six parts.
func Donut(d ShareData) templ.Component {
	total, any := d.total()
	return figure("donut", d.Head, d.keys(), []size{{180, 180, "any"}}, !any, d.table(), func(s size, c *canvas) {
		const radius, width = 70.0, 24.0
		from := -math.Pi / 2
		for i, part := range d.Slices {
			if !known(part.Value) || part.Value <= 0 {
				continue
			}
			angle := 2 * math.Pi * part.Value / total
			title := esc(part.Label + ": " + orNumber(d.Format)(part.Value) + ", " + Percent(part.Value/total))
			if angle > 2*math.Pi-1e-9 {
				c.add(`<circle class="%s ring" cx="90" cy="90" r="%s" stroke-width="%s"><title>%s</title></circle>`, series(i), n(radius), n(width), title)
				continue
			}
			gap := min(0.02, angle/4)
			x1, y1 := 90+radius*math.Cos(from+gap), 90+radius*math.Sin(from+gap)
			x2, y2 := 90+radius*math.Cos(from+angle-gap), 90+radius*math.Sin(from+angle-gap)
			large := 0
			if angle-2*gap > math.Pi {
				large = 1
			}
			c.add(`<path class="%s ring" stroke-width="%s" d="M%s %sA%s %s 0 %d 1 %s %s"><title>%s</title></path>`,
				series(i), n(width), n(x1), n(y1), n(radius), n(radius), large, n(x2), n(y2), title)
			from += angle
		}
		centre := d.Centre
		if centre == "" {
			centre = orShort(d.Format)(total)
		}
		c.text(90, 94, "middle", "centre", centre)
		if d.Unit != "" {
			c.text(90, 111, "middle", "axis", d.Unit)
		}
	})
}
