package chart

import "github.com/a-h/templ"

// CurveData describes shares along something that has a length, such as a video: both axes are per cent.
type CurveData struct {
	Head
	At     []float64 // 0 to 1, rising
	Values []float64 // one for each of At, 1 = all
	AtOf   string    // names the length in the table: "Part of the video"
	Label  string    // names the values
}

// Curve draws one line from the beginning to the end. With fewer than two points it says that there is nothing to draw.
func Curve(d CurveData) templ.Component {
	points := min(len(d.At), len(d.Values))
	whole := []Series{{Values: append([]float64{0, 1}, d.Values...)}}
	low, high, _ := extent(whole, false)
	g := grid{columns: []string{d.AtOf, d.Label}}
	for i := range points {
		g.rows = append(g.rows, []string{Percent(d.At[i]), cell(d.Values[i], Percent)})
	}
	return figure("curve", d.Head, nil, threeSizes(200, 220, 240), points < 2, g, func(s size, c *canvas) {
		ticks := axis(low, high, whole)
		p := newPlot(s, ticks, Percent)
		p.horizontal(c, ticks)
		x := func(at float64) float64 { return p.left + p.width*clamp(at, 0, 1) }
		for _, at := range []float64{0, 0.25, 0.5, 0.75, 1} {
			c.text(clamp(x(at), p.left+10, p.left+p.width-14), p.bottom()+17, "middle", "axis", Percent(at))
		}
		path, area := "", "M"+n(x(d.At[0]))+" "+n(p.y(0))
		for i := range points {
			step := "L"
			if i == 0 {
				step = "M"
			}
			path += step + n(x(d.At[i])) + " " + n(p.y(d.Values[i]))
			area += "L" + n(x(d.At[i])) + " " + n(p.y(d.Values[i]))
		}
		c.add(`<g class="series-1"><path class="area" d="%sL%s %sZ"/><path class="line" d="%s"/></g>`, area, n(x(d.At[points-1])), n(p.y(0)), path)
		if !s.narrow() {
			for i := range points {
				c.add(`<circle class="hover series-1" cx="%s" cy="%s" r="7"><title>%s</title></circle>`, n(x(d.At[i])), n(p.y(d.Values[i])), esc("at "+Percent(d.At[i])+": "+Percent(d.Values[i])))
			}
		}
	})
}
