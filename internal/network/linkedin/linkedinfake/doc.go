// Package linkedinfake is a server that answers as LinkedIn's documentation of its versioned REST API says, for tests:
// it signs in, takes files, posts and comments of a member and of organisations, tells organisations what happens,
// misbehaves on demand and writes everything public into a ledger. It reads texts in LinkedIn's notation and cuts them
// where LinkedIn does, and records every request that lacks a header or has an unknown field.
package linkedinfake
