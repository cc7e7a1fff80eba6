package calendar_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/calendar"
	"github.com/bellwether-social/bellwether/internal/web/webtest"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func build(t testing.TB) *webtest.House {
	h := webtest.Build(t)
	h.Serve(calendar.Routes(calendar.Rooms{Posts: h.Posts, Channels: h.Channels, Campaigns: h.Campaigns, Insight: h.Insight, Workspaces: h.Workspaces, Clock: func() time.Time { return h.Now }}))
	return h
}

func TestWithoutAChannelTheFirstStepIsShown(t *testing.T) {
	h := build(t)
	h.Get("/calendar").Says(t, 200, "Nothing can go out yet", `href="/channels"`)
}

func TestEveryViewShowsWhatIsPlannedWithItsZone(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	h.At("The winter roast is here", ch.ID, "2026-11-24T10:30")
	h.Settle(h.At("Held for a reason", ch.ID, "2026-11-25T09:00"), post.Outcome{State: post.Held, Reason: "club is paused: a break"})
	out := h.At("Went out", ch.ID, "2026-11-23T09:00")
	h.Settle(out, post.Outcome{State: post.Publishing})
	h.Settle(out, post.Outcome{State: post.Published, At: out.DueAt})
	h.Exec(`insert into latest_values (workspace_id, scope, metric, value, at) values ('ws_1', $1, 'M-IMPR', 1234, 0), ('ws_1', $1, 'M-LIKE', 7, 0)`, out.ID)
	h.Draft("An idea without a time", ch.ID)
	h.Slots(ch.ID, 17*60)
	h.Now = h.Now.Add(3 * time.Hour)
	for _, c := range []struct {
		path  string
		words []string
	}{
		{"/calendar", []string{"23 – 29 November 2026", "club is paused: a break", "1,234 views · 7 reactions", "Free slot: Club", `data-move-slot="2026-11-24T10:00"`}},
		{"/calendar?view=day&at=2026-11-24", []string{"Tuesday, 24 November 2026", "!Held for a reason", `data-move-slot="2026-11-24T10:00"`}},
		{"/calendar?view=month", []string{"November 2026", `data-move-slot="2026-11-24"`, "Held for a reason", "free slot"}},
		{"/calendar?view=list", []string{"23 November – 22 December 2026", "club is paused: a break", "Ida Holm"}},
		{"/calendar?view=nonsense&at=never", []string{"23 – 29 November 2026"}},
	} {
		h.Get(c.path).Says(t, 200, append(c.words, "Times in Europe/Berlin", "The winter roast is here", "An idea without a time", "Scheduled")...)
	}
}

func TestFiltersStandInTheAddressAndNarrow(t *testing.T) {
	h := build(t)
	a, b := h.Connect("club"), h.Connect("bar")
	h.At("On the club", a.ID, "2026-11-24T10:30")
	h.At("On the bar", b.ID, "2026-11-24T11:30")
	h.Get("/calendar?channel="+a.ID).Says(t, 200, "On the club", "!On the bar", "remove", "/calendar?channel="+a.ID+"&amp;view=month")
	h.Get("/calendar?state=held").Says(t, 200, "!On the club", "Nothing here with these filters")
	h.Get("/calendar?view=list&state=held").Says(t, 200, "Nothing here with these filters", "Show everything")
	h.Get("/calendar?person=user_9").Says(t, 200, "!On the club")
	h.Get("/calendar?channel="+url.QueryEscape(`"><script>`)).Says(t, 200, "!<script>alert", `!"><script>`)
}

func TestDraggingByDayKeepsTheClockAcrossTheChange(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	got := h.At("Spring", ch.ID, "2027-03-27T10:30")
	h.Swap("/calendar/move?view=month&at=2027-03-01", "item", got.ID, "slot", "2027-03-28").Says(t, 200, `id="calendar"`, "Moved to Sunday 28 March, 10:30", "Undo", "!<html")
	if now := h.Target(got.PostID); now.Wall != "2027-03-28T10:30" {
		t.Fatalf("moved to %s", now.Wall)
	}
	h.Swap("/calendar/move?view=week&at=2027-03-28", "item", got.ID, "slot", "2027-04-01T10:00").Says(t, 200, "Moved to Thursday 1 April, 10:30")
	h.Swap("/calendar/move?view=week&at=2027-03-28", "item", got.ID, "slot", "2027-04-01T15:00").Says(t, 200, "Moved to Thursday 1 April, 15:00")
	h.User.Zone, h.Actor.Zone = "America/New_York", "America/New_York" // sees Berlin's 15:00 as 09:00
	h.Swap("/calendar/move?view=month", "item", got.ID, "slot", "2027-04-02").Says(t, 200, "Moved to Friday 2 April, 09:00")
	if now := h.Target(got.PostID); now.Wall != "2027-04-02T15:00" || now.Zone != "Europe/Berlin" {
		t.Fatalf("moved to %s %s", now.Wall, now.Zone)
	}
	h.Swap("/calendar/move?view=week", "item", got.ID, "slot", "2027-04-02T08:00").Says(t, 200, "08:00")
	if now := h.Target(got.PostID); now.Wall != "2027-04-02T14:00" {
		t.Fatalf("moved to %s", now.Wall)
	}
}

