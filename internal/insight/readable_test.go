package insight_test

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/attribution"
	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/strategy"
	"github.com/bellwether-social/bellwether/internal/track"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// noon is when everything of the house happened.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

var period = insight.Period{From: noon.Add(-12 * time.Hour), To: noon.Add(12 * time.Hour), Zone: "UTC"}

// house is a workspace with two brands. Brand a has the channels a and b, brand c the channel c; of everything there is
// one for each channel, named after it.
type house struct {
	t         *testing.T
	db        *db.DB
	posts     *post.Posts
	journal   *delivery.Journal
	campaigns *campaign.Campaigns
	links     *link.Links
	goals     *strategy.Goals
	library   *asset.Library
	orders    *customer.Orders
	journeys  *attribution.Attribution
	insight   *insight.Insight
}

func build(t *testing.T, database *db.DB) *house {
	t.Helper()
	keys, err := secret.Load(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	events, base := event.New(database), &url.URL{Scheme: "https", Host: "bell.example"}
	h := &house{t: t, db: database, campaigns: campaign.New(database, events), goals: strategy.New(database, events), library: asset.New(database, nil),
		orders: customer.New(database, events, nil), insight: insight.New(database), links: link.New(database, events, base)}
	channels := channel.New(database, events, keys, network.NewRegistry(sandbox.New(sandbox.NewWorld(1, db.Now).Quiet())), safehttp.New(safehttp.Policy{}))
	h.posts = post.New(database, events, channels, h.links, nil)
	h.journal = delivery.New(database, events, channels, h.posts, nil)
	taken, err := track.New(database, events, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h.journeys = attribution.New(database, events, h.orders, taken)
	h.exec(`insert into workspaces (id, name, zone, created_at) values ('ws', 'Test', 'UTC', 0)`)
	for _, brand := range []string{"a", "c"} {
		h.exec(`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws', 'brand_' || $1, 'Brand', 'UTC', 'EUR', 0)`, brand)
		h.exec(`insert into campaigns (workspace_id, id, brand_id, name, utm_campaign, zone, owner_id, currency, state, created_at)
			values ('ws', 'camp_' || $1, 'brand_' || $1, 'Campaign', $1, 'UTC', 'user_1', 'EUR', 'active', 0)`, brand)
	}
	h.exec(`insert into assets (workspace_id, id, brand_id, name, kind, mime, bytes, sha256, blob_key, original_sha256, original_key, created_by, created_at)
		values ('ws', 'asset_0', '', 'Shared', 'image', 'image/png', 1, '0', '0', '0', '0', 'user_1', 0)`)
	h.exec(`insert into orders (workspace_id, id, order_id, ordered_at, amount_minor, currency, source, created_at) values ('ws', 'ord_0', '0', $1, 1, 'EUR', 'api', $1)`, noon)
	for n, c := range []string{"a", "b", "c"} {
		h.one(c, map[string]string{"a": "a", "b": "a", "c": "c"}[c], "user_"+string(rune('1'+n)), int64(10*(n+1)))
	}
	h.exec(`insert into search_pending (workspace_id, kind, id, rank) select workspace_id, 'post', id, 0 from posts`)
	if err := h.posts.CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
	return h
}

// one makes one of everything on a channel.
func (h *house) one(c, brand, author string, amount int64) {
	for _, q := range []string{
		`insert into channels (workspace_id, id, brand_id, connection_id, network, remote_id, handle, name, url, account, zone, created_at)
			values ('ws', 'chan_' || $1, 'brand_' || $2, '', 'sandbox', $1, $1, $1, '', '{}', 'UTC', 0)`,
		`insert into posts (workspace_id, id, brand_id, campaign_id, state, base, author_id, created_at, updated_at)
			values ('ws', 'post_' || $1, 'brand_' || $2, 'camp_' || $2, 'draft', '{"parts":[{"text":"words of it","media":[{"asset_id":"asset_0"}]}]}', $3, 0, 0)`,
		`insert into variants (workspace_id, post_id, channel_id) values ('ws', 'post_' || $1, 'chan_' || $1)`,
		`insert into post_versions (workspace_id, post_id, version, snapshot, by_user, at) values ('ws', 'post_' || $1, 1, '{}', $3, 0)`,
		`insert into targets (workspace_id, id, post_id, channel_id, state, due_at, published_at, delivery_id, text_plain)
			values ('ws', 'tgt_' || $1, 'post_' || $1, 'chan_' || $1, 'held', $4, $4, 'dlv_' || $1, 'words of it')`,
		`insert into posts (workspace_id, id, brand_id, state, base, author_id, created_at, updated_at)
			values ('ws', 'post_tray_' || $1, 'brand_' || $2, 'draft', '{}', $3, 0, 0)`,
		`insert into targets (workspace_id, id, post_id, channel_id, state) values ('ws', 'tgt_tray_' || $1, 'post_tray_' || $1, 'chan_' || $1, 'draft')`,
		`insert into recurrences (workspace_id, id, post_id, rule, wall, zone, channels, created_by) values ('ws', 'rec_' || $1, 'post_' || $1, '', '', 'UTC', '["chan_' || $1 || '"]', $3)`,
		`insert into deliveries (workspace_id, id, kind, channel_id, target_id, state, draft, fingerprint, due_at, responsible_id, created_by, created_at)
			values ('ws', 'dlv_' || $1, 'post', 'chan_' || $1, 'tgt_' || $1, 'waiting', '{}', '', $4, $3, $3, 0)`,
		`insert into goals (workspace_id, id, brand_id, name, metric, target, currency, starts_at, ends_at, zone, owner_id, scope_channels, state, created_at)
			values ('ws', 'goal_' || $1, 'brand_' || $2, 'Goal', 'M-REV', 100, 'EUR', $4 - 3600000000, $4 + 3600000000, 'UTC', 'user_1', '["chan_' || $1 || '"]', 'active', 0)`,
		`insert into links (workspace_id, id, brand_id, slug, url, campaign_id, channel_id, target_id, created_by, created_at)
			values ('ws', 'link_' || $1, 'brand_' || $2, $1, 'https://shop.example', 'camp_' || $2, 'chan_' || $1, 'tgt_' || $1, $3, 0)`,
		`insert into clicks (workspace_id, id, link_id, at, kind) values ('ws', 'click_' || $1, 'link_' || $1, $4, 'human')`,
		`insert into click_days (workspace_id, link_id, day, kind, n) values ('ws', 'link_' || $1, '2026-11-23', 'human', $5)`,
		`insert into click_places (workspace_id, day, channel_id, campaign_id, kind, n) values ('ws', '2026-11-23', 'chan_' || $1, 'camp_' || $2, 'human', $5)`,
		`insert into assets (workspace_id, id, brand_id, name, kind, mime, bytes, sha256, blob_key, original_sha256, original_key, created_by, created_at)
			values ('ws', 'asset_' || $1, 'brand_' || $2, 'Picture', 'image', 'image/png', 1, $1, $1, $1, $1, $3, 0)`,
		`insert into orders (workspace_id, id, order_id, ordered_at, amount_minor, currency, source, created_at, channel_id, target_id, post_id, campaign_id)
			values ('ws', 'ord_' || $1, $1, $4, $5, 'EUR', 'api', $4, 'chan_' || $1, 'tgt_' || $1, 'post_' || $1, 'camp_' || $2)`,
		`insert into conversions (workspace_id, id, rule_id, event_id, visitor, visit, at, target_id, channel_id)
			values ('ws', 'conv_' || $1, 'r', $1, '', '', $4, 'tgt_' || $1, 'chan_' || $1)`,
		`insert into latest_values (workspace_id, scope, metric, value, at) values ('ws', 'tgt_' || $1, 'M-LIKE', $5, $4)`,
		`insert into snapshots (workspace_id, scope, metric, at, value) values ('ws', 'tgt_' || $1, 'M-LIKE', $4, $5)`,
		`insert into channel_days (workspace_id, channel_id, day, metric, value, at) values ('ws', 'chan_' || $1, '2026-11-23', 'M-FOLL', $5, $4)`,
		`insert into conversations (workspace_id, id, brand_id, channel_id, kind, thread, contact_id, state, first_inbound_at, last_message_at, assignee_id)
			values ('ws', 'conv_' || $1, 'brand_' || $2, 'chan_' || $1, 'comment', $1, '', 'new', $4, $4, $3)`,
		`insert into messages (workspace_id, id, conversation_id, channel_id, remote_id, outbound, text, at, received_at)
			values ('ws', 'msg_' || $1, 'conv_' || $1, 'chan_' || $1, $1, false, 'Hi', $4, $4)`,
	} {
		args := []any{c, brand, author, noon, amount}
		var used []any // PostgreSQL wants to know the type of each
		for n, a := range args {
			if old := "$" + string(rune('1'+n)); strings.Contains(q, old) {
				used = append(used, a)
				q = strings.ReplaceAll(q, old, "$"+string(rune('0'+len(used))))
			}
		}
		h.exec(q, used...)
	}
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	if _, err := db.Exec(context.Background(), h.db, query, args...); err != nil {
		h.t.Fatalf("%s: %v", query, err)
	}
}

func ids[T any](rows []T, err error, id func(T) string) (string, error) {
	var out []string
	for _, r := range rows {
		out = append(out, id(r)[strings.LastIndex(id(r), "_")+1:])
	}
	slices.Sort(out)
	return strings.Join(out, ""), err
}

func (h *house) as(user string, grants ...workspace.RoleGrant) workspace.Actor {
	return workspace.Actor{WorkspaceID: "ws", UserID: user, Name: user, Grants: grants}
}

// lists are everything that lists, each with the names of what it lists.
func (h *house) lists(actor workspace.Actor) map[string]func() (string, error) {
	ctx := context.Background()
	postID, entryID := func(p post.Post) string { return p.ID }, func(e post.Entry) string { return e.ID }
	return map[string]func() (string, error){
		"posts": func() (string, error) {
			rows, _, err := h.posts.List(ctx, actor, post.Filter{Search: "words"})
			return ids(rows, err, postID)
		},
		"tray": func() (string, error) {
			rows, err := h.posts.Tray(ctx, actor, post.Shown{}, 10)
			return ids(rows, err, postID)
		},
		"unscheduled": func() (string, error) {
			rows, err := h.posts.Unscheduled(ctx, actor, 20)
			return ids(slices.DeleteFunc(rows, func(p post.Post) bool { return !strings.Contains(p.ID, "tray") }), err, postID)
		},
		"calendar": func() (string, error) {
			rows, err := h.posts.Calendar(ctx, actor, period.From, period.To, post.Shown{})
			return ids(rows, err, entryID)
		},
		"between": func() (string, error) {
			rows, err := h.posts.Between(ctx, actor, period.From, period.To, post.Filter{})
			return ids(rows, err, entryID)
		},
		"waiting": func() (string, error) {
			rows, err := h.posts.Waiting(ctx, actor, 10)
			return ids(rows, err, entryID)
		},
		"held": func() (string, error) {
			rows, err := h.posts.Held(ctx, actor, "")
			return ids(rows, err, entryID)
		},
		"recurrences": func() (string, error) {
			rows, err := h.posts.Recurrences(ctx, actor)
			return ids(rows, err, func(r post.Recurrence) string { return r.ID })
		},
		"usages": func() (string, error) {
			rows, err := h.library.Usages(ctx, actor, "asset_0")
			return ids(rows, err, func(u asset.Usage) string { return u.PostID })
		},
		"deliveries": func() (string, error) {
			rows, _, err := h.journal.List(ctx, actor, delivery.Filter{})
			return ids(rows, err, func(l delivery.Line) string { return l.ID })
		},
		"goals": func() (string, error) {
			rows, err := h.goals.List(ctx, actor)
			return ids(rows, err, func(g strategy.Goal) string { return g.ID })
		},
		"links": func() (string, error) {
			rows, err := h.insight.LinkTable(ctx, actor, period, "", "", 10)
			return ids(rows, err, func(l insight.LinkRow) string { return l.ID })
		},
		"post table": func() (string, error) {
			rows, n, err := h.insight.PostTable(ctx, actor, period, insight.Scope{}, "EUR", "", false, 0, 10)
			if n != len(rows) {
				h.t.Errorf("%d rows of %d", len(rows), n)
			}
			return ids(rows, err, func(r insight.PostRow) string { return r.TargetID })
		},
		"glances": func() (string, error) {
			all, err := h.insight.Glances(ctx, actor, period.From, period.To)
			var rows []insight.Glance
			for _, g := range all {
				rows = append(rows, g)
			}
			return ids(rows, err, func(g insight.Glance) string { return g.TargetID })
		},
	}
}

// opens are everything that opens one thing by its name.
func (h *house) opens(actor workspace.Actor) map[string]func(c string) error {
	ctx := context.Background()
	return map[string]func(string) error{
		"post":       func(c string) error { _, err := h.posts.Get(ctx, actor, "post_"+c); return err },
		"variants":   func(c string) error { _, err := h.posts.Variants(ctx, actor, "post_"+c); return err },
		"versions":   func(c string) error { _, err := h.posts.Versions(ctx, actor, "post_"+c); return err },
		"editing":    func(c string) error { _, _, err := h.posts.Editing(ctx, actor, "post_"+c); return err },
		"target":     func(c string) error { _, err := h.posts.Target(ctx, actor, "tgt_"+c); return err },
		"entry":      func(c string) error { _, err := h.posts.EntryOf(ctx, actor, "tgt_"+c); return err },
		"recurrence": func(c string) error { _, err := h.posts.Recurrence(ctx, actor, "rec_"+c); return err },
		"delivery":   func(c string) error { _, err := h.journal.Get(ctx, actor, "dlv_"+c); return err },
		"steps":      func(c string) error { _, err := h.journal.Steps(ctx, actor, "dlv_"+c); return err },
		"attempts":   func(c string) error { _, err := h.journal.Attempts(ctx, actor, "dlv_"+c); return err },
		"goal":       func(c string) error { _, err := h.goals.Get(ctx, actor, "goal_"+c); return err },
		"changes":    func(c string) error { _, err := h.goals.Changes(ctx, actor, "goal_"+c); return err },
		"link":       func(c string) error { _, err := h.links.Get(ctx, actor, "link_"+c); return err },
		"numbers":    func(c string) error { _, err := h.insight.PostOf(ctx, actor, "tgt_"+c, "EUR"); return err },
	}
}

// narrowed are members and what each reads.
var narrowed = []struct {
	name        string
	grants      []workspace.RoleGrant
	reads       string // channels
	brands      string
	assets      string
	unattached  bool // orders that nothing is credited for
	likes, sold int64
}{
	{"all", []workspace.RoleGrant{{Role: workspace.Marketer}}, "abc", "ac", "0abc", true, 60, 61},
	{"brand", []workspace.RoleGrant{{Role: workspace.Marketer, BrandID: "brand_a"}}, "ab", "a", "0ab", false, 30, 30},
	{"channel", []workspace.RoleGrant{{Role: workspace.Marketer, ChannelID: "chan_b"}}, "b", "a", "0ab", false, 20, 20},
	{"brand and channel", []workspace.RoleGrant{{Role: workspace.Marketer, BrandID: "brand_c"}, {Role: workspace.Marketer, ChannelID: "chan_b"}}, "bc", "ac", "0abc", false, 50, 50},
	{"another brand's channel", []workspace.RoleGrant{{Role: workspace.Marketer, BrandID: "brand_a", ChannelID: "chan_c"}}, "", "", "0", false, 0, 0},
}

func TestD01NarrowedRolesReadTheirPartOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		for _, m := range narrowed {
			actor := h.as("user_9", m.grants...)
			for what, list := range h.lists(actor) {
				if got, err := list(); err != nil || got != m.reads {
					t.Errorf("%s: %s lists %q, %v, want %q", m.name, what, got, err, m.reads)
				}
			}
			for what, open := range h.opens(actor) {
				for _, c := range []string{"a", "b", "c"} {
					err := open(c)
					if may := strings.Contains(m.reads, c); may && err != nil || !may && !fault.Is(err, fault.NotFound) {
						t.Errorf("%s: %s %s is answered with %v", m.name, what, c, err)
					}
				}
			}
			campaigns, err := h.campaigns.List(ctx, actor)
			if got, err := ids(campaigns, err, func(k campaign.Campaign) string { return k.ID }); err != nil || got != m.brands {
				t.Errorf("%s reads the campaigns %q, %v", m.name, got, err)
			}
			assets, _, err := h.library.List(ctx, actor, asset.Filter{})
			if got, err := ids(assets, err, func(a asset.Asset) string { return a.ID }); err != nil || got != m.assets {
				t.Errorf("%s reads the files %q, %v", m.name, got, err)
			}
			for _, brand := range []string{"a", "c"} {
				if _, err := h.campaigns.Get(ctx, actor, "camp_"+brand); (err == nil) != strings.Contains(m.brands, brand) || err != nil && !fault.Is(err, fault.NotFound) {
					t.Errorf("%s: campaign %s is answered with %v", m.name, brand, err)
				}
				if _, err := h.library.Get(ctx, actor, "asset_"+brand); (err == nil) != strings.Contains(m.assets, brand) || err != nil && !fault.Is(err, fault.NotFound) {
					t.Errorf("%s: file %s is answered with %v", m.name, brand, err)
				}
			}
		}
	})
}

