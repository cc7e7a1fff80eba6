// Package instagram is the connector of professional Instagram accounts (business and creator), signed in with Facebook
// (through the Page the account is linked to) or with Instagram itself.
//
// Everything is published in two phases: a container is made of files that Instagram fetches, asked about until it is
// finished, and published. The container's id makes that exact: its status says whether it was published, and publishing
// one container twice makes no second post.
//
// It must never publish a container without having read its status, and never make a second container for a post whose
// first one may be public.
package instagram
