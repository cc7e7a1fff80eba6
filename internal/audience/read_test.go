package audience_test

import (
	"context"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/audience"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

var ctx = context.Background()

// counting is the sandbox that counts how often it is asked, under terms of its own.
type counting struct {
	*sandbox.Sandbox
	asked int
	err   error
	keep  time.Duration
}

func (c *counting) Spec() network.Spec {
	s := c.Sandbox.Spec()
	s.Audience.Keep = c.keep
	return s
}

func (c *counting) Audience(ctx context.Context, s network.Session) (network.Audience, error) {
	c.asked++
	if c.err != nil {
		return network.Audience{}, c.err
	}
	return c.Sandbox.Audience(ctx, s)
}

type house struct {
	t         *testing.T
	db        *db.DB
	network   *counting
	audiences *audience.Audiences
	ida       workspace.Actor
	ch        channel.Channel
}

func each(t *testing.T, test func(*house)) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		keys, err := secret.Load(t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		h := &house{t: t, db: database, network: &counting{Sandbox: sandbox.New(sandbox.NewWorld(1, db.Now).Quiet())},
			ida: workspace.Actor{WorkspaceID: "ws_1", UserID: "user_1", Via: "web", Zone: "UTC", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}}
		h.exec(`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Test', 'Europe/Berlin', 0), ('ws_2', 'Other', 'UTC', 0)`)
		h.exec(`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_1', 'Nordlys', 'Europe/Berlin', 'EUR', 0)`)
		events := event.New(database)
		channels := channel.New(database, events, keys, network.NewRegistry(h.network), safehttp.New(safehttp.Policy{}))
		h.audiences = audience.New(database, events, channels)
		made, err := channels.SignIn(ctx, h.ida, "sandbox", "brand_1", map[string]string{"handle": "club"})
		if err != nil {
			t.Fatal(err)
		}
		h.ch = made[0]
		test(h)
	})
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	if _, err := db.Exec(ctx, h.db, query, args...); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) read() {
	h.t.Helper()
	if err := h.audiences.ReadDue(ctx); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) channel(actor workspace.Actor) *audience.Channel {
	h.t.Helper()
	list, err := h.audiences.Channels(ctx, actor, "")
	if err != nil {
		h.t.Fatal(err)
	}
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

func TestA04ANetworkIsAskedOnceADay(t *testing.T) {
	each(t, func(h *house) {
		h.read()
		h.read()
		c := h.channel(h.ida)
		if h.network.asked != 1 || c.Latest == nil || len(c.Latest.Audience.Breakdowns) < 6 || c.NextAt.Sub(db.Now()) < 23*time.Hour {
			h.t.Errorf("asked %d times: %+v", h.network.asked, c)
		}
		h.network.err = fault.Rejectedf("the account is too small").WithHint("Grow.")
		h.exec(`update audience_plans set next_at = 1`)
		h.read()
		if c = h.channel(h.ida); c.Error != "the account is too small. Grow." || c.Latest == nil || c.NextAt.Sub(db.Now()) < 23*time.Hour {
			h.t.Errorf("after a refusal: %+v", c)
		}
		h.network.err = &fault.Error{Kind: fault.Later, Message: "not now", RetryAt: db.Now().Add(time.Hour)}
		h.exec(`update audience_plans set next_at = 1`)
		h.read()
		if c = h.channel(h.ida); c.NextAt.Sub(db.Now()) > time.Hour || c.NextAt.Sub(db.Now()) < 50*time.Minute {
			h.t.Errorf("the network named a time, and it is asked again at %s", c.NextAt)
		}
	})
}

func TestA04WhatTermsLetNobodyKeepIsForgotten(t *testing.T) {
	each(t, func(h *house) {
		h.network.keep = 30 * 24 * time.Hour
		for _, days := range []int{-40, -29} {
			if err := h.audiences.Keep(ctx, "ws_1", h.ch.ID, "Europe/Berlin", network.Audience{}, db.Now().AddDate(0, 0, days), db.Now().Add(time.Hour)); err != nil {
				h.t.Fatal(err)
			}
		}
		h.read()
		days, err := db.All[string](ctx, h.db, `select day from audiences`)
		if err != nil || len(days) != 1 {
			h.t.Errorf("kept %v, %v", days, err)
		}
	})
}

func TestD01AudiencesOfOthersAreNotRead(t *testing.T) {
	each(t, func(h *house) {
		h.read()
		abroad := workspace.Actor{WorkspaceID: "ws_2", UserID: "user_2", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}
		narrow := workspace.Actor{WorkspaceID: "ws_1", UserID: "user_3", Grants: []workspace.RoleGrant{{Role: workspace.Marketer, BrandID: "brand_9"}}}
		for _, actor := range []workspace.Actor{abroad, narrow} {
			if c := h.channel(actor); c != nil {
				h.t.Errorf("%s reads %+v", actor.UserID, c)
			}
			grown, err := h.audiences.Growth(ctx, actor, "", "2026-01-01", "2026-12-31", time.Unix(0, 0), db.Now())
			if err != nil || len(grown) != 0 {
				h.t.Errorf("%s reads %+v, %v", actor.UserID, grown, err)
			}
		}
	})
}

func TestH12GrowthTalkersHoursAndMagnets(t *testing.T) {
	each(t, func(h *house) {
		at := time.Date(2026, 11, 20, 12, 30, 0, 0, time.UTC)
		for day, n := range map[string]int{"2026-10-20": 100, "2026-11-01": 150, "2026-11-24": 190} {
			h.exec(`insert into channel_days (workspace_id, channel_id, day, metric, value, at) values ('ws_1', $1, $2, 'M-FOLL', $3, 0)`, h.ch.ID, day, n)
		}
		h.exec(`insert into posts (workspace_id, id, brand_id, state, base, author_id, created_at, updated_at) values ('ws_1', 'post_1', 'brand_1', 'published', '{}', 'user_1', 0, 0)`)
		h.exec(`insert into targets (workspace_id, id, post_id, channel_id, state, published_at, text_plain) values ('ws_1', 'targ_1', 'post_1', $1, 'published', $2, 'Winter roast')`, h.ch.ID, at)
		h.exec(`insert into latest_values (workspace_id, scope, metric, value, at) values ('ws_1', 'targ_1', 'M-FOLLGAIN', 12, 0)`)
		grown, err := h.audiences.Growth(ctx, h.ida, "", "2026-10-28", "2026-11-24", at.AddDate(0, 0, -20), at.AddDate(0, 0, 5))
		if err != nil || len(grown) != 1 || *grown[0].Start != 100 || *grown[0].End != 190 || *grown[0].Won != 12 {
			h.t.Errorf("%+v, %v", grown, err)
		}
		won, err := h.audiences.Magnets(ctx, h.ida, h.ch.ID, at.AddDate(0, 0, -20), at.AddDate(0, 0, 5), 5)
		if err != nil || len(won) != 1 || won[0].Won != 12 || won[0].Text != "Winter roast" {
			h.t.Errorf("%+v, %v", won, err)
		}
		now := db.Now()
		for i, who := range []string{"mara", "mara", "noah"} {
			id := string(rune('a' + i))
			h.exec(`insert into contacts (workspace_id, id, name, vip, created_at) values ('ws_1', $1, $1, true, 0) on conflict do nothing`, who)
			h.exec(`insert into conversations (workspace_id, id, brand_id, channel_id, kind, thread, contact_id, state, last_message_at) values ('ws_1', $1, 'brand_1', $2, 'comment', $1, $3, 'new', $4)`, id, h.ch.ID, who, now)
			h.exec(`insert into messages (workspace_id, id, conversation_id, channel_id, remote_id, outbound, text, at, received_at) values ('ws_1', $1, $1, $2, $1, false, 'hello', $3, $3)`, id, h.ch.ID, now)
		}
		talk, err := h.audiences.Commenters(ctx, h.ida, "", now.AddDate(0, 0, -90), 10)
		if err != nil || len(talk) != 2 || talk[0].ContactID != "mara" || talk[0].Conversations != 2 || !talk[0].VIP || talk[0].Networks != "sandbox" {
			h.t.Errorf("%+v, %v", talk, err)
		}
		week, err := h.audiences.Writing(ctx, h.ida, "", time.UTC)
		if day := (int(now.Weekday()) + 6) % 7; err != nil || week.N != 3 || week.Hours[day][now.Hour()] != 3 {
			h.t.Errorf("%+v, %v", week, err)
		}
		h.exec(`insert into orders (workspace_id, id, order_id, ordered_at, amount_minor, currency, source, created_at) values ('ws_1', 'o', '1', $1, 100, 'EUR', 'api', 0)`, now)
		if week, err = h.audiences.Buying(ctx, h.ida, "", time.UTC); err != nil || week.N != 1 {
			h.t.Errorf("%+v, %v", week, err)
		}
	})
}
