// Package demo makes the sample workspace: an invented café roastery with a past of five weeks, a calendar ahead and a
// public that goes on living on the sandbox. Everything in it is made through the rooms' own verbs, except the past,
// which is written as it would have been.
package demo
