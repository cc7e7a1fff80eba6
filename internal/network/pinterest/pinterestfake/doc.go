// Package pinterestfake plays Pinterest: its sign-in, the API v5 and the place that takes videos, as Pinterest's
// documents describe them. Whatever became public is in its ledger; faults are programmed by class of call.
//
// It is for tests only.
package pinterestfake
