package safehttp

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longest is the most a server may make us wait: one that says ten years is mistaken or hostile.
const longest = 24 * time.Hour

// RetryAt returns when a server that refused for now wants to be asked again, in UTC: from Retry-After, else from
// the reset of its rate limit, in any of the spellings in use. Never earlier than said, never later than 24 hours
// after now; zero when the server said nothing understandable. Spreading callers apart is theirs to do.
func RetryAt(h http.Header, now time.Time) time.Time {
	at := parseRetryAfter(h.Get("Retry-After"), now)
	if at.IsZero() {
		at = LimitReset(h, now)
	}
	if at.IsZero() {
		return at
	}
	return within(at, now)
}

func within(at, now time.Time) time.Time {
	if last := now.Add(longest); at.After(last) {
		at = last
	}
	if at.Before(now) {
		at = now
	}
	return at.UTC()
}

func parseRetryAfter(v string, now time.Time) time.Time {
	v = strings.TrimSpace(v)
	if at, ok := seconds(v, now); ok {
		return at
	}
	if at, err := http.ParseTime(v); err == nil {
		return at
	}
	return time.Time{}
}

// LimitReset returns when the server's rate limit starts anew (UTC), or zero. X-RateLimit-Reset and its relatives
// carry RFC 3339 (Mastodon), epoch seconds or milliseconds (X, GitHub, Bluesky) or seconds from now (Reddit and the
// IETF draft); which one is told by its size.
func LimitReset(h http.Header, now time.Time) time.Time {
	for _, name := range []string{"X-Ratelimit-Reset", "X-Rate-Limit-Reset", "Ratelimit-Reset", "X-Ratelimit-Reset-After"} {
		v := strings.TrimSpace(h.Get(name))
		if v == "" {
			continue
		}
		if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return within(at, now)
		}
		if at, err := http.ParseTime(v); err == nil {
			return within(at, now)
		}
		if at, ok := seconds(v, now); ok {
			return within(at, now)
		}
	}
	return time.Time{}
}

// Remaining returns how many calls the server says are left before LimitReset, and whether it said so.
func Remaining(h http.Header) (int64, bool) {
	for _, name := range []string{"X-Ratelimit-Remaining", "X-Rate-Limit-Remaining", "Ratelimit-Remaining"} {
		if n, err := strconv.ParseFloat(strings.TrimSpace(h.Get(name)), 64); err == nil && n >= 0 && n < 1<<53 {
			return int64(n), true
		}
	}
	return 0, false
}

// seconds reads a number as a moment: above 10^11 milliseconds of the epoch, above 10^9 its seconds (no wait is 31
// years long), else from now. Fractions round up, so that we never come early.
func seconds(v string, now time.Time) (time.Time, bool) {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(n) || n < 0 {
		return time.Time{}, false
	}
	switch {
	case n > 1e14:
		return now.Add(longest), true
	case n > 1e11:
		return time.UnixMilli(int64(math.Ceil(n))), true
	case n > 1e9:
		return time.Unix(int64(math.Ceil(n)), 0), true
	case n > longest.Seconds():
		return now.Add(longest), true
	}
	return now.Add(time.Duration(math.Ceil(n * float64(time.Second)))), true
}
