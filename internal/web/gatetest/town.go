// Package gatetest asks the web interface as everybody there is: each role, another workspace's owner, a person without
// workspace and a stranger. The tests of internal/web run it over the screens they know, those of internal/app over
// every screen there is, so that a new route without an entry in the golden list fails.
//
// The product must never import it.
package gatetest

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Secret stands in the name of everything of the first workspace that another must not see.
const Secret = "Zugspitze7"

// Password is everybody's.
const Password = "correct horse battery staple"

// Person is somebody who asks.
type Person struct {
	Name  string // "stranger", "alone", "rival" or a role
	User  account.User
	Token string // of the session; "" for the stranger
	Actor workspace.Actor
}

// Town is an installation with everybody in it.
type Town struct {
	DB         *db.DB
	House      *page.House
	Accounts   *account.Accounts
	Workspaces *workspace.Workspaces
	People     []Person
	IDs        []string // of things of the first workspace
}

// Build fills an empty installation. The rooms are those of the app or server under test.
func Build(t *testing.T, database *db.DB, accounts *account.Accounts, workspaces *workspace.Workspaces, house *page.House) *Town {
	t.Helper()
	ctx := context.Background()
	town := &Town{DB: database, House: house, Accounts: accounts, Workspaces: workspaces}
	owner, err := workspaces.SetUp(ctx, accounts, "192.0.2.1", account.NewUser{Name: Secret + " Owner", Email: "owner@example.org", Password: Password},
		workspace.NewWorkspace{Name: Secret + " Works", Zone: "UTC", Brand: Secret + " Brand"})
	must(t, err)
	mine, err := workspaces.Mine(ctx, owner.ID)
	must(t, err)
	first := mine[0].ID
	boss, err := workspaces.ActorOf(ctx, owner, first, "web", "")
	must(t, err)
	town.add(t, string(workspace.Owner), owner, first)
	for _, role := range workspace.Roles[1:] {
		email := string(role) + "@example.org"
		invitation, token, err := workspaces.Invite(ctx, boss, email, []workspace.RoleGrant{{Role: role}})
		must(t, err)
		u, _, err := workspaces.Join(ctx, accounts, token, account.NewUser{Name: Secret + " " + role.Name(), Password: Password})
		must(t, err)
		town.add(t, string(role), u, first)
		town.IDs = append(town.IDs, u.ID, invitation.ID)
	}
	brands, err := workspaces.Brands(ctx, boss)
	must(t, err)
	key, _, err := workspaces.MakeKey(ctx, boss, Secret+" key", []workspace.Capability{workspace.PostRead}, time.Time{})
	must(t, err)
	role, err := workspaces.MakeRole(ctx, boss, workspace.CustomRole{Name: Secret + " role", Rights: map[workspace.Capability]workspace.Level{workspace.PostRead: workspace.Full}})
	must(t, err)
	town.IDs = append(town.IDs, first, owner.ID, brands[0].ID, key.ID, role.ID)

	rival := town.person(t, "rival", "rival@example.org")
	_, err = workspaces.Create(ctx, rival, "", workspace.NewWorkspace{Name: "Rival", Zone: "UTC"})
	must(t, err)
	mine, err = workspaces.Mine(ctx, rival.ID)
	must(t, err)
	town.add(t, "rival", rival, mine[0].ID)
	town.add(t, "alone", town.person(t, "alone", "alone@example.org"), "")
	town.People = append(town.People, Person{Name: "stranger"})
	return town
}

func (town *Town) person(t *testing.T, name, email string) account.User {
	t.Helper()
	var u account.User
	must(t, town.DB.Tx(context.Background(), func(tx *db.Tx) (err error) {
		u, err = town.Accounts.Add(context.Background(), tx, account.NewUser{Name: name, Email: email}, "")
		return err
	}))
	return u
}

func (town *Town) add(t *testing.T, name string, u account.User, workspaceID string) {
	t.Helper()
	opened, err := town.Accounts.Open(context.Background(), u.ID, account.ByPassword, account.From{Address: "192.0.2.1"}, "")
	must(t, err)
	p := Person{Name: name, User: u, Token: opened.Token}
	if workspaceID != "" {
		p.Actor, err = town.Workspaces.ActorOf(context.Background(), u, workspaceID, "web", "")
		must(t, err)
	}
	town.People = append(town.People, p)
}

// Person returns somebody by name.
func (town *Town) Person(name string) Person {
	for _, p := range town.People {
		if p.Name == name {
			return p
		}
	}
	panic("gatetest: nobody is called " + name)
}

// Empty returns the rooms of a new installation for a server of its own.
func Empty(t *testing.T, database *db.DB, site string) (*page.House, *event.Events) {
	t.Helper()
	keys, err := secret.New("k:" + base64.RawStdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 32)))
	must(t, err)
	accounts, err := account.New(database, keys, site)
	must(t, err)
	u, err := url.Parse(site)
	must(t, err)
	events := event.New(database)
	return &page.House{Accounts: accounts, Workspaces: workspace.New(database, events), Keys: keys, URL: u}, events
}

// Request is a browser's request as this person, from a page of ours.
func (p Person) Request(house *page.House, method, path string, form url.Values) *http.Request {
	r := httptest.NewRequest(method, house.URL.String()+path, strings.NewReader(form.Encode()))
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", house.URL.String())
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if p.Token != "" {
		r.AddCookie(&http.Cookie{Name: house.CookieName(page.SessionCookie), Value: p.Token})
	}
	return r
}

// Ask sends the request and returns the answer.
func (p Person) Ask(handler http.Handler, house *page.House, method, path string, form url.Values) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, p.Request(house, method, path, form))
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
