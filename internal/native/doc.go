// Package native reads what was published outside Bellwether, in the networks' own apps or by other programs (C20).
//
// Every channel whose network lists the account's own posts is read again and again. A post found there becomes a post
// here (post.Import), measured and counted like any other, unless it is what Bellwether published itself: known by its
// id or address, or fitting what the journal still expects. What a person was asked to publish (C15) is confirmed by
// what appears; what may be the outcome of a doubtful call is kept as evidence for the person who decides, and is
// neither adopted nor counted before.
//
// It never calls anything that changes a network, and it counts nothing twice: a native post that turns out later to be
// one of ours is absorbed by it (post.Absorb), and a post that an answer of a person has set free is imported then.
package native
