package post_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func TestC03TheEmergencyStopHoldsUntilReleased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.refused(h.posts.StopAll(ctx, h.actor, time.Time{}, "  "), fault.Invalid, "")
		h.refused(h.posts.StopAll(ctx, h.actor, h.now.Add(-time.Hour), "x"), fault.Invalid, "")
		community := h.actor
		community.Name, community.Grants = "Bo", []workspace.RoleGrant{{Role: workspace.Community}}
		analyst := h.actor
		analyst.Grants = []workspace.RoleGrant{{Role: workspace.Analyst}}
		h.refused(h.posts.StopAll(ctx, analyst, time.Time{}, "x"), fault.Forbidden, "")
		h.ok(h.posts.StopAll(ctx, community, time.Time{}, "a legal question"))
		s, err := h.posts.Stopped(ctx, h.actor)
		h.ok(err)
		if !s.Holds(h.now.AddDate(100, 0, 0)) || s.Reason != "Bo: a legal question" {
			t.Fatalf("stopped: %+v", s)
		}
		got := h.at("2026-11-24T10:00") // planning goes on
		h.refused(h.posts.SendNow(ctx, h.actor, got.ID, true), fault.Conflict, "stopped")
		h.refused(h.posts.ReleaseAll(ctx, community), fault.Forbidden, "")
		h.ok(h.posts.ReleaseAll(ctx, h.actor))
		h.ok(h.posts.SendNow(ctx, h.actor, got.ID, true))
		h.ok(h.posts.StopAll(ctx, h.actor, h.now.Add(time.Hour), "an hour"))
		h.now = h.now.Add(61 * time.Minute)
		if s, err := h.posts.Stopped(ctx, h.actor); err != nil || s.Holds(h.now) {
			t.Fatalf("a timed stop did not end: %+v, %v", s, err)
		}
		n, err := db.One[int](ctx, h.db, `select count(*) from events where kind in ('publishing.stopped', 'publishing.released')`)
		if err != nil || n != 3 {
			t.Fatalf("%d events, %v", n, err)
		}
	})
}

func TestC03EachHeldPostIsAskedAbout(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.slots(daily(9 * 60)...)
		held := map[post.Choice]post.Target{}
		for i, c := range []post.Choice{post.ChooseNow, post.ChooseSlot, post.ChooseKeep, post.ChooseCancel} {
			got := h.at(time.Date(2026, 11, 23, 9+i, 30, 0, 0, time.UTC).Format("2006-01-02T15:04"))
			h.settle(got, post.Outcome{State: post.Held, Reason: "club is paused: a break"})
			held[c] = got
		}
		h.now = h.now.Add(3 * time.Hour) // 11:00: the first two are late, the others still ahead
		waiting, err := h.posts.Held(ctx, h.actor, h.ch.ID)
		if err != nil || len(waiting) != 4 || waiting[0].HeldReason != "club is paused: a break" {
			t.Fatalf("held: %v, %v", waiting, err)
		}
		if due, err := h.posts.Due(ctx, h.now.AddDate(1, 0, 0), 10); err != nil || len(due) != 0 {
			t.Fatalf("due without a choice: %v, %v", due, err)
		}
		late := held[post.ChooseNow]
		if err := h.posts.Decide(ctx, h.actor, late.ID, post.ChooseKeep, true); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "in the past") {
			t.Fatalf("keeping a time that is past: %v", err)
		}
		if err := h.posts.Decide(ctx, h.actor, late.ID, "later", true); !fault.Is(err, fault.Invalid) {
			t.Fatalf("an unknown choice: %v", err)
		}
		for c, got := range held {
			h.ok(h.posts.Decide(ctx, h.actor, got.ID, c, true))
		}
		if got := h.again(held[post.ChooseNow]); got.State != post.Scheduled || !got.DueAt.Equal(h.now) || got.HeldReason != "" {
			t.Errorf("send now: %+v", got)
		}
		if got := h.again(held[post.ChooseSlot]); got.State != post.Scheduled || got.Wall != "2026-11-24T09:00" {
			t.Errorf("next slot: %s at %s", got.State, got.Wall)
		}
		if got := h.again(held[post.ChooseKeep]); got.State != post.Scheduled || got.Wall != held[post.ChooseKeep].Wall {
			t.Errorf("keep: %s at %s", got.State, got.Wall)
		}
		if got := h.again(held[post.ChooseCancel]); got.State != post.Cancelled {
			t.Errorf("cancel: %s", got.State)
		}
	})
}

