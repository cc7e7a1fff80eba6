// Package insight reads the loop: what was published, what came of it in attention, talk, clicks and money, and how
// far the goals are.
//
// It promises that every number carries its definition, base and the time of its data, that a ratio is two sums
// divided, that networks which deliver nothing are named as missing, and that each number opens the rows it was
// computed from. It changes nothing.
package insight
