// Package threadsfake plays Threads (graph.threads.net and its sign-in) as the documentation of 2026 describes it:
// containers that are processed, published once and forgotten after a day, quotas, replies, mentions, insights, tokens
// that are exchanged and renewed, and webhooks. It complains about every request that the documentation does not allow.
package threadsfake