var undo = regexp.MustCompile(`action="(/calendar/[^"]+)" data-undo`)

// undone follows the Undo of an answer.
func undone(t *testing.T, h *webtest.House, a webtest.Answer) {
	t.Helper()
	found := undo.FindStringSubmatch(a.Body)
	if found == nil {
		t.Fatalf("nothing to undo in\n%s", a.Body[:min(len(a.Body), 2000)])
	}
	h.Post(strings.ReplaceAll(found[1], "&amp;", "&")).Says(t, 303)
}

func TestEveryDropCanBeUndone(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	got := h.At("Spring", ch.ID, "2026-11-25T10:30")
	undone(t, h, h.Swap("/calendar/move", "item", got.ID, "slot", "2026-11-27"))
	if now := h.Target(got.PostID); now.Wall != got.Wall || now.State != post.Scheduled {
		t.Fatalf("after the undo: %s %s", now.State, now.Wall)
	}
	undone(t, h, h.Swap("/calendar/move", "item", got.ID, "slot", "tray"))
	if now := h.Target(got.PostID); now.State != post.Scheduled {
		t.Fatalf("after the undo of taking it back: %s", now.State)
	}
	draft := h.Draft("Waiting in the tray", ch.ID)
	answer := h.Swap("/calendar/move", "item", draft.ID, "slot", "2026-11-26T15:00")
	answer.Says(t, 200, "Scheduled for Thursday 26 November, 15:00")
	undone(t, h, answer)
	if now := h.Target(draft.ID); now.State != post.Draft {
		t.Fatalf("after the undo of planning: %s", now.State)
	}
	answer = h.Swap("/calendar/move", "item", h.Target(draft.ID).ID, "slot", "2026-11-26T16:00") // the wish is dragged
	answer.Says(t, 200, "16:00")
	undone(t, h, answer)
	if now := h.Target(draft.ID); now.State != post.Draft {
		t.Fatalf("a wish made a plan and undone is %s", now.State)
	}
}

func TestDraftDroppedOnADayTakesItsFirstFreeSlot(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	h.Slots(ch.ID, 9*60+15, 17*60)
	h.At("Taken", ch.ID, "2026-11-26T09:15")
	draft := h.Draft("From the tray", ch.ID)
	h.Swap("/calendar/move?view=month", "item", draft.ID, "slot", "2026-11-26").Says(t, 200, "Thursday 26 November, 17:00")
	bar := h.Connect("bar") // has no slots
	draft = h.Draft("From the tray too", bar.ID)
	h.Swap("/calendar/move?view=month", "item", draft.ID, "slot", "2026-11-26").Says(t, 200, "Thursday 26 November, 10:00")
}

func TestARefusedDropShowsWhereThingsStandAndWhy(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	got := h.At("Spring", ch.ID, "2026-11-25T10:30")
	h.Swap("/calendar/move", "item", got.ID, "slot", "2026-11-20").Says(t, 422, `id="calendar"`, "Not moved:", "in the past", "Spring")
	gap := 2 * time.Hour
	h.OK(h.Channels.Configure(context.Background(), h.Actor, ch.ID, changeGap(gap)))
	other := h.At("Summer", ch.ID, "2026-11-26T10:30")
	h.Swap("/calendar/move", "item", other.ID, "slot", "2026-11-25T11:00").Says(t, 409, "smallest gap is 2 h", "Move anyway…", "/calendar/targets/"+other.ID+"?to=2026-11-25T11%3A00")
	h.Get("/calendar/targets/"+other.ID+"?to=2026-11-25T11:00").Says(t, 200, `value="2026-11-25T11:00"`, "all the same")
	h.Post("/calendar/targets/"+other.ID+"/move", "wall", "2026-11-25T11:00", "zone", "Europe/Berlin").Says(t, 409, "smallest gap", "all the same")
	h.Post("/calendar/targets/"+other.ID+"/move", "wall", "2026-11-25T11:00", "zone", "Europe/Berlin", "confirm", "on").Says(t, 303)
	if now := h.Target(other.PostID); now.Wall != "2026-11-25T11:00" {
		t.Fatalf("confirmed, and at %s", now.Wall)
	}
	h.Swap("/calendar/move", "item", "targ_none", "slot", "2026-11-26").Says(t, 404, "Not moved")
	h.Swap("/calendar/move", "item", got.ID, "slot", "nowhere").Says(t, 422, "Not moved")
}

