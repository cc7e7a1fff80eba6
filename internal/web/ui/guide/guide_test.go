package guide_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/bellwether-social/bellwether/e2e/browser"
	"github.com/bellwether-social/bellwether/internal/web/ui/guide"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

func open(t *testing.T, path string, screen browser.Screen, scheme browser.Scheme) *browser.Page {
	t.Helper()
	server := httptest.NewServer(guide.Handler())
	t.Cleanup(server.Close)
	p := browser.Open(t, server.URL+path, screen, scheme)
	p.Until("document.readyState === 'complete'")
	return p
}

// sound fails for what no page may have.
func sound(p *browser.Page) {
	p.NoSidewaysScroll()
	p.Axe()
	p.ConsoleErrors()
	p.CSPReports()
}

func TestEveryComponentIsAccessibleOnEveryScreen(t *testing.T) {
	small := browser.Screen{Width: 360, Height: 740, Scale: 2, Touch: true}
	tablet := browser.Screen{Width: 900, Height: 700, Scale: 1}
	for _, seen := range []struct {
		path   string
		screen browser.Screen
		scheme browser.Scheme
	}{
		// The guide shows every component in both themes; the scheme changes its shell.
		{"/", browser.Desktop, browser.Light}, {"/", tablet, browser.Dark}, {"/", browser.Phone, browser.Dark}, {"/", small, browser.Light},
		{"/guest", browser.Desktop, browser.Dark}, {"/guest", small, browser.Light},
	} {
		t.Run(fmt.Sprintf("%s-%d-%s", seen.path, seen.screen.Width, seen.scheme), func(t *testing.T) {
			sound(open(t, seen.path, seen.screen, seen.scheme))
		})
	}
}

func TestDialogTakesAndGivesBackTheFocus(t *testing.T) {
	p := open(t, "/", browser.Desktop, browser.Light)
	p.ClickOn("Open a dialog")
	p.WaitVisible("#guide-dialog[open]")
	p.Until("document.activeElement.id === 'to'")
	p.Axe()
	p.Keys(kb.Escape)
	p.Until("!document.querySelector('#guide-dialog').open && document.activeElement.dataset.open === 'guide-dialog'")
	p.ClickOn("Open a drawer")
	p.WaitVisible("#guide-drawer[open]")
	p.Axe()
	p.Click("#guide-drawer [data-close]")
	p.Until("!document.querySelector('#guide-drawer').open")
	p.ConsoleErrors()
}

func TestSingleKeysWorkUntilTheyAreSwitchedOff(t *testing.T) {
	p := open(t, "/", browser.Desktop, browser.Light)
	p.Keys("?")
	p.WaitVisible("#shortcuts[open]")
	p.Axe()
	p.Click("#single-keys")
	p.Keys(kb.Escape)
	p.Keys("?")
	p.Keys("/")
	p.Until("!document.querySelector('dialog[open]')")
	if look := browser.Eval[string](p, "document.cookie"); look != "look=nokeys" {
		t.Errorf("the choice is kept as %q", look)
	}
	p.Reload()
	p.Keys("?")
	p.Until("!document.querySelector('dialog[open]')")
}

func TestKeysAreLeftToWhoTypes(t *testing.T) {
	p := open(t, "/", browser.Desktop, browser.Light)
	p.Type("#name-l", "?/gh")
	if p.Count("dialog[open]") != 0 || !strings.Contains(p.Value("#name-l"), "?/gh") {
		t.Errorf("keys acted while typing; the field holds %q", p.Value("#name-l"))
	}
}

func TestSearchOpensByKeyAndGoesToAScreen(t *testing.T) {
	p := open(t, "/", browser.Desktop, browser.Light)
	p.Keys("/")
	p.WaitVisible("#command[open]")
	p.Fill(".command-input", "queu")
	p.Until("[...document.querySelectorAll('.command-screens > li')].filter(l => !l.hidden).length === 1")
	p.See("The guide holds nothing to find")
	p.Axe()
	p.Keys(kb.ArrowDown)
	p.Keys(kb.Enter)
	p.WaitURL("/queue$")
}

func TestSequenceGoesToAScreen(t *testing.T) {
	p := open(t, "/", browser.Desktop, browser.Light)
	p.Keys("g")
	p.Keys("c")
	p.WaitURL("/calendar$")
}

