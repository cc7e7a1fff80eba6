package calendar_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/bellwether-social/bellwether/e2e/browser"
	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/webtest"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// living fills a week with everything a calendar can show and returns the channel and a post planned for Tuesday 10:30.
func living(h *webtest.House) (channel.Channel, post.Target) {
	ctx := context.Background()
	club, bar := h.Connect("club"), h.Connect("nordlys.bar")
	h.Slots(club.ID, 9*60+30, 17*60)
	h.Slots(bar.ID, 12*60)
	planned := h.At("The winter roast is here: berries, honey, a long finish. Taste it at the bar.", club.ID, "2026-11-24T10:30")
	h.At("Two places left in Thursday's barista class.", bar.ID, "2026-11-24T10:45")
	h.Queued("Our beans travel by sailing ship this winter.", club.ID)
	h.Queued("Ask us anything about espresso tonight.", club.ID)
	h.Settle(h.At("Gift boxes are back, with a card you can write yourself.", bar.ID, "2026-11-26T15:00"), post.Outcome{State: post.Held, Reason: "Nordlys Bar is paused: inventory"})
	h.Settle(h.At("A letter from the farm: the new drying beds stand.", club.ID, "2026-11-27T11:00"), post.Outcome{State: post.Failed, Reason: "The network refused: the text is too long by 12 characters."})
	wish := h.At("A wish without a promise yet", club.ID, "2026-11-28T14:00")
	h.OK(h.Posts.Unschedule(ctx, h.Actor, wish.PostID))
	for i, text := range []string{"Good morning. The first roast of the day is on the bar.", "How we roast, in three posts."} {
		got := h.At(text, club.ID, []string{"2026-11-23T08:30", "2026-11-23T09:15"}[i])
		h.Settle(got, post.Outcome{State: post.Publishing})
		h.Settle(got, post.Outcome{State: post.Published, At: got.DueAt})
		h.Exec(`insert into latest_values (workspace_id, scope, metric, value, at) values ('ws_1', $1, 'M-IMPR', $2, 0), ('ws_1', $1, 'M-LIKE', 34, 0)`, got.ID, 1200+i*800)
	}
	_, err := h.Posts.Repeat(ctx, h.Actor, h.Draft("Friday question: which cup do you reach for?", bar.ID).ID, "FREQ=WEEKLY;BYDAY=FR", "2026-11-27T09:00", "Europe/Berlin")
	h.OK(err)
	_, _, err = h.Posts.AddBlackout(ctx, h.Actor, post.Blackout{Name: "Inventory day", StartsAt: time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC), EndsAt: time.Date(2026, 11, 29, 23, 0, 0, 0, time.UTC)})
	h.OK(err)
	h.OK(h.Posts.SetCadence(ctx, h.Actor, club.ID, "week", 9))
	h.OK(h.Posts.SetCadence(ctx, h.Actor, bar.ID, "week", 2))
	h.Draft("Draft: story of the old roaster and the family that built it", club.ID)
	h.Draft("Draft: what is a washed coffee, in plain words?", bar.ID)
	h.Now = time.Date(2026, 11, 23, 10, 10, 0, 0, time.UTC)
	return club, planned
}

func TestC01ACardIsMovedByKeysAndPutBack(t *testing.T) {
	h := build(t)
	_, planned := living(h)
	p := browser.Open(t, h.Open()+"/calendar", browser.Desktop, browser.Light)
	card := "#" + planned.ID
	wall := func(want string) {
		t.Helper()
		p.Until("document.querySelector('#toasts')?.textContent.includes(" + `"` + want + `")`)
	}
	browser.Eval[bool](p, "document.querySelector('"+card+"').focus(), true")
	p.Keys("m")
	p.Until("document.querySelector('" + card + "').classList.contains('is-picked')")
	p.Keys(kb.ArrowRight)
	p.Keys("m")
	wall("Moved to Wednesday 25 November, 10:30")
	if now := h.Target(planned.PostID); now.Wall != "2026-11-25T10:30" {
		t.Fatalf("moved to %s", now.Wall)
	}
	p.Until("document.querySelector('[data-move-slot=\"2026-11-25T10:00\"] " + card + "')")
	browser.Eval[bool](p, "document.activeElement.blur(), true")
	p.Keys("z")
	p.See("It goes out on Tuesday 24 November, 10:30.")
	if now := h.Target(planned.PostID); now.Wall != "2026-11-24T10:30" {
		t.Fatalf("undone to %s", now.Wall)
	}
	p.ConsoleErrors()
	p.CSPReports()
}

