package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/e2e/browser"
	"github.com/chromedp/chromedp/kb"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// recorder takes the failures of a page under test, so that a test can expect them.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) expect(t *testing.T, words ...string) {
	t.Helper()
	all := strings.Join(r.failures, "\n")
	for _, w := range words {
		if !strings.Contains(all, w) {
			t.Errorf("no failure names %q; failures: %s", w, all)
		}
	}
	if len(words) == 0 && all != "" {
		t.Errorf("unexpected failures: %s", all)
	}
	r.failures = nil
}

const good = `<!doctype html><html lang="en"><head><title>Desk</title><meta name="viewport" content="width=device-width">
<style>:root{color-scheme:light dark}</style></head><body><main><h1>Desk</h1>
<form action="/done" method="get">
<label>Title <input name="title" value="old"></label>
<label for="d">Day</label><input id="d" name="day" type="date">
<label>Network <select name="network"><option value="m">Mastodon</option><option value="b">Bluesky</option></select></label>
<label><input type="checkbox" name="mark"> Marked</label>
<label>File <input type="file" name="file"></label>
<button>Save  draft</button></form>
<a href="/done" aria-label="Open the calendar">→</a><button hidden>Hidden</button>
<p id="late"></p></main><script src="/late.js"></script></body></html>`

func serve(t *testing.T, body, policy string) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if policy != "" {
			w.Header().Set("Content-Security-Policy", policy)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, body)
	})
	mux.HandleFunc("GET /late.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = fmt.Fprint(w, `requestAnimationFrame(() => { document.getElementById('late').textContent = 'Now it is here' })`)
	})
	mux.HandleFunc("GET /done", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><title>Done</title><main><h1>Done</h1><p id="got">%s</p></main>`, r.URL.Query().Encode())
	})
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestPersonFillsInAFormByItsLabels(t *testing.T) {
	p := browser.Open(t, serve(t, good, "default-src 'self'; style-src 'unsafe-inline'"), browser.Desktop, browser.Light)
	p.See("Now it is here")
	p.FillIn("Title", `Späti "öffnet" 🎉`)
	p.FillIn("Day", "2027-03-28")
	p.Choose("Network", "Bluesky")
	p.Tick("Marked")
	file := filepath.Join(t.TempDir(), "photo.png")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Upload("input[type=file]", file)
	p.Axe()
	p.ClickOn("Save draft")
	p.WaitURL("/done\\?")
	got := p.Text("#got")
	for _, want := range []string{"day=2027-03-28", "file=photo.png", "mark=on", "network=b", "title=Sp%C3%A4ti+%22%C3%B6ffnet%22+%F0%9F%8E%89"} {
		if !strings.Contains(got, want) {
			t.Errorf("the server got %s, want %s in it", got, want)
		}
	}
	p.ConsoleErrors()
	p.CSPReports()
}

func TestPersonUsesKeysAndNames(t *testing.T) {
	p := browser.Open(t, serve(t, good, ""), browser.Phone, browser.Dark)
	p.Fill("input[name=title]", "")
	p.Type("input[name=title]", "typed")
	if got := p.Value("input[name=title]"); got != "typed" {
		t.Errorf("the field holds %q", got)
	}
	p.Keys(kb.Enter)
	p.WaitURL("title=typed")
	p.Go(strings.TrimSuffix(p.URL(), "x") + "#top")
	tab := p.Tab(p.URL())
	tab.WaitVisible("h1")
	tab.DontSee("nowhere to be read")
	if n := tab.Count("h1"); n != 1 {
		t.Errorf("%d headings", n)
	}
}

func TestPageIsShownAsThePersonPrefers(t *testing.T) {
	url := serve(t, good, "")
	for _, scheme := range []browser.Scheme{browser.Light, browser.Dark} {
		for _, screen := range []browser.Screen{browser.Phone, browser.Desktop} {
			p := browser.Open(t, url, screen, scheme)
			if !browser.Eval[bool](p, fmt.Sprintf("matchMedia('(prefers-color-scheme: %s)').matches && matchMedia('(prefers-reduced-motion)').matches", scheme)) {
				t.Errorf("the page does not know that the person prefers %s", scheme)
			}
			if w := browser.Eval[int64](p, "innerWidth"); w != screen.Width {
				t.Errorf("the page is %d px wide, want %d", w, screen.Width)
			}
			p.NoSidewaysScroll()
			p.Screenshot(fmt.Sprintf("harness-%d-%s", screen.Width, scheme))
		}
	}
}

func TestPeopleShareNothing(t *testing.T) {
	url := serve(t, good, "")
	one, two := browser.Open(t, url, browser.Desktop, browser.Light), browser.Open(t, url, browser.Desktop, browser.Light)
	browser.Eval[string](one, "document.cookie = 'who=one'")
	if got := browser.Eval[string](two, "document.cookie"); got != "" {
		t.Errorf("the second person has the first one's cookie %q", got)
	}
	if got := browser.Eval[string](one.Tab(url), "document.cookie"); got != "who=one" {
		t.Errorf("the first person's other tab has the cookie %q", got)
	}
}

func TestFaultsOfAPageAreFound(t *testing.T) {
	const bad = `<!doctype html><html><head><title>Bad</title></head><body style="margin:0">
		<div style="width:3000px" id="wide">wide</div><input><img src="/missing.png">
		<p style="color:#999;background:#aaa">hard to read</p>
		<button onclick="x()">Go</button><script src="/late.js"></script>
		<script src="http://example.invalid/track.js"></script></body></html>`
	r := &recorder{TB: t}
	p := browser.Open(r, serve(t, bad, "script-src 'self'"), browser.Phone, browser.Light)
	p.Axe()
	r.expect(t, "color-contrast", "html-has-lang", "image-alt", "label", "img")
	p.Axe("color-contrast", "html-has-lang", "image-alt", "label", "target-size")
	r.expect(t)
	p.NoSidewaysScroll()
	r.expect(t, "div#wide")
	p.CSPReports()
	r.expect(t, "script-src 'self'", "example.invalid")
	p.Until("document.querySelector('img').complete")
	browser.Eval[bool](p, "(setTimeout(() => { console.error('broken', 7); throw new Error('not caught') }), true)")
	browser.Eval[bool](p, "new Promise(r => setTimeout(() => r(true)))")
	p.ConsoleErrors()
	r.expect(t, "404 for the image", "broken 7", "not caught")
	p.ConsoleErrors()
	r.expect(t) // each error is told once
}
