// Package tiktokfake plays TikTok (Login Kit, Content Posting API, Display API) as the documentation of 2026 describes
// it: tokens that rotate, what a creator may choose, announcements, uploads in pieces, processing and moderation,
// pictures fetched from verified addresses only, and signed calls. It complains about every request that the
// documentation does not allow.
package tiktokfake
