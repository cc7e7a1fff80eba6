package native_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

func TestC20PostMadeOutsideIsAPostLikeAnyOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.wall.say("Typed into the network's own app", h.now.Add(-48*time.Hour))
		secret := h.wall.say("Only for Ann", h.now.Add(-47*time.Hour))
		h.wall.posts[1].Closed = true
		h.wall.say("too old", h.now.Add(-91*24*time.Hour))
		h.wall.posts = append(h.wall.posts, network.Live{Remote: network.Remote{ID: "answer"}, Exists: true, Text: "Thank you!", At: h.now.Add(-time.Hour), ReplyTo: "somebody"})
		h.read()
		h.read() // read again, nothing changes
		h.shows("native:Typed into the network's own app")
		entries, err := h.posts.Calendar(ctx, h.actor, h.now.Add(-72*time.Hour), h.now, post.Shown{Origin: post.Native})
		h.ok(err)
		if len(entries) != 1 || entries[0].Origin != post.Native || entries[0].State != post.Published || entries[0].RemoteID != "" && entries[0].RemoteID == secret.ID {
			t.Fatalf("the calendar shows %+v", entries)
		}
		list, _, err := h.posts.List(ctx, h.actor, post.Filter{State: post.Published})
		h.ok(err)
		if len(list) != 1 || list[0].Origin != post.Native {
			t.Fatalf("the list shows %+v", list)
		}
		h.ok(h.posts.Classify(ctx, h.actor, list[0].ID, "camp_1", []string{" #Beans ", "beans", "Beans"}))
		h.ok(h.metrics.MeasureDue(ctx))
		p := insight.Period{From: h.now.Add(-72 * time.Hour), To: h.now, Zone: "UTC"}
		numbers, err := insight.New(database).Posts(ctx, h.actor, p, insight.Scope{CampaignID: "camp_1"})
		h.ok(err)
		if numbers["M-POSTS"].Value != 1 || numbers["M-LIKE"].Value != 7 {
			t.Errorf("%d posts, %d likes in the campaign", numbers["M-POSTS"].Value, numbers["M-LIKE"].Value)
		}
		rows, n, err := insight.New(database).PostTable(ctx, h.actor, p, insight.Scope{}, "EUR", "likes", false, 0, 10)
		h.ok(err)
		if n != 1 || !rows[0].Native || !slices.Equal(rows[0].Tags, []string{"Beans", "beans"}) {
			t.Errorf("the table shows %+v", rows)
		}
		if err := h.posts.Classify(ctx, h.actor, list[0].ID, "camp_other", nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("a campaign that is not there: %v", err)
		}
	})
}

func TestC20WhatWePublishedIsNeverImported(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.publish(false, "A thread of ours", "and its second part")
		h.wall.posts[1].ReplyTo = "" // a network that does not say what it continues
		h.read()
		h.read()
		h.shows(":A thread of ours\nand its second part")
	})
}

func TestC20PostOfOursThatIsListedUnderAnotherIDIsCountedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.publish(false, "A film of the roaster")
		h.wall.posts[0].ID, h.wall.posts[0].URL = "page_w001", "https://wall.example/page/w001"
		h.read()
		h.shows(":A film of the roaster")
		h.publish(false, "Which cup today?")
		h.wall.say("Which cup today?", h.now.Add(time.Minute)) // somebody really says it a second time
		h.read()
		h.shows(":A film of the roaster", ":Which cup today?", "native:Which cup today?")
	})
}

