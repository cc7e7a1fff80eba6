// Package arch keeps the architecture by counting and looking, not by review: which room may import which, how large
// things may grow, that every package says what it is. The table of rooms is the rule itself; a new room gets a line in
// it, and moving a line is a decision to be recorded in docs/decisions.
//
// It reads what `go list` and the files say, holds no opinion about style, and must never be imported by the product.
package arch
