package preflight_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/blob"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/preflight"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

var ctx = context.Background()

// town is the sandbox as a network that reaches people: its posts' links are followed, its rights have names, it charges,
// and it counts how often it is asked about an account.
type town struct {
	*sandbox.Sandbox
	asked *int
}

func (t town) Spec() network.Spec {
	s := t.Sandbox.Spec()
	s.Key, s.Name, s.Test = "town", "Town", false
	s.App = &network.AppSpec{Scopes: []network.Scope{{Name: "read"}, {Name: "write", Publish: true}}}
	return s
}

func (t town) Check(ctx context.Context, s network.Session) (network.Account, error) {
	*t.asked++
	return t.Sandbox.Check(ctx, s)
}

func (town) Price(network.Draft, network.Account) network.Price {
	return network.Price{Micros: 200_000, Currency: "USD"}
}

// house is a workspace with a channel of the town and a clock in the test's hands.
type house struct {
	*testing.T
	db       *db.DB
	checks   *preflight.Checks
	events   *event.Events
	channels *channel.Channels
	posts    *post.Posts
	links    *link.Links
	library  *asset.Library
	actor    workspace.Actor
	ch       channel.Channel
	media    string // the folder of files
	now      time.Time
	asked    int
	page     int // what the page behind every link answers
	url      string
	n        int
}

func each(t *testing.T, run func(*house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, database *db.DB) { run(build(t, database)) })
}

func build(t *testing.T, database *db.DB) *house {
	t.Helper()
	h := &house{T: t, db: database, now: db.Now(), page: 200, media: t.TempDir(), actor: workspace.Actor{WorkspaceID: "ws_1", UserID: "user_1", Name: "Ida", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}}
	h.exec(`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Test', 'Europe/Berlin', 0)`)
	h.exec(`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_1', 'Test', 'Europe/Berlin', 'EUR', 0)`)
	keys, err := secret.Load(t.TempDir(), "")
	h.ok(err)
	blobs, err := blob.NewFolder(h.media)
	h.ok(err)
	t.Cleanup(func() { blobs.Close() })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(h.page) }))
	t.Cleanup(server.Close)
	h.url = server.URL
	allow, err := safehttp.ParseAllow(strings.TrimPrefix(server.URL, "http://"))
	h.ok(err)
	client := safehttp.New(safehttp.Policy{Allow: allow})
	clock := func() time.Time { return h.now }
	h.events = event.New(database)
	h.channels = channel.New(database, h.events, keys, network.NewRegistry(town{sandbox.New(sandbox.NewWorld(1, db.Now).Quiet()), &h.asked}), client)
	base, _ := url.Parse("https://bell.example")
	h.library = asset.New(database, blobs)
	h.links = link.New(database, h.events, base)
	h.posts = post.New(database, h.events, h.channels, h.links, h.library).At(clock)
	journal := delivery.New(database, h.events, h.channels, h.posts, h.library.Open).At(clock)
	h.checks = preflight.New(database, h.events, h.channels, h.posts, h.links, journal, h.library, client).At(clock)
	made, err := h.channels.SignIn(ctx, h.actor, "town", "brand_1", map[string]string{"handle": "club"})
	h.ok(err)
	h.ch = made[0]
	return h
}

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) exec(query string, args ...any) {
	h.Helper()
	_, err := db.Exec(ctx, h.db, query, args...)
	h.ok(err)
}

// plan plans a post with a text at an instant and returns its target.
func (h *house) plan(in time.Duration, part post.Part) post.Target {
	h.Helper()
	h.n++
	part.Text = fmt.Sprintf("Post %d: %s", h.n, part.Text)
	made, err := h.posts.Create(ctx, h.actor, post.Edit{BrandID: "brand_1", Channels: []string{h.ch.ID}, Base: post.Content{Parts: []post.Part{part}}})
	h.ok(err)
	h.ok(h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Wall: h.now.Add(in).Format(time.RFC3339), Confirm: true}))
	targets, err := h.posts.Targets(ctx, h.actor, made.ID)
	h.ok(err)
	return targets[0]
}

func (h *house) sweep() { h.Helper(); h.ok(h.checks.Sweep(ctx)) }

