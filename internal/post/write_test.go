package post_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/blob"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// shelf gives the house a library with one picture.
func (h *house) shelf() (*asset.Library, asset.Asset) {
	h.t.Helper()
	blobs, err := blob.NewFolder(h.t.TempDir())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { blobs.Close() })
	library := asset.New(h.db, blobs)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		h.t.Fatal(err)
	}
	a, err := library.Add(context.Background(), h.actor, "brand_1", "hill.png", &picture)
	if err != nil {
		h.t.Fatal(err)
	}
	base, _ := url.Parse("https://bell.example")
	h.posts = post.New(h.db, h.events, h.channels, link.New(h.db, h.events, base), library).At(func() time.Time { return h.now })
	return library, a
}

func (h *house) as(id string, grants ...workspace.RoleGrant) workspace.Actor {
	return workspace.Actor{WorkspaceID: "ws_1", UserID: id, Name: id, Grants: grants}
}

func (h *house) editing(postID string) post.Edit {
	h.t.Helper()
	e, _, err := h.posts.Editing(context.Background(), h.actor, postID)
	if err != nil {
		h.t.Fatal(err)
	}
	return e
}

func (h *house) save(p post.Post, e post.Edit) post.Post {
	h.t.Helper()
	saved, err := h.posts.Save(context.Background(), h.actor, p.ID, p.Version, e)
	if err != nil {
		h.t.Fatal(err)
	}
	return saved
}

func say(parts ...string) post.Content {
	var c post.Content
	for _, p := range parts {
		c.Parts = append(c.Parts, post.Part{Text: p})
	}
	return c
}

func TestAStoredPostIsReadBackAsItWasWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		own := say("own words")
		e := post.Edit{Title: "Title “ü”", Tags: []string{"a", "b c"}, Channels: []string{h.ch2.ID, h.ch.ID, h.ch.ID}, Base: say("one\n\ntwo 🌱", "part two"), Variants: map[string]post.VariantEdit{
			h.ch2.ID: {Content: &own, Settings: map[string]string{"audience": "followers"}}, "chan_not_chosen": {Content: &own}}}
		e.Base.FirstComment, e.Base.Language = "first", "de-AT"
		p := h.write(e)
		got := h.editing(p.ID)
		if got.Title != e.Title || !slices.Equal(got.Tags, e.Tags) || len(got.Channels) != 2 || got.Base.Parts[0].Text != "one\n\ntwo 🌱" || len(got.Base.Parts) != 2 || got.Base.FirstComment != "first" || got.Base.Language != "de-AT" {
			t.Errorf("read back is %+v", got)
		}
		if len(got.Variants) != 1 || got.Variants[h.ch2.ID].Content.Parts[0].Text != "own words" || got.Variants[h.ch2.ID].Settings["audience"] != "followers" {
			t.Errorf("variants are %+v", got.Variants)
		}
		if rows, _, err := h.posts.List(context.Background(), h.actor, post.Filter{Search: "TITLE", Tag: "b c", ChannelID: h.ch.ID}); err != nil || len(rows) != 1 {
			t.Errorf("it is found %d times, %v", len(rows), err)
		}
		if rows, _, _ := h.posts.List(context.Background(), h.as("x", workspace.RoleGrant{Role: workspace.Owner}), post.Filter{Search: "nothing"}); len(rows) != 0 {
			t.Error("it is found by words it has not")
		}
	})
}

