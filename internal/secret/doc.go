// Package secret keeps what must not be read: tokens of connected channels, signing keys, one-time state.
//
// A sealed value is an AES-256-GCM envelope that names the key it was sealed with and opens only for the row it
// was sealed for, so that a copied database tells nothing and a value moved to another row is refused. Keys live
// outside the database, in a file of the data folder or in BELLWETHER_SECRET_KEYS; the first one seals, all of them
// open, so keys are changed while the program runs: add a key in front, reseal what NeedsRotation names, then drop
// the old one.
//
// It must never log, never put a plain value or a key into an error, and never make up a key where sealed values
// might already exist under another one (an unreadable key file is an error, not a reason for a new file).
package secret
