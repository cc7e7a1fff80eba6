// Package post is what is written and when it goes out: posts, their variants per channel, targets with planned
// times, the calendar, the queue with its slots, and recurrence.
//
// It promises that what the composer shows is what is sent (one compile function feeds both), that nothing a
// person wrote is overwritten silently (every save carries the version it started from), and that a chosen
// wall-clock time stays that wall-clock time across daylight-saving changes. It never calls a network: sending is
// the journal's work (package delivery), which asks here for what is due and reports back what became of it.
package post
