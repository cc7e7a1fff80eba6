package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web"
	"github.com/bellwether-social/bellwether/internal/web/gatetest"
	"github.com/bellwether-social/bellwether/internal/web/page"
)

// town is the whole app with everybody in it; the first workspace owns things of every kind that an address names.
func town(t *testing.T) (*App, *gatetest.Town, gatetest.Builder) {
	t.Helper()
	return townOn(t, "")
}

// onBoth runs a test on SQLite and on PostgreSQL.
func onBoth(t *testing.T, run func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) { run(t, "") })
	t.Run("postgres", func(t *testing.T) { run(t, dbtest.PostgresURL(t)) })
}

func townOn(t *testing.T, database string) (*App, *gatetest.Town, gatetest.Builder) {
	t.Helper()
	ctx := t.Context()
	a, err := build(ctx, Config{Addr: "127.0.0.1:0", Database: database, Data: t.TempDir(), Role: "web", Log: "error", MailFrom: "Bellwether <bellwether@localhost>"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	house := &page.House{Accounts: a.Accounts, Workspaces: a.Workspaces, Keys: a.Keys, URL: a.URL, Unread: a.Notices.Unread, Counts: a.counts}
	town := gatetest.Build(t, a.DB, a.Accounts, a.Workspaces, house)
	owner := town.Person("owner").Actor
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	brands, err := a.Workspaces.Brands(ctx, owner)
	must(err)
	channels, err := a.Channels.SignIn(ctx, owner, "sandbox", brands[0].ID, map[string]string{"handle": gatetest.Secret})
	must(err)
	k, err := a.Campaigns.Create(ctx, owner, campaign.Edit{BrandID: brands[0].ID, Name: gatetest.Secret + " campaign", Zone: "UTC", Currency: "EUR"})
	must(err)
	p, err := a.Posts.Create(ctx, owner, post.Edit{BrandID: brands[0].ID, CampaignID: k.ID, Channels: []string{channels[0].ID}, Base: post.Content{Parts: []post.Part{{Text: gatetest.Secret + " post"}}, Language: "en"}})
	must(err)
	targets, err := a.Posts.Targets(ctx, owner, p.ID)
	must(err)
	l, err := a.Links.Create(ctx, owner, link.Order{URL: "https://example.org/" + gatetest.Secret, BrandID: brands[0].ID, CampaignID: k.ID})
	must(err)
	town.IDs = append(town.IDs, channels[0].ID, p.ID, targets[0].ID, l.ID, k.ID)
	return a, town, func(routes []page.Route) http.Handler {
		return web.New(web.Config{House: house, Events: a.Events, Routes: routes})
	}
}

func TestT6EveryRouteOfTheAppHasAnEntry(t *testing.T) {
	a, _, _ := town(t)
	gatetest.CheckNeeds(t, a.Web.Routes(), "testdata/routes.txt")
}

func TestT6TheGateOfTheAppLetsInWhoMay(t *testing.T) {
	a, people, builder := town(t)
	gatetest.CheckGate(t, people, a.routes(), builder)
}

func TestForgedFormsOfTheAppChangeNothing(t *testing.T) {
	a, people, builder := town(t)
	gatetest.CheckForged(t, people, a.routes(), builder)
}

func TestS14NoScreenOfTheAppShowsAnotherWorkspace(t *testing.T) {
	a, people, builder := town(t)
	server := builder(a.routes())
	gatetest.CheckTenants(t, people, a.routes(), server)
	for _, path := range []string{"/campaigns", "/compose/posts", "/links", "/channels", "/search?q=" + gatetest.Secret} {
		w := people.Person("owner").Ask(server, people.House, http.MethodGet, path, nil)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), gatetest.Secret) {
			t.Errorf("the owner's own %s: status %d, without what others must not see", path, w.Code)
		}
	}
}

func TestEveryAnswerOfTheAppKeepsThePromises(t *testing.T) {
	a, people, builder := town(t)
	gatetest.CheckHeaders(t, people, a.routes(), builder(a.routes()))
}
