// Package journal kills the real program in the middle of publishing, again and again, and compares what it says with
// the ledgers of the networks it published to: zero doubles, zero losses, nothing stuck.
//
// The networks are fakes in the test's own process, so that they outlive every kill: servers that honour the
// Idempotency-Key and servers that ignore it, losing answers at random. By default a short run; with CI set, 300 random
// kills and every named crash point eight times on each engine, which is what the whole run has time for.
// BELLWETHER_KILLS and BELLWETHER_CRASHES say otherwise.
//
// A second lab (wide) has a channel of every network, each at its own fake, with the files and settings each of them
// wants; there it is killed 60 times on each engine, or BELLWETHER_WIDE_KILLS times. BELLWETHER_WIDE_SEED chooses
// another story.
package journal
