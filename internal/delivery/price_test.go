package delivery_test

import (
	"context"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

// tolled is a script that charges for every part.
type tolled struct{ *script }

func (tolled) Price(d network.Draft, _ network.Account) network.Price {
	return network.Price{Micros: int64(len(d.Parts)) * 15_000, Currency: "USD", Why: "posts at $0.015"}
}

func TestC10PostPastTheMonthsCapIsHeldAndTheMeterCountsCalls(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx := context.Background()
		s := tolled{newScript(network.Keyed)}
		h := build(t, database, s)
		made, err := h.channels.SignIn(ctx, h.actor, "script", "brand_1", map[string]string{"handle": "toll"})
		if err != nil {
			t.Fatal(err)
		}
		h.channel = made[0]
		cap := int64(50_000)
		if err := h.channels.Configure(ctx, h.actor, h.channel.ID, channel.Change{MonthCap: &cap}); err != nil {
			t.Fatal(err)
		}
		spent := func(want int64) {
			t.Helper()
			if got, err := h.journal.Spent(ctx, h.actor, h.channel); err != nil || got.Micros != want || want > 0 && got.Currency != "USD" {
				t.Errorf("spent %+v, %v; want %d", got, err, want)
			}
		}
		spent(0)
		first := h.publish(t, "one", "two")
		h.settle(t, h.journal)
		if got := h.target(t, first.ID); got.State != post.Published {
			t.Fatalf("the first is %s (%s)", got.State, got.HeldReason)
		}
		spent(30_000)
		second := h.publish(t, "three", "four")
		h.settle(t, h.journal)
		if got := h.target(t, second.ID); got.State != post.Held || !strings.Contains(got.HeldReason, "limit") || len(s.live) != 2 {
			t.Errorf("the second is %s (%s), %d live", got.State, got.HeldReason, len(s.live))
		}
		spent(30_000)
		none := int64(-1)
		if err := h.channels.Configure(ctx, h.actor, h.channel.ID, channel.Change{MonthCap: &none}); err != nil {
			t.Fatal(err)
		}
		third := h.publish(t, "five", "six")
		h.settle(t, h.journal)
		if got := h.target(t, third.ID); got.State != post.Published {
			t.Errorf("without a cap it is %s (%s)", got.State, got.HeldReason)
		}
		spent(60_000)
	})
}
