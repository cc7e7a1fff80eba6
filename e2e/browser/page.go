package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A Page is one tab. Its verbs take CSS selectors where a selector is asked for; ClickOn, FillIn and See take the
// words a person reads. A Page is for one goroutine.
type Page struct {
	t      testing.TB
	ctx    context.Context
	screen Screen
	scheme Scheme

	mu    sync.Mutex // the browser's events arrive on another goroutine
	notes []note
}

// Do runs chromedp actions, for what no verb here covers.
func (p *Page) Do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := p.try(actions...); err != nil {
		p.t.Fatal(err)
	}
}

func (p *Page) try(actions ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(p.ctx, Patience)
	defer cancel()
	return chromedp.Do(ctx, actions...)
}

// must fails the test with what was attempted, in words.
func (p *Page) must(err error, what string, args ...any) {
	p.t.Helper()
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("not within %s", Patience)
	}
	if err != nil {
		p.t.Fatalf("%s: %v", fmt.Sprintf(what, args...), err)
	}
}

// Eval returns the value of a JavaScript expression on the page; a promise is awaited. The page's content security
// policy does not hold for it.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, Patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	p.must(err, "evaluate %.200s", expression)
	return v
}

// Until waits until a JavaScript expression is true. The page may move to another address meanwhile.
func (p *Page) Until(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, Patience)
	defer cancel()
	look := chromedp.Evaluate[bool]("Boolean(" + expression + ")")
	for {
		// Any error may be that of a page just being left, so each is forgiven until patience ends.
		yes, err := chromedp.Run(ctx, look)
		if yes {
			return
		}
		if chromedp.Do(ctx, chromedp.Sleep(25*time.Millisecond)) != nil {
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				p.t.Fatalf("wait until %.300s: %v", expression, err)
			}
			p.t.Fatalf("wait until %.300s: not within %s", expression, Patience)
		}
	}
}

// Go shows another address and waits until it has loaded.
func (p *Page) Go(url string) {
	p.t.Helper()
	p.must(p.try(chromedp.Navigate(url)), "open %s", url)
}

// Reload shows the same address anew.
func (p *Page) Reload() {
	p.t.Helper()
	p.must(p.try(chromedp.Reload()), "reload")
}

// URL is the address shown now.
func (p *Page) URL() string {
	p.t.Helper()
	return Eval[string](p, "location.href")
}

// WaitURL waits until the address matches the regular expression, and returns it.
func (p *Page) WaitURL(pattern string) string {
	p.t.Helper()
	if _, err := regexp.Compile(pattern); err != nil {
		p.t.Fatalf("wait for an address: %v", err)
	}
	p.Until(fmt.Sprintf("document.readyState !== 'loading' && new RegExp(%s).test(location.href)", quote(pattern)))
	return p.URL()
}

// Click clicks the first element that matches, once it can be seen.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.must(p.try(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)), "click %s", selector)
}

// Fill replaces what a field holds, as a paste would: the field gets input and change events, no key events.
func (p *Page) Fill(selector, value string) {
	p.t.Helper()
	p.must(p.try(fill(chromedp.CSS(selector), value)), "fill %s", selector)
}

// Type presses one key after another in a field, for what listens to keys.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.must(p.try(chromedp.SendKeys(chromedp.CSS(selector), text, chromedp.NodeVisible)), "type into %s", selector)
}

// Keys presses keys wherever the focus is, once the page has loaded: before that nothing listens, though words can be
// read already. Names are those of package kb: kb.Enter, kb.Escape, kb.Tab.
func (p *Page) Keys(keys string) {
	p.t.Helper()
	p.Until("document.readyState === 'complete'")
	p.must(p.try(chromedp.KeyEvent(keys)), "press %q", keys)
}

// Upload chooses files in a file field, which may be hidden behind a button.
func (p *Page) Upload(selector string, paths ...string) {
	p.t.Helper()
	p.must(p.try(chromedp.SetUploadFiles(chromedp.CSS(selector), paths, chromedp.NodeReady)), "choose files in %s", selector)
}

// WaitVisible waits until an element that matches can be seen.
func (p *Page) WaitVisible(selector string) {
	p.t.Helper()
	p.must(p.try(chromedp.WaitVisible(chromedp.CSS(selector))), "wait for %s", selector)
}

