package demo

import (
	"os"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/e2e/browser"
)

func TestZZ(t *testing.T) {
	link := os.Getenv("LINK")
	base := link[:strings.Index(link, "/sign-in")]
	for _, look := range []struct {
		name   string
		screen browser.Screen
		scheme browser.Scheme
	}{{"desktop-light", browser.Desktop, browser.Light}, {"phone-dark", browser.Phone, browser.Dark}} {
		p := browser.Open(t, link, look.screen, look.scheme)
		for i, path := range strings.Fields(os.Getenv("PATHS")) {
			p.Go(base + path)
			if js := os.Getenv("JS"); js != "" && i == 0 {
				browser.Eval[bool](p, js)
			}
			p.Axe()
			p.NoSidewaysScroll()
			p.Screenshot(look.name + strings.ReplaceAll(strings.SplitN(path, "?", 2)[0], "/", "-"))
		}
	}
}
