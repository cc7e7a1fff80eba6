// Package wordpressfake plays a WordPress site: its front page, the part of its REST API (wp/v2) that the connector
// uses, and its habits: addresses made unique when a post is published, comments refused when they say the same twice,
// a trash. It keeps a ledger of what became public, misbehaves as it is told, and notes every request that WordPress
// would not understand.
package wordpressfake