func TestTheFormDoesWhatDraggingDoes(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	got := h.At("Spring", ch.ID, "2026-11-25T10:30")
	page := h.Get("/calendar/targets/" + got.ID)
	page.Says(t, 200, "Wednesday 25 November 2026, 10:30", `name="wall"`, `name="zone"`, "Wed 25 Nov 2026, 09:30", "Ida Holm", "Send now", "Next free slot", "Back to draft", "Cancel it")
	h.Post("/calendar/targets/"+got.ID+"/move", "wall", "2027-03-28T02:30", "zone", "Europe/Berlin").Says(t, 422, "does not exist in Europe/Berlin", "Choose 01:59 or 03:00", `value="2027-03-28T02:30"`)
	h.Post("/calendar/targets/"+got.ID+"/move", "wall", "2027-10-31T02:30", "zone", "Europe/Berlin", "back", "/queue").Says(t, 303)
	h.Get("/calendar/targets/"+got.ID).Says(t, 200, "happens twice on that day", "UTC+02:00")
	for _, c := range []struct {
		act   string
		state post.State
	}{{"unschedule", post.Draft}, {"now", post.Scheduled}, {"cancel", post.Cancelled}} {
		h.Post("/calendar/targets/"+got.ID+"/"+c.act).Says(t, 303)
		if now := h.Target(got.PostID); now.State != c.state {
			t.Fatalf("after %s: %s", c.act, now.State)
		}
	}
	h.Post("/calendar/targets/"+got.ID+"/now").Says(t, 409, "cancelled by now")
	h.Post("/calendar/targets/"+got.ID+"/explode").Says(t, 404)
	evil := h.Post("/calendar/targets/"+h.At("x y z", ch.ID, "2026-11-26T10:00").ID+"/unschedule", "back", "//evil.example")
	if evil.Says(t, 303); evil.Location != "/calendar" {
		t.Fatalf("led to %s", evil.Location)
	}
}

func TestADraftIsPlannedQueuedOrRepeatedByForm(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	h.Slots(ch.ID, 9*60)
	draft := h.Draft("Plan me", ch.ID)
	h.Get("/calendar/posts/"+draft.ID).Says(t, 200, "Plan me", "In the next free slot", "Again and again")
	h.Post("/calendar/posts/"+draft.ID, "how", "time", "wall", "2020-01-01T10:00", "zone", "Europe/Berlin").Says(t, 422, "in the past", "Choose a later time")
	h.Post("/calendar/posts/"+draft.ID, "how", "slot").Says(t, 303)
	if now := h.Target(draft.ID); now.Wall != "2026-11-23T09:00" {
		t.Fatalf("queued at %s", now.Wall)
	}
	again := h.Draft("Again and again", ch.ID)
	h.Post("/calendar/posts/"+again.ID, "how", "repeat", "every", "nth", "wall", "2026-11-24T10:00", "zone", "Europe/Berlin", "until", "2027-01-31").Says(t, 303)
	h.Get("/calendar?view=month&at=2026-12-01").Says(t, 200, "Again and again", "is-recurring")
	h.Get("/calendar").Says(t, 200, "!"+again.ID) // the pattern is not in the tray
	list := h.Get("/calendar?view=list&at=2026-12-20").Body
	target := regexp.MustCompile(`/calendar/targets/(targ_\w+)`).FindStringSubmatch(list)[1]
	h.Get("/calendar/targets/"+target).Says(t, 200, "Every month on the fourth Tuesday", "Skip this one", "End it, keep what is planned")
	h.Post("/calendar/targets/"+target+"/skip").Says(t, 303)
	h.Post("/calendar/targets/"+target+"/stop-all").Says(t, 303)
	h.Get("/calendar?view=month&at=2026-12-01").Says(t, 200, "!is-recurring")
}

func TestBlackoutsAreMadeShownAndEnded(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	h.At("Inside", ch.ID, "2026-11-25T10:30")
	h.Get("/calendar/blackouts").Says(t, 200, "No blackout ahead")
	h.Post("/calendar/blackouts", "name", "", "starts", "2026-11-25T00:00", "ends", "2026-11-26T00:00").Says(t, 422, "needs a name", `value="2026-11-25T00:00"`)
	h.Post("/calendar/blackouts", "name", "Silence").Says(t, 422, "Choose a time.")
	h.Post("/calendar/blackouts", "name", "Silence", "starts", "2026-11-25T00:00", "ends", "2026-11-26T00:00").Says(t, 303)
	h.Get("/calendar").Says(t, 200, "Blackout: Silence", "blackout: Silence", "is-black")
	list := h.Get("/calendar/blackouts")
	list.Says(t, 200, "Silence", "All channels")
	end := regexp.MustCompile(`/calendar/blackouts/black_\w+/end`).FindString(list.Body)
	h.Post(end).Says(t, 303)
	h.Get("/calendar").Says(t, 200, "!Blackout: Silence")
}

