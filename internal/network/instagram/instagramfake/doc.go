// Package instagramfake is a server that answers as the Graph API does for professional Instagram accounts, for tests:
// with Facebook's or Instagram's own sign-in, containers that take their time and live a day, a publishing limit,
// comments, tags and messages. It misbehaves on demand and writes everything the account publishes into a ledger.
package instagramfake
