package chart

import "github.com/a-h/templ"

// CompareData describes the same groups in one or several populations, as lying bars below each other.
type CompareData struct {
	Head
	Groups  []string
	Series  []Series // one value for each group; Missing() where a population does not tell it
	GroupOf string   // names the groups in the table: "Age", "Country"
	Shown   int      // how many groups are drawn; the table has all; 0 = all
	Format  Format   // Percent when nil
	More    []Column // further columns of the table
}

// Column is a column of words in a chart's table, one cell for each group.
type Column struct {
	Label string
	Cells []string
}

// Compare draws lying bars. The longest fills the width, so that small shares are still seen.
func Compare(d CompareData) templ.Component {
	f := d.Format
	if f == nil {
		f = Percent
	}
	shown := len(d.Groups)
	if d.Shown > 0 {
		shown = min(shown, d.Shown)
	}
	high, any := 0.0, false
	for _, s := range d.Series {
		for i, v := range s.Values {
			if known(v) && i < shown {
				high, any = max(high, v), true
			}
		}
	}
	var keys []legend
	if len(d.Series) > 1 {
		for i, s := range d.Series {
			keys = append(keys, legend{s.Label, series(i) + " key-bar"})
		}
	}
	const bar, gap, name = 11.0, 3.0, 17.0
	each := name + float64(len(d.Series))*(bar+gap) + 7
	tall := each*float64(shown) + 2
	return figure("compare", d.Head, keys, threeSizes(tall, tall, tall), !any || high == 0, d.table(f), func(s size, c *canvas) {
		const label = 54.0
		for i, group := range d.Groups[:shown] {
			y := each * float64(i)
			c.text(0, y+12, "start", "label", clip(group, int(s.w/7.5)))
			for k, of := range d.Series {
				top := y + name + float64(k)*(bar+gap)
				if i >= len(of.Values) || !known(of.Values[i]) {
					c.text(0, top+bar-1.5, "start", "axis unknown", "not told")
					continue
				}
				v := of.Values[i]
				long := max((s.w-label)*v/high, 1.5)
				c.add(`<rect class="%s bar" x="0" y="%s" width="%s" height="%s" rx="2"><title>%s</title></rect>`, series(k), n(top), n(long), n(bar), esc(group+", "+of.Label+": "+f(v)))
				c.text(long+6, top+bar-1.5, "start", "axis", f(v))
			}
		}
	})
}

// clip cuts a name that would not fit above its bar.
func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

func (d CompareData) table(f Format) grid {
	g := grid{columns: []string{d.GroupOf}}
	for _, s := range d.Series {
		g.columns = append(g.columns, s.Label)
	}
	for _, m := range d.More {
		g.columns = append(g.columns, m.Label)
	}
	for i, group := range d.Groups {
		row := []string{group}
		for _, s := range d.Series {
			v := Missing()
			if i < len(s.Values) {
				v = s.Values[i]
			}
			row = append(row, cell(v, f))
		}
		for _, m := range d.More {
			words := ""
			if i < len(m.Cells) {
				words = m.Cells[i]
			}
			row = append(row, words)
		}
		g.rows = append(g.rows, row)
	}
	return g
}
