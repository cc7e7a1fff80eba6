// Package googlebusiness is the connector of Google Business Profile: the posts, photos and reviews of a place of
// business, of the legacy API (version 4), and its name and numbers, of the APIs that replaced the rest of it.
//
// One sign-in opens every location its person manages; each is an account of its own. A post is made at once and looked
// at by Google afterwards: it counts as published when Google says that it is live. There is no key against doubles, so
// a lost answer is looked up among the location's posts.
//
// It must never publish a post again because a list does not show it, and never take a review's reply for more than one:
// writing a reply replaces the one that is there.
package googlebusiness