// sees sweeps and fails unless exactly these checks find something about the target.
func (h *house) sees(t post.Target, want ...preflight.Check) preflight.Report {
	h.Helper()
	h.sweep()
	r, err := h.checks.Target(ctx, h.actor, t.ID)
	h.ok(err)
	var got []preflight.Check
	for _, f := range r.Findings {
		if got = append(got, f.Check); f.Message == "" || f.Fix == "" || !strings.HasPrefix(f.Href, "/") {
			h.Errorf("the finding %+v does not say what is wrong, what to do and where", f)
		}
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		h.Fatalf("found %q (%+v), want %q", got, r.Findings, want)
	}
	return r
}

type told struct{ Kind, Entity, Responsible, Reason, Href, Target string }

// told are the events of a kind so far, oldest first.
func (h *house) told(kind string) []told {
	h.Helper()
	rows, err := db.All[struct {
		Kind   string `db:"kind"`
		Entity string `db:"entity"`
		Data   string `db:"data"`
	}](ctx, h.db, `select kind, entity, data from events where workspace_id = 'ws_1' and kind = $1 order by id`, kind)
	h.ok(err)
	var out []told
	for _, r := range rows {
		one := told{Kind: r.Kind, Entity: r.Entity}
		h.ok(json.Unmarshal([]byte(r.Data), &one))
		out = append(out, one)
	}
	return out
}

func (h *house) count(kind string, want int) []told {
	h.Helper()
	got := h.told(kind)
	if len(got) != want {
		h.Fatalf("%d events %s, want %d: %+v", len(got), kind, want, got)
	}
	return got
}

func TestC35AHealthyPostIsLookedAtAtOnceAndAtEveryStage(t *testing.T) {
	each(t, func(h *house) {
		target := h.plan(3*time.Hour, post.Part{Text: "with " + h.url + "/page"})
		r := h.sees(target)
		if r.Stage != preflight.Day || !r.LookedAt.Equal(h.now) || !r.NextAt.After(h.now) || r.NextAt.After(target.DueAt.Add(-time.Hour)) {
			t.Fatalf("looked %v at stage %s, next %v", r.LookedAt, r.Stage.Name(), r.NextAt)
		}
		h.now = target.DueAt.Add(-time.Hour)
		if r = h.sees(target); r.Stage != preflight.Hour || r.NextAt.After(target.DueAt.Add(-5*time.Minute)) {
			t.Fatalf("an hour before it is at stage %s, next %v", r.Stage.Name(), r.NextAt)
		}
		h.now = target.DueAt.Add(-5 * time.Minute)
		if r = h.sees(target); r.Stage != preflight.Minutes || !r.NextAt.IsZero() {
			t.Fatalf("five minutes before it is at stage %s, next %v", r.Stage.Name(), r.NextAt)
		}
		h.count("preflight.failed", 0)
		h.count("preflight.escalated", 0)
	})
}

func TestC35WhatIsDaysAheadIsLookedAtADayBefore(t *testing.T) {
	each(t, func(h *house) {
		target := h.plan(72*time.Hour, post.Part{Text: "far"})
		if r := h.sees(target); !r.LookedAt.IsZero() {
			t.Fatal("it was looked at three days before")
		}
		h.now = target.DueAt.Add(-24 * time.Hour)
		if r := h.sees(target); r.LookedAt.IsZero() || r.Stage != preflight.Day {
			t.Fatalf("a day before it stands at %+v", r)
		}
	})
}

func TestC35AFailureIsToldOnceAStageEscalatedAtTheEndAndTakenBack(t *testing.T) {
	each(t, func(h *house) {
		target := h.plan(3*time.Hour, post.Part{Text: "stopped"})
		h.exec(`update channels set responsible_id = 'user_2' where workspace_id = 'ws_1'`)
		h.ok(h.channels.Pause(ctx, h.actor, h.ch.ID, channel.Forever, "stocktaking"))
		h.sees(target, preflight.Blackout)
		first := h.count("preflight.failed", 1)[0]
		if first.Target != target.ID || first.Responsible != target.ResponsibleID || first.Href != "/queue/"+h.ch.ID || !strings.Contains(first.Reason, "stocktaking") {
			t.Fatalf("told %+v", first)
		}
		for range 5 { // it is looked at again, and still stands in the way
			h.now = h.now.Add(11 * time.Minute)
			h.sees(target, preflight.Blackout)
		}
		h.count("preflight.failed", 1)
		h.now = target.DueAt.Add(-time.Hour)
		h.sees(target, preflight.Blackout)
		h.count("preflight.failed", 2)
		h.now = target.DueAt.Add(-5 * time.Minute)
		h.sees(target, preflight.Blackout)
		h.count("preflight.failed", 2)
		h.count("preflight.escalated", 1)
		h.count("preflight.cleared", 0)
		h.ok(h.channels.Resume(ctx, h.actor, h.ch.ID))
		h.now = h.now.Add(time.Minute)
		h.sees(target)
		if over := h.count("preflight.cleared", 1)[0]; over.Entity != first.Entity {
			t.Fatalf("%s is taken back, %s was told", over.Entity, first.Entity)
		}
	})
}

