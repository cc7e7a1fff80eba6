package web_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/job"
	"github.com/bellwether-social/bellwether/internal/mail"
	"github.com/bellwether-social/bellwether/internal/notify"
	"github.com/bellwether-social/bellwether/internal/web"
	"github.com/bellwether-social/bellwether/internal/web/gatetest"
	"github.com/bellwether-social/bellwether/internal/web/notices"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/settings"
	"github.com/bellwether-social/bellwether/internal/web/signin"
)

// nobody takes letters and keeps none.
type nobody struct{}

func (nobody) Send(context.Context, mail.Message) error { return nil }
func (nobody) Note() string                             { return "" }

// site is a server with the screens that every installation begins with.
type site struct {
	*gatetest.Town
	routes []page.Route
	server *web.Server
	build  gatetest.Builder
	jobs   *job.Jobs
	notes  *notify.Notices
}

const home = "http://localhost:8080"

func build(t *testing.T, database *db.DB, address string) *site {
	t.Helper()
	house, events := gatetest.Empty(t, database, address)
	s := &site{jobs: job.New(database)}
	s.notes = notify.New(database, events, s.jobs, house.Workspaces, nobody{}, house.URL)
	house.Accounts.Write(s.jobs, nobody{})
	house.Unread = s.notes.Unread
	if err := s.jobs.Open(); err != nil {
		t.Fatal(err)
	}
	s.build = func(routes []page.Route) http.Handler {
		return web.New(web.Config{House: house, Events: events, Routes: routes})
	}
	s.routes = append(signin.Routes(signin.Rooms{Accounts: house.Accounts, Workspaces: house.Workspaces, Mail: nobody{}}),
		settings.Routes(settings.Rooms{Accounts: house.Accounts, Workspaces: house.Workspaces, Notices: s.notes, Mail: nobody{}})...)
	s.routes = append(s.routes, notices.Routes(notices.Rooms{Notices: s.notes})...)
	s.Town = gatetest.Build(t, database, house.Accounts, house.Workspaces, house)
	s.server = s.build(s.routes).(*web.Server)
	return s
}

func (s *site) get(name, path string) answer { return s.ask(name, http.MethodGet, path, nil) }

func (s *site) post(name, path string, form url.Values) answer {
	return s.ask(name, http.MethodPost, path, form)
}

type answer struct {
	Code     int
	Body     string
	Location string
	Header   http.Header
	Cookies  []*http.Cookie
}

func (s *site) ask(name, method, path string, form url.Values) answer {
	w := s.Person(name).Ask(s.server, s.House, method, path, form)
	return answer{w.Code, w.Body.String(), w.Header().Get("Location"), w.Header(), w.Result().Cookies()}
}

func TestT6EveryRouteHasAnEntry(t *testing.T) {
	s := build(t, dbtest.SQLite(t), home)
	gatetest.CheckNeeds(t, s.server.Routes(), "testdata/routes.txt")
}

func TestT6TheGateLetsInWhoMay(t *testing.T) {
	s := build(t, dbtest.SQLite(t), home)
	gatetest.CheckGate(t, s.Town, s.routes, s.build)
}

func TestForgedFormsChangeNothing(t *testing.T) {
	s := build(t, dbtest.SQLite(t), home)
	gatetest.CheckForged(t, s.Town, s.routes, s.build)
}

func TestS14NoScreenShowsAnotherWorkspace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := build(t, database, home)
		gatetest.CheckTenants(t, s.Town, s.routes, s.server)
		// The ids worked: the owner sees what the others did not.
		if a := s.get("owner", "/settings/members"); a.Code != 200 || !contains(a.Body, gatetest.Secret) {
			t.Errorf("the owner's own page: status %d", a.Code)
		}
	})
}

func TestEveryAnswerKeepsThePromises(t *testing.T) {
	s := build(t, dbtest.SQLite(t), home)
	gatetest.CheckHeaders(t, s.Town, s.routes, s.server)
	secure := build(t, dbtest.SQLite(t), "https://social.example.org")
	a := secure.get("stranger", "/sign-in")
	if a.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS over https")
	}
	if s.get("stranger", "/sign-in").Header.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS over plain http")
	}
}
