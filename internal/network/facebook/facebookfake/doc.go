// Package facebookfake is a server that answers as the Graph API does for Pages, for tests: it signs in, takes pictures,
// videos, reels and stories, keeps comments, recommendations and messages, misbehaves on demand and writes everything a
// Page publishes into a ledger.
package facebookfake
