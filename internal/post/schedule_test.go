package post_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func TestAPostIsScheduledMovedUnscheduledAndCancelled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		made := h.draft(h.ch.ID, h.ch2.ID)
		h.ok(h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Wall: "2026-11-24T10:00", Walls: map[string]string{h.ch2.ID: "2026-11-24T12:30"}}))
		targets, err := h.posts.Targets(ctx, h.actor, made.ID)
		h.ok(err)
		for _, got := range targets {
			want := map[string]string{h.ch.ID: "2026-11-24T09:00:00Z", h.ch2.ID: "2026-11-24T11:30:00Z"}[got.ChannelID]
			if got.State != post.Scheduled || got.DueAt.Format(time.RFC3339) != want || got.Zone != "Europe/Berlin" || got.ResponsibleID == "" {
				t.Fatalf("scheduled as %+v", got)
			}
		}
		if s := h.state(made.ID); s != post.Scheduled {
			t.Fatalf("the post is %s", s)
		}
		first := targets[0]
		h.ok(h.posts.Move(ctx, h.actor, first.ID, "2026-11-25T08:15", "America/New_York", false))
		if got := h.again(first); got.Wall != "2026-11-25T08:15" || got.DueAt.Format(time.RFC3339) != "2026-11-25T13:15:00Z" {
			t.Fatalf("moved to %+v", got)
		}
		h.ok(h.posts.UnscheduleTarget(ctx, h.actor, first.ID))
		if got := h.again(first); got.State != post.Draft || got.Wall != "2026-11-25T08:15" {
			t.Fatalf("an unscheduled target is %s and wishes %s", got.State, got.Wall)
		}
		h.ok(h.posts.Unschedule(ctx, h.actor, made.ID))
		if s := h.state(made.ID); s != post.Draft {
			t.Fatalf("the post is %s", s)
		}
		h.ok(h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Wall: "2026-11-26T10:00"}))
		h.ok(h.posts.CancelTarget(ctx, h.actor, first.ID))
		if s := h.state(made.ID); s != post.Scheduled {
			t.Fatalf("with one of two targets cancelled the post is %s", s)
		}
		h.ok(h.posts.Cancel(ctx, h.actor, made.ID))
		if s := h.state(made.ID); s != post.Cancelled {
			t.Fatalf("the post is %s", s)
		}
		h.refused(h.posts.Move(ctx, h.actor, first.ID, "2026-11-27T10:00", "", true), fault.Conflict, "invalid_transition")
		h.refused(h.posts.Cancel(ctx, h.actor, made.ID), fault.Conflict, "invalid_transition")
		due, err := h.posts.Due(ctx, h.now.AddDate(1, 0, 0), 10)
		if err != nil || len(due) != 0 {
			t.Fatalf("cancelled, and still due: %v, %v", due, err)
		}
	})
}

func TestARefusalOnOneChannelSchedulesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		long := post.Content{Parts: []post.Part{{Text: strings.Repeat("x", 501)}}}
		made := h.write(post.Edit{Base: post.Content{Parts: []post.Part{{Text: "short"}}}, Channels: []string{h.ch.ID, h.ch2.ID}, Variants: map[string]post.VariantEdit{h.ch2.ID: {Content: &long}}})
		err := h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Wall: "2026-11-24T10:00"})
		h.refused(err, fault.Invalid, "text_too_long")
		if !strings.Contains(err.Error(), h.ch2.Name) {
			t.Errorf("the refusal does not name the channel: %v", err)
		}
		targets, _ := h.posts.Targets(ctx, h.actor, made.ID)
		for _, got := range targets {
			if got.State != post.Draft || !got.DueAt.IsZero() {
				t.Fatalf("something was scheduled: %+v", got)
			}
		}
	})
}

