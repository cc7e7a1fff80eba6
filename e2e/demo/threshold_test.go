package demo

import (
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/app"
	"github.com/bellwether-social/bellwether/e2e/browser"
)

// TestC31SomethingFollowsAPostThatDoesWell adds an action to a post that goes out, stops another, and sees the sample's own
// advice, which was told. TestC28 beside it sees a channel's budget.
func TestC31SomethingFollowsAPostThatDoesWell(t *testing.T) {
	a := app.Demo(t, app.Options{})
	p := browser.Open(t, a.SignIn, browser.Desktop, browser.Light)
	p.Go(a.URL + "/compose/posts?q=Gift+boxes")
	browser.Eval[bool](p, `(() => { [...document.querySelectorAll("main a[href^='/compose/post_']")].find(a => a.textContent.includes("Gift boxes")).click(); return true; })()`)
	p.WaitURL("/compose/post_")
	p.See("When it does well")
	p.Axe()
	p.Screenshot("well-compose")
	p.ClickOn("Add or stop")
	p.WaitURL("/actions$")
	p.ClickOn("Add") // a comment needs words
	p.See("Write what it says")
	p.FillIn("Text", "The second batch is in the oven.")
	p.FillIn("Passes", "25")
	p.ClickOn("Add")
	p.See("It waits for the post to do well")
	p.See("passes 25 within 7 days")
	p.Axe()
	p.Screenshot("well-actions")
	p.ClickOn("Stop")
	p.See("Stopped. It will not happen.")
	for deadline := time.Now().Add(4 * browser.Patience); ; { // the sweep runs every minute
		p.Go(a.URL + "/notifications")
		if strings.Contains(p.Text("main"), "A post does well: consider paying for more") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("nobody was told of the post that does well: %s", p.Text("main"))
		}
	}
	p.ConsoleErrors()
	p.CSPReports()
}

// TestC28AChannelShowsItsBudget opens channels with caps and calls at both widths.
func TestC28AChannelShowsItsBudget(t *testing.T) {
	a := app.Demo(t, app.Options{})
	for _, look := range []struct {
		name   string
		screen browser.Screen
		scheme browser.Scheme
	}{{"desktop-light", browser.Desktop, browser.Light}, {"phone-dark", browser.Phone, browser.Dark}} {
		p := browser.Open(t, a.SignIn, look.screen, look.scheme)
		for network, words := range map[string]string{"LinkedIn": "of 150 made", "Facebook": "30 sent", "Bluesky": "createRecord"} {
			p.Go(a.URL + "/channels")
			browser.Eval[bool](p, `(() => { [...document.querySelectorAll("main tbody tr, main li, main article")].find(r => r.textContent.includes("Nordlys") && r.textContent.includes("`+network+`") && r.querySelector("a[href^='/channels/']")).querySelector("a[href^='/channels/']").click(); return true; })()`)
			p.WaitURL("/channels/chan_")
			p.See("Caps and calls")
			p.See(words)
			p.Axe()
			p.NoSidewaysScroll()
			p.Screenshot("budget-" + network + "-" + look.name)
		}
		p.ConsoleErrors()
		p.CSPReports()
	}
}
