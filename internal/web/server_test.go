package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/web"
	"github.com/bellwether-social/bellwether/internal/web/gatetest"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func contains(body, words string) bool { return strings.Contains(body, words) }

func TestSignInLeadsToWhereThePersonWantedToBe(t *testing.T) {
	s := build(t, dbtest.SQLite(t), home)
	a := s.get("stranger", "/settings/members?x=1")
	if a.Code != http.StatusSeeOther || a.Location != "/sign-in?next="+url.QueryEscape("/settings/members?x=1") {
		t.Fatalf("a stranger is sent to %q with %d", a.Location, a.Code)
	}
	a = s.post("stranger", "/sign-in", url.Values{"email": {"owner@example.org"}, "password": {gatetest.Password}, "next": {"/settings/members?x=1"}})
	if a.Code != http.StatusSeeOther || a.Location != "/settings/members?x=1" {
		t.Fatalf("after signing in: %d to %q", a.Code, a.Location)
	}
	var session *http.Cookie
	for _, c := range a.Cookies {
		if c.Name == s.House.CookieName(page.SessionCookie) {
			session = c
		}
	}
	if session == nil || !session.HttpOnly || session.SameSite != http.SameSiteLaxMode || len(session.Value) < 32 {
		t.Fatalf("the session's cookie: %v", session)
	}
	r := httptest.NewRequest(http.MethodGet, home+"/settings/members", nil)
	r.AddCookie(session)
	w := httptest.NewRecorder()
	if s.server.ServeHTTP(w, r); w.Code != 200 {
		t.Errorf("with the session: %d", w.Code)
	}
}

func TestOverHTTPSCookiesBelongToTheHostAlone(t *testing.T) {
	s := build(t, dbtest.SQLite(t), "https://social.example.org")
	for _, c := range s.post("stranger", "/sign-in", url.Values{"email": {"owner@example.org"}, "password": {gatetest.Password}}).Cookies {
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || c.Domain != "" || c.Path != "/" {
			t.Errorf("%s", c)
		}
	}
}

func TestS22NextStaysOnThisSite(t *testing.T) {
	s := build(t, dbtest.SQLite(t), home)
	for _, next := range []string{"//evil.example", `/\evil.example`, "https:evil.example", "https://evil.example/", "/\tevil", "/\n/evil.example", "\t//evil.example", "javascript:alert(1)", "/%5cevil\\", `\\evil.example`, "///evil.example", "http:/evil.example", " //evil.example", "/\x00/evil"} {
		if got := page.Local(next); got != "/" {
			t.Errorf("%q leads to %q", next, got)
		}
		a := s.post("stranger", "/sign-in", url.Values{"email": {"owner@example.org"}, "password": {gatetest.Password}, "next": {next}})
		if a.Code != http.StatusSeeOther || a.Location != "/" {
			t.Errorf("signing in with next=%q: %d to %q", next, a.Code, a.Location)
		}
	}
	for _, fine := range []string{"/", "/calendar?from=2026-11-24&view=week", "/inbox/conv_1#last", "/search?q=a%2Fb"} {
		if got := page.Local(fine); got != fine {
			t.Errorf("%q became %q", fine, got)
		}
	}
}

