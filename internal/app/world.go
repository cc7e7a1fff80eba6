package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/track"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// loadWorld takes up the sandbox's world where it was left.
func (a *App) loadWorld(ctx context.Context) error {
	type part struct {
		Name string `db:"key"`
		Data []byte `db:"data"`
	}
	rows, err := db.All[part](ctx, a.DB, `select key, data from sandbox_state`)
	if err != nil || len(rows) == 0 {
		return err
	}
	parts := map[string][]byte{}
	for _, r := range rows {
		parts[r.Name] = r.Data
	}
	return a.World.Load(parts)
}

// saveWorld keeps what changed of the sandbox's world.
func (a *App) saveWorld(ctx context.Context) error {
	parts, err := a.World.Changed()
	if err != nil || len(parts) == 0 {
		return err
	}
	return a.DB.Tx(ctx, func(tx *db.Tx) error {
		for name, raw := range parts {
			_, err := db.Exec(ctx, tx, `insert into sandbox_state (key, data, at) values ($1, $2, $3) on conflict (key) do update set data = excluded.data, at = excluded.at`, name, raw, db.Now())
			if err != nil {
				return fmt.Errorf("keep the sandbox world: %w", err)
			}
		}
		return nil
	})
}

type liveSandbox struct{}

func (liveSandbox) Kind() string { return "sandbox.live" }

// live lets the sandbox's public go on: it reads and talks in the world, and follows links and buys like anyone else,
// through the same doors.
func (a *App) live(ctx context.Context) error {
	if len(a.World.Accounts()) == 0 {
		return nil
	}
	for _, v := range a.World.Live() {
		if err := a.visit(ctx, v); err != nil {
			slog.Warn("a sandbox visit failed", "url", v.URL, "error", err)
		}
	}
	return a.saveWorld(ctx)
}

// visit follows a short link as a browser would, looks at the page behind it, and sometimes buys.
func (a *App) visit(ctx context.Context, v sandbox.Visit) error {
	if !strings.HasPrefix(v.URL, a.URL.JoinPath("l").String()+"/") {
		return nil
	}
	r := httptest.NewRequest(http.MethodGet, v.URL, nil).WithContext(ctx)
	r.Host, r.RemoteAddr = a.URL.Host, v.Address+":443"
	r.Header.Set("User-Agent", v.UserAgent)
	r.Header.Set("Referer", "https://sandbox.example/")
	w := httptest.NewRecorder()
	a.Web.ServeHTTP(w, r)
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusFound {
		return fmt.Errorf("the link answered %d", w.Code)
	}
	click := to.Query().Get(track.ClickParameter)
	if click == "" {
		return nil // a preview or a program
	}
	slug := v.URL[strings.LastIndex(v.URL, "/")+1:]
	k, err := a.Links.Follow(ctx, "", slug)
	if err != nil {
		return err
	}
	sites, err := a.Track.Sites(ctx, workspace.System(k.WorkspaceID))
	if err != nil || len(sites) == 0 {
		return err
	}
	visitor, err := a.Track.DayVisitor(ctx, k.WorkspaceID, v.Address, v.UserAgent, db.Now())
	if err != nil {
		return err
	}
	page := track.Event{WorkspaceID: k.WorkspaceID, SiteID: sites[0].ID, Name: "page_view", Visitor: visitor, URL: to.String(), Referrer: "https://sandbox.example/", Via: "browser"}
	if err := a.Track.TakeSoon(page); err != nil || !v.Buys {
		return err
	}
	n := int64(time.Now().UnixNano() % 9)
	order := customer.Order{Number: strings.ToUpper(id.New("sb")[3:13]), Shop: "Sandbox shop", Visitor: visitor, OrderedAt: db.Now().Add(time.Second), Amount: 1900 + n*750, Currency: "EUR", Source: "sandbox"}
	if _, _, err := a.Orders.Record(ctx, workspace.System(k.WorkspaceID), customer.Arrival{Order: order}); err != nil {
		return err
	}
	value := order.Amount
	return a.Track.TakeSoon(track.Event{WorkspaceID: k.WorkspaceID, SiteID: sites[0].ID, Name: "order", Visitor: visitor, URL: to.String(), ValueMinor: &value, Currency: "EUR", Via: "browser"})
}
