// Package xfake is a server that answers as X's documentation of its API (version 2) says, for tests: it signs in, takes
// media and posts, keeps mentions and direct messages, misbehaves on demand and writes everything public into a ledger.
package xfake
