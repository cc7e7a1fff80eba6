package post_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
)

// capped is the sandbox with caps of its own: three posts in 24 hours, and twelve points of parts in an hour.
type capped struct{ *sandbox.Sandbox }

func (c capped) Spec() network.Spec {
	s := c.Sandbox.Spec()
	s.Caps = []network.Cap{{Key: "posts", Counts: "posts", Max: 3, Per: 24 * time.Hour}, {Key: "points", Counts: "points", Max: 12, Per: time.Hour, Each: 3, Parts: network.EveryPart}}
	return s
}

// cap gives the house's network caps.
func (h *house) cap() {
	h.t.Helper()
	keys, err := secret.Load(h.t.TempDir(), "")
	h.ok(err)
	channels := channel.New(h.db, h.events, keys, network.NewRegistry(capped{sandbox.New(sandbox.NewWorld(1, db.Now).Quiet())}), safehttp.New(safehttp.Policy{}))
	h.posts = post.New(h.db, h.events, channels, link.New(h.db, h.events, nil), nil).At(func() time.Time { return h.now })
}

func TestC28APlanAboveAKnownCapIsRefusedWhereverItWouldBeMade(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx := context.Background()
		h := build(t, database)
		h.cap()
		for _, wall := range []string{"2026-11-24T08:00", "2026-11-24T16:00", "2026-11-25T07:00"} {
			h.at(wall)
		}
		fourth := h.draft()
		err := h.posts.Schedule(ctx, h.actor, fourth.ID, post.Plan{Wall: "2026-11-24T12:00", Confirm: true})
		h.refused(err, fault.Conflict, "cap")
		if !strings.Contains(err.Error(), "3 posts") || !strings.Contains(err.Error(), "24 h") {
			t.Fatalf("refused with %v", err)
		}
		// The window rolls: what is more than a day from the first leaves three in any 24 hours.
		h.ok(h.posts.Schedule(ctx, h.actor, fourth.ID, post.Plan{Wall: "2026-11-25T09:00", Confirm: true}))
		target := h.target(fourth.ID)
		h.refused(h.posts.Move(ctx, h.actor, target.ID, "2026-11-24T20:00", "", true), fault.Conflict, "cap")
		if now := h.again(target); !now.DueAt.Equal(target.DueAt) {
			t.Fatal("the refused move changed the plan")
		}
		h.ok(h.posts.Move(ctx, h.actor, target.ID, "2026-11-26T08:00", "", true)) // alone again
		h.ok(h.posts.Schedule(ctx, h.actor, h.draft(h.ch2.ID).ID, post.Plan{Wall: "2026-11-24T12:00", Confirm: true}))
	})
}

func TestC28PartsCountAndWhatIsOverFreesTheCap(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx := context.Background()
		h := build(t, database)
		h.cap()
		thread := func(parts int) post.Post {
			var e post.Edit
			for i := range parts {
				h.texts++
				e.Base.Parts = append(e.Base.Parts, post.Part{Text: fmt.Sprintf("part %d of %d", i, h.texts)})
			}
			return h.write(e)
		}
		three := thread(3)
		h.ok(h.posts.Schedule(ctx, h.actor, three.ID, post.Plan{Wall: "2026-11-24T08:00", Confirm: true}))
		two := thread(2)
		h.refused(h.posts.Schedule(ctx, h.actor, two.ID, post.Plan{Wall: "2026-11-24T08:30", Confirm: true}), fault.Conflict, "cap")
		h.ok(h.posts.Schedule(ctx, h.actor, two.ID, post.Plan{Wall: "2026-11-24T09:00", Confirm: true}))
		uses, err := h.posts.CapUses(ctx, h.actor, h.ch)
		h.ok(err)
		if uses[0].Planned != 0 || uses[0].Most != 2 || uses[1].Most != 9 {
			t.Fatalf("the meter says %+v", uses)
		}
		h.ok(h.posts.Cancel(ctx, h.actor, three.ID))
		h.ok(h.posts.Schedule(ctx, h.actor, two.ID, post.Plan{Wall: "2026-11-24T08:30", Confirm: true}))
	})
}

func TestC28EveryNetworkSaysItsCapsWell(t *testing.T) {
	for _, k := range []network.Cap{{Setting: "kind", Values: []string{"reel"}}, {Video: true}, {Parts: network.LaterParts}, {Calls: true}} {
		if k.Whole() || k.Uses(network.Draft{Parts: []network.Part{{Text: "words"}}}) != 0 {
			t.Errorf("%+v counts a plain post", k)
		}
	}
	d := network.Draft{Parts: []network.Part{{Media: []network.Media{{Kind: network.Video}}}, {}}, Settings: map[string]string{"kind": "reel"}}
	for want, k := range map[int]network.Cap{1: {Setting: "kind", Values: []string{"reel"}}, 6: {Each: 3, Parts: network.EveryPart}, 3: {Each: 3, Parts: network.LaterParts}, 4: {Each: 4, Video: true}} {
		if got := k.Uses(d); got != want {
			t.Errorf("%+v takes %d, want %d", k, got, want)
		}
	}
}
