// Package app builds every part once, starts and stops it, and is the only one that knows them all.
package app
