// Package fault holds the kinds of error the whole program agrees on.
//
// A room says what went wrong by kind; the edge (web, API, journal) decides what that means for its reader: a
// status code, a message beside a field, or a retry. Nothing below the edge logs an error or chooses a status.
package fault
