// Package app runs the real binary for tests that judge the whole product from outside: it builds cmd/bellwether,
// starts it on a free port of this machine with a data folder of its own, and ends it with the test.
//
// The program's environment holds nothing of the caller's but PATH and HOME, so that a test means the same everywhere.
// BELLWETHER_BINARY names a ready-built binary; tool/test.sh sets it so that the program is linked once a run.
//
// The package must never be imported by the product, and imports nothing of it: what it knows is the command line.
package app
