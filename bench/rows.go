package main

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/contact"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/search"
)

// plans are campaigns, goals and the site.
func (f *filler) plans(tx *db.Tx) error {
	for i := range 20 {
		id := named("camp", f.ago(i, 20), i)
		f.campaign = append(f.campaign, id)
		if _, err := db.Exec(f.ctx, tx, `insert into campaigns (workspace_id, id, brand_id, name, utm_campaign, starts_at, ends_at, zone, owner_id, currency, state, created_at)
			values ($1, $2, $3, $4, $5, $6, $7, 'Europe/Berlin', $8, 'EUR', 'active', $6)`, f.actor.WorkspaceID, id, f.brandID, fmt.Sprintf("Campaign %d", i), fmt.Sprintf("c%d", i), f.ago(i, 20), f.now.AddDate(0, 1, 0), f.actor.UserID); err != nil {
			return err
		}
	}
	for i, m := range []string{"M-NETREV", "M-CLICK", "M-ENG", "M-FOLL"} {
		currency := ""
		if m == "M-NETREV" {
			currency = "EUR"
		}
		if _, err := db.Exec(f.ctx, tx, `insert into goals (workspace_id, id, brand_id, name, metric, target, currency, starts_at, ends_at, zone, owner_id, state, created_at)
			values ($1, $2, $3, $4, $5, 1000000, $6, $7, $8, 'Europe/Berlin', $9, 'active', $7)`, f.actor.WorkspaceID, named("goal", f.now, i), f.brandID, "Goal of "+m, m, currency, f.now.AddDate(0, 0, -30), f.now.AddDate(0, 0, 60), f.actor.UserID); err != nil {
			return err
		}
	}
	f.site = named("site", f.now, 1)
	_, err := db.Exec(f.ctx, tx, `insert into sites (workspace_id, id, name, origins, key, created_at) values ($1, $2, 'shop.example', '["https://shop.example"]', 's_data', $3)`, f.actor.WorkspaceID, f.site, f.now)
	return err
}

// published are the posts: nine of ten are out, the others lie ahead, and a few are drafts.
func (f *filler) published(tx *db.Tx) error {
	n := f.sizes.posts
	out := n * 9 / 10
	when, texts := make([]time.Time, n), make([]string, n)
	for i := range n {
		when[i] = f.ago(i, out)
		texts[i] = f.sentence(18)
		f.posts = append(f.posts, named("post", when[i], i))
		f.targets = append(f.targets, named("targ", when[i], i))
	}
	state := func(i int) string {
		switch {
		case i < out:
			return "published"
		case i%25 == 0:
			return "draft"
		}
		return "scheduled"
	}
	due := func(i int) time.Time {
		if i >= out { // over the next sixty days
			return f.now.Add(time.Hour + time.Duration(float64(60*24*time.Hour)*float64(i-out)/float64(n-out)))
		}
		return when[i]
	}
	if err := f.fill(tx, "posts", "workspace_id, id, brand_id, campaign_id, state, base, tags, author_id, created_at, updated_at", n, func(i int) []any {
		return []any{f.actor.WorkspaceID, f.posts[i], f.brandID, f.campaign[i%len(f.campaign)], state(i), `{"parts":[{"text":"` + texts[i] + `"}],"language":"en"}`, `["coffee"]`, f.actor.UserID, when[i], when[i]}
	}); err != nil {
		return err
	}
	if err := f.fill(tx, "targets", "workspace_id, id, post_id, channel_id, state, due_at, wall, zone, responsible_id, delivery_id, remote_id, url, published_at, text_plain", n, func(i int) []any {
		at, channel := due(i), f.channels[i%len(f.channels)]
		if state(i) != "published" {
			if state(i) == "draft" {
				at = time.Time{}
			}
			return []any{f.actor.WorkspaceID, f.targets[i], f.posts[i], channel, state(i), at, "", "UTC", f.actor.UserID, "", "", "", nil, texts[i]}
		}
		return []any{f.actor.WorkspaceID, f.targets[i], f.posts[i], channel, "published", at, at.Format("2006-01-02T15:04"), "UTC", f.actor.UserID, named("dlv", at, i), fmt.Sprintf("r%d", i), fmt.Sprintf("https://sandbox.example/@bench/r%d", i), at, texts[i]}
	}); err != nil {
		return err
	}
	if err := f.fill(tx, "post_versions", "workspace_id, post_id, version, snapshot, by_user, at", n, func(i int) []any {
		return []any{f.actor.WorkspaceID, f.posts[i], 1, `{"base":{"parts":[{"text":"` + texts[i] + `"}]},"channels":["` + f.channels[i%len(f.channels)] + `"]}`, f.actor.UserID, when[i]}
	}); err != nil {
		return err
	}
	f.targets, f.posts = f.targets[:out], f.posts[:out]
	if err := f.fill(tx, "deliveries", "workspace_id, id, kind, channel_id, target_id, state, draft, fingerprint, due_at, responsible_id, created_by, created_at, accepted_at, settled_at, late_by, remote_id, url, checked_at", out, func(i int) []any {
		at := when[i]
		return []any{f.actor.WorkspaceID, named("dlv", at, i), "post", f.channels[i%len(f.channels)], f.targets[i], "verified", `{"Parts":[{"Text":"` + texts[i] + `"}]}`, fmt.Sprintf("%064d", i), at, f.actor.UserID, "system", at, at, at, 9000, fmt.Sprintf("r%d", i), fmt.Sprintf("https://sandbox.example/@bench/r%d", i), at}
	}); err != nil {
		return err
	}
	return f.fill(tx, "delivery_steps", "workspace_id, delivery_id, position, name, part, kind, public, key, step, state, sent_at, ended_at", out, func(i int) []any {
		return []any{f.actor.WorkspaceID, named("dlv", when[i], i), 0, "post", 0, "keyed", true, fmt.Sprintf("k%d", i), `{}`, "accepted", when[i], when[i]}
	})
}

