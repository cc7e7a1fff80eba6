package post_test

import (
	"context"
	"slices"
	"testing"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// TestG10APostMadeWithItsTimeIsTheOneMadeAndThenScheduled compares the one request with the two, row by row.
func TestG10APostMadeWithItsTimeIsTheOneMadeAndThenScheduled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.slots(post.Slot{Weekday: 2, Minute: 600, OwnerID: "user_2"})
		e := post.Edit{BrandID: "brand_1", Title: "T", Tags: []string{"a"}, Channels: []string{h.ch2.ID, h.ch.ID}, Base: post.Content{Parts: []post.Part{{Text: "The winter roast is here."}}},
			Variants: map[string]post.VariantEdit{h.ch2.ID: {Content: &post.Content{Parts: []post.Part{{Text: "Only for the bar."}}}}}}
		plan := post.Plan{Wall: "2026-11-24T10:00", Walls: map[string]string{h.ch2.ID: "2026-11-24T12:30"}, Confirm: true}
		two, err := h.posts.Create(ctx, h.actor, e)
		h.ok(err)
		h.ok(h.posts.Schedule(ctx, h.actor, two.ID, plan))
		one, planned, err := h.posts.CreateScheduled(ctx, h.actor, e, plan)
		h.ok(err)
		if one.State != post.Scheduled || h.state(one.ID) != post.Scheduled || len(planned) != 2 {
			t.Fatalf("made %+v with %d targets", one, len(planned))
		}
		shape := func(postID string) []post.Target {
			targets, err := h.posts.Targets(ctx, h.actor, postID)
			h.ok(err)
			for i := range targets {
				targets[i].ID, targets[i].PostID = "", ""
			}
			return targets
		}
		if a, b := shape(two.ID), shape(one.ID); !slices.Equal(a, b) || a[0].ResponsibleID != "user_2" || a[0].Fingerprint == "" {
			t.Errorf("the two ways differ:\n%+v\n%+v", a, b)
		}
		for _, p := range planned {
			if got := h.again(p); got != p {
				t.Errorf("answered %+v, stored %+v", p, got)
			}
		}
		for what, q := range map[string]string{
			"audit":    `select action from audit_entries where workspace_id = 'ws_1' and entity = $1 order by position`,
			"events":   `select kind from events where workspace_id = 'ws_1' and entity = $1 order by id`,
			"versions": `select note || version from post_versions where workspace_id = 'ws_1' and post_id = $1`,
			"variants": `select content from variants where workspace_id = 'ws_1' and post_id = $1`,
		} {
			a, err := db.All[string](ctx, database, q, two.ID)
			h.ok(err)
			b, err := db.All[string](ctx, database, q, one.ID)
			h.ok(err)
			if len(a) == 0 || !slices.Equal(a, b) {
				t.Errorf("%s differ: %v, %v", what, a, b)
			}
		}
		if bad, n, err := workspace.New(database, h.events).CheckAudit(ctx, "ws_1"); err != nil || bad != "" || n < 6 {
			t.Errorf("the audit log breaks at %q after %d entries (%v)", bad, n, err)
		}
	})
}

// TestG10WhatCannotBeScheduledIsNotMadeEither tries what scheduling refuses or asks about; nothing is left behind.
func TestG10WhatCannotBeScheduledIsNotMadeEither(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		h.exec(`update channels set min_gap = 3600000000 where id = $1`, h.ch.ID)
		first := post.Edit{BrandID: "brand_1", Channels: []string{h.ch.ID}, Base: post.Content{Parts: []post.Part{{Text: "The winter roast is here."}}}}
		_, _, err := h.posts.CreateScheduled(ctx, h.actor, first, post.Plan{Wall: "2026-11-24T10:00"})
		h.ok(err)
		other := first
		other.Base = post.Content{Parts: []post.Part{{Text: "A class on Sunday."}}}
		empty, nowhere, strange := first, first, first
		empty.Base, nowhere.Channels, strange.Channels = post.Content{}, nil, []string{h.ch.ID, "chan_none"}
		drafter := h.actor
		drafter.Grants = []workspace.RoleGrant{{Role: workspace.Creator}}
		for what, c := range map[string]struct {
			actor workspace.Actor
			edit  post.Edit
			plan  post.Plan
			kind  fault.Kind
		}{
			"the same text again":  {h.actor, first, post.Plan{Wall: "2026-11-24T18:00"}, fault.Conflict},
			"too near to another":  {h.actor, other, post.Plan{Wall: "2026-11-24T10:30"}, fault.Conflict},
			"in the past":          {h.actor, other, post.Plan{Wall: "2026-11-22T10:00"}, fault.Invalid},
			"without a time":       {h.actor, other, post.Plan{}, fault.Invalid},
			"without content":      {h.actor, empty, post.Plan{Wall: "2026-11-25T10:00"}, fault.Invalid},
			"without a channel":    {h.actor, nowhere, post.Plan{Wall: "2026-11-25T10:00"}, fault.Conflict},
			"on a strange channel": {h.actor, strange, post.Plan{Wall: "2026-11-25T10:00"}, fault.Invalid},
			"by who only drafts":   {drafter, other, post.Plan{Wall: "2026-11-25T10:00"}, fault.Forbidden},
		} {
			if _, _, err := h.posts.CreateScheduled(ctx, c.actor, c.edit, c.plan); fault.KindOf(err) != c.kind {
				t.Errorf("%s is answered with %v", what, err)
			}
		}
		n, err := db.One[int](ctx, database, `select (select count(*) from posts) + (select count(*) from targets) + (select count(*) from post_versions)`)
		if err != nil || n != 3 {
			t.Errorf("%d rows are left, want those of the first post (%v)", n, err)
		}
		if _, _, err := h.posts.CreateScheduled(ctx, h.actor, other, post.Plan{Wall: "2026-11-24T10:30", Confirm: true}); err != nil {
			t.Errorf("confirmed, it is refused: %v", err)
		}
	})
}
