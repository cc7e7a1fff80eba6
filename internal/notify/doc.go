// Package notify tells people what needs them: in the app, and by mail what cannot be muted.
//
// It promises that every failure, partial result, expiry and needs-a-person state reaches the responsible person, and
// who manages the channels besides (INV-03), and that nobody is told the same thing twice.
package notify
