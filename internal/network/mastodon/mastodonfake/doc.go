// Package mastodonfake is a server that answers as Mastodon's documentation says, for tests: it signs in, takes media
// and statuses, keeps notifications, misbehaves on demand and writes every public status into a ledger.
//
// It can play Mastodon, which honours the Idempotency-Key for an hour, or GoToSocial, which ignores it. With a
// description of the API (Describe) it checks each request's path, method and parameters against it.
package mastodonfake
