package queue_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/queue"
	"github.com/bellwether-social/bellwether/internal/web/webtest"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func build(t testing.TB) *webtest.House {
	h := webtest.Build(t)
	h.Serve(queue.Routes(queue.Rooms{Posts: h.Posts, Channels: h.Channels, Workspaces: h.Workspaces, Clock: func() time.Time { return h.Now }}))
	return h
}

func TestEmptyQueuesSayWhatToDoFirst(t *testing.T) {
	h := build(t)
	h.Get("/queue").Says(t, 200, "No channel, no queue", `href="/channels"`)
	ch := h.Connect("club")
	h.Get("/queue").Says(t, 200, "Club", "nothing is planned", "no slots are set", "no cadence is set")
	h.Get("/queue/"+ch.ID).Says(t, 200, "Nothing is queued", "Give this channel weekly slots", "Add slots")
	h.Get("/queue?channel="+ch.ID).Says(t, 303)
	h.Get("/queue/chan_none").Says(t, 404, "no such channel")
}

func TestTheOrderShowsPostsAndGaps(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	h.Slots(ch.ID, 9*60)
	first := h.Queued("First in line", ch.ID)
	h.At("Sent at a chosen time", ch.ID, "2026-11-24T12:00")
	h.At("Far ahead", ch.ID, "2026-11-26T09:00")
	page := h.Get("/queue/" + ch.ID)
	page.Says(t, 200, "First in line", "Sent at a chosen time", "chosen time", "Free slot", "/compose?channel="+ch.ID+"&amp;at=2026-11-24T09:00", "Shuffle")
	order := []string{"First in line", "at=2026-11-24T09:00", "Sent at a chosen time", "at=2026-11-25T09:00", "Far ahead"}
	last := -1
	for _, w := range order {
		at := strings.Index(page.Body[last+1:], w)
		if at < 0 {
			t.Fatalf("%q does not come after the one before", w)
		}
		last += 1 + at
	}
	h.Get("/queue").Says(t, 200, "First in line", "/queue/"+ch.ID)
	if first.SlotID == "" {
		t.Fatal("not in a slot")
	}
}

func TestPostsMoveByButtonAndByDragging(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	h.Slots(ch.ID, 9*60)
	a, b, c := h.Queued("Alpha", ch.ID), h.Queued("Beta", ch.ID), h.Queued("Gamma", ch.ID)
	chosen := h.At("Chosen", ch.ID, "2026-11-23T15:00") // stands between a and b
	check := func(want ...post.Target) {
		t.Helper()
		for i, w := range want {
			if now := h.Target(w.PostID); now.Wall != []string{"2026-11-23T09:00", "2026-11-24T09:00", "2026-11-25T09:00"}[i] {
				t.Fatalf("place %d is taken by another: %s", i, now.Wall)
			}
		}
	}
	h.Post("/queue/"+ch.ID+"/move", "item", c.ID, "to", "up").Says(t, 303)
	check(a, c, b)
	h.Post("/queue/"+ch.ID+"/move", "item", b.ID, "to", "top").Says(t, 303)
	check(b, a, c)
	h.Swap("/queue/"+ch.ID+"/move", "item", c.ID, "slot", "queue", "before", b.ID).Says(t, 200, `id="order"`, "It now goes out Mon 23 Nov, 09:00", "!<html")
	check(c, b, a)
	h.Swap("/queue/"+ch.ID+"/move", "item", a.ID, "slot", "queue", "before", chosen.ID).Says(t, 200) // before the one with a time of its own: before b
	check(c, a, b)
	h.Swap("/queue/"+ch.ID+"/move", "item", c.ID, "slot", "queue", "before", "").Says(t, 200)
	check(a, b, c)
	h.Swap("/queue/"+ch.ID+"/move", "item", "targ_gone").Says(t, 409, `id="order"`, "no longer stands in the queue")
	h.Post("/queue/"+ch.ID+"/shuffle").Says(t, 303)
}