func TestC35OneCauseIsToldOnceForAllItsTargets(t *testing.T) {
	each(t, func(h *house) {
		var last post.Target
		for i := range 12 {
			last = h.plan(3*time.Hour+time.Duration(i)*time.Minute, post.Part{Text: "one of many"})
		}
		h.exec(`update connections set state = 'needs_reconnect', state_reason = 'the password was changed'`)
		h.sees(last, preflight.Token)
		h.count("preflight.failed", 1)
		all, err := h.checks.Failing(ctx, h.actor, 50)
		if err != nil || len(all) != 12 {
			t.Fatalf("%d targets are shown to be in danger, %v", len(all), err)
		}
		h.exec(`update connections set state = 'connected'`)
		h.now = h.now.Add(11 * time.Minute)
		h.sees(last)
		h.count("preflight.cleared", 1)
	})
}

func TestC35EveryCheckFindsWhatItIsFor(t *testing.T) {
	each(t, func(h *house) {
		var picture bytes.Buffer
		h.ok(png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 40))))
		file, err := h.library.Add(ctx, h.actor, "brand_1", "a.png", &picture)
		h.ok(err)
		own, err := h.links.Create(ctx, h.actor, link.Order{BrandID: "brand_1", URL: h.url + "/shop", Slug: "shop"})
		h.ok(err)
		alt := "grey"
		target := h.plan(3*time.Hour, post.Part{Text: "see " + h.url + "/page and https://bell.example/l/shop", Media: []post.MediaUse{{AssetID: file.ID, Alt: &alt}}})
		h.sees(target)
		later := func() { h.now = h.now.Add(11 * time.Minute) }
		again := func(want ...preflight.Check) {
			t.Helper()
			if _, err := h.checks.Now(ctx, h.actor, target.ID); err != nil {
				t.Fatal(err)
			}
			h.sees(target, want...)
		}
		for _, c := range []struct {
			name        string
			want        preflight.Check
			break_, fix func()
		}{
			{"ending grant", preflight.Token, func() { h.exec(`update connections set expires_at = $1`, target.DueAt.Add(-time.Minute)) }, func() { h.exec(`update connections set expires_at = null`) }},
			{"missing right", preflight.Scope, func() { h.exec(`update connections set scopes = '["read"]'`) }, func() { h.exec(`update connections set scopes = '["read", "write"]'`) }},
			{"limited account", preflight.Account, func() { h.exec(`update connections set state = 'limited'`) }, func() { h.exec(`update connections set state = 'connected'`) }},
			{"network's cap", preflight.Quota, func() {
				h.exec(`insert into call_budgets (workspace_id, channel_id, bucket, window_start, used, limit_value) values ('ws_1', $1, 'publish', $2, 1, 1)`, h.ch.ID, target.DueAt.Add(time.Hour))
			}, func() { h.exec(`delete from call_budgets`) }},
			{"month's limit", preflight.Quota, func() { h.exec(`update channels set month_cap = 100000`) }, func() { h.exec(`update channels set month_cap = 300000`) }},
			{"stop", preflight.Blackout, func() { h.ok(h.posts.StopAll(ctx, h.actor, time.Time{}, "fire")) }, func() { h.ok(h.posts.ReleaseAll(ctx, h.actor)) }},
			{"restored copy", preflight.Blackout, func() {
				h.exec(`insert into instance_settings (key, value) values ('restore_guard', 'restored on Monday')`)
			}, func() { h.exec(`delete from instance_settings where key = 'restore_guard'`) }},
			{"new rules", preflight.Rules, func() { h.limit(10) }, func() { h.limit(0) }},
			{"dead page", preflight.Link, func() { h.page = 404; later() }, func() { h.page = 200; later() }},
			{"failing page", preflight.Link, func() { h.page = 503; later() }, func() { h.page = 200; later() }},
		} {
			c.break_()
			again(c.want)
			c.fix()
			again()
			if t.Failed() {
				t.Fatalf("with the %s", c.name)
			}
		}
		h.page = 403 // programs are turned away; people are not
		later()
		again()
		h.ok(h.links.End(ctx, h.actor, own.ID))
		again(preflight.Link)
		h.exec(`update links set disabled_at = null`)
		h.links.Forget("", "shop")
		again()
		h.ok(filepath.WalkDir(h.media, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return os.Remove(path)
		}))
		again(preflight.Media)
		if got := h.state(target); got != post.Scheduled {
			t.Fatalf("the looks left the target %s", got)
		}
		n, err := db.One[int](ctx, h.db, `select count(*) from deliveries`)
		if err != nil || n != 0 {
			t.Fatalf("the looks made %d deliveries, %v", n, err)
		}
	})
}

