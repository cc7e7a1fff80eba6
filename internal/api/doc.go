// Package api is the public JSON interface under /api/v1: the same verbs and rights as the screens, described by an
// OpenAPI 3.1 document that is generated from the Go types and served with a browser for it.
//
// It promises problem+json for every refusal, one answer per Idempotency-Key, cursor pages, and that a key never may
// more than the person who made it. It holds no rule and no query of its own.
package api
