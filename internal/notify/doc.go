// Package notify tells people what needs them: in the app, and by mail what cannot be muted.
//
// It promises that every failure, partial result, expiry and needs-a-person state reaches the responsible person, or
// whoever may deal with it when nobody is named (INV-03); that nobody is told the same thing twice; and that a
// letter collects what happened within a minute, so that a bad hour is one letter and not a hundred.
//
// It must never decide anything about what it tells of, and never hold up the change that it tells of.
package notify
