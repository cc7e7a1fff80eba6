// Package wire speaks Nostr: events with their ids and signatures (NIP-01), references as people write them (NIP-19),
// and relays over websockets, one or several at once, with signing in (NIP-42) and counting (NIP-45).
//
// It says by the error's kind what is known after a failure: fault.Later while nothing was said, fault.Unknown once an
// event may have reached a relay. Everything a relay delivers is checked before anybody else sees it.
package wire
