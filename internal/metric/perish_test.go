package metric_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

var ctx = context.Background()

// fleeting is the sandbox with answers of our own.
type fleeting struct {
	*sandbox.Sandbox
	answer network.Measured
	err    error
}

func (f *fleeting) PostMetrics(_ context.Context, _ network.Session, items []network.Remote) (out []network.Measured, err error) {
	for _, it := range items {
		m := f.answer
		m.RemoteID = it.ID
		out = append(out, m)
	}
	return out, f.err
}

type house struct {
	t       *testing.T
	db      *db.DB
	metrics *metric.Metrics
	network *fleeting
	ch      channel.Channel
}

func build(t *testing.T, database *db.DB) *house {
	t.Helper()
	keys, err := secret.Load(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: database, network: &fleeting{Sandbox: sandbox.New(sandbox.NewWorld(1, db.Now).Quiet())}}
	h.exec(`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Test', 'Europe/Berlin', 0)`)
	h.exec(`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_1', 'Nordlys', 'Europe/Berlin', 'EUR', 0)`)
	events := event.New(database)
	channels := channel.New(database, events, keys, network.NewRegistry(h.network), safehttp.New(safehttp.Policy{}))
	h.metrics = metric.New(database, events, channels)
	made, err := channels.SignIn(ctx, workspace.Actor{WorkspaceID: "ws_1", UserID: "user_1", Via: "web", Zone: "UTC", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}, "sandbox", "brand_1", map[string]string{"handle": "club"})
	if err != nil {
		t.Fatal(err)
	}
	h.ch = made[0]
	return h
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	if _, err := db.Exec(ctx, h.db, query, args...); err != nil {
		h.t.Fatal(err)
	}
}

// posted follows an item that was published some time ago and lets it be due now.
func (h *house) posted(target, kind string, ago time.Duration) {
	h.t.Helper()
	h.exec(`insert into posts (workspace_id, id, brand_id, state, base, author_id, created_at, updated_at) values ('ws_1', $1, 'brand_1', 'published', '{}', 'user_7', 0, 0)`, "post_"+target)
	h.exec(`insert into targets (workspace_id, id, post_id, channel_id, state) values ('ws_1', $1, $2, $3, 'published')`, target, "post_"+target, h.ch.ID)
	if err := h.metrics.Follow(ctx, h.db, "ws_1", target, h.ch.ID, network.Remote{ID: "r_" + target, Data: map[string]string{"kind": kind}}, db.Now().Add(-ago)); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) measure() {
	h.t.Helper()
	h.exec(`update measure_plans set next_at = 1 where next_at is not null`)
	if err := h.metrics.MeasureDue(ctx); err != nil {
		h.t.Fatal(err)
	}
}

type plan struct {
	Next   time.Time `db:"next_at"`
	Missed time.Time `db:"missed_at"`
	Error  string    `db:"error"`
}

func (h *house) plan(target string) plan {
	h.t.Helper()
	p, err := db.One[plan](ctx, h.db, `select next_at, missed_at, error from measure_plans where target_id = $1`, target)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

func (h *house) told(kind string) []event.Event {
	h.t.Helper()
	list, err := db.All[event.Event](ctx, h.db, `select workspace_id, id, kind, entity, at, actor, data from events where kind = $1`, kind)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func TestH21AStoryIsMeasuredAfterOneSixAndTwentyThreeHours(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.network.answer = network.Measured{Values: network.Values{"M-STREP": 3, "M-STEX": 2}}
		for ago, want := range map[time.Duration]time.Duration{time.Minute: time.Hour, 2 * time.Hour: 6 * time.Hour, 7 * time.Hour: 23 * time.Hour} {
			h.posted("t"+ago.String(), "story", ago)
			h.measure()
			if next := h.plan("t" + ago.String()).Next; next.Sub(db.Now().Add(want-ago)).Abs() > time.Minute {
				t.Errorf("after %s the next reading is at %s, want %s after publication", ago, next, want)
			}
		}
		h.posted("late", "story", 23*time.Hour+10*time.Minute)
		h.measure()
		if p := h.plan("late"); !p.Next.IsZero() || !p.Missed.IsZero() || len(h.told("metric.missed")) != 0 {
			t.Errorf("after the last reading: %+v", p)
		}
		n, err := db.One[int64](ctx, database, `select value from latest_values where scope = 'late' and metric = 'M-STREP'`)
		if err != nil || n != 3 {
			t.Errorf("H05: story replies are %d, %v", n, err)
		}
	})
}

func TestH21NumbersThatVanishedUnreadAreAnAlertAndNoRemoval(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.posted("gone", "story", 25*time.Hour)
		h.network.answer = network.Measured{Gone: true}
		h.measure()
		h.posted("silent", "story", 25*time.Hour)
		h.network.err = fault.Wrap(fault.Later, nil, "the network rests")
		h.measure()
		for _, target := range []string{"gone", "silent"} {
			if p := h.plan(target); !p.Next.IsZero() || p.Missed.IsZero() || !strings.Contains(p.Error, "nothing was read") {
				t.Errorf("%s: %+v", target, p)
			}
		}
		missed := h.told("metric.missed")
		if len(missed) != 2 || !strings.Contains(string(missed[0].Data), "user_1") {
			t.Errorf("told %+v", missed)
		}
		if removed := h.told("metric.gone"); len(removed) != 0 {
			t.Errorf("an expired story is told as removed: %+v", removed)
		}
		h.posted("taken", "story", 2*time.Hour) // but one that is gone before its day is over was removed
		h.network.answer, h.network.err = network.Measured{Gone: true}, nil
		h.measure()
		if removed := h.told("metric.gone"); len(removed) != 1 || removed[0].Entity != "taken" {
			t.Errorf("a story that was removed is told as %+v", removed)
		}
	})
}

func TestH21AFailedReadingIsTriedAgainBeforeTheEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.network.err = fault.Wrap(fault.Later, nil, "the network rests")
		h.posted("soon", "story", 23*time.Hour+50*time.Minute)
		h.measure()
		if left := h.plan("soon").Next.Sub(db.Now()); left <= 0 || left > 9*time.Minute {
			t.Errorf("tried again in %s; the story ends in ten minutes", left)
		}
		h.posted("stays", "", 23*time.Hour+50*time.Minute)
		h.measure()
		if left := h.plan("stays").Next.Sub(db.Now()); left < 14*time.Minute {
			t.Errorf("an ordinary post is tried again in %s", left)
		}
	})
}

func TestH05TheNewestRetentionIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.posted("film", "", time.Hour)
		h.network.answer = network.Measured{Values: network.Values{"M-VVIEW": 9}, Watched: []network.Watched{{At: 0, Share: 10_000}, {At: 10_000, Share: 2500}}}
		h.measure()
		h.network.answer.Watched = nil // an answer without one changes nothing
		h.measure()
		curve, err := db.One[string](ctx, database, `select curve from retentions where target_id = 'film'`)
		if err != nil || curve != `[{"at":0,"share":10000},{"at":10000,"share":2500}]` {
			t.Errorf("kept %s, %v", curve, err)
		}
	})
}
