// Package signin is how a person comes in: first set-up, sign-in with password and second factor or with a passkey,
// links for a new password, invitations and sign-out.
//
// It promises that nobody learns from an answer who has an account here, and that every way in starts a new session.
package signin