func TestASearchTakesWordsAsTheyAre(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.write(post.Edit{Title: "Salt & pepper", Channels: []string{h.ch.ID}, Base: say(`50% off "all" <mugs> & bowls`)})
		for words, want := range map[string]int{"salt & p": 1, "50% OFF": 1, `"all" <mugs> & b`: 1, "50_": 1, "5%f": 0, "alt": 0, `"`: 0, `\`: 0, "NOT salt": 0, "salt*": 1, "pepp* (": 1} {
			if rows, _, err := h.posts.List(context.Background(), h.actor, post.Filter{Search: words}); err != nil || len(rows) != want {
				t.Errorf("%q finds %d posts, not %d: %v", words, len(rows), want, err)
			}
		}
	})
}

func TestAnOldVersionNeverOverwritesANewerOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.exec(`insert into users (id, email, name, created_at) values ('user_2', 'b@example.org', 'Ben', 0)`)
		p := h.draft()
		e := h.editing(p.ID)
		e.Base = say("Ben's")
		if _, err := h.posts.Save(context.Background(), h.as("user_2", workspace.RoleGrant{Role: workspace.Manager}), p.ID, 1, e); err != nil {
			t.Fatal(err)
		}
		e.Base = say("mine")
		_, err := h.posts.Save(context.Background(), h.actor, p.ID, 1, e)
		if f := fault.As(err); f.Kind != fault.Conflict || f.Code != "stale" || !strings.Contains(f.Message, "Ben saved version 2") {
			t.Fatalf("a stale save is answered with %v", err)
		}
		now, _ := h.posts.Get(context.Background(), h.actor, p.ID)
		if now.Base.Parts[0].Text != "Ben's" || now.Version != 2 {
			t.Errorf("stored is %q", now.Base.Parts[0].Text)
		}
		if saved := h.save(now, e); saved.Version != 3 {
			t.Errorf("on top of the newer one it becomes %d", saved.Version)
		}
		all, err := h.posts.Versions(context.Background(), h.actor, p.ID)
		if err != nil || len(all) != 3 || all[1].ByName != "Ben" || all[1].Snapshot.Base.Parts[0].Text != "Ben's" || all[0].Version != 3 {
			t.Errorf("the versions are %+v, %v", all, err)
		}
	})
}

func TestRestoringMakesANewVersionAndDeletesNone(t *testing.T) { // B25
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		own := say("for the bar")
		p := h.write(post.Edit{Title: "One", Base: say("first"), Channels: []string{h.ch.ID, h.ch2.ID}, Variants: map[string]post.VariantEdit{h.ch2.ID: {Content: &own}}})
		p2 := h.save(p, post.Edit{BrandID: "brand_1", Title: "Two", Base: say("second"), Channels: []string{h.ch.ID}})
		restored, err := h.posts.Restore(context.Background(), h.actor, p.ID, 1, p2.Version)
		if err != nil || restored.Version != 3 || restored.Title != "One" || restored.Base.Parts[0].Text != "first" {
			t.Fatalf("restored is %+v, %v", restored, err)
		}
		e := h.editing(p.ID)
		if len(e.Channels) != 2 || e.Variants[h.ch2.ID].Content == nil || e.Variants[h.ch2.ID].Content.Parts[0].Text != "for the bar" {
			t.Errorf("channels and variants come back as %+v", e)
		}
		all, _ := h.posts.Versions(context.Background(), h.actor, p.ID)
		if len(all) != 3 || all[0].Note != "restored from version 1" || all[1].Snapshot.Title != "Two" {
			t.Errorf("the versions are %+v", all)
		}
		if _, err := h.posts.Restore(context.Background(), h.actor, p.ID, 9, 3); !fault.Is(err, fault.NotFound) {
			t.Errorf("a version that never was is answered with %v", err)
		}
		if _, err := h.posts.Restore(context.Background(), h.actor, p.ID, 1, 2); !fault.Is(err, fault.Conflict) {
			t.Errorf("restoring on a stale version is answered with %v", err)
		}
	})
}

func TestWhatCannotBeStoredIsRefused(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	for name, e := range map[string]post.Edit{
		"NUL":                  {Base: say("a\x00b")},
		"a very long text":     {Base: say(strings.Repeat("x", 200_001))},
		"51 parts":             {Base: post.Content{Parts: make([]post.Part, 51)}},
		"a long title":         {Title: strings.Repeat("x", 301)},
		"an unknown channel":   {Base: say("x"), Channels: []string{"chan_none"}},
		"NUL in a variant":     {Base: say("x"), Channels: []string{h.ch.ID}, Variants: map[string]post.VariantEdit{h.ch.ID: {Content: &post.Content{Parts: []post.Part{{Text: "\x00"}}}}}},
		"a NUL in the comment": {Base: post.Content{FirstComment: "\x00"}},
	} {
		e.BrandID = "brand_1"
		if _, err := h.posts.Create(context.Background(), h.actor, e); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s is answered with %v", name, err)
		}
	}
	if rows, _, _ := h.posts.List(context.Background(), h.actor, post.Filter{}); len(rows) != 0 {
		t.Errorf("%d posts are stored", len(rows))
	}
}

func TestWritingNeedsTheRightForBrandAndChannels(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		ctx := context.Background()
		h.exec(`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_2', 'Two', 'UTC', 'EUR', 0)`)
		p := h.draft(h.ch.ID)
		e := h.editing(p.ID)
		two := h.as("user_2", workspace.RoleGrant{Role: workspace.Manager, BrandID: "brand_2"})
		e.BrandID = "brand_2" // saying it is one's own brand does not make it so
		if _, err := h.posts.Save(ctx, two, p.ID, 1, e); !fault.Is(err, fault.NotFound) {
			t.Errorf("taking a post of another brand is answered with %v", err)
		}
		if _, err := h.posts.Create(ctx, two, e); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a post of one's own brand on a channel of another is answered with %v", err)
		}
		if err := h.posts.Trash(ctx, two, p.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("trashing it is answered with %v", err)
		}
		e.Channels = nil
		if _, err := h.posts.Create(ctx, two, e); err != nil {
			t.Errorf("a post of one's own brand is answered with %v", err)
		}
		only := h.as("user_3", workspace.RoleGrant{Role: workspace.Creator, ChannelID: h.ch.ID})
		e = h.editing(p.ID)
		if _, err := h.posts.Save(ctx, only, p.ID, 1, e); err != nil {
			t.Errorf("writing for one's own channel is answered with %v", err)
		}
		e.Channels = []string{h.ch.ID, h.ch2.ID}
		if _, err := h.posts.Save(ctx, only, p.ID, 2, e); !fault.Is(err, fault.Forbidden) {
			t.Errorf("adding another channel is answered with %v", err)
		}
		both := h.draft(h.ch.ID, h.ch2.ID)
		e = h.editing(both.ID)
		e.Channels = []string{h.ch.ID}
		if _, err := h.posts.Save(ctx, only, both.ID, 1, e); !fault.Is(err, fault.Forbidden) {
			t.Errorf("taking somebody else's channel away is answered with %v", err)
		}
		if _, err := h.posts.Save(ctx, h.as("x", workspace.RoleGrant{Role: workspace.Analyst}), p.ID, 2, e); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an analyst is answered with %v", err)
		}
		other := h.actor
		other.WorkspaceID = "ws_2"
		if _, err := h.posts.Save(ctx, other, p.ID, 2, e); !fault.Is(err, fault.NotFound) {
			t.Errorf("another workspace is answered with %v", err)
		}
	})
}