// limit sets the channel's own limit of characters, as its network would tell it.
func (h *house) limit(n int) {
	h.Helper()
	a := h.ch.Account
	a.Limits.Characters = n
	h.exec(`update channels set account = $1`, db.JSON(a))
}

func (h *house) state(t post.Target) post.State {
	h.Helper()
	now, err := h.posts.Target(ctx, h.actor, t.ID)
	h.ok(err)
	return now.State
}

func TestC35WhatIsMovedIsLookedAtAnewAndWhatIsCancelledIsForgotten(t *testing.T) {
	each(t, func(h *house) {
		target := h.plan(3*time.Hour, post.Part{Text: "moves"})
		h.exec(`update connections set expires_at = $1`, target.DueAt.Add(-time.Minute))
		h.sees(target, preflight.Token)
		h.ok(h.posts.Move(ctx, h.actor, target.ID, h.now.Add(2*time.Hour).Format(time.RFC3339), "", true))
		h.sees(target) // before the connection ends
		h.count("preflight.cleared", 1)
		h.ok(h.posts.Move(ctx, h.actor, target.ID, h.now.Add(4*time.Hour).Format(time.RFC3339), "", true))
		h.sees(target, preflight.Token)
		h.ok(h.posts.CancelTarget(ctx, h.actor, target.ID))
		h.now = h.now.Add(11 * time.Minute)
		h.sweep()
		h.count("preflight.cleared", 2)
		left, err := db.One[int](ctx, h.db, `select (select count(*) from preflights) + (select count(*) from preflight_findings)`)
		if err != nil || left != 0 {
			t.Fatalf("%d rows are left of a cancelled target, %v", left, err)
		}
	})
}

func TestC35TwoProcessesTellOnce(t *testing.T) {
	each(t, func(h *house) {
		h.plan(3*time.Hour, post.Part{Text: "twice"})
		h.exec(`update connections set state = 'needs_reconnect'`)
		failed := make(chan error, 6)
		for range 6 {
			other := h.checks.At(func() time.Time { return h.now })
			go func() { failed <- other.Sweep(ctx) }()
		}
		for range 6 {
			if err := <-failed; err != nil {
				t.Fatal(err)
			}
		}
		h.count("preflight.failed", 1)
	})
}

func TestC35ManyTargetsOfOneMinuteAreSpreadAndAskTheirChannelOnce(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	const n = 600
	first := h.plan(72*time.Hour, post.Part{Text: "the pattern"})
	h.ok(h.db.Tx(ctx, func(tx *db.Tx) error {
		for i := range n {
			if _, err := db.Exec(ctx, tx, `insert into targets (workspace_id, id, post_id, channel_id, state, due_at, wall, zone, responsible_id)
				select workspace_id, $2, post_id, channel_id, state, due_at, wall, zone, responsible_id from targets where id = $1`, first.ID, fmt.Sprintf("tgt_%04d", i)); err != nil {
				return err
			}
		}
		return nil
	}))
	h.exec(`update connections set checked_at = $1`, h.now)
	looked := func() int {
		t.Helper()
		h.sweep()
		n, err := db.One[int](ctx, h.db, `select count(*) from preflights where looked_at = $1`, h.now)
		h.ok(err)
		return n
	}
	most, all, rounds := 0, 0, 0
	for at := first.DueAt.Add(-26 * time.Hour); !at.After(first.DueAt.Add(-24 * time.Hour)); at = at.Add(5 * time.Minute) {
		h.now = at
		one := looked()
		most, all, rounds = max(most, one), all+one, rounds+1
	}
	if all != n+1 || most > n/10 {
		t.Fatalf("%d of %d targets were looked at a day before, %d of them in one step of 5 minutes out of 120", all, n+1, most)
	}
	if h.asked > rounds {
		t.Fatalf("the network was asked %d times about one account in %d rounds", h.asked, rounds)
	}
}
