// Package x is the connector of X by version 2 of its API: posts, threads, polls, media, mentions, direct messages and
// numbers, for an application that the operator registers and X charges by the call.
//
// X has no key against doubles. A post whose answer was lost is looked for in the account's own timeline; that X refuses
// a text it published lately is only a hint and proves nothing. The look-up reads no further back than it must, because
// every post that is read costs.
//
// It must never take "not in the timeline" for proof, never resend by itself, and never answer X's check of a webhook
// with a signature that could be mistaken for one over an event.
package x
