package post_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/post"
)

func gapOf(d time.Duration) channel.Change { return channel.Change{MinGap: &d} }

// daily are slots at these minutes of every day.
func daily(minutes ...int) []post.Slot {
	var all []post.Slot
	for day := range 7 {
		for _, m := range minutes {
			all = append(all, post.Slot{Weekday: day, Minute: m})
		}
	}
	return all
}

func TestThePostTakesTheNextFreeSlot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		made := h.draft()
		h.refused(h.posts.Enqueue(ctx, h.actor, made.ID, post.Next, false), fault.Conflict, "no_slots")
		h.slots(daily(8*60, 17*60)...)
		h.at("2026-11-23T17:00") // stands in a slot without having been queued
		got := h.queued()
		if got.Wall != "2026-11-24T08:00" || got.SlotID == "" || got.State != post.Scheduled {
			t.Fatalf("queued at %s, slot %q, %s", got.Wall, got.SlotID, got.State)
		}
		if next := h.queued(); next.Wall != "2026-11-24T17:00" {
			t.Fatalf("the next is at %s", next.Wall)
		}
		h.ok(h.posts.CancelTarget(ctx, h.actor, got.ID))
		if again := h.queued(); again.Wall != "2026-11-24T08:00" {
			t.Fatalf("a cancelled slot is not free again: %s", again.Wall)
		}
	})
}

func TestFirstGoesBeforeEverythingAndTheRestMovesOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.slots(daily(9 * 60)...)
		a, b := h.queued(), h.queued()
		chosen := h.at("2026-11-24T13:00") // not in the queue: keeps its time
		made := h.draft()
		h.ok(h.posts.Enqueue(ctx, h.actor, made.ID, post.First, false))
		got := []string{h.target(made.ID).Wall, h.again(a).Wall, h.again(b).Wall, h.again(chosen).Wall}
		if want := []string{"2026-11-23T09:00", "2026-11-24T09:00", "2026-11-25T09:00", "2026-11-24T13:00"}; !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

func TestQueueAvoidsBlackoutsGapsAndSkippedHours(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.slots(daily(9 * 60)...)
		_, _, err := h.posts.AddBlackout(ctx, h.actor, post.Blackout{Name: "Mourning", StartsAt: h.now, EndsAt: h.now.Add(24 * time.Hour)})
		h.ok(err)
		if got := h.queued(); got.Wall != "2026-11-24T09:00" {
			t.Fatalf("queued into a blackout: %s", got.Wall)
		}
		h.ok(h.channels.Configure(ctx, h.actor, h.ch.ID, gapOf(2*time.Hour)))
		h.at("2026-11-25T10:00")
		if got := h.queued(); got.Wall != "2026-11-26T09:00" {
			t.Fatalf("queued too near to another post: %s", got.Wall)
		}
		h.ok(h.channels.Configure(ctx, h.actor, h.ch.ID, gapOf(0)))
		h.now = time.Date(2027, 3, 28, 0, 0, 0, 0, time.UTC) // the clocks skip from 02:00 to 03:00
		h.slots(daily(2*60+15, 2*60+30, 3*60)...)
		got := []string{h.queued().Wall, h.queued().Wall}
		if want := []string{"2027-03-28T03:00", "2027-03-29T02:15"}; !slices.Equal(got, want) {
			t.Fatalf("on the day of the change: %v, want %v", got, want)
		}
	})
}

