package preflight

import (
	"hash/fnv"
	"time"
)

// lookAt is when a stage's look at a target is due: its lead before the planned time, and earlier by a share of the
// spread that hangs on the target alone.
func lookAt(due time.Time, s Stage, targetID string) time.Time {
	h := fnv.New32a()
	_, _ = h.Write([]byte(targetID))
	share := time.Duration(uint64(spreads[s].Milliseconds())*uint64(h.Sum32())>>32) * time.Millisecond
	return due.Add(-leads[s] - share)
}

// stageAt is the stage that a look now belongs to. What was planned less than a day ahead is in the first stage until the
// next one comes.
func stageAt(now, due time.Time, targetID string) Stage {
	for s := Minutes; s > Day; s-- {
		if !now.Before(lookAt(due, s, targetID)) {
			return s
		}
	}
	return Day
}

// next is when to look again: at the next stage, and sooner where something stands in the way, so that its notice is
// taken back soon after it was mended. Zero = never.
func next(now, due time.Time, targetID string, failing bool) time.Time {
	var at time.Time
	for s := Minutes; s >= Day; s-- {
		if t := lookAt(due, s, targetID); t.After(now) {
			at = t
		}
	}
	if failing {
		again := now.Add(min(max(due.Sub(now)/24, time.Minute), 10*time.Minute))
		if again.Before(due) && (at.IsZero() || again.Before(at)) {
			return again
		}
	}
	return at
}
