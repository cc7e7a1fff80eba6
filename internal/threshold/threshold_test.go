package threshold_test

import (
	"context"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/threshold"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

var ctx = context.Background()

// town is the sandbox, counting how often it was asked to share.
type town struct {
	*sandbox.Sandbox
	shared *int
}

func (t town) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	err := t.Sandbox.Act(ctx, s, act, on)
	if err == nil && act == network.Share {
		*t.shared++
	}
	return err
}

type house struct {
	*testing.T
	db      *db.DB
	world   *sandbox.World
	posts   *post.Posts
	journal *delivery.Journal
	actions *threshold.Actions
	actor   workspace.Actor
	ch      []channel.Channel
	shared  int
}

func each(t *testing.T, run func(*house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, database *db.DB) { run(build(t, database)) })
}

func build(t *testing.T, database *db.DB) *house {
	t.Helper()
	h := &house{T: t, db: database, world: sandbox.NewWorld(1, db.Now).Quiet(), actor: workspace.Actor{WorkspaceID: "ws_1", UserID: "user_1", Name: "Ida", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}}
	h.exec(`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Test', 'Europe/Berlin', 0)`)
	h.exec(`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_1', 'Test', 'Europe/Berlin', 'EUR', 0)`)
	keys, err := secret.Load(t.TempDir(), "")
	h.ok(err)
	events := event.New(database)
	channels := channel.New(database, events, keys, network.NewRegistry(town{sandbox.New(h.world), &h.shared}), safehttp.New(safehttp.Policy{}))
	base, _ := url.Parse("https://bell.example")
	h.posts = post.New(database, events, channels, link.New(database, events, base), nil)
	h.journal = delivery.New(database, events, channels, h.posts, nil)
	h.actions = threshold.New(database, events, channels, h.posts, h.journal)
	for _, handle := range []string{"club", "bar"} {
		made, err := channels.SignIn(ctx, h.actor, "sandbox", "brand_1", map[string]string{"handle": handle})
		h.ok(err)
		h.ch = append(h.ch, made...)
	}
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

// published makes and sends a post of these parts on the first so many channels.
func (h *house) published(channels int, parts ...string) []post.Target {
	h.Helper()
	e := post.Edit{BrandID: "brand_1"}
	for _, ch := range h.ch[:channels] {
		e.Channels = append(e.Channels, ch.ID)
	}
	for _, p := range parts {
		e.Base.Parts = append(e.Base.Parts, post.Part{Text: p})
	}
	made, err := h.posts.Create(ctx, h.actor, e)
	h.ok(err)
	h.ok(h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Now: true}))
	h.carry(h.journal)
	targets, err := h.posts.Targets(ctx, h.actor, made.ID)
	h.ok(err)
	for _, t := range targets {
		if t.State != post.Published {
			h.Fatalf("the post is %s: %s", t.State, t.HeldReason)
		}
	}
	return targets
}

func (h *house) carry(j *delivery.Journal) {
	h.Helper()
	for range 10 {
		_, err := j.Step(ctx)
		h.ok(err)
	}
}

func (h *house) add(postID string, o threshold.Order) threshold.Action {
	h.Helper()
	made, err := h.actions.Add(ctx, h.actor, postID, o)
	h.ok(err)
	return made
}

// measures says what a number of a target is, after it was published so long ago.
func (h *house) measures(t post.Target, metric string, value int64, after time.Duration) {
	h.Helper()
	h.exec(`insert into latest_values (workspace_id, scope, metric, value, at) values ('ws_1', $1, $2, $3, $4) on conflict (workspace_id, scope, metric) do update set value = excluded.value, at = excluded.at`,
		t.ID, metric, value, t.PublishedAt.Add(after))
}

func (h *house) is(a threshold.Action, want threshold.State) threshold.Action {
	h.Helper()
	all, err := h.actions.Of(ctx, h.actor, a.PostID)
	h.ok(err)
	at := slices.IndexFunc(all, func(one threshold.Action) bool { return one.ID == a.ID })
	if at < 0 || all[at].State != want {
		h.Fatalf("the actions are %+v, want %s to be %s", all, a.ID, want)
	}
	return all[at]
}

func (h *house) live() int { return len(h.world.Ledger(h.ch[0].RemoteID)) }

