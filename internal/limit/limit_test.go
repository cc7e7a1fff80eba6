package limit

import (
	"testing"
	"time"
)

func TestS30ACallerHasSoManyRequestsAMinuteAndNoMore(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	r := PerMinute(60, func() time.Time { return now })
	for n := range 60 {
		if s := r.Take("a"); !s.OK || s.Left != 59-n || s.Limit != 60 {
			t.Fatalf("request %d: %+v", n, s)
		}
	}
	s := r.Take("a")
	if s.OK || s.Left != 0 || s.Refill != time.Second || s.Full != time.Minute {
		t.Errorf("the request too many: %+v", s)
	}
	if !r.Take("b").OK {
		t.Error("one caller's requests count against another")
	}
	now = now.Add(time.Second)
	if !r.Take("a").OK || r.Take("a").OK {
		t.Error("a second brings one request")
	}
	now = now.Add(time.Hour)
	if s := r.Take("a"); !s.OK || s.Left != 59 || len(r.buckets) != 1 {
		t.Errorf("an hour later: %+v, %d callers remembered", s, len(r.buckets))
	}
	now = now.Add(-2 * time.Hour)
	if !r.Take("a").OK {
		t.Error("a clock that steps back locks a caller out")
	}
}

func TestNoLimitLetsEverythingThrough(t *testing.T) {
	for _, r := range []*Rate{nil, PerMinute(0, time.Now)} {
		for range 10_000 {
			if s := r.Take("a"); !s.OK || s.Limit != 0 {
				t.Fatalf("%+v", s)
			}
		}
	}
}
