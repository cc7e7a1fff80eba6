// Package search finds things by the words in them: conversations, contacts and posts, each looked up by its own room.
//
// A room says what is said in a thing, and puts it in the index in the transaction that changes it; the index never
// learns of anything later than the row. Words are made here, by text.Words, and not by the database, so that both
// engines find the same: FTS5 on SQLite and a tsvector on PostgreSQL hold words that are finished.
//
// What a person types is words and nothing else: quotes, stars, AND and brackets are gaps between words. A thing is found
// when it holds each of the words typed, in any order, the last one perhaps only as the beginning of a word: it may still
// be being typed. Capital letters and accents make no difference. Of a thing that holds more than it takes, the first
// texts its room names are found.
//
// It promises: a word of one workspace or kind never finds what belongs to another; what was found is still read through
// the room's own query, with the rights of whoever asks. It must never decide who may see what.
package search