func TestC31EachActHappensOnceWhenItsNumberPasses(t *testing.T) {
	each(t, func(h *house) {
		target := h.published(1, "one", "two")[0]
		comment := h.add(target.PostID, threshold.Order{Metric: "M-LIKE", Value: 100, Days: 7, Act: threshold.Comment, Words: "Thank you! The shop is open."})
		finisher := h.add(target.PostID, threshold.Order{Metric: "M-ENG", Value: 100, Days: 7, Act: threshold.Finisher, Words: "That was all."})
		repost := h.add(target.PostID, threshold.Order{Metric: "M-IMPR", Value: 500, Days: 7, Act: threshold.Repost})
		boost := h.add(target.PostID, threshold.Order{Metric: "M-SHARE", Value: 3, Days: 7, Act: threshold.Boost})
		h.measures(target, "M-LIKE", 99, time.Hour)
		h.ok(h.actions.Sweep(ctx))
		for _, a := range []threshold.Action{comment, finisher, repost, boost} {
			h.is(a, threshold.Waiting)
		}
		h.measures(target, "M-LIKE", 98, time.Hour)
		h.measures(target, "M-SHARE", 3, time.Hour) // 101 engagements
		h.ok(h.actions.Sweep(ctx))
		h.is(comment, threshold.Waiting)
		h.is(boost, threshold.Done)
		h.carry(h.journal)
		if done := h.is(finisher, threshold.Done); done.Reached != 101 || done.TargetID != target.ID || h.live() != 3 {
			t.Fatalf("%+v; %d items are live", done, h.live())
		}
		h.measures(target, "M-LIKE", 120, 2*time.Hour)
		h.measures(target, "M-IMPR", 5000, 2*time.Hour)
		for range 3 {
			h.ok(h.actions.Sweep(ctx))
			h.carry(h.journal)
		}
		d, err := h.journal.Get(ctx, h.actor, h.is(comment, threshold.Done).DeliveryID)
		if err != nil || d.State != delivery.Accepted && d.State != delivery.Verified || d.Kind != delivery.CommentKind || d.RemoteID == "" {
			t.Fatalf("the comment's delivery is %+v, %v", d, err)
		}
		if h.is(repost, threshold.Done); h.live() != 4 || h.shared != 1 {
			t.Fatalf("%d items are live, and it was shared %d times", h.live(), h.shared)
		}
		told, err := db.All[string](ctx, h.db, `select kind from events where kind like 'threshold.%' and kind <> 'threshold.added' order by kind`)
		if err != nil || !slices.Equal(told, []string{"threshold.boost", "threshold.passed", "threshold.passed", "threshold.passed"}) {
			t.Fatalf("told %q, %v", told, err)
		}
	})
}

func TestC31OnceForAPostWhicheverTargetIsFirst(t *testing.T) {
	each(t, func(h *house) {
		targets := h.published(2, "everywhere")
		repost := h.add(targets[0].PostID, threshold.Order{Metric: "M-LIKE", Value: 10, Days: 1, Act: threshold.Repost})
		for _, one := range targets {
			h.measures(one, "M-LIKE", 50, time.Hour)
		}
		failed := make(chan error, 6) // six processes see it at once
		for range 6 {
			go func() { failed <- h.actions.Sweep(ctx) }()
		}
		for range 6 {
			h.ok(<-failed)
		}
		h.carry(h.journal)
		if h.is(repost, threshold.Done); h.shared != 1 {
			t.Fatalf("it was shared %d times", h.shared)
		}
		n, err := db.One[int](ctx, h.db, `select count(*) from deliveries where kind = 'repost'`)
		if err != nil || n != 1 {
			t.Fatalf("there are %d deliveries of the repost, %v", n, err)
		}
	})
}

func TestC31ACrashAtEveryPointDoublesNothing(t *testing.T) {
	each(t, func(h *house) {
		for _, point := range []string{delivery.BeforeIntent, delivery.AfterIntent, delivery.AfterCall, delivery.AfterOutcome} {
			before := h.live()
			target := h.published(1, "before the crash "+point)[0]
			action := h.add(target.PostID, threshold.Order{Metric: "M-LIKE", Value: 1, Days: 1, Act: threshold.Comment, Words: "After the crash " + point})
			h.measures(target, "M-LIKE", 1, time.Hour)
			h.ok(h.actions.Sweep(ctx))
			died := false
			dying := h.journal.Rigged(delivery.Rig{Crash: func(at string) {
				if at == point && !died {
					died = true
					panic(delivery.Crash{Point: at})
				}
			}})
			func() {
				defer func() {
					if p := recover(); p != nil {
						if _, ours := p.(delivery.Crash); !ours {
							panic(p)
						}
					}
				}()
				h.carry(dying)
			}()
			if !died {
				t.Fatalf("it did not die at %s", point)
			}
			h.ok(h.actions.Sweep(ctx))
			now := db.Now()
			for range 40 { // another process takes over, and looks up what was lost
				now = now.Add(30 * time.Second)
				_, err := h.journal.Rigged(delivery.Rig{Clock: func() time.Time { return now }}).Step(ctx)
				h.ok(err)
			}
			if h.is(action, threshold.Done); h.live() != before+2 {
				t.Fatalf("after a crash at %s %d items are live, want %d", point, h.live(), before+2)
			}
		}
	})
}