func TestC20FirstReadingIsBoundedAndGoesOnWhereItWas(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		for i := range 270 {
			h.wall.say(fmt.Sprintf("post %03d", i), h.now.Add(-time.Duration(300-i)*time.Hour/4))
		}
		h.wall.err = nil
		h.ok(h.natives.Read(ctx, "ws_1", h.ch.ID))
		r, err := h.natives.Reading(ctx, h.actor, h.ch.ID)
		h.ok(err)
		if n := len(h.published()); n != 200 || r.Cursor != "" || r.ReadAt.IsZero() {
			t.Fatalf("the first reading took %d posts and stands at %+v", n, r)
		}
		if due, err := h.natives.Due(ctx); err != nil || len(due) != 0 {
			t.Errorf("due at once again: %v %v", due, err)
		}
		for i := range 3 {
			h.wall.say(fmt.Sprintf("new %d", i), h.now.Add(time.Duration(i)*time.Second))
		}
		h.wall.asked = nil
		h.read()
		if n := len(h.published()); n != 203 || len(h.wall.asked) != 1 {
			t.Errorf("%d posts after %d calls", n, len(h.wall.asked))
		}
		h.wall.err = fault.Rejectedf("not for you")
		h.read()
		if r, err = h.natives.Reading(ctx, h.actor, h.ch.ID); err != nil || r.Error != "not for you" || r.NextAt.Sub(h.now) < 23*time.Hour {
			t.Errorf("refused: %+v %v", r, err)
		}
	})
}

func TestC15HandOverIsConfirmedByWhatAppears(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		made, d := h.publish(true, "With a sticker on it, for the first frost")
		if d.State != delivery.Handover {
			t.Fatalf("the delivery is %s", d.State)
		}
		h.wall.say("Something quite different", h.now.Add(3*time.Minute))
		live := h.wall.say("With a  sticker on it – for the first frost!", h.now.Add(5*time.Minute))
		h.read()
		h.read()
		h.shows(":With a sticker on it, for the first frost", "native:Something quite different")
		got := h.target(made.ID)
		if d = h.delivery(made.ID); d.State != delivery.Accepted || got.State != post.Published || got.URL != live.URL || got.RemoteID != live.ID || !got.PublishedAt.Equal(live.At.UTC().Truncate(time.Microsecond)) {
			t.Errorf("delivery %s, target %s at %q since %s, want %s", d.State, got.State, got.URL, got.PublishedAt, live.At)
		}
	})
}

func TestC15MissedHandOverIsConfirmedToo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		made, _ := h.publish(true, "The farm's letter, with music")
		for _, d := range []time.Duration{16 * time.Minute, time.Hour} {
			h.now = h.now.Add(d)
			h.settle()
		}
		if d := h.delivery(made.ID); d.State != delivery.NeedsHuman {
			t.Fatalf("the delivery is %s", d.State)
		}
		h.wall.say("The farm's letter, with music", h.now)
		h.read()
		if d := h.delivery(made.ID); d.State != delivery.Accepted {
			t.Errorf("the delivery is %s", d.State)
		}
		h.shows(":The farm's letter, with music")
	})
}

func TestC15ConfirmedWithoutAnAddressIsNamedByWhatAppears(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		made, d := h.publish(true, "A story with a link")
		h.ok(h.journal.Resolve(ctx, h.actor, d.ID, delivery.IsLive, ""))
		live := h.wall.say("A story with a link", h.now)
		h.read()
		h.shows(":A story with a link")
		if got := h.target(made.ID); got.RemoteID != live.ID || got.URL != live.URL {
			t.Errorf("the target is %q at %q", got.RemoteID, got.URL)
		}
	})
}

