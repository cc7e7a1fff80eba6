package demo

import (
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/app"
	"github.com/bellwether-social/bellwether/e2e/browser"
)

// mission are the networks a manager expects to run from here, as previews name them.
var mission = []string{"Facebook Page", "Instagram", "Threads", "X", "LinkedIn", "Pinterest", "Snapchat", "TikTok", "YouTube", "Google Business Profile", "Reddit", "Telegram", "Discord",
	"WordPress", "Nostr", "Mastodon", "Bluesky"}

// TestOnePostGoesToEveryNetwork opens the sample's post for all networks, with each network's own settings and preview,
// sends it, publishes by hand what only a person may, and sees every delivery end well (C33, C15).
func TestOnePostGoesToEveryNetwork(t *testing.T) {
	a := app.Demo(t, app.Options{})
	p := browser.Open(t, a.SignIn, browser.Desktop, browser.Light)
	p.Go(a.URL + "/compose/posts?q=all+of+Europe")
	browser.Eval[bool](p, `(() => { const a = [...document.querySelectorAll("main a[href^='/compose/post_']")].find(a => a.textContent.includes("all of Europe")); if (a) a.click(); return !!a; })()`)
	p.WaitURL("/compose/post_")
	p.WaitVisible("[data-preview]")
	labels := browser.Eval[[]string](p, `[...document.querySelectorAll("[data-preview]")].map(e => e.getAttribute("aria-label"))`)
	for _, name := range mission {
		found := false
		for _, label := range labels {
			found = found || strings.HasSuffix(label, " on "+name)
		}
		if !found {
			t.Errorf("no preview for %s among %q", name, labels)
		}
	}
	p.Axe()
	p.Screenshot("everywhere-compose")

	p.Click(".when-choice:nth-child(4)")
	p.Click("[data-when-submit]")
	p.See("It is going out now.")
	count := func(group string) (n int) {
		p.Go(a.URL + "/deliveries?group=" + group)
		return browser.Eval[int](p, `[...document.querySelectorAll("main tbody tr")].filter(r => r.textContent.includes("all of Europe")).length`)
	}
	var delivered, human int
	for deadline := time.Now().Add(browser.Patience); ; {
		delivered, human = count("verified"), count("needs_human")
		if delivered+human == len(labels) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("of %d deliveries %d are delivered and %d handed over; failed: %s", len(labels), delivered, human, func() string { count("failed"); return p.Text("main") }())
		}
	}
	if human == 0 || human > 4 {
		t.Errorf("%d of %d deliveries are left to a person", human, len(labels))
	}
	for ; human > 0; human-- {
		browser.Eval[bool](p, `(() => { const a = [...document.querySelectorAll("main tbody tr")].find(r => r.textContent.includes("all of Europe")).querySelector("a"); a.click(); return true; })()`)
		p.WaitURL("/deliveries/dlv_")
		p.See("Publish it by hand")
		p.Axe()
		p.Screenshot("everywhere-by-hand")
		p.FillIn("Its address", "https://example.org/by-hand")
		p.ClickOn("It is published")
		p.See("Accepted")
		count("needs_human")
	}
	if left := count("needs_human"); left != 0 {
		t.Errorf("%d hand-overs are still open", left)
	}
	p.ConsoleErrors()
	p.CSPReports()
}
