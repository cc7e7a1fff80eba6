package browser

import (
	"encoding/json"
	"fmt"

	"github.com/chromedp/chromedp"
)

// See waits until the page shows the words somewhere.
func (p *Page) See(words string) {
	p.t.Helper()
	p.Until(fmt.Sprintf("document.body?.innerText.includes(%s)", quote(words)))
}

// DontSee fails the test when the page shows the words now.
func (p *Page) DontSee(words string) {
	p.t.Helper()
	if Eval[bool](p, fmt.Sprintf("document.body.innerText.includes(%s)", quote(words))) {
		p.t.Errorf("%s shows %q", p.URL(), words)
	}
}

// ClickOn clicks the link, button, tab or menu item that has this name: what it reads, or what it is called to those
// who cannot see it. Of several, the first that can be seen.
func (p *Page) ClickOn(name string) {
	p.t.Helper()
	found := fmt.Sprintf(named, quote(name))
	p.Until(found)
	p.must(p.try(chromedp.Click(chromedp.JSPath(found), chromedp.NodeVisible)), "click on %q", name)
}

// FillIn replaces what the field with this label holds; see Fill.
func (p *Page) FillIn(label, value string) {
	p.t.Helper()
	found := fmt.Sprintf(labelled, quote(label))
	p.Until(found)
	p.must(p.try(fill(chromedp.JSPath(found), value)), "fill in %q", label)
}

// Choose picks the option that reads so in the list with this label.
func (p *Page) Choose(label, option string) {
	p.t.Helper()
	found := fmt.Sprintf(labelled, quote(label))
	p.Until(found)
	p.Until(fmt.Sprintf("[...%s.options].some(o => o.label.trim() === %s)", found, quote(option)))
	p.FillIn(label, Eval[string](p, fmt.Sprintf("[...%s.options].find(o => o.label.trim() === %s).value", found, quote(option))))
}

// Tick checks the box or picks the radio with this label; one that is checked already stays so.
func (p *Page) Tick(label string) {
	p.t.Helper()
	found := fmt.Sprintf(labelled, quote(label))
	p.Until(found)
	if !Eval[bool](p, found+".checked") {
		// The box itself is often drawn by its label, so it is clicked as a label would.
		Eval[bool](p, fmt.Sprintf("(%s.click(), true)", found))
	}
}

// The finders are expressions that give the element or null. Names are compared as a screen reader would say them:
// white space folded, an aria-label before the text.
const (
	fold = `s => (s ?? '').replace(/\s+/g, ' ').trim()`

	shown = `e => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0`

	named = `((name, fold, shown) => [...document.querySelectorAll('a[href], button, summary, [role=button], [role=tab], [role=menuitem], [role=option], [role=link], input[type=submit], input[type=button]')]
		.find(e => shown(e) && [e.getAttribute('aria-label'), e.innerText, e.value, e.title].some(s => fold(s) === name)) ?? null)(%s, ` + fold + `, ` + shown + `)`

	labelled = `((name, fold) => {
		const own = l => [...l.childNodes].filter(n => !n.matches?.('input, select, textarea')).map(n => n.textContent).join(' ')
		const label = [...document.querySelectorAll('label')].find(l => l.control && [fold(l.innerText), fold(own(l)), fold(own(l)).replace(/ ?[*:]$/, '')].includes(name))
		if (label) return label.control
		return [...document.querySelectorAll('input, select, textarea, [contenteditable], [role=textbox]')].find(e =>
			fold(e.getAttribute('aria-label')) === name ||
			fold((e.getAttribute('aria-labelledby') ?? '').split(' ').map(id => document.getElementById(id)?.innerText).join(' ')) === name) ?? null
	})(%s, ` + fold + `)`
)

// quote makes a Go string a JavaScript one.
func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}
