// Package bluesky connects accounts of the AT Protocol, at whatever server they live: publishing, conversations, acts
// and numbers.
//
// A post is a record in the account's own repository, under a key we choose. The key is derived from the delivery's
// key and the planned time, and the record is written only if there is none under it: sent again, it is one post, and
// whether it is there can be asked exactly. Everything else is read through the account's server, which passes the
// question on to the network's index (the AppView); the index lags a little behind.
//
// It must never speak to any server but the account's own, the handle's and the directory of identities, and never
// take a handle for an identity: the identity's own document must name the handle and the server.
package bluesky
