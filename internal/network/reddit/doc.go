// Package reddit connects Reddit accounts: posts of every kind the Data API takes, one community at a time, their first
// comment, the inbox, votes and numbers.
//
// What a community asks for is read when the channel is checked and once more right before a post is sent, so that a
// post that its rules refuse is stopped with the rule and its value. Reddit knows no key against doubles: what became of
// a call without an answer is looked up among the account's own posts and comments, and links are always sent so that
// the community's own memory of links may refuse a second one.
//
// Reddit answers most refusals with 200 and a list of errors; a post with a file is accepted without saying which post
// it became. It must never post to a community nobody chose, never spread one text over many, and never take a post that
// was there before the call for the one that was asked for.
package reddit
