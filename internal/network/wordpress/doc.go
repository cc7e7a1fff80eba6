// Package wordpress is the connector of WordPress sites that are reached at their own address, through the REST API
// that comes with WordPress (wp/v2) and an application password.
//
// A post goes out in two calls: it is written as a draft under an address of its own, derived from the delivery, and
// then the draft is published by its number. The first call harms nobody when it is repeated and finds its draft by
// that address; the second may be sent any number of times, because a published post cannot be published again. WordPress
// itself has no such protection: the same post sent twice is two posts, the second under "-2".
//
// It must never make anything public in a call that makes something new, never guess where a site's API is, and never
// send the password to another host than the one the site itself is at.
package wordpress
