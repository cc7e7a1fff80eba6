// Package delivery is the journal: it carries every outward effect out, at most once.
//
// A delivery is the journalled execution of one target, reply, edit or deletion. Its work is a list of steps the
// network planned. Before a step's call its intent is committed; after it, the outcome. When an answer is lost, the
// step's kind alone decides what may happen: repeatable is done again, keyed is looked up and sent again with its key,
// findable is looked up until it is found or a person decides, once is for a person at once. Whoever works on a
// delivery holds its lease and the fencing number that came with it; without them nothing can be written.
//
// It promises: never twice, never lost, never silent. It must never repeat a public call whose outcome it does not
// know, and never show failed what is live.
package delivery
