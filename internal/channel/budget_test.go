package channel

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// budgeted is a network that takes 100 calls a day.
type budgeted struct{}

func (budgeted) Spec() network.Spec {
	return network.Spec{Key: "town", Name: "Town", Caps: []network.Cap{{Key: "calls", Counts: "calls", Max: 100, Per: 24 * time.Hour, Calls: true}}}
}

func TestC28AQuarterOfTheCallsIsKeptForPublishing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx := context.Background()
		c := New(database, nil, nil, network.NewRegistry(budgeted{}), safehttp.New(safehttp.Policy{}))
		ch := Channel{WorkspaceID: "ws_1", ID: "chan_1", Network: "town", Name: "Club"}
		hear := c.meter.of(ch)
		call := func(n, status int, header http.Header) {
			for range n {
				hear(safehttp.Call{Method: "GET", Host: "town.example", Path: "/v2/posts/123456/likes", Status: status, Header: header})
			}
		}
		kept := func() time.Time {
			t.Helper()
			until, _, err := c.kept(ctx, ch, db.Now())
			if err != nil {
				t.Fatal(err)
			}
			return until
		}
		call(40, 200, nil)
		if err := c.WriteCalls(ctx); err != nil {
			t.Fatal(err)
		}
		call(34, 200, nil) // not written down yet, and counted all the same
		if until := kept(); !until.IsZero() {
			t.Fatalf("after 74 of 100 calls reading waits until %v", until)
		}
		call(1, 429, nil)
		if kept().IsZero() {
			t.Fatal("after 75 of 100 calls reading goes on")
		}
		m, err := c.Meter(ctx, workspace.System("ws_1"), ch)
		if err != nil || m.Total() != 75 || len(m.Hours) != 24 || m.App != 75 || len(m.Budgets) != 1 || m.Budgets[0].Used != 75 || len(m.Endpoints) != 1 || m.Endpoints[0] != (Called{"GET town.example/v2/posts/{}/likes", 75, 1}) {
			t.Fatalf("the meter says %+v, %v", m, err)
		}
	})
}

func TestC28TheNetworksOwnWordHoldsReadingUntilItsReset(t *testing.T) {
	database := dbtest.SQLite(t)
	ctx := context.Background()
	c := New(database, nil, nil, network.NewRegistry(), safehttp.New(safehttp.Policy{}))
	ch := Channel{WorkspaceID: "ws_1", ID: "chan_1", Network: "town"}
	hear, now := c.meter.of(ch), db.Now()
	for _, one := range []struct {
		name  string
		head  map[string]string
		holds bool
		until time.Time
	}{
		{"plenty", map[string]string{"RateLimit-Limit": "3000", "RateLimit-Remaining": "2000", "RateLimit-Reset": "250"}, false, time.Time{}},
		{"Bluesky's seconds", map[string]string{"RateLimit-Limit": "3000", "RateLimit-Remaining": "700", "RateLimit-Reset": now.Add(time.Hour).Format(time.RFC3339)}, true, now.Add(time.Hour).Truncate(time.Second)},
		{"plenty again", map[string]string{"RateLimit-Limit": "3000", "RateLimit-Remaining": "3000", "RateLimit-Reset": "300"}, false, time.Time{}},
		{"Meta's shares", map[string]string{"X-App-Usage": `{"call_count":80,"total_time":10,"total_cputime":5}`}, true, time.Time{}},
		{"Meta's shares after a while", map[string]string{"X-App-Usage": `{"call_count":20,"total_time":10,"total_cputime":5}`}, false, time.Time{}},
		{"Reddit's used and left", map[string]string{"X-Ratelimit-Remaining": "90.0", "X-Ratelimit-Used": "910", "X-Ratelimit-Reset": "60"}, true, time.Time{}},
	} {
		head := http.Header{}
		for k, v := range one.head {
			head.Set(k, v)
		}
		hear(safehttp.Call{Method: "GET", Host: "town.example", Path: "/x", Status: 200, Header: head})
		if err := c.WriteCalls(ctx); err != nil {
			t.Fatal(err)
		}
		until, why, err := c.kept(ctx, ch, now)
		if err != nil || until.IsZero() == one.holds || !one.until.IsZero() && !until.Equal(one.until) {
			t.Errorf("%s: waits until %v (%s), %v", one.name, until, why, err)
		}
	}
}
