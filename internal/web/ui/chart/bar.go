package chart

import (
	"math"

	"github.com/a-h/templ"
)

// BarData describes values by category. Several series are stacked.
type BarData struct {
	Head
	Categories []string
	Series     []Series
	CategoryOf string // names the categories in the table: "Week", "Channel"
	Unit       string
	Format     Format // Number when nil
}

// Bar draws upright bars, stacked where there are several series. An unknown value leaves its
// part out and is named in the table; a category without any known value is marked.
func Bar(d BarData) templ.Component {
	f := orNumber(d.Format)
	low, high, any := d.stackExtent()
	var keys []legend
	for i, s := range d.Series {
		keys = append(keys, legend{s.Label, series(i) + " key-bar"})
	}
	return figure("bar", d.Head, keys, threeSizes(210, 240, 270), !any, d.table(f), func(s size, c *canvas) {
		d.draw(s, c, low, high)
	})
}

// stackExtent is the range of the stacks' ends, with zero.
func (d BarData) stackExtent() (low, high float64, any bool) {
	for i := range d.Categories {
		up, down := 0.0, 0.0
		for _, s := range d.Series {
			if i < len(s.Values) && known(s.Values[i]) {
				any = true
				up += max(s.Values[i], 0)
				down += min(s.Values[i], 0)
			}
		}
		low, high = min(low, down), max(high, up)
	}
	return low, high, any
}

func (d BarData) draw(s size, c *canvas, low, high float64) {
	ticks := axis(low, high, d.Series)
	p := newPlot(s, ticks, orShort(d.Format))
	p.horizontal(c, ticks)
	slot := p.width / float64(len(d.Categories))
	thick := min(slot*0.68, 44)
	every := labelEvery(d.Categories, slot)
	f := orNumber(d.Format)
	for i, category := range d.Categories {
		middle := p.left + slot*(float64(i)+0.5)
		up, down, seen := 0.0, 0.0, false
		for k, layer := range d.Series {
			if i >= len(layer.Values) || !known(layer.Values[i]) {
				continue
			}
			seen = true
			v := layer.Values[i]
			from := &up
			if v < 0 {
				from = &down
			}
			y1, y2 := p.y(*from), p.y(*from+v)
			*from += v
			if height := math.Abs(y1 - y2); height > 0 {
				c.add(`<rect class="%s bar" x="%s" y="%s" width="%s" height="%s" rx="1.5"><title>%s</title></rect>`,
					series(k), n(middle-thick/2), n(min(y1, y2)), n(thick), n(max(height-stackGap(k), 0.5)), esc(category+", "+layer.Label+": "+f(v)))
			}
		}
		if !seen {
			c.text(middle, p.y(0)-5, "middle", "axis unknown", "?")
		}
		if i%every == 0 {
			c.text(middle, p.bottom()+17, "middle", "axis", category)
		}
	}
}

// stackGap leaves a hair of ground between layers, so that they part without colour.
func stackGap(layer int) float64 {
	if layer == 0 {
		return 0
	}
	return 1.2
}

// labelEvery tells how many categories share one label so that labels do not touch.
func labelEvery(categories []string, slot float64) int {
	longest := 1
	for _, c := range categories {
		longest = max(longest, len([]rune(c)))
	}
	return max(1, int(math.Ceil((float64(longest)*6.4+8)/slot)))
}

func (d BarData) table(f Format) grid {
	head := d.CategoryOf
	if head == "" {
		head = "Category"
	}
	g := grid{columns: []string{head}}
	for _, s := range d.Series {
		label := s.Label
		if d.Unit != "" {
			label += " (" + d.Unit + ")"
		}
		g.columns = append(g.columns, label)
	}
	for i, category := range d.Categories {
		row := []string{category}
		for _, s := range d.Series {
			v := Missing()
			if i < len(s.Values) {
				v = s.Values[i]
			}
			row = append(row, cell(v, f))
		}
		g.rows = append(g.rows, row)
	}
	return g
}