func TestSlotsAreAddedAndRemoved(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	h.Post("/queue/"+ch.ID+"/slots", "times", "25:10", "day", "1").Says(t, 422, "“25:10” is not a time", `value="25:10"`)
	h.Post("/queue/"+ch.ID+"/slots", "times", "09:30").Says(t, 422, "Choose at least one weekday")
	h.Post("/queue/"+ch.ID+"/slots", "times", "").Says(t, 422, "Write one or more times")
	h.Post("/queue/"+ch.ID+"/slots", "times", "09:30, 17:00", "day", "1", "day", "4", "kind", "Stories", "owner", "user_1").Says(t, 303)
	page := h.Get("/queue/" + ch.ID)
	page.Says(t, 200, "4 slots a week", "09:30", "17:00", "Stories", "Free slot", "for Stories", "Remove the slot Monday 09:30")
	h.Post(regexp.MustCompile(`/queue/`+ch.ID+`/slots/slot_\w+/remove`).FindString(page.Body)).Says(t, 303)
	h.Get("/queue/"+ch.ID).Says(t, 200, "3 slots a week")
}

func TestCadenceIsSetAndShown(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	h.At("One", ch.ID, "2026-11-24T09:00")
	h.Post("/queue/"+ch.ID+"/cadence", "posts", "x", "per", "week").Says(t, 422, "whole number from 0 to 1000")
	h.Post("/queue/"+ch.ID+"/cadence", "posts", "3", "per", "week").Says(t, 303)
	h.Get("/queue/"+ch.ID).Says(t, 200, "1 of 3 a week", "2 missing", "0 published, 1 planned this week")
	h.Get("/queue").Says(t, 200, "1 of 3 a week")
}

func TestC03ChannelsPauseAndResume(t *testing.T) {
	h := build(t)
	a, b := h.Connect("club"), h.Connect("bar")
	h.Post("/queue/pause", "channel", a.ID, "reason", "").Says(t, 422, "Say why")
	h.Post("/queue/pause", "channel", a.ID, "from", "channel", "reason", "").Says(t, 422, "Say why", "Weekly slots")
	h.Post("/queue/pause", "reason", "x").Says(t, 422, "at least one channel")
	h.Post("/queue/pause", "channel", a.ID, "channel", b.ID, "reason", "Inventory").Says(t, 303)
	h.Get("/queue").Says(t, 200, "Paused", "until someone resumes it")
	h.Get("/queue/"+a.ID).Says(t, 200, "is paused until someone resumes it", "Inventory", "Resume")
	h.Post("/queue/resume", "channel", a.ID, "channel", b.ID).Says(t, 303)
	h.Get("/queue/"+a.ID).Says(t, 200, "!is paused")
}

