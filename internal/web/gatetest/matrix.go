package gatetest

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/web/page"
)

var update = flag.Bool("update-routes", false, "write the golden list of routes and their needs anew; read the change before you commit it")

// Builder makes a server of a route table, on the town's house.
type Builder func(routes []page.Route) http.Handler

// CheckNeeds compares the route table with the golden list: who may call what is decided by a person, line by line.
func CheckNeeds(t *testing.T, routes []page.Route, golden string) {
	t.Helper()
	var lines []string
	for _, r := range routes {
		early := ""
		if r.BeforeSecondFactor {
			early = " before-second-factor"
		}
		lines = append(lines, fmt.Sprintf("%s %s %s%s", r.Method, r.Pattern, r.Need, early))
	}
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Split(string(want), "\n")
	for _, line := range lines {
		if !slices.Contains(known, line) {
			t.Errorf("this route has no entry in %s: %s", golden, line)
		}
	}
	for _, line := range known {
		if line != "" && !slices.Contains(lines, line) {
			t.Errorf("the entry of %s has no route: %s", golden, line)
		}
	}
}

// CheckGate calls every route as everybody and compares who gets in with what the need says (T6). The handlers are
// replaced by ones that only note the call, so that nothing but the gate answers.
func CheckGate(t *testing.T, town *Town, routes []page.Route, build Builder) {
	t.Helper()
	entered := false
	stubs := make([]page.Route, len(routes))
	for i, r := range routes {
		if r.Handle == nil || r.Method == "" {
			t.Fatalf("route %+v is not whole", r)
		}
		r.Limit = 0
		r.Handle = func(c *page.Context) error { entered = true; c.W.WriteHeader(http.StatusNoContent); return nil }
		stubs[i] = r
	}
	for _, p := range town.People {
		server := build(stubs) // each with its own allowance of requests
		for _, r := range stubs {
			entered = false
			answer := p.Ask(server, town.House, r.Method, fill(r.Pattern, "x"), nil)
			want := page.Allowed(r.Need, p.Token != "", p.Actor.WorkspaceID != "", p.Actor)
			if entered != want {
				t.Errorf("%s %s as %s: let in %v, want %v (status %d)", r.Method, r.Pattern, p.Name, entered, want, answer.Code)
			}
			if !want && answer.Code != http.StatusForbidden && !(p.Token == "" && answer.Code == http.StatusSeeOther && strings.HasPrefix(answer.Header().Get("Location"), "/sign-in")) {
				t.Errorf("%s %s as %s is refused with %d to %q", r.Method, r.Pattern, p.Name, answer.Code, answer.Header().Get("Location"))
			}
		}
	}
}

// CheckForged sends every change as another site's form would: nothing may be carried out (ASVS 3.5.1).
func CheckForged(t *testing.T, town *Town, routes []page.Route, build Builder) {
	t.Helper()
	entered := ""
	stubs := make([]page.Route, len(routes))
	for i, r := range routes {
		r.Handle = func(*page.Context) error { entered = r.Pattern; return nil }
		stubs[i] = r
	}
	owner := town.Person("owner")
	for _, forge := range []func(*http.Request){
		func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Origin", "https://evil.example")
		},
		func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site"); r.Header.Del("Origin") },
		func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "same-site")
			r.Header.Set("Origin", "https://blog.localhost")
		},
		func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "https://evil.example") },
		func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "null") },
	} {
		server := build(stubs)
		for _, r := range stubs {
			if r.Method == http.MethodGet {
				continue
			}
			request := owner.Request(town.House, r.Method, fill(r.Pattern, "x"), nil)
			forge(request)
			w := httptest.NewRecorder()
			if server.ServeHTTP(w, request); w.Code != http.StatusForbidden || entered != "" {
				t.Errorf("a forged %s %s is answered with %d, carried out: %v", r.Method, r.Pattern, w.Code, entered != "")
			}
			entered = ""
		}
	}
}

// CheckTenants opens every page as another workspace's owner, with every id of the first workspace in every place for
// one: nothing of the first may show (S14, INV-10).
func CheckTenants(t *testing.T, town *Town, routes []page.Route, server http.Handler) {
	t.Helper()
	for _, name := range []string{"rival", "alone", "stranger"} {
		p := town.Person(name)
		for _, r := range routes {
			for _, id := range town.IDs {
				path := fill(r.Pattern, id)
				if path == r.Pattern && id != town.IDs[0] {
					break // no place for an id: once is enough
				}
				if p.Token == "" && (strings.Contains(r.Pattern, "{token}") || r.Limit > 0) || r.Pattern == "/events" {
					continue
				}
				answer := ask(p, server, town, r.Method, path)
				if strings.Contains(answer.Body.String(), Secret) {
					t.Errorf("%s %s as %s shows what belongs to another workspace (status %d)", r.Method, path, name, answer.Code)
				}
				if answer.Code >= 500 {
					t.Errorf("%s %s as %s: status %d", r.Method, path, name, answer.Code)
				}
			}
		}
	}
}

func ask(p Person, server http.Handler, town *Town, method, path string) *httptest.ResponseRecorder {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	w := httptest.NewRecorder()
	server.ServeHTTP(w, p.Request(town.House, method, path+query(method, town), nil).WithContext(ctx))
	return w
}

// query puts ids of the first workspace into the filters screens have.
func query(method string, town *Town) string {
	if method != http.MethodGet {
		return ""
	}
	id := town.IDs[len(town.IDs)-1]
	return "?id=" + id + "&brand=" + id + "&channel=" + id + "&campaign=" + id + "&entity=" + id + "&who=" + town.IDs[0] + "&role=" + id
}

// CheckHeaders looks at the promises of every answer, whoever asks and whatever comes of it.
func CheckHeaders(t *testing.T, town *Town, routes []page.Route, server http.Handler) {
	t.Helper()
	for _, p := range []Person{town.Person("owner"), town.Person("stranger")} {
		for _, r := range routes {
			if r.Pattern == "/events" {
				continue
			}
			answer := ask(p, server, town, r.Method, fill(r.Pattern, "x"))
			for header, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "origin", "Content-Security-Policy": "object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
				"Cache-Control": "no-store", "X-Request-Id": "req_", "Cross-Origin-Opener-Policy": "same-origin",
			} {
				if got := answer.Header().Get(header); !strings.Contains(got, want) {
					t.Errorf("%s %s as %s (status %d): %s is %q", r.Method, r.Pattern, p.Name, answer.Code, header, got)
				}
			}
			if csp := answer.Header().Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") {
				t.Errorf("%s %s allows %s", r.Method, r.Pattern, csp)
			}
			for _, cookie := range answer.Result().Cookies() {
				if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" {
					t.Errorf("%s %s sets the cookie %s", r.Method, r.Pattern, cookie)
				}
			}
		}
	}
}

// fill puts value into every wildcard of a pattern.
func fill(pattern, value string) string {
	var out strings.Builder
	for part := range strings.SplitSeq(pattern, "/") {
		if part == "" || part == "{$}" {
			continue
		}
		out.WriteByte('/')
		if strings.HasPrefix(part, "{") {
			part = value
		}
		out.WriteString(part)
	}
	if out.Len() == 0 {
		return "/"
	}
	return out.String()
}
