// Package limit counts requests, so that one caller cannot take what is everybody's.
//
// A caller has a bucket of tokens that fills evenly; a request takes one. Counts live in memory: every replica counts by
// itself, and a restart forgets.
package limit

import (
	"math"
	"sync"
	"time"
)

// Rate limits callers by name.
type Rate struct {
	perMinute float64
	clock     func() time.Time

	mu      sync.Mutex
	buckets map[string]bucket
	swept   time.Time
}

type bucket struct {
	tokens float64
	at     time.Time
}

// PerMinute lets each caller make so many requests a minute, and as many at once; 0 lets everything through.
func PerMinute(n int, clock func() time.Time) *Rate {
	return &Rate{perMinute: float64(n), clock: clock, buckets: map[string]bucket{}}
}

// Standing is where a caller stands after a request.
type Standing struct {
	OK     bool
	Limit  int           // requests a minute; 0 = unlimited
	Left   int           // requests that may follow at once
	Full   time.Duration // until the bucket is full again
	Refill time.Duration // until the next request is let through, where this one was not
}

// Take counts a request of a caller.
func (r *Rate) Take(caller string) Standing {
	if r == nil || r.perMinute <= 0 {
		return Standing{OK: true}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock()
	r.sweep(now)
	b, known := r.buckets[caller]
	if !known {
		b = bucket{tokens: r.perMinute, at: now}
	}
	b.tokens = min(b.tokens+max(now.Sub(b.at), 0).Minutes()*r.perMinute, r.perMinute)
	b.at = now
	s := Standing{Limit: int(r.perMinute), OK: b.tokens >= 1}
	if s.OK {
		b.tokens--
	} else {
		s.Refill = r.until(1 - b.tokens)
	}
	r.buckets[caller] = b
	s.Left, s.Full = int(b.tokens), r.until(r.perMinute-b.tokens)
	return s
}

// until is how long so many tokens take to come.
func (r *Rate) until(tokens float64) time.Duration {
	return time.Duration(math.Ceil(tokens / r.perMinute * float64(time.Minute)))
}

// sweep forgets callers whose buckets are full again.
func (r *Rate) sweep(now time.Time) {
	if age := now.Sub(r.swept); age >= 0 && age < time.Minute {
		return
	}
	r.swept = now
	for caller, b := range r.buckets {
		if now.Sub(b.at) >= time.Minute {
			delete(r.buckets, caller)
		}
	}
}