func TestC03TheStopIsReleasedAndEveryHeldPostIsAskedAbout(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	h.Slots(ch.ID, 9*60)
	h.Post("/queue/stop", "reason", "", "stopping", "yes").Says(t, 422, "Say why publishing stops", "data-open-now")
	h.Post("/queue/stop", "reason", "A legal question", "stopping", "yes").Says(t, 303)
	h.Get("/queue").Says(t, 200, "All publishing is stopped until someone resumes it", "Ida Holm: A legal question", "Release publishing", "!stop-all")
	var held []post.Target
	for _, wall := range []string{"2026-11-23T09:30", "2026-11-23T10:00", "2026-11-24T10:00", "2026-11-24T11:00", "2026-11-24T12:00"} {
		got := h.At("Post of "+wall, ch.ID, wall)
		h.Settle(got, post.Outcome{State: post.Held, Reason: "publishing is stopped in this workspace: Ida Holm: A legal question"})
		held = append(held, got)
	}
	h.Now = h.Now.Add(3 * time.Hour)
	community := h.Actor
	community.Grants = []workspace.RoleGrant{{Role: workspace.Community}}
	owner := h.Actor
	h.Actor = community
	h.Get("/queue").Says(t, 200, "An owner or admin can release it", "!Release publishing")
	h.Post("/queue/release").Says(t, http.StatusForbidden)
	h.Actor = owner
	h.Post("/queue/held", "choice-"+held[0].ID, "now").Says(t, 409, "Some choices could not be carried out", "publishing is stopped")
	h.Post("/queue/release").Says(t, 303)
	h.Get("/queue").Says(t, 200, "5 posts wait for your choice", "was due Mon 23 Nov, 09:30", "is due", "Keep its time", "Decide later")
	h.Post("/queue/held").Says(t, 303)
	h.Post("/queue/held", "choice-"+held[0].ID, "now", "choice-"+held[1].ID, "slot", "choice-"+held[2].ID, "keep", "choice-"+held[3].ID, "cancel").Says(t, 303)
	for i, want := range []struct {
		state post.State
		wall  string
	}{{post.Scheduled, "2026-11-23T11:00"}, {post.Scheduled, "2026-11-24T09:00"}, {post.Scheduled, "2026-11-24T10:00"}, {post.Cancelled, "2026-11-24T11:00"}, {post.Held, "2026-11-24T12:00"}} {
		if now := h.Target(held[i].PostID); now.State != want.state || now.Wall != want.wall {
			t.Errorf("post %d is %s at %s, want %s at %s", i, now.State, now.Wall, want.state, want.wall)
		}
	}
	h.Get("/queue").Says(t, 200, "1 post waits for your choice")
}

// TestR30NoBurstAfterALongPause shows that the smallest gap also guards the choices.
func TestR30NoBurstAfterALongPause(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	gap := 30 * time.Minute
	h.OK(h.Channels.Configure(context.Background(), h.Actor, ch.ID, changeGap(gap)))
	values := []string{}
	for _, wall := range []string{"2026-11-23T09:00", "2026-11-23T10:00", "2026-11-23T11:00"} {
		got := h.At("Post of "+wall, ch.ID, wall)
		h.Settle(got, post.Outcome{State: post.Held, Reason: "late"})
		values = append(values, "choice-"+got.ID, "now")
	}
	h.Now = h.Now.Add(72 * time.Hour)
	h.Post("/queue/held", values...).Says(t, 409, "smallest gap is 30 min", "2 posts wait for your choice")
}

func TestWhoMayOnlyReadSeesTheQueueAlone(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	h.Slots(ch.ID, 9*60)
	got := h.Queued("Alpha", ch.ID)
	h.Queued("Beta", ch.ID)
	h.Settle(h.At("Held one", ch.ID, "2026-11-25T10:00"), post.Outcome{State: post.Held, Reason: "late"})
	h.Actor.Grants = []workspace.RoleGrant{{Role: workspace.Analyst}}
	h.Get("/queue").Says(t, 200, "Held one", "!Carry out", "!Pause chosen", "!stop-all")
	h.Get("/queue/"+ch.ID).Says(t, 200, "Alpha", "!Shuffle", "!Add slots", "!Set cadence", "!Pause Club", "!Fill it")
	for _, path := range []string{"/queue/stop", "/queue/release", "/queue/pause", "/queue/resume", "/queue/held", "/queue/" + ch.ID + "/move", "/queue/" + ch.ID + "/shuffle", "/queue/" + ch.ID + "/slots", "/queue/" + ch.ID + "/cadence"} {
		h.Post(path, "channel", ch.ID, "item", got.ID, "reason", "x").Says(t, http.StatusForbidden)
	}
	h.Actor.Grants = []workspace.RoleGrant{{Role: workspace.Manager, BrandID: "brand_9"}}
	h.Get("/queue").Says(t, 200, "!Alpha", "!Held one")
	h.Get("/queue/"+ch.ID).Says(t, 404, "!Alpha")
}
