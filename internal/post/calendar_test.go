package post_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func TestC01TheCalendarShowsWhatIsAskedFor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		from, to := monday.AddDate(0, 0, -1), monday.AddDate(0, 0, 7)
		a, b := h.at("2026-11-24T10:00"), h.at("2026-11-25T10:00")
		h.settle(b, post.Outcome{State: post.Held, Reason: "late"})
		cancelled := h.at("2026-11-26T10:00")
		h.ok(h.posts.CancelTarget(ctx, h.actor, cancelled.ID))
		trashed := h.at("2026-11-26T11:00")
		h.ok(h.posts.Trash(ctx, h.actor, trashed.PostID))
		h.at("2026-12-24T10:00")
		wish := h.at("2026-11-27T10:00")
		h.ok(h.posts.Unschedule(ctx, h.actor, wish.PostID))
		draft := h.draft(h.ch2.ID)
		count := func(what string, f post.Shown, want int) []post.Entry {
			t.Helper()
			got, err := h.posts.Calendar(ctx, h.actor, from, to, f)
			if err != nil || len(got) != want {
				t.Fatalf("%s: %d entries, %v, want %d", what, len(got), err, want)
			}
			return got
		}
		all := count("all", post.Shown{}, 3)
		if all[0].ID != a.ID || all[0].Name() == "" || all[0].ChannelName != h.ch.Name || all[1].HeldReason != "late" || all[2].State != post.Draft {
			t.Fatalf("shown %+v", all)
		}
		count("held", post.Shown{State: post.Held}, 1)
		count("cancelled", post.Shown{State: post.Cancelled}, 1)
		count("channel", post.Shown{ChannelID: h.ch2.ID}, 0)
		count("brand", post.Shown{BrandID: "brand_1"}, 3)
		count("other brand", post.Shown{BrandID: "brand_2"}, 0)
		count("person", post.Shown{PersonID: "user_1"}, 3)
		count("nobody", post.Shown{PersonID: "user_2"}, 0)
		tray, err := h.posts.Tray(ctx, h.actor, post.Shown{}, 10)
		if err != nil || len(tray) != 1 || tray[0].ID != draft.ID {
			t.Fatalf("the tray holds %v, %v", tray, err)
		}
		if tray, err = h.posts.Tray(ctx, h.actor, post.Shown{ChannelID: h.ch.ID}, 10); err != nil || len(tray) != 0 {
			t.Fatalf("the tray of another channel holds %v, %v", tray, err)
		}
		narrow, stranger := h.actor, h.actor
		narrow.Grants = []workspace.RoleGrant{{Role: workspace.Manager, ChannelID: h.ch2.ID}}
		stranger.WorkspaceID = "ws_2"
		for _, who := range []workspace.Actor{narrow, stranger} {
			if got, err := h.posts.Calendar(ctx, who, from, to, post.Shown{}); err != nil || len(got) != 0 {
				t.Fatalf("shown to a stranger: %v, %v", got, err)
			}
			if _, err := h.posts.EntryOf(ctx, who, a.ID); err == nil {
				t.Fatal("a stranger opens an entry")
			}
		}
	})
}

func TestA21AttainmentIsCountedOnTheChannelsCalendar(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.ok(h.posts.SetCadence(ctx, h.actor, h.ch.ID, "week", 5))
		h.ok(h.posts.SetCadence(ctx, h.actor, h.ch.ID, "day", 1))
		h.ok(h.posts.SetCadence(ctx, h.actor, h.ch.ID, "week", 4))
		h.refused(h.posts.SetCadence(ctx, h.actor, h.ch.ID, "year", 4), fault.Invalid, "")
		h.exec(`update workspaces set week_start = 1`)
		for _, wall := range []string{"2026-11-23T23:30", "2026-11-24T10:00"} {
			got := h.at(wall)
			h.settle(got, post.Outcome{State: post.Publishing})
			h.settle(got, post.Outcome{State: post.Published, At: got.DueAt})
		}
		h.at("2026-11-29T23:59") // Sunday in Berlin
		h.at("2026-11-30T00:00") // Monday
		h.ok(h.posts.CancelTarget(ctx, h.actor, h.at("2026-11-27T10:00").ID))
		got, err := h.posts.Attainments(ctx, h.actor, []channel.Channel{h.ch}, h.now)
		if err != nil || len(got) != 2 {
			t.Fatalf("%v, %v", got, err)
		}
		day, week := got[0], got[1]
		if day.Published != 1 || day.Planned != 0 || day.Gap() != 0 || day.Ratio() != 1 {
			t.Errorf("day: %+v", day)
		}
		if week.Posts != 4 || week.Published != 2 || week.Planned != 1 || week.Gap() != 1 || week.Ratio() != 0.5 || week.To.Sub(week.From) != 7*24*time.Hour || week.From.Format(time.RFC3339) != "2026-11-22T23:00:00Z" {
			t.Errorf("week: %+v", week)
		}
		shown, err := h.posts.Calendar(ctx, h.actor, week.From, week.To, post.Shown{ChannelID: h.ch.ID})
		if err != nil || len(shown) != week.Published+week.Planned {
			t.Errorf("the calendar shows %d, the cadence counts %d, %v", len(shown), week.Published+week.Planned, err)
		}
		h.ok(h.posts.SetCadence(ctx, h.actor, h.ch.ID, "month", 30))
		h.now = time.Date(2027, 3, 31, 21, 30, 0, 0, time.UTC) // 23:30 in Berlin, still March
		got, err = h.posts.Attainments(ctx, h.actor, []channel.Channel{h.ch}, h.now)
		h.ok(err)
		if m := got[1]; m.Per != "month" || m.From.Format(time.RFC3339) != "2027-02-28T23:00:00Z" || m.To.Format(time.RFC3339) != "2027-03-31T22:00:00Z" {
			t.Errorf("month: %+v", m)
		}
		h.ok(h.posts.SetCadence(ctx, h.actor, h.ch.ID, "day", 0))
		if got, err = h.posts.Attainments(ctx, h.actor, []channel.Channel{h.ch}, h.now); err != nil || len(got) != 2 {
			t.Errorf("a cadence taken away is still there: %v, %v", got, err)
		}
	})
}