func TestC31WhatIsStoppedOrTooLateDoesNotHappen(t *testing.T) {
	each(t, func(h *house) {
		target := h.published(1, "slow")[0]
		stopped := h.add(target.PostID, threshold.Order{Metric: "M-LIKE", Value: 1, Days: 1, Act: threshold.Comment, Words: "no"})
		late := h.add(target.PostID, threshold.Order{Metric: "M-LIKE", Value: 1, Days: 1, Act: threshold.Repost})
		h.ok(h.actions.Stop(ctx, h.actor, target.PostID, stopped.ID))
		if err := h.actions.Stop(ctx, h.actor, target.PostID, stopped.ID); !fault.Is(err, fault.Conflict) {
			t.Fatalf("stopping it twice: %v", err)
		}
		h.measures(target, "M-LIKE", 100, 25*time.Hour)
		h.ok(h.actions.Sweep(ctx))
		h.is(late, threshold.Waiting)
		h.ok(h.actions.At(func() time.Time { return target.PublishedAt.Add(25 * time.Hour) }).Sweep(ctx))
		h.is(late, threshold.Expired)
		h.is(stopped, threshold.Stopped)
		h.carry(h.journal)
		if h.live() != 1 || h.shared != 0 {
			t.Fatalf("%d items are live, %d shared", h.live(), h.shared)
		}
	})
}

func TestC31WhatTheNetworkWouldNotTakeIsToldAndNotTriedAgain(t *testing.T) {
	each(t, func(h *house) {
		target := h.published(1, "short")[0]
		long := h.add(target.PostID, threshold.Order{Metric: "M-LIKE", Value: 1, Days: 1, Act: threshold.Comment, Words: longText()})
		h.measures(target, "M-LIKE", 5, time.Hour)
		h.ok(h.actions.Sweep(ctx))
		h.ok(h.actions.Sweep(ctx))
		if failed := h.is(long, threshold.Failed); failed.Reason == "" {
			t.Fatalf("it failed without a reason: %+v", failed)
		}
		n, err := db.One[int](ctx, h.db, `select count(*) from events where kind = 'threshold.failed'`)
		left, err2 := db.One[int](ctx, h.db, `select count(*) from deliveries where kind = 'comment'`)
		if err != nil || err2 != nil || n != 1 || left != 0 {
			t.Fatalf("told %d times, %d deliveries are left; %v %v", n, left, err, err2)
		}
	})
}

func longText() string {
	b := make([]byte, 5000)
	for i := range b {
		b[i] = 'a'
	}
	return string(b)
}

func TestC31OrdersAreCheckedAndNarrowed(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	target := h.published(1, "mine")[0]
	good := threshold.Order{Metric: "M-LIKE", Value: 1, Days: 1, Act: threshold.Comment, Words: "hello"}
	for field, spoil := range map[string]func(*threshold.Order){
		"metric": func(o *threshold.Order) { o.Metric = "M-NETREV" }, "value": func(o *threshold.Order) { o.Value = 0 }, "days": func(o *threshold.Order) { o.Days = 91 },
		"act": func(o *threshold.Order) { o.Act = "pay" }, "words": func(o *threshold.Order) { o.Words = " " },
	} {
		o := good
		spoil(&o)
		if _, err := h.actions.Add(ctx, h.actor, target.PostID, o); !fault.Is(err, fault.Invalid) || fault.As(err).Field != field {
			t.Errorf("a bad %s is answered with %v", field, err)
		}
	}
	stranger := h.actor
	stranger.WorkspaceID = "ws_2"
	if _, err := h.actions.Add(ctx, stranger, target.PostID, good); !fault.Is(err, fault.NotFound) {
		t.Errorf("another workspace: %v", err)
	}
	reader := h.actor
	reader.Grants = []workspace.RoleGrant{{Role: workspace.Analyst}}
	if _, err := h.actions.Add(ctx, reader, target.PostID, good); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an analyst: %v", err)
	}
	for range 10 {
		h.add(target.PostID, good)
	}
	if _, err := h.actions.Add(ctx, h.actor, target.PostID, good); !fault.Is(err, fault.Conflict) {
		t.Errorf("the eleventh: %v", err)
	}
}
