package api_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/api"
	"github.com/bellwether-social/bellwether/internal/attribution"
	"github.com/bellwether-social/bellwether/internal/audience"
	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/contact"
	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/preflight"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/strategy"
	"github.com/bellwether-social/bellwether/internal/threshold"
	"github.com/bellwether-social/bellwether/internal/track"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// build is the interface over a workspace with one brand, where every key is its owner's.
func build(t testing.TB, database *db.DB) *api.API {
	t.Helper()
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []string{`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Test', 'UTC', 0)`,
		`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_1', 'Test', 'UTC', 'EUR', 0)`} {
		_, err := db.Exec(ctx, database, q)
		must(err)
	}
	keys, err := secret.Load(t.TempDir(), "")
	must(err)
	events, base := event.New(database), &url.URL{Scheme: "https", Host: "bell.example"}
	r := api.Rooms{Links: link.New(database, events, base), Campaigns: campaign.New(database, events), Goals: strategy.New(database, events), Insight: insight.New(database), Once: workspace.NewOnce(database)}
	r.Channels = channel.New(database, events, keys, network.NewRegistry(sandbox.New(sandbox.NewWorld(1, db.Now).Quiet())), safehttp.New(safehttp.Policy{}))
	r.Audiences = audience.New(database, events, r.Channels)
	r.Posts = post.New(database, events, r.Channels, r.Links, nil)
	r.Journal = delivery.New(database, events, r.Channels, r.Posts, nil)
	r.Preflight = preflight.New(database, events, r.Channels, r.Posts, r.Links, r.Journal, nil, safehttp.New(safehttp.Policy{}))
	r.Thresholds = threshold.New(database, events, r.Channels, r.Posts, r.Journal)
	contacts := contact.New(database)
	r.Inbox = inbox.New(database, events, r.Channels, contacts, r.Posts, metric.New(database, events, r.Channels), nil)
	r.Orders = customer.New(database, events, contacts)
	r.Track, err = track.New(database, events, t.TempDir())
	must(err)
	r.Attribution = attribution.New(database, events, r.Orders, r.Track)
	r.Authenticate = func(context.Context, string) (workspace.Actor, error) {
		return workspace.Actor{WorkspaceID: "ws_1", UserID: "user_1", Name: "Ida", Via: "api", KeyID: "key_1", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}, nil
	}
	return api.New(r, "test")
}

// FuzzRequests throws bodies, queries and ids at every operation: each is answered as a refusal, or carried out, and
// never with a failure of ours.
func FuzzRequests(f *testing.F) {
	a := build(f, dbtest.SQLite(f))
	ops := a.Operations()
	for n := range ops {
		f.Add(n, "x", "from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z&version=1", []byte(`{}`))
	}
	for _, s := range []string{`{"brand_id":"brand_1","base":{"parts":[{"text":"Hello"}]}}`, `{"url":"https://shop.example/","brand_id":"brand_1"}`, `{"name":"n","metric":"M-REV","target":9223372036854775807,"currency":"EUR","starts_at":"2026-01-01T00:00:00Z","ends_at":"9999-12-31T23:59:59Z"}`,
		`{"wall":"2027-03-28T02:30","zone":"Europe/Berlin"}`, `[]`, `"`, "\x00", `{"base":{"parts":[{"text":"\ud800"}]}}`, `{"order_id":"1","ordered_at":"2026-11-01T00:00:00Z","amount":{"amount_minor":1,"currency":"EUR"}}`, `{"slots":[{"weekday":9,"minute":-1}]}`} {
		for n, op := range ops {
			if op.Method != "GET" {
				f.Add(n, "x", "version=1", []byte(s))
			}
		}
	}
	f.Fuzz(func(t *testing.T, n int, id, query string, body []byte) {
		op := ops[uint(n)%uint(len(ops))]
		path := op.Path
		for _, name := range []string{"{id}", "{target}", "{metric}"} {
			path = strings.ReplaceAll(path, name, url.PathEscape(id))
		}
		u, err := url.Parse(path)
		if err != nil || strings.Contains(path, "{") {
			return
		}
		u.RawQuery = query
		r := httptest.NewRequest(op.Method, "/", bytes.NewReader(body))
		r.URL = u
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer key")
		w := httptest.NewRecorder()
		if a.ServeHTTP(w, r); w.Code >= 500 && w.Code != 503 {
			t.Errorf("%s %s with %q is answered with %d: %s", op.Method, u, body, w.Code, fmt.Sprint(w.Body))
		}
	})
}
