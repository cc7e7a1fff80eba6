// Package pinterest connects Pinterest accounts through Pinterest's API v5: pins with a picture, a video or two to five
// pictures, saved pins, and numbers.
//
// Pictures travel inside the one call that makes a pin, so nothing of a pin exists before it is public; only a video is
// uploaded before. Pinterest knows no key against doubles: what became of a call without an answer is looked up among
// the newest pins of the board. The API has no comments and no messages.
//
// It must never put a pin on a board that nobody chose, never make a pin twice by itself, and never take a pin that was
// there before the call for the one that was asked for.
package pinterest
