// Package networks runs a brand on every network at once, in the real program and a real browser, against the networks'
// fakes: one post is written, planned, delivered, answered and measured everywhere.
package networks
