// Command bench measures the goals of speed, size and recovery and prints each beside its floor: a few lines of Go that
// do the bare minimum of the same thing, on the same machine, in the same minutes.
//
// It promises that every figure it prints was measured in the run that prints it, that a goal it could not measure says
// why, and that what a goal is judged by is the ratio wherever there is a floor: machines are shared and noisy, and an
// absolute time says little. Nothing in the tests depends on what it finds. docs/performance.md says how to read it.
package main
