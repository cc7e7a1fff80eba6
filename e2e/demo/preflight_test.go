package demo

import (
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/app"
	"github.com/bellwether-social/bellwether/e2e/browser"
)

// TestC35APlannedPostIsMendedBeforeItsTime finds on the home screen what stands in the way of a post, follows the notice to
// where it is mended, mends it, looks again, and sees the danger gone everywhere.
func TestC35APlannedPostIsMendedBeforeItsTime(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	due := time.Now().In(berlin).Add(5 * time.Hour) // when the sample's post in danger is due, perhaps tomorrow
	a := app.Demo(t, app.Options{})
	p := browser.Open(t, a.SignIn, browser.Desktop, browser.Light)
	for deadline := time.Now().Add(browser.Patience); ; {
		p.Go(a.URL + "/preflight")
		if text := p.Text("main"); strings.Contains(text, "autumn-box") && strings.Contains(text, "Maria is travelling") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the looks found %s", p.Text("main"))
		}
	}
	p.Axe()
	p.Screenshot("preflight")
	for _, path := range []string{"/", "/deliveries"} {
		p.Go(a.URL + path)
		p.See("Mend before they go out")
		p.Axe()
		p.Screenshot("preflight" + strings.ReplaceAll(path, "/", "-"))
	}
	p.Go(a.URL + "/notifications")
	p.See("A planned post needs you before it goes out")
	p.Go(a.URL + "/calendar?view=day&at=" + due.Format(time.DateOnly))
	p.WaitVisible(".cal-card.is-in-danger")
	p.Axe()
	p.Screenshot("preflight-calendar")
	p.Go(a.URL + "/preflight")
	browser.Eval[bool](p, `(() => { [...document.querySelectorAll("main tbody a")].find(a => a.textContent.includes("autumn box") || a.closest("tr").textContent.includes("autumn box")).click(); return true; })()`)
	p.WaitURL("/preflight/targ_")
	p.See("was ended")
	p.Axe()
	p.Screenshot("preflight-target")
	p.ClickOn("In the calendar")
	p.WaitURL("/calendar/targets/")
	p.See("Before it goes out")
	p.Axe()
	p.Screenshot("preflight-calendar-target")
	p.ClickOn("Mend it")
	p.WaitURL("/compose/post_")
	p.See("was ended")
	p.Axe()
	p.Screenshot("preflight-compose")
	browser.Eval[bool](p, `(() => { const t = document.querySelector("[id='base:text:p0']"); t.value = "Last chance for the autumn box. Ask at the bar."; t.dispatchEvent(new Event("input", {bubbles: true})); return true; })()`)
	p.Click("button[name=do][value=save]")
	p.See("Version 2")
	browser.Eval[bool](p, `(() => { [...document.querySelectorAll("main a[href^='/preflight/targ_']")][0].click(); return true; })()`)
	p.WaitURL("/preflight/targ_")
	p.ClickOn("Look now")
	p.See("Nothing stands in its way")
	p.Go(a.URL + "/preflight")
	if strings.Contains(p.Text("main"), "autumn") {
		t.Errorf("it is still listed: %s", p.Text("main"))
	}
	p.ConsoleErrors()
	p.CSPReports()
}
