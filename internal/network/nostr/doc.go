// Package nostr is the connector of Nostr: events, signed by the account's own key, kept by whichever relays take them.
//
// An event's id is the digest of what it says, of who says it and of the second it was said in. Planning fixes all
// three, so a lost answer is settled by sending the same event again: a relay that has it says so. What is the same
// post to two deliveries differs by a number in its tags. Files lie on a media server (Blossom) under their own digest,
// so that their addresses, too, are known beforehand.
//
// Relays are strangers: whatever they deliver is used only if its signature is right and it was asked for. One relay
// that takes an event is enough for it to be published; how many did is told.
//
// It must never write a profile, a list of relays or of followed people, never sign for another key than the account's,
// and never show or send the key.
package nostr
