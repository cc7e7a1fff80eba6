package channel_test

import (
	"net/url"
	"testing"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
)

func TestAChannelIsSubscribedWhenConnectedAndLetGoWhenDisconnected(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.channels.Reachable(&url.URL{Scheme: "https", Host: "bell.example"})
		h.register()
		h.club.accounts = h.club.accounts[:1]
		made, _, err := h.channels.FinishSignIn(ctx, h.ida, "club", "session-1", h.start("session-1"))
		h.ok(err)
		app, err := h.channels.App(ctx, h.ida, "club")
		h.ok(err)
		if got := h.club.calls["acc-north"]; got != "https://bell.example/hooks/club/"+app.Hook || made[0].NewsAt.IsZero() || made[0].NewsProblem != "" {
			t.Errorf("it calls %q; the channel says %v %q", got, made[0].NewsAt, made[0].NewsProblem)
		}
		h.club.mute = fault.Rejectedf("the plan has no webhooks")
		ch, err := h.channels.Check(ctx, h.ida, made[0].ID)
		h.ok(err)
		if !ch.NewsAt.IsZero() || ch.NewsProblem == "" || !ch.State.Works() {
			t.Errorf("refused, the channel says %v %q and is %s", ch.NewsAt, ch.NewsProblem, ch.State)
		}
		h.club.mute = nil
		_, err = h.channels.Check(ctx, h.ida, made[0].ID)
		h.ok(err)
		h.ok(h.channels.Disconnect(ctx, h.ida, made[0].ID))
		if ch, err = h.channels.Get(ctx, h.ida, made[0].ID); err != nil || len(h.club.calls) != 0 || !ch.NewsAt.IsZero() {
			t.Errorf("disconnected, it calls %v; the channel says %v, %v", h.club.calls, ch.NewsAt, err)
		}
	})
}

func TestNobodyIsCalledWhereThereIsNoPublicAddress(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	h.channels.Reachable(&url.URL{Scheme: "http", Host: "localhost:8080"})
	h.register()
	h.club.accounts = h.club.accounts[:1]
	made, _, err := h.channels.FinishSignIn(ctx, h.ida, "club", "session-1", h.start("session-1"))
	h.ok(err)
	if len(h.club.calls) != 0 || !made[0].NewsAt.IsZero() {
		t.Errorf("it calls %v", h.club.calls)
	}
}