// numbers are the values of each published target, three snapshots of each, and the channels' days.
func (f *filler) numbers(tx *db.Tx) error {
	metrics := []string{"M-IMPR", "M-REACH", "M-LIKE", "M-COMM", "M-SHARE", "M-SAVE"}
	per, out := len(metrics), len(f.targets)
	if err := f.fill(tx, "latest_values", "workspace_id, scope, metric, value, at", out*per, func(i int) []any {
		return []any{f.actor.WorkspaceID, f.targets[i/per], metrics[i%per], f.rng.IntN(4000) / (1 + i%per), f.ago(i/per, out).Add(24 * time.Hour)}
	}); err != nil {
		return err
	}
	if err := f.fill(tx, "snapshots", "workspace_id, scope, metric, at, value", out*per*3, func(i int) []any {
		return []any{f.actor.WorkspaceID, f.targets[i/per/3], metrics[i/3%per], f.ago(i/per/3, out).Add(time.Duration(1+i%3) * time.Hour), f.rng.IntN(4000)}
	}); err != nil {
		return err
	}
	return f.fill(tx, "channel_days", "workspace_id, channel_id, day, metric, value, at", len(f.channels)*730, func(i int) []any {
		at := f.now.AddDate(0, 0, -i%730)
		return []any{f.actor.WorkspaceID, f.channels[i/730], at.Format("2006-01-02"), "M-FOLL", 10_000 - i%730*3, at}
	})
}

func (f *filler) people(tx *db.Tx) error {
	n := max(f.sizes.messages/10, 50)
	for i := range n {
		f.contacts = append(f.contacts, named("contact", f.ago(i, n), i))
	}
	if err := f.fill(tx, "contacts", "workspace_id, id, name, created_at", n, func(i int) []any {
		return []any{f.actor.WorkspaceID, f.contacts[i], fmt.Sprintf("Person %d", i), f.ago(i, n)}
	}); err != nil {
		return err
	}
	return f.fill(tx, "identities", "workspace_id, id, contact_id, kind, value, handle, name, source, created_at", n, func(i int) []any {
		return []any{f.actor.WorkspaceID, named("ident", f.ago(i, n), i), f.contacts[i], "sandbox", fmt.Sprintf("p%d", i), fmt.Sprintf("person%d", i), fmt.Sprintf("Person %d", i), "sandbox", f.ago(i, n)}
	})
}

