// Package chart draws accessible SVG charts on the server.
//
// A chart is a title, a one-sentence description, the drawing and, behind it, a table of
// the same numbers. It needs no script. Each drawing is made in three widths, and the
// style sheet shows the one that fits, so that words keep their size on a phone.
//
// A value that is not known is a gap, never a zero: mark it with Missing. Series are told
// apart by colour, by dash or pattern and by marker shape. Values are drawn as given: the
// package rounds, sums and converts nothing.
//
// The package knows nothing of the product's domain and must never read a clock or a
// database.
package chart
