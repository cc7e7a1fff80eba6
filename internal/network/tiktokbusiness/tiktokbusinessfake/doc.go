// Package tiktokbusinessfake plays TikTok API for Business's Accounts API as its documentation of 2026 describes it:
// codes inside answers of status 200, posts that are fetched from verified addresses and looked at before they have an
// id, comments with their replies, tokens that rotate, and signed calls. It complains about every request that the
// documentation does not allow.
package tiktokbusinessfake
