package delivery_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// house is a workspace with one sandbox channel and everything a delivery needs.
type house struct {
	db       *db.DB
	actor    workspace.Actor
	world    *sandbox.World
	channels *channel.Channels
	posts    *post.Posts
	journal  *delivery.Journal
	channel  channel.Channel
}

func build(t *testing.T, database *db.DB, more ...network.Network) *house {
	t.Helper()
	ctx := context.Background()
	keys, err := secret.Load(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{db: database, actor: workspace.Actor{WorkspaceID: "ws_1", UserID: "user_1", Name: "Ida", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}}
	for _, q := range []string{`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Test', 'Europe/Berlin', 0)`,
		`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_1', 'Test', 'Europe/Berlin', 'EUR', 0)`} {
		if _, err := db.Exec(ctx, database, q); err != nil {
			t.Fatal(err)
		}
	}
	h.world = sandbox.NewWorld(1, db.Now).Quiet()
	events := event.New(database)
	h.channels = channel.New(database, events, keys, network.NewRegistry(append(more, sandbox.New(h.world))...), safehttp.New(safehttp.Policy{}))
	base, _ := url.Parse("https://bell.example")
	h.posts = post.New(database, events, h.channels, link.New(database, events, base), nil)
	h.journal = delivery.New(database, events, h.channels, h.posts, nil)
	connected, err := h.channels.SignIn(ctx, h.actor, "sandbox", "brand_1", map[string]string{"handle": "club"})
	if err != nil {
		t.Fatal(err)
	}
	h.channel = connected[0]
	return h
}

func (h *house) publish(t *testing.T, parts ...string) post.Post {
	t.Helper()
	ctx := context.Background()
	e := post.Edit{BrandID: "brand_1", Channels: []string{h.channel.ID}}
	for _, p := range parts {
		e.Base.Parts = append(e.Base.Parts, post.Part{Text: p})
	}
	made, err := h.posts.Create(ctx, h.actor, e)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Now: true}); err != nil {
		t.Fatal(err)
	}
	return made
}

// settle moves the journal until nothing is due, with a clock that jumps over waiting.
func (h *house) settle(t *testing.T, j *delivery.Journal) {
	t.Helper()
	for range 20 {
		if _, err := j.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func (h *house) target(t *testing.T, postID string) post.Target {
	t.Helper()
	targets, err := h.posts.Targets(context.Background(), h.actor, postID)
	if err != nil {
		t.Fatal(err)
	}
	return targets[0]
}

func (h *house) live(t *testing.T) int {
	t.Helper()
	return len(h.world.Ledger(h.channel.RemoteID))
}

func TestAPostIsPublishedAndReadBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		made := h.publish(t, "Hello from https://shop.example/new")
		h.settle(t, h.journal)
		got := h.target(t, made.ID)
		if got.State != post.Published || got.RemoteID == "" || h.live(t) != 1 {
			t.Fatalf("target is %s (%s), %d live", got.State, got.HeldReason, h.live(t))
		}
		later := h.journal.At(func() time.Time { return db.Now().Add(10 * time.Second) })
		h.settle(t, later)
		d, err := h.journal.Get(context.Background(), h.actor, got.DeliveryID)
		if err != nil || d.State != delivery.Verified {
			t.Fatalf("delivery is %s, %v", d.State, err)
		}
		p, err := h.posts.Get(context.Background(), h.actor, made.ID)
		if err != nil || p.State != post.Published {
			t.Fatalf("post is %s, %v", p.State, err)
		}
	})
}

func TestR4ALostAnswerIsLookedUpAndNotRepeated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.world.Misbehave(h.channel.RemoteID, sandbox.LostAnswer)
		made := h.publish(t, "Only once")
		h.settle(t, h.journal)
		h.settle(t, h.journal.At(func() time.Time { return db.Now().Add(5 * time.Second) }))
		if got := h.target(t, made.ID); got.State != post.Published || h.live(t) != 1 {
			t.Fatalf("target is %s, %d live", got.State, h.live(t))
		}
	})
}

func TestR11AThreadGoesOutInOrderEachPartOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		made := h.publish(t, "one", "two", "three")
		h.settle(t, h.journal)
		if got := h.target(t, made.ID); got.State != post.Published || h.live(t) != 3 {
			t.Fatalf("target is %s, %d live", got.State, h.live(t))
		}
	})
}

func TestR20ARevokedChannelHoldsItsPosts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.world.Misbehave(h.channel.RemoteID, sandbox.Revoked)
		made := h.publish(t, "Held, not failed")
		h.settle(t, h.journal)
		if got := h.target(t, made.ID); got.State != post.Held || got.HeldReason == "" {
			t.Fatalf("target is %s (%s)", got.State, got.HeldReason)
		}
		ch, err := h.channels.Get(context.Background(), h.actor, h.channel.ID)
		if err != nil || ch.State != channel.NeedsReconnect {
			t.Fatalf("channel is %s, %v", ch.State, err)
		}
	})
}

func TestR23ALimitIsWaitedOutNotCountedAsFailure(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.world.Misbehave(h.channel.RemoteID, sandbox.Limited)
		made := h.publish(t, "Patience")
		h.settle(t, h.journal)
		if got := h.target(t, made.ID); got.State != post.Publishing || h.live(t) != 0 {
			t.Fatalf("target is %s", got.State)
		}
		h.world.Misbehave(h.channel.RemoteID, sandbox.Well)
		h.settle(t, h.journal.At(func() time.Time { return db.Now().Add(90 * time.Second) }))
		if got := h.target(t, made.ID); got.State != post.Publishing {
			t.Fatalf("sent before the network allowed it: %s", got.State)
		}
		h.settle(t, h.journal.At(func() time.Time { return db.Now().Add(3 * time.Minute) }))
		if got := h.target(t, made.ID); got.State != post.Published || h.live(t) != 1 {
			t.Fatalf("target is %s", got.State)
		}
	})
}

func TestR30WhatIsTooLateAsks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		made := h.publish(t, "Three days later")
		h.settle(t, h.journal.At(func() time.Time { return db.Now().Add(72 * time.Hour) }))
		if got := h.target(t, made.ID); got.State != post.Held || h.live(t) != 0 {
			t.Fatalf("target is %s, %d live", got.State, h.live(t))
		}
	})
}

func TestTransitionsEndSomewhere(t *testing.T) {
	if delivery.Failed.CanBecome(delivery.Prepared) || !delivery.NeedsHuman.CanBecome(delivery.Accepted) || delivery.Verified.CanBecome(delivery.Prepared) {
		t.Fatal("a settled delivery can be sent again")
	}
}
