// Package demo meets the sample workspace as a stranger would: it opens every screen that a link leads to, at both
// widths and in both schemes, and judges what is shown.
package demo
