package insight_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/track"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// life changes what is rolled up, at random and by the rooms' own verbs.
type life struct {
	*house
	ctx     context.Context
	rng     *rand.Rand
	metrics *metric.Metrics
	track   *track.Track
	owner   workspace.Actor
	targets []post.Target
	orders  []customer.Arrival
	n       int
}

// ago is an instant of the past hundred days, and at times the first or last moment of one.
func (l *life) ago() time.Time {
	at := db.Now().Add(-time.Duration(l.rng.IntN(100*24*60)) * time.Minute)
	if l.rng.IntN(4) == 0 {
		at = at.Truncate(24 * time.Hour).Add(-time.Duration(l.rng.IntN(2)) * time.Microsecond)
	}
	return at
}

func (l *life) tx(do func(*db.Tx) error) {
	l.t.Helper()
	if err := l.db.Tx(l.ctx, do); err != nil {
		l.t.Fatal(err)
	}
}

func (l *life) step() {
	l.t.Helper()
	l.n++
	name, on := fmt.Sprintf("x%d", l.n), []string{"a", "b", "c"}[l.rng.IntN(3)]
	brand := map[string]string{"a": "a", "b": "a", "c": "c"}[on]
	var err error
	switch kind := l.rng.IntN(10); {
	case kind == 0 || len(l.targets) < 3: // published outside
		l.tx(func(tx *db.Tx) error {
			t, err := l.posts.Import(l.ctx, tx, channel.Channel{WorkspaceID: "ws", ID: "chan_" + on, BrandID: "brand_" + brand}, network.Live{Remote: network.Remote{ID: name}, At: l.ago()})
			l.targets = append(l.targets, t)
			return err
		})
	case kind <= 2: // measured, restated, and measured late
		t := l.targets[l.rng.IntN(len(l.targets))]
		values := network.Values{}
		for _, d := range metric.Delivered {
			if l.rng.IntN(3) > 0 {
				values[d[0]] = int64(l.rng.IntN(500))
			}
		}
		l.tx(func(tx *db.Tx) error { return l.metrics.Store(l.ctx, tx, "ws", t.ID, values, l.ago(), "api") })
	case kind == 3: // filed under another campaign
		err = l.posts.Classify(l.ctx, l.owner, l.targets[l.rng.IntN(len(l.targets))].PostID, []string{"", "camp_a", "camp_c"}[l.rng.IntN(3)], nil)
	case kind == 4: // turned out to be another's publication
		from, into := l.rng.IntN(len(l.targets)), l.targets[l.rng.IntN(len(l.targets))]
		t := l.targets[from]
		if t.ID == into.ID || t.ChannelID != into.ChannelID {
			return
		}
		l.tx(func(tx *db.Tx) error {
			if err := l.posts.Absorb(l.ctx, tx, into, t.RemoteID); err != nil {
				return err
			}
			return l.metrics.Move(l.ctx, tx, "ws", t.ID, into.ID)
		})
		l.targets = append(l.targets[:from], l.targets[from+1:]...)
	case kind == 5: // ordered
		a := customer.Arrival{Order: customer.Order{Number: name, Visitor: "v" + name, OrderedAt: l.ago(), Amount: int64(100 + l.rng.IntN(900)), Currency: []string{"EUR", "EUR", "SEK"}[l.rng.IntN(3)], Source: "api"}}
		var o customer.Order
		o, _, err = l.house.orders.Record(l.ctx, l.owner, a)
		l.orders = append(l.orders, a)
		if err == nil && l.rng.IntN(2) == 0 { // and credited
			l.exec(`insert into touchpoints (workspace_id, id, visitor, at, kind, channel_group, campaign_id, target_id, channel_id) values ('ws', $1, $2, $3, 'click', 'Organic Social', $4, $5, $6)`,
				"touch_"+name, a.Visitor, a.OrderedAt.Add(-time.Hour), "camp_"+brand, "tgt_"+on, "chan_"+on)
			err = l.journeys.Credit(l.ctx, "ws", o.ID)
		}
	case kind == 6 && len(l.orders) > 0: // refunded
		a := l.orders[l.rng.IntN(len(l.orders))]
		a.Refund = int64(l.rng.IntN(100))
		_, _, err = l.house.orders.Record(l.ctx, l.owner, a)
	case kind == 7: // wrote, and converted
		at := l.ago()
		l.exec(`insert into messages (workspace_id, id, conversation_id, channel_id, remote_id, outbound, text, at, received_at) values ('ws', $1, $2, $3, $1, false, 'Hi', $4, $4)`, name, "conv_"+on, "chan_"+on, at)
		l.exec(`insert into conversions (workspace_id, id, rule_id, event_id, visitor, visit, at, value_minor, currency, target_id, channel_id) values ('ws', $1, 'r', $1, '', '', $2, 70, 'EUR', $3, $4)`, name, at, "tgt_"+on, "chan_"+on)
		l.tx(func(tx *db.Tx) error {
			if err := metric.Stale(l.ctx, tx, "ws", metric.OfMessages, at); err != nil {
				return err
			}
			return metric.Stale(l.ctx, tx, "ws", metric.OfConversions, at)
		})
	default: // followed, now or long before it is taken in
		for range l.rng.IntN(6) {
			at := db.Now()
			if l.rng.IntN(2) == 0 {
				at = l.ago()
			}
			if err := l.track.Click(track.Click{WorkspaceID: "ws", ID: id.New("click"), LinkID: "link_" + on, At: at, Kind: []string{track.Human, track.Bot, track.Preview, track.Repeat}[l.rng.IntN(4)]}); err != nil {
				l.t.Fatal(err)
			}
		}
		err = l.track.Flush(l.ctx)
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

// told is everything a reader says of an actor's periods, as text.
func (l *life) told(reader *insight.Insight, actor workspace.Actor) map[string]string {
	l.t.Helper()
	out := map[string]string{}
	keep := func(what string, value any, err error) {
		if err != nil {
			l.t.Fatalf("%s: %v", what, err)
		}
		text, err := json.Marshal(value)
		if err != nil {
			l.t.Fatal(err)
		}
		out[what] = string(text)
	}
	now := db.Now()
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/St_Johns"} {
		var asks []insight.Ask
		for _, days := range []int{7, 28, 90} {
			p, err := insight.Days(days, now, zone)
			if err != nil {
				l.t.Fatal(err)
			}
			asks = append(asks, insight.Ask{Period: p}, insight.Ask{Period: p.Before(), Scope: insight.Scope{CampaignID: "camp_a"}}, insight.Ask{Period: p, Scope: insight.Scope{ChannelID: "chan_b"}},
				insight.Ask{Period: p, Scope: insight.Scope{Channels: []string{"chan_a", "chan_c"}}})
			links, err := reader.LinkTable(l.ctx, actor, p, "", "", 10)
			keep(fmt.Sprint("links ", days, zone), links, err)
			for _, by := range []string{"published", "likes", "engagements", "clicks", "revenue"} {
				rows, n, err := reader.PostTable(l.ctx, actor, p, insight.Scope{CampaignID: []string{"", "camp_a"}[len(by)%2]}, "EUR", by, days == 28, 0, 12)
				keep(fmt.Sprint("posts by ", by, days, zone), []any{rows, n}, err)
			}
			by, err := reader.RevenueBy(l.ctx, actor, p, "channel", "EUR")
			keep(fmt.Sprint("revenue by channel ", days, zone), by, err)
		}
		currencies := make([]string, len(asks))
		for n := range asks {
			currencies[n] = "EUR"
		}
		numbers, err := reader.PostsOf(l.ctx, actor, asks...)
		keep("posts "+zone, numbers, err)
		money, others, err := reader.MoneyOf(l.ctx, actor, currencies, asks...)
		keep("money "+zone, []any{money, others}, err)
		clicks, kinds, err := reader.ClicksOf(l.ctx, actor, asks...)
		for n := range clicks {
			clicks[n].AsOf = time.Time{}
		}
		keep("clicks "+zone, []any{clicks, kinds}, err)
		inbound, err := reader.InboundOf(l.ctx, actor, asks...)
		for n := range inbound {
			inbound[n].AsOf = time.Time{}
		}
		keep("inbound "+zone, inbound, err)
		count, value, err := reader.Conversions(l.ctx, actor, asks[8].Period, asks[8].Scope, "EUR")
		keep("conversions "+zone, []int64{count.Value, value.Value}, err)
		for _, m := range []string{"M-POSTS", "M-LIKE", "M-ENG", "M-NETREV", "M-ORDERS", "M-CLICK", "M-MSGIN"} {
			points, err := reader.SeriesOf(l.ctx, actor, m, currencies, asks...)
			keep("series of "+m+" "+zone, points, err)
		}
	}
	return out
}

// TestRolledUpNumbersAreThoseOfTheRows lets a workspace live at random and holds what the roll-ups say against the rows:
// while days are marked, after they were counted anew, and after the workspace moved to another zone.
func TestRolledUpNumbersAreThoseOfTheRows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx := context.Background()
		h := build(t, database)
		for _, table := range []string{"clicks", "click_days", "click_places"} {
			h.exec(`delete from ` + table)
		}
		events := event.New(database)
		taken, err := track.New(database, events, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		l := &life{house: h, ctx: ctx, rng: rand.New(rand.NewPCG(7, 3)), metrics: metric.New(database, events, nil), track: taken, owner: h.as("user_0", workspace.RoleGrant{Role: workspace.Owner})}
		actors := map[string]workspace.Actor{"owner": l.owner, "analyst of a brand": h.as("user_1", workspace.RoleGrant{Role: workspace.Analyst, BrandID: "brand_a"}),
			"analyst of a channel": h.as("user_1", workspace.RoleGrant{Role: workspace.Analyst, ChannelID: "chan_b"}), "creator": h.as("user_2", workspace.RoleGrant{Role: workspace.Creator})}
		same := func(when string) {
			t.Helper()
			for name, actor := range actors {
				want := l.told(l.insight.FromRows(), actor)
				for what, got := range l.told(l.insight, actor) {
					if got != want[what] {
						t.Fatalf("%s, %s: %s is\n%s\nand by the rows\n%s", when, name, what, got, want[what])
					}
				}
			}
		}
		count := func() {
			t.Helper()
			if err := metric.RollUp(ctx, database); err != nil {
				t.Fatal(err)
			}
			if err := taken.CloseDays(ctx); err != nil {
				t.Fatal(err)
			}
		}
		for range 60 {
			l.step()
		}
		same("before anything is rolled up")
		count()
		same("rolled up")
		for range 60 {
			l.step()
		}
		same("with days marked")
		count()
		same("counted anew")
		h.exec(`update workspaces set zone = 'Asia/Kolkata'`)
		same("moved, and not counted")
		count()
		for range 20 {
			l.step()
		}
		same("in another zone")
		count()
		same("in another zone, counted anew")
		left, err := db.One[int](ctx, database, `select count(*) from stale_days`)
		if err != nil || left != 0 {
			t.Errorf("%d marks are left (%v)", left, err)
		}
	})
}