func TestS26OnlyTrustedProxiesSayWhoAsks(t *testing.T) {
	house, events := gatetest.Empty(t, dbtest.SQLite(t), home)
	s := web.New(web.Config{House: house, Events: events, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}})
	for _, c := range []struct{ remote, forwarded, want string }{
		{"192.0.2.1:5", "203.0.113.9", "192.0.2.1"},                            // a client that claims to be another
		{"10.0.0.1:5", "203.0.113.9", "203.0.113.9"},                           // our proxy says so
		{"10.0.0.1:5", "1.2.3.4, 203.0.113.9", "203.0.113.9"},                  // what the client prepended
		{"10.0.0.1:5", "203.0.113.9, 10.0.0.2", "203.0.113.9"},                 // two proxies of ours
		{"10.0.0.1:5", "nonsense", "10.0.0.1"}, {"10.0.0.1:5", "", "10.0.0.1"}, // nothing to believe
		{"[::1]:5", "2001:db8::7", "2001:db8::7"}, {"[::ffff:10.0.0.1]:5", "203.0.113.9", "203.0.113.9"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-For", c.forwarded)
		r.Header.Set("X-Real-Ip", "9.9.9.9")
		if got := s.Address(r); got != c.want {
			t.Errorf("%s, forwarded for %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}

// with serves routes of the test's own beside nothing else.
func with(t *testing.T, routes ...page.Route) *site {
	t.Helper()
	s := build(t, dbtest.SQLite(t), home)
	s.server = s.build(routes).(*web.Server)
	return s
}

func TestEachKindOfErrorHasItsStatusAndSaysWhatToDo(t *testing.T) {
	var err error
	s := with(t, page.Get("/x", page.Public, func(*page.Context) error { return err }), page.Post("/x", page.Public, func(*page.Context) error { return err }))
	for status, e := range map[int]error{
		422: fault.Invalidf("zone", "the zone is <b>wrong</b>").WithHint("Choose another."), 404: fault.NotFoundf("there is no such thing"), 403: fault.Forbiddenf("you may not"),
		409: fault.Conflictf("it has changed"), 503: &fault.Error{Kind: fault.Later, Message: "the network rests", RetryAt: time.Now().Add(time.Minute)}, 502: fault.Wrap(fault.Unknown, nil, "the answer was lost"),
		500: fmt.Errorf("query: connect to 10.1.2.3 with password hunter2: %w", errors.New("refused")),
	} {
		err = e
		a := s.post("owner", "/x", nil)
		if a.Code != status {
			t.Errorf("%v: status %d, want %d", e, a.Code, status)
		}
		for _, words := range []string{"req_", "Nothing was changed"} {
			if !contains(a.Body, words) {
				t.Errorf("the page of %d does not say %q", status, words)
			}
		}
		if contains(a.Body, "hunter2") || contains(a.Body, "<b>wrong") {
			t.Errorf("the page of %d shows what it must not", status)
		}
		if status == 503 && a.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		r := s.Person("owner").Request(s.House, http.MethodGet, "/x", nil)
		r.Header.Set("HX-Request", "true")
		r.Header.Set("HX-Request-Type", "partial")
		w := httptest.NewRecorder()
		if s.server.ServeHTTP(w, r); w.Code != status || w.Header().Get("HX-Reswap") != "none" || contains(w.Body.String(), "<html") {
			t.Errorf("a fragment of %d: %d, reswap %q", status, w.Code, w.Header().Get("HX-Reswap"))
		}
	}
}

func TestAPanicIsAnErrorPageAndALogLine(t *testing.T) {
	var log bytes.Buffer
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(slog.New(slog.DiscardHandler)) })
	s := with(t, page.Get("/x", page.Public, func(*page.Context) error { panic("a bug") }))
	a := s.get("stranger", "/x")
	if a.Code != 500 || contains(a.Body, "a bug") || !contains(log.String(), "a bug") {
		t.Errorf("status %d; log %s", a.Code, log.String())
	}
	if id := a.Header.Get("X-Request-Id"); id == "" || !contains(log.String(), id) || !contains(a.Body, id) {
		t.Errorf("the code %q is not in both page and log", id)
	}
}

func TestABodyOverTheLimitIsRefused(t *testing.T) {
	route := page.Post("/x", page.Public, func(c *page.Context) error {
		_, err := c.Form()
		return err
	})
	route.Body = 100
	s := with(t, route)
	if a := s.post("stranger", "/x", url.Values{"a": {strings.Repeat("x", 200)}}); a.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", a.Code)
	}
}

func TestS30TooManyRequestsAreRefusedPerPerson(t *testing.T) {
	route := page.Get("/x", page.Public, func(c *page.Context) error { c.W.WriteHeader(204); return nil })
	route.Limit = 3
	s := with(t, route)
	codes := ""
	for range 5 {
		codes += fmt.Sprint(s.get("owner", "/x").Code, " ")
	}
	if !strings.HasPrefix(codes, "204 204 204 429") {
		t.Errorf("codes %s", codes)
	}
	if a := s.get("rival", "/x"); a.Code != 204 {
		t.Errorf("somebody else is refused, too: %d", a.Code)
	}
}

func TestS21DoubledAndOddParametersAreOnlyText(t *testing.T) {
	s := build(t, dbtest.SQLite(t), home)
	for _, form := range []url.Values{
		{"email": {"owner@example.org", "rival@example.org"}, "password": {"x", gatetest.Password}}, {"email[$ne]": {"x"}, "password[$ne]": {"x"}},
		{"email": {`{"$ne":null}`}, "password": {`{"$ne":null}`}}, {"__proto__": {"x"}, "email": {"' or 1=1 --"}, "password": {"' or 1=1 --"}},
	} {
		if a := s.post("stranger", "/sign-in", form); a.Code != 422 || len(a.Cookies) > 0 {
			t.Errorf("%v: %d, %v", form, a.Code, a.Cookies)
		}
	}
	for _, token := range []string{`{"$ne":null}`, "' or '1'='1", strings.Repeat("x", 4000)} {
		r := httptest.NewRequest(http.MethodGet, home+"/settings/profile", nil)
		r.Header.Set("Cookie", s.House.CookieName(page.SessionCookie)+"="+url.QueryEscape(token))
		w := httptest.NewRecorder()
		if s.server.ServeHTTP(w, r); w.Code != http.StatusSeeOther {
			t.Errorf("the session %.20q: %d", token, w.Code)
		}
	}
}

func TestPagesAreSentPackedToWhoTakesIt(t *testing.T) {
	s := build(t, dbtest.SQLite(t), home)
	r := s.Person("owner").Request(s.House, http.MethodGet, "/settings/profile", nil)
	r.Header.Set("Accept-Encoding", "br, gzip")
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	unpacked, err := gzip.NewReader(w.Body)
	if err != nil || w.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("%q, %v", w.Header().Get("Content-Encoding"), err)
	}
	if page, err := io.ReadAll(unpacked); err != nil || !bytes.Contains(page, []byte("</html>")) {
		t.Errorf("%d bytes, %v", len(page), err)
	}
	if plain := s.get("owner", "/settings/profile"); plain.Header.Get("Content-Encoding") != "" || !contains(plain.Body, "</html>") {
		t.Error("packed for somebody who did not ask for it")
	}
}

