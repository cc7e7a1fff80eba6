// Package threshold does one thing for a post that does well: when a metric of it passes a value within some days, it is
// reposted, commented below, its thread is ended, or a person is advised to pay for more (C31).
//
// It promises that an action is carried out at most once for a post, whichever of its targets passes first and whatever
// breaks meanwhile: that it is done and what does it are one commit, and the journal carries it out (package delivery).
// Whoever may plan the post sees its actions and can stop those that wait. It must never call a network itself, nor spend
// money.
package threshold