// TestR27R31TimesAtTheEdgesAreAcceptedOrRefusedInClearWords also meets the hour that is skipped and the one that comes twice.
func TestR27R31TimesAtTheEdgesAreAcceptedOrRefusedInClearWords(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		made := h.draft()
		for _, c := range []struct{ wall, zone, due, words string }{
			{"2026-11-23T08:01", "", "2026-11-23T07:01:00Z", ""},
			{"2026-11-23T08:00", "", "2026-11-23T07:00:00Z", ""}, // this very minute
			{"2026-11-23T07:58", "", "", "in the past"},
			{"2020-01-01T10:00", "", "", "in the past"},
			{"2028-02-29T10:00", "", "2028-02-29T09:00:00Z", ""},
			{"2027-02-29T10:00", "", "", "not a date"},
			{"2100-01-01T10:00", "", "", "more than five years away"},
			{"2031-11-21T10:00", "", "2031-11-21T09:00:00Z", ""},
			{"2027-03-28T02:30", "", "", "does not exist in Europe/Berlin"},
			{"2027-10-31T02:30", "", "2027-10-31T00:30:00Z", ""}, // twice: the first
			{"2027-10-31T02:30+01:00", "", "2027-10-31T01:30:00Z", ""},
			{"2027-10-31T02:30+02:00", "", "2027-10-31T00:30:00Z", ""},
			{"2027-10-31T01:30Z", "", "2027-10-31T01:30:00Z", ""},
			{"2027-03-28T02:30", "Asia/Tokyo", "2027-03-27T17:30:00Z", ""},
			{"2027-03-28T10:00", "Europe/Atlantis", "", "not a time zone"},
			{"tomorrow", "", "", "not a date"},
			{"", "", "", "not a date"},
		} {
			err := h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Wall: c.wall, Zone: c.zone})
			if c.words != "" {
				if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.words) {
					t.Errorf("%q in %q: %v, want %q", c.wall, c.zone, err, c.words)
				}
				continue
			}
			if got := h.target(made.ID); err != nil || got.DueAt.Format(time.RFC3339) != c.due {
				t.Errorf("%q in %q: due %s, %v, want %s", c.wall, c.zone, got.DueAt.Format(time.RFC3339), err, c.due)
			}
		}
		err := h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Wall: "2027-03-28T02:30"})
		if hint := fault.As(err).Hint; hint != "Choose 01:59 or 03:00." {
			t.Errorf("a skipped time is answered with %q", hint)
		}
		h.ok(h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Now: true}))
		if got := h.target(made.ID); !got.DueAt.Equal(h.now) {
			t.Errorf("now is %v, want %v", got.DueAt, h.now)
		}
	})
}

func TestMovingByDaysKeepsTheWallClock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		got := h.at("2027-03-27T10:00") // the day before the clocks go forward
		for _, c := range []struct {
			days      int
			wall, due string
		}{
			{1, "2027-03-28T10:00", "2027-03-28T08:00:00Z"},
			{4, "2027-04-01T10:00", "2027-04-01T08:00:00Z"},
			{-5, "2027-03-27T10:00", "2027-03-27T09:00:00Z"},
			{218, "2027-10-31T10:00", "2027-10-31T09:00:00Z"},
			{-31, "2027-09-30T10:00", "2027-09-30T08:00:00Z"},
		} {
			h.ok(h.posts.MoveByDays(ctx, h.actor, got.ID, c.days, false))
			if now := h.again(got); now.Wall != c.wall || now.DueAt.Format(time.RFC3339) != c.due {
				t.Fatalf("%+d days: %s, due %s, want %s, %s", c.days, now.Wall, now.DueAt.Format(time.RFC3339), c.wall, c.due)
			}
		}
		h.ok(h.posts.Move(ctx, h.actor, got.ID, "2027-03-27T02:30", "", false))
		err := h.posts.MoveByDays(ctx, h.actor, got.ID, 1, false)
		if !fault.Is(err, fault.Invalid) || fault.As(err).Hint != "Choose 01:59 or 03:00." {
			t.Fatalf("moving 02:30 onto the day that skips it: %v", err)
		}
		// In New York's terms the target is shown the evening before; by days it still keeps Berlin's clock.
		h.ok(h.posts.Move(ctx, h.actor, got.ID, "2027-03-13T03:00", "", false))
		h.ok(h.posts.MoveByDays(ctx, h.actor, got.ID, 1, false))
		if now := h.again(got); now.Wall != "2027-03-14T03:00" {
			t.Fatalf("moved to %s", now.Wall)
		}
	})
}

func TestTheSecondOfTwoEqualTimesIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		got := h.at("2027-10-31T02:30+01:00")
		h.settle(got, post.Outcome{State: post.Held, Reason: "a pause"})
		h.ok(h.posts.KeepTime(ctx, h.actor, got.ID))
		if now := h.again(got); now.DueAt.Format(time.RFC3339) != "2027-10-31T01:30:00Z" || now.Wall != "2027-10-31T02:30" {
			t.Fatalf("kept %s, due %s", now.Wall, now.DueAt.Format(time.RFC3339))
		}
	})
}

func TestWhatIsBeingSentCannotBeChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		got := h.at("2026-11-24T10:00")
		h.ok(h.begin(got))
		for name, err := range map[string]error{
			"move":     h.posts.Move(ctx, h.actor, got.ID, "2026-11-25T10:00", "", true),
			"days":     h.posts.MoveByDays(ctx, h.actor, got.ID, 1, true),
			"now":      h.posts.SendNow(ctx, h.actor, got.ID, true),
			"cancel":   h.posts.Cancel(ctx, h.actor, got.PostID),
			"target":   h.posts.CancelTarget(ctx, h.actor, got.ID),
			"unplan":   h.posts.Unschedule(ctx, h.actor, got.PostID),
			"queue":    h.posts.EnqueueTarget(ctx, h.actor, got.ID, post.Next, true),
			"keep":     h.posts.KeepTime(ctx, h.actor, got.ID),
			"begin":    h.begin(got),
			"schedule": h.posts.Schedule(ctx, h.actor, got.PostID, post.Plan{Wall: "2026-11-26T10:00"}),
		} {
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if now := h.again(got); now.State != post.Publishing || now.Wall != got.Wall {
			t.Fatalf("the target is %s at %s", now.State, now.Wall)
		}
	})
}