func TestAPausedChannelTakesPlansButSendsNothingAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.ok(h.channels.Pause(ctx, h.actor, h.ch.ID, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), "a break"))
		got := h.at("2026-11-24T10:00")
		h.refused(h.posts.SendNow(ctx, h.actor, got.ID, true), fault.Conflict, "paused")
		h.ok(h.channels.Resume(ctx, h.actor, h.ch.ID))
		h.ok(h.posts.SendNow(ctx, h.actor, got.ID, true))
	})
}

func TestC30ABlackoutHoldsWhatStandsInItAndRefusesMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		inside, before, other := h.at("2026-11-24T10:00"), h.at("2026-11-24T07:59"), h.draft(h.ch2.ID)
		h.ok(h.posts.Schedule(ctx, h.actor, other.ID, post.Plan{Wall: "2026-11-24T10:00"}))
		b := post.Blackout{Name: "Minute of silence", StartsAt: monday.Add(24 * time.Hour), EndsAt: monday.Add(48 * time.Hour), Channels: []string{h.ch.ID}}
		for _, bad := range []post.Blackout{{Name: "", StartsAt: b.StartsAt, EndsAt: b.EndsAt}, {Name: "x", StartsAt: b.EndsAt, EndsAt: b.StartsAt}, {Name: "x", StartsAt: monday.AddDate(-1, 0, 0), EndsAt: monday.AddDate(0, 0, -1)}} {
			if _, _, err := h.posts.AddBlackout(ctx, h.actor, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		creator := h.actor
		creator.Grants = []workspace.RoleGrant{{Role: workspace.Creator}}
		_, _, err := h.posts.AddBlackout(ctx, creator, b)
		h.refused(err, fault.Forbidden, "")
		made, held, err := h.posts.AddBlackout(ctx, h.actor, b)
		if err != nil || held != 1 {
			t.Fatalf("%d held, %v", held, err)
		}
		if got := h.again(inside); got.State != post.Held || got.HeldReason != "blackout: Minute of silence" || h.state(inside.PostID) != post.Held {
			t.Fatalf("inside: %s (%s)", got.State, got.HeldReason)
		}
		if h.again(before).State != post.Scheduled || h.target(other.ID).State != post.Scheduled {
			t.Fatal("what stands outside was held")
		}
		h.refused(h.posts.KeepTime(ctx, h.actor, inside.ID), fault.Conflict, "blackout")
		h.refused(h.posts.Move(ctx, h.actor, before.ID, "2026-11-24T08:00", "", true), fault.Conflict, "blackout")
		h.ok(h.posts.Move(ctx, h.actor, before.ID, "2026-11-25T08:00", "", true)) // its end is not part of it
		list, err := h.posts.Blackouts(ctx, h.actor, monday, monday.AddDate(0, 0, 7))
		if err != nil || len(list) != 1 || list[0].Name != b.Name || !list[0].StartsAt.Equal(b.StartsAt) {
			t.Fatalf("%v, %v", list, err)
		}
		h.ok(h.posts.EndBlackout(ctx, h.actor, made.ID))
		h.refused(h.posts.EndBlackout(ctx, h.actor, made.ID), fault.NotFound, "")
		if got := h.again(inside); got.State != post.Held {
			t.Fatalf("ending the blackout sent without a choice: %s", got.State)
		}
		h.ok(h.posts.KeepTime(ctx, h.actor, inside.ID))
	})
}

func TestR30TheJournalLearnsTheLateWindowOfChannelOrWorkspace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		window := 20 * time.Minute
		change := gapOf(0)
		change.LateWindow = &window
		h.ok(h.channels.Configure(ctx, h.actor, h.ch.ID, change))
		made := h.draft(h.ch.ID, h.ch2.ID)
		h.ok(h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Wall: "2026-11-23T09:00"}))
		next, err := h.posts.NextDue(ctx)
		if err != nil || !next.Equal(monday.Add(time.Hour)) {
			t.Fatalf("next due %v, %v", next, err)
		}
		due, err := h.posts.Due(ctx, next, 10)
		if err != nil || len(due) != 2 {
			t.Fatalf("%v, %v", due, err)
		}
		for _, d := range due {
			if want := map[string]time.Duration{h.ch.ID: window, h.ch2.ID: 2 * time.Hour}[d.ChannelID]; d.LateWindow != want {
				t.Errorf("late window %v, want %v", d.LateWindow, want)
			}
		}
		if due, err := h.posts.Due(ctx, next.Add(-time.Microsecond), 10); err != nil || len(due) != 0 {
			t.Fatalf("due too early: %v, %v", due, err)
		}
	})
}