// drag plays the pointer: the browser's own drag loop cannot be driven from outside.
func drag(p *browser.Page, item, slot string) {
	browser.Eval[bool](p, `(() => {
		const item = document.querySelector('`+item+`'), slot = document.querySelector('`+slot+`'), data = new DataTransfer();
		const fire = (on, kind) => on.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: data, clientY: slot.getBoundingClientRect().bottom}));
		fire(item, 'dragstart'); fire(slot, 'dragover'); fire(slot, 'drop'); fire(item, 'dragend');
		return true;
	})()`)
}

func TestC01ACardIsDraggedByDayByHourAndFromTheTray(t *testing.T) {
	h := build(t)
	club, planned := living(h)
	draft := h.Draft("Straight from the tray", club.ID)
	p := browser.Open(t, h.Open()+"/calendar?view=month&at=2026-11-24", browser.Desktop, browser.Light)
	drag(p, "#"+planned.ID, `[data-move-slot="2026-12-02"]`)
	p.See("Moved to Wednesday 2 December, 10:30")
	drag(p, "#"+draft.ID, `[data-move-slot="2026-11-26"]`)
	p.See("Scheduled for Thursday 26 November, 09:30") // its first free slot
	p.Until("!document.querySelector('#" + draft.ID + "')")
	drag(p, "#"+planned.ID, `[data-move-slot="2026-11-20"]`) // the past is locked: nothing is asked
	if now := h.Target(planned.PostID); now.Wall != "2026-12-02T10:30" {
		t.Fatalf("moved to %s", now.Wall)
	}
	p.ConsoleErrors()
	h.Exec(`update channels set min_gap = 7200000000`)
	drag(p, "#"+planned.ID, `[data-move-slot="2026-11-26"]`)
	p.See("Not moved: Another post of Club is planned 1 h away")
	p.Until("document.querySelector('[data-move-slot=\"2026-12-02\"] #" + planned.ID + "')") // stands where it truly is
	p.CSPReports()
}

func TestTheCalendarIsRefreshedWhenSomethingChangesElsewhere(t *testing.T) {
	h := build(t)
	club, _ := living(h)
	p := browser.Open(t, h.Open()+"/calendar", browser.Desktop, browser.Light)
	p.Until("document.readyState === 'complete'")
	h.At("A colleague planned this", club.ID, "2026-11-25T14:20")
	p.See("A colleague planned this")
	p.ConsoleErrors()
}

// TestEveryViewReadsWellEverywhere looks at each view on a desk and a phone, light and dark, full and empty.
func TestEveryViewReadsWellEverywhere(t *testing.T) {
	h := build(t)
	_, planned := living(h)
	empty := build(t)
	empty.Connect("club")
	bare := build(t)
	full, none, nothing := h.Open(), empty.Open(), bare.Open()
	for i, c := range []struct {
		name, url string
	}{
		{"week", full + "/calendar"}, {"day", full + "/calendar?view=day&at=2026-11-24"}, {"month", full + "/calendar?view=month"}, {"list", full + "/calendar?view=list"},
		{"filtered", full + "/calendar?state=held"}, {"target", full + "/calendar/targets/" + planned.ID}, {"plan", full + "/calendar/posts/" + planned.PostID}, {"blackouts", full + "/calendar/blackouts"},
		{"empty-week", none + "/calendar"}, {"empty-month", none + "/calendar?view=month"}, {"empty-list", none + "/calendar?view=list"}, {"nothing", nothing + "/calendar"},
	} {
		for n, s := range []struct {
			name   string
			screen browser.Screen
			scheme browser.Scheme
		}{{"desk-light", browser.Desktop, browser.Light}, {"phone-dark", browser.Phone, browser.Dark}, {"desk-dark", browser.Desktop, browser.Dark}, {"phone-light", browser.Phone, browser.Light}} {
			if n != i%2 && os.Getenv("BELLWETHER_SCREENSHOTS") == "" {
				continue // every page once; all of them when somebody wants to look
			}
			p := browser.Open(t, c.url, s.screen, s.scheme)
			p.Until("document.readyState === 'complete'")
			p.NoSidewaysScroll()
			p.Axe()
			p.ConsoleErrors()
			p.CSPReports()
			p.Screenshot("calendar-" + c.name + "-" + s.name)
		}
	}
}

