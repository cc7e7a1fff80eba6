package deliveries_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/browser"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/deliveries"
	"github.com/bellwether-social/bellwether/internal/web/webtest"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

var ctx = context.Background()

// TestC17WhatWasSeenIsOneClickAway plays a post whose answer was lost and which then is met on the channel.
func TestC17WhatWasSeenIsOneClickAway(t *testing.T) {
	h := webtest.Build(t)
	h.Now = db.Now()
	journal := delivery.New(h.DB, h.Events, h.Channels, h.Posts, nil)
	h.Serve(deliveries.Routes(deliveries.Rooms{Journal: journal, Channels: h.Channels, Workspaces: h.Workspaces}))
	ch := h.Connect("club")
	h.World.Misbehave(ch.RemoteID, sandbox.LostAnswer)
	made := h.Draft("Two places left in Thursday's barista class.", ch.ID)
	h.OK(h.Posts.Schedule(ctx, h.Actor, made.ID, post.Plan{Now: true, Confirm: true}))
	_, err := journal.Step(ctx)
	h.OK(err)
	d, err := journal.Get(ctx, h.Actor, h.Target(made.ID).DeliveryID)
	h.OK(err)
	h.Exec(`update deliveries set state = 'needs_human', next_at = null, lease_owner = '', lease_until = null, reason = 'the answer to this call was lost, and the network offers no way to look it up; it may be live' where id = $1`, d.ID)
	h.Exec(`update delivery_steps set state = 'unknown', outcome = null, remote_id = '', doubt_at = coalesce(sent_at, 1)`)
	h.Exec(`update targets set state = 'needs_human', remote_id = '', published_at = null`)
	item := network.Live{Remote: network.Remote{ID: "seen-1", URL: "https://sandbox.example/@club/seen-1"}, Exists: true, Text: "Two places left in Thursday’s barista class", At: db.Now().Add(-10 * time.Minute)}
	h.OK(h.DB.Tx(ctx, func(tx *db.Tx) error {
		return journal.Sight(ctx, tx, "ws_1", ch.ID, delivery.Expected{DeliveryID: d.ID}, item, 0.97)
	}))
	address := h.Open() + "/deliveries/" + d.ID
	for _, look := range []struct {
		name   string
		screen browser.Screen
		scheme browser.Scheme
	}{{"desktop-light", browser.Desktop, browser.Light}, {"desktop-dark", browser.Desktop, browser.Dark}, {"phone-light", browser.Phone, browser.Light}, {"phone-dark", browser.Phone, browser.Dark}} {
		p := browser.Open(t, address, look.screen, look.scheme)
		p.See("Seen on the channel")
		p.See("97 % the same words")
		p.Axe()
		p.NoSidewaysScroll()
		p.Screenshot("sighting-" + look.name)
		p.ConsoleErrors()
		p.CSPReports()
	}
	p := browser.Open(t, address, browser.Desktop, browser.Light)
	browser.Eval[bool](p, "document.querySelector('input[name=sighting]').form.querySelector('button').click(), true")
	p.See("Accepted")
	if got := h.Target(made.ID); got.State != post.Published || got.RemoteID != "seen-1" || got.URL != item.URL {
		t.Errorf("the target is %s, %q at %q", got.State, got.RemoteID, got.URL)
	}
}
