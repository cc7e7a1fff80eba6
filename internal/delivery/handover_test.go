package delivery_test

import (
	"context"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

// handOver plans a post that a person publishes, and lets its time come.
func (h *house) handOver(t *testing.T) (post.Post, delivery.Delivery) {
	t.Helper()
	ctx := context.Background()
	made, err := h.posts.Create(ctx, h.actor, post.Edit{BrandID: "brand_1", Channels: []string{h.channel.ID}, Base: post.Content{Parts: []post.Part{{Text: "With a sticker"}, {Text: "And a second part"}}},
		Variants: map[string]post.VariantEdit{h.channel.ID: {Settings: map[string]string{network.ByHandSetting: "yes"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Now: true}); err != nil {
		t.Fatal(err)
	}
	h.settle(t, h.journal)
	return made, h.delivery(t, made.ID)
}

func (h *house) delivery(t *testing.T, postID string) delivery.Delivery {
	t.Helper()
	d, err := h.journal.Get(context.Background(), h.actor, h.target(t, postID).DeliveryID)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (h *house) told(t *testing.T, kind string) int {
	t.Helper()
	n, err := db.One[int](context.Background(), h.db, `select count(*) from events where workspace_id = 'ws_1' and kind = $1`, kind)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestC15PostIsHandedToAPersonAndConfirmed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		made, d := h.handOver(t)
		if d.State != delivery.Handover || h.live(t) != 0 || h.told(t, "delivery.handover_due") != 1 {
			t.Fatalf("the delivery is %s (%s), %d live, told %d times", d.State, d.Reason, h.live(t), h.told(t, "delivery.handover_due"))
		}
		h.settle(t, h.journal.At(func() time.Time { return db.Now().Add(14 * time.Minute) }))
		if n := h.told(t, "delivery.handover_reminder"); n != 0 {
			t.Errorf("reminded %d times before a quarter of an hour", n)
		}
		h.settle(t, h.journal.At(func() time.Time { return db.Now().Add(16 * time.Minute) }))
		if n := h.told(t, "delivery.handover_reminder"); n != 1 {
			t.Errorf("reminded %d times", n)
		}
		if err := h.journal.Resolve(context.Background(), h.actor, d.ID, delivery.IsLive, "https://example.org/p/7"); err != nil {
			t.Fatal(err)
		}
		got := h.target(t, made.ID)
		if d = h.delivery(t, made.ID); d.State != delivery.Accepted || got.State != post.Published || got.URL != "https://example.org/p/7" || h.live(t) != 0 {
			t.Errorf("confirmed: delivery %s, target %s at %q", d.State, got.State, got.URL)
		}
		if err := h.journal.Resolve(context.Background(), h.actor, d.ID, delivery.IsLive, ""); err == nil {
			t.Error("confirmed twice")
		}
	})
}

func TestC15MissedHandOverNeedsADecision(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		made, d := h.handOver(t)
		for _, after := range []time.Duration{16 * time.Minute, 62 * time.Minute} {
			h.settle(t, h.journal.At(func() time.Time { return db.Now().Add(after) }))
		}
		if d = h.delivery(t, made.ID); d.State != delivery.NeedsHuman || d.ReasonCode != "handover_missed" || h.target(t, made.ID).State != post.NeedsHuman {
			t.Fatalf("the delivery is %s (%s), the target %s", d.State, d.ReasonCode, h.target(t, made.ID).State)
		}
		if err := h.journal.Resolve(context.Background(), h.actor, d.ID, delivery.IsNotLive, ""); err != nil {
			t.Fatal(err)
		}
		h.settle(t, h.journal)
		if d = h.delivery(t, made.ID); d.State != delivery.Handover || h.told(t, "delivery.handover_due") != 2 {
			t.Errorf("asked again: %s, told %d times", d.State, h.told(t, "delivery.handover_due"))
		}
		if err := h.journal.Resolve(context.Background(), h.actor, d.ID, delivery.GiveUp, ""); err != nil {
			t.Fatal(err)
		}
		if d = h.delivery(t, made.ID); d.State != delivery.Failed || h.live(t) != 0 {
			t.Errorf("given up: %s", d.State)
		}
	})
}

func TestC15HandOverObeysTheStop(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		made, err := h.posts.Create(context.Background(), h.actor, post.Edit{BrandID: "brand_1", Channels: []string{h.channel.ID}, Base: post.Content{Parts: []post.Part{{Text: "Later"}}},
			Variants: map[string]post.VariantEdit{h.channel.ID: {Settings: map[string]string{network.ByHandSetting: "yes"}}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.posts.Schedule(context.Background(), h.actor, made.ID, post.Plan{Now: true}); err != nil {
			t.Fatal(err)
		}
		if err := h.channels.Pause(context.Background(), h.actor, h.channel.ID, db.Now().Add(time.Hour), "quiet day"); err != nil {
			t.Fatal(err)
		}
		h.settle(t, h.journal)
		if got := h.target(t, made.ID); got.State != post.Held || h.told(t, "delivery.handover_due") != 0 {
			t.Errorf("the target is %s", got.State)
		}
	})
}