func TestLookIsChosenAtOnceAndKept(t *testing.T) {
	p := open(t, "/", browser.Desktop, browser.Light)
	before := browser.Eval[string](p, "getComputedStyle(document.body).backgroundColor")
	p.Click("button[popovertarget=user-menu]")
	p.WaitVisible("#user-menu")
	p.Axe()
	p.Click("#user-menu [data-look=theme][data-value=dark]")
	p.Click("#user-menu [data-look=density]")
	p.Until("document.documentElement.dataset.theme === 'dark' && getComputedStyle(document.body).backgroundColor !== '" + before + "'")
	p.Reload()
	p.Until("document.documentElement.dataset.theme === 'dark' && document.documentElement.dataset.density === 'compact'")
}

func TestMenuIsWalkedWithArrows(t *testing.T) {
	p := open(t, "/", browser.Desktop, browser.Light)
	p.Click("button[popovertarget=menu-l]")
	p.Until("document.activeElement.textContent.includes('Edit') && document.querySelector('[popovertarget=menu-l]').ariaExpanded === 'true'")
	p.Keys(kb.ArrowUp)
	p.Until("document.activeElement.textContent.includes('Delete')")
	p.Keys(kb.Escape)
	p.Until("document.querySelector('[popovertarget=menu-l]').ariaExpanded === 'false'")
}

func TestComboboxKeepsTheChosenValue(t *testing.T) {
	p := open(t, "/", browser.Desktop, browser.Light)
	p.Type("#campaign-l", "wa")
	p.Until("document.querySelectorAll('#campaign-l-list:not([hidden]) [role=option]').length === 1")
	p.Axe()
	p.Keys(kb.ArrowDown)
	p.Keys(kb.Enter)
	p.Until("document.querySelector('#campaign-l').value === 'Autumn walk' && document.querySelector('.combobox input[type=hidden]').value === 'Autumn walk' && document.querySelector('#campaign-l-list').hidden")
	p.Keys(kb.Backspace)
	p.Until("document.querySelector('.combobox input[type=hidden]').value === ''")
	p.ConsoleErrors()
}

func TestCounterCountsGraphemes(t *testing.T) {
	p := open(t, "/", browser.Desktop, browser.Light)
	p.Fill("#text-l", "Åse 👩‍👩‍👧 naïve")
	p.Until("document.querySelector('[data-counts=text-l] .counter-now').textContent === '11'")
	p.Fill("#text-l", strings.Repeat("x", 73))
	p.Until("document.querySelector('[data-counts=text-l]').classList.contains('counter-over')")
}

func TestCardIsMovedWithKeysAlone(t *testing.T) {
	p := open(t, "/", browser.Desktop, browser.Light)
	browser.Eval[bool](p, "document.querySelector('[data-move-item=post-l]').focus(), true")
	p.Keys("m")
	p.Until("document.querySelector('#live').textContent.startsWith('Picked up')")
	p.Keys(kb.ArrowRight)
	p.Keys(kb.ArrowRight)
	p.Keys("m")
	p.Until("document.querySelector('[data-move-slot=\"Thu 17:00-l\"] [data-move-item=post-l]') && document.querySelector('#live').textContent === 'Moved to Thu 17:00'")
	p.Keys("m")
	p.Keys(kb.ArrowLeft)
	p.Keys(kb.Escape)
	p.Until("document.querySelector('[data-move-slot=\"Thu 17:00-l\"] [data-move-item=post-l]') && !document.querySelector('.is-picked')")
}

func TestAllRowsAreChosenByTheHead(t *testing.T) {
	p := open(t, "/", browser.Desktop, browser.Light)
	p.Until("document.querySelectorAll('#t-l tbody input:checked').length === 1")
	browser.Eval[bool](p, "document.querySelector('#t-l [data-select-all]').click(), true")
	p.Until("document.querySelectorAll('tbody .cell-select input:checked').length === 9")
}

func TestShellNavigatesOnAPhone(t *testing.T) {
	p := open(t, "/", browser.Phone, browser.Light)
	p.Click(".bottombar button[data-open=drawer-nav]")
	p.WaitVisible("#drawer-nav[open]")
	p.Axe()
	p.Click("#drawer-nav [data-nav=goals]")
	p.WaitURL("/goals$")
}
