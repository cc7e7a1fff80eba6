package post_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/when"
)

// instances are the planned targets of a recurrence by the time planned for them.
func (h *house) instances(r post.Recurrence) map[string]post.Target {
	h.t.Helper()
	posts, err := db.All[struct {
		ID   string `db:"id"`
		Mark string `db:"recurrence_id"`
	}](context.Background(), h.db, `select id, recurrence_id from posts where recurrence_id like $1`, r.ID+"@%")
	if err != nil {
		h.t.Fatal(err)
	}
	out := map[string]post.Target{}
	for _, p := range posts {
		_, planned := post.Instance(p.Mark)
		if _, twice := out[planned]; twice {
			h.t.Fatalf("%s is there twice", planned)
		}
		out[planned] = h.target(p.ID)
	}
	return out
}

func (h *house) repeat(rule, wall string) post.Recurrence {
	h.t.Helper()
	r, err := h.posts.Repeat(context.Background(), h.actor, h.draft().ID, rule, wall, "Europe/Berlin")
	h.ok(err)
	return r
}

func TestC26InstancesAreLaidOutExactlyOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		r := h.repeat("FREQ=WEEKLY;BYDAY=TU", "2026-11-24T10:00")
		if n := len(h.instances(r)); n != 13 {
			t.Fatalf("%d instances in 90 days, want 13", n)
		}
		var wait sync.WaitGroup
		var failed [6]error
		h.now = h.now.AddDate(0, 0, 30)
		for i := range failed {
			wait.Go(func() { failed[i] = h.posts.LayOut(ctx) })
		}
		wait.Wait()
		for _, err := range failed {
			h.ok(err)
		}
		all := h.instances(r)
		if len(all) != 17 {
			t.Fatalf("%d instances after a month, want 17", len(all))
		}
		for planned, got := range all {
			if got.State != post.Scheduled || got.Wall != planned || got.Wall[11:] != "10:00" {
				t.Fatalf("%s is %s at %s", planned, got.State, got.Wall)
			}
		}
		h.ok(h.posts.CancelTarget(ctx, h.actor, all["2027-01-05T10:00"].ID))
		h.ok(h.posts.LayOut(ctx))
		if got := h.instances(r)["2027-01-05T10:00"]; got.State != post.Cancelled {
			t.Fatalf("a cancelled instance came back as %s", got.State)
		}
	})
}

// TestR27R28ARecurrenceKeepsItsClockAcrossTheChange also meets the hour that does not exist.
func TestR27R28ARecurrenceKeepsItsClockAcrossTheChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.now = time.Date(2027, 3, 25, 12, 0, 0, 0, time.UTC)
		nine, night := h.repeat("FREQ=DAILY;COUNT=6", "2027-03-26T09:00"), h.repeat("FREQ=DAILY;COUNT=4", "2027-03-27T02:30")
		for planned, want := range map[string]string{"2027-03-27T09:00": "2027-03-27T08:00:00Z", "2027-03-28T09:00": "2027-03-28T07:00:00Z", "2027-03-31T09:00": "2027-03-31T07:00:00Z"} {
			if got := h.instances(nine)[planned]; got.DueAt.Format(time.RFC3339) != want || got.Wall != planned {
				t.Errorf("%s is due %v at %s", planned, got.DueAt, got.Wall)
			}
		}
		all := h.instances(night)
		if got := all["2027-03-28T02:30"]; got.Wall != "2027-03-28T03:00" || got.DueAt.Format(time.RFC3339) != "2027-03-28T01:00:00Z" || len(all) != 4 {
			t.Errorf("a skipped time runs at %s (%v), of %d", got.Wall, got.DueAt, len(all))
		}
		if got := all["2027-03-29T02:30"]; got.Wall != "2027-03-29T02:30" {
			t.Errorf("the day after runs at %s", got.Wall)
		}
	})
}

func TestOneInstanceIsSkippedMovedAndTheFollowingChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		r := h.repeat("FREQ=DAILY", "2026-11-24T10:00")
		h.ok(h.posts.SkipInstance(ctx, h.actor, r.ID, "2026-11-25T10:00"))
		h.ok(h.posts.MoveInstance(ctx, h.actor, r.ID, "2026-11-26T10:00", "2026-11-26T15:30", false))
		h.refused(h.posts.SkipInstance(ctx, h.actor, r.ID, "2026-11-25T11:00"), fault.NotFound, "")
		h.ok(h.posts.SkipInstance(ctx, h.actor, r.ID, "2027-03-20T10:00")) // not laid out yet
		h.ok(h.posts.MoveInstance(ctx, h.actor, r.ID, "2027-03-21T10:00", "2027-03-21T08:00", false))
		h.now = h.now.AddDate(0, 0, 40)
		h.ok(h.posts.LayOut(ctx))
		all := h.instances(r)
		if all["2026-11-25T10:00"].State != post.Cancelled || all["2026-11-26T10:00"].Wall != "2026-11-26T15:30" || all["2027-03-21T10:00"].Wall != "2027-03-21T08:00" {
			t.Fatalf("skipped is %s, moved at %s and %s", all["2026-11-25T10:00"].State, all["2026-11-26T10:00"].Wall, all["2027-03-21T10:00"].Wall)
		}
		if _, there := all["2027-03-20T10:00"]; there {
			t.Fatal("a skipped time was laid out")
		}
		next, err := h.posts.ChangeFollowing(ctx, h.actor, r.ID, "2027-02-01T10:00", "", "FREQ=WEEKLY;BYDAY=MO", "2027-02-01T18:00")
		h.ok(err)
		h.ok(h.posts.LayOut(ctx))
		for planned, got := range h.instances(r) {
			if planned >= "2027-02-01" && got.State != post.Cancelled || planned < "2027-02-01" && planned != "2026-11-25T10:00" && got.State != post.Scheduled {
				t.Fatalf("%s of the old rule is %s", planned, got.State)
			}
		}
		new := h.instances(next)
		if got := new["2027-02-01T18:00"]; got.State != post.Scheduled || len(new) != 9 {
			t.Fatalf("the new rule has %d instances, the first is %s", len(new), got.State)
		}
		h.refused(h.posts.SkipInstance(ctx, h.actor, r.ID, "2027-02-05T10:00"), fault.NotFound, "")
		h.ok(h.posts.StopRepeating(ctx, h.actor, next.ID, true))
		for planned, got := range h.instances(next) {
			if got.State != post.Cancelled {
				t.Fatalf("%s is %s after the stop", planned, got.State)
			}
		}
		h.now = h.now.AddDate(0, 1, 0)
		h.ok(h.posts.LayOut(ctx))
		if n := len(h.instances(next)); n != len(new) {
			t.Fatalf("a stopped recurrence went on to %d", n)
		}
		running, err := h.posts.Recurrences(ctx, h.actor)
		if err != nil || len(running) != 1 || !strings.HasPrefix(running[0].Describe(), "Every day") {
			t.Fatalf("running: %v, %v", running, err)
		}
	})
}