func TestSavedViewsAreOnesOwnOrShared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		other := h.actor
		other.UserID = "user_2"
		mine, err := h.posts.SaveView(ctx, h.actor, post.SavedView{Screen: "calendar", Name: "Held this month", Query: "state=held&view=month"})
		h.ok(err)
		_, err = h.posts.SaveView(ctx, h.actor, post.SavedView{Screen: "calendar", Name: "held THIS month", Query: "state=held"})
		h.ok(err)
		shared, err := h.posts.SaveView(ctx, other, post.SavedView{Screen: "calendar", Name: "Team", Query: "", Shared: true})
		h.ok(err)
		_, err = h.posts.SaveView(ctx, h.actor, post.SavedView{Screen: "calendar", Name: " "})
		h.refused(err, fault.Invalid, "")
		for who, want := range map[string]int{"user_1": 2, "user_2": 1} {
			actor := h.actor
			actor.UserID = who
			if got, err := h.posts.SavedViews(ctx, actor, "calendar"); err != nil || len(got) != want {
				t.Errorf("%s sees %v, %v", who, got, err)
			}
		}
		h.refused(h.posts.DropView(ctx, h.actor, shared.ID), fault.NotFound, "")
		h.refused(h.posts.DropView(ctx, h.actor, mine.ID), fault.NotFound, "") // replaced
		h.ok(h.posts.DropView(ctx, other, shared.ID))
	})
}

// BenchmarkCalendarMonth reads a month of 500 targets (G13: the whole answer within 5 ms).
func BenchmarkCalendarMonth(b *testing.B) {
	h := build(b, dbtest.SQLite(b))
	for i := range 500 {
		made := h.draft()
		h.exec(`update targets set state = 'scheduled', due_at = $2, wall = $3, zone = 'Europe/Berlin', text_plain = $4 where post_id = $1`,
			made.ID, monday.Add(time.Duration(i)*time.Hour), "2026-11-24T10:00", fmt.Sprintf("A text of the usual length about roast %d, with a link that was shortened before.", i))
	}
	for b.Loop() {
		got, err := h.posts.Calendar(context.Background(), h.actor, monday, monday.AddDate(0, 0, 31), post.Shown{})
		if err != nil || len(got) != 500 {
			b.Fatalf("%d, %v", len(got), err)
		}
	}
}

func TestA21GapsAreToldOnceToTheRosteredPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.exec(`update workspaces set week_start = 1`)
		told := func(kind string) []string {
			t.Helper()
			h.ok(h.posts.TellGaps(ctx))
			h.ok(h.posts.TellGaps(ctx))
			data, err := db.All[string](ctx, h.db, `select data from events where kind = $1 order by id`, kind)
			h.ok(err)
			return data
		}
		slots := daily(9 * 60)
		for i := range slots {
			slots[i].OwnerID = "user_7"
		}
		h.slots(slots...)
		h.ok(h.posts.SetCadence(ctx, h.actor, h.ch.ID, "week", 3))
		h.at("2026-11-24T10:00")
		if got := told("cadence.gap"); len(got) != 0 {
			t.Fatalf("told on Monday morning: %v", got)
		}
		if got := told("queue.empty"); len(got) != 1 || !strings.Contains(got[0], "user_7") {
			t.Fatalf("a queue that runs dry: %v", got)
		}
		h.now = h.now.AddDate(0, 0, 4)
		if got := told("cadence.gap"); len(got) != 1 || !strings.Contains(got[0], "2 of 3 posts are missing for the week from Mon 23 Nov") || !strings.Contains(got[0], "user_7") {
			t.Fatalf("on Friday: %v", got)
		}
		h.ok(h.posts.SetCadence(ctx, h.actor, h.ch.ID, "day", 1))
		h.at("2026-11-28T10:00")
		if got := told("cadence.gap"); len(got) != 1 {
			t.Fatalf("tomorrow is covered, and told: %v", got)
		}
		h.now = h.now.AddDate(0, 0, 1)
		if got := told("cadence.gap"); len(got) != 2 || !strings.Contains(got[1], "1 of 1 posts are missing for the day from Sun 29 Nov") {
			t.Fatalf("on the day before an empty one: %v", got)
		}
	})
}