func TestSlotsOfAKindTakeOnlyTheirPosts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		slots := daily(9 * 60)
		for i := range slots {
			slots[i].Kind, slots[i].OwnerID = "Stories", "user_7"
		}
		h.slots(append(slots, daily(12*60)...)...)
		plain, story := h.queued(), h.queued("stories")
		if plain.Wall != "2026-11-23T12:00" || story.Wall != "2026-11-23T09:00" {
			t.Fatalf("plain at %s, story at %s", plain.Wall, story.Wall)
		}
		if story.ResponsibleID != "user_7" || plain.ResponsibleID != "user_1" {
			t.Fatalf("responsible: %s, %s", story.ResponsibleID, plain.ResponsibleID)
		}
		for range 5 {
			h.queued()
			h.queued("stories")
		}
		for range 5 {
			h.ok(h.posts.Shuffle(ctx, h.actor, h.ch.ID))
		}
		queue, err := h.posts.Queue(ctx, h.actor, h.ch.ID)
		h.ok(err)
		for _, e := range queue {
			if isStory := e.Tags != "[]"; isStory != (e.Wall[11:] == "09:00") {
				t.Fatalf("shuffling put tags %s at %s", e.Tags, e.Wall)
			}
		}
		h.slots(slots...)
		h.refused(h.posts.Enqueue(ctx, h.actor, h.draft().ID, post.Next, false), fault.Conflict, "no_slots")
	})
}

// TestTwoAddsNeverTakeTheSameSlot lets fifty people add at once (C02).
func TestTwoAddsNeverTakeTheSameSlot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.slots(daily(9*60, 12*60, 17*60)...)
		var made []post.Post
		for range 50 {
			made = append(made, h.draft())
		}
		var wait sync.WaitGroup
		start, failed := make(chan struct{}), make([]error, len(made))
		for i, p := range made {
			wait.Go(func() {
				<-start
				at := post.Next
				if i%5 == 0 {
					at = post.First
				}
				failed[i] = h.posts.Enqueue(ctx, h.actor, p.ID, at, true)
			})
		}
		close(start)
		wait.Wait()
		seen := map[string]bool{}
		for i, p := range made {
			h.ok(failed[i])
			got := h.target(p.ID)
			if seen[got.Wall] || got.SlotID == "" {
				t.Fatalf("two posts stand at %s", got.Wall)
			}
			seen[got.Wall] = true
		}
		if !seen["2026-12-09T12:00"] || len(seen) != 50 { // three a day leave no gap
			t.Fatalf("%d slots, with gaps", len(seen))
		}
	})
}

// TestGapHoldsWhenTwoPlanAtOnce shows that the gap is not slipped through by planning at the same moment.
func TestGapHoldsWhenTwoPlanAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.ok(h.channels.Configure(ctx, h.actor, h.ch.ID, gapOf(time.Hour)))
		var made []post.Post
		for range 10 {
			made = append(made, h.draft())
		}
		var wait sync.WaitGroup
		failed := make([]error, len(made))
		for i, p := range made {
			wait.Go(func() {
				failed[i] = h.posts.Schedule(ctx, h.actor, p.ID, post.Plan{Wall: fmt.Sprintf("2026-11-24T10:%02d", i)})
			})
		}
		wait.Wait()
		planned := 0
		for _, err := range failed {
			if err == nil {
				planned++
			} else {
				h.refused(err, fault.Conflict, "gap")
			}
		}
		if planned != 1 {
			t.Fatalf("%d posts within one gap", planned)
		}
	})
}

