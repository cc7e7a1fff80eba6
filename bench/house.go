package main

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/mastodon"
	"github.com/bellwether-social/bellwether/internal/network/mastodon/mastodonfake"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// house is an installation before it is started: a workspace, its owner with a session and a key, and channels.
type house struct {
	data     string
	db       *db.DB
	accounts *account.Accounts
	channels *channel.Channels
	actor    workspace.Actor
	world    *sandbox.World
	brandID  string
	session  string // a cookie's value
	key      string // an API key
}

// typed signs in at a server whose token is known.
type typed struct{ mastodon.Mastodon }

func (n typed) SignIn(ctx context.Context, http *safehttp.Client, fields map[string]string) (network.Grant, []network.Account, error) {
	s := network.Session{HTTP: http, Grant: network.Grant{Values: map[string]string{"access_token": mastodonfake.BrandToken}},
		Account: network.Account{Server: fields["server"], Extra: map[string]string{"app": "Bellwether"}}}
	a, err := n.Check(ctx, s)
	return s.Grant, []network.Account{a}, err
}

// newHouse makes an installation in a new folder, or in the given database, which must be empty.
func (b *bench) newHouse(ctx context.Context, data string) (*house, error) {
	h, err := openHouse(ctx, data, b.Database)
	if err != nil {
		return nil, err
	}
	if err := h.furnish(ctx, b.Database); err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

// empty drops whatever an earlier group left in the PostgreSQL database that was given to the bench.
func empty(ctx context.Context, database *db.DB) error {
	if database.Engine() != db.Postgres {
		return nil
	}
	_, err := db.Exec(ctx, database, `drop schema public cascade; create schema public`)
	return err
}

func openHouse(ctx context.Context, data, target string) (*house, error) {
	if target == "" {
		target = filepath.Join(data, "bellwether.db")
	}
	database, err := db.Open(ctx, target)
	if err != nil {
		return nil, err
	}
	return &house{data: data, db: database}, nil
}

// rooms builds the lower rooms over the database, for what is prepared through their verbs.
func (h *house) rooms() (*workspace.Workspaces, error) {
	keys, err := secret.Load(h.data, "")
	if err != nil {
		return nil, err
	}
	if h.accounts, err = account.New(h.db, keys, "http://127.0.0.1"); err != nil {
		return nil, err
	}
	events := event.New(h.db)
	h.world = sandbox.NewWorld(1, db.Now)
	h.channels = channel.New(h.db, events, keys, network.NewRegistry(typed{}, sandbox.New(h.world)), safehttp.New(safehttp.Policy{Allow: safehttp.MustAllow("127.0.0.1")}))
	return workspace.New(h.db, events), nil
}

func (h *house) furnish(ctx context.Context, target string) error {
	if err := empty(ctx, h.db); err != nil {
		return err
	}
	if err := h.db.Migrate(ctx); err != nil {
		return err
	}
	spaces, err := h.rooms()
	if err != nil {
		return err
	}
	var owner account.User
	if err := h.db.Tx(ctx, func(tx *db.Tx) (err error) {
		if owner, err = h.accounts.Add(ctx, tx, account.NewUser{Name: "Ada Bench", Email: "ada@bench.invalid", Zone: "Europe/Berlin", InstanceOwner: true}, ""); err != nil {
			return err
		}
		_, err = spaces.CreateIn(ctx, tx, owner, "", workspace.NewWorkspace{Name: "Bench", Zone: "Europe/Berlin", Currency: "EUR", WeekStart: 1})
		return err
	}); err != nil {
		return err
	}
	mine, err := spaces.Mine(ctx, owner.ID)
	if err != nil {
		return err
	}
	if h.actor, err = spaces.ActorOf(ctx, owner, mine[0].ID, "web", ""); err != nil {
		return err
	}
	brands, err := spaces.Brands(ctx, h.actor)
	if err != nil {
		return err
	}
	h.brandID = brands[0].ID
	return h.letIn(ctx, spaces)
}

// letIn opens a session and makes a key.
func (h *house) letIn(ctx context.Context, spaces *workspace.Workspaces) error {
	opened, err := h.accounts.Open(ctx, h.actor.UserID, "password", account.From{Address: "127.0.0.1", Agent: "bench"}, "")
	if err != nil {
		return err
	}
	h.session = opened.Token
	_, h.key, err = spaces.MakeKey(ctx, h.actor, "bench", workspace.Capabilities, time.Time{})
	return err
}

// find takes up an installation that was made before: its first workspace, as its owner.
func (h *house) find(ctx context.Context) error {
	spaces, err := h.rooms()
	if err != nil {
		return err
	}
	owner, err := h.accounts.ByEmail(ctx, "ada@bench.invalid")
	if err != nil {
		return err
	}
	mine, err := spaces.Mine(ctx, owner.ID)
	if err != nil {
		return err
	}
	if h.actor, err = spaces.ActorOf(ctx, owner, mine[0].ID, "web", ""); err != nil {
		return err
	}
	brands, err := spaces.Brands(ctx, h.actor)
	if err != nil {
		return err
	}
	h.brandID = brands[0].ID
	return h.letIn(ctx, spaces)
}

// sandboxes connects so many channels of the sandbox.
func (h *house) sandboxes(ctx context.Context, n int) ([]string, error) {
	var ids []string
	for i := range n {
		made, err := h.channels.SignIn(ctx, h.actor, "sandbox", h.brandID, map[string]string{"handle": fmt.Sprintf("bench%d", i)})
		if err != nil {
			return nil, err
		}
		ids = append(ids, made[0].ID)
	}
	parts, err := h.world.Changed() // the program takes the world up where it was left
	if err != nil {
		return nil, err
	}
	for name, raw := range parts {
		if _, err := db.Exec(ctx, h.db, `insert into sandbox_state (key, data, at) values ($1, $2, $3) on conflict (key) do update set data = excluded.data`, name, raw, db.Now()); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// ask wraps a request with the house's key.
func (h *house) api(method, host, path string, body []byte, status int) request {
	return wire(method, host, path, body, status, "Authorization: Bearer "+h.key, "Content-Type: application/json")
}

func (h *house) close() {
	if h != nil && h.db != nil {
		_ = h.db.Close()
	}
}

// sessionCookie is what the program calls the session's cookie where it is reached over plain http.
var sessionCookie = (&page.House{URL: &url.URL{Scheme: "http"}}).CookieName(page.SessionCookie)