// TestR9CancelRacingTheSend lets many cancels, moves and one send race for each target: exactly one side wins.
func TestR9CancelRacingTheSend(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		for range 8 {
			got := h.at("2026-11-24T10:00")
			var wait sync.WaitGroup
			start := make(chan struct{})
			var cancelled, begun error
			race := func(err *error, do func() error) {
				wait.Go(func() { <-start; *err = do() })
			}
			var moved [4]error
			race(&cancelled, func() error { return h.posts.CancelTarget(ctx, h.actor, got.ID) })
			race(&begun, func() error { return h.begin(got) })
			for i := range moved {
				race(&moved[i], func() error { return h.posts.Move(ctx, h.actor, got.ID, "2026-11-24T10:05", "", true) })
			}
			close(start)
			wait.Wait()
			for _, err := range append(moved[:], cancelled, begun) {
				if err != nil && !fault.Is(err, fault.Conflict) {
					t.Fatalf("neither done nor refused: %v", err)
				}
			}
			now := h.again(got)
			switch {
			case cancelled == nil && begun == nil:
				t.Fatal("cancelled was said, and it was sent")
			case cancelled == nil && now.State != post.Cancelled, begun == nil && now.State != post.Publishing:
				t.Fatalf("cancel: %v, begin: %v, and the target is %s", cancelled, begun, now.State)
			case cancelled != nil && now.State == post.Cancelled:
				t.Fatal("cancelled although the cancel was refused")
			}
			if now.State == post.Publishing {
				h.settle(now, post.Outcome{State: post.Published, At: h.now})
			}
		}
	})
}

func TestDuplicatesOnAChannelAsk(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		same := post.Edit{Base: post.Content{Parts: []post.Part{{Text: "Two places left in Thursday's class https://a.example/x"}}}}
		first, second := h.write(same), h.write(same)
		h.ok(h.posts.Schedule(ctx, h.actor, first.ID, post.Plan{Wall: "2026-11-24T10:00"}))
		h.refused(h.posts.Schedule(ctx, h.actor, second.ID, post.Plan{Wall: "2026-11-24T18:00"}), fault.Conflict, "duplicate")
		h.ok(h.posts.Schedule(ctx, h.actor, second.ID, post.Plan{Wall: "2026-11-26T10:00"}))
		h.refused(h.posts.Move(ctx, h.actor, h.target(second.ID).ID, "2026-11-25T09:00", "", false), fault.Conflict, "duplicate")
		h.ok(h.posts.Move(ctx, h.actor, h.target(second.ID).ID, "2026-11-25T09:00", "", true))
		same.Channels = []string{h.ch2.ID}
		elsewhere := h.write(same)
		h.ok(h.posts.Schedule(ctx, h.actor, elsewhere.ID, post.Plan{Wall: "2026-11-24T10:00"}))
	})
}

func TestR26AUsedUpQuotaIsSaidWhenScheduling(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.exec(`insert into call_budgets (workspace_id, channel_id, bucket, window_start, used, limit_value) values ('ws_1', $1, 'publish', $2, 1, 1)`, h.ch.ID, monday.Add(4*time.Hour))
		made := h.draft()
		for _, plan := range []post.Plan{{Wall: "2026-11-23T10:00"}, {Now: true}} {
			err := h.posts.Schedule(ctx, h.actor, made.ID, plan)
			h.refused(err, fault.Conflict, "quota")
			if !strings.Contains(err.Error(), "12:00 on 23 November 2026") {
				t.Errorf("the quota is worded %q", err)
			}
		}
		h.ok(h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Wall: "2026-11-23T12:00"}))
		h.ok(h.posts.Move(ctx, h.actor, h.target(made.ID).ID, "2026-11-23T10:00", "", true))
		h.ok(h.posts.Schedule(ctx, h.actor, h.draft(h.ch2.ID).ID, post.Plan{Wall: "2026-11-23T10:00"}))
	})
}

func TestTheSmallestGapAsks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		gap := 90 * time.Minute
		h.ok(h.channels.Configure(ctx, h.actor, h.ch.ID, gapOf(gap)))
		h.at("2026-11-24T10:00")
		made := h.draft()
		err := h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Wall: "2026-11-24T11:15"})
		h.refused(err, fault.Conflict, "gap")
		if !strings.Contains(err.Error(), "1 h 15 min away") || !strings.Contains(err.Error(), "1 h 30 min") {
			t.Errorf("the gap is worded %q", err)
		}
		h.ok(h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Wall: "2026-11-24T11:30"}))
		h.ok(h.posts.Move(ctx, h.actor, h.target(made.ID).ID, "2026-11-24T11:00", "", true))
	})
}

func TestOnlyWhoMayPlansAndOnlyThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		made := h.draft(h.ch.ID, h.ch2.ID)
		creator, manager, stranger := h.actor, h.actor, h.actor
		creator.Grants = []workspace.RoleGrant{{Role: workspace.Creator}}
		manager.Grants = []workspace.RoleGrant{{Role: workspace.Manager, ChannelID: h.ch.ID}}
		stranger.WorkspaceID = "ws_2"
		plan := post.Plan{Wall: "2026-11-24T10:00"}
		h.refused(h.posts.Schedule(ctx, creator, made.ID, plan), fault.Forbidden, "")
		h.refused(h.posts.Schedule(ctx, manager, made.ID, plan), fault.Forbidden, "") // not on the other channel
		h.refused(h.posts.Schedule(ctx, stranger, made.ID, plan), fault.NotFound, "")
		h.ok(h.posts.Schedule(ctx, h.actor, made.ID, plan))
		targets, _ := h.posts.Targets(ctx, h.actor, made.ID)
		for _, got := range targets {
			err := h.posts.Move(ctx, manager, got.ID, "2026-11-25T10:00", "", false)
			if mine := got.ChannelID == h.ch.ID; mine && err != nil || !mine && !fault.Is(err, fault.NotFound) {
				t.Errorf("move on %s: %v", got.ChannelID, err)
			}
			h.refused(h.posts.Move(ctx, stranger, got.ID, "2026-11-25T10:00", "", false), fault.NotFound, "")
		}
		h.refused(h.posts.SetSlots(ctx, manager, h.ch2.ID, nil), fault.Forbidden, "")
		h.ok(h.posts.Trash(ctx, h.actor, made.ID))
		h.refused(h.posts.Schedule(ctx, h.actor, made.ID, plan), fault.Conflict, "invalid_transition")
	})
}

func TestNobodyResponsibleIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		made := h.draft()
		h.exec(`update channels set responsible_id = ''`)
		h.exec(`update targets set responsible_id = ''`)
		system := workspace.System("ws_1")
		err := h.posts.Schedule(ctx, system, made.ID, post.Plan{Wall: "2026-11-24T10:00"})
		if !fault.Is(err, fault.Invalid) || fault.As(err).Field != "responsible" {
			t.Fatalf("scheduled with nobody responsible: %v", err)
		}
	})
}

// TestR28AChangedZoneRuleMovesTheInstant plays a country that changes its clocks after a post was planned.
func TestR28AChangedZoneRuleMovesTheInstant(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		got, other, second := h.at("2027-06-01T09:00"), h.at("2027-06-02T09:00"), h.at("2027-10-31T02:30+01:00")
		h.exec(`update targets set due_at = due_at + 3600000000 where id = $1`, got.ID) // as an older rule had it
		moved, err := h.posts.FollowZones(ctx)
		if err != nil || moved != 1 {
			t.Fatalf("%d moved, %v", moved, err)
		}
		if now := h.again(got); now.DueAt.Format(time.RFC3339) != "2027-06-01T07:00:00Z" || now.Wall != "2027-06-01T09:00" {
			t.Fatalf("now due %v", now.DueAt)
		}
		for _, same := range []post.Target{other, second} {
			if now := h.again(same); !now.DueAt.Equal(same.DueAt) {
				t.Errorf("%s moved to %v", same.Wall, now.DueAt)
			}
		}
		told, err := db.One[int](ctx, h.db, `select count(*) from events where kind = 'target.followed_zone' and entity = $1`, got.ID)
		if err != nil || told != 1 {
			t.Fatalf("%d notices, %v", told, err)
		}
	})
}

func TestCompileIsWhatThePreviewSaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		got := h.at("2026-11-24T10:00")
		shown, err := h.posts.Check(ctx, h.actor, got.PostID)
		h.ok(err)
		var sent network.Draft
		h.ok(h.db.Tx(ctx, func(tx *db.Tx) error {
			s, err := h.posts.Begin(ctx, tx, got.WorkspaceID, got.ID)
			sent = s.Draft
			return err
		}))
		if post.Plain(sent) != post.Plain(shown[0].Draft) || !sent.At.Equal(got.DueAt) {
			t.Fatalf("sent %q at %v", post.Plain(sent), sent.At)
		}
		if wall := when.Wall(sent.At, got.Zone); wall != got.Wall {
			t.Fatalf("sent at %s, planned %s", wall, got.Wall)
		}
	})
}