// conversations hold five messages each: three in, two out. One of forty waits for an answer.
func (f *filler) conversations(tx *db.Tx) error {
	const each = 5
	n := f.sizes.messages / each
	ids := make([]string, n)
	for i := range n {
		ids[i] = named("conv", f.ago(i, n), i)
	}
	if err := f.fill(tx, "conversations", "workspace_id, id, brand_id, channel_id, kind, thread, contact_id, target_id, campaign_id, state, first_inbound_at, first_reply_at, last_message_at, last_inbound_at, resolved_at, preview, tags, unread", n, func(i int) []any {
		at := f.ago(i, n)
		state, resolved, unread := "resolved", at.Add(2*time.Hour), false
		if i%40 == 0 {
			state, resolved, unread = pick(f.rng, "new", "open", "pending"), time.Time{}, true
		}
		return []any{f.actor.WorkspaceID, ids[i], f.brandID, f.channels[i%len(f.channels)], pick(f.rng, "comment", "comment", "mention", "direct"), fmt.Sprintf("t%d", i), f.contacts[i%len(f.contacts)], f.targets[i%len(f.targets)],
			f.campaign[i%len(f.campaign)], state, at, at.Add(30 * time.Minute), at.Add(time.Hour), at.Add(50 * time.Minute), resolved, f.sentence(8), pick(f.rng, `[]`, `[]`, `["order"]`), unread}
	}); err != nil {
		return err
	}
	return f.fill(tx, "messages", "workspace_id, id, conversation_id, channel_id, remote_id, remote, outbound, author_id, text, at, received_at, state, reply_seconds", n*each, func(i int) []any {
		conv, k := i/each, i%each
		at := f.ago(conv, n).Add(time.Duration(k) * 12 * time.Minute)
		outbound, author, state := k%2 == 1, "", ""
		var reply any = 720
		if outbound {
			author, state, reply = f.actor.UserID, "sent", nil
		}
		return []any{f.actor.WorkspaceID, named("msg", at, i), ids[conv], f.channels[conv%len(f.channels)], fmt.Sprintf("m%d", i), fmt.Sprintf(`{"id":"m%d"}`, i), outbound, author, f.sentence(12), at, at, state, reply}
	})
}

// findable indexes what was written past the rooms, as a migration has it done.
func (f *filler) findable() error {
	for kind, rank := range map[search.Kind]string{search.Conversation: "last_message_at", search.Contact: "created_at", search.Post: "created_at"} {
		if _, err := db.Exec(f.ctx, f.db, `insert into search_pending (workspace_id, kind, id, rank) select workspace_id, '`+string(kind)+`', id, `+rank+` from `+string(kind)+`s`); err != nil {
			return err
		}
	}
	for _, catchUp := range []func(context.Context) error{contact.New(f.db).CatchUp, post.New(f.db, nil, nil, nil, nil).CatchUp, inbox.New(f.db, nil, nil, contact.New(f.db), nil, nil, nil).CatchUp} {
		if err := catchUp(f.ctx); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) madeLinks(tx *db.Tx) error {
	n := max(len(f.targets)/3, 10)
	for i := range n {
		f.links = append(f.links, named("link", f.ago(i, n), i))
		f.linkOf = append(f.linkOf, min(i*3, len(f.targets)-1))
	}
	return f.fill(tx, "links", "workspace_id, id, brand_id, slug, url, campaign_id, post_id, target_id, channel_id, created_by, created_at", n, func(i int) []any {
		t := f.linkOf[i]
		return []any{f.actor.WorkspaceID, f.links[i], f.brandID, slug(i), fmt.Sprintf("https://shop.example/p/%d?utm_source=sandbox&utm_medium=social&utm_campaign=c%d", i, t%20), f.campaign[t%len(f.campaign)], f.posts[t], f.targets[t], f.channels[t%len(f.channels)], f.actor.UserID, f.ago(i, n)}
	})
}