func TestARecurrenceIsRefusedOrHeldWithItsReason(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		_, err := h.posts.Repeat(ctx, h.actor, h.draft().ID, "FREQ=HOURLY", "2026-11-24T10:00", "Europe/Berlin")
		h.refused(err, fault.Invalid, "")
		empty := h.write(post.Edit{Base: post.Content{Parts: []post.Part{{Text: " "}}}})
		_, err = h.posts.Repeat(ctx, h.actor, empty.ID, "FREQ=DAILY", "2026-11-24T10:00", "Europe/Berlin")
		h.refused(err, fault.Invalid, "empty")
		_, err = h.posts.Repeat(ctx, h.actor, h.at("2026-11-24T10:00").PostID, "FREQ=DAILY", "2026-11-24T10:00", "Europe/Berlin")
		h.refused(err, fault.Conflict, "")
		_, _, err = h.posts.AddBlackout(ctx, h.actor, post.Blackout{Name: "Quiet day", StartsAt: monday.Add(24 * time.Hour), EndsAt: monday.Add(48 * time.Hour)})
		h.ok(err)
		all := h.instances(h.repeat("FREQ=DAILY;COUNT=3", "2026-11-24T10:00"))
		got := all["2026-11-24T10:00"]
		if got.State != post.Held || !strings.Contains(got.HeldReason, "Quiet day") || got.Wall != "2026-11-24T10:00" || got.DueAt.IsZero() {
			t.Fatalf("inside a blackout: %s (%s) at %s", got.State, got.HeldReason, got.Wall)
		}
		if all["2026-11-25T10:00"].State != post.Scheduled {
			t.Fatalf("after it: %s", all["2026-11-25T10:00"].State)
		}
	})
}

// TestRecurrencesInAnyZone draws rules, zones and days: the instances are exactly the rule's days, each at the chosen
// clock time or, where the clocks skip it, at the first minute after the gap.
func TestRecurrencesInAnyZone(t *testing.T) {
	database := dbtest.SQLite(t)
	h := build(t, database)
	ctx := context.Background()
	zones := when.Zones()
	rapid.Check(t, func(rt *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(rt, "zone")
		h.now = time.Date(rapid.IntRange(2026, 2040).Draw(rt, "year"), 1, rapid.IntRange(1, 365).Draw(rt, "day"), 12, 0, 0, 0, time.UTC)
		first := when.Local{Date: when.Day(h.now, time.UTC).AddDays(2), Clock: when.Clock{Hour: rapid.IntRange(0, 23).Draw(rt, "hour"), Minute: rapid.SampledFrom([]int{0, 15, 30}).Draw(rt, "minute")}, Zone: zone}
		count := rapid.IntRange(1, 4).Draw(rt, "count")
		freq, step := "DAILY", 1
		if rapid.Bool().Draw(rt, "weekly") {
			freq, step = "WEEKLY", 7
		}
		r, err := h.posts.Repeat(ctx, h.actor, h.draft().ID, "FREQ="+freq+";COUNT="+string(rune('0'+count)), first.String(), zone)
		if err != nil {
			rt.Fatal(err)
		}
		if rapid.Bool().Draw(rt, "twice") {
			h.ok(h.posts.LayOut(ctx))
		}
		all := h.instances(r)
		var got, want []string
		for planned, target := range all {
			got = append(got, planned)
			at, err := when.First(planned, zone)
			if err != nil || !target.DueAt.Equal(at) || target.Wall != when.Wall(at, zone) || target.State != post.Scheduled {
				rt.Fatalf("%s in %s is %s, due %v at %s (%s), want %v", planned, zone, target.State, target.DueAt, target.Wall, target.HeldReason, at)
			}
		}
		for i := range count {
			want = append(want, first.AddDays(i*step).String())
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			rt.Fatalf("in %s: %v, want %v", zone, got, want)
		}
		h.ok(h.posts.StopRepeating(ctx, h.actor, r.ID, false))
	})
}
