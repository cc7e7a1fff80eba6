// Package lab gives tests the real servers of networks, on this machine, and the people on them: alice, whose account
// the product is connected to, and bob and carol, who answer, favourite, boost and follow.
//
// The servers are installed and started by the scripts of the shared folder's lab; tool/test.sh does both, and a test
// that finds an installed server down starts it. What the people do goes through small clients written here with plain
// net/http, so that the product is judged by code that is not its own.
//
// Servers keep what earlier runs wrote: a test must look for its own texts (Mark makes them unlike any other) and count
// those, never everything. Where a server cannot be had, the test is skipped, except where CI is set: there it fails.
//
// How the people sign in: GoToSocial's tokens are in gotosocial.json and do not expire; on Bluesky As makes a session
// from the app password in bluesky.json, because the sessions in that file end after two hours. Approve plays the
// person who allows the product to connect, where a network does it by OAuth. WordPress takes application passwords,
// made anew whenever the lab's site starts; on Nostr people are their keys.
//
// The package must never be imported by the product, and imports nothing of it but sharedtest.
package lab
