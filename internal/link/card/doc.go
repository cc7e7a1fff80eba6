// Package card reads what a link shows of itself: title, description and picture of the page behind it.
//
// It promises that addresses of strangers are fetched through the one guarded client only, within five seconds and one
// megabyte, and that what comes back is plain text. A page that gives nothing is no error a person must wait for: the
// post can be saved without a card. It must never follow a page's words into a private network, and keeps nothing.
package card