// outside lets a post be made in the network's own app on Tuesday 8:20, and be read.
func outside(h *webtest.House, ch channel.Channel) post.Target {
	var made post.Target
	h.OK(h.DB.Tx(context.Background(), func(tx *db.Tx) (err error) {
		made, err = h.Posts.Import(context.Background(), tx, ch, network.Live{Remote: network.Remote{ID: "phone-1", URL: "https://sandbox.example/@club/phone-1"}, Exists: true,
			Text: "Snow on the terrace! Who wants the first hot chocolate?", At: time.Date(2026, 11, 23, 7, 20, 0, 0, time.UTC)})
		return err
	}))
	h.Exec(`insert into latest_values (workspace_id, scope, metric, value, at) values ('ws_1', $1, 'M-IMPR', 640, 0), ('ws_1', $1, 'M-LIKE', 41, 0)`, made.ID)
	return made
}

func TestC20PostMadeOutsideIsShownDashedAndSorted(t *testing.T) {
	h := build(t)
	club, _ := living(h)
	made := outside(h, club)
	c, err := h.Campaigns.Create(context.Background(), h.Actor, campaign.Edit{BrandID: "brand_1", Name: "Winter roast", Zone: "Europe/Berlin", Currency: "EUR", State: campaign.Active})
	h.OK(err)
	address := h.Open()
	for _, look := range []struct {
		name   string
		screen browser.Screen
		scheme browser.Scheme
	}{{"desktop-light", browser.Desktop, browser.Light}, {"desktop-dark", browser.Desktop, browser.Dark}, {"phone-light", browser.Phone, browser.Light}, {"phone-dark", browser.Phone, browser.Dark}} {
		p := browser.Open(t, address+"/calendar", look.screen, look.scheme)
		p.See("Snow on the terrace!")
		if got := browser.Eval[string](p, "getComputedStyle(document.getElementById('"+made.ID+"')).borderTopStyle"); got != "dashed" {
			t.Errorf("its border is %s", got)
		}
		p.Axe()
		p.NoSidewaysScroll()
		p.Screenshot("native-" + look.name)
		p.Go(address + "/calendar/targets/" + made.ID)
		p.See("Made outside")
		p.Axe()
		p.NoSidewaysScroll()
		p.Screenshot("native-target-" + look.name)
		p.ConsoleErrors()
		p.CSPReports()
	}
	p := browser.Open(t, address+"/calendar?state=native&view=month", browser.Desktop, browser.Light)
	p.See("Snow on the terrace!")
	if browser.Eval[int](p, "document.querySelectorAll('.cal-card').length") != 1 {
		t.Error("the filter shows more than what was made outside")
	}
	p.Go(address + "/calendar/targets/" + made.ID)
	p.Fill("input[name=tags]", "snow, terrace")
	browser.Eval[bool](p, "(document.querySelector('select[name=campaign]').value = '"+c.ID+"', true)")
	p.Click("form[action$='/classify'] button[type=submit]")
	p.See("Sorted. It counts there from now on.")
	got, err := h.Posts.Get(context.Background(), h.Actor, made.PostID)
	h.OK(err)
	if got.CampaignID != c.ID || len(got.Tags) != 2 {
		t.Errorf("it is sorted under %q, %v", got.CampaignID, got.Tags)
	}
}