func TestD01NumbersCountWhatTheReaderMayOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		for _, m := range narrowed {
			actor, n := h.as("user_9", m.grants...), int64(len(m.reads))
			extra := int64(0)
			if m.unattached {
				extra = 1
			}
			for id, want := range map[string]int64{"M-POSTS": n, "M-LIKE": m.likes, "M-CLICK": m.likes, "M-FOLL": m.likes, "M-REV": m.sold, "M-ORDERS": n + extra,
				"M-CONVN": n, "M-MSGIN": n, "M-NEEDANS": n, "M-BACKLOG": n} {
				if got, err := h.insight.Value(ctx, actor, id, period, insight.Scope{}, "EUR"); err != nil || got.Value != want {
					t.Errorf("%s: %s is %d, %v, want %d", m.name, id, got.Value, err, want)
				}
				if slices.Contains([]string{"M-CONVN", "M-NEEDANS", "M-BACKLOG"}, id) {
					continue
				}
				points, err := h.insight.Series(ctx, actor, id, period, insight.Scope{}, "EUR")
				if err != nil || len(points) != 1 || int64(points[0].Value) != want {
					t.Errorf("%s: the line of %s is %v, %v, want %d", m.name, id, points, err, want)
				}
			}
			orders, _, err := h.orders.List(ctx, actor, customer.Filter{})
			if err != nil || int64(len(orders)) != n+extra {
				t.Errorf("%s reads %d orders, %v", m.name, len(orders), err)
			}
			sources, err := h.insight.RevenueBy(ctx, actor, period, "channel", "EUR")
			if err != nil || int64(len(sources)) != n+extra {
				t.Errorf("%s reads the revenue of %v, %v", m.name, sources, err)
			}
			counts, err := h.journal.Counts(ctx, actor, delivery.Groups...)
			if err != nil || int64(counts[delivery.GroupOpen]) != n {
				t.Errorf("%s counts the deliveries %v, %v", m.name, counts, err)
			}
			for _, c := range []string{"a", "b", "c"} {
				may := strings.Contains(m.reads, c)
				if _, err := h.orders.Get(ctx, actor, "ord_"+c); (err == nil) != may || err != nil && !fault.Is(err, fault.NotFound) {
					t.Errorf("%s: order %s is answered with %v", m.name, c, err)
				}
				if _, err := h.journeys.Journey(ctx, actor, "ord_"+c); (err == nil) != may {
					t.Errorf("%s: the journey of order %s is answered with %v", m.name, c, err)
				}
				if rows, kinds, err := h.insight.ClickRows(ctx, actor, "link_"+c, 5); err != nil || (len(rows) == 1) != may || (kinds["human"] > 0) != may {
					t.Errorf("%s: the clicks of link %s are %v, %v, %v", m.name, c, rows, kinds, err)
				}
				if rows, err := h.insight.Snapshots(ctx, actor, "tgt_"+c); err != nil || (len(rows) == 1) != may {
					t.Errorf("%s: the snapshots of %s are %v, %v", m.name, c, rows, err)
				}
			}
			if _, err := h.orders.Get(ctx, actor, "ord_0"); (err == nil) != m.unattached {
				t.Errorf("%s: the order nothing is credited for is answered with %v", m.name, err)
			}
		}
	})
}

