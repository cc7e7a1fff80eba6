// Package channel keeps the connected channels: which page, profile or account on which network, the grant that
// opens it, its health, its live limits and its budget of calls.
//
// It promises that a grant is stored sealed before anything uses it, that one worker at a time refreshes it, and
// that a channel whose grant is gone holds its queue instead of failing it. It must never hand a grant to anyone
// but the network's own connector.
package channel
