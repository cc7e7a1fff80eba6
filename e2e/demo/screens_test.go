package demo

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/bellwether-social/bellwether/e2e/app"
	"github.com/bellwether-social/bellwether/e2e/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

var screens = []string{"/", "/calendar", "/calendar/blackouts", "/compose", "/compose/posts", "/library", "/queue", "/deliveries", "/preflight", "/inbox",
	"/inbox/replies", "/inbox/moderation", "/inbox/response", "/campaigns", "/campaigns/new", "/goals", "/goals/new", "/insights", "/insights/audience", "/links", "/money", "/money/orders", "/money/import",
	"/money/tracking", "/channels", "/connect/sandbox", "/connect/byhand", "/connect/google-business/app", "/notifications", "/search", "/settings/profile", "/settings/security", "/settings/workspace",
	"/settings/members", "/settings/roles", "/settings/keys", "/settings/audit"}

func TestEveryScreenIsWhole(t *testing.T) {
	a := app.Demo(t, app.Options{})
	for _, look := range []struct {
		name   string
		screen browser.Screen
		scheme browser.Scheme
	}{{"desktop-light", browser.Desktop, browser.Light}, {"phone-dark", browser.Phone, browser.Dark}} {
		p := browser.Open(t, a.SignIn, look.screen, look.scheme)
		for _, path := range screens {
			p.Go(a.URL + path)
			p.Axe()
			p.NoSidewaysScroll()
			p.ConsoleErrors()
			p.CSPReports()
			p.Screenshot(look.name + strings.ReplaceAll(path, "/", "-"))
		}
	}
}

var identity = regexp.MustCompile(`[a-z]+_[0-9a-z]{20,}`)

// TestEveryLinkLeadsSomewhere follows the product's own links, four of each shape, from the home screen on.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	a := app.Demo(t, app.Options{})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	if _, err := links(client, a.SignIn); err != nil {
		t.Fatal(err)
	}
	seen, shapes := map[string]bool{}, map[string]int{}
	for todo := []string{"/"}; len(todo) > 0; todo = todo[1:] {
		path := todo[0]
		shape := identity.ReplaceAllString(strings.SplitN(path, "?", 2)[0], "ID")
		if seen[path] || shapes[shape] >= 4 {
			continue
		}
		seen[path] = true
		shapes[shape]++
		found, err := links(client, a.URL+path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		todo = append(todo, found...)
	}
	if len(shapes) < len(screens) {
		t.Errorf("links lead to %d kinds of screen only", len(shapes))
	}
}

// links asks for a page and returns the addresses of the product's own that it links to or loads from. Short links are
// left out: they lead to other sites.
func links(client *http.Client, address string) ([]string, error) {
	r, err := client.Get(address)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answers %s", r.Status)
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		_, err = io.Copy(io.Discard, r.Body)
		return nil, err
	}
	var found []string
	for z := html.NewTokenizer(r.Body); ; {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() == io.EOF {
				return found, nil
			}
			return found, z.Err()
		case html.StartTagToken, html.SelfClosingTagToken:
			for _, attribute := range z.Token().Attr {
				v := strings.SplitN(attribute.Val, "#", 2)[0]
				switch attribute.Key {
				case "href", "src", "hx-get":
					if strings.HasPrefix(v, "/") && !strings.HasPrefix(v, "//") && !strings.HasPrefix(v, "/l/") {
						found = append(found, v)
					}
				}
			}
		}
	}
}
