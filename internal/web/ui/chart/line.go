package chart

import (
	"math"
	"time"

	"github.com/a-h/templ"
)

// Series is one line or one layer of bars.
type Series struct {
	Label  string
	Values []float64 // one for each time or category; Missing() where not known
	Pace   bool      // a target or expectation: thin, dashed and grey
	Area   bool      // filled towards zero; for a single series
}

// Note is a dated remark on a time axis.
type Note struct {
	At    time.Time
	Label string
}

// LineData describes values over time.
type LineData struct {
	Head
	Times    []time.Time
	Series   []Series
	Location *time.Location // zone of the axis; UTC when nil
	Layout   string         // of the times in the table; chosen by their distance when empty
	Unit     string         // said in the table head
	Format   Format         // Number when nil
	FromData bool           // the axis need not start at zero: for ratios and followers
	Notes    []Note
}

// Line draws one or several lines over time. Unknown values are gaps.
func Line(d LineData) templ.Component {
	f := orNumber(d.Format)
	zone := d.Location
	if zone == nil {
		zone = time.UTC
	}
	if d.Zone == "" {
		d.Zone = zone.String()
	}
	low, high, any := extent(d.Series, d.FromData)
	var keys []legend
	for i, s := range d.Series {
		keys = append(keys, legend{s.Label, d.class(i)})
	}
	return figure("line", d.Head, keys, threeSizes(210, 240, 270), !any || len(d.Times) == 0, d.table(f, zone), func(s size, c *canvas) {
		d.draw(s, c, low, high, zone)
	})
}

func (d LineData) class(i int) string {
	if d.Series[i].Pace {
		return "series-pace"
	}
	return series(i)
}

func (d LineData) draw(s size, c *canvas, low, high float64, zone *time.Location) {
	ticks := axis(low, high, d.Series)
	p := newPlot(s, ticks, orShort(d.Format))
	p.horizontal(c, ticks)
	from, to := d.Times[0], d.Times[len(d.Times)-1]
	span := to.Sub(from).Seconds()
	x := func(t time.Time) float64 {
		if span == 0 {
			return p.left + p.width/2
		}
		return p.left + p.width*t.Sub(from).Seconds()/span
	}
	want := 8
	if s.narrow() {
		want = 4
	}
	for _, t := range timeScale(from, to, zone, want) {
		at := x(t.at)
		c.add(`<line class="tick" x1="%s" y1="%s" x2="%s" y2="%s"/>`, n(at), n(p.bottom()), n(at), n(p.bottom()+4))
		c.text(clamp(at, p.left+14, p.left+p.width-14), p.bottom()+17, "middle", "axis", t.label)
	}
	for _, note := range d.Notes {
		if note.At.Before(from) || note.At.After(to) {
			continue
		}
		at := x(note.At)
		c.add(`<g class="note"><line x1="%s" y1="%s" x2="%s" y2="%s"/><circle cx="%s" cy="%s" r="3.5"><title>%s</title></circle></g>`,
			n(at), n(p.top), n(at), n(p.bottom()), n(at), n(p.top), esc(note.Label))
	}
	for i := range d.Series {
		d.line(c, p, i, x)
		if !s.narrow() && !d.Series[i].Pace {
			d.hovers(c, p, i, x, zone)
		}
	}
}

