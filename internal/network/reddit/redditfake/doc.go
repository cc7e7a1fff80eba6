// Package redditfake plays Reddit: its sign-in, the Data API as one account sees it, and the place that takes files.
// Whatever became public, or was sent to somebody, is in its ledger; faults are programmed by class of call.
//
// It is for tests only.
package redditfake
