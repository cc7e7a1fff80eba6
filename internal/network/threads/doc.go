// Package threads is the connector of Threads, Meta's network for short texts (graph.threads.net).
//
// Every post is made in two calls: a container that nobody sees, and its publication. The container's id is stored
// before it is published, and the network says of a container whether it was; so a lost answer is always looked up and a
// container is never published twice. Publishing in one call (auto_publish_text) is never used: it would leave nothing
// to look up.
//
// Pictures and videos are fetched by Threads from an address of ours, for which the installation must be reachable.
package threads
