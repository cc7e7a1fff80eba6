package id

import (
	"sort"
	"testing"
	"time"
)

func TestIDsSortInTheOrderTheyWereMade(t *testing.T) {
	made := make([]string, 2000)
	for i := range made {
		made[i] = New("post")
	}
	if !sort.StringsAreSorted(made) {
		t.Fatal("ids are not in order")
	}
}

func TestOrderSurvivesAClockStepBack(t *testing.T) {
	now := time.Now().Add(time.Hour)
	first := next(now)
	second := next(now.Add(-30 * time.Minute))
	if second <= first {
		t.Fatalf("%s came after %s", second, first)
	}
	mu.Lock()
	last = 0
	mu.Unlock()
}

func TestIsChecksKindAndShape(t *testing.T) {
	for s, want := range map[string]bool{New("post"): true, "post_": false, "chan_01": false, "post_" + "l" + New("x")[3:]: false, "": false} {
		if got := Is(s, "post"); got != want {
			t.Errorf("Is(%q) = %v", s, got)
		}
	}
}

func TestIDOfAnEarlierInstantSortsBeforeWhatIsNew(t *testing.T) {
	now := New("post")
	old := At("post", time.Now().Add(-time.Hour))
	if older := At("post", time.Now().Add(-2*time.Hour)); older >= old || old >= now || !Is(old, "post") {
		t.Errorf("%s, %s, %s", older, old, now)
	}
}
