// Package networktest is the contract every network keeps, as one suite: Run(t, harness).
//
// The harness brings the network together with a fake of its servers that can misbehave and keeps a ledger. The suite
// drives the network's steps the way the journal does (intent, call, and after a lost answer only what the step's
// kind allows) and compares the ledger: nothing twice, nothing lost, nothing called failed that is live.
package networktest
