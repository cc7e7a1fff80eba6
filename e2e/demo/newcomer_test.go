package demo

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/app"
	"github.com/bellwether-social/bellwether/e2e/browser"
)

// TestANewcomerPublishesAndFindsIt is the main job in an installation that holds nothing yet: set up, look around, connect,
// write, publish, and find the post again.
func TestANewcomerPublishesAndFindsIt(t *testing.T) {
	a := app.Serve(t, app.Options{})
	p := browser.Open(t, a.URL+"/setup", browser.Phone, browser.Light)
	if code := regexp.MustCompile(`set-up code: (\S+)`).FindStringSubmatch(a.Log()); code != nil {
		p.FillIn("Set-up code", code[1])
	}
	p.FillIn("Your name", "Noor Haddad")
	p.FillIn("E-mail", "noor@example.org")
	p.FillIn("Password", "password")
	p.FillIn("Workspace", "Tide & Kiln")
	p.ClickOn("Set up")
	p.WaitVisible("[aria-invalid='true']") // the password is among those tried first, and nothing else is lost
	if got := p.Value("[name=workspace]"); got != "Tide & Kiln" {
		t.Fatalf("the form kept %q", got)
	}
	p.FillIn("Password", "seventeen kilns by the tide")
	p.ClickOn("Set up")
	p.WaitURL("/$")
	for _, path := range screens {
		p.Go(a.URL + path)
		p.Axe()
		p.NoSidewaysScroll()
		p.ConsoleErrors()
		p.CSPReports()
		p.Screenshot("empty-phone-light" + strings.ReplaceAll(path, "/", "-"))
	}

	d := p.Tab(a.URL + "/connect/sandbox")
	d.ClickOn("Connect")
	d.WaitURL("/channels")
	d.Go(a.URL + "/compose")
	d.WaitVisible(".channel-chip:has(:checked)") // the only one there is
	d.Type("[id='base:text:p0']", "The first kiln is lit")
	d.WaitURL("/compose/post_")
	d.ClickOn("When")
	d.Click(".when-choice:nth-child(4)")
	d.Click("[data-when-submit]")
	d.See("It is going out now.")
	for deadline := time.Now().Add(browser.Patience); ; {
		d.Go(a.URL + "/deliveries")
		if strings.Contains(d.Text("main"), "Verified") && strings.Contains(d.Text("main"), "The first kiln is lit") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the post was not shown to be live: %s", d.Text("main"))
		}
	}
	d.Click(".search-trigger")
	d.WaitVisible("#command[open]")
	d.Type(".command-input", "first kiln")
	d.WaitVisible("#command-results a[href^='/compose/post_']")
	d.Axe()
	d.Screenshot("search-dialog")
	d.Go(a.URL + "/search?q=kiln")
	d.See("The first kiln is lit")
	d.Axe()
	d.Go(a.URL + "/search?q=%25nothing%3Cb%3E")
	d.See("Nothing holds these words")
	d.ConsoleErrors()
}
