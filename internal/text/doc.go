// Package text counts, reads, cuts and compares the text of posts the way each network does.
//
// The composer shows what these functions say and publishing acts on the same answer: lengths in the units of a
// network (Graphemes, Tweet, MastodonLength, BlueskyLength), the links, mentions and tags inside (Links, Mentions,
// Hashtags, XEntities, BlueskyFacets), cutting without breaking any of them (Truncate, Split), and comparing (Normalise,
// Fingerprint, Similarity).
//
// Every function is pure, accepts any string, also one that is not valid UTF-8, and reads it in time that grows with
// its length: text comes from strangers. Positions are byte offsets into the UTF-8 string that was passed in.
// The package must never fetch, store or log anything, and never produce HTML.
//
// tlds.txt (top-level domains) is taken from the conformance data of twitter-text (Apache-2.0), emoji.txt (emoji and
// their sequences, without variation selectors) from Unicode's emoji-test 15.0 (Unicode licence).
package text