// line draws one series as a path with gaps, an area below it where wanted, and a marker for
// each lonely or last point.
func (d LineData) line(c *canvas, p plot, i int, x func(time.Time) float64) {
	s := d.Series[i]
	path, area := "", ""
	var run []int
	flush := func() {
		for k, at := range run {
			step := "L"
			if k == 0 {
				step = "M"
			}
			path += step + n(x(d.Times[at])) + " " + n(p.y(s.Values[at]))
		}
		if len(run) > 1 {
			area += "M" + n(x(d.Times[run[0]])) + " " + n(p.y(max(p.low, 0)))
			for _, at := range run {
				area += "L" + n(x(d.Times[at])) + " " + n(p.y(s.Values[at]))
			}
			area += "L" + n(x(d.Times[run[len(run)-1]])) + " " + n(p.y(max(p.low, 0))) + "Z"
		}
		run = run[:0]
	}
	lonely := []int{}
	last := -1
	for at := range d.Times {
		if at >= len(s.Values) || !known(s.Values[at]) {
			if len(run) == 1 {
				lonely = append(lonely, run[0])
			}
			flush()
			continue
		}
		run = append(run, at)
		last = at
	}
	if len(run) == 1 {
		lonely = append(lonely, run[0])
	}
	flush()
	c.add(`<g class="%s">`, d.class(i))
	if s.Area && area != "" {
		c.add(`<path class="area" d="%s"/>`, area)
	}
	c.add(`<path class="line" d="%s"/>`, path)
	if !s.Pace {
		for _, at := range lonely {
			c.add(`<circle class="point" cx="%s" cy="%s" r="3"/>`, n(x(d.Times[at])), n(p.y(s.Values[at])))
		}
		if last >= 0 {
			c.marker(i, x(d.Times[last]), p.y(s.Values[last]))
		}
	}
	c.add(`</g>`)
}

// hovers gives each point a title for the pointer, while there are few enough to hit. The
// narrow drawing goes without: a finger reads the table.
func (d LineData) hovers(c *canvas, p plot, i int, x func(time.Time) float64, zone *time.Location) {
	if len(d.Times) > 100 {
		return
	}
	s := d.Series[i]
	c.add(`<g class="%s">`, series(i))
	defer c.add(`</g>`)
	f := orNumber(d.Format)
	for at, t := range d.Times {
		if at < len(s.Values) && known(s.Values[at]) {
			c.add(`<circle class="hover" cx="%s" cy="%s" r="7"><title>%s</title></circle>`, n(x(t)), n(p.y(s.Values[at])),
				esc(s.Label+", "+t.In(zone).Format(d.layout())+": "+f(s.Values[at])))
		}
	}
}

func (d LineData) layout() string {
	if d.Layout != "" {
		return d.Layout
	}
	if len(d.Times) > 1 && d.Times[1].Sub(d.Times[0]) < 20*time.Hour {
		return "2 Jan 2006 15:04"
	}
	return "2 Jan 2006"
}

func (d LineData) table(f Format, zone *time.Location) grid {
	g := grid{columns: []string{"Time"}}
	for _, s := range d.Series {
		label := s.Label
		if d.Unit != "" {
			label += " (" + d.Unit + ")"
		}
		g.columns = append(g.columns, label)
	}
	for at, t := range d.Times {
		row := []string{t.In(zone).Format(d.layout())}
		for _, s := range d.Series {
			v := Missing()
			if at < len(s.Values) {
				v = s.Values[at]
			}
			row = append(row, cell(v, f))
		}
		g.rows = append(g.rows, row)
	}
	return g
}

// extent is the range of all known values; unless fromData it includes zero.
func extent(all []Series, fromData bool) (low, high float64, any bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, s := range all {
		for _, v := range s.Values {
			if known(v) {
				low, high, any = min(low, v), max(high, v), true
			}
		}
	}
	if any && !fromData {
		low, high = min(low, 0), max(high, 0)
	}
	return low, high, any
}

// axis chooses ticks; whole numbers get whole ticks.
func axis(low, high float64, all []Series) []float64 {
	for _, s := range all {
		for _, v := range s.Values {
			if known(v) && v != math.Trunc(v) {
				return niceScale(low, high, 4)
			}
		}
	}
	return wholeScale(low, high, 4)
}

func orNumber(f Format) Format {
	if f == nil {
		return Number
	}
	return f
}

func orShort(f Format) Format {
	if f == nil {
		return Short
	}
	return f
}

func clamp(v, low, high float64) float64 { return min(max(v, low), high) }
