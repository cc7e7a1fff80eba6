// Package linkedin is the connector of LinkedIn: members and the organisations they administer, by the versioned REST
// API, for an application that the operator registers.
//
// A sign-in opens several accounts: the member (if the application may post for members) and every organisation the
// member administers. What an account is stands in Extra["kind"]; ids are LinkedIn's own URNs.
//
// LinkedIn has no key against doubles. An organisation's lost post is looked for among its posts. A member's posts
// cannot be listed without a right that LinkedIn gives nobody any more, so a member's lost post is for a person to
// decide. Where LinkedIn itself refuses a post as a duplicate and names the one that is live, and that one was made
// after this delivery was due, it is this delivery's: ids carry their time.
//
// It must never send a text with unescaped marks (LinkedIn cuts the post there without a word), and never send a token
// to another host than LinkedIn's.
package linkedin