func TestC04ReorderingKeepsSlotsAndTouchesNoPost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.slots(daily(9 * 60)...)
		var ids []string
		places := map[string]bool{}
		for range 6 {
			got := h.queued()
			ids, places[got.Wall] = append(ids, got.ID), true
		}
		before, err := h.posts.Get(ctx, h.actor, h.again(post.Target{ID: ids[0]}).PostID)
		h.ok(err)
		check := func(what string, want ...int) {
			t.Helper()
			queue, err := h.posts.Queue(ctx, h.actor, h.ch.ID)
			h.ok(err)
			for i, e := range queue {
				if !places[e.Wall] || e.SlotID == "" || e.ID != ids[want[i]] {
					t.Fatalf("%s: %d is %s at %s, want %d", what, i, e.ID, e.Wall, want[i])
				}
			}
		}
		h.ok(h.posts.Reorder(ctx, h.actor, h.ch.ID, []string{ids[3], ids[1]}))
		check("reorder", 3, 1, 0, 2, 4, 5)
		h.ok(h.posts.MoveInQueue(ctx, h.actor, h.ch.ID, ids[5], "", post.Top))
		check("top", 5, 3, 1, 0, 2, 4)
		h.ok(h.posts.MoveInQueue(ctx, h.actor, h.ch.ID, ids[5], "", post.Down))
		check("down", 3, 5, 1, 0, 2, 4)
		h.ok(h.posts.MoveInQueue(ctx, h.actor, h.ch.ID, ids[4], "", post.Up))
		check("up", 3, 5, 1, 0, 4, 2)
		h.ok(h.posts.MoveInQueue(ctx, h.actor, h.ch.ID, ids[3], "", post.Bottom))
		check("bottom", 5, 1, 0, 4, 2, 3)
		h.ok(h.posts.MoveInQueue(ctx, h.actor, h.ch.ID, ids[2], ids[1], ""))
		check("before", 5, 2, 1, 0, 4, 3)
		h.ok(h.posts.MoveInQueue(ctx, h.actor, h.ch.ID, ids[5], "", post.Up))
		check("up at the top", 5, 2, 1, 0, 4, 3)
		after, err := h.posts.Get(ctx, h.actor, before.ID)
		h.ok(err)
		if after.Version != before.Version || after.State != before.State || !after.UpdatedAt.Equal(before.UpdatedAt) {
			t.Fatalf("reordering touched the post: %+v", after)
		}
		h.ok(h.posts.CancelTarget(ctx, h.actor, ids[1]))
		h.refused(h.posts.MoveInQueue(ctx, h.actor, h.ch.ID, ids[1], "", post.Top), fault.Conflict, "invalid_transition")
	})
}

// TestReorderRacingTheSendDoublesNoSlot takes targets while the queue is being shuffled.
func TestReorderRacingTheSendDoublesNoSlot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.slots(daily(9*60, 17*60)...)
		var all []post.Target
		for range 12 {
			all = append(all, h.queued())
		}
		var wait sync.WaitGroup
		var failed [4]error
		for i := range 3 {
			wait.Go(func() {
				for range 5 {
					if err := h.posts.Shuffle(ctx, h.actor, h.ch.ID); err != nil {
						failed[i] = err
					}
				}
			})
		}
		wait.Go(func() {
			for _, got := range all[:6] {
				if err := h.begin(got); err != nil && !fault.Is(err, fault.Conflict) {
					failed[3] = err
				}
			}
		})
		wait.Wait()
		seen := map[time.Time]bool{}
		for i, got := range all {
			now := h.again(got)
			if seen[now.DueAt] {
				t.Fatalf("two posts stand at %s", now.Wall)
			}
			seen[now.DueAt] = true
			h.ok(failed[i%4])
		}
	})
}

func TestMovingAwayLeavesTheQueueAndOntoASlotEntersIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.slots(daily(9 * 60)...)
		got := h.queued()
		h.ok(h.posts.Move(ctx, h.actor, got.ID, "2026-11-23T14:00", "", false))
		if now := h.again(got); now.SlotID != "" {
			t.Fatalf("moved away, and still in slot %s", now.SlotID)
		}
		h.ok(h.posts.Move(ctx, h.actor, got.ID, "2026-11-29T09:00", "", false))
		if now := h.again(got); now.SlotID == "" {
			t.Fatal("moved onto a slot, and not in the queue")
		}
		slots, err := h.posts.Slots(ctx, h.actor, h.ch.ID)
		h.ok(err)
		h.ok(h.posts.AddSlots(ctx, h.actor, h.ch.ID, []post.Slot{{Weekday: 1, Minute: 9 * 60, Kind: "Stories"}, {Weekday: 1, Minute: 600}}))
		after, err := h.posts.Slots(ctx, h.actor, h.ch.ID)
		h.ok(err)
		if len(after) != len(slots)+1 || after[1].ID != slots[1].ID || after[1].Kind != "Stories" {
			t.Fatalf("slots %+v", after)
		}
		h.ok(h.posts.RemoveSlot(ctx, h.actor, h.ch.ID, after[1].ID))
		h.refused(h.posts.RemoveSlot(ctx, h.actor, h.ch.ID, after[1].ID), fault.NotFound, "")
		if now := h.again(got); now.Wall != "2026-11-29T09:00" {
			t.Fatalf("changing the slots moved a queued post to %s", now.Wall)
		}
		err = h.posts.SetSlots(ctx, h.actor, h.ch.ID, []post.Slot{{Weekday: 7}})
		h.refused(err, fault.Invalid, "")
	})
}

