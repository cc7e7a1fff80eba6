package demo

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/text"
	"github.com/bellwether-social/bellwether/internal/track"
	"github.com/bellwether-social/bellwether/internal/utm"
	"github.com/bellwether-social/bellwether/internal/when"
)

// lines is what the café has said in the past five weeks; %s is its shop link.
var lines = []string{
	"The winter roast is here: dark, slow and a little sweet, like the last hour before snow. %s",
	"Behind every bag: nine days from the farm's patio to our drum. Today we open the roaster's log for you.",
	"Which one is yours this morning? Flat white, cortado or plain black?",
	"Barista class next Thursday. Eight places, four machines, one evening. %s",
	"We weighed it: our cups hold 12 g less plastic than last year's. Small things add up.",
	"Maria on the farm picked the last cherries of the season yesterday. She says the dogs slept through all of it.",
	"New grind guide on the site, with pictures of what too fine looks like. %s",
	"Rain outside, filter inside. We're open until seven.",
	"Three recipes for the winter roast: moka, French press, and a shaken one for the brave. %s",
	"Thank you for four thousand. The next round of stickers is on us, ask at the bar.",
	"Our espresso machine turns ten today. It has pulled about 410,000 shots. Send congratulations below.",
	"The subscription now pauses with one tap. Going away? Your coffee waits. %s",
}

// past writes five weeks of published posts with what came of them.
func (s *sample) past(ctx context.Context) error {
	rng := rand.New(rand.NewPCG(11, 28))
	loc, err := when.Zone(zone)
	if err != nil {
		return err
	}
	for day := 35; day >= 1; day-- {
		for n := range 1 + rng.IntN(2) {
			at := s.now.In(loc).AddDate(0, 0, -day)
			at = time.Date(at.Year(), at.Month(), at.Day(), []int{9, 17}[n%2], 30*(n%2), 0, 0, loc)
			if !at.Before(s.now.Add(-2 * time.Hour)) {
				continue
			}
			if err := s.published(ctx, rng, at.UTC(), lines[(day*2+n)%len(lines)], s.channels[(day+n)%len(s.channels)].ID, day); err != nil {
				return err
			}
		}
	}
	if err := s.Track.Flush(ctx); err != nil { // every visit is stored before the first order looks for its own
		return err
	}
	for _, o := range s.orders {
		if err := s.buy(ctx, o); err != nil {
			return err
		}
	}
	return s.followers(ctx, rng, loc)
}

// published writes one past post: itself, its target, its delivery, its numbers, its clicks and its orders.
func (s *sample) published(ctx context.Context, rng *rand.Rand, at time.Time, words, channelID string, day int) error {
	campaignID := ""
	if day <= 28 {
		campaignID = s.campaigns[0].ID
	}
	if strings.Contains(words, "Barista") {
		campaignID = s.campaigns[1].ID
	}
	body := strings.ReplaceAll(words, "%s", "https://nordlys.example/shop")
	p, err := s.Posts.Create(ctx, s.actor, post.Edit{BrandID: s.brand.ID, CampaignID: campaignID, Base: post.Content{Parts: []post.Part{{Text: body}}, Language: "en"}, Channels: []string{channelID}, Tags: []string{"coffee"}})
	if err != nil {
		return err
	}
	targets, err := s.Posts.Targets(ctx, s.actor, p.ID)
	if err != nil {
		return err
	}
	t, delivery := targets[0], id.New("dlv")
	remote, url := "past-"+t.ID[5:15], "https://sandbox.example/@nordlys/"+t.ID[5:15]
	appeal := 0.5 + rng.ExpFloat64()*0.7
	shown := int64(900 * appeal * (0.8 + 0.4*rng.Float64()))
	values := network.Values{"M-IMPR": shown, "M-REACH": shown * 82 / 100, "M-LIKE": int64(float64(shown) * 0.035 * appeal), "M-COMM": int64(float64(shown) * 0.006), "M-SHARE": int64(float64(shown) * 0.005 * appeal), "M-SAVE": int64(float64(shown) * 0.007), "M-FOLLGAIN": int64(float64(shown) * 0.0035 * appeal)}
	var curve []network.Watched
	if filmed(words) {
		curve = asFilm(values, appeal)
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, q := range []struct {
			sql  string
			args []any
		}{
			{`update targets set state = 'published', due_at = $3, wall = $4, zone = $5, published_at = $6, remote_id = $7, url = $8, delivery_id = $9, text_plain = $10, text_fingerprint = $11 where workspace_id = $1 and id = $2`,
				[]any{s.actor.WorkspaceID, t.ID, at, when.Wall(at, zone), zone, at.Add(400 * time.Millisecond), remote, url, delivery, strings.TrimSpace(strings.ReplaceAll(body, "https://nordlys.example/shop", "")), text.Fingerprint(body)}},
			{`update posts set state = 'published', created_at = $3, updated_at = $3 where workspace_id = $1 and id = $2`, []any{s.actor.WorkspaceID, p.ID, at.Add(-26 * time.Hour)}},
			{`insert into deliveries (workspace_id, id, kind, channel_id, target_id, state, draft, fingerprint, due_at, responsible_id, created_by, created_at, accepted_at, settled_at, late_by, remote_id, url, checked_at)
				values ($1, $2, 'post', $3, $4, 'verified', $5, $6, $7, $8, 'system', $7, $9, $9, 400000, $10, $11, $12)`,
				[]any{s.actor.WorkspaceID, delivery, channelID, t.ID, db.JSON(map[string]any{"Parts": []map[string]string{{"Text": body}}}), text.Fingerprint(body), at, s.owner.ID, at.Add(400 * time.Millisecond), remote, url, at.Add(time.Hour)}},
		} {
			if _, err := db.Exec(ctx, tx, q.sql, q.args...); err != nil {
				return err
			}
		}
		for _, after := range []time.Duration{15 * time.Minute, time.Hour, 3 * time.Hour, 12 * time.Hour, 24 * time.Hour, 48 * time.Hour, 96 * time.Hour, 7 * 24 * time.Hour} {
			if at.Add(after).After(s.now) {
				break
			}
			share := 1 - math.Pow(0.5, after.Hours()/5)
			then := network.Values{}
			for m, v := range values {
				then[m] = int64(float64(v) * share)
				if m == "M-VAVG" || m == "M-VSHARE" { // an average does not grow with the views
					then[m] = v
				}
			}
			if err := s.Metrics.Store(ctx, tx, s.actor.WorkspaceID, t.ID, then, at.Add(after), "api"); err != nil {
				return err
			}
		}
		return s.Metrics.KeepCurve(ctx, tx, s.actor.WorkspaceID, t.ID, curve, s.now)
	})
	if err != nil {
		return err
	}
	for _, ch := range s.channels {
		if ch.ID == channelID {
			s.World.Past(ch.RemoteID, remote, body, at, values)
		}
	}
	if !strings.Contains(words, "%s") {
		return nil
	}
	return s.earned(ctx, rng, at, p, t, channelID, campaignID, int(float64(shown)*0.03*appeal))
}

