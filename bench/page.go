package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/bellwether-social/bellwether/internal/db"
)

// loaded is what a browser says of a page it has loaded.
type loaded struct {
	FCP      float64 `json:"fcp"` // milliseconds
	Bytes    int     `json:"bytes"`
	Script   int     `json:"script"`
	Requests int     `json:"requests"`
}

// said asks the page itself, once it has painted and everything it loads has come.
const said = `new Promise(done => { const ask = () => {
	const paint = performance.getEntriesByName('first-contentful-paint')[0], page = performance.getEntriesByType('navigation')[0]
	if (!paint || !page || !page.loadEventEnd) return setTimeout(ask, 10)
	const all = performance.getEntriesByType('resource')
	const sum = of => of.reduce((n, r) => n + r.transferSize, 0)
	done({fcp: paint.startTime, bytes: page.transferSize + sum(all), script: sum(all.filter(r => r.initiatorType === 'script' || r.name.endsWith('.js'))), requests: 1 + all.length})
}; ask() })`

func chromium() string {
	for _, name := range []string{os.Getenv("BELLWETHER_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	return ""
}

// calendarPage opens a month of 500 posts in a browser that has never seen it.
func calendarPage(ctx context.Context, b *bench) error {
	path := chromium()
	if path == "" {
		b.skip("G18", "calendar page of 500 posts, first contentful paint", "there is no Chromium (tool/setup.sh installs it)")
		b.skip("G19", "calendar page: bytes, script, requests", "there is no Chromium (tool/setup.sh installs it)")
		return nil
	}
	h, err := b.newHouse(ctx, b.folder("page"))
	if err != nil {
		return err
	}
	defer h.close()
	channels, err := h.sandboxes(ctx, 5)
	if err != nil {
		return err
	}
	month := db.Now().AddDate(0, 1, 0)
	month = time.Date(month.Year(), month.Month(), 1, 6, 0, 0, 0, time.UTC)
	if err := h.posts(ctx, channels, 500, month, 80*time.Minute, "scheduled"); err != nil {
		return err
	}
	p, err := b.serve(ctx, h.data)
	if err != nil {
		return err
	}
	defer p.stop()
	floor, err := b.floor(ctx)
	if err != nil {
		return err
	}
	defer floor.stop()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(b.folder("chromium")), chromedp.NoSandbox, chromedp.DisableGPU)
	base, end := chromedp.NewExecAllocator(ctx, options...)
	defer end()
	running, _ := chromedp.NewContext(base)
	if err := chromedp.Do(running); err != nil {
		return fmt.Errorf("start Chromium: %w", err)
	}
	defer func() { _ = chromedp.Cancel(running) }()
	var last loaded
	open := func(url, session string, into *loaded) func() (float64, error) {
		return func() (float64, error) {
			tab, done := chromedp.NewContext(running, chromedp.WithNewBrowserContext()) // nothing is cached in it
			defer done()
			if err := chromedp.Do(tab); err != nil {
				return 0, err
			}
			if session != "" {
				if _, err := chromedp.Call(tab, network.SetCookie, network.SetCookieParams{Name: sessionCookie, Value: session, URL: p.url}); err != nil {
					return 0, err
				}
			}
			if err := chromedp.Do(tab, chromedp.Navigate(url)); err != nil {
				return 0, err
			}
			got, err := chromedp.Run(tab, chromedp.Evaluate[loaded](said, chromedp.EvalAwaitPromise))
			*into = got
			return got.FCP, err
		}
	}
	var bare loaded
	fcp, least, err := b.alternate(open(p.url+"/calendar?view=month&at="+month.Format("2006-01-02"), h.session, &last), open(floor.url+"/", "", &bare))
	if err != nil {
		return err
	}
	if b.wants("G18") {
		b.add(cell{goal: "G18", what: "calendar month of 500 posts, cold, first contentful paint", ours: fmt.Sprintf("%.0f ms", fcp), floor: fmt.Sprintf("%.0f ms", least), ratio: fcp / least, limit: "≤ 4× L19", pass: fcp <= 4*least})
	}
	if b.wants("G19") {
		kib := func(n int) string { return fmt.Sprintf("%.1f KiB", float64(n)/1024) }
		b.add(cell{goal: "G19", what: "the same page, everything it loads", ours: kib(last.Bytes), limit: "≤ 200 KiB", pass: last.Bytes <= 200<<10})
		b.add(cell{goal: "G19", what: "its script", ours: kib(last.Script), limit: "≤ 120 KiB", pass: last.Script <= 120<<10})
		b.add(cell{goal: "G19", what: "its requests", ours: fmt.Sprint(last.Requests), limit: "≤ 15", pass: last.Requests <= 15})
	}
	return nil
}
