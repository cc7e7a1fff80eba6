// Package tiktok is the connector of TikTok for creators (Login Kit, Content Posting API, Display API).
//
// A video is announced (init), which names a publish id, and then uploaded: nothing appears before its last byte is
// there, and the publish id says at any time how far it is. Pictures are announced by their addresses, from which TikTok
// fetches them by itself. An announcement has no key against doubles, so one whose answer was lost is never sent again
// by itself; a person decides.
//
// Nothing is chosen for the creator: there is no default for who sees a post, comments, duets and stitches are off
// until somebody allows them, and what the creator may choose is read from TikTok whenever the account is checked and
// once more before each post.
package tiktok
