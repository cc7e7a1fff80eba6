package chart

import "unicode/utf8"

// plot is the inner room of a drawing with its value scale.
type plot struct {
	left, top, width, height float64
	low, high                float64
	format                   Format
}

// newPlot leaves room at the start side for the longest tick label and below for the axis.
func newPlot(s size, ticks []float64, f Format) plot {
	longest := 0
	for _, t := range ticks {
		longest = max(longest, utf8.RuneCountInString(f(t)))
	}
	left := 10 + float64(longest)*6.6
	return plot{left: left, top: 10, width: s.w - left - 12, height: s.h - 10 - 26, low: ticks[0], high: ticks[len(ticks)-1], format: f}
}

func (p plot) bottom() float64 { return p.top + p.height }

func (p plot) y(v float64) float64 {
	return p.bottom() - p.height*(v-p.low)/(p.high-p.low)
}

// horizontal draws the value axis: a line and a label for each tick, zero stronger.
func (p plot) horizontal(c *canvas, ticks []float64) {
	for _, t := range ticks {
		class := "rule"
		if t == 0 {
			class = "rule zero"
		}
		y := p.y(t)
		c.add(`<line class="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`, class, n(p.left), n(y), n(p.left+p.width), n(y))
		c.text(p.left-7, y+4, "end", "axis", p.format(t))
	}
}

// marker draws the i-th series' own shape, so that colour is not the only difference.
func (c *canvas) marker(i int, x, y float64) {
	switch i % 4 {
	case 0:
		c.add(`<circle class="point" cx="%s" cy="%s" r="4"/>`, n(x), n(y))
	case 1:
		c.add(`<rect class="point" x="%s" y="%s" width="7.5" height="7.5"/>`, n(x-3.75), n(y-3.75))
	case 2:
		c.add(`<path class="point" d="M%s %sl4.8 8.4h-9.6z"/>`, n(x), n(y-5.2))
	case 3:
		c.add(`<path class="point" d="M%s %sl5 5l-5 5l-5-5z"/>`, n(x), n(y-5))
	}
}
