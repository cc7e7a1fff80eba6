// Package account knows who a person is: users, passwords, second factors, passkeys, sessions, sign-in links.
//
// It promises: a password is kept only as an argon2id hash, a token only as a hash, a TOTP secret only sealed;
// guessing gets slower with each failure, per account and per address, and unknown users answer like known ones;
// each sign-in gets a new session with an idle and an absolute end; a changed password ends every other session;
// every link and every started ceremony works once.
//
// It must never decide what a person may do (package workspace does), and never log or return a secret other than
// to the one caller that made it.
package account
