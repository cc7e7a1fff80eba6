// Package discordfake is an HTTP API that answers as Discord's documentation says, for tests: a server with channels, a
// forum, a bot and webhooks. It takes messages, files, polls and threads, remembers enforced nonces for five minutes,
// misbehaves on demand and writes every message into a ledger.
//
// With the published description (Describe) it checks each request's path, parameters and body against it. Beyond that
// it complains about requests that Discord would take and a careful program never sends: without its own User-Agent,
// without a word on mentions, or to a webhook without waiting.
package discordfake
