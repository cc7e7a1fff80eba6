// Package nostrfake plays a relay with a media server (Blossom) behind one address. It keeps events as NIP-01, 09, 11,
// 23, 42, 45 and 50 say, keeps a ledger of what became public, misbehaves as it is told, and notes every event that the
// published schemas or its own reading of the specification do not allow.
package nostrfake