func TestSavedViewsAreInTheMenu(t *testing.T) {
	h := build(t)
	h.Connect("club")
	h.Post("/calendar/views", "name", "Held <b>", "query", "state=held&view=month", "shared", "on").Says(t, 303)
	page := h.Get("/calendar")
	page.Says(t, 200, "Held &lt;b&gt;", "/calendar?state=held&amp;view=month")
	h.Post(regexp.MustCompile(`/calendar/views/view_\w+/drop`).FindString(page.Body)).Says(t, 303)
	h.Get("/calendar").Says(t, 200, "!Held &lt;b&gt;")
}

func TestWhoMayOnlyReadSeesNoWayToChange(t *testing.T) {
	h := build(t)
	ch := h.Connect("club")
	h.Slots(ch.ID, 9*60)
	got := h.At("Spring", ch.ID, "2026-11-25T10:30")
	draft := h.Draft("Tray", ch.ID)
	h.Actor.Grants = []workspace.RoleGrant{{Role: workspace.Analyst}}
	h.Get("/calendar").Says(t, 200, "Spring", "data-move-lock", "!stop-all", "!href=\"/compose?at=")
	h.Get("/calendar/targets/"+got.ID).Says(t, 200, "Spring", "!name=\"wall\"", "!Cancel it")
	h.Get("/calendar/posts/"+draft.ID).Says(t, 200, "You may read this plan, not change it")
	for _, path := range []string{"/calendar/move", "/calendar/targets/" + got.ID + "/move", "/calendar/targets/" + got.ID + "/cancel", "/calendar/posts/" + draft.ID, "/calendar/blackouts"} {
		h.Post(path, "item", got.ID, "slot", "2026-11-26", "wall", "2026-11-26T10:00").Says(t, http.StatusForbidden)
	}
	h.Actor.WorkspaceID = "ws_2"
	h.Exec(`insert into workspaces (id, name, zone, created_at) values ('ws_2', 'Other', 'Europe/Berlin', 0)`)
	h.Get("/calendar/targets/"+got.ID).Says(t, 404, "!Spring")
	h.Get("/calendar").Says(t, 200, "!Spring")
}

// month fills November with 500 posts in several states.
func month(h *webtest.House) {
	ids := []string{h.Connect("club").ID, h.Connect("bar").ID, h.Connect("shop").ID}
	words := strings.Fields("roast harvest class gift window garden winter bench letter music cup bean water slow morning market paper song north light")
	for i := range 500 {
		text := fmt.Sprintf("The %s of the %s and a %s for the %s, number %d", words[i%20], words[i/3%20], words[i/7%20], words[i/11%20], i)
		made := h.Draft(text, ids[i%3])
		at := time.Date(2026, 11, 1+i%30, 6+i/30%14, i%4*15, 0, 0, time.UTC)
		h.Exec(`update targets set state = $2, due_at = $3, wall = $4, zone = 'Europe/Berlin', text_plain = $5 where post_id = $1`,
			made.ID, []string{"scheduled", "published", "held", "scheduled"}[i%4], at, at.Add(time.Hour).Format("2006-01-02T15:04"), text)
	}
	h.Exec(`update posts set state = 'scheduled'`)
}

// TestG13AMonthOf500PostsIsSmall keeps the page within 40 KB as it travels.
func TestG13AMonthOf500PostsIsSmall(t *testing.T) {
	h := build(t)
	month(h)
	page := h.Get("/calendar?view=month&at=2026-11-10")
	page.Says(t, 200, "more</summary>")
	if n := strings.Count(page.Body, "data-move-item=\"targ_"); n != 500 {
		t.Fatalf("%d posts on the page", n)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(page.Body))
	_ = z.Close()
	t.Logf("%d bytes, %d compressed", len(page.Body), packed.Len())
	if packed.Len() > 40<<10 {
		t.Errorf("the month takes %d bytes compressed, the limit is %d", packed.Len(), 40<<10)
	}
}

func BenchmarkMonthOf500Posts(b *testing.B) {
	h := build(b)
	month(h)
	for b.Loop() {
		if a := h.Get("/calendar?view=month&at=2026-11-10"); a.Status != 200 {
			b.Fatal(a.Status)
		}
	}
}