func TestD01WhoHoldsARightForTheirOwnReadsTheirOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		creator := h.as("user_2", workspace.RoleGrant{Role: workspace.Creator}) // reads every post and goal, numbers of own work
		rows, n, err := h.insight.PostTable(ctx, creator, period, insight.Scope{}, "EUR", "", false, 0, 10)
		if err != nil || n != 1 || rows[0].TargetID != "tgt_b" {
			t.Errorf("the numbers of a creator's own posts are %v of %d, %v", rows, n, err)
		}
		if got, err := h.insight.Value(ctx, creator, "M-REV", period, insight.Scope{}, "EUR"); err != nil || got.Value != 20 {
			t.Errorf("their own posts earned %d, %v", got.Value, err)
		}
		if posts, _, err := h.posts.List(ctx, creator, post.Filter{Search: "words"}); err != nil || len(posts) != 3 {
			t.Errorf("a creator reads %d posts, %v", len(posts), err)
		}
		for goal, want := range map[string]int64{"goal_a": 10, "goal_c": 30} { // a goal that can be read is read whole
			g, err := h.goals.Get(ctx, creator, goal)
			if err != nil {
				t.Fatal(err)
			}
			p, err := h.insight.Progress(ctx, creator, g)
			if err != nil || p.Actual.Value != want || p.Points[len(p.Points)-1].Value != float64(want) {
				t.Errorf("the progress of %s is %d, %v, %v", goal, p.Actual.Value, p.Points, err)
			}
		}
	})
}

