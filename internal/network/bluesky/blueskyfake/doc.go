// Package blueskyfake plays an account's server on the AT Protocol together with the index behind it, the identity
// directory and the service of direct messages: repositories with keys, create-only writes, files, threads,
// notifications and counts, with every refusal the real servers were seen to give.
//
// It checks every record and request against the published lexicons where they are at hand (Describe), misbehaves as
// networkfake.Program says, and writes what became public into the ledger. It is lenient nowhere the real servers are
// strict.
package blueskyfake