func TestFreeSlotsAreTheGapsOfTheQueue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.slots(daily(9 * 60)...)
		h.queued()
		h.at("2026-11-25T09:00")
		_, _, err := h.posts.AddBlackout(ctx, h.actor, post.Blackout{Name: "Sale", StartsAt: monday.Add(72 * time.Hour), EndsAt: monday.Add(96 * time.Hour)})
		h.ok(err)
		free, err := h.posts.FreeSlots(ctx, h.actor, []channel.Channel{h.ch, h.ch2}, monday.AddDate(0, 0, -3), monday.AddDate(0, 0, 5))
		h.ok(err)
		var walls []string
		for _, f := range free {
			walls = append(walls, f.Wall)
		}
		if want := []string{"2026-11-24T09:00", "2026-11-27T09:00"}; !slices.Equal(walls, want) {
			t.Fatalf("free %v, want %v", walls, want)
		}
	})
}

// TestQueueHoldsItsRules runs random verbs against the queue: no two posts share a slot, nothing leaves the slots, and
// the order is what was asked for.
func TestQueueHoldsItsRules(t *testing.T) {
	database := dbtest.SQLite(t)
	h := build(t, database)
	h.slots(daily(9*60, 12*60)...)
	ctx := context.Background()
	rapid.Check(t, func(rt *rapid.T) {
		queue := func() []post.Entry {
			all, err := h.posts.Queue(ctx, h.actor, h.ch.ID)
			if err != nil {
				rt.Fatal(err)
			}
			return all
		}
		for _, what := range rapid.SliceOfN(rapid.SampledFrom([]string{"next", "first", "shuffle", "top", "up", "bottom", "cancel"}), 1, 8).Draw(rt, "verbs") {
			all := queue()
			pick := ""
			if len(all) > 0 {
				pick = all[rapid.IntRange(0, len(all)-1).Draw(rt, "pick")].ID
			}
			var err error
			switch {
			case what == "next" || what == "first":
				made := h.draft()
				if err = h.posts.Enqueue(ctx, h.actor, made.ID, post.QueueAt(what), true); err == nil && what == "first" && queue()[0].PostID != made.ID {
					rt.Fatal("first is not first")
				}
			case what == "shuffle":
				err = h.posts.Shuffle(ctx, h.actor, h.ch.ID)
			case pick == "":
			case what == "cancel":
				err = h.posts.CancelTarget(ctx, h.actor, pick)
			default:
				err = h.posts.MoveInQueue(ctx, h.actor, h.ch.ID, pick, "", post.To(what))
				if after := queue(); what == "top" && after[0].ID != pick || what == "bottom" && after[len(after)-1].ID != pick {
					rt.Fatalf("%s did not put it there", what)
				}
			}
			if err != nil {
				rt.Fatal(err)
			}
			seen := map[string]bool{}
			for _, e := range queue() {
				if seen[e.Wall] || e.SlotID == "" || e.Wall[11:] != "09:00" && e.Wall[11:] != "12:00" {
					rt.Fatalf("%s after %s: slot %q, doubled %v", e.Wall, what, e.SlotID, seen[e.Wall])
				}
				seen[e.Wall] = true
			}
		}
	})
}