func TestD01WhatCannotBeReadIsNotChangedAndNotNamed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, h := context.Background(), build(t, database)
		narrow := h.as("user_9", workspace.RoleGrant{Role: workspace.Marketer, BrandID: "brand_c"}, workspace.RoleGrant{Role: workspace.Manager, BrandID: "brand_c"})
		goal := strategy.Edit{BrandID: "brand_c", Name: "Mine now", Metric: "M-REV", Target: 1, Currency: "EUR", StartsAt: noon, EndsAt: noon.Add(time.Hour), Zone: "UTC"}
		for what, err := range map[string]error{
			"taking a campaign over": second(h.campaigns.Save(ctx, narrow, "camp_a", 1, campaign.Edit{BrandID: "brand_c", Name: "Mine now", State: campaign.Active})),
			"taking a goal over":     second(h.goals.Adjust(ctx, narrow, "goal_a", 1, goal)),
			"closing a goal":         h.goals.Close(ctx, narrow, "goal_a", strategy.Cancelled),
			"ending a link":          h.links.End(ctx, narrow, "link_a"),
			"moving a post":          h.posts.Move(ctx, narrow, "tgt_a", "2027-01-01T10:00", "UTC", true),
			"trashing a post":        h.posts.Trash(ctx, narrow, "post_a"),
			"stopping a recurrence":  h.posts.StopRepeating(ctx, narrow, "rec_a", false),
			"deciding a delivery":    h.journal.Resolve(ctx, narrow, "dlv_a", delivery.IsNotLive, ""),
			"trashing a file":        h.library.Trash(ctx, narrow, "asset_a"),
			"naming a file":          h.library.Describe(ctx, narrow, "asset_a", asset.Description{Name: "Mine"}),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s is answered with %v", what, err)
			}
		}
		if _, err := h.campaigns.Save(ctx, narrow, "camp_c", 1, campaign.Edit{BrandID: "brand_a", Name: "Theirs now", State: campaign.Active}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("giving a campaign to another brand is answered with %v", err)
		}
		if _, err := h.campaigns.Save(ctx, narrow, "camp_c", 1, campaign.Edit{BrandID: "brand_c", Name: "Still mine", State: campaign.Active}); err != nil {
			t.Errorf("changing one's own campaign is answered with %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }
