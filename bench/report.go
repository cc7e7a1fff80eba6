package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"strings"
	"unicode/utf8"
)

// report prints the table, one line a measurement, in Markdown so that it can be kept as it is.
func report(out io.Writer, o options, cells []cell) {
	engine := "SQLite"
	if o.Database != "" {
		engine = "PostgreSQL"
	}
	fmt.Fprintf(out, "\n%d cores, %s, %s, scale %g, %d rounds\n\n", runtime.NumCPU(), runtime.GOARCH, engine, o.Scale, o.Rounds)
	rows := [][]string{{"goal", "what", "ours", "floor", "ratio", "limit", "verdict"}}
	passed, missed, left := 0, 0, 0
	for _, c := range cells {
		verdict := "**miss**"
		switch {
		case c.skipped != "":
			verdict, left = "not measured here, because "+c.skipped, left+1
		case c.pass:
			verdict, passed = "pass", passed+1
		default:
			missed++
		}
		if c.note != "" {
			verdict += " (" + c.note + ")"
		}
		ratio := "—"
		if c.ratio > 0 {
			ratio = fmt.Sprintf("%.2f×", c.ratio)
		}
		rows = append(rows, []string{c.goal, c.what, cmp.Or(c.ours, "—"), cmp.Or(c.floor, "—"), ratio, cmp.Or(c.limit, "—"), verdict})
	}
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, s := range r[:len(r)-1] {
			widths[i] = max(widths[i], utf8.RuneCountInString(s))
		}
	}
	for n, r := range rows {
		for i, s := range r {
			pad := max(widths[i]-utf8.RuneCountInString(s), 0)
			fmt.Fprint(out, "| ", strings.ReplaceAll(strings.ReplaceAll(s, "\n", " "), "|", "/"), strings.Repeat(" ", pad), " ")
		}
		fmt.Fprintln(out, "|")
		if n == 0 {
			fmt.Fprintln(out, strings.Repeat("|---", len(r))+"|")
		}
	}
	fmt.Fprintf(out, "\n%d pass, %d miss, %d not measured\n", passed, missed, left)
	if o.Scale < 1 {
		fmt.Fprintln(out, "At a scale below 1 a pass is a hint: the goals name the full sizes.")
	}
}
