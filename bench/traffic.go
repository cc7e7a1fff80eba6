package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/track"
)

// clicks follow the links, the newer ones more; the roll-up by day holds what the rows say.
func (f *filler) clicks(tx *db.Tx) error {
	n := f.sizes.clicks
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return err
	}
	type key struct {
		link int
		day  string
		kind string
	}
	days := map[key]int{}
	err = f.fill(tx, "clicks", "workspace_id, id, link_id, at, kind, visitor, referrer, agent_family, device", n, func(i int) []any {
		at := f.ago(i, n)
		newest := max(i*len(f.links)/n, 1) // links that exist by then
		link := newest - 1 - early(f.rng, newest)
		kind := pick(f.rng, "human", "human", "human", "human", "human", "human", "human", "bot", "bot", "preview")
		days[key{link, at.In(berlin).Format("2006-01-02"), kind}]++
		return []any{f.actor.WorkspaceID, named("click", at, i), f.links[link], at, kind, fmt.Sprintf("d_%016d", i/2), "https://sandbox.example/", pick(f.rng, "Chrome", "Safari", "Firefox"), pick(f.rng, "phone", "desktop")}
	})
	if err != nil {
		return err
	}
	keys := slices.SortedFunc(maps.Keys(days), func(a, b key) int {
		return cmp.Or(a.link-b.link, cmp.Compare(a.day, b.day), cmp.Compare(a.kind, b.kind))
	})
	if err := f.fill(tx, "click_days", "workspace_id, link_id, day, kind, n", len(keys), func(i int) []any {
		k := keys[i]
		return []any{f.actor.WorkspaceID, f.links[k.link], k.day, k.kind, days[k]}
	}); err != nil {
		return err
	}
	for _, q := range []string{track.Places, track.Months} {
		if _, err := db.Exec(f.ctx, tx, q, f.actor.WorkspaceID); err != nil {
			return err
		}
	}
	return f.fill(tx, "touchpoints", "workspace_id, id, visitor, at, kind, channel_group, source, medium, campaign, link_id", n/10, func(i int) []any {
		at := f.ago(i, n/10)
		return []any{f.actor.WorkspaceID, named("touch", at, i), fmt.Sprintf("d_%016d", i*5), at, "click", "Organic Social", "sandbox", "social", "c1", f.links[i%len(f.links)]}
	})
}

// events are page views with a few orders among them; three to a visit.
func (f *filler) events(tx *db.Tx) error {
	n := f.sizes.events
	names := []string{"page_view", "page_view", "page_view", "page_view", "product_view", "signup"}
	err := f.fill(tx, "track_events", "workspace_id, id, site_id, name, at, received_at, visitor, visit, url, referrer, source, medium, campaign, channel_group, props", n, func(i int) []any {
		at, visit := f.ago(i, n), i/3
		return []any{f.actor.WorkspaceID, fmt.Sprintf("e%012d", i), f.site, pick(f.rng, names...), at, at, fmt.Sprintf("d_%016d", visit), fmt.Sprintf("visit_%020d", visit), fmt.Sprintf("https://shop.example/p/%d", i%500), "https://sandbox.example/", "sandbox", "social", fmt.Sprintf("c%d", i%20), "Organic Social", `{}`}
	})
	if err != nil {
		return err
	}
	return f.fill(tx, "event_days", "workspace_id, site_id, day, name, channel_group, source, n, visits, visitors", 730*3, func(i int) []any {
		return []any{f.actor.WorkspaceID, f.site, f.now.AddDate(0, 0, -(i / 3)).Format("2006-01-02"), []string{"page_view", "product_view", "signup"}[i%3], "Organic Social", "sandbox", n / 2190, n / 6000, n / 7000}
	})
}

// money are orders, one for a hundred clicks, and as many conversions.
func (f *filler) money(tx *db.Tx) error {
	n := max(f.sizes.clicks/100, 50)
	rule := named("conv_rule", f.ago(0, 1), 1)
	if _, err := db.Exec(f.ctx, tx, `insert into conversion_rules (workspace_id, id, event_name, name, since) values ($1, $2, 'order', 'Order', $3)`, f.actor.WorkspaceID, rule, f.ago(0, 1)); err != nil {
		return err
	}
	place := func(i int) (link, target int) { link = i % len(f.links); return link, f.linkOf[link] }
	if err := f.fill(tx, "orders", "workspace_id, id, shop, order_id, visitor, contact_id, ordered_at, amount_minor, currency, source, created_at, link_id, target_id, post_id, campaign_id, channel_id, channel_group, touch_at", n, func(i int) []any {
		at := f.ago(i, n)
		link, t := place(i)
		return []any{f.actor.WorkspaceID, named("order", at, i), "shop.example", fmt.Sprintf("N-%d", i), fmt.Sprintf("d_%016d", i), f.contacts[i%len(f.contacts)], at, 1500 + f.rng.IntN(9000), "EUR", "api", at, f.links[link], f.targets[t], f.posts[t], f.campaign[t%len(f.campaign)], f.channels[t%len(f.channels)], "Organic Social", at}
	}); err != nil {
		return err
	}
	return f.fill(tx, "conversions", "workspace_id, id, rule_id, event_id, visitor, visit, at, value_minor, currency, link_id, target_id, campaign_id, channel_id, channel_group", n, func(i int) []any {
		at := f.ago(i, n)
		link, t := place(i)
		return []any{f.actor.WorkspaceID, named("conversion", at, i), rule, fmt.Sprintf("x%d", i), fmt.Sprintf("d_%016d", i), fmt.Sprintf("visit_%020d", i), at, 4000, "EUR", f.links[link], f.targets[t], f.campaign[t%len(f.campaign)], f.channels[t%len(f.channels)], "Organic Social"}
	})
}
