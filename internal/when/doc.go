// Package when turns the wall-clock times people choose into instants and back.
//
// A person plans "10:00 on 29 March in Europe/Berlin"; the program stores those words next to the instant they mean.
// The package promises one answer for the hours that daylight saving removes or repeats: a time that does not exist
// is refused where a person chose it (At) and runs at the first valid minute after the gap where a rule made it
// (First); a time that happens twice means the first of the two. It carries its own time zone data, so every machine
// gives the same answer.
//
// It must never read the clock, the machine's own zone or the network: every function is a pure function of what it
// is given.
package when