// earned writes the clicks on a past post's link and notes the orders of some of their visitors.
func (s *sample) earned(ctx context.Context, rng *rand.Rand, at time.Time, p post.Post, t post.Target, channelID, campaignID string, clicks int) error {
	values := utm.Values{Source: "sandbox", Medium: "social", Content: t.ID}
	for _, c := range s.campaigns {
		if c.ID == campaignID {
			values.Campaign = c.UTM
		}
	}
	var k link.Link
	err := s.DB.Tx(ctx, func(tx *db.Tx) (err error) {
		k, err = s.Links.For(ctx, tx, s.actor, link.Place{BrandID: s.brand.ID, CampaignID: campaignID, PostID: p.ID, TargetID: t.ID, ChannelID: channelID, UTM: values}, 0, "https://nordlys.example/shop")
		return err
	})
	if err != nil {
		return err
	}
	for n := range clicks + 6 {
		when := at.Add(time.Duration(rng.ExpFloat64() * float64(6*time.Hour)))
		if when.After(s.now.Add(-time.Minute)) {
			continue
		}
		c := track.Click{WorkspaceID: s.actor.WorkspaceID, ID: id.New("click"), LinkID: k.ID, At: when, Kind: track.Human, Visitor: fmt.Sprintf("d_%s_%d", t.ID[10:18], n), Referrer: "https://sandbox.example/",
			Family: []string{"Chrome", "Safari", "Firefox"}[rng.IntN(3)], Device: []string{"phone", "phone", "desktop"}[rng.IntN(3)]}
		if n < 3 {
			c.Kind, c.Family, c.Device = track.Preview, "", ""
		} else if n < 6 {
			c.Kind, c.Family, c.Device = track.Bot, "", ""
		}
		if err := s.Track.Click(c); err != nil {
			return err
		}
		if c.Kind != track.Human {
			continue
		}
		hit := track.Event{WorkspaceID: s.actor.WorkspaceID, SiteID: s.site.ID, Name: "page_view", At: when.Add(2 * time.Second), Visitor: c.Visitor, URL: k.URL + "&" + track.ClickParameter + "=" + c.ID, Via: "browser"}
		if err := s.Track.TakeSoon(hit); err != nil {
			return err
		}
		if ordered := when.Add(7 * time.Minute); rng.Float64() < 0.09 && !ordered.After(s.now) {
			s.orders = append(s.orders, order(rng, c.Visitor, ordered))
		}
	}
	return nil
}

func order(rng *rand.Rand, visitor string, at time.Time) customer.Order {
	o := customer.Order{Number: fmt.Sprintf("N-%d", 10400+rng.IntN(900000)), Shop: "nordlys.example", Visitor: visitor, OrderedAt: at, Amount: int64(1450 + rng.IntN(12)*650), Currency: "EUR", Source: "sandbox", Products: []string{"Winter roast 500 g"}}
	if rng.IntN(18) == 0 {
		o.Refund = o.Amount
	}
	return o
}

func (s *sample) buy(ctx context.Context, o customer.Order) error {
	stored, result, err := s.Orders.Record(ctx, s.actor, customer.Arrival{Order: o})
	if err != nil || result != customer.Stored {
		return err
	}
	return s.Attribution.Credit(ctx, s.actor.WorkspaceID, stored.ID)
}

// followers writes how the channels grew.
func (s *sample) followers(ctx context.Context, rng *rand.Rand, loc *time.Location) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, ch := range s.channels {
			n := float64(ch.Account.Followers)
			for day := 0; day <= 70; day++ {
				at := s.now.In(loc).AddDate(0, 0, -day)
				if err := s.Metrics.StoreDay(ctx, tx, s.actor.WorkspaceID, ch.ID, at.Format("2006-01-02"), network.Values{"M-FOLL": int64(n)}, at.UTC()); err != nil {
					return err
				}
				n *= 1 - 0.003*(0.4+1.2*rng.Float64())
			}
		}
		return nil
	})
}
