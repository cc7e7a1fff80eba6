// Package sim plays the journal's life in one goroutine: a seed decides which calls lose their answer, when the process
// dies, which commits fail, who pauses, cancels, retries and decides, and the far networks' own ledgers say what really
// went out. The same seed gives the same story, a day of it takes a fraction of a second.
//
// It promises to find a second copy, a lost post, a silent end or a delivery that is stuck, if the story has one. It must
// never read the wall clock, sleep, or know how the journal works inside.
package sim