// WaitGone waits until no element matches.
func (p *Page) WaitGone(selector string) {
	p.t.Helper()
	p.Until(fmt.Sprintf("!document.querySelector(%s)", quote(selector)))
}

// Text is what a person reads in the first element that matches, once it can be seen.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, Patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(selector), chromedp.NodeVisible))
	p.must(err, "read %s", selector)
	return strings.TrimSpace(text)
}

// Value is what the first field that matches holds.
func (p *Page) Value(selector string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, Patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Value(chromedp.CSS(selector)))
	p.must(err, "read the field %s", selector)
	return value
}

// Count is how many elements match now.
func (p *Page) Count(selector string) int {
	p.t.Helper()
	return Eval[int](p, fmt.Sprintf("document.querySelectorAll(%s).length", quote(selector)))
}

// NoSidewaysScroll fails the test when the page is wider than its screen, and names what sticks out.
func (p *Page) NoSidewaysScroll() {
	p.t.Helper()
	wide := Eval[[]string](p, `(() => {
		const edge = document.documentElement.clientWidth + 1
		if (document.documentElement.scrollWidth <= edge) return []
		return [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > edge)
			.slice(0, 8).map(e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + [...e.classList].map(c => '.' + c).join(''))
	})()`)
	if len(wide) > 0 {
		p.t.Errorf("%s scrolls sideways at %d px; sticking out: %s", p.URL(), p.screen.Width, strings.Join(wide, ", "))
	}
}

// Screenshot writes the whole page to NAME.png in the repository's screenshots folder, or in the folder that
// BELLWETHER_SCREENSHOTS names. Unless that variable is set it does nothing.
func (p *Page) Screenshot(name string) {
	p.t.Helper()
	folder := os.Getenv("BELLWETHER_SCREENSHOTS")
	switch {
	case folder == "":
		return
	case !filepath.IsAbs(folder):
		folder = filepath.Join(root(p.t), "screenshots")
	}
	ctx, cancel := context.WithTimeout(p.ctx, Patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	p.must(err, "take a screenshot of %s", name)
	p.must(os.MkdirAll(folder, 0o755), "make the screenshots folder")
	p.must(os.WriteFile(filepath.Join(folder, filepath.Base(name)+".png"), png, 0o644), "write the screenshot")
}

// explain says where a failed test's page was.
func (p *Page) explain() {
	where, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`location.href + '\n' + document.title + '\n' + document.body?.innerText.slice(0, 1500)`))
	if err != nil {
		p.t.Logf("the page could not be asked where it was: %v", err)
		return
	}
	p.t.Logf("the page was at %s", where)
	for _, n := range p.seen() {
		p.t.Logf("it noted: %s", n)
	}
	if os.Getenv("BELLWETHER_SCREENSHOTS") != "" {
		if png, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100)); err == nil {
			file := filepath.Join(root(p.t), "screenshots", "failed-"+strings.ReplaceAll(p.t.Name(), "/", "-")+".png")
			_ = os.MkdirAll(filepath.Dir(file), 0o755)
			_ = os.WriteFile(file, png, 0o644)
		}
	}
}

// fill pastes into text fields and sets the value of those that take no text (dates, colours, choices).
func fill[S chromedp.Selectable](selector S, value string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		var none chromedp.Void
		if _, err := chromedp.Focus(selector, chromedp.NodeVisible)(ctx, t); err != nil {
			return none, err
		}
		pasted, err := chromedp.Evaluate[bool](fmt.Sprintf(`(value => {
			const e = document.activeElement
			if (e.isContentEditable) { getSelection().selectAllChildren(e); return true }
			const text = e.matches('textarea, input:not([type]), input:is([type=text],[type=email],[type=password],[type=search],[type=url],[type=tel],[type=number])')
			if (text) { e.select(); return true }
			e.value = value
			if (e.value !== value) throw new Error('the field does not take ' + value)
			e.dispatchEvent(new Event('input', {bubbles: true}))
			e.dispatchEvent(new Event('change', {bubbles: true}))
			return false
		})(%s)`, quote(value)))(ctx, t)
		if err != nil || !pasted {
			return none, err
		}
		if value == "" {
			return chromedp.KeyEvent(kb.Delete)(ctx, t)
		}
		_, err = chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: value})
		return none, err
	}
}

// root is the repository's folder.
func root(t testing.TB) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("find the working folder: %v", err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("the tests run outside the repository")
		}
	}
}
