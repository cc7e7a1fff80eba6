// Package mastodon is the connector of Mastodon and of the servers that speak its client API (GoToSocial, Pleroma,
// Akkoma, Pixelfed, Hometown, …).
//
// What a server is and may do is read when an account is connected and whenever it is checked, and kept in the
// account: its limits, its software (Extra["software"]) and its API version. Only servers whose software is known to
// remember an Idempotency-Key get keyed steps; on all others a lost answer is looked up in the account's own posts.
//
// It must never publish with a visibility nobody chose, never resend a status by itself, and never treat "not in the
// list" as proof that a status does not exist.
package mastodon
