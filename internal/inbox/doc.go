// Package inbox is what people say to the channels: conversations of comments, mentions, direct messages and
// reviews, with their states, assignment, notes and answers.
//
// It promises that an item seen twice exists once, that the cursor of a channel moves in the same transaction as
// what it brought, and that an answer goes out through the journal only (package delivery): once, or shown as
// unconfirmed. A stranger's text is text, whatever it contains.
package inbox