func TestC17WhatMayBeADoubtfulPostIsShownAndNotCounted(t *testing.T) {
	for name, answer := range map[string]delivery.Answer{"that is it": "", "it is live": delivery.IsLive, "it is not live": delivery.IsNotLive, "leave it": delivery.GiveUp} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, database *db.DB) {
				h := build(t, database)
				h.wall.lose = true
				made, d := h.publish(false, "Sent, and the answer was lost")
				if d.State != delivery.NeedsHuman {
					t.Fatalf("the delivery is %s", d.State)
				}
				h.read()
				h.read()
				h.shows()
				seen, err := h.journal.Sightings(ctx, h.actor, d.ID)
				h.ok(err)
				if len(seen) != 1 || seen[0].Item.URL != "https://wall.example/w001" || h.delivery(made.ID).State != delivery.NeedsHuman {
					t.Fatalf("seen %+v, and the delivery is %s", seen, h.delivery(made.ID).State)
				}
				switch answer {
				case "":
					h.ok(h.journal.ThatIsIt(ctx, h.actor, d.ID, seen[0].RemoteID))
				case delivery.IsLive:
					h.ok(h.journal.Resolve(ctx, h.actor, d.ID, answer, ""))
				default:
					h.ok(h.journal.Resolve(ctx, h.actor, d.ID, answer, ""))
				}
				h.settle()
				h.read()
				h.read()
				switch answer {
				case delivery.IsNotLive: // the person was wrong: now there are two, and both are counted
					h.shows(":Sent, and the answer was lost", "native:Sent, and the answer was lost")
				case delivery.GiveUp:
					h.shows("native:Sent, and the answer was lost")
				default:
					h.shows(":Sent, and the answer was lost")
					if got := h.target(made.ID); got.RemoteID != "w001" || got.State != post.Published {
						t.Errorf("the target is %s, %q", got.State, got.RemoteID)
					}
				}
				if seen, err = h.journal.Sightings(ctx, h.actor, d.ID); err != nil || len(seen) > 0 {
					t.Errorf("still shown: %v %v", seen, err)
				}
			})
		})
	}
}

func TestC20NativePostThatTurnsOutToBeOursIsAbsorbed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.wall.lose = true
		made, d := h.publish(false, "Our own words")
		h.wall.posts[0].Text = "words the network has changed beyond recognition"
		h.read()
		h.exec(`update measure_plans set next_at = 1`)
		h.ok(h.metrics.MeasureDue(ctx))
		h.shows("native:words the network has changed beyond recognition")
		h.ok(h.journal.Resolve(ctx, h.actor, d.ID, delivery.IsLive, "https://wall.example/w001"))
		h.shows(":Our own words")
		told, err := db.All[event.Event](ctx, database, `select workspace_id, id, kind, entity, at, actor, data from events where kind = 'post.absorbed'`)
		h.ok(err)
		h.ok(h.natives.Absorbed(ctx, told[0]))
		n, err := db.One[int64](ctx, database, `select sum(value) from latest_values where scope = $1 and metric = 'M-LIKE'`, h.target(made.ID).ID)
		if err != nil || n != 7 {
			t.Errorf("the numbers did not follow: %d %v", n, err)
		}
		h.read()
		h.shows(":Our own words")
	})
}

func TestC20WhatIsDeletedOutsideIsMarkedAndKeepsItsNumbers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		for i, text := range []string{"first", "second", "third"} {
			h.wall.say(text, h.now.Add(-time.Duration(3-i)*time.Hour))
		}
		h.read()
		h.ok(h.metrics.MeasureDue(ctx))
		h.wall.gone["w002"] = true
		h.exec(`update native_readings set floor_at = 0`)
		h.read()
		state := func(remote string) post.State {
			s, err := db.One[post.State](ctx, database, `select state from targets where remote_id = $1`, remote)
			h.ok(err)
			return s
		}
		if state("w001") != post.Published || state("w002") != post.Removed || state("w003") != post.Published {
			t.Errorf("the list: %s, %s, %s", state("w001"), state("w002"), state("w003"))
		}
		h.wall.gone["w003"] = true
		h.exec(`update measure_plans set next_at = 1 where next_at is not null`)
		h.ok(h.metrics.MeasureDue(ctx))
		told, err := db.All[event.Event](ctx, database, `select workspace_id, id, kind, entity, at, actor, data from events where kind = 'metric.gone' order by at`)
		h.ok(err)
		for _, e := range told {
			h.ok(h.journal.Vanished(ctx, e))
		}
		n, err := db.One[int](ctx, database, `select count(*) from latest_values where metric = 'M-LIKE'`)
		if err != nil || state("w003") != post.Removed || n != 3 {
			t.Errorf("the numbers: %s, %d kept (%v)", state("w003"), n, err)
		}
	})
}
