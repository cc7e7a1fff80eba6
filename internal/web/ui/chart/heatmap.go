package chart

import (
	"fmt"
	"math"

	"github.com/a-h/templ"
)

// HeatData describes one value for each weekday and hour.
type HeatData struct {
	Head
	Values [7][24]float64 // Monday first; Missing() where not known
	Unit   string
	Format Format
	Low    string // words at the pale end of the key, "fewer" when empty
	High   string
}

var weekdays = [7]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// Heatmap draws seven weekdays by 24 hours in seven steps of one colour.
func Heatmap(d HeatData) templ.Component {
	low, high, any := math.Inf(1), math.Inf(-1), false
	for _, day := range d.Values {
		for _, v := range day {
			if known(v) {
				low, high, any = min(low, v), max(high, v), true
			}
		}
	}
	low = min(low, 0)
	step := func(v float64) int {
		if high == low {
			return 0
		}
		return int(clamp(math.Ceil((v-low)/(high-low)*6), 0, 6))
	}
	return figure("heat", d.Head, nil, threeSizes(216, 216, 216), !any, d.table(), func(s size, c *canvas) {
		const left, top = 34.0, 4.0
		across := (s.w - left) / 24
		down := 25.0
		gap := 2.0
		every := 3
		if s.narrow() {
			gap, every = 1, 6
		}
		f := orNumber(d.Format)
		for day, hours := range d.Values {
			y := top + down*float64(day)
			c.text(left-6, y+down/2+4, "end", "axis", weekdays[day])
			for hour, v := range hours {
				class, words := "heat-none", "not known"
				if known(v) {
					class, words = fmt.Sprintf("heat-%d", step(v)), f(v)
				}
				c.add(`<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="2"><title>%s</title></rect>`,
					class, n(left+across*float64(hour)), n(y), n(across-gap), n(down-gap), esc(fmt.Sprintf("%s %02d:00: %s", weekdays[day], hour, words)))
			}
		}
		for hour := 0; hour < 24; hour += every {
			c.text(left+across*float64(hour), top+down*7+13, "start", "axis", fmt.Sprintf("%02d", hour))
		}
		d.key(c, s, top+down*7+20)
	})
}

// key draws the seven steps between their words.
func (d HeatData) key(c *canvas, s size, y float64) {
	lowWords, highWords := d.Low, d.High
	if lowWords == "" {
		lowWords = "fewer"
	}
	if highWords == "" {
		highWords = "more"
	}
	right := s.w - 8 - float64(len([]rune(highWords)))*6.2
	c.text(s.w, y+11, "end", "axis", highWords)
	for i := range 7 {
		c.add(`<rect class="heat-%d" x="%s" y="%s" width="14" height="12" rx="2"/>`, i, n(right-float64(7-i)*15), n(y+1))
	}
	c.text(right-7*15-6, y+11, "end", "axis", lowWords)
}

func (d HeatData) table() grid {
	f := orNumber(d.Format)
	g := grid{columns: []string{"Hour"}}
	g.columns = append(g.columns, weekdays[:]...)
	for hour := range 24 {
		row := []string{fmt.Sprintf("%02d:00", hour)}
		for day := range 7 {
			row = append(row, cell(d.Values[day][hour], f))
		}
		g.rows = append(g.rows, row)
	}
	return g
}

// Stage is one step of a Funnel.
type Stage struct {
	Label string
	Value float64
}

// FunnelData describes how many go on from stage to stage.
type FunnelData struct {
	Head
	Stages []Stage
	Unit   string
	Format Format
}

// Funnel draws stages as bars from the start side with the share that went on between them.
func Funnel(d FunnelData) templ.Component {
	f := orNumber(d.Format)
	high, any := 0.0, false
	for _, s := range d.Stages {
		if known(s.Value) {
			high, any = max(high, s.Value), true
		}
	}
	tall := float64(len(d.Stages))*58 - 18
	return figure("funnel", d.Head, nil, threeSizes(tall, tall, tall), !any || high == 0, d.table(), func(s size, c *canvas) {
		for i, stage := range d.Stages {
			y := float64(i) * 58
			c.text(0, y+13, "start", "label", stage.Label)
			c.text(s.w, y+13, "end", "label", cell(stage.Value, f))
			c.add(`<rect class="track" x="0" y="%s" width="%s" height="18" rx="3"/>`, n(y+20), n(s.w))
			if known(stage.Value) {
				c.add(`<rect class="series-1 bar" x="0" y="%s" width="%s" height="18" rx="3"><title>%s</title></rect>`, n(y+20), n(max(s.w*stage.Value/high, 2)), esc(stage.Label+": "+f(stage.Value)))
			}
			if i > 0 {
				c.text(s.w*0.6, y+13, "middle", "axis", d.rate(i))
			}
		}
	})
}

// rate says what share of the stage before reached this one.
func (d FunnelData) rate(i int) string {
	before, now := d.Stages[i-1].Value, d.Stages[i].Value
	if !known(before) || !known(now) || before == 0 {
		return "share not known"
	}
	return "↓ " + Percent(now/before) + " went on"
}

func (d FunnelData) table() grid {
	f := orNumber(d.Format)
	value := "Value"
	if d.Unit != "" {
		value = "Value (" + d.Unit + ")"
	}
	g := grid{columns: []string{"Stage", value, "Of the stage before"}}
	for i, s := range d.Stages {
		rate := "–"
		if i > 0 && known(d.Stages[i-1].Value) && known(s.Value) && d.Stages[i-1].Value != 0 {
			rate = Percent(s.Value / d.Stages[i-1].Value)
		}
		g.rows = append(g.rows, []string{s.Label, cell(s.Value, f), rate})
	}
	return g
}