func TestWhoIsRemovedIsOutAtOnce(t *testing.T) {
	s := build(t, dbtest.SQLite(t), home)
	if a := s.get("social_media_manager", "/settings/members"); a.Code != 200 {
		t.Fatalf("before: %d", a.Code)
	}
	if a := s.post("owner", "/settings/members/"+s.Person("social_media_manager").User.ID+"/remove", nil); a.Code != http.StatusSeeOther {
		t.Fatalf("removing: %d", a.Code)
	}
	if a := s.get("social_media_manager", "/settings/members"); a.Code != 403 || contains(a.Body, gatetest.Secret+" Works") {
		t.Errorf("after: %d", a.Code)
	}
}

func TestD10AMemberWithoutSecondFactorSetsOneUpFirst(t *testing.T) {
	s := build(t, dbtest.SQLite(t), home)
	if err := s.Workspaces.Settle(context.Background(), s.Person("owner").Actor, workspace.Settings{Name: gatetest.Secret, Zone: "UTC", Currency: "EUR", WeekStart: 1, SecondFactor: true}); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.routes {
		path := strings.NewReplacer("{id}", "x", "{workspace}", "x", "{brand}", "x", "{token}", "x").Replace(r.Pattern)
		a := s.ask("analyst", r.Method, path, nil)
		held := a.Code == http.StatusSeeOther && a.Location == "/settings/security"
		if wanted := !r.BeforeSecondFactor && r.Need != page.Public; held != wanted && !(r.BeforeSecondFactor && strings.HasPrefix(path, "/settings/security")) {
			t.Errorf("%s %s: %d to %q", r.Method, r.Pattern, a.Code, a.Location)
		}
	}
	if a := s.get("analyst", "/settings/security"); a.Code != 200 || !contains(a.Body, "Set up a second factor") {
		t.Errorf("the page where it is set up: %d", a.Code)
	}
	if a := s.get("rival", "/settings/members"); a.Code != 200 {
		t.Errorf("another workspace is held to it, too: %d", a.Code)
	}
}

func TestTheStreamSaysWhatChangedInOnesOwnWorkspaceOnly(t *testing.T) {
	s := build(t, dbtest.SQLite(t), home)
	server := httptest.NewServer(s.server)
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: s.House.CookieName(page.SessionCookie), Value: s.Person("owner").Token})
	res, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("content type %q, status %d", got, res.StatusCode)
	}
	heard := make([]byte, 4096)
	if _, err := res.Body.Read(heard); err != nil { // the greeting: the watch stands
		t.Fatal(err)
	}
	for _, p := range []string{"rival", "owner"} {
		if _, err := s.Workspaces.AddBrand(ctx, s.Person(p).Actor, workspace.Brand{Name: "New of " + p, Zone: "UTC", Currency: "EUR"}); err != nil {
			t.Fatal(err)
		}
	}
	n, err := res.Body.Read(heard)
	if line := string(heard[:n]); err != nil || strings.Count(line, "data:") != 1 || !contains(line, `"topic":"brand.added"`) || contains(line, "New of") {
		t.Errorf("heard %q, %v", heard[:n], err)
	}
}

func TestSwitchingChangesTheWorkspaceOfThisSessionOnly(t *testing.T) {
	s := build(t, dbtest.SQLite(t), home)
	owner := s.Person("owner")
	if a := s.post("owner", "/switch/"+s.Person("rival").Actor.WorkspaceID, nil); a.Code != 404 {
		t.Errorf("switching into another's workspace: %d", a.Code)
	}
	made, err := s.Workspaces.Create(context.Background(), owner.User, "", workspace.NewWorkspace{Name: "Second home", Zone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	if a := s.post("owner", "/switch/"+made.ID, nil); a.Code != http.StatusSeeOther {
		t.Fatalf("switching: %d", a.Code)
	}
	if a := s.get("owner", "/settings/workspace"); !contains(a.Body, "The workspace Second home") {
		t.Error("the other workspace does not show")
	}
	if a := s.get("owner", "/switch/"+made.ID); a.Code != 404 {
		t.Errorf("switching by a link: %d", a.Code)
	}
}

func TestStrangersNamesAreOnlyText(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := build(t, database, home)
		const evil = `<img src=x onerror=alert(1)>"'&`
		form := url.Values{"name": {evil}, "zone": {"UTC"}, "theme": {"system"}, "language": {"en"}}
		if a := s.post("analyst", "/settings/profile", form); a.Code != http.StatusSeeOther {
			t.Fatalf("saving: %d", a.Code)
		}
		for _, path := range []string{"/settings/members", "/settings/members/" + s.Person("analyst").User.ID} {
			if a := s.get("owner", path); a.Code != 200 || contains(a.Body, "<img src=x") || !contains(a.Body, "&lt;img src=x") {
				t.Errorf("%s: status %d", path, a.Code)
			}
		}
	})
}