func TestWhatIsPlannedIsChangedOnlyByWhoMayPlan(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		target := h.at("2026-11-25T10:00")
		p, _ := h.posts.Get(context.Background(), h.actor, target.PostID)
		e := h.editing(p.ID)
		e.Base = say("changed behind the planner's back")
		creator := h.as("user_2", workspace.RoleGrant{Role: workspace.Creator})
		if _, err := h.posts.Save(context.Background(), creator, p.ID, p.Version, e); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("it is answered with %v", err)
		}
		if err := h.posts.Trash(context.Background(), creator, p.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("trashing it is answered with %v", err)
		}
		h.ok(h.posts.Unschedule(context.Background(), h.actor, p.ID))
		if _, err := h.posts.Save(context.Background(), creator, p.ID, p.Version, e); err != nil {
			t.Errorf("as a draft it is answered with %v", err)
		}
	})
}

func TestSavingAPlannedPostKeepsItsPlanTrue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		target := h.at("2026-11-25T10:00")
		p, _ := h.posts.Get(context.Background(), h.actor, target.PostID)
		e := h.editing(p.ID)
		e.Channels = []string{h.ch.ID, h.ch2.ID}
		e.Base = say("a new text that fits")
		p = h.save(p, e)
		targets, _ := h.posts.Targets(context.Background(), h.actor, p.ID)
		if len(targets) != 2 || targets[0].State != post.Scheduled || targets[1].State != post.Scheduled || !targets[0].DueAt.Equal(targets[1].DueAt) {
			t.Fatalf("a channel that is added is planned as %+v", targets)
		}
		if now := h.again(target); now.Text != "a new text that fits" || now.Fingerprint == target.Fingerprint {
			t.Errorf("what duplicates are looked for by is still %q", now.Text)
		}
		e.Base = say(strings.Repeat("too long ", 100))
		p = h.save(p, e)
		if now := h.again(target); now.State != post.Held || !strings.Contains(now.HeldReason, "limit is 500") || h.state(p.ID) != post.Held {
			t.Errorf("a text the network refuses leaves it %s (%s)", now.State, now.HeldReason)
		}
		e.Channels = nil
		p = h.save(p, e)
		if p.State != post.Draft || h.state(p.ID) != post.Draft {
			t.Errorf("without channels it is %s", h.state(p.ID))
		}
	})
}

func TestACancelledPostIsWrittenOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		target := h.at("2026-11-25T10:00")
		h.ok(h.posts.Cancel(context.Background(), h.actor, target.PostID))
		e := h.editing(target.PostID)
		if len(e.Channels) != 1 {
			t.Fatalf("its channels are %v", e.Channels)
		}
		p, _ := h.posts.Get(context.Background(), h.actor, target.PostID)
		p = h.save(p, e)
		if now := h.again(target); now.State != post.Draft || h.state(p.ID) != post.Draft {
			t.Errorf("saved again it is %s, its post %s", now.State, h.state(p.ID))
		}
	})
}

func TestTrashTakesUnsentPostsOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		ctx := context.Background()
		target := h.at("2026-11-25T10:00")
		h.ok(h.posts.Trash(ctx, h.actor, target.PostID))
		if now := h.again(target); now.State != post.Draft {
			t.Errorf("what was planned is %s in the trash", now.State)
		}
		if rows, _, _ := h.posts.List(ctx, h.actor, post.Filter{}); len(rows) != 0 {
			t.Error("it is still listed")
		}
		e := h.editing(target.PostID)
		if _, err := h.posts.Save(ctx, h.actor, target.PostID, 1, e); !fault.Is(err, fault.Conflict) {
			t.Errorf("saving it in the trash is answered with %v", err)
		}
		h.ok(h.posts.Untrash(ctx, h.actor, target.PostID))
		if h.state(target.PostID) != post.Draft {
			t.Errorf("taken back it is %s", h.state(target.PostID))
		}
		out := h.at("2026-11-26T10:00")
		h.now = out.DueAt
		h.ok(h.begin(out))
		if err := h.posts.Trash(ctx, h.actor, out.PostID); !fault.Is(err, fault.Conflict) {
			t.Errorf("trashing what is being sent is answered with %v", err)
		}
		if _, err := h.posts.Save(ctx, h.actor, out.PostID, 1, h.editing(out.PostID)); !fault.Is(err, fault.Conflict) {
			t.Errorf("changing what is being sent is answered with %v", err)
		}
		h.ok(h.db.Tx(ctx, func(tx *db.Tx) error {
			return h.posts.Settle(ctx, tx, "ws_1", out.ID, post.Outcome{State: post.Published, RemoteID: "1", At: h.now})
		}))
		if err := h.posts.Trash(ctx, h.actor, out.PostID); !fault.Is(err, fault.Conflict) {
			t.Errorf("trashing what is out is answered with %v", err)
		}
		copied, err := h.posts.Copy(ctx, h.actor, out.PostID)
		if err != nil || copied.State != post.Draft || copied.ID == out.PostID {
			t.Errorf("a copy is %+v, %v", copied, err)
		}
	})
}
