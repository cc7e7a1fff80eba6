// Package tiktokbusiness is the connector of TikTok accounts through TikTok API for Business (the Accounts API).
//
// It is another registration than package tiktok's, for accounts that a company owns: posts are public without an audit,
// comments can be read, answered, liked and hidden, and the numbers go further. Videos and pictures are fetched by TikTok
// from a verified address of ours.
//
// Handing a post over has no key against doubles. A post or answer whose acceptance was lost is looked for among the
// account's own; what is not found there is decided by a person and never sent again by itself.
package tiktokbusiness
