package queue_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/bellwether-social/bellwether/e2e/browser"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/webtest"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// living fills two channels: one with a queue, gaps and held posts, one paused.
func living(h *webtest.House) (channel.Channel, []post.Target) {
	ctx := context.Background()
	club, bar := h.Connect("club"), h.Connect("nordlys.bar")
	h.Slots(club.ID, 9*60+30, 17*60)
	h.OK(h.Posts.AddSlots(ctx, h.Actor, club.ID, []post.Slot{{Weekday: 2, Minute: 12 * 60, Kind: "Stories", OwnerID: "user_1"}}))
	h.Slots(bar.ID, 12*60)
	var queued []post.Target
	for _, text := range []string{"Our beans travel by sailing ship this winter. Here is why it takes longer and why we like it.", "Ask us anything about espresso, we answer tonight from seven.", "The bar has a new bench. Sit.", "What should the spring coffee taste of?"} {
		queued = append(queued, h.Queued(text, club.ID))
	}
	h.OK(h.Posts.CancelTarget(ctx, h.Actor, queued[2].ID)) // leaves a gap
	h.At("Sent at a time of its own", club.ID, "2026-11-24T10:45")
	h.Settle(h.At("Gift boxes are back, with a card you can write yourself.", bar.ID, "2026-11-23T10:30"), post.Outcome{State: post.Held, Reason: "Nordlys Bar is paused: inventory"})
	h.Settle(h.At("Two places left in Thursday's barista class.", club.ID, "2026-11-26T15:00"), post.Outcome{State: post.Held, Reason: "blackout: Quiet day"})
	h.OK(h.Channels.Pause(ctx, h.Actor, bar.ID, time.Date(2100, 1, 1, 9, 0, 0, 0, time.UTC), "inventory"))
	h.OK(h.Posts.SetCadence(ctx, h.Actor, club.ID, "week", 9))
	h.OK(h.Posts.SetCadence(ctx, h.Actor, club.ID, "day", 1))
	return club, []post.Target{queued[0], queued[1], queued[3]}
}

func TestC04TheOrderIsChangedByKeysAndByPointer(t *testing.T) {
	h := build(t)
	club, queued := living(h)
	p := browser.Open(t, h.Open()+"/queue/"+club.ID, browser.Desktop, browser.Light)
	browser.Eval[bool](p, "document.querySelector('#"+queued[1].ID+"').focus(), true")
	p.Keys("m")
	p.Keys(kb.ArrowUp)
	p.Keys("m")
	p.See("It now goes out Mon 23 Nov, 09:30.")
	if now := h.Target(queued[1].PostID); now.Wall != "2026-11-23T09:30" {
		t.Fatalf("moved to %s", now.Wall)
	}
	browser.Eval[bool](p, `(() => {
		const item = document.querySelector('#`+queued[2].ID+`'), top = document.querySelector('.queue-row'), data = new DataTransfer();
		const fire = (on, kind) => on.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: data, clientY: top.getBoundingClientRect().top}));
		fire(item, 'dragstart'); fire(top, 'dragover'); fire(top, 'drop'); fire(item, 'dragend');
		return true;
	})()`)
	p.Until("document.querySelector('.queue-row').id === '" + queued[2].ID + "'")
	p.Until("document.querySelectorAll('#toasts li').length === 2")
	if now := h.Target(queued[2].PostID); now.Wall != "2026-11-23T09:30" {
		t.Fatalf("dragged to %s", now.Wall)
	}
	p.ConsoleErrors()
	p.CSPReports()
}

func TestC03TheStopIsAKeyAndAQuestionAway(t *testing.T) {
	h := build(t)
	living(h)
	p := browser.Open(t, h.Open()+"/queue", browser.Desktop, browser.Light)
	p.Until("document.readyState === 'complete'")
	p.Keys(".")
	p.See("Stop all publishing?")
	p.Fill("#stop-reason", "A legal question")
	p.Axe()
	browser.Eval[bool](p, "document.querySelector('#stop-all form').requestSubmit(), true")
	p.See("All publishing is stopped until someone resumes it")
	p.See("Ida Holm: A legal question")
	p.ClickOn("Release publishing")
	p.See("Each held post waits for your choice.")
	p.ConsoleErrors()
	p.CSPReports()
}

func TestChosenChannelsArePausedTogether(t *testing.T) {
	h := build(t)
	club, _ := living(h)
	p := browser.Open(t, h.Open()+"/queue", browser.Desktop, browser.Light)
	p.Until("document.querySelector('.queue-bulk').hidden")
	p.Click("input[name=channel][value=" + club.ID + "]")
	p.Until("!document.querySelector('.queue-bulk').hidden")
	p.Fill("#reason", "Inventory")
	p.ClickOn("Pause chosen")
	p.See("Paused: Club. What comes due is held.")
	p.ConsoleErrors()
}

func TestTheQueueReadsWellEverywhere(t *testing.T) {
	h := build(t)
	club, _ := living(h)
	empty := build(t)
	fresh := empty.Connect("club")
	full, none, nothing := h.Open(), empty.Open(), build(t).Open()
	for i, c := range []struct{ name, url string }{
		{"overview", full + "/queue"}, {"channel", full + "/queue/" + club.ID}, {"empty", none + "/queue"}, {"empty-channel", none + "/queue/" + fresh.ID}, {"nothing", nothing + "/queue"},
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
			p.Screenshot("queue-" + c.name + "-" + s.name)
		}
	}
}
