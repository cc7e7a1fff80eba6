// Package library is the screen of files (S-ASSETS): adding them, finding them, what they show and where they are used;
// and the one place that hands files to browsers.
//
// It promises that a file is served only to members of its workspace, under a name and type of our own, in a sandbox
// without scripts, and never with what its maker did not mean to say. It must never serve what the library did not
// take in.
package library
